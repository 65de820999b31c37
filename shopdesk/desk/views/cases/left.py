"""昨日遗留: what was opened before today and is not closed (M143)."""

from __future__ import annotations

from flask import render_template, request

from shopdesk.core.permissions import Permission, Role
from shopdesk.desk.forms.cases import words_of
from shopdesk.desk.queries.cases import following
from shopdesk.desk.views.cases.blueprint import bp
from shopdesk.staff import queries as staff
from shopdesk.web.guard import here, needs


@bp.get("/cases/left-over")
@needs(Permission.CASE_READ)
def left_over() -> str:
    """One's own first; a supervisor begins with everybody's."""
    who = here()
    is_above = any(Role.SUPERVISOR in roles for roles in who.roles.values())
    given = request.args.get("owner", "all" if is_above else "me")
    owner = who.id if given == "me" else int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    found = following.left_over(who, owner, everybody=given == "all")
    return render_template(
        "cases/left_over.html",
        found=found,
        given=given,
        me=who.id,
        shops={store.id: store for store in staff.stores_of(who)},
        words_of=words_of,
    )
