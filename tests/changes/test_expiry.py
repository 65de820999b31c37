"""Holds that run out: dealt with once, kept by default, let go only where the store or the stop says so."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.changes.models import Step
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.queries import stops
from shopdesk.parcels.states import OnExpiry
from shopdesk.staff import queries as staff_queries
from shopdesk.staff import service as staff
from tests import invariants, make, worlds
from tests.desk.pages import EN
from tests.parcels.test_stops import boss, holding, stop
from tests.racing import race

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]
NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # 12:00 in the store's zone
CUT_OFF = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)  # 18:00 there
AFTER = CUT_OFF + timedelta(minutes=1)


@pytest.fixture
def day(app):
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


def run(store):
    return service.expire_holds(store.id, actor=Actor.system([store.id]))


def said(action):
    return len(db.session.scalars(select(audit.Event).where(audit.Event.action == action)).all())


def setting(act):
    store = make.store()
    return staff.set_hold_expiry(store.slug, act, actor=make.ROOT)


def asked(kind=Kind.ADDRESS, value=None, *, yes=False):
    order = make.order(as_of=NOON)
    return order, make.change(order, kind, value, by=make.actor(Role.PRE_SALE), yes=yes)


def test_a_hold_that_runs_out_is_kept_and_marked_overdue_once(day):
    order, change = asked()
    store = make.store()
    assert run(store) == 0
    day.move_to(AFTER)
    assert [run(store), run(store)] == [1, 0]
    hold = parcels.open_holds([make.parcel(order).id], store.id)[0]
    assert (hold.on_expiry, hold.expired_at, make.parcel(order).holds) == (OnExpiry.KEEP, AFTER, 1)
    told = make.notices(order, NoticeKind.ALARM)
    assert [(str(n.role), n.body["code"]) for n in told] == [("pre_sale", "hold_overdue")]
    assert said("change.overdue") == 1
    worlds.do(change, "confirm", make.actor(Role.PRE_SALE))
    assert make.notices(order, NoticeKind.CHANGE)


def test_two_workers_mark_one_hold_once(app):
    with time_machine.travel(NOON, tick=True) as moving:
        order, _change = asked()
        store_id, system = order.store_id, Actor.system([order.store_id])
        moving.move_to(AFTER)
        assert race(app, *[lambda: service.expire_holds(store_id, actor=system)] * 2) == ["ok", "ok"]
        assert (said("change.overdue"), len(make.notices(order, NoticeKind.ALARM))) == (1, 1)


def test_a_store_may_let_it_ship_as_ordered_and_a_later_yes_is_told_what_to_do(day):
    setting("ship_as_ordered")
    order, change = asked()
    at = worlds.position(change, "confirm")
    day.move_to(AFTER)
    assert [run(make.store()), run(make.store())] == [1, 0]
    worlds.refresh(change)
    assert (change.state, make.parcel(order).holds) == (ChangeState.WITHDRAWN, 0)
    assert worlds.street(make.parcel(order)) == "星澜街128号7幢1203室"
    assert worlds.memos(order)[-1].startswith("撤回")
    with pytest.raises(IllegalMove) as refused:
        service.do_step(change.id, at, worlds.SAID, actor=make.actor(Role.PRE_SALE))
    assert (refused.value.code, refused.value.facts["next"]) == ("hold_expired", "ask_again")
    assert make.change(order, by=make.actor(Role.PRE_SALE)).id != change.id
    assert invariants.broken(order.store_id) == []


@pytest.mark.parametrize(("act", "next_"), [("ship_as_ordered", "ask_again"), ("ship_as_changed", "printing")])
def test_e83_a_yes_between_the_end_of_the_hold_and_the_clocks_next_look_is_not_taken_to_be_thrown_away(day, act, next_):
    setting(act)
    _order, change = asked()
    at = worlds.position(change, "confirm")
    day.move_to(AFTER)
    with pytest.raises(IllegalMove) as refused:
        service.do_step(change.id, at, worlds.SAID, actor=make.actor(Role.PRE_SALE))
    assert (refused.value.code, refused.value.facts["next"]) == ("hold_expired", next_)
    assert run(make.store()) == 1


def test_a_yes_after_a_hold_that_is_kept_counts_as_always(day):
    _order, change = asked()
    day.move_to(AFTER)
    worlds.do(change, "confirm", make.actor(Role.PRE_SALE))
    worlds.refresh(change)
    assert change.is_applied


def test_a_store_may_let_it_ship_as_changed_and_printing_still_acknowledges(day, sign_in):
    setting("ship_as_changed")
    order, change = asked()
    day.move_to(AFTER)
    assert run(make.store()) == 1
    assert make.parcel(order).holds == 1
    with pytest.raises(IllegalMove) as refused:
        worlds.do(change, "confirm", make.actor(Role.PRE_SALE))
    assert (refused.value.code, refused.value.facts["did"]) == ("hold_expired", "ship_as_changed")
    assert refused.value.facts["next"] == "printing"
    assert "Printing still has to note it" in str(refused.value)
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}", headers=EN).text
    assert "it ships as changed once printing has noted it" in page
    assert "then kept" not in page
    notice = make.notices(order, NoticeKind.CHANGE)[0]
    service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    assert (make.parcel(order).holds, worlds.effective(order)) == (0, make.NEW_ADDRESS["street"])
    with pytest.raises(IllegalMove) as refused:
        worlds.do(change, "confirm", make.actor(Role.PRE_SALE))
    assert refused.value.facts["next"] == "nothing"
    assert invariants.broken(order.store_id) == []


@pytest.mark.parametrize("act", ["ship_as_ordered", "ship_as_changed"])
def test_a_cancel_wish_and_one_that_printing_has_not_answered_are_kept_whatever_the_store_says(day, act):
    setting(act)
    cancelled, change = asked(Kind.CANCEL, {"text": "不要了"})
    stale = make.order(as_of=NOON - timedelta(days=2))
    make.order(number=stale.number, as_of=NOON - timedelta(days=2))
    waiting = make.change(stale, by=make.actor(Role.PRE_SALE))
    day.move_to(AFTER)
    run(make.store())
    worlds.refresh(change, waiting)
    assert (change.state, waiting.state) == (ChangeState.OPEN, ChangeState.OPEN)
    assert (make.parcel(cancelled).holds, make.parcel(stale).holds) == (1, 1)


def test_a_stop_that_runs_out_is_kept_overdue_once_or_ends_by_itself(day):
    order = make.order(as_of=NOON)
    kept = stop(hours=6)
    ends = stop(hours=6, on_expiry=OnExpiry.SHIP_AS_ORDERED)
    day.move_to(CUT_OFF + timedelta(minutes=1))
    assert [run(make.store()), run(make.store())] == [2, 0]
    worlds.refresh(kept, ends)
    assert holding(order) == [kept.id]
    assert (ends.ended_at, ends.ended_by_id, kept.expired_at) == (AFTER, None, AFTER)
    assert [n.body["code"] for n in make.notices(order, NoticeKind.ALARM)] == ["stop_overdue"]
    assert holding(make.order(as_of=AFTER)) == [kept.id]
    parcel_service.end_stop(kept.id, actor=boss())
    assert holding(order) == []
    assert stops.due_stops(order.store_id, AFTER) == []


def test_e83_on_an_open_page_a_late_yes_hears_what_expiry_did_and_what_is_next_and_the_asker_was_told(day, sign_in):
    store = setting(OnExpiry.SHIP_AS_ORDERED)
    person = make.person(Role.PRE_SALE)
    order = make.order(as_of=NOON)
    change = make.change(order, by=staff_queries.actor_for(person, channel="page"))
    browser = sign_in(person)
    page = browser.get(f"/orders/{order.id}", headers=EN)
    assert "then it ships as ordered" in page.text
    day.move_to(AFTER)
    browser = sign_in(person)
    assert "overdue" not in browser.get(f"/orders/{order.id}", headers=EN).text.partition("sd-panes")[0]
    run(store)
    form = {
        "csrf_token": make.token(browser.get(f"/orders/{order.id}", headers=EN)), "command_key": "y" * 20,
        "text": "对的", "via": "chat", "seen_version": "2",
    }  # fmt: skip
    where = f"/changes/{change.id}/steps/{first_confirm(change)}"
    answer = browser.post(where, data=form, headers=EN)
    assert answer.status_code == 409
    assert "the order goes out as ordered. Ask for the change anew." in answer.text.replace("&#39;", "'")
    (told,) = make.notices(order, NoticeKind.ALARM)
    assert (told.role, told.body["code"], told.person_id) == (Role.PRE_SALE, "withdrawn_by_expiry", person.id)


@pytest.mark.parametrize("act", list(OnExpiry))
def test_a_held_change_says_what_happens_when_its_hold_runs_out(day, sign_in, act):
    setting(act)
    order, _ = asked()
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}", headers=EN).text
    words = {"keep": "then kept", "ship_as_changed": "then it ships as changed", "ship_as_ordered": "ships as ordered"}
    assert [name for name, said in words.items() if said in page] == [str(act)]


def first_confirm(change):
    """Its position, also where it was replaced."""
    found = in_store(
        select(Step.position).where(Step.change_id == change.id, Step.code == "confirm"), change.store_id, Step
    )
    return db.session.scalars(found).first()
