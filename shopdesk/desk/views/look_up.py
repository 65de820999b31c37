"""Pages of the workbench."""

from flask import Blueprint, render_template

from shopdesk.core.permissions import Permission
from shopdesk.web.guard import needs

bp = Blueprint("desk", __name__)


@bp.get("/")
@needs(Permission.ORDER_READ)
def look_up() -> str:
    return render_template("desk/look_up.html")
