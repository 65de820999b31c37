"""The refund task: settled by hand until the desk itself pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import update

from shopdesk.changes import rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.money import APART, refundable, under_way
from shopdesk.changes.service import copying
from shopdesk.core.db import rows_changed
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import OrderLine
from shopdesk.payments import service as money

if TYPE_CHECKING:
    from shopdesk.changes.service.steps import Evidence


def refund(change: Change, step: Step, evidence: Evidence, actor: Actor) -> None:
    """Amount ≤ paid share of the units, where it went, and its reference (domain.md §5)."""
    if under_way(change.id, change.store_id):
        raise rules.refund_under_way()
    shares = refundable(change)
    amount_minor = evidence.amount_minor
    if amount_minor is None:
        raise RuleViolation("Say the amount that was refunded.", code="value_required", missing="amount_minor")
    order = orders.order_by_id(change.order_id, change.store_id)
    if orders.paid_minor_of(order) is None:
        raise RuleViolation(
            "Nobody has told yet what was paid for this order: import a list with its amounts.", code="paid_unknown"
        )
    if amount_minor and not sum(shares.values()) and not orders.shares_are_known(order):
        raise RuleViolation(
            "Nobody knows yet what was paid for these units: import the order's details and its freight.",
            code="share_unknown",
        )
    rules.check_refund(amount_minor, evidence.reference, most_minor=sum(shares.values()), currency=order.currency)
    money.pay_by_hand(order, amount_minor, note=f"step:{step.id}", actor=actor)
    left = amount_minor
    for line_id, most in shares.items():
        part = min(left, most)
        left -= part
        if part and line_id is not APART:
            _book(line_id, part, change.store_id)
    copying.finish_step(
        change, Code.REFUND, actor, amount_minor=amount_minor, reference=evidence.reference,
        destination=str(evidence.destination),
    )  # fmt: skip


def _book(line_id: int, amount_minor: int, store_id: int) -> None:
    """One conditional UPDATE decides, with the CHECK behind it (domain.md §5)."""
    room = OrderLine.reserved_minor + OrderLine.refunded_minor + amount_minor <= OrderLine.share_minor
    booked = rows_changed(
        in_store(update(OrderLine), store_id, OrderLine)
        .where(OrderLine.id == line_id, room)
        .values(refunded_minor=OrderLine.refunded_minor + amount_minor)
    )
    if booked != 1:
        raise RuleViolation("More than was paid for these units.", code="more_than_paid", amount_minor=amount_minor)
