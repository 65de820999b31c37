"""Credit notes as a list: numbered by store without gaps, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from shopdesk.cases.states import PaidTo
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.orders.models import Order
from shopdesk.refunds.models import CreditNote, Refund, RefundPayment

P = Permission.PAYOUT_CONFIRM
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NoteRow:
    """`counters`: the number of the note that it takes back; `amount_minor` is what was credited, or taken back."""

    id: int
    store_id: int
    number: int
    counters: int | None
    amount_minor: int
    currency: str
    issued_at: datetime
    payout_number: str
    reference: str | None
    destination: PaidTo
    order_id: int
    order_number: str

    @property
    def signed_minor(self) -> int:
        """What it takes off the shop's sales (minor units): a counter note puts it back."""
        return -self.amount_minor if self.counters is not None else self.amount_minor


def notes(actor: Actor, *, before: int = 0, limit: int = 50) -> list[NoteRow]:
    """Newest first; `before`: those older than that one."""
    taken_back = aliased(CreditNote)
    statement: Any = (
        select(
            CreditNote.id, CreditNote.store_id, CreditNote.number, taken_back.number, CreditNote.amount_minor,
            CreditNote.currency, CreditNote.issued_at, RefundPayment.number, RefundPayment.place_reference,
            Refund.destination, Order.id, Order.number,
        )
        .join(RefundPayment, RefundPayment.id == CreditNote.payout_id)
        .join(Refund, Refund.id == RefundPayment.refund_id)
        .join(Order, Order.id == Refund.order_id)
        .outerjoin(taken_back, taken_back.id == CreditNote.counters_id)
        .order_by(CreditNote.id.desc())
        .limit(limit)
    )  # fmt: skip
    if before:
        statement = statement.where(CreditNote.id < before)
    return [NoteRow(*row) for row in db.session.execute(within(statement, actor, P, CreditNote))]


def every(actor: Actor, *, most: int) -> Iterator[NoteRow]:
    """All of them in parts, for a table that is taken out."""
    before, left = 0, most
    while left > 0:
        found = notes(actor, before=before, limit=min(AT_ONCE, left))
        yield from found
        if len(found) < AT_ONCE:
            return
        before, left = found[-1].id, left - len(found)
