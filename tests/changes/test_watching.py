"""催办 and 转交: whose turn it is is reminded once in a while, and what one has goes to another, with its history."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shopdesk.changes import queries, service
from shopdesk.changes.models import Handover, Step
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices import queries as notices
from shopdesk.notices.models import Answer, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.staff import queries as people
from shopdesk.staff import service as staff
from tests import make, worlds
from tests.racing import race

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def asker(store):
    return make.actor(Role.PRE_SALE, signature="小满")


@pytest.fixture
def boss(store):
    return make.actor(Role.SUPERVISOR, signature="青禾")


def inbox(who, kind=NoticeKind.NUDGE):
    return [n.id for n in db.session.scalars(notices.inbox(who)) if n.kind is kind]


def nudge(change, code, who):
    return service.nudge(change.id, worlds.position(change, code), actor=who)


def later(monkeypatch, minutes):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=minutes))


def handed(change):
    rows = db.session.scalars(in_store(select(Handover).order_by(Handover.id), change.store_id, Handover))
    return [(str(row.role), row.from_id, row.to_id, row.given_by_id) for row in rows if row.change_id == change.id]


# -- reminding ---------------------------------------------------------------------------------------------------------


def test_a_reminder_stands_in_the_inbox_of_the_role_whose_turn_it_is_and_nowhere_else(asker, boss):
    change = make.change(make.order(), by=asker, yes=True)
    clerk, packer = make.actor(Role.PRINTING), make.actor(Role.WAREHOUSE)
    notice = nudge(change, "acknowledge", boss)
    assert (notice.role, notice.person_id, notice.body["step"]) == (Role.PRINTING, None, "acknowledge")
    assert (inbox(clerk), inbox(packer), inbox(asker), inbox(boss)) == ([notice.id], [], [], [])
    found = db.session.scalars(select(Event).where(Event.action == "change.nudged")).one()
    assert (found.actor_id, found.order_id, found.body["to"]) == (boss.id, change.order_id, "printing")


def test_a_reminder_of_what_somebody_has_by_name_is_for_that_person_alone(asker, boss):
    change = make.change(make.order(), by=asker)
    colleague = make.actor(Role.PRE_SALE, signature="小棠")
    notice = nudge(change, "confirm", boss)
    assert notice.person_id == asker.id
    assert (inbox(asker), inbox(colleague)) == ([notice.id], [])


def test_where_the_person_has_left_the_whole_role_is_reminded(asker, boss):
    change = make.change(make.order(), by=asker)
    staff.disable_person(asker.id, actor=make.ROOT)
    assert nudge(change, "confirm", boss).person_id is None


def test_the_second_reminder_within_the_minutes_is_refused_and_says_when_and_by_whom(store, asker, boss, monkeypatch):
    change = make.change(make.order(), by=asker, yes=True)
    nudge(change, "acknowledge", boss)
    with pytest.raises(Conflict) as refused:
        nudge(change, "acknowledge", asker)
    assert (refused.value.code, refused.value.facts["who"]) == ("nudged_lately", "青禾")
    assert len(make.notices(order_of(change), NoticeKind.NUDGE)) == 1
    later(monkeypatch, 31)
    nudge(change, "acknowledge", asker)
    step = next(s for s in queries.steps_of([change.id], store.id) if s.code == "acknowledge")
    assert (step.nudges, step.nudged_by_id) == (2, asker.id)


def order_of(change):
    return orders.order_by_id(change.order_id, change.store_id)


def test_the_store_says_how_many_minutes(store, asker, boss, monkeypatch):
    staff.set_nudge_minutes(store.slug, 5, actor=make.ROOT)
    change = make.change(make.order(), by=asker, yes=True)
    nudge(change, "acknowledge", boss)
    later(monkeypatch, 6)
    assert nudge(change, "acknowledge", boss)


def test_doing_the_step_answers_the_reminder(asker, boss):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    notice = nudge(change, "acknowledge", boss)
    clerk = make.actor(Role.PRINTING)
    service.answer_notice(make.notices(order, NoticeKind.CHANGE)[0].id, Answer.NOT_PRINTED, actor=clerk)
    db.session.refresh(notice)
    assert (notice.state, notice.answered_by_id) == (NoticeState.ACKNOWLEDGED, clerk.id)


def test_noting_the_reminder_answers_it_and_leaves_the_step_open(asker, boss):
    change = make.change(make.order(), by=asker, yes=True)
    notice, clerk = nudge(change, "acknowledge", boss), make.actor(Role.PRINTING)
    service.answer_notice(notice.id, Answer.NOTED, actor=clerk)
    assert worlds.open_codes(change) == ["acknowledge"]
    assert inbox(clerk) == []


def test_withdrawing_the_change_withdraws_the_reminder(asker, boss):
    change = make.change(make.order(), by=asker, yes=True)
    notice = nudge(change, "acknowledge", boss)
    service.withdraw(change.id, "客户改主意", actor=asker)
    db.session.refresh(notice)
    assert notice.state is NoticeState.WITHDRAWN


def test_only_what_waits_now_is_reminded_of(asker, boss):
    change = make.change(make.order(), by=asker)
    with pytest.raises(IllegalMove):
        nudge(change, "acknowledge", boss)
    with pytest.raises(IllegalMove):
        nudge(change, "amend", boss)
    with pytest.raises(NotFound):
        service.nudge(change.id, 99, actor=boss)
    with pytest.raises(RuleViolation) as refused:
        nudge(change, "confirm", asker)
    assert refused.value.code == "own_turn"
    for role in (Role.PRINTING, Role.WAREHOUSE, Role.MANAGER):
        with pytest.raises(NotAllowed):
            nudge(change, "confirm", make.actor(role))


def test_of_two_reminders_at_once_one_goes_out(app, asker, boss):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    change_id, position = change.id, worlds.position(change, "acknowledge")
    found = race(app, *(lambda who=who: service.nudge(change_id, position, actor=who) for who in (asker, boss)))
    assert sorted(found) == ["nudged_lately", "ok"]
    assert len(make.notices(order, NoticeKind.NUDGE)) == 1


def test_a_reminder_and_the_step_done_at_once_leave_no_open_reminder_of_a_done_step(app, asker, boss):
    clerk = make.actor(Role.PRINTING)
    for _ in range(4):
        order = make.order()
        change = make.change(order, by=asker, yes=True)
        change_id, position = change.id, worlds.position(change, "acknowledge")
        notice_id = make.notices(order, NoticeKind.CHANGE)[0].id
        found = race(
            app,
            lambda change_id=change_id, position=position: service.nudge(change_id, position, actor=boss),
            lambda notice_id=notice_id: service.answer_notice(notice_id, Answer.NOT_PRINTED, actor=clerk),
        )
        assert found[1] == "ok"
        assert found[0] in {"ok", "not_its_turn"}
        assert make.notices(order, NoticeKind.NUDGE) == []


# -- handing on --------------------------------------------------------------------------------------------------------


@pytest.mark.mission("M015")
def test_a_change_goes_to_a_named_person_who_may_then_withdraw_it_and_the_history_says_so(asker, boss):
    change = make.change(make.order(), by=asker)
    colleague = make.actor(Role.PRE_SALE, signature="小棠")
    with pytest.raises(NotAllowed):
        service.withdraw(change.id, "不要了", actor=colleague)
    service.assign(change.id, colleague.id, reason="小满下班", actor=asker)
    worlds.refresh(change)
    assert (change.asked_by_id, change.follower_id) == (asker.id, colleague.id)
    assert handed(change) == [("pre_sale", asker.id, colleague.id, asker.id)]
    found = db.session.scalars(select(Event).where(Event.action == "change.assigned")).one()
    assert (found.body["was"], found.body["person"]) == (asker.id, colleague.id)
    service.withdraw(change.id, "客户不要了", actor=colleague)
    worlds.refresh(change)
    assert change.state is ChangeState.WITHDRAWN


def test_who_may_hand_on(asker, boss):
    first, second = make.actor(Role.PRE_SALE), make.actor(Role.PRE_SALE)
    change = make.change(make.order(), by=asker)
    with pytest.raises(NotAllowed):
        service.assign(change.id, second.id, reason="x", actor=first)
    service.assign(change.id, first.id, reason="x", actor=boss)
    service.assign(change.id, second.id, reason="x", actor=first)
    with pytest.raises(NotAllowed):
        service.assign(change.id, first.id, reason="x", actor=first)
    service.assign(change.id, asker.id, reason="x", actor=asker)  # who asked may take it back
    assert len(handed(change)) == 3


def test_what_makes_no_sense_is_refused(store, asker, boss):
    change = make.change(make.order(), by=asker)
    clerk, colleague = make.actor(Role.PRINTING), make.actor(Role.PRE_SALE)
    elsewhere = make.actor(Role.PRE_SALE, store_id=make.store("other-shop").id)
    for to, more, code in (
        (colleague, {"reason": " "}, "value_required"),
        (colleague, {"reason": "长" * 501}, "too_long"),
        (clerk, {"reason": "x"}, "not_in_role"),
        (elsewhere, {"reason": "x"}, "not_in_role"),
        (asker, {"reason": "x"}, "already_theirs"),
        (colleague, {"reason": "x", "role": Role.PRINTING}, "bad_role"),
        (colleague, {"reason": "x", "role": Role.AFTER_SALE}, "nothing_left"),
    ):
        with pytest.raises((RuleViolation, Conflict, IllegalMove)) as refused:
            service.assign(change.id, to.id, actor=boss, **more)
        assert refused.value.code == code
    assert handed(change) == []


@pytest.mark.mission("M064")
def test_a_refund_task_is_taken_by_a_named_person_of_after_sale(asker):
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=asker)
    worlds.do(change, "void", make.actor(Role.PRINTING))
    ahe, other = make.actor(Role.AFTER_SALE, signature="阿禾"), make.actor(Role.AFTER_SALE)
    service.assign(change.id, ahe.id, role=Role.AFTER_SALE, actor=ahe)
    step = next(s for s in queries.steps_of([change.id], change.store_id) if s.code == "refund")
    assert step.person_id == ahe.id
    with pytest.raises(NotAllowed):
        service.assign(change.id, other.id, role=Role.AFTER_SALE, actor=other)
    service.assign(change.id, other.id, role=Role.AFTER_SALE, reason="休假", actor=ahe)
    assert [row[1:3] for row in handed(change)] == [(None, ahe.id), (ahe.id, other.id)]


def test_of_two_who_take_a_task_one_has_it(app, asker):
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=asker)
    worlds.do(change, "void", make.actor(Role.PRINTING))
    change_id, people = change.id, [make.actor(Role.AFTER_SALE) for _ in range(2)]
    found = race(app, *(lambda w=w: service.assign(change_id, w.id, role=Role.AFTER_SALE, actor=w) for w in people))
    assert found.count("ok") == 1
    assert set(found) <= {"ok", "not_the_follower", "value_required"}


def test_handing_on_and_withdrawing_at_once_end_in_one_of_the_two_orders(app, asker, boss):
    colleague = make.actor(Role.PRE_SALE)
    for _ in range(4):
        change = make.change(make.order(), by=asker)
        change_id = change.id
        found = race(
            app,
            lambda change_id=change_id: service.assign(change_id, colleague.id, reason="下班", actor=boss),
            lambda change_id=change_id: service.withdraw(change_id, "不要了", actor=asker),
        )
        assert found[1] == "ok"
        assert found[0] in {"ok", "nothing_left"}
        worlds.refresh(change)
        assert change.state is ChangeState.WITHDRAWN
        assert len(handed(change)) == (found[0] == "ok")


def test_everything_of_mine_goes_over_in_one_command(asker):
    other = make.store("other-shop")
    asker = people.actor_for(people.person_by_id(asker.id), channel="page")  # who works in both from now on
    mine = [make.change(make.order(), by=asker) for _ in range(3)]
    theirs = make.change(make.order(), by=make.actor(Role.PRE_SALE))
    stays = make.change(make.order(other), by=asker)
    over = make.change(make.order(), by=asker)
    service.withdraw(over.id, "不要了", actor=asker)
    colleague = make.actor(Role.PRE_SALE, store_id=mine[0].store_id)
    done = service.hand_over(colleague.id, "下班", actor=asker)
    assert (done.change_ids, done.stayed) == (tuple(change.id for change in mine), 1)
    worlds.refresh(*mine, theirs, stays, over)
    assert {change.follower_id for change in mine} == {colleague.id}
    assert (theirs.follower_id, stays.follower_id, over.follower_id) == (None, None, None)
    counted = select(func.count(Event.id)).where(Event.action == "change.assigned")
    assert db.session.scalar(counted) == 3


def test_a_supervisor_hands_over_for_who_went_home_and_nobody_else_does(asker, boss):
    change = make.change(make.order(), by=asker)
    colleague, third = make.actor(Role.PRE_SALE), make.actor(Role.PRE_SALE)
    with pytest.raises(RuleViolation) as refused:
        service.hand_over(colleague.id, "x", from_id=asker.id, actor=third)
    assert refused.value.code == "nothing_to_hand_over"
    service.hand_over(colleague.id, "小满请假", from_id=asker.id, actor=boss)
    worlds.refresh(change)
    assert change.follower_id == colleague.id
    with pytest.raises(RuleViolation):
        service.hand_over(boss.id, "x", actor=boss)


def test_the_steps_of_another_store_are_not_there(asker):
    change = make.change(make.order(), by=asker)
    stranger = make.actor(Role.SUPERVISOR, store_id=make.store("other-shop").id)
    with pytest.raises(NotFound):
        nudge(change, "confirm", stranger)
    with pytest.raises(NotFound):
        service.assign(change.id, stranger.id, reason="x", actor=stranger)
    steps = db.session.scalars(in_store(select(Step), change.store_id, Step)).all()
    assert all(step.nudges == 0 for step in steps)
