"""Further wishes join an open change; a change is taken back whole; a supervisor ends by hand what has no steps yet."""

from datetime import timedelta

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.errors import DomainError, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field, OrderStatus
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")  # what leans on the database runs on both engines
OLD, NEW = "星澜街128号7幢1203室", "云帆路66号禾悦公寓2幢602室"


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE, signature="阿青")


@pytest.fixture
def boss():
    make.store()
    return make.actor(Role.SUPERVISOR, signature="老板")


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRINTING)


def tick(order, by):
    """The newest decision was entered in the platform."""
    active = orders.active_amendments(order.id, order.store_id)
    service.tick_amendment(active[-1].id, actor=by)


def less(order, quantity, by, **more):
    return make.change(order, Kind.QUANTITY, {"quantity": quantity}, by=by, line_id=worlds.line(order).id, **more)


def test_a_further_wish_amends_and_the_customer_is_asked_again_and_the_notice_replaced(asker):
    order = make.order()
    first = make.change(order, by=asker, yes=True)
    assert worlds.notice_states(first) == [("change", "printing", "open")]
    second = make.change(order, value={"street": "别的路2号"}, by=make.actor(Role.PRE_SALE))
    assert second.id == first.id
    assert worlds.effective(order) == "别的路2号"
    assert worlds.open_codes(first) == ["confirm", "acknowledge"]
    assert worlds.notice_states(first) == [("change", "printing", "withdrawn"), ("change", "printing", "waiting")]
    assert make.parcel(order).holds == 1
    assert len(worlds.memos(order)) == 2
    worlds.do(first, "confirm", asker)
    assert worlds.notice_states(first)[-1] == ("change", "printing", "open")


