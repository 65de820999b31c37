"""退货信息 is opened, to be pasted or printed: it carries the customer's name in clear, so it is recorded (M093)."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.core import audit, clock
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field
from shopdesk.returns import queries
from shopdesk.returns.models import Return
from shopdesk.returns.queries.policies import policy_at
from shopdesk.returns.rules.slip import SlipFacts, freight_words, receiver_of, slip_text
from shopdesk.returns.rules.window import last_day
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

WHY = "on the slip that goes into the customer's own parcel"


@dataclass(frozen=True, slots=True)
class Slip:
    """A slip and its parts, for the page that is printed."""

    back: Return
    case: Case
    order: Order
    store: Store
    facts: SlipFacts
    receiver: str
    freight: str
    text: str


@command
def open_slip(return_id: int, *, actor: Actor) -> Slip:
    """The slip of a return; the name in clear for who reads it on the case, the phone always masked.

    An event each time.  Raises NotFound, NotAllowed.
    """
    back = queries.return_by_id(return_id, actor)
    case = cases.case_by_id(back.case_id, actor)
    order = orders.order_by_id(back.order_id, back.store_id)
    store = staff.store_by_id(back.store_id)
    facts = _facts(back, case, order, store, is_clear=actor.may(Permission.PERSONAL_READ, store.id))
    audit.record("return.slip_opened", "return", back.id, actor, store_id=store.id, order_id=order.id, case=case.id)
    return Slip(back, case, order, store, facts, receiver_of(facts), freight_words(facts), slip_text(facts))


def _facts(back: Return, case: Case, order: Order, store: Store, *, is_clear: bool) -> SlipFacts:
    receiver = policy_at(store.id, clock.now()).receiver  # where goods are sent to today, whatever held back then
    last = (back.until or clock.now()).astimezone(ZoneInfo(store.zone))
    lines = queries.lines_of([back.id], back.store_id)
    return SlipFacts(
        language=store.memo_language,
        store=store.name,
        receiver=receiver.reveal(WHY) if receiver else None,
        order=order.number,
        case=case.number or "",
        name=_name(order, is_clear=is_clear),
        phone=str(order.phone) if order.phone else "",
        goods=[(line.title or "", line.attributes or "", line.expected - line.given_up) for line in lines],
        condition=back.policy_condition,
        freight=back.freight,
        until=last_day(last).isoformat(),
    )


def _name(order: Order, *, is_clear: bool) -> str:
    """Of who received it, as the desk knows it now."""
    name = orders.effective_value(order, Field.ADDRESS, None).get("name")
    if not name:
        return ""
    return name if is_clear else str(Personal(name, "name"))
