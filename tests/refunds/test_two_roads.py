"""The same money by hand and by the desk at the same moment: it goes back once, whichever way is first."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import CaseWish, Target
from tests import after_sale_made as made
from tests import invariants, make, worlds
from tests.racing import race, rounds
from tests.refunds import world
from tests.refunds.bank import Bank

ROUNDS = rounds(3)
PAID = 12_800
ORIGINAL = Target(PaidTo.ORIGINAL)
pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]


def test_of_a_case(app):
    store = world.store()
    for _ in range(ROUNDS):
        case, who = made.resolving(made.shipped(store))
        cases.add_resolution(case.id, Resolution.REFUND, actor=who)
        cases.answer_invoice(case.id, is_sent=False, actor=who)
        cases.decide_refund(case.id, dict.fromkeys(made.line_ids(case), 1), actor=who)
        case_id, order_id = case.id, case.order_id
        by_hand = lambda: cases.settle(case_id, AmountPart.MONEY, Paid(PAID, PaidTo.PLATFORM), actor=who)  # noqa: B023, E731
        by_desk = lambda: service.request_for_case(case_id, CaseWish(ORIGINAL), actor=who)  # noqa: B023, E731
        found = race(app, by_hand, by_desk, by_desk)
        assert found.count("ok") == 1, found
        for refund in queries.refunds_of_order(order_id, store.id):
            world.run(refund, Bank())
        now = settling.amounts_of(made.now(case))[AmountPart.MONEY]
        assert (now.settled_minor, now.reserved_minor) == (PAID, 0)
        assert world.balance(worlds.orders.order_by_id(order_id, store.id)).settled_minor == PAID
        assert invariants.broken(store.id) == []


def test_of_a_cancellation(app):
    store = world.store()
    for _ in range(ROUNDS):
        change = make.change(make.order(store), Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
        worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())
        who, position = world.agent(store), worlds.position(change, "refund")
        change_id, order_id = change.id, change.order_id
        evidence = Evidence(amount_minor=PAID, reference="R1")
        by_hand = lambda: changes.do_step(change_id, position, evidence, actor=who)  # noqa: B023, E731
        by_desk = lambda: service.request_for_change(change_id, position, ORIGINAL, actor=who)  # noqa: B023, E731
        found = race(app, by_hand, by_desk, by_desk)
        assert found.count("ok") == 1, found
        for refund in queries.refunds_of_order(order_id, store.id):
            world.run(refund, Bank())
        assert world.balance(worlds.orders.order_by_id(order_id, store.id)).settled_minor == PAID
        assert invariants.broken(store.id) == []


def test_a_payout_that_ends_while_somebody_notes_the_rest_by_hand_waits_for_nobody_for_ever(app):
    store = world.store()
    for number in range(ROUNDS):
        case, who = made.resolving(made.shipped(store, shipping_minor=800, paid_minor=13_600, total_minor=13_600))
        cases.add_resolution(case.id, Resolution.REFUND, actor=who)
        cases.answer_invoice(case.id, is_sent=False, actor=who)
        cases.decide_refund(case.id, dict.fromkeys(made.line_ids(case), 1), actor=who)
        cases.expect(case.id, AmountPart.FREIGHT, 800, actor=who)
        wish = CaseWish(Target(PaidTo.TRANSFER, "王"), parts=(AmountPart.MONEY,))
        refund = service.request_for_case(case.id, wish, actor=who)
        (payout,) = world.payouts(refund)
        payout_id, case_id = payout.id, case.id
        pays = make.actor(Role.FINANCE, store_id=store.id)
        found = race(
            app,
            lambda: service.confirm(payout_id, f"TT-{number}", actor=pays),  # noqa: B023
            lambda: cases.settle(case_id, AmountPart.FREIGHT, Paid(800, PaidTo.PLATFORM), actor=who),  # noqa: B023
        )
        assert found == ["ok", "ok"]
        assert made.is_even(case) == []
        assert world.balance(worlds.orders.order_by_id(case.order_id, store.id)).settled_minor == 13_600
