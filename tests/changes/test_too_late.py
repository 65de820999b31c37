"""A change that came too late: what it decided holds no longer, and each parcel carries what was on its papers."""

import pytest

from shopdesk.cases import queries as cases
from shopdesk.changes import queries, service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app"), pytest.mark.both_engines]
OLD, NEW, THIRD = "星澜街128号7幢1203室", "云帆路66号禾悦公寓2幢602室", "海棠路9号1栋301室"
THERE = {"province": "广东省", "city": "深圳市", "district": "南山区", "street": THIRD}


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


@pytest.fixture
def clerk(asker):
    return make.actor(Role.PRINTING)


def gone(order, clerk):
    """The answer *already gone*."""
    notice = make.notices(order, NoticeKind.CHANGE, NoticeKind.STAGE)[-1]
    service.answer_notice(notice.id, Answer.GONE, actor=clerk)


def leaves(parcel, *, stage=Stage.SHIPPED):
    """One parcel of an order is reported by its own."""

    @command
    def tell():
        found = parcels.locked_with_orders([parcel.id], parcel.store_id)[0]
        told = Report(stage=stage, happened_at=None, as_of=clock.now(), source=Source.API, origin="ERP")
        service.record_fact(found, told, actor=Actor.system([parcel.store_id]))

    tell()


def to_enter(order):
    return [(str(a.field), str(a.state)) for a in orders.active_amendments(order.id, order.store_id)]


def whole(order):
    assert invariants.broken(order.store_id) == []


def test_already_gone_gives_the_order_and_the_parcel_their_old_address_back(asker, clerk):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    assert (worlds.effective(order), worlds.street(make.parcel(order))) == (NEW, NEW)
    gone(order, clerk)
    worlds.refresh(change, order)
    assert change.state is ChangeState.TOO_LATE
    assert (worlds.effective(order), worlds.street(make.parcel(order))) == (OLD, OLD)
    assert to_enter(order) == []
    assert worlds.memos(order)[-1].startswith("未改成,包裹已发出:")
    case = cases.of_change(change.id, order.store_id)
    assert NEW in case.wish.reveal("to compare it")
    whole(order)


@pytest.mark.parametrize(
    ("kind", "value", "field"),
    [
        (Kind.ATTRIBUTE, {"attributes": "颜色分类:红色"}, Field.ATTRIBUTE),
        (Kind.COURIER, {"text": "顺丰速运"}, Field.COURIER),
        (Kind.INVOICE, {"text": "云帆贸易公司"}, Field.INVOICE),
        (Kind.GREETING_CARD, {"text": "生日快乐"}, Field.GREETING_CARD),
        (Kind.DELIVERY_TIME, {"text": "周六送"}, Field.DELIVERY_TIME),
    ],
)
def test_every_kind_that_amends_gives_its_value_back(asker, clerk, kind, value, field):
    order = make.order()
    line_id = worlds.line(order).id if kind is Kind.ATTRIBUTE else None
    before = orders.effective_value(order, field, line_id)
    make.change(order, kind, value, by=asker, yes=True, line_id=line_id)
    assert orders.effective_value(order, field, line_id) != before
    gone(order, clerk)
    assert orders.effective_value(order, field, line_id) == before
    assert to_enter(order) == []
    whole(order)


def test_what_was_entered_in_the_platform_is_to_be_entered_back(asker, clerk):
    order = make.order()
    make.change(order, by=asker, yes=True)
    service.tick_amendment(orders.active_amendments(order.id, order.store_id)[0].id, actor=asker)
    gone(order, clerk)
    assert to_enter(order) == [("address", "to_do")]
    assert worlds.effective(order) == OLD


def test_joined_wishes_go_back_together_and_an_earlier_decision_stands_again(asker, clerk):
    order = make.order()
    make.change(order, by=asker, yes=True)
    service.answer_notice(make.notices(order)[-1].id, Answer.NOT_PRINTED, actor=clerk)  # done: decided
    make.change(order, value=THERE, by=asker)
    make.change(order, value={**THERE, "street": "海棠路9号1栋302室"}, by=asker, yes=True)
    gone_by_file = make.parcel(order)
    leaves(gone_by_file)
    assert (worlds.effective(order), worlds.street(make.parcel(order))) == (NEW, NEW)
    assert [found for found in worlds.amendments(order) if found[2]] == [("address", "to_do", True)]
    whole(order)


def test_a_wish_that_was_asked_about_and_never_carried_out_leaves_nothing(asker, clerk):
    order = make.order()
    make._set(make.parcel(order), {"stage_as_of": clock.now().replace(year=2020)})
    change = make.change(order, by=asker, yes=True)
    assert worlds.open_codes(change)[0] == "ask_stage"
    gone(order, clerk)
    worlds.refresh(change)
    assert (change.state, worlds.effective(order), worlds.amendments(order)) == (ChangeState.TOO_LATE, OLD, [])


