"""An order that was paid, a refund of it, and the books that must hold whatever happens."""

from __future__ import annotations

from shopdesk.cases.states import PaidTo
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor, Role
from shopdesk.outbound.paying import pay_out
from shopdesk.payments import queries as payments
from shopdesk.payments.queries import Balance
from shopdesk.payments.states import Account
from shopdesk.refunds import queries, service
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.service import Wish
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState, RefundKind
from shopdesk.staff.models import REFUND_PLACES, Platform, Store
from tests import make
from tests.refunds.bank import Bank

PAID = 12_800


def store(slug: str = "phone-shop", **settings: object) -> Store:
    """A store whose platform pays nothing; *original* and Alipay go by the bank of the test."""
    made = make.store(slug, platform=Platform.PHONE)
    _set(made, {REFUND_PLACES: {"original": "bank", "alipay": "bank"}, **settings})
    return made


@command
def _set(of: Store, settings: dict[str, object]) -> None:
    from shopdesk.core import audit

    of.settings = {**of.settings, **settings}
    audit.record("test.set", "store", of.id, make.ROOT)


def agent(of: Store) -> Actor:
    return make.actor(Role.AFTER_SALE, store_id=of.id)


def wish(amount_minor: int = 500, **more: object) -> Wish:
    kept = {"destination": PaidTo.ORIGINAL, "reason": "晚到三天", **more}
    return Wish(RefundKind.GOODWILL, amount_minor, **kept)  # type: ignore[arg-type]


#: Where payments that people noted go by the bank too: their own way back is by hand.
TO_ALIPAY = {"destination": PaidTo.ALIPAY, "account": "xiaoyu@example.com"}


def refund(order: object, amount_minor: int = 500, *, by: Actor, **more: object) -> Refund:
    return service.request(order.id, wish(amount_minor, **more), actor=by)  # type: ignore[attr-defined]


def payouts(of: Refund) -> list[RefundPayment]:
    db.session.rollback()
    return queries.payouts_of([of.id], of.store_id)


def run(of: Refund, bank: Bank) -> list[PayoutState]:
    """What the worker does at this moment; the states it leads to."""
    for payout in payouts(of):
        pay_out(of.store_id, payout.id, {"bank": bank})
    return [payout.state for payout in payouts(of)]


def balance(order: object) -> Balance:
    db.session.rollback()
    return payments.balance(payments.payments_of_order(order.id, order.store_id))  # type: ignore[attr-defined]


def check_books(order_id: int, store_id: int) -> None:
    """The ledger is the counters, and the counters are what the payouts say."""
    db.session.rollback()
    there = payments.payments_of_order(order_id, store_id)
    sums = payments.balance(there)
    accounts = payments.accounts(payments.entries_of_order(order_id, store_id))
    assert sum(accounts.values()) == 0
    assert accounts[Account.CUSTOMER] == -sums.captured_minor
    assert accounts[Account.RESERVED] == sums.reserved_minor
    assert accounts[Account.REFUNDED] == sums.settled_minor
    assert accounts[Account.OUTSIDE] == -accounts[Account.ELSEWHERE] == sums.outside_minor
    assert accounts[Account.HELD] == sums.captured_minor - sums.reserved_minor - sums.settled_minor
    found = queries.payouts_of([r.id for r in queries.refunds_of_order(order_id, store_id)], store_id)
    assert sum(p.amount_minor for p in found if p.state in OPEN_PAYOUTS) == sums.reserved_minor
    assert sum(p.settled_minor for p in found if p.state is PayoutState.SUCCEEDED) == sums.settled_minor
    credited = 0
    for payout in found:
        note, counter = queries.credit_note_of(payout), queries.counter_note_of(payout)
        assert (note is not None) == (payout.state in {PayoutState.SUCCEEDED, PayoutState.REVERSED})
        assert (counter is not None) == (payout.state is PayoutState.REVERSED)
        credited += (note.amount_minor if note else 0) - (counter.amount_minor if counter else 0)
    assert credited == accounts[Account.REFUNDED], "the credit notes are what the ledger calls refunded"
