"""The stage is old news: printing is asked first, and nothing is amended before its word (step 0)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders.states import Field, OrderStatus
from shopdesk.parcels.models import Batch
from shopdesk.parcels.states import Source, Stage
from tests import make, worlds

pytestmark = [
    pytest.mark.postgres_in_ci,
    pytest.mark.usefixtures("app"),
]  # what leans on the database runs on both engines
OLD, NEW = "星澜街128号7幢1203室", "云帆路66号禾悦公寓2幢602室"
WAITING = ["ask_stage", "amend", "memo_hold", "confirm", "acknowledge"]


def stale(**values):
    """An order of a file that is five hours old: its rhythm is two."""
    return make.order(as_of=clock.now() - timedelta(hours=5), **values)


def asked(order, number=0):
    return make.notices(order, NoticeKind.STAGE)[number]


def colour(order, text, by, number=1, **more):
    line = worlds.line(order, number)
    return make.change(order, Kind.ATTRIBUTE, {"attributes": text}, by=by, line_id=line.id, **more)


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE, signature="阿青")


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRINTING, signature="打单小妹")


@pytest.mark.mission("M032")
def test_printing_is_asked_at_once_and_nothing_is_amended(asker):
    order = stale()
    change = make.change(order, by=asker)
    assert worlds.open_codes(change) == WAITING
    assert worlds.notice_states(change) == [("stage", "printing", "open")]
    assert worlds.effective(order) == OLD
    assert worlds.memos(order) == []
    assert worlds.amendments(order) == []
    assert make.parcel(order).holds == 1
    assert worlds.street(make.parcel(order)) == OLD


def test_a_cancel_wish_on_an_old_stage_asks_printing_before_anything_is_voided(asker, clerk):
    order = stale()
    change = make.change(order, Kind.CANCEL, {}, by=asker)
    assert worlds.open_codes(change) == ["ask_stage", "void", "refund"]
    with pytest.raises(Exception, match="Another step comes first"):
        worlds.do(change, "void", clerk)
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert worlds.open_codes(change) == ["void", "refund"]
    assert worlds.notice_states(change)[-1] == ("void", "printing", "open")
    assert change.state is ChangeState.OPEN


@pytest.mark.both_engines
def test_not_printed_amends_and_writes_the_memo_in_the_askers_name_and_the_customer_is_asked_next(asker, clerk):
    order = stale()
    change = make.change(order, by=asker)
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert worlds.effective(order) == NEW
    assert worlds.street(make.parcel(order)) == NEW
    assert worlds.memos(order)[0].endswith(" 阿青")
    assert worlds.open_codes(change) == ["confirm", "acknowledge"]
    assert worlds.notice_states(change) == [("stage", "printing", "acknowledged"), ("change", "printing", "waiting")]
    assert make.parcel(order).holds == 1
    worlds.do(change, "confirm", asker)
    assert worlds.notice_states(change)[-1] == ("change", "printing", "open")


def test_printings_word_is_the_acknowledgement_too_where_the_customer_has_said_yes(asker, clerk):
    order = stale()
    change = make.change(order, by=asker, yes=True)
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert (change.state, make.parcel(order).holds) == (ChangeState.DONE, 0)
    assert make.notices(order) == []
    assert len(worlds.memos(order)) == 1
    assert audit.verify()[1] == []


def test_a_yes_that_came_while_printing_was_asked_counts_when_it_answers(asker, clerk):
    order = stale()
    change = make.change(order, by=asker)
    worlds.do(change, "confirm", asker)
    assert worlds.open_codes(change) == WAITING
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert (change.state, make.parcel(order).holds) == (ChangeState.DONE, 0)


def test_printings_not_printed_holds_until_a_newer_fact(asker, clerk):
    order = stale(lines=(make.line(), make.line("n2")))
    make.change(order, by=asker, yes=True)
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    make.order(number=order.number, as_of=clock.now() - timedelta(hours=4, minutes=30))
    second = colour(order, "颜色分类:白色", asker)
    assert worlds.open_codes(second) == ["confirm", "acknowledge"]


@pytest.mark.both_engines
def test_already_printed_is_a_fact_with_its_batch_and_brings_the_printed_columns_steps(asker, clerk):
    order = stale()
    change = make.change(order, by=asker, yes=True)
    service.answer_notice(asked(order).id, Answer.PRINTED, batch="W229", actor=clerk)
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.stage_source, parcel.stage_at) == (Stage.PRINTED, Source.PRINTING, None)
    assert db.session.scalars(in_store(select(Batch.name), parcel.store_id, Batch)).all() == ["W229"]
    assert worlds.open_codes(change) == [
        "hand_out", "reprint", "amend", "memo", "confirm", "take_back",
    ]  # fmt: skip
    assert worlds.effective(order) == OLD
    assert worlds.memos(order) == []
    assert (change.state, parcel.holds) == (ChangeState.OPEN, 1)
    assert {n.role for n in make.notices(order, NoticeKind.ALARM)} == {Role.PRINTING, Role.WAREHOUSE, Role.PRE_SALE}


def test_a_supervisor_who_ends_it_by_hand_amends_the_data_that_waited(asker, clerk):
    order = stale()
    change = make.change(order, by=asker)
    service.answer_notice(asked(order).id, Answer.PRINTED, actor=clerk)
    service.end_by_hand(change.id, "amended on the papers by hand", actor=make.actor(Role.SUPERVISOR))
    assert worlds.effective(order) == NEW
    assert (change.state, make.parcel(order).holds) == (ChangeState.DONE, 0)


@pytest.mark.both_engines
def test_already_gone_is_too_late_and_after_sale_has_the_wish(asker, clerk):
    order = stale()
    change = make.change(order, by=asker, yes=True)
    service.answer_notice(asked(order).id, Answer.GONE, actor=clerk)
    assert (change.state, make.parcel(order).stage) == (ChangeState.TOO_LATE, Stage.SHIPPED)
    assert make.parcel(order).holds == 0
    assert worlds.open_codes(change) == []
    assert [n.role for n in make.notices(order, NoticeKind.TOO_LATE)] == [Role.AFTER_SALE]
    assert worlds.effective(order) == OLD


@pytest.mark.both_engines
def test_a_wish_that_joins_while_printing_is_asked_is_carried_out_with_the_first_each_in_its_askers_name(asker, clerk):
    order = stale(lines=(make.line(), make.line("n2", title="围巾")))
    other = make.actor(Role.PRE_SALE, signature="小雨")
    change = colour(order, "颜色分类:白色", asker, yes=True)
    assert colour(order, "颜色分类:红色", other, number=2, yes=True).id == change.id
    assert worlds.notice_states(change) == [("stage", "printing", "withdrawn"), ("stage", "printing", "open")]
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert [memo.rsplit(" ", 1)[1] for memo in worlds.memos(order)] == ["阿青", "小雨"]
    assert worlds.effective(order, Field.ATTRIBUTE, worlds.line(order, 1).id) == "颜色分类:白色"
    assert worlds.effective(order, Field.ATTRIBUTE, worlds.line(order, 2).id) == "颜色分类:红色"
    assert change.state is ChangeState.DONE


def test_a_wish_that_joins_after_fresh_news_came_does_not_lose_the_one_that_waited(asker, clerk):
    order = stale(lines=(make.line(), make.line("n2", title="围巾")))
    change = colour(order, "颜色分类:白色", asker)
    worlds.know(make.parcel(order), clock.now())
    colour(order, "颜色分类:红色", asker, number=2)
    assert worlds.effective(order, Field.ATTRIBUTE, worlds.line(order, 1).id) == "颜色分类:白色"
    assert len(worlds.memos(order)) == 2
    assert worlds.open_codes(change) == ["confirm", "acknowledge"]
    assert [s for s in worlds.notice_states(change) if s[2] != "withdrawn"] == [("change", "printing", "waiting")]


def test_a_wish_that_joins_when_the_news_has_grown_old_takes_the_open_notice_back(asker, clerk):
    """Printing must not acknowledge the first wish's notice and so end a change whose second wish still waits."""
    order = make.order(lines=(make.line(), make.line("n2", title="围巾")))
    change = colour(order, "颜色分类:白色", asker, yes=True)
    make._set(make.parcel(order), {"stage_as_of": clock.now() - timedelta(hours=5)})
    colour(order, "颜色分类:红色", asker, number=2, yes=True)
    assert make.notices(order, NoticeKind.CHANGE) == []
    assert worlds.open_codes(change) == WAITING
    worlds.refresh(change)
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert change.state is ChangeState.DONE
    assert worlds.effective(order, Field.ATTRIBUTE, worlds.line(order, 2).id) == "颜色分类:红色"


