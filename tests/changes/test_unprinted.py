"""A change on an unprinted order, from the wish to the end of the hold."""

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, ConfirmChannel, Kind
from shopdesk.core import audit
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field, Flag
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


def codes(change):
    return [(s.code, str(s.state)) for s in queries.steps_of([change.id], change.store_id)]


@pytest.mark.mission("M030", "M031", "M033", "M034")
def test_one_submit_amends_writes_the_memo_and_holds_and_printing_hears_after_the_customer_said_yes():
    order = make.order()
    asker, clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)

    change = make.change(order, by=asker)

    assert codes(change) == [("amend", "done"), ("memo_hold", "done"), ("confirm", "open"), ("acknowledge", "open")]
    assert orders.effective_value(order, Field.ADDRESS, None)["city"] == "杭州市"
    memo = orders.memos(order.id, order.store_id)[0]
    assert (memo.template, memo.flag) == ("T2", Flag.RED)
    assert make.parcel(order).holds == 1
    assert make.notices(order) == []
    assert len(make.notices(order, NoticeKind.CHANGE, state=NoticeState.WAITING)) == 1

    service.do_step(change.id, 3 - 0, Evidence("对", ConfirmChannel.CHAT), actor=asker)
    notice = make.notices(order, NoticeKind.CHANGE)[0]
    service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=clerk)

    assert change.state is ChangeState.DONE
    assert make.parcel(order).holds == 0
    assert audit.verify()[1] == []


def test_a_wish_with_the_customers_yes_opens_the_notice_in_the_same_submit():
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    assert [n.kind for n in make.notices(order)] == [NoticeKind.CHANGE]


def test_already_gone_makes_it_too_late_and_carries_the_wish_to_after_sale():
    order = make.order()
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    notice = make.notices(order, NoticeKind.CHANGE)[0]
    service.answer_notice(notice.id, Answer.GONE, actor=make.actor(Role.PRINTING))
    assert change.state is ChangeState.TOO_LATE
    assert make.parcel(order).stage is Stage.SHIPPED
    assert make.parcel(order).holds == 0
    assert [n.role for n in make.notices(order, NoticeKind.TOO_LATE)] == [Role.AFTER_SALE]
    asked, corrected = (line.rsplit("---", 1)[0] for line in worlds.memos(order))
    assert corrected == f"未改成,包裹已发出: {asked}"


def test_already_printed_replaces_the_open_steps_by_the_printed_column_and_keeps_the_hold():
    order = make.order()
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    notice = make.notices(order, NoticeKind.CHANGE)[0]
    service.answer_notice(notice.id, Answer.PRINTED, batch="W229", actor=make.actor(Role.PRINTING))
    assert change.state is ChangeState.OPEN
    assert [c for c, s in codes(change) if s == "open"] == ["hand_out", "reprint", "memo", "take_back"]
    assert make.parcel(order).holds == 1


def test_withdrawing_restores_the_address_writes_a_memo_and_ends_the_hold():
    order = make.order()
    asker = make.actor(Role.PRE_SALE)
    change = make.change(order, by=asker)
    service.withdraw(change.id, "customer changed her mind", actor=asker)
    assert change.state is ChangeState.WITHDRAWN
    assert orders.effective_value(order, Field.ADDRESS, None)["city"] == "苏州市"
    assert [m.template for m in orders.memos(order.id, order.store_id)] == ["T2", "W"]
    assert make.parcel(order).holds == 0


def test_a_quantity_goes_down_and_its_refund_is_ticked_within_the_paid_share():
    order = make.order(lines=(make.line(quantity=3, price_minor=1000),), paid_minor=2000, total_minor=2000)
    line = orders.lines(order.id, order.store_id)[0]
    change = make.change(order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=line.id)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    assert change.state is ChangeState.DONE
    refund = next(s for s in queries.steps_of([change.id], change.store_id) if s.code == "refund")
    after = make.actor(Role.AFTER_SALE)
    service.do_step(change.id, refund.position, Evidence(amount_minor=1333, reference="R1"), actor=after)
    line = orders.lines(order.id, order.store_id)[0]
    assert (line.cancelled, line.refunded_minor, line.in_parcels) == (2, 1333, 1)


@pytest.mark.mission("M049", "M053")
def test_cancelling_before_print_voids_first_and_only_then_asks_for_the_refund():
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    assert [n.kind for n in make.notices(order)] == [NoticeKind.VOID]
    void = queries.steps_of([change.id], change.store_id)[0]
    service.do_step(change.id, void.position, Evidence(), actor=make.actor(Role.PRINTING))
    assert make.parcel(order).stage is Stage.VOIDED
    assert codes(change) == [("void", "done"), ("refund", "open")]