def test_a_wish_after_the_change_is_done_opens_a_new_one(asker, clerk):
    order = make.order()
    first = make.change(order, by=asker, yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
    second = make.change(order, value={"street": OLD}, by=asker)
    assert second.id != first.id
    service.withdraw(second.id, "no", actor=asker)
    assert worlds.effective(order) == NEW
    assert worlds.amendments(order) == [("address", "to_do", True), ("address", "to_do", False)]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M033")
def test_withdrawing_restores_the_value_and_says_so_in_a_memo_under_the_withdrawers_name(asker, boss):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    service.withdraw(change.id, " the customer wants it as it was ", actor=boss)
    assert (change.state, worlds.effective(order)) == (ChangeState.WITHDRAWN, OLD)
    assert worlds.street(make.parcel(order)) == OLD
    first, second = worlds.memos(order)
    assert second == f"撤回: {first.rsplit('---', 1)[0]}---{first.rsplit('---', 1)[1].split()[0]} 老板"
    assert worlds.notice_states(change) == [("change", "printing", "withdrawn")]
    assert (make.parcel(order).holds, worlds.open_holds(make.parcel(order)), worlds.open_codes(change)) == (0, 0, [])
    assert worlds.amendments(order) == [("address", "to_do", False)]
    assert audit.verify()[1] == []


@pytest.mark.parametrize("role", [Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE])
def test_only_the_asker_or_a_supervisor_withdraws_with_a_reason_and_once(asker, role):
    order = make.order()
    change = make.change(order, by=asker)
    with pytest.raises(NotAllowed):
        service.withdraw(change.id, "mine now", actor=make.actor(role))
    for reason, code in ((" ", "value_required"), ("长" * 501, "too_long")):
        with pytest.raises(RuleViolation) as caught:
            service.withdraw(change.id, reason, actor=asker)
        assert caught.value.code == code
    service.withdraw(change.id, "leave it", actor=asker)
    with pytest.raises(IllegalMove) as caught:
        service.withdraw(change.id, "again", actor=asker)
    assert caught.value.code == "change_not_open"
    assert worlds.effective(order) == OLD


def test_what_is_done_is_not_withdrawn(asker, clerk):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
    with pytest.raises(IllegalMove):
        service.withdraw(change.id, "too late for that", actor=asker)
    assert worlds.effective(order) == NEW


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_withdrawing_after_a_join_undoes_every_wish(asker):
    order = make.order()
    change = make.change(order, by=asker)
    make.change(order, value={"street": "别的路2号"}, by=asker)
    make.change(order, value={"street": "第三条路3号"}, by=asker)
    service.withdraw(change.id, "all of it", actor=asker)
    assert worlds.effective(order) == OLD
    assert worlds.street(make.parcel(order)) == OLD
    assert [a for a in worlds.amendments(order) if a[2]] == []
    assert len(worlds.memos(order)) == 6


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize("after", [1, 2])
def test_what_was_entered_in_the_platform_by_hand_is_to_be_entered_back(asker, after):
    order = make.order()
    change = make.change(order, by=asker)
    if after == 1:
        tick(order, asker)
    make.change(order, value={"street": "别的路2号"}, by=asker)
    if after == 2:
        tick(order, asker)
    service.withdraw(change.id, "all of it", actor=asker)
    assert worlds.effective(order) == OLD
    assert [a for a in worlds.amendments(order) if a[2]] == [("address", "to_do", True)]
    tick(order, asker)
    assert [a for a in worlds.amendments(order) if a[2]] == [("address", "done_by_hand", True)]


def test_a_decision_that_stood_before_stands_again_and_is_to_be_entered_anew_where_the_platform_moved(asker, clerk):
    order = make.order()
    make.change(order, by=asker, yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
    tick(order, asker)
    second = make.change(order, value={"street": "别的路2号"}, by=asker)
    tick(order, asker)
    service.withdraw(second.id, "the first was right", actor=asker)
    assert worlds.effective(order) == NEW
    assert [a for a in worlds.amendments(order) if a[2]] == [("address", "to_do", True)]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_withdrawing_a_quantity_puts_the_units_back_into_the_order_and_the_parcel(asker):
    order = make.order(lines=(make.line(quantity=3), make.line("n2")))
    change = less(order, 2, asker)
    less(order, 1, asker)
    assert worlds.counters(order) == (3, 2, 0, 1)
    service.withdraw(change.id, "she wants all three", actor=asker)
    assert worlds.counters(order) == (3, 0, 0, 3)
    assert worlds.effective(order, Field.QUANTITY, worlds.line(order).id) == 3
    assert worlds.open_codes(change) == []


def test_a_quantity_can_fall_to_none_and_come_back_whole(asker):
    order = make.order(lines=(make.line(quantity=2), make.line("n2")))
    change = less(order, 0, asker, yes=True)
    assert worlds.counters(order) == (2, 2, 0, 0)
    service.withdraw(change.id, "after all", actor=asker)
    assert worlds.counters(order) == (2, 0, 0, 2)


def test_withdrawing_a_cancellation_leaves_everything_as_it_was(asker):
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=asker)
    service.withdraw(change.id, "she keeps it", actor=asker)
    assert (change.state, make.parcel(order).holds, make.parcel(order).stage) == (
        ChangeState.WITHDRAWN, 0, Stage.UNPRINTED,
    )  # fmt: skip
    assert make.notices(order) == []
    assert worlds.memos(order) == []


def test_withdrawing_before_printing_answered_withdraws_the_question_and_writes_nothing(asker):
    order = make.order(as_of=clock.now() - timedelta(hours=5))
    change = make.change(order, by=asker)
    service.withdraw(change.id, "never mind", actor=asker)
    assert worlds.notice_states(change) == [("stage", "printing", "withdrawn")]
    assert (worlds.memos(order), worlds.amendments(order), make.parcel(order).holds) == ([], [], 0)


def test_withdrawing_one_change_leaves_another_kind_on_the_parcel_holding(asker):
    order = make.order()
    address = make.change(order, by=asker)
    courier = make.change(order, Kind.COURIER, {"text": "顺丰"}, by=asker)
    assert make.parcel(order).holds == 2
    service.withdraw(address.id, "no", actor=asker)
    assert (make.parcel(order).holds, worlds.open_holds(make.parcel(order))) == (1, 1)
    assert worlds.open_codes(courier) == ["confirm", "acknowledge"]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_change_on_a_split_order_is_taken_back_on_all_its_parcels(asker):
    order = make.order(lines=(make.line(quantity=2),))
    second = worlds.split(order, 1, 1)
    changes = service.ask(order.id, service.Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=asker)
    assert len(changes) == 2
    assert len(worlds.memos(order)) == 1
    service.withdraw(changes[1].id, "no", actor=asker)
    assert [c.state for c in changes] == [ChangeState.WITHDRAWN] * 2
    assert [p.holds for p in (make.parcel(order), second)] == [0, 0]
    assert worlds.street(second) == OLD


def test_a_split_order_gives_units_from_the_parcel_that_has_most_of_them(asker):
    order = make.order(lines=(make.line(quantity=4),))
    second = worlds.split(order, 1, 3)
    change = less(order, 1, asker)
    assert change.parcel_id == second.id
    service.withdraw(change.id, "no", actor=asker)
    assert worlds.counters(order) == (4, 0, 0, 4)


def test_ending_by_hand_is_a_supervisors_with_a_reason_and_only_where_the_desk_has_no_steps(asker, boss, clerk):
    order = make.order()
    change = make.change(order, by=asker)
    with pytest.raises(IllegalMove) as caught:
        service.end_by_hand(change.id, "I say so", actor=boss)
    assert caught.value.code == "use_the_steps"
    make.fact(order, Stage.PRINTED)
    for who in (asker, clerk):
        with pytest.raises(NotAllowed):
            service.end_by_hand(change.id, "done by hand", actor=who)
    with pytest.raises(RuleViolation):
        service.end_by_hand(change.id, " ", actor=boss)
    with pytest.raises(IllegalMove) as caught:
        worlds.do(change, "confirm", asker)
    assert caught.value.code in {"step_out_of_order", "step_not_available"}
    service.end_by_hand(change.id, "papers amended by hand", actor=boss)
    assert (change.state, make.parcel(order).holds, worlds.open_codes(change)) == (ChangeState.DONE, 0, [])
    with pytest.raises(IllegalMove):
        service.end_by_hand(change.id, "again", actor=boss)


def test_a_change_on_printed_papers_can_be_taken_back_too(asker):
    order = make.order()
    change = make.change(order, by=asker)
    make.fact(order, Stage.PRINTED)
    service.withdraw(change.id, "leave the old address", actor=asker)
    assert (change.state, make.parcel(order).holds, worlds.effective(order)) == (ChangeState.WITHDRAWN, 0, OLD)


@pytest.mark.both_engines
def test_an_unpaid_orders_notice_waits_for_the_yes_and_for_the_money(asker, clerk):
    order = make.order(status=OrderStatus.UNPAID)
    change = make.change(order, by=asker)
    assert worlds.effective(order) == NEW
    worlds.do(change, "confirm", asker)
    assert worlds.notice_states(change) == [("change", "printing", "waiting")]
    make.order(number=order.number, status=OrderStatus.PAID)
    assert worlds.notice_states(change) == [("change", "printing", "open")]
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
    assert change.state is ChangeState.DONE


def test_money_alone_does_not_open_it(asker):
    order = make.order(status=OrderStatus.UNPAID)
    change = make.change(order, by=asker)
    make.order(number=order.number, status=OrderStatus.PAID)
    assert worlds.notice_states(change) == [("change", "printing", "waiting")]
    worlds.do(change, "confirm", asker)
    assert worlds.notice_states(change) == [("change", "printing", "open")]


def test_a_cancelled_order_in_two_parcels_asks_printing_once_for_each_also_when_one_moves(asker):
    order = make.order(lines=(make.line(quantity=2),))
    second = worlds.split(order, 1, 1)
    changes = service.ask(order.id, service.Wished(Kind.CANCEL), actor=asker)
    make.fact(order, Stage.PRINTED)
    kept = next(change for change in changes if change.parcel_id == second.id)
    assert worlds.notice_states(kept) == [("void", "printing", "open")]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_e73_one_order_of_a_merged_parcel_is_cancelled_and_the_other_goes_out(asker, clerk):
    one, other = make.order(lines=(make.line(quantity=2),)), make.order()
    parcel = worlds.merge(one, other)
    change = make.change(one, Kind.CANCEL, {}, by=asker)
    worlds.do(change, "take_out", clerk)
    worlds.refresh(parcel)
    assert (change.state, parcel.stage, parcel.holds) == (ChangeState.DONE, Stage.UNPRINTED, 0)
    assert (worlds.counters(one), worlds.counters(other)) == ((2, 2, 0, 0), (1, 0, 0, 1))
    make.order(number=one.number, status=OrderStatus.CLOSED)
    check, rows = service.make_check([one.number, other.number], actor=clerk)
    assert [(r.pasted, str(r.group)) for r in rows] == [(one.number, "do_not_print"), (other.number, "printable")]
    service.mark_printed(check.id, "W1", actor=clerk)
    assert make.parcel(other).stage is Stage.PRINTED
    with pytest.raises(IllegalMove):
        make.change(one, by=asker)


def test_when_both_orders_of_a_merged_parcel_are_cancelled_it_is_voided_with_the_second(asker, clerk):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    for order, code in ((one, "take_out"), (other, "void")):
        worlds.do(make.change(order, Kind.CANCEL, {}, by=asker), code, clerk)
    worlds.refresh(parcel)
    assert parcel.stage is Stage.VOIDED


@pytest.mark.both_engines
def test_a_merged_parcel_has_one_open_address_whichever_order_asked(asker):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    first = make.change(one, by=asker, yes=True)
    second = make.change(other, value={"street": "别的路2号"}, by=asker)
    worlds.refresh(parcel)
    assert first.id == second.id
    assert [n.change_id for o in (one, other) for n in make.notices(o, state=NoticeState.WAITING)] == [first.id]
    assert (parcel.holds, worlds.street(parcel)) == (1, "别的路2号")
    assert [c.id for c in queries.changes_of_order(other.id, other.store_id)] == [first.id]
    colours = [make.change(o, Kind.GREETING_CARD, {"text": "祝好"}, by=asker).id for o in (one, other)]
    assert len(set(colours)) == 2  # only address and courier are the parcel's


def test_no_file_about_the_other_order_takes_a_merged_parcel_back_to_an_old_address(asker):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    make.change(one, by=asker)
    make.order(number=other.number)
    worlds.refresh(parcel)
    assert worlds.street(parcel) == NEW


def test_withdrawing_on_a_merged_parcel_restores_both_orders(asker):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    change = make.change(one, by=asker)
    make.change(other, value={"street": "别的路2号"}, by=asker)
    service.withdraw(change.id, "both stay", actor=asker)
    worlds.refresh(parcel)
    assert [worlds.effective(o) for o in (one, other)] == [OLD, OLD]
    assert (worlds.street(parcel), parcel.holds) == (OLD, 0)


def test_an_order_that_is_cancelled_in_a_parcel_of_two_kinds_of_change_keeps_the_other_hold(asker, clerk):
    order = make.order()
    make.change(order, by=asker)
    cancel = make.change(order, Kind.CANCEL, {}, by=asker)
    worlds.do(cancel, "void", clerk)
    assert make.parcel(order).stage is Stage.VOIDED
    with pytest.raises(DomainError):
        service.answer_notice(make.notices(order, NoticeKind.CHANGE, state=None)[0].id, Answer.NOT_PRINTED, actor=clerk)
