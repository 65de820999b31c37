"""Look-up: the one box."""

from flask import render_template

from shopdesk.core.permissions import Permission
from shopdesk.desk.views import bp
from shopdesk.web.guard import needs


@bp.get("/")
@needs(Permission.ORDER_READ)
def look_up() -> str:
    return render_template("desk/look_up.html")
