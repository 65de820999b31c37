"""代班: a role until a time, given by a supervisor, read afresh at every request, said in the trail."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Permission, Role
from shopdesk.notices.models import Answer
from shopdesk.staff import queries, service
from tests import make
from tests.desk.pages import fields, send
from tests.racing import race

pytestmark = pytest.mark.usefixtures("app")
START = "/people/stand-ins"
HOURS = timedelta(hours=3)


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def boss(store):
    return make.actor(Role.SUPERVISOR, store_id=store.id, signature="青禾")


def appoint(person, store, boss, role=Role.PRINTING, **more):
    values = {"until": clock.now() + HOURS, "reason": "午休", **more}
    return service.stand_in(person.id, role, store.id, actor=boss, **values)


def later(monkeypatch, by):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + by)


@pytest.mark.both_engines
def test_a_stand_in_has_the_role_until_its_time_and_nothing_of_it_afterwards(store, boss, monkeypatch):
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    appoint(person, store, boss)
    held = queries.actor_for(person, channel="page")
    assert held.roles == {store.id: frozenset({Role.WAREHOUSE, Role.PRINTING})}
    assert held.stands_in(Role.PRINTING, store.id)
    assert not held.stands_in(Role.WAREHOUSE, store.id)
    assert held.may(Permission.PARCEL_VOID, store.id)
    later(monkeypatch, HOURS)
    gone = queries.actor_for(person, channel="page")
    assert (gone.roles, dict(gone.standing)) == ({store.id: frozenset({Role.WAREHOUSE})}, {})


@pytest.mark.both_engines
def test_a_token_of_a_stand_in_ends_with_it(store, boss, api, monkeypatch):
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    call = api(person)
    assert call("POST", "/print-checks", {"numbers": ["1"]}).status_code == 403
    appoint(person, store, boss)
    assert call("POST", "/print-checks", {"numbers": ["1"]}).status_code == 201
    later(monkeypatch, HOURS)
    assert call("POST", "/print-checks", {"numbers": ["1"]}).status_code == 403


def test_somebody_without_any_role_may_stand_in(store, boss, sign_in):
    person = make.person()
    appoint(person, store, boss)
    assert sign_in(person).get("/print-check").status_code == 200


def test_a_page_that_was_open_is_refused_after_the_end_and_nothing_is_changed(store, boss, sign_in):
    order = make.order(store)
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    notice = make.notices(order)[0]
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    given = appoint(person, store, boss)
    desk = sign_in(person)
    form = fields(desk.get("/inbox"), f"/inbox/{notice.id}")
    service.end_stand_in(given.id, actor=boss)
    late = desk.post(f"/inbox/{notice.id}", data={**form, "answer": "not_printed"})
    assert late.status_code == 403
    db.session.refresh(change)
    assert str(change.state) == "open"


def test_a_form_sent_after_the_time_is_refused_too(store, boss, sign_in, monkeypatch):
    order = make.order(store)
    make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    notice = make.notices(order)[0]
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    appoint(person, store, boss, until=clock.now() + timedelta(minutes=5))
    desk = sign_in(person)
    form = fields(desk.get("/inbox"), f"/inbox/{notice.id}")
    later(monkeypatch, timedelta(minutes=6))
    assert desk.post(f"/inbox/{notice.id}", data={**form, "answer": "not_printed"}).status_code == 403


def test_the_trail_says_that_somebody_stood_in(store, boss):
    order = make.order(store)
    make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    appoint(person, store, boss)
    who = queries.actor_for(person, channel="page")
    changes.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=who)
    found = db.session.scalars(select(Event).where(Event.action == "notice.answered")).one()
    assert (found.role, found.body["standing_in"]) == ("printing", True)


def test_ones_own_role_is_named_before_one_that_one_stands_in_for(store, boss):
    person = make.person(Role.PRINTING, store_id=store.id)
    appoint(person, store, boss, Role.PRE_SALE)
    who = queries.actor_for(person, channel="page")
    assert who.role_for(Permission.IMPORT_WRITE, store.id) is Role.PRINTING
    assert who.role_for(Permission.CHANGE_ASK, store.id) is Role.PRE_SALE


def test_only_a_supervisor_of_that_store_appoints(store, boss):
    person, other = make.person(), make.store("other-shop")
    for who in (make.actor(role, store_id=store.id) for role in (Role.PRE_SALE, Role.MANAGER, Role.PRINTING)):
        with pytest.raises(NotAllowed):
            appoint(person, store, who)
    with pytest.raises(NotFound):
        appoint(person, other, boss)
    given = appoint(person, store, boss)
    elsewhere = make.actor(Role.SUPERVISOR, store_id=other.id)
    with pytest.raises(NotFound):
        service.end_stand_in(given.id, actor=elsewhere)


def test_who_stands_in_for_a_supervisor_appoints_nobody(store, boss):
    person = make.person(Role.PRE_SALE, store_id=store.id)
    appoint(person, store, boss, Role.SUPERVISOR)
    who = queries.actor_for(person, channel="page")
    assert who.acts_as(Role.SUPERVISOR, store.id)
    with pytest.raises(NotAllowed):
        appoint(person, store, who, Role.FINANCE)
    with pytest.raises(NotAllowed):
        service.end_stand_in(1, actor=who)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": "  "}, "value_required"),
        ({"reason": "长" * 201}, "too_long"),
        ({"until": clock.now() - timedelta(minutes=1)}, "bad_until"),
        ({"until": clock.now() + timedelta(days=40)}, "bad_until"),
        ({"role": Role.INTEGRATION}, "bad_role"),
        ({"role": Role.WAREHOUSE}, "has_role"),
    ],
)
def test_what_makes_no_sense_is_refused(store, boss, more, code):
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    with pytest.raises(RuleViolation) as refused:
        appoint(person, store, boss, **more)
    assert refused.value.code == code


def test_a_leaver_stands_in_for_nobody(store, boss):
    person = make.person()
    service.disable_person(person.id, actor=make.ROOT)
    with pytest.raises(NotFound):
        appoint(person, store, boss)


@pytest.mark.both_engines
def test_of_two_appointments_at_once_one_holds(app, store, boss):
    person_id, store_id, until = make.person().id, store.id, clock.now() + HOURS

    def give():
        service.stand_in(person_id, Role.PRINTING, store_id, until=until, reason="午休", actor=boss)

    found = race(app, give, give)
    assert found.count("ok") == 1
    assert set(found) <= {"ok", "already_there", "has_role"}


def test_the_same_person_can_be_appointed_again_once_it_ran_out(store, boss, monkeypatch):
    person = make.person()
    first = appoint(person, store, boss)
    later(monkeypatch, HOURS)
    again = appoint(person, store, boss, until=clock.now() + HOURS)
    db.session.refresh(first)
    assert (first.ended_at, first.ended_by_id) == (first.until, None)
    with pytest.raises(IllegalMove):
        service.end_stand_in(first.id, actor=boss)
    service.end_stand_in(again.id, actor=boss)


@pytest.mark.both_engines
def test_of_two_who_end_it_one_does(app, store, boss):
    given = appoint(make.person(), store, boss).id
    found = race(app, *(lambda: service.end_stand_in(given, actor=boss) for _ in range(2)))
    assert sorted(found) == ["ok", "stand_in_over"]


def test_a_supervisor_appoints_and_ends_on_the_page_and_the_person_sees_it_above(store, sign_in):
    boss = sign_in(make.person(Role.SUPERVISOR, store_id=store.id, signature="青禾"))
    boss.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    person = make.person(Role.WAREHOUSE, store_id=store.id, signature="大壮")
    until = (clock.now() + timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M")
    typed = {"store_id": str(store.id), "person_id": str(person.id), "role": "printing", "reason": "午休"}
    empty = send(boss, boss.get(START), START, **typed, until="")
    assert empty.status_code == 422
    assert "午休" in empty.text
    assert send(boss, boss.get(START), START, **typed, until=until).status_code == 303
    page = boss.get(START)
    assert "大壮" in page.text
    worker = sign_in(person)
    worker.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "standing in: Printing until" in worker.get("/work").text
    given = queries.stand_ins(queries.actor_for(boss_of(store), channel="page"))[0].stand_in
    assert send(boss, page, f"{START}/{given.id}/end").status_code == 303
    assert "standing in" not in worker.get("/work").text
    again = boss.post(f"{START}/{given.id}/end", data={"csrf_token": make.token(boss.get(START))})
    assert again.status_code == 409


def boss_of(store):
    return make.person(Role.SUPERVISOR, store_id=store.id)


def test_an_appointment_widens_no_token(store, boss):
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    appoint(person, store, boss)
    narrowed = queries.actor_for(person, channel="api", limit=frozenset({Permission.ORDER_READ}))
    assert not narrowed.may(Permission.PARCEL_VOID, store.id)


def test_the_control_without_the_time_the_rights_stay(store, boss, monkeypatch):
    """What the tests above look for is there when nobody looks at the clock."""
    person = make.person()
    appoint(person, store, boss)
    stopped = clock.now()
    later(monkeypatch, HOURS)
    monkeypatch.setattr(queries.clock, "now", lambda: stopped)
    assert queries.actor_for(person, channel="page").roles


def test_receivers_of_papers_include_who_stands_in(store, boss):
    person = make.person(signature="大壮")
    appoint(person, store, boss, Role.AFTER_SALE)
    assert (person.id, "大壮") in queries.people_of_store(store.id, Role.AFTER_SALE)
    assert not queries.people_of_store(make.store("other-shop").id, Role.AFTER_SALE)


def test_the_command_line_appoints(app, store):
    person = make.person()
    run = app.test_cli_runner()
    words = ["shopdesk", "staff", "stand-in", person.login, "--role", "printing", "--store", store.slug]
    done = run.invoke(args=[*words, "--until", "23:59", "--reason", "午休"])
    assert done.exit_code == 0, done.output
    assert queries.actor_for(person, channel="page").stands_in(Role.PRINTING, store.id)
    assert run.invoke(args=[*words, "--until", "soon", "--reason", "午休"]).exit_code == 2
    assert run.invoke(args=["shopdesk", "store", "nudge", store.slug, "10"]).exit_code == 0
    assert run.invoke(args=["shopdesk", "store", "nudge", store.slug, "0"]).exit_code == 2


def test_a_cancel_wish_is_asked_for_by_who_stands_in_for_pre_sale(store, boss):
    person = make.person(Role.WAREHOUSE, store_id=store.id)
    appoint(person, store, boss, Role.PRE_SALE)
    change = make.change(make.order(store), Kind.CANCEL, {}, by=queries.actor_for(person, channel="page"))
    assert change.asked_by_id == person.id
