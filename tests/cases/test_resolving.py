"""How a case is resolved and what it pays: allowed and refused, by role, phase and amount."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from shopdesk.cases import service
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, InvoiceTaskKind, PaidTo, PhaseMove, Reason, Resolution
from shopdesk.core.errors import DomainError, NotFound
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.desk.service import closing_case
from tests import after_sale_made as made
from tests import make

pytestmark = pytest.mark.usefixtures("app")
PLATFORM = PaidTo.PLATFORM


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def decided(*kinds, **more):
    case, who = made.resolving(**more)
    for kind in kinds:
        service.add_resolution(case.id, kind, actor=who)
    return case, who


@pytest.mark.mission("M098", "M099")
@pytest.mark.parametrize("kind", [*Resolution])
def test_after_sale_decides_each_way_alone_and_takes_it_back(kind):
    case, who = made.resolving()
    service.add_resolution(case.id, kind, actor=who)
    service.add_resolution(case.id, kind, actor=who)
    assert settling.kinds_of(case) == {kind}
    service.take_back(case.id, kind, is_used=False, actor=who)
    assert settling.kinds_of(case) == set()
    service.take_back(case.id, kind, is_used=False, actor=who)


def test_several_ways_stand_beside_each_other_and_nothing_beside_none():
    case, who = decided(Resolution.REFUND, Resolution.RESHIP, Resolution.COMPENSATION)
    assert code(service.add_resolution, case.id, Resolution.NONE, actor=who) == "resolution_decided"
    other, who = decided(Resolution.NONE)
    assert code(service.add_resolution, other.id, Resolution.REFUND, actor=who) == "resolution_none"


@pytest.mark.mission("M097")
@pytest.mark.parametrize("kind", [*Resolution])
def test_no_quality_problem_gives_the_goods_back_goodwill_or_an_exception(kind):
    case, who = made.resolving(reason=Reason.QUALITY)
    made.came_back(case, {made.line_ids(case)[0]: 1}, has_defect=False)
    needs = kind in {Resolution.REFUND, Resolution.EXCHANGE, Resolution.RESHIP}
    assert code(closing_case.decide_resolution, case.id, kind, actor=who) == ("no_defect" if needs else "ok")
    said = code(closing_case.decide_resolution, case.id, kind, exception="老客户", actor=who)
    assert said == "ok"
    (row,) = settling.resolutions_of(case)
    assert (row.exception is not None) == needs


@pytest.mark.mission("M097")
def test_a_confirmed_defect_or_a_policy_that_asks_for_none_needs_no_exception():
    faulty, who = made.resolving(reason=Reason.QUALITY)
    made.came_back(faulty, {made.line_ids(faulty)[0]: 1}, has_defect=True)
    assert code(closing_case.decide_resolution, faulty.id, Resolution.REFUND, actor=who) == "ok"
    unwanted, who = made.resolving(reason=Reason.UNWANTED)
    made.came_back(unwanted, {made.line_ids(unwanted)[0]: 1}, has_defect=False)
    assert code(closing_case.decide_resolution, unwanted.id, Resolution.REFUND, actor=who) == "ok"


def test_nothing_is_decided_before_the_goods_were_looked_at():
    case, who = made.resolving()
    service.move(case, PhaseMove.EXPECT_GOODS, actor=who)
    for move in (None, PhaseMove.GOODS_ARRIVED):
        if move:
            service.move(made.now(case), move, actor=who)
        assert code(service.add_resolution, case.id, Resolution.REFUND, actor=who) == "wrong_phase"
    service.move(made.now(case), PhaseMove.GOODS_INSPECTED, actor=who)
    assert code(service.add_resolution, case.id, Resolution.REFUND, actor=who) == "ok"


#: role → what deciding, settling and answering the invoice of somebody's case come to.
MATRIX = {
    Role.AFTER_SALE: ("not_the_owner",) * 3,
    Role.SUPERVISOR: ("ok",) * 3,
    **dict.fromkeys(
        (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER, Role.INTEGRATION),
        ("not_allowed",) * 3,
    ),
}


@pytest.mark.parametrize("role", ASSIGNABLE)
def test_the_owner_or_a_supervisor_resolves_and_nobody_else(role):
    case, _owner = decided(Resolution.COMPENSATION)
    other = make.actor(role)
    found = (
        code(service.add_resolution, case.id, Resolution.REFUND, actor=other),
        code(service.expect, case.id, AmountPart.COMPENSATION, 500, actor=other),
        code(service.answer_invoice, case.id, is_sent=False, actor=other),
    )
    assert found == MATRIX[role]


def test_a_case_of_another_store_does_not_exist():
    case, _who = made.resolving(made.shipped(make.store("other")))
    stranger = made.agent(store_id=make.store().id)
    for call in (
        lambda: service.add_resolution(case.id, Resolution.REFUND, actor=stranger),
        lambda: service.decide_refund(case.id, {1: 1}, actor=stranger),
        lambda: service.settle(case.id, AmountPart.MONEY, Paid(1, PLATFORM), actor=stranger),
        lambda: closing_case.close_case(case.id, service.Ended("x", None), actor=stranger),
    ):
        with pytest.raises(NotFound):
            call()


@pytest.mark.mission("M114")
def test_a_refund_is_reserved_settled_and_never_more_than_was_paid():
    order = made.shipped(lines=(make.line(quantity=3, price_minor=3333),), paid_minor=10_000)
    case, who = decided(Resolution.REFUND, order=order)
    service.answer_invoice(case.id, is_sent=False, actor=who)
    (line_id,) = made.line_ids(case)
    assert code(service.decide_refund, case.id, {line_id: 2}, amount_minor=6668, actor=who) == "more_than_paid"
    service.decide_refund(case.id, {line_id: 2}, actor=who)
    line = made.line(line_id, case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (6667, 0)
    assert code(service.decide_refund, case.id, {line_id: 2}, actor=who) == "units_claimed"
    service.decide_refund(case.id, {line_id: 1}, actor=who)
    assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == 10_000
    paid = service.settle(case.id, AmountPart.MONEY, Paid(4000, PaidTo.ALIPAY, "ming@example.com", "R-1"), actor=who)
    assert (str(paid.account) != "ming@example.com", paid.reference) == (True, "R-1")
    assert code(service.settle, case.id, AmountPart.MONEY, Paid(6001, PLATFORM), actor=who) == "more_than_expected"
    service.settle(case.id, AmountPart.MONEY, Paid(6000, PLATFORM), actor=who)
    line = made.line(line_id, case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (0, 10_000)
    assert code(service.take_back_refund, case.id, actor=who) == "settled_already"


@pytest.mark.mission("M114")
@pytest.mark.parametrize(
    ("paid", "refused"),
    [
        (Paid(None, PLATFORM), "value_required"),
        (Paid(0, PLATFORM), "value_required"),
        (Paid(-5, PLATFORM), "value_required"),
        (Paid(100, PaidTo.BANK), "value_required"),
        (Paid(100, PaidTo.ALIPAY, "  "), "value_required"),
        (Paid(100, PaidTo.BANK, "6222 0000 1111"), "ok"),
        (Paid(100, PaidTo.GIFT_CARD), "ok"),
        (Paid(100, PaidTo.BALANCE, reference="13812345678"), "bad_reference"),
    ],
)
def test_money_names_its_amount_its_destination_and_where_needed_the_account(paid, refused):
    case, who = decided(Resolution.COMPENSATION)
    service.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    assert code(service.settle, case.id, AmountPart.COMPENSATION, paid, actor=who) == "invoice_unanswered"
    service.answer_invoice(case.id, is_sent=False, actor=who)
    assert code(service.settle, case.id, AmountPart.COMPENSATION, paid, actor=who) == refused


def test_freight_is_at_most_what_was_paid_for_it_over_all_cases_and_goodwill_what_the_store_allows():
    order = made.shipped(lines=(make.line(price_minor=9000),), shipping_minor=1000, paid_minor=10_000)
    case, who = decided(Resolution.REFUND, order=order)
    assert code(service.expect, case.id, AmountPart.FREIGHT, 1001, actor=who) == "more_than_paid"
    service.expect(case.id, AmountPart.FREIGHT, 700, actor=who)
    other, _who = decided(Resolution.COMPENSATION, order=order, owner=who)
    assert code(service.expect, other.id, AmountPart.FREIGHT, 301, actor=who) == "more_than_paid"
    assert code(service.expect, other.id, AmountPart.FREIGHT, 300, actor=who) == "ok"
    assert code(service.expect, other.id, AmountPart.COMPENSATION, 20_001, actor=who) == "more_than_paid"
    assert code(service.expect, other.id, AmountPart.COMPENSATION, 500, actor=who) == "ok"
    assert code(service.expect, case.id, AmountPart.COMPENSATION, 500, actor=who) == "not_decided"


def test_a_wrong_entry_is_taken_back_by_who_made_it_or_a_supervisor_once_and_with_a_reason():
    case, who = decided(Resolution.REFUND)
    boss = make.actor(Role.SUPERVISOR)
    service.answer_invoice(case.id, is_sent=False, actor=who)
    (line_id,) = made.line_ids(case)
    service.decide_refund(case.id, {line_id: 1}, actor=who)
    entry = service.settle(case.id, AmountPart.MONEY, Paid(12_800, PLATFORM), actor=boss)
    assert code(service.take_back_settlement, case.id, entry.id, "写错了", actor=who) == "not_yours"
    assert code(service.take_back_settlement, case.id, entry.id, " ", actor=boss) == "value_required"
    service.take_back_settlement(case.id, entry.id, "写错了", actor=boss)
    assert code(service.take_back_settlement, case.id, entry.id, "写错了", actor=boss) == "taken_back"
    line = made.line(line_id, case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (12_800, 0)
    service.take_back_refund(case.id, actor=who)
    assert made.line(line_id, case.store_id).reserved_minor == 0
    assert settling.amounts_of(case)[AmountPart.MONEY] == settling.Amount(0, 0)


@pytest.mark.mission("M116", "M117", "M118")
def test_an_invoice_makes_the_tasks_of_what_was_decided_and_finance_does_them():
    case, who = decided(Resolution.REFUND, Resolution.EXCHANGE)
    assert settling.tasks_of(case) == []
    service.answer_invoice(case.id, is_sent=True, actor=who)
    assert {task.kind for task in settling.tasks_of(case)} == {*InvoiceTaskKind}
    service.take_back(case.id, Resolution.EXCHANGE, is_used=False, actor=who)
    (task,) = settling.tasks_of(case)
    finance = make.actor(Role.FINANCE)
    assert [row.id for row in settling.open_invoice_tasks(finance)] == [task.id]
    assert code(service.do_invoice, task.id, "R-2026-7", actor=who) == "not_allowed"
    assert code(service.do_invoice, task.id, " ", actor=finance) == "value_required"
    service.do_invoice(task.id, "R-2026-7", actor=finance)
    assert code(service.do_invoice, task.id, "R-2026-8", actor=finance) == "invoice_done"
    assert settling.count_invoice_tasks(finance) == 0
    assert code(service.answer_invoice, case.id, is_sent=False, actor=who) == "invoice_done"


@pytest.mark.mission("M116")
def test_the_buyer_has_72_hours_to_confirm_a_red_letter_form_and_is_asked_again_once_they_are_over():
    case, who = decided(Resolution.REFUND, Resolution.EXCHANGE)
    service.answer_invoice(case.id, is_sent=True, actor=who)
    tasks = {task.kind: task.id for task in settling.tasks_of(case)}
    red, other, finance = (
        tasks[InvoiceTaskKind.RED_LETTER],
        tasks[InvoiceTaskKind.ENDORSEMENT],
        make.actor(Role.FINANCE),
    )
    assert code(service.ask_buyer, red, " ", actor=finance) == "value_required"
    assert code(service.ask_buyer, other, "F-1", actor=finance) == "not_red_letter"
    assert code(service.ask_buyer, red, "F-1", actor=who) == "not_allowed"
    asked = service.ask_buyer(red, "F-1", actor=finance)
    assert asked.confirm_by - asked.asked_at == timedelta(hours=72)
    assert code(service.ask_buyer, red, "F-2", actor=finance) == "confirmation_runs"
    assert [row.id for row in settling.open_invoice_tasks(finance)] == [other, red], "the buyer's turn"
    first = settling.open_invoice_tasks(finance, limit=1)[0]
    assert [row.id for row in settling.open_invoice_tasks(finance, after=(first.turn_at, first.id))] == [red]
    with time_machine.travel(asked.confirm_by, tick=False):
        assert service.ask_buyer(red, "F-2", actor=finance).confirmation == "F-2"
    service.do_invoice(red, "R-9", actor=finance)
    assert code(service.ask_buyer, red, "F-3", actor=finance) == "invoice_done"
    assert {task.kind: task.reference for task in settling.tasks_of(case)}[InvoiceTaskKind.RED_LETTER] == "R-9"


def test_e10_a_gift_comes_back_with_a_refund_of_nothing():
    lines = (make.line("n1", price_minor=10_000), make.line("n2", price_minor=0, title="赠品袜子"))
    case, who = decided(Resolution.REFUND, order=made.shipped(lines=lines))
    gift = made.line_ids(case)[1]
    service.decide_refund(case.id, {gift: 1}, actor=who)
    assert settling.amounts_of(case)[AmountPart.MONEY] == settling.Amount(0, 0)
    assert made.is_even(case) == ["invoice"]


def test_e35_a_case_speaks_of_its_goods_as_they_were_called_then():
    case, who = decided(Resolution.REFUND)
    (line_id,) = made.line_ids(case)
    make._write(made.line(line_id, case.store_id), {"title": "改了名", "sku": None})
    (row,) = settling.lines_of(case)
    assert (row.title, row.sku) == ("羊毛帽", "HAT-01")
    assert code(service.decide_refund, case.id, {line_id: 1}, actor=who) == "ok"
