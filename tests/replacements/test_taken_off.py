"""Units that a change takes off a replacement are the case's again, with what was paid for them."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.states import AmountPart, Resolution
from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.replacements import queries, rules, service
from shopdesk.replacements.service import LineWanted, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind
from tests import after_sale_made as made
from tests import invariants, make
from tests.replacements.test_replacements import case_for, code, desk, outbound

pytestmark = pytest.mark.usefixtures("app")


def sent(*wanted, goods=True):
    case, who = case_for(Resolution.EXCHANGE, Resolution.REFUND)
    ids = made.line_ids(case)
    lines = [LineWanted(ids[one.pop("line", 0)], **one) for one in wanted]
    return case, who, service.make(case.id, Wanted(ReplacementKind.EXCHANGE, lines, waits_for_goods=False), actor=who)


@command
def take_off(row, units, line=0):
    """As a change of its order does once it is done."""
    order = outbound(row)
    order_service.cancel_units(orders.lines(order.id, order.store_id)[line].id, units)
    audit.record("test.set", "orders", order.id, make.ROOT)


def now(row):
    return next(one for one in queries.of_case(row.case_id, row.store_id) if one.id == row.id)


def test_one_unit_of_two_that_is_taken_off_may_be_refunded_and_what_goes_out_keeps_its_worth():
    case, who, row = sent({"quantity": 2})
    hats = made.line_ids(case)[0]
    assert code(cases.decide_refund, case.id, {hats: 1}, actor=who) == "units_claimed"
    take_off(row, 1)
    assert service.release_due(case.store_id, actor=desk(row)) == 1
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    assert made.line(hats, case.store_id).reserved_minor == 10_000
    assert code(cases.decide_refund, case.id, {hats: 1}, actor=who) == "ok"
    assert code(cases.decide_refund, case.id, {hats: 1}, actor=who) == "units_claimed"
    (line,) = queries.lines_of([row.id], row.store_id)
    assert (line.quantity, line.is_claimed, line.worth_minor) == (1, True, 10_000)
    assert invariants.rules_broken(case.store_id) == []


def test_a_whole_line_of_two_is_free_and_the_other_goes_out():
    case, who, row = sent({"quantity": 1}, {"quantity": 1, "line": 1})
    scarf = made.line_ids(case)[1]
    take_off(row, 1, line=1)
    assert service.release_due(case.store_id, actor=desk(row)) == 1
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    assert code(cases.decide_refund, case.id, {scarf: 1}, actor=who) == "ok"
    service.cancel(row.id, "都不换了", actor=who)
    assert made.line(made.line_ids(case)[0], case.store_id).reserved_minor == 0
    assert invariants.rules_broken(case.store_id) == []


def test_what_is_off_whole_is_ended_by_a_person_and_what_a_change_still_holds_waits_for_it():
    case, who, row = sent({"quantity": 2})
    parcel = make.parcel(outbound(row))
    make._write(parcel, {"holds": 1})
    take_off(row, 1)
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    make._write(parcel, {"holds": 0})
    take_off(row, 1)
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    assert code(service.cancel, row.id, "不换了", actor=who) == "ok"
    assert made.line(made.line_ids(case)[0], case.store_id).reserved_minor == 0


@pytest.mark.parametrize(("how", "owed"), [(None, 0), (DifferenceSettled.WAIVED, 0), (DifferenceSettled.PAYMENT, 1000)])
def test_the_difference_is_that_of_the_units_which_still_go_out(how, owed):
    case, who, row = sent({"quantity": 2, "price_minor": 22_000})
    if how:
        service.settle_difference(row.id, Settling(how, reference="P-1", reason="老客户"), actor=who)
    take_off(row, 1)
    assert service.release_due(case.store_id, actor=desk(row)) == 1
    assert now(row).difference_minor == 1000
    assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == owed, "what was paid for it goes back"
    if how is None:
        service.settle_difference(row.id, Settling(DifferenceSettled.PAYMENT, reference="P-2"), actor=who)
    (line,) = queries.lines_of([row.id], row.store_id)
    sold = queries.outbound_line(line)
    worth = 10_000 if how is DifferenceSettled.WAIVED else 11_000
    assert line.worth_minor == worth == rules.kept_minor(sold.share_minor, sold.quantity, sold.cancelled)


def test_a_credit_for_cheaper_goods_shrinks_with_the_units_unless_it_was_paid():
    for is_paid in (False, True):
        case, who, row = sent({"quantity": 2, "price_minor": 16_000})
        assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == 4000
        cases.answer_invoice(case.id, is_sent=False, actor=who)
        if is_paid:
            cases.settle(case.id, AmountPart.MONEY, cases.Paid(4000, cases.settling.PaidTo.BALANCE), actor=who)
        take_off(row, 1)
        assert service.release_due(case.store_id, actor=desk(row)) == (0 if is_paid else 1)
        assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == (4000 if is_paid else 2000)
        assert now(row).difference_minor == (-4000 if is_paid else -2000)


@pytest.mark.parametrize("quantity", range(1, 6))
def test_what_is_kept_and_what_it_is_worth_together_are_one_sum(quantity):
    for taken_off in range(quantity):
        for amount in (0, 1, 7, 1000, 1001):
            worth = rules.worth_of_all(amount, quantity, taken_off)
            assert rules.kept_minor(worth, quantity, taken_off) == amount
