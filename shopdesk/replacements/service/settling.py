"""The difference that a dearer exchange leaves: a linked order, a payment or a waiver; never charged by itself."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select, update

from shopdesk.cases import service as cases
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Order
from shopdesk.orders.states import LinkKind, OrderStatus
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.rules import Priced
from shopdesk.replacements.service.freeing import tell_worth
from shopdesk.replacements.service.releasing import locked, look_at
from shopdesk.replacements.states import DifferenceSettled, ReplacementState

MOST_REASON = 500  # characters


@dataclass(frozen=True, slots=True)
class Settling:
    """How a difference was settled: by a linked order's number, a payment's reference, or a waiver with its reason."""

    how: DifferenceSettled
    order_number: str | None = None
    reference: str | None = None
    reason: str | None = None


@command
def settle_difference(replacement_id: int, settling: Settling, *, actor: Actor) -> Replacement:
    """Note how the difference was settled; of two at once one is refused (`difference_settled`).

    Raises NotFound, NotAllowed, IllegalMove (nothing is owed, settled already, the order is not paid or serves another
    exchange), RuleViolation (no such order, no reference, no reason).
    """
    found = load(Replacement, replacement_id, actor, Permission.CASE_SETTLE)
    cases.in_hand(found.case_id, actor, Permission.CASE_SETTLE, phases=cases.UNDER_WAY)
    found = locked(replacement_id, found.store_id)
    reference = (settling.reference or "").strip() or None
    reason = strip_controls(settling.reason or "").strip()[:MOST_REASON] or None
    rules.check_settling(settling.how, reference, reason)
    _check_owed(found)
    order = _difference_order(found, settling, actor) if settling.how is DifferenceSettled.LINKED_ORDER else None
    statement = (
        update(Replacement)
        .where(Replacement.id == found.id, Replacement.settled_at.is_(None), Replacement.undone_at.is_(None))
        .where(Replacement.state != ReplacementState.CANCELLED)
        .values(
            settled_how=settling.how, settled_at=clock.now(), settled_by_id=actor.id, settled_reference=reference,
            settled_order_id=order.id if order else None, why=reason, version=Replacement.version + 1,
        )
    )  # fmt: skip
    if rows_changed(in_store(statement, found.store_id, Replacement)) != 1:
        raise IllegalMove("The difference was settled already.", code="difference_settled")
    db.session.refresh(found)
    if settling.how is not DifferenceSettled.WAIVED:
        _raise_worth(found)
    audit.record(
        "replacement.difference_settled", "replacement", found.id, actor, store_id=found.store_id,
        order_id=found.order_id, how=str(settling.how), amount_minor=found.difference_minor, reference=reference,
        linked=order.id if order else None,
    )  # fmt: skip
    look_at(found, actor=actor)
    return found


def _check_owed(found: Replacement) -> None:
    if found.state is ReplacementState.CANCELLED or found.undone_at is not None:
        raise IllegalMove("This goes out no more.", code="replacement_moved", state=str(found.state))
    if found.difference_minor <= 0:
        raise IllegalMove("The customer owes no difference.", code="nothing_owed")
    if found.settled_at is not None:
        raise IllegalMove("The difference was settled already.", code="difference_settled")


def _difference_order(found: Replacement, settling: Settling, actor: Actor) -> Order:
    number = (settling.order_number or "").strip()
    statement = select(Order).where(Order.number == number).with_for_update(key_share=True)
    fresh = in_store(statement, found.store_id, Order).execution_options(populate_existing=True)
    order = db.session.scalars(fresh).one_or_none() if number else None
    if order is None or order.id in {found.order_id, found.outbound_id}:
        raise RuleViolation("This store has no such order.", code="no_such_order")
    sale = _order(found.order_id, found.store_id)
    if None not in (sale.customer_id, order.customer_id) and sale.customer_id != order.customer_id:
        raise RuleViolation("This order is another customer's.", code="other_customer")
    if order.status in {OrderStatus.UNPAID, OrderStatus.CLOSED} or order.paid_minor < found.difference_minor:
        raise IllegalMove("This order does not pay the difference.", code="difference_unpaid")
    used = sum(one.difference_minor for one in queries.settled_by(order.id, found.store_id) if one.id != found.id)
    if used + found.difference_minor > order.paid_minor:
        raise IllegalMove("This order pays another difference already.", code="difference_used")
    order_service.link(sale, order, LinkKind.DIFFERENCE, person_id=actor.id)
    return order


def _order(order_id: int, store_id: int) -> Order:
    return db.session.scalars(in_store(select(Order).where(Order.id == order_id), store_id, Order)).one()


def _raise_worth(found: Replacement) -> None:
    """What goes out is worth what was really paid for it."""
    for line in queries.lines_of([found.id], found.store_id):
        line.worth_minor = Priced(line.share_minor, line.price_minor).worth_minor
        tell_worth(line)
    db.session.flush()
