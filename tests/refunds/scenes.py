"""What the tests of one refund share: time that passes, a word of the place out of turn, two payments."""

from __future__ import annotations

from datetime import timedelta

import time_machine

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.orders.service import note_payment
from shopdesk.orders.service.paying import Payment as Noted
from shopdesk.orders.states import PayMethod
from shopdesk.refunds import queries, service
from shopdesk.refunds.states import PlaceRules
from tests import make


def later(minutes: int) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=False)


@command
def hear(made, answer):
    payout = queries.payouts_of([made.id], made.store_id)[0]
    service.hear(payout, answer, PlaceRules(), actor=Actor.system([made.store_id]))
    audit.record("test.heard", "payout", payout.id, make.ROOT, store_id=made.store_id)


def two_payments(store):
    order = make.order(store, status="unpaid", paid_minor=0, paid_at=None, total_minor=5000)

    @command
    def pay(amount_minor):
        noted = Noted(amount_minor, PayMethod.CARD, "POS-77")
        note_payment(db.session.merge(order), store, noted, actor=make.ROOT)

    pay(3000)
    pay(2000)
    return order
