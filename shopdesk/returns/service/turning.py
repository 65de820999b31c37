"""A parcel of ours came back itself: every order in it gets its case and its return, so that none is forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.cases.models import Case
from shopdesk.cases.service import Application, open_case
from shopdesk.cases.states import CaseKind, CaseSource
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Parcel
from shopdesk.returns.models import Arrival, Return
from shopdesk.returns.queries import turned
from shopdesk.returns.service.confirming import expect_units
from shopdesk.returns.service.finding_case import open_one
from shopdesk.returns.service.matching import join
from shopdesk.returns.states import ReturnOrigin
from shopdesk.staff import queries as staff

#: The words of the case, in the language of the store's memos.
WISH = {
    "zh": "包裹 {waybill} 没有送到,已退回仓库,请与客户核实怎么处理。",
    "en": "Parcel {waybill} was not delivered and came back to the warehouse. Ask the customer what to do.",
}


@dataclass(frozen=True, slots=True)
class Accounted:
    case: Case
    back: Return


@command
def account_for(arrival: Arrival, parcel: Parcel, origin: ReturnOrigin, *, actor: Actor) -> list[Accounted]:
    """A return, matched with the arrival, for each order in the parcel that has none; no refund is forced.

    An open case about goods of the order is taken, else one is made and after-sale is told.
    """
    made = []
    for order in turned.unaccounted(arrival, parcel):
        case = open_one(order) or _made(arrival, order, parcel, actor)
        units = turned.units_to_come(parcel, order)
        back = expect_units(case, order, units, origin, parcel_id=parcel.id, actor=actor)
        join(arrival, back, actor=actor, by_person=False)
        made.append(Accounted(case, back))
        notices.put(
            case.role, NoticeKind.ALARM, order, actor=actor, person_id=case.owner_id, parcel_id=parcel.id,
            code="parcel_came_back", case=case.number, arrival=str(arrival.id),
        )  # fmt: skip
    return made


def _made(arrival: Arrival, order: Order, parcel: Parcel, actor: Actor) -> Case:
    language = staff.store_by_id(order.store_id).memo_language
    wish = WISH.get(language, WISH["en"]).format(waybill=arrival.waybill)
    application = Application(CaseKind.DELIVERY_FAILURE, wish, None, parcel.id)
    return open_case(order, application, source=CaseSource.ASKED, actor=actor)
