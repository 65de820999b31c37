"""Goods that go out again: an order of their own, what holds it, what it is worth, how it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, CaseKind, PaidTo, PhaseMove, Reason, Resolution
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import ASSIGNABLE, Actor, Role
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field, OrderStatus, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Stage
from shopdesk.printing import service as printing
from shopdesk.replacements import queries, service
from shopdesk.replacements.service import LineWanted, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind, ReplacementState
from shopdesk.returns import queries as return_queries
from shopdesk.returns import service as returns
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Disposal, Grade, Identity
from tests import after_sale_made as made
from tests import invariants, make, worlds

pytestmark = pytest.mark.usefixtures("app")
K = ReplacementKind
WAIVED = Settling(DifferenceSettled.WAIVED, reason="老客户")
LINES = (make.line("n1", quantity=2, price_minor=10_000), make.line("n2", price_minor=5000, title="围巾", sku="SCARF"))


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def case_for(*kinds, order=None, **more):
    case, who = made.resolving(order or made.shipped(lines=LINES), **more)
    for kind in kinds:
        cases.add_resolution(case.id, kind, actor=who)
    return case, who


def exchange(case, who, *, units=1, line=0, **more):
    values = {k: more.pop(k) for k in ("sku", "title", "attributes", "price_minor", "is_extra") if k in more}
    wanted = Wanted(K.EXCHANGE, [LineWanted(made.line_ids(case)[line], units, **values)], **more)
    return service.make(case.id, wanted, actor=who)


def outbound(row):
    return orders.order_by_id(row.outbound_id, row.store_id)


def desk(row):
    return Actor.system([row.store_id])


@pytest.mark.mission("M115")
def test_an_exchange_is_an_order_of_its_own_that_is_printed_packed_and_shipped_like_any_other():
    case, who = case_for(Resolution.EXCHANGE)
    made.came_back(case, {made.line_ids(case)[0]: 1})
    row = exchange(case, who, attributes="颜色分类:灰色", sku="HAT-02", title="羊毛帽")
    order = outbound(row)
    assert (order.number, order.status, order.total_minor, order.paid_minor) == (f"{case.number}-R1", "paid", 0, 0)
    (line,) = orders.lines(order.id, order.store_id)
    assert (line.sku, line.attributes, line.quantity, line.share_minor) == ("HAT-02", "颜色分类:灰色", 1, 10_000)
    assert orders.effective_value(order, Field.ADDRESS, None)["street"] == "星澜街128号7幢1203室"
    assert (row.state, order.readiness) == (ReplacementState.RELEASED, Readiness.READY)
    printer, clerk = make.actor(Role.PRINTING), make.actor(Role.WAREHOUSE)
    parcel = make.parcel(order)
    printing.print_batch([parcel.id], None, actor=printer)
    assert make.parcel(order).stage is Stage.PRINTED
    assert made.is_even(case) == ["goods", "invoice"]
    parcel_service.pack(make.parcel(order), actor=clerk)
    parcel_service.ship(make.parcel(order), actor=clerk)
    assert made.is_even(case) == ["invoice"]
    assert invariants.rules_broken(case.store_id) == []


@pytest.mark.mission("M115")
def test_until_the_goods_were_inspected_nobody_prints_it_and_no_person_lifts_that_on_the_order():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who)
    order = outbound(row)
    assert (row.state, order.readiness) == (ReplacementState.WAITING, Readiness.HALTED)
    parcel = make.parcel(order)
    boss = make.actor(Role.SUPERVISOR)
    assert code(printing.print_batch, [parcel.id], None, actor=make.actor(Role.PRINTING)) != "ok"
    assert code(parcel_service.lift_readiness, order.id, actor=boss) == "waits_for_case"
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    made.came_back(case, {made.line_ids(case)[0]: 1})
    assert service.release_due(case.store_id, actor=desk(row)) == 1
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    assert outbound(row).readiness is Readiness.READY
    assert code(printing.print_batch, [parcel.id], None, actor=make.actor(Role.PRINTING)) == "ok"


def test_units_are_exchanged_or_refunded_never_both_and_never_more_than_the_case_is_about():
    case, who = case_for(Resolution.EXCHANGE, Resolution.REFUND)
    (hats, scarf) = made.line_ids(case)
    assert code(exchange, case, who, units=3) == "units_claimed"
    exchange(case, who, units=1)
    assert code(cases.decide_refund, case.id, {hats: 2}, actor=who) == "units_claimed"
    assert code(cases.decide_refund, case.id, {hats: 1}, actor=who) == "ok"
    assert code(exchange, case, who, units=1) == "units_claimed"
    assert code(cases.decide_refund, case.id, {scarf: 1}, actor=who) == "ok"
    line = made.line(hats, case.store_id)
    assert (line.reserved_minor, line.share_minor) == (20_000, 20_000)


def test_one_case_refunds_one_reships_one_and_gives_goodwill():
    case, who = case_for(Resolution.REFUND, Resolution.RESHIP, Resolution.COMPENSATION)
    hats, scarf = made.line_ids(case)
    cases.decide_refund(case.id, {scarf: 1}, actor=who)
    row = service.make(case.id, Wanted(K.RESHIP, [LineWanted(hats, 1)]), actor=who)
    cases.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    assert row.state is ReplacementState.RELEASED, "a reship waits for nothing"
    amounts = settling.amounts_of(case)
    assert (amounts[AmountPart.MONEY].expected_minor, amounts[AmountPart.COMPENSATION].expected_minor) == (5000, 500)


def test_a_missing_part_goes_out_without_taking_the_place_of_a_unit():
    case, who = case_for(Resolution.RESHIP, Resolution.REFUND)
    hats, _scarf = made.line_ids(case)
    row = service.make(case.id, Wanted(K.RESHIP, [LineWanted(hats, 1, title="扣子", is_extra=True)]), actor=who)
    (line,) = orders.lines(row.outbound_id, row.store_id)
    assert (line.title, line.share_minor) == ("扣子", 0)
    assert code(cases.decide_refund, case.id, {hats: 2}, actor=who) == "ok"
    assert code(service.cancel, row.id, "不用了", actor=who) == "ok"


def test_a_dearer_exchange_waits_for_its_difference_and_each_way_settles_it_once():
    for how in DifferenceSettled:
        case, who = case_for(Resolution.EXCHANGE)
        made.came_back(case, {made.line_ids(case)[0]: 1})
        row = exchange(case, who, price_minor=12_000)
        assert (row.difference_minor, row.state, outbound(row).readiness) == (2000, "waiting", "awaiting_balance")
        assert "money" in made.is_even(case)
        paid = make.order(lines=(make.line(price_minor=2000, title="补差价"),))
        settling_ = Settling(how, order_number=paid.number, reference="PAY-1", reason="老客户")
        if how is DifferenceSettled.LINKED_ORDER:
            unpaid = make.order(lines=(make.line(price_minor=2000),), status=OrderStatus.UNPAID, paid_minor=0)
            small = make.order(lines=(make.line(price_minor=1900),))
            elsewhere = make.order(make.store("other"), lines=(make.line(price_minor=2000),))
            stranger = make.order(lines=(make.line(price_minor=2000),), buyer_id="别人_01", buyer_nick="别人_01")
            for number, refused in (
                (stranger.number, "other_customer"),
                (unpaid.number, "difference_unpaid"),
                (small.number, "difference_unpaid"),
                (elsewhere.number, "no_such_order"),
                ("", "no_such_order"),
                (outbound(row).number, "no_such_order"),
            ):
                assert code(service.settle_difference, row.id, Settling(how, order_number=number), actor=who) == refused
        elif how is DifferenceSettled.PAYMENT:
            assert code(service.settle_difference, row.id, Settling(how), actor=who) == "value_required"
        else:
            assert code(service.settle_difference, row.id, Settling(how, reason=" "), actor=who) == "value_required"
        service.settle_difference(row.id, settling_, actor=who)
        assert code(service.settle_difference, row.id, settling_, actor=who) == "difference_settled"
        assert (queries.of_case(case.id, case.store_id)[0].state, outbound(row).readiness) == ("released", "ready")
        (line,) = queries.lines_of([row.id], row.store_id)
        assert line.worth_minor == (10_000 if how is DifferenceSettled.WAIVED else 12_000)


def test_one_difference_order_does_not_pay_twice():
    paid = make.order(lines=(make.line(price_minor=3000, title="补差价"),))
    found = []
    for _ in range(2):
        case, who = case_for(Resolution.EXCHANGE)
        row = exchange(case, who, price_minor=12_000)
        linked = Settling(DifferenceSettled.LINKED_ORDER, order_number=paid.number)
        found.append(code(service.settle_difference, row.id, linked, actor=who))
    assert found == ["ok", "difference_used"]


def test_e18_a_cheaper_exchange_gives_the_rest_back_only_once_the_goods_were_accepted():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who, price_minor=8000, due_at=clock.now() + timedelta(days=7))
    assert (row.state, row.difference_minor) == (ReplacementState.RELEASED, -2000)
    assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == 0, "nothing before the goods are here"
    made.came_back(case, {made.line_ids(case)[0]: 1})
    assert service.release_due(case.store_id, actor=desk(row)) == 1
    assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == 2000
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    cases.settle(case.id, AmountPart.MONEY, Paid(2000, PaidTo.BALANCE), actor=who)
    line = made.line(made.line_ids(case)[0], case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (8000, 2000)
    (out,) = orders.lines(row.outbound_id, row.store_id)
    assert out.share_minor == 8000


def test_e20_what_was_exchanged_is_later_refunded_for_what_was_really_paid_for_it():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who, price_minor=12_000, waits_for_goods=False)
    service.settle_difference(row.id, Settling(DifferenceSettled.PAYMENT, reference="PAY-1"), actor=who)
    order = outbound(row)
    make.fact(order, Stage.SHIPPED)
    later, who = case_for(Resolution.REFUND, order=order, owner=who)
    (line_id,) = made.line_ids(later)
    assert code(cases.decide_refund, later.id, {line_id: 1}, amount_minor=12_001, actor=who) == "more_than_paid"
    cases.decide_refund(later.id, {line_id: 1}, actor=who)
    assert settling.amounts_of(later)[AmountPart.MONEY].expected_minor == 12_000
    again, who = case_for(Resolution.REFUND, order=orders.order_by_id(case.order_id, case.store_id), owner=who)
    hats = made.line_ids(again)[0]
    assert code(cases.decide_refund, again.id, {hats: 2}, actor=who) == "units_claimed", "the sale gives it once"


def test_e21_the_customer_keeps_the_first_goods_and_the_replacement_comes_back():
    case, who = case_for(Resolution.EXCHANGE, Resolution.REFUND)
    row = exchange(case, who, price_minor=12_000, waits_for_goods=False)
    service.settle_difference(row.id, Settling(DifferenceSettled.PAYMENT, reference="PAY-1"), actor=who)
    order = outbound(row)
    assert code(service.undo, row.id, "留着旧的", actor=who) == "replacement_not_back"
    make.fact(order, Stage.SHIPPED)
    assert code(service.undo, row.id, "留着旧的", actor=who) == "replacement_not_back"
    inspected(service.expect_back(row.id, actor=who))
    assert code(service.expect_back, row.id, actor=who) == "not_with_customer"
    assert code(service.undo, row.id, " ", actor=who) == "value_required"
    service.undo(row.id, "留着旧的", actor=who)
    assert code(service.undo, row.id, "留着旧的", actor=who) == "replacement_moved"
    hats = made.line(made.line_ids(case)[0], case.store_id)
    assert (hats.reserved_minor, hats.refunded_minor) == (0, 0), "no refund"
    assert orders.lines(order.id, order.store_id)[0].share_minor == 0, "and nothing left to be given back there"
    assert settling.amounts_of(case)[AmountPart.MONEY].expected_minor == 2000, "no double charge"
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    entry = cases.settle(case.id, AmountPart.MONEY, Paid(2000, PaidTo.ORIGINAL), actor=who)
    cases.take_back_settlement(case.id, entry.id, "写错了", actor=who)
    assert settling.amounts_of(case)[AmountPart.MONEY].settled_minor == 0


def test_a_replacement_that_nobody_received_comes_back_to_the_case_that_sent_it():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who, waits_for_goods=False)
    assert code(service.expect_back, row.id, actor=who) == "not_with_customer"
    order = outbound(row)
    make.fact(order, Stage.SHIPPED)
    clerk = make.actor(Role.WAREHOUSE, store_id=case.store_id)
    parcel = make.parcel(order)
    arrival = returns.sign_in(parcels.barcode(parcel.id), parcel.warehouse_id, actor=clerk).arrival
    assert returns.open_for_goods(arrival.id, order.id, actor=clerk).id == case.id
    (back,) = return_queries.of_order(order.id, order.store_id)
    inspected(back, arrival=arrival)
    service.undo(row.id, "没有送到", actor=who)
    assert queries.of_case(case.id, case.store_id)[0].undone_at is not None


def test_what_comes_back_itself_is_not_the_goods_that_another_exchange_waits_for():
    case, who = case_for(Resolution.EXCHANGE)
    gone, waits = exchange(case, who, waits_for_goods=False), exchange(case, who, line=1)
    make.fact(outbound(gone), Stage.SHIPPED)
    inspected(service.expect_back(gone.id, actor=who))
    assert not queries.goods_back(waits)
    assert service.release_due(case.store_id, actor=desk(waits)) == 0


def inspected(back, *, arrival=None):
    """All of it was signed in, found right and put away at the dock."""
    clerk = make.actor(Role.WAREHOUSE, store_id=back.store_id)
    if arrival is None:
        arrival = returns.sign_in(f"SF{back.id}", back.warehouse_id, actor=clerk).arrival
        returns.match(arrival.id, back.id, actor=clerk)
    lines = return_queries.lines_of([back.id], back.store_id)
    found = [Found(Identity.RIGHT, n.expected, n.id, Grade.A, has_defect=False) for n in lines]
    for row in docks.findings(returns.inspect(arrival.id, found, actor=clerk)):
        returns.dispose(arrival.id, [returns.Decided(row.id, Disposal.RESTOCK, row.quantity)], actor=clerk)


def test_e53_a_refused_parcel_goes_out_again_to_another_address():
    case, who = case_for(Resolution.RESHIP, kind=CaseKind.DELIVERY_FAILURE)
    there = {"name": "李静", "phone": "13912345678", "province": "浙江省", "city": "杭州市", "district": "滨江区",
             "street": "云帆路66号", "zip": ""}  # fmt: skip
    half = Wanted(K.RESHIP, [LineWanted(made.line_ids(case)[0], 2)], ship_to={**there, "phone": ""})
    assert code(service.make, case.id, half, actor=who) == "address_incomplete"
    wanted = Wanted(
        K.RESHIP, [LineWanted(n, q) for n, q in zip(made.line_ids(case), (2, 1), strict=True)], ship_to=there
    )
    row = service.make(case.id, wanted, actor=who)
    parcel = make.parcel(outbound(row))
    assert (parcel.stage, parcel.ship_region) == (Stage.UNPRINTED, "浙江省 杭州市 滨江区")
    sale = orders.order_by_id(case.order_id, case.store_id)
    assert orders.effective_value(sale, Field.ADDRESS, None)["city"] == "苏州市", "the first order is never altered"


def test_e58_what_was_sent_ahead_is_reminded_of_once_when_the_goods_never_come():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who)
    assert code(service.send_ahead, row.id, clock.now() - timedelta(hours=1), actor=who) == "value_required"
    assert code(service.send_ahead, row.id, None, actor=who) == "value_required"
    service.send_ahead(row.id, clock.now() + timedelta(days=7), actor=who)
    assert code(service.send_ahead, row.id, clock.now() + timedelta(days=7), actor=who) == "replacement_moved"
    made.expected_back(case, {made.line_ids(case)[0]: 1})
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    make._write(queries.of_case(case.id, case.store_id)[0], {"due_at": clock.now() - timedelta(minutes=1)})
    assert service.release_due(case.store_id, actor=desk(row)) == 1
    assert service.release_due(case.store_id, actor=desk(row)) == 0
    assert "goods" in made.is_even(case), "somebody decides: charge, or close with a reason"


def test_only_what_the_warehouse_put_aside_goes_back_to_the_customer():
    case, who = case_for(Resolution.SEND_BACK, reason=Reason.QUALITY)
    hats, _scarf = made.line_ids(case)
    wanted = Wanted(K.SEND_BACK, [LineWanted(hats, 1)])
    assert code(service.make, case.id, wanted, actor=who) == "not_put_aside"
    made.came_back(case, {hats: 1}, place=Disposal.SEND_BACK)
    assert code(service.make, case.id, wanted, actor=who) == "ok"
    assert code(service.make, case.id, wanted, actor=who) == "not_put_aside"


def test_it_is_cancelled_while_not_printed_and_its_units_and_money_are_free_again():
    case, who = case_for(Resolution.EXCHANGE, Resolution.REFUND)
    row = exchange(case, who)
    order = outbound(row)
    assert code(service.cancel, row.id, "", actor=who) == "value_required"
    service.cancel(row.id, "不换了", actor=who)
    assert code(service.cancel, row.id, "不换了", actor=who) == "replacement_moved"
    assert (make.parcel(order).stage, outbound(row).status) == (Stage.VOIDED, OrderStatus.CLOSED)
    assert code(cases.decide_refund, case.id, {made.line_ids(case)[0]: 2}, actor=who) == "ok"
    assert invariants.rules_broken(case.store_id) == []
    second = exchange(case, who, line=1)
    assert outbound(second).number.endswith("-R2")
    make.fact(outbound(second), Stage.PRINTED)
    assert code(service.cancel, second.id, "不换了", actor=who) == "printed_already"


@pytest.mark.parametrize("role", ASSIGNABLE)
def test_the_owner_or_a_supervisor_makes_it_and_nobody_else(role):
    case, _owner = case_for(Resolution.EXCHANGE)
    wanted = {Role.SUPERVISOR: "ok", Role.AFTER_SALE: "not_the_owner"}.get(role, "not_allowed")
    assert code(exchange, case, make.actor(role)) == wanted


def test_what_was_not_decided_does_not_go_out():
    case, who = case_for(Resolution.RESHIP)
    assert code(exchange, case, who) == "not_decided"
    priced = Wanted(K.RESHIP, [LineWanted(made.line_ids(case)[0], 1, price_minor=5)])
    assert code(service.make, case.id, priced, actor=who) == "no_difference"
    assert code(service.make, case.id, Wanted(K.RESHIP, []), actor=who) == "value_required"
    assert code(service.make, case.id, Wanted(K.RESHIP, [LineWanted(10**9, 1)]), actor=who) == "no_such_line"


CANCELLED_AT = {
    Stage.UNPRINTED: ["void printing"],
    Stage.PRINTED: ["hand_to_after_sale warehouse", "void printing", "destroy_papers after_sale"],
    Stage.PACKED: ["hand_to_after_sale warehouse", "void printing", "book_in warehouse"],
}


@pytest.mark.parametrize("stage", CANCELLED_AT)
def test_recalled_while_under_way_its_units_come_back_to_the_case_and_its_change_gives_no_money_back(stage):
    """The case decides about the money; until it does, what was decided is not done."""
    case, who = case_for(Resolution.EXCHANGE, Resolution.REFUND)
    row = exchange(case, who, waits_for_goods=False)
    order = outbound(row)
    if stage is not Stage.UNPRINTED:
        make.fact(order, stage)
    seen = {"seen_stage": stage} if stage is Stage.UNPRINTED else {}
    asked = make.change(order, Kind.CANCEL, {"text": "不换了"}, by=make.actor(Role.PRE_SALE), **seen)
    assert code(service.cancel, row.id, "不换了", actor=who) in {"held_by_change", "printed_already"}
    for step in CANCELLED_AT[stage]:
        name, role = step.split()
        worlds.do(asked, name, make.actor(Role(role)), Evidence(to=who.id if "hand" in name else None))
    worlds.refresh(asked)
    assert asked.state is ChangeState.DONE
    assert "goods" in made.is_even(case), "decided, and nothing goes out"
    taken = code(cases.decide_refund, case.id, {made.line_ids(case)[0]: 2}, actor=who)
    assert taken == "units_claimed"
    service.cancel(row.id, "不换了", actor=who)
    assert outbound(row).status is OrderStatus.CLOSED
    assert code(cases.decide_refund, case.id, {made.line_ids(case)[0]: 2}, actor=who) == "ok"
    assert invariants.rules_broken(case.store_id) == []


def test_e58_what_goes_ahead_is_paid_for_released_and_recalled_while_the_first_goods_are_on_their_way_back():
    case, who = case_for(Resolution.EXCHANGE)
    hats = made.line_ids(case)[0]
    ahead = {"waits_for_goods": False, "due_at": clock.now() + timedelta(days=7)}
    dear, other = exchange(case, who, price_minor=12_000, **ahead), exchange(case, who)
    made.expected_back(case, {hats: 2})
    cases.move(made.now(case), PhaseMove.EXPECT_GOODS, actor=who)
    assert code(service.settle_difference, dear.id, WAIVED, actor=who) == "ok"
    assert dear.state is ReplacementState.RELEASED
    assert code(service.send_ahead, other.id, clock.now() + timedelta(days=7), actor=who) == "ok"
    assert code(service.cancel, other.id, "只换一件", actor=who) == "ok"
    assert code(exchange, case, who) == "ok", "also a new one, which waits for the goods"
    cases.move(made.now(case), PhaseMove.CLOSE_OPEN, actor=who)
    assert code(service.cancel, dear.id, "只换一件", actor=who) == "case_closed"
