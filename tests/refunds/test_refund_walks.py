"""Whatever people, places and the platform's lists do with one order's money, in any order: the books hold."""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.outbound.paying import pay_out
from shopdesk.payments import queries as payments
from shopdesk.reconciling.service import look_again
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import Asked, CaseWish, Target, Wish
from shopdesk.refunds.states import OPEN_PAYOUTS, Answer, Outcome, PayoutState, PlaceRules, RefundKind
from shopdesk.staff.models import REFUND_LIMIT, REFUND_PLACES
from tests import after_sale_made as made
from tests import invariants, make
from tests.reconciling.platform import tell
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import later

WALKS = int(os.environ.get("SHOPDESK_WALKS", "2"))
STEPS = int(os.environ.get("SHOPDESK_STEPS", "16"))
SUM = 13_600
TO = (Target(PaidTo.ORIGINAL), Target(PaidTo.PLATFORM), Target(PaidTo.TRANSFER, "6222"))


class Walk:
    """One order, one case of it, and all who are at its money; chance decides who is next."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.store = make.store()
        world._set(self.store, {REFUND_PLACES: {"original": "bank"}, REFUND_LIMIT: 9_000})
        order = made.shipped(self.store, shipping_minor=800, paid_minor=SUM, total_minor=SUM)
        self.case, self.who = made.resolving(order)
        for kind in (Resolution.REFUND, Resolution.COMPENSATION):
            cases.add_resolution(self.case.id, kind, actor=self.who)
        cases.answer_invoice(self.case.id, is_sent=False, actor=self.who)
        self.id, self.order_id, self.store_id = self.case.id, order.id, self.store.id
        self.boss = make.actor(Role.SUPERVISOR, store_id=self.store_id)
        self.pays = make.actor(Role.FINANCE, store_id=self.store_id)
        self.bank, self.count, self.said = Bank(), 0, Counter()

    def word(self) -> str:
        self.count += 1
        return f"REF-{self.count}"

    def payouts(self):
        found = [one.id for one in queries.refunds_of_order(self.order_id, self.store_id)]
        return queries.payouts_of(found, self.store_id)

    def one(self) -> int:
        return self.chance.choice([one.id for one in self.payouts()] or [0])

    def refund(self) -> int:
        return self.chance.choice([one.id for one in queries.refunds_of_order(self.order_id, self.store_id)] or [0])

    def amount(self) -> int:
        known = [one.amount_minor for one in self.payouts()]
        return self.chance.choice([1, 300, 2_000, *known])

    # who is at it
    def ask_of_case(self) -> None:
        is_new = not any(line.refunding for line in settling.lines_of(made.now(self.case)))
        units = dict.fromkeys(made.line_ids(self.case), 1) if is_new else {}
        freight, more = self.chance.choice([0, 300]), self.chance.choice([0, 200])
        asked = Asked(units, shipping_minor=freight, compensation_minor=more)
        service.request_for_case(self.id, CaseWish(self.chance.choice(TO), asked), actor=self.who)

    def ask_direct(self) -> None:
        to = self.chance.choice(TO)
        wish = Wish(RefundKind.GOODWILL, self.amount(), to.destination, to.account, "晚到")
        service.request(self.order_id, wish, actor=self.who)

    def decide(self) -> None:
        act = self.chance.choice([service.reject, service.approve, service.approve])
        act(self.refund(), *(["不行"] if act is service.reject else []), actor=self.boss)

    def withdraw(self) -> None:
        service.withdraw(self.refund(), "算错", actor=self.who)

    def pay(self) -> None:
        self.bank.mode = self.chance.choice([*Mode, Mode.OK, Mode.OK])
        with later(self.chance.choice([0, 30, 3_000])):
            for payout in self.payouts():
                pay_out(self.store_id, payout.id, {"bank": self.bank})

    def hear(self) -> None:
        outcome = self.chance.choice([Outcome.FAILED, Outcome.SUCCEEDED])
        payout_id = self.one()
        payout = queries.payout_in(payout_id, self.store_id)
        if payout is not None and payout.place == "bank" and payout.first_sent_at is not None:
            answer = Answer(outcome, "LATE", payout.amount_minor, payout.currency)
            service.learn(payout_id, self.store_id, answer, PlaceRules(), actor=Actor.system([self.store_id]))

    def look(self) -> None:
        service.note_look(self.refund(), actor=self.pays)

    def confirm(self) -> None:
        service.confirm(self.one(), self.word(), actor=self.pays)

    def give_up(self) -> None:
        service.give_up(self.one(), actor=self.pays)

    def take_back(self) -> None:
        service.take_back(self.one(), "退汇", actor=self.pays)

    def verify(self) -> None:
        state = self.chance.choice([PayoutState.SUCCEEDED, PayoutState.FAILED])
        service.verify(self.one(), state, self.word(), paid_minor=self.chance.choice([None, 100]), actor=self.boss)

    def agree(self) -> None:
        service.note_agreed(self.refund(), actor=self.who)

    def note(self) -> None:
        paid = Paid(self.amount(), self.chance.choice([PaidTo.PLATFORM, PaidTo.ORIGINAL]), reference=self.word())
        cases.settle(self.id, self.chance.choice(list(AmountPart)), paid, actor=self.who)

    def note_back(self) -> None:
        there = [one.id for one in settling.settlements_of(made.now(self.case))]
        cases.take_back_settlement(self.id, self.chance.choice(there or [0]), "错", actor=self.who)

    def told(self) -> None:
        number, is_paid = self.chance.choice(["P1", "P2", "P3"]), self.chance.random() < 0.8
        order = invariants.orders.order_by_id(self.order_id, self.store_id)
        tell(order, number, self.amount(), self.count + 100_000, paid=is_paid)

    def look_again(self) -> None:
        look_again(self.order_id, self.store_id, actor=Actor.system([self.store_id]))

    def step(self) -> None:
        act = self.chance.choice(ACTS)
        try:
            act(self)
            self.said[act.__name__] += 1
        except DomainError as error:
            self.said[error.code] += 1
            db.session.rollback()
        self.check()

    def check(self) -> None:
        db.session.rollback()
        assert list(invariants._payments(self.store_id)) == []
        there = payments.payments_of_order(self.order_id, self.store_id)
        sums = payments.balance(there)
        assert sums.settled_minor + sums.reserved_minor <= sums.captured_minor
        found = self.payouts()
        open_minor = sum(p.amount_minor for p in found if p.state in OPEN_PAYOUTS)
        assert open_minor == sums.reserved_minor
        paid = sum(p.settled_minor for p in found if p.state is PayoutState.SUCCEEDED)
        case = made.now(self.case)
        notes = [n for n in settling.settlements_of(case) if n.taken_back_at is None]
        parts = [part for n in notes for part in payments.parts_by_hand(f"case_settlement:{n.id}", self.store_id)]
        by_hand = sum(part.amount_minor for part in parts)
        assert paid + by_hand == sums.settled_minor
        amounts = settling.amounts_of(case)
        for part in AmountPart:
            assert amounts[part].settled_minor == sum(n.amount_minor for n in notes if n.part is part)
        credited = 0
        for payout in found:
            note, counter = queries.credit_note_of(payout), queries.counter_note_of(payout)
            credited += (note.amount_minor if note else 0) - (counter.amount_minor if counter else 0)
        assert credited == paid
        waiting = sum(amounts[part].reserved_minor for part in AmountPart)
        assert waiting == self.waiting_of_case()
        money = amounts[AmountPart.MONEY]
        assert sum(line.refunded_minor for line in settling.lines_of(case)) <= money.settled_minor

    def waiting_of_case(self) -> int:
        """What refunds of the case have under way: asked for and not decided, or paid out and not ended."""
        total = 0
        for refund in queries.refunds_of_case(self.id, self.store_id):
            payouts = queries.payouts_of([refund.id], self.store_id)
            if not payouts and str(refund.state) == "awaiting_approval":
                total += refund.amount_minor
            total += sum(p.amount_minor for p in payouts if p.state in OPEN_PAYOUTS)
        return total


ACTS = [
    Walk.ask_of_case, Walk.ask_of_case, Walk.ask_direct, Walk.decide, Walk.withdraw, Walk.pay, Walk.pay, Walk.hear,
    Walk.look, Walk.confirm, Walk.give_up, Walk.take_back, Walk.verify, Walk.agree, Walk.note, Walk.note_back,
    Walk.told, Walk.look_again, Walk.agree, Walk.confirm, Walk.take_back, Walk.hear,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(WALKS))
def test_the_books_hold_after_every_step(app, seed):
    walk = Walk(seed)
    walk.ask_of_case()
    for _ in range(STEPS):
        walk.step()
    assert sum(walk.said.values()) == STEPS
