"""The desk on one engine and a place by its harness, whose book says what money moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask

from shopdesk.core.db import db
from shopdesk.outbound import paying
from shopdesk.payments import queries as payments
from shopdesk.refunds import queries, service
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.states import Payout, PayoutState
from shopdesk.staff.models import REFUND_PLACES
from tests import make
from tests.connectors.harness import Harness
from tests.refunds import world
from tests.refunds.scenes import later

P = PayoutState


@dataclass
class Scene:
    """An order that was paid, and what can be done about it."""

    app: Flask
    harness: Harness
    patch: pytest.MonkeyPatch
    place: Any = None
    settings: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.place = self.place or self.harness.place
        self.store = world.store("row-shop", **{REFUND_PLACES: {"original": "tried", "alipay": "tried"}})
        self.store_id = self.store.id
        self.agent = world.agent(self.store)
        self.patch.setattr(paying, "ours", lambda: {"tried": self.place})
        self.new_order()

    def new_order(self) -> None:
        order = make.order(db.session.merge(self.store))
        self.order_id = order.id

    def ask(self, amount_minor: int = 500, **more: Any) -> int:
        made = service.request(self.order_id, world.wish(amount_minor, **more), actor=self.agent)
        return made.id

    def payout(self, refund_id: int) -> RefundPayment:
        db.session.rollback()
        return queries.payouts_of([refund_id], self.store_id)[0]

    def sent(self, refund_id: int) -> Payout:
        found = self.payout(refund_id)
        return Payout(found.number, found.amount_minor, found.currency)

    def behave(self, refund_id: int, mode: str, **plan: Any) -> None:
        self.harness.behave(mode, self.sent(refund_id), **plan)

    def work(self) -> None:
        """The clock's minute of the worker."""
        paying.pay_what_is_due()

    def moved(self, refund_id: int) -> int:
        return self.harness.moved(self.sent(refund_id))

    def balance(self) -> payments.Balance:
        db.session.rollback()
        return payments.balance(payments.payments_of_order(self.order_id, self.store_id))

    def holds(self, refund_id: int, state: PayoutState, moved_minor: int) -> None:
        """Where it stands, what the place has paid, and that the books agree with both."""
        assert (self.payout(refund_id).state, self.moved(refund_id)) == (state, moved_minor)
        world.check_books(self.order_id, self.store_id)

    def by_and_by(self, *minutes: int) -> None:
        for after in minutes:
            with later(after):
                self.work()
