"""Two at the same moment on the money and the end of a case, on both engines; sums that always add up."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopdesk.cases import service
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Ended, Paid
from shopdesk.cases.states import AmountPart, CasePhase, Fault, PaidTo, Resolution
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.desk.service import closing_case
from shopdesk.replacements import queries as reads
from shopdesk.replacements import service as replacements
from shopdesk.replacements.service import LineWanted, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind
from tests import after_sale_made as made
from tests import make
from tests.racing import race, rounds

ROUNDS = rounds(3)
PLATFORM = PaidTo.PLATFORM


def case_for(*kinds, **more):
    case, who = made.resolving(**more)
    for kind in kinds:
        service.add_resolution(case.id, kind, actor=who)
    service.answer_invoice(case.id, is_sent=False, actor=who)
    return case, who


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
@pytest.mark.mission("M114")
def test_of_two_who_settle_the_last_amount_at_once_the_second_is_refused(app):
    boss = make.actor(Role.SUPERVISOR, store_id=make.store().id)
    for _ in range(ROUNDS):
        case, who = case_for(Resolution.REFUND)
        (line_id,) = made.line_ids(case)
        service.decide_refund(case.id, {line_id: 1}, actor=who)
        case_id, store_id = case.id, case.store_id
        found = race(
            app,
            lambda: service.settle(case_id, AmountPart.MONEY, Paid(12_800, PLATFORM), actor=who),  # noqa: B023
            lambda: service.settle(case_id, AmountPart.MONEY, Paid(1, PLATFORM), actor=boss),  # noqa: B023
        )
        assert sorted(found) in (["more_than_expected", "ok"],)
        line = made.line(line_id, store_id)
        assert line.reserved_minor + line.refunded_minor == 12_800
        assert settling.amounts_of(made.now(case))[AmountPart.MONEY].settled_minor == line.refunded_minor


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_of_two_cases_that_claim_the_same_unit_at_once_one_gets_it(app):
    for _ in range(ROUNDS):
        order = made.shipped()
        first, who = case_for(Resolution.REFUND, order=order)
        second, _who = case_for(Resolution.EXCHANGE, order=order, owner=who)
        (line_id,) = made.line_ids(first)
        ids = (first.id, second.id)
        wanted = Wanted(ReplacementKind.EXCHANGE, [LineWanted(line_id, 1)])
        found = race(
            app,
            lambda: service.decide_refund(ids[0], {line_id: 1}, actor=who),  # noqa: B023
            lambda: replacements.make(ids[1], wanted, actor=who),  # noqa: B023
        )
        assert sorted(found) == ["ok", "units_claimed"]
        assert made.line(line_id, first.store_id).reserved_minor == 12_800


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_of_two_who_close_at_once_one_does_and_nothing_is_settled_after(app):
    boss = make.actor(Role.SUPERVISOR, store_id=make.store().id)
    ended = Ended("好了", Fault.SHOP)
    for _ in range(ROUNDS):
        case, who = case_for(Resolution.NONE)
        case_id = case.id
        calls = [lambda who=who: closing_case.close_case(case_id, ended, actor=who) for who in (who, boss)]  # noqa: B023
        assert sorted(race(app, *calls)) == ["case_closed", "ok"]
        assert made.now(case).phase is CasePhase.CLOSED
        with pytest.raises(DomainError):
            service.settle(case_id, AmountPart.MONEY, Paid(1, PLATFORM), actor=boss)


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_a_difference_is_settled_once_and_a_wrong_entry_taken_back_once(app):
    boss = make.actor(Role.SUPERVISOR, store_id=make.store().id)
    case, who = case_for(Resolution.EXCHANGE, Resolution.COMPENSATION)
    (line_id,) = made.line_ids(case)
    wanted = Wanted(ReplacementKind.EXCHANGE, [LineWanted(line_id, 1, price_minor=13_800)])
    row_id = replacements.make(case.id, wanted, actor=who).id
    waived = Settling(DifferenceSettled.WAIVED, reason="老客户")
    calls = [lambda who=who: replacements.settle_difference(row_id, waived, actor=who) for who in (who, boss)]
    assert sorted(race(app, *calls)) == ["difference_settled", "ok"]
    service.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    entry = service.settle(case.id, AmountPart.COMPENSATION, Paid(500, PLATFORM), actor=who).id
    case_id = case.id
    back = [lambda who=who: service.take_back_settlement(case_id, entry, "错", actor=who) for who in (who, boss)]
    assert sorted(race(app, *back)) == ["ok", "taken_back"]
    assert settling.amounts_of(made.now(case))[AmountPart.COMPENSATION].settled_minor == 0


WHAT = st.sampled_from(["refund", "exchange", "settle", "back", "undecide", "cancel"])
STEP = st.tuples(WHAT, st.integers(0, 1), st.integers(1, 3), st.integers(0, 9000))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=3, max_size=9))
def test_whatever_is_decided_nothing_pays_more_than_was_paid_and_the_parts_add_up(app, steps):
    lines = (make.line("n1", quantity=3, price_minor=3333), make.line("n2", quantity=2, price_minor=4777))
    order = made.shipped(lines=lines, paid_minor=19_000)
    case, who = case_for(Resolution.REFUND, Resolution.EXCHANGE, order=order)
    ids, settled, out = made.line_ids(case), [], []
    for what, which, units, amount in steps:
        try:
            if what == "refund":
                service.decide_refund(case.id, {ids[which]: units}, amount_minor=amount or None, actor=who)
            elif what == "exchange":
                wanted = Wanted(ReplacementKind.EXCHANGE, [LineWanted(ids[which], units, price_minor=amount)],
                                waits_for_goods=False)  # fmt: skip
                out.append(replacements.make(case.id, wanted, actor=who).id)
            elif what == "settle":
                settled.append(service.settle(case.id, AmountPart.MONEY, Paid(amount, PLATFORM), actor=who).id)
            elif what == "back" and settled:
                service.take_back_settlement(case.id, settled.pop(), "错", actor=who)
            elif what == "undecide":
                service.take_back_refund(case.id, actor=who)
            elif what == "cancel" and out:
                replacements.cancel(out.pop(), "不换了", actor=who)
        except DomainError:
            pass
        _adds_up(made.now(case), ids)


def _adds_up(case, ids):
    money = settling.amounts_of(case)[AmountPart.MONEY]
    there = settling.lines_of(case)
    assert 0 <= money.settled_minor <= money.expected_minor == sum(line.refund_minor for line in there)
    assert money.settled_minor == sum(line.refunded_minor for line in there)
    alive = reads.lines_of([row.id for row in reads.alive(reads.of_case(case.id, case.store_id))], case.store_id)
    for line in there:
        sold = made.line(line.line_id, case.store_id)
        kept = sum(one.share_minor for one in alive if one.line_id == line.line_id)
        assert line.refunding + line.replacing <= line.quantity
        assert sold.refunded_minor == line.refunded_minor
        assert sold.reserved_minor == line.refund_minor - line.refunded_minor + kept
        assert sold.reserved_minor + sold.refunded_minor <= sold.share_minor
    assert ids
