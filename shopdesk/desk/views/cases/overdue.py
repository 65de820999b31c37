"""What customers and couriers owe by now: returns that were to be sent, claims that were to be answered."""

from __future__ import annotations

from flask import render_template

from shopdesk.cases.queries import courier as reads
from shopdesk.core import clock
from shopdesk.core.permissions import Permission
from shopdesk.desk.views.cases.blueprint import bp
from shopdesk.orders import queries as orders
from shopdesk.returns import queries
from shopdesk.staff import queries as staff
from shopdesk.web.guard import here, needs


@bp.get("/cases/overdue-back")
@needs(Permission.CASE_READ)
def overdue_back() -> str:
    now = clock.now()
    returns, claims = queries.overdue(here(), now), reads.overdue_claims(here(), now)
    ids = {row.case_id for row in returns} | {row.case_id for row in claims}
    there = reads.cases_by_ids(ids, here())
    found = orders.orders_by_ids([case.order_id for case in there.values()], here())
    return render_template(
        "cases/overdue_back.html",
        returns=[row for row in returns if row.case_id in there],
        claims=[row for row in claims if row.case_id in there],
        cases=there,
        names=staff.signatures({case.owner_id for case in there.values() if case.owner_id}),
        orders={order.id: order for order in found},
        shops={store.id: store for store in staff.stores_of(here())},
    )