def two_parcels():
    order = stale(lines=(make.line(quantity=2),))
    second = worlds.split(order, 1, 1)
    worlds.know(second, clock.now())
    return order, make.parcel(order), second


def test_a_wish_on_two_parcels_of_which_one_is_old_news_waits_for_both(asker, clerk):
    order, first, second = two_parcels()
    changes = service.ask(order.id, service.Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=asker)
    assert [c.parcel_id for c in changes] == [first.id, second.id]
    assert [n.parcel_id for n in make.notices(order, NoticeKind.STAGE)] == [first.id, second.id]
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert worlds.effective(order) == OLD
    service.answer_notice(asked(order).id, Answer.NOT_PRINTED, actor=clerk)
    assert worlds.effective(order) == NEW
    assert len(worlds.memos(order)) == 1
    assert [worlds.open_codes(c) for c in changes] == [["confirm", "acknowledge"]] * 2
    assert [worlds.street(p) for p in (first, second)] == [NEW, NEW]


@pytest.mark.both_engines
@pytest.mark.parametrize("printed_first", [True, False])
@pytest.mark.parametrize("word", [Answer.PRINTED, Answer.GONE])
def test_one_parcel_that_is_printed_or_gone_does_not_keep_the_other_waiting(asker, clerk, printed_first, word):
    order, first, second = two_parcels()
    changes = service.ask(order.id, service.Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=asker)
    answers = [(asked(order, 0), word), (asked(order, 1), Answer.NOT_PRINTED)]
    for notice, answer in answers if printed_first else reversed(answers):
        service.answer_notice(notice.id, answer, actor=clerk)
    worlds.refresh(*changes, first, second)
    assert worlds.effective(order) == NEW
    assert (changes[1].state, worlds.open_codes(changes[1])) == (ChangeState.OPEN, ["confirm", "acknowledge"])
    assert worlds.street(second) == NEW
    if word is Answer.PRINTED:
        assert (changes[0].state, changes[0].column, first.holds) == (ChangeState.OPEN, Stage.PRINTED, 1)
        assert [s for s in worlds.notice_states(changes[0]) if s[0] == "change"] == []
    else:
        assert (changes[0].state, first.holds) == (ChangeState.TOO_LATE, 0)


def test_one_parcel_gone_does_not_keep_the_wish_from_being_taken_back_on_the_other(asker, clerk):
    order, *_ = two_parcels()
    changes = service.ask(order.id, service.Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=asker)
    service.answer_notice(asked(order, 0).id, Answer.GONE, actor=clerk)
    service.withdraw(changes[1].id, "leave it", actor=asker)
    assert [c.state for c in changes] == [ChangeState.TOO_LATE, ChangeState.WITHDRAWN]
    assert worlds.effective(order) == OLD


def test_a_fresh_stage_is_asked_about_too_while_the_platform_says_shipped_until_our_hands_have_looked():
    marked = make.order(status=OrderStatus.SHIPPED, marked_shipped_at=clock.now() - timedelta(hours=1))
    change = make.change(marked, by=make.actor(Role.PRE_SALE))
    assert [str(n.kind) for n in make.notices(marked)] == ["stage"]
    assert not change.is_applied
    service.answer_notice(make.notices(marked)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    assert change.is_applied
    later = make.change(marked, Kind.COURIER, {"text": "顺丰"}, by=make.actor(Role.PRE_SALE))
    assert later.is_applied
