"""The day by which a customer is to have sent is moved on: who may, how often, what stays, what they are told."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from shopdesk.cases import queries as cases
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.returns import queries, service
from shopdesk.staff import queries as staff
from shopdesk.staff import service as staff_service
from tests import make
from tests.racing import race
from tests.returns.world import agent, boss, case_of, confirmed, sent

pytestmark = pytest.mark.usefixtures("app")


def code(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value.code


def in_days(days):
    return clock.now() + timedelta(days=days)


def waiting(owner=None):
    owner = owner or agent()
    case = case_of(sent(), owner)
    return owner, case, confirmed(case, owner)


def now(back):
    db.session.expire_all()
    return queries.return_by_id(back.id, Actor.system([back.store_id]))


def test_the_owner_moves_the_day_once_and_reason_days_and_person_stay():
    owner, case, back = waiting()
    before, until = back.until, in_days(12)
    service.extend(back.id, until, "客户在外地，周末才回", actor=owner)
    assert now(back).until == until
    (note,) = cases.notes_of(case)
    words = note.text.reveal("test")
    assert "客户在外地，周末才回" in words
    assert note.made_by_id == owner.id
    event = db.session.scalars(select(Event).where(Event.action == "return.extended")).one()
    assert (event.actor_id, event.subject_id, event.body["is_exception"]) == (owner.id, back.id, False)
    assert (event.body["before"], event.body["until"]) == (before.isoformat(), until.isoformat())
    assert "外地" not in str(event.body)


def test_the_second_time_is_an_exception_of_a_supervisor_and_is_kept_with_the_return():
    owner, _case, back = waiting()
    service.extend(back.id, in_days(12), "外地", actor=owner)
    with pytest.raises(DomainError) as caught:
        service.extend(back.id, in_days(20), "还没回来", actor=owner)
    assert (caught.value.code, caught.value.facts["times"]) == ("extended_before", 1)
    above = boss()
    service.extend(back.id, in_days(20), "住院", actor=above)
    found = now(back)
    assert (found.exception.reveal("test"), found.excepted_by_id) == ("住院", above.id)
    service.extend(back.id, in_days(30), "还在住院", actor=above)
    assert now(back).exception.reveal("test") == "住院\n还在住院"
    assert queries.extended(back.id) == 3


def test_a_store_says_how_often():
    owner, _case, back = waiting()
    slug = staff.store_by_id(back.store_id).slug
    staff_service.set_return_extensions(slug, 2, actor=make.ROOT)
    for days in (10, 11):
        service.extend(back.id, in_days(days), "外地", actor=owner)
    assert code(service.extend, back.id, in_days(12), "外地", actor=owner) == "extended_before"
    staff_service.set_return_extensions(slug, 0, actor=make.ROOT)
    other, _case, fresh = waiting()
    assert code(service.extend, fresh.id, in_days(12), "外地", actor=other) == "extended_before"
    assert code(staff_service.set_return_extensions, slug, 10, actor=make.ROOT) == "bad_times"


@pytest.mark.parametrize(("days", "said"), [(-1, "bad_until"), (1, "not_later"), (91, "bad_until")])
def test_only_to_a_later_day_within_ninety(days, said):
    owner, _case, back = waiting()
    until = back.until
    assert code(service.extend, back.id, in_days(days), "外地", actor=owner) == said
    assert now(back).until == until


def test_without_a_reason_by_a_stranger_or_once_it_is_on_its_way_it_is_refused():
    owner, case, back = waiting()
    assert code(service.extend, back.id, in_days(12), "  ", actor=owner) == "value_required"
    assert code(service.extend, back.id, in_days(12), "外地", actor=agent(signature="别人")) == "not_the_owner"
    for role in (Role.PRE_SALE, Role.WAREHOUSE, Role.PRINTING, Role.FINANCE):
        who = make.actor(role, store_id=back.store_id)
        assert code(service.extend, back.id, in_days(12), "外地", actor=who) == "not_allowed"
    other = make.actor(Role.AFTER_SALE, store_id=make.store("other").id)
    assert code(service.extend, back.id, in_days(12), "外地", actor=other) == "not_found"
    service.record_waybills(back.id, "SF1234567890123", actor=owner)
    assert code(service.extend, back.id, in_days(12), "外地", actor=owner) == "wrong_state"
    assert cases.notes_of(case) == []


def test_what_was_overdue_leaves_the_list_of_what_is_overdue():
    owner, _case, back = waiting()
    make._write(back, {"until": in_days(-1)})
    assert [row.id for row in queries.overdue(owner, clock.now())] == [back.id]
    service.extend(back.id, in_days(5), "外地", actor=owner)
    assert queries.overdue(owner, clock.now()) == []


def test_the_slip_and_the_phrase_say_the_new_day(sign_in):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    owner, case, back = waiting(staff.actor_for(person, channel="page"))
    browser = sign_in(person)
    page = f"/cases/{case.id}"
    until = in_days(12).astimezone(ZoneInfo(make.store().zone))
    typed = {"csrf_token": make.token(browser.get(page)), "until": until.strftime("%Y-%m-%dT23:59"), "reason": "外地"}
    answer = browser.post(f"/returns/{back.id}/extend", data=typed)
    assert answer.status_code == 303
    day = until.date().isoformat()
    text = service.open_slip(back.id, actor=owner).text
    assert day in text
    shown = browser.get(page).text
    assert f"延长到 {day}" in shown
    assert f"/returns/{back.id}/extend" not in shown  # once; the next is a supervisor's
    above = sign_in(make.person(Role.SUPERVISOR, store_id=make.store().id))
    assert f"/returns/{back.id}/extend" in above.get(page).text


def test_a_day_that_makes_no_sense_is_shown_again_as_it_was_typed(sign_in):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id)
    _owner, case, back = waiting(staff.actor_for(person, channel="page"))
    browser = sign_in(person)
    typed = {
        "csrf_token": make.token(browser.get(f"/cases/{case.id}")),
        "until": "2020-01-01T10:00",
        "reason": "外地人",
    }
    answer = browser.post(f"/returns/{back.id}/extend", data=typed)
    assert answer.status_code == 422
    assert 'value="2020-01-01T10:00"' in answer.text
    assert 'value="外地人"' in answer.text


def test_the_api_gives_longer_and_says_how_often(api):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id)
    _owner, _case, back = waiting(staff.actor_for(person, channel="page"))
    call = api(person)
    body = {"until": in_days(12).isoformat(), "reason": "外地"}
    done = call("POST", f"/returns/{back.id}/extension", body, key="e1")
    assert (done.status_code, done.json["extended"], done.json["state"]) == (200, 1, "confirmed")
    assert call("POST", f"/returns/{back.id}/extension", body, key="e1").json == done.json
    refused = call("POST", f"/returns/{back.id}/extension", {**body, "until": in_days(20).isoformat()})
    assert (refused.status_code, refused.json["error"], refused.json["facts"]["times"]) == (409, "extended_before", 1)
    assert call("POST", f"/returns/{back.id}/extension", {"until": body["until"]}).status_code == 400
    assert queries.extended(back.id) == 1


@pytest.mark.both_engines
def test_of_two_at_once_one_moves_the_day(app):
    owner, _case, back = waiting()
    back_id = back.id
    days = [in_days(12), in_days(13)]
    done = race(app, *[lambda until=until: service.extend(back_id, until, "外地", actor=owner) for until in days])
    assert sorted(done) == ["extended_before", "ok"]
    assert queries.extended(back_id) == 1
