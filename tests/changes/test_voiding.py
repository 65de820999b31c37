"""A parcel is voided: the other changes that were open on it end with it."""

from datetime import timedelta

import pytest

from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind, NoticeState
from shopdesk.parcels.states import Source, Stage
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
OLD, NEW = "星澜街128号7幢1203室", "云帆路66号禾悦公寓2幢602室"


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRINTING)


def test_other_open_changes_end_withdrawn_with_a_reason_and_nothing_waits_for_them(asker, clerk):
    order = make.order(lines=(make.line(quantity=3),))
    address = make.change(order, by=asker, yes=True)
    less = make.change(order, Kind.QUANTITY, {"quantity": 2}, by=asker, line_id=worlds.line(order).id)
    memos = worlds.memos(order)
    cancel = make.change(order, Kind.CANCEL, {}, by=asker)
    worlds.do(cancel, "void", clerk)
    for change in (address, less):
        assert (change.state, worlds.open_codes(change)) == (ChangeState.WITHDRAWN, [])
        assert change.ended_why.reveal("to compare it") == "包裹已作废"
        assert {state for _, _, state in worlds.notice_states(change)} == {"withdrawn"}
    assert (cancel.state, worlds.open_codes(cancel)) == (ChangeState.DONE, ["refund"])
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.holds, worlds.open_holds(parcel)) == (Stage.VOIDED, 0, 0)
    assert worlds.counters(order)[:2] == (3, 3)
    assert (worlds.effective(order), worlds.memos(order)) == (NEW, memos)  # what was decided stays decided
    assert make.notices(order, state=NoticeState.WAITING) == make.notices(order) == []
    assert invariants.broken(order.store_id) == []


def test_in_a_merged_parcel_only_the_cancelled_orders_changes_end(asker, clerk):
    one, other = make.order(), make.order()
    address = make.change(one, by=asker, yes=True)
    parcel = worlds.merge(one, other)
    mine, theirs = (make.change(o, Kind.GREETING_CARD, {"text": "祝好"}, by=asker, yes=True) for o in (one, other))
    assert worlds.street(parcel) == NEW
    worlds.do(make.change(one, Kind.CANCEL, {}, by=asker), "take_out", clerk)
    worlds.refresh(parcel)
    assert [c.state for c in (address, mine, theirs)] == ["withdrawn", "withdrawn", "open"]
    assert (parcel.stage, parcel.holds, worlds.street(parcel)) == (Stage.UNPRINTED, 1, OLD)
    assert [n.change_id for n in make.notices(other, NoticeKind.CHANGE)] == [theirs.id]
    assert invariants.broken(one.store_id) == []


def test_an_address_that_the_other_order_wished_too_goes_on(asker, clerk):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    address = make.change(one, by=asker)
    assert make.change(other, value={"street": "别的路2号"}, by=asker).id == address.id
    worlds.do(make.change(one, Kind.CANCEL, {}, by=asker), "take_out", clerk)
    worlds.refresh(parcel)
    assert (address.state, parcel.holds, worlds.street(parcel)) == (ChangeState.OPEN, 1, "别的路2号")


def test_a_wish_that_still_asked_printing_ends_too_and_its_question_is_withdrawn(asker, clerk):

    order = make.order(as_of=clock.now() - timedelta(hours=5))
    colour = make.change(order, Kind.ATTRIBUTE, {"attributes": "红"}, by=asker, line_id=worlds.line(order).id)
    worlds.know(make.parcel(order), clock.now())
    cancel = make.change(order, Kind.CANCEL, {}, by=asker)
    worlds.do(cancel, "void", clerk)
    assert colour.state is ChangeState.WITHDRAWN
    assert make.notices(order, NoticeKind.STAGE) == []
    assert audit.verify()[1] == []


def test_a_voided_parcel_is_known_from_who_voided_it_not_from_the_file_before(asker, clerk):
    order = make.order()
    assert make.parcel(order).stage_origin == "test"
    worlds.do(make.change(order, Kind.CANCEL, {}, by=asker), "void", clerk)
    parcel = make.parcel(order)
    assert (parcel.stage_source, parcel.stage_origin) == (Source.PAGE, None)