def test_papers_that_were_being_amended_left_with_the_old(asker):
    order = make.order()
    make.fact(order, Stage.PACKED)
    change = make.change(order, by=asker, seen_stage=Stage.PACKED)
    holder, warehouse = make.person(Role.WAREHOUSE), make.actor(Role.WAREHOUSE)
    worlds.do(change, "hand_out", warehouse, service.Evidence(to=holder.id))
    worlds.do(change, "amend", asker)
    assert (worlds.effective(order), worlds.street(make.parcel(order))) == (NEW, NEW)
    make.fact(order, Stage.SHIPPED)
    assert (worlds.effective(order), worlds.street(make.parcel(order))) == (OLD, OLD)
    assert to_enter(order) == []
    whole(order)


def test_of_two_parcels_the_one_that_left_carries_the_old_and_the_other_the_new(asker, clerk):
    order = make.order(lines=(make.line(quantity=2),))
    first, second = make.parcel(order), worlds.split(order, 1, 1)
    make.change(order, by=asker, yes=True)
    leaves(first)
    worlds.refresh(first, second)
    assert (worlds.street(first), worlds.street(second)) == (OLD, NEW)
    assert worlds.effective(order) == NEW, "the other parcel goes there"
    assert to_enter(order) == [("address", "to_do")]
    assert len(worlds.memos(order)) == 1, "the memo is true of the other parcel"
    service.answer_notice(make.notices(order, NoticeKind.CHANGE)[-1].id, Answer.NOT_PRINTED, actor=clerk)
    worlds.refresh(first, second)
    assert (worlds.street(first), worlds.street(second)) == (OLD, NEW)
    whole(order)


def test_when_the_other_parcel_leaves_too_nothing_of_it_holds(asker):
    order = make.order(lines=(make.line(quantity=2),))
    first, second = make.parcel(order), worlds.split(order, 1, 1)
    make.change(order, by=asker, yes=True)
    leaves(first)
    leaves(second)
    worlds.refresh(first, second, order)
    assert (worlds.street(first), worlds.street(second), worlds.effective(order)) == (OLD, OLD, OLD)
    assert to_enter(order) == []
    assert worlds.memos(order)[-1].startswith("未改成,包裹已发出:")
    whole(order)


def test_a_parcel_that_left_keeps_the_old_when_the_other_ones_wish_is_withdrawn(asker):
    order = make.order(lines=(make.line(quantity=2),))
    first, second = make.parcel(order), worlds.split(order, 1, 1)
    make.change(order, by=asker, yes=True)
    leaves(first)
    left = next(c for c in queries.changes_of_order(order.id, order.store_id) if c.state is ChangeState.OPEN)
    service.withdraw(left.id, "客户又说不改了", actor=asker)
    worlds.refresh(first, second, order)
    assert (worlds.street(first), worlds.street(second), worlds.effective(order)) == (OLD, OLD, OLD)
    assert to_enter(order) == []


def test_in_a_merged_parcel_the_address_goes_back_to_the_one_on_its_papers(asker):
    first, second = make.order(), make.order(street_address="另一条街9号")
    home = worlds.merge(first, second)
    make.change(second, by=asker, yes=True)
    worlds.refresh(home)
    assert worlds.street(home) == NEW
    leaves(home)
    worlds.refresh(home)
    assert worlds.street(home) == OLD
    assert worlds.effective(second) == "另一条街9号"
    whole(first)


def test_a_late_fact_reopens_what_was_done_and_leaves_it_decided_until_the_parcel_leaves(asker, clerk):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    before = clock.now()
    service.answer_notice(make.notices(order)[-1].id, Answer.NOT_PRINTED, actor=clerk)
    make.fact(order, Stage.PRINTED, happened_at=before.replace(year=2020))
    worlds.refresh(change)
    assert (change.state, worlds.effective(order)) == (ChangeState.OPEN, NEW)
    make.fact(order, Stage.SHIPPED)
    worlds.refresh(change)
    assert (change.state, worlds.effective(order)) == (ChangeState.TOO_LATE, OLD)
    assert worlds.street(make.parcel(order)) == OLD
    whole(order)


def test_the_order_page_no_longer_asks_for_it_in_the_platform(asker, clerk, sign_in):
    desk = sign_in(make.person(Role.PRE_SALE))
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    order = make.order()
    make.change(order, by=asker, yes=True)
    assert "Also to be done in the platform" in desk.get(f"/orders/{order.id}").text
    gone(order, clerk)
    assert "Also to be done in the platform" not in desk.get(f"/orders/{order.id}").text
