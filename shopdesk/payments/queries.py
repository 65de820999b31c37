"""Reads of payments and of their ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select

from shopdesk.core.db import db
from shopdesk.core.scope import in_store, in_store_given
from shopdesk.orders.models import Order, OrderLink
from shopdesk.orders.states import LinkKind
from shopdesk.payments.models import HandPart, LedgerEntry, Payment
from shopdesk.payments.states import Account, Posting

#: How orders of our own hang on the sale that paid for them.
OF_OUR_OWN = (LinkKind.EXCHANGE, LinkKind.RESHIP, LinkKind.SEND_BACK)
MOST_LINKS = 20  # exchanged so often: a chain that is longer is a circle


@dataclass(frozen=True, slots=True)
class Balance:
    """What is known of the money of an order, in minor units; all 0 before any of it went back."""

    captured_minor: int = 0
    reserved_minor: int = 0
    settled_minor: int = 0
    outside_minor: int = 0

    @property
    def left_minor(self) -> int:
        """What could still be given back."""
        return max(0, self.captured_minor - self.reserved_minor - self.settled_minor - self.outside_minor)

    @property
    def overpaid_minor(self) -> int:
        """What customers got beyond what they paid: to be recovered."""
        return max(0, self.settled_minor + self.outside_minor - self.captured_minor)


_OF_ORDER = in_store_given(
    select(Payment).where(Payment.order_id == bindparam("order_id")).order_by(Payment.id), Payment
).execution_options(populate_existing=True)


def payments_of_order(order_id: int, store_id: int) -> list[Payment]:
    """Oldest first, as they stand in the database now."""
    return list(db.session.scalars(_OF_ORDER, {"order_id": order_id, "store_id": store_id}))


_CAME_FROM = in_store_given(
    select(OrderLink.order_id)
    .where(OrderLink.other_id == bindparam("other_id"), OrderLink.kind.in_(OF_OUR_OWN))
    .order_by(OrderLink.id)
    .limit(1),
    OrderLink,
)


def sale_of(order: Order) -> int:
    """The order whose payments an order lives on: its own, or for goods that went out again those of the sale.

    What goes out in exchange was paid with the sale, also when it is exchanged once more.
    """
    found = order.id
    for _step in range(MOST_LINKS):
        before = db.session.scalar(_CAME_FROM, {"other_id": found, "store_id": order.store_id})
        if before is None:
            break
        found = before
    return found


def orders_of_sale(sale_id: int, store_id: int) -> list[int]:
    """The sale and all that went out again for it: the orders whose money is the sale's."""
    found, newest = [sale_id], [sale_id]
    for _step in range(MOST_LINKS):
        statement = select(OrderLink.other_id).where(OrderLink.order_id.in_(newest), OrderLink.kind.in_(OF_OUR_OWN))
        newest = [one for one in db.session.scalars(in_store(statement, store_id, OrderLink)) if one not in found]
        if not newest:
            break
        found += newest
    return found


def payment_by_id(payment_id: int, store_id: int) -> Payment:
    """Of a payment that is known to be there, as it stands in the database now."""
    statement = select(Payment).where(Payment.id == payment_id)
    return db.session.scalars(in_store(statement, store_id, Payment).execution_options(populate_existing=True)).one()


def balance(payments: Iterable[Payment]) -> Balance:
    """The sum over payments of one order (one currency)."""
    there = list(payments)
    return Balance(
        sum(p.captured_minor for p in there), sum(p.reserved_minor for p in there),
        sum(p.settled_minor for p in there), sum(p.outside_minor for p in there),
    )  # fmt: skip


def entries_of_order(order_id: int, store_id: int) -> list[LedgerEntry]:
    """Oldest first."""
    statement = (
        select(LedgerEntry)
        .join(Payment, Payment.id == LedgerEntry.payment_id)
        .where(Payment.order_id == order_id)
        .order_by(LedgerEntry.id)
    )
    return list(db.session.scalars(in_store(statement, store_id, LedgerEntry, Payment)))


def accounts(entries: Iterable[LedgerEntry]) -> Counter[Account]:
    """What the entries put on each account (minor units of one currency); they add up to zero."""
    found: Counter[Account] = Counter()
    for entry in entries:
        found[entry.source] -= entry.amount_minor
        found[entry.target] += entry.amount_minor
    return found


def parts_by_hand(note: str, store_id: int) -> list[HandPart]:
    """What a note by hand counted and still counts on payments."""
    statement = select(HandPart).where(HandPart.note == note, HandPart.taken_back_at.is_(None)).order_by(HandPart.id)
    return list(db.session.scalars(in_store(statement, store_id, HandPart)))


def unnamed_minor(payment_ids: Iterable[int], store_id: int) -> Counter[int]:
    """Payment → what is settled on it neither by a payout nor by a note that kept its parts (minor units)."""
    ids, found = list(payment_ids), Counter[int]()
    for posting, sign in ((Posting.SETTLE, 1), (Posting.REVERSE, -1)):
        moved = select(LedgerEntry.payment_id, func.sum(LedgerEntry.amount_minor)).where(
            LedgerEntry.payment_id.in_(ids), LedgerEntry.posting == posting, LedgerEntry.payout_id.is_(None)
        )
        for payment_id, sum_minor in db.session.execute(
            in_store(moved.group_by(LedgerEntry.payment_id), store_id, LedgerEntry)
        ):
            found[payment_id] += sign * int(sum_minor)
    for part in db.session.scalars(
        in_store(select(HandPart).where(HandPart.payment_id.in_(ids), HandPart.taken_back_at.is_(None)), store_id,
                 HandPart)
    ):  # fmt: skip
        found[part.payment_id] -= part.amount_minor
    return found


def noted_minor(order_id: int, store_id: int, *, since: datetime) -> int:
    """What people noted by hand as paid back of an order since then, less what they took back (minor units)."""
    statement = (
        select(LedgerEntry.posting, func.sum(LedgerEntry.amount_minor))
        .join(Payment, Payment.id == LedgerEntry.payment_id)
        .where(Payment.order_id == order_id, LedgerEntry.payout_id.is_(None), LedgerEntry.at >= since)
        .where(LedgerEntry.posting.in_([Posting.SETTLE, Posting.REVERSE]))
        .group_by(LedgerEntry.posting)
    )
    rows = db.session.execute(in_store(statement, store_id, LedgerEntry, Payment))
    found = {row[0]: int(row[1]) for row in rows}
    return max(0, found.get(Posting.SETTLE, 0) - found.get(Posting.REVERSE, 0))
