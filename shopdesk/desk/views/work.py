"""我的待办: what waits for whom, what is to be entered in the platform, what came too late."""

from __future__ import annotations

from flask import render_template, request

from shopdesk.cases import queries as cases
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Permission, Role
from shopdesk.desk.queries.work import Waits
from shopdesk.desk.queries.work import work as work_of
from shopdesk.desk.views import bp
from shopdesk.desk.views.following import of_cases
from shopdesk.desk.views.frame import here
from shopdesk.desk.views.words import KIND_ICONS, due, waited
from shopdesk.refunds import queries as refunds
from shopdesk.staff import queries as staff
from shopdesk.web.guard import needs
from shopdesk.web.locale import label


@bp.get("/work")
@needs(Permission.ORDER_READ)
def work() -> str:
    """A supervisor sees everybody's first; everybody can look at both."""
    is_above = any(Role.SUPERVISOR in roles or Role.MANAGER in roles for roles in here().roles.values())
    whose = request.args.get("whose", "all" if is_above else "mine")
    found = work_of(here(), everybody=whose == "all")
    to_approve = refunds.to_approve(here()) if here().has_anywhere(Permission.REFUND_APPROVE) else []
    groups = [(waits, found.waiting(waits)) for waits in Waits]
    return render_template(
        "desk/work.html",
        whose=whose,
        work=found,
        named=cases.for_me(here()) if here().has_anywhere(Permission.CASE_READ) else [],
        to_approve=to_approve,
        asked_by=staff.signatures({refund.requested_by_id for refund, _number in to_approve if refund.requested_by_id}),
        groups=[(waits, rows) for waits, rows in groups if rows],
        mine=[row for row in found.rows if row.is_mine],
        shops={store.id: store for store in staff.stores_of(here())},
        icons=KIND_ICONS,
        field_words=lambda field: label(Kind(field)),
        cases=of_cases(),
        may_hand_over=here().has_anywhere(Permission.CHANGE_ASSIGN),
        waited=waited,
        due=due,
    )
