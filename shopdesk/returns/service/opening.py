"""Goods are here and nobody made a case: one click makes it, or finds the one that is open on the order."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case, CaseLine
from shopdesk.cases.service import Application, move, open_case
from shopdesk.cases.states import CaseKind, CaseSource, PhaseMove
from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.models import Parcel
from shopdesk.returns.models import Arrival
from shopdesk.returns.queries import docks, turned
from shopdesk.returns.service.finding_case import open_one
from shopdesk.returns.service.turning import account_for
from shopdesk.returns.states import ReturnOrigin
from shopdesk.staff import queries as staff

MATCH = Permission.ARRIVAL_MATCH
#: The words of the case, in the language of the store's memos.
WISH = {
    "zh": "仓库收到包裹 {waybill},没有对应的退货,请与客户核实后确认退货。",
    "en": "Parcel {waybill} came to the warehouse without a return. Ask the customer, then confirm the return.",
}


@command
def open_for_goods(arrival_id: int, order_id: int, units: Mapping[int, int] | None = None, *, actor: Actor) -> Case:
    """Make a case `return` in phase *receive* for a parcel that nobody expected, with a notice to after-sale.

    A case about goods that is open on the order is taken instead.  The return itself is confirmed by after-sale:
    then the parcel is matched with it (`match_waiting`).  A parcel of ours that came back itself needs nobody's word:
    every order in it gets its case and its return.  `units`: order line → units; without it, all that can still come
    back.  Raises NotFound, NotAllowed, IllegalMove (`matched_already`, `not_left`), RuleViolation
    (`more_than_left`, `units_required`).
    """
    arrival = docks.load_arrival(arrival_id, actor, MATCH, lock="update")
    order = load(Order, order_id, actor, MATCH, lock="update")
    if (ours := turned.came_back(arrival, actor)) and order.id in {n.id for n in turned.unaccounted(arrival, ours)}:
        return _whole_parcel(arrival, ours, order, actor)
    if arrival.is_matched or arrival.case_id is not None:
        raise IllegalMove("This parcel has its case already.", code="matched_already")
    left = cases.left_parcels(order.id, order.store_id)
    if not left:
        raise IllegalMove("Nothing of this order has left: ask for a change.", code="not_left")
    case = open_one(order) or _made(arrival, order, _units(order, units), left[0].id if len(left) == 1 else None, actor)
    statement = update(Arrival).where(Arrival.id == arrival.id, Arrival.case_id.is_(None)).values(case_id=case.id)
    rows_changed(statement)
    db.session.refresh(arrival)
    notices.put(
        case.role, NoticeKind.ALARM, order, actor=actor, person_id=case.owner_id, parcel_id=case.parcel_id,
        code="goods_without_return", case=case.number, arrival=str(arrival.id),
    )  # fmt: skip
    audit.record(
        "arrival.case_found", "arrival", arrival.id, actor, store_id=order.store_id, order_id=order.id,
        case=case.id, number=case.number,
    )  # fmt: skip
    return case


def _whole_parcel(arrival: Arrival, ours: Parcel, order: Order, actor: Actor) -> Case:
    made = account_for(arrival, ours, ReturnOrigin.FAILED_DELIVERY, actor=actor)
    for each in made:
        audit.record(
            "arrival.case_found", "arrival", arrival.id, actor, store_id=each.back.store_id,
            order_id=each.back.order_id, case=each.case.id, number=each.case.number,
        )  # fmt: skip
    return next(each.case for each in made if each.back.order_id == order.id)


def _units(order: Order, units: Mapping[int, int] | None) -> dict[OrderLine, int]:
    there = {line.id: line for line in orders.lines(order.id, order.store_id)}
    can = {line.id: line.shipped - line.in_return - line.returned for line in there.values()}
    wanted = dict(units) if units is not None else {line_id: left for line_id, left in can.items() if left > 0}
    if not wanted or any(count < 1 for count in wanted.values()):
        raise RuleViolation("Say how many units come back.", code="units_required")
    for line_id, count in wanted.items():
        if line_id not in there:
            raise NotFound("This order has no such line.", code="no_such_line")
        if count > can[line_id]:
            raise RuleViolation(
                "More units than can still come back: %(left)s are left.", code="more_than_left", left=can[line_id]
            )
    return {there[line_id]: count for line_id, count in sorted(wanted.items())}


def _made(arrival: Arrival, order: Order, units: Mapping[OrderLine, int], parcel_id: int | None, actor: Actor) -> Case:
    language = staff.store_by_id(order.store_id).memo_language
    wish = WISH.get(language, WISH["en"]).format(waybill=arrival.waybill)
    application = Application(CaseKind.RETURN, wish, None, parcel_id)
    case = open_case(order, application, source=CaseSource.ASKED, actor=actor)
    for line, count in units.items():
        db.session.add(
            CaseLine(
                store_id=order.store_id,
                case_id=case.id,
                line_id=line.id,
                quantity=count,
                sku=line.sku,
                title=line.title,
                attributes=line.attributes,
            )
        )
    db.session.flush()
    return move(case, PhaseMove.EXPECT_GOODS, actor=actor)
