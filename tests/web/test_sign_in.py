"""Signing in and out: throttled, told nothing, ended when rights end."""

import importlib
from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.staff import queries, service
from tests import make

passwords = importlib.import_module("shopdesk.staff.service.sign_in")  # the module, not its function


def attempt(client, login, password, **more):
    page = client.get("/sign-in")
    data = {"login": login, "password": password, "csrf_token": make.token(page)}
    return client.post("/sign-in", data=data, **more)


def from_address(address):
    return {"environ_overrides": {"REMOTE_ADDR": address}}


@pytest.fixture
def later(monkeypatch):
    """Moves the one clock on."""

    def move(**delta):
        now = clock.now() + timedelta(**delta)
        monkeypatch.setattr(clock, "now", lambda: now)

    return move


@pytest.fixture
def who(app):
    return make.person(Role.PRE_SALE, login="ada")


def is_in(client):
    return client.get("/sign-in").status_code == 303


def test_the_right_password_opens_the_desk_and_a_wrong_one_keeps_the_name(browser, who):
    client = browser()
    wrong = attempt(client, "ada", "not it at all")
    assert wrong.status_code == 422
    assert 'value="ada"' in wrong.text
    assert "not it at all" not in wrong.text
    assert attempt(client, " ADA ", make.PASSWORD).status_code == 303
    assert is_in(client)


def test_nobody_is_told_that_a_password_is_kept(browser, who):
    client = browser()
    wrong = attempt(client, "ada", "not it at all", headers={"Accept-Language": "en"})
    assert "Not signed in. Please look at:" in wrong.text
    path = f"/welcome/{service.new_link(who.id, actor=make.ROOT)}"
    data = {"password": "short", "again": "other", "csrf_token": make.token(client.get(path))}
    weak = client.post(path, data=data, headers={"Accept-Language": "en"})
    assert "Please type both again:" in weak.text
    assert "What you typed is kept" not in wrong.text + weak.text


def test_an_unknown_name_a_leaver_and_a_person_without_password_get_the_same_answer(browser, who, monkeypatch):
    leaver, newcomer = make.person(login="leaver"), service.add_person("newcomer", actor=make.ROOT)
    service.disable_person(leaver.id, actor=make.ROOT)
    looked_at = []
    real = passwords.hasher

    class Spy:
        @staticmethod
        def verify(known, given):
            looked_at.append(given)
            return real.verify(known, given)

    monkeypatch.setattr(passwords, "hasher", Spy)
    logins = ["ada", "nobody-of-that-name", leaver.login, newcomer.login]
    answers = [attempt(browser(), login, "a wrong password") for login in logins]
    assert {a.status_code for a in answers} == {422}
    assert len({message_in(a) for a in answers}) == 1
    assert len(looked_at) == len(logins)  # as much work for each, so that the time says nothing either


def message_in(answer):
    return answer.text.split('class="sd-field-err"')[1].split("</p>")[0].replace("login", "")


def test_the_dummy_hash_costs_what_a_real_one_costs():
    assert not make.REAL_HASHER.check_needs_rehash(make.REAL_NOBODY)


def test_after_the_tries_are_used_up_even_the_right_password_waits(app, browser, who, later):
    for _ in range(app.config["SIGN_IN_TRIES"]):
        assert attempt(browser(), "ada", "a wrong password").status_code == 422
    waits = attempt(browser(), "ada", make.PASSWORD)
    assert waits.status_code == 429
    assert 0 < int(waits.headers["Retry-After"]) <= app.config["SIGN_IN_WINDOW_MINUTES"] * 60 + 1
    later(minutes=app.config["SIGN_IN_WINDOW_MINUTES"] + 1)
    assert attempt(browser(), "ada", make.PASSWORD).status_code == 303


def test_nobody_locks_another_person_out_from_elsewhere(app, browser, who):
    for _ in range(app.config["SIGN_IN_TRIES"] + 1):
        attempt(browser(), "ada", "a wrong password", **from_address("10.0.0.9"))
    assert attempt(browser(), "ada", make.PASSWORD, **from_address("10.0.0.9")).status_code == 429
    assert attempt(browser(), "ada", make.PASSWORD, **from_address("10.0.0.1")).status_code == 303


def test_an_address_that_tries_many_names_is_stopped_and_a_good_sign_in_between_does_not_help(
    app, browser, who, monkeypatch
):
    monkeypatch.setitem(app.config, "SIGN_IN_TRIES", 2)
    most = 2 * 5
    statuses = []
    for number in range(most + 1):
        statuses.append(attempt(browser(), f"name{number}", "a wrong password").status_code)
        if number == 3:
            attempt(browser(), "ada", make.PASSWORD)
    assert statuses == [422] * most + [429]


def test_a_success_gives_the_account_its_tries_back(app, browser, who):
    for _ in range(3):
        for _ in range(app.config["SIGN_IN_TRIES"] - 1):
            attempt(browser(), "ada", "a wrong password")
        assert attempt(browser(), "ada", make.PASSWORD).status_code == 303


@pytest.mark.both_engines
def test_the_try_is_counted_before_the_password_is_looked_at(app, who, monkeypatch):
    counts = []

    def look(_person, _password):
        counts.append(make.db.session.query(passwords.SignInTries.count).first()[0])
        return False

    monkeypatch.setattr(passwords, "_matches", look)
    for _ in range(2):
        with pytest.raises(passwords.NotSignedIn):
            service.sign_in("ada", "x", address="10.0.0.1", tries=8, window_minutes=15)
    assert counts == [1, 2]


# -- ends


@pytest.mark.parametrize(
    "end",
    [
        lambda p: service.disable_person(p.id, actor=make.ROOT),
        lambda p: service.new_link(p.id, actor=make.ROOT),
        lambda p: service.sign_out_everywhere(p.id, actor=make.ROOT),
        lambda p: service.redeem_link(service.new_link(p.id, actor=make.ROOT), "another long password"),
    ],
    ids=["disabled", "reset", "signed out everywhere", "new password"],
)
def test_a_session_ends_with_the_next_request_when(sign_in, who, end):
    client = sign_in(who)
    assert is_in(client)
    end(who)
    assert not is_in(client)


def copied(client, browser):
    """Another browser with a copy of this one's cookie."""
    thief = browser()
    thief.set_cookie("sd", client.get_cookie("sd").value)
    return thief


def sign_out(client):
    page = client.get("/there-is-no-such-page")
    return client.post("/sign-out", data={"csrf_token": make.token(page)})


@pytest.mark.both_engines
def test_signing_out_ends_every_copy_of_the_cookie_and_no_other_session(sign_in, browser, who):
    client, elsewhere = sign_in(who), sign_in(who)
    thief, later_thief = copied(client, browser), copied(client, browser)
    assert is_in(thief)
    assert sign_out(client).status_code == 303
    assert not is_in(thief)
    assert not is_in(later_thief)
    assert is_in(elsewhere)


@pytest.mark.parametrize(
    "end",
    [
        lambda p: service.disable_person(p.id, actor=make.ROOT),
        lambda p: service.new_link(p.id, actor=make.ROOT),
        lambda p: service.sign_out_everywhere(p.id, actor=make.ROOT),
    ],
    ids=["disabled", "reset", "signed out everywhere"],
)
def test_a_copied_cookie_ends_when(sign_in, browser, who, end):
    thief = copied(sign_in(who), browser)
    assert is_in(thief)
    end(who)
    assert not is_in(thief)


def test_a_copied_cookie_that_signs_out_again_changes_nothing(sign_in, browser, who):
    client = sign_in(who)
    thief = copied(client, browser)
    page = thief.get("/there-is-no-such-page")
    assert sign_out(client).status_code == 303
    answer = thief.post("/sign-out", data={"csrf_token": make.token(page)})
    assert (answer.status_code, answer.location) == (303, "/sign-in")


def test_an_ended_session_is_forgotten_only_when_its_cookie_could_not_work_any_more(app, sign_in, browser, who, later):
    client = sign_in(who)
    thief = copied(client, browser)
    sign_out(client)
    later(hours=app.config["SESSION_MAX_HOURS"] - 1)
    assert service.forget_ended_sessions() == 0
    later(hours=2)
    assert service.forget_ended_sessions() == 1
    assert not is_in(thief)


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(sign_in, who):
    make.store()
    client = sign_in(who)
    assert client.get("/").status_code == 200
    service.take_away(who.id, Role.PRE_SALE, store_id=None, actor=make.ROOT)
    assert client.get("/").status_code == 403
    assert queries.actor_for(who, channel="api").roles == {}


def test_a_session_ends_when_it_is_idle_for_too_long(app, sign_in, who, later):
    client = sign_in(who)
    later(minutes=app.config["SESSION_IDLE_MINUTES"] - 1)
    assert is_in(client)
    later(minutes=app.config["SESSION_IDLE_MINUTES"] - 1)
    assert is_in(client)  # the request before was a sign of life
    later(minutes=app.config["SESSION_IDLE_MINUTES"] + 1)
    assert not is_in(client)


def test_a_session_ends_after_its_longest_time_however_busy(app, sign_in, who, later):
    client = sign_in(who)
    hours = 0
    while hours < app.config["SESSION_MAX_HOURS"]:
        assert is_in(client)
        later(hours=8)
        hours += 8
    later(hours=1)
    assert not is_in(client)


def test_signing_out_empties_the_session_but_for_the_language(sign_in, who):
    service.set_locale(who.id, "en", actor=make.ROOT)
    client = sign_in(who)
    page = client.get("/there-is-no-such-page")
    assert client.post("/sign-out", data={"csrf_token": make.token(page)}).status_code == 303
    assert not is_in(client)
    with client.session_transaction() as kept:
        assert set(kept) <= {"locale", "csrf_token", "_fresh"}
        assert kept["locale"] == "en"


def test_a_forged_or_foreign_session_opens_nothing(browser, who):
    client = browser()
    client.set_cookie("sd", "eyJfdXNlcl9pZCI6IjEuMSJ9.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert not is_in(client)
    for user_id in ("1", "1.", ".1", "x.1.s", "1.x.s", "999.1.s", f"{who.id}.99.s", f"{who.id}.{who.epoch}."):
        with client.session_transaction() as session:
            session.update(_user_id=user_id, since=clock.now().timestamp(), seen=clock.now().timestamp())
        assert not is_in(client), user_id


# -- the one-time link


def test_a_one_time_link_sets_the_password_once(browser, app):
    person = service.add_person("newcomer", actor=make.ROOT)
    link = f"/welcome/{service.new_link(person.id, actor=make.ROOT)}"
    client = browser()
    data = {"password": "a long enough one", "again": "a long enough one", "csrf_token": make.token(client.get(link))}
    assert client.post(link, data=data).status_code == 303
    assert is_in(client)
    again = browser()
    used = again.get(link, headers={"Accept-Language": "en"})
    assert used.status_code == 404
    assert "Ask a supervisor for a new one-time link" in used.text
    assert 'type="password"' not in used.text
    data["csrf_token"] = make.token(used)
    assert again.post(link, data=data).status_code == 404
    assert attempt(browser(), "newcomer", "a long enough one").status_code == 303


def test_an_old_link_and_one_that_was_replaced_do_nothing(browser, app, later):
    person = service.add_person("newcomer", actor=make.ROOT)
    first, second = (service.new_link(person.id, actor=make.ROOT) for _ in range(2))
    assert use(browser(), first).status_code == 404
    later(days=8)
    assert use(browser(), second).status_code == 404


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "newcomer-1"])
def test_a_weak_password_is_refused_and_the_link_stays(browser, app, password):
    person = service.add_person("newcomer-1", actor=make.ROOT)
    link = service.new_link(person.id, actor=make.ROOT)
    assert use(browser(), link, password).status_code == 422
    assert use(browser(), link).status_code == 303


def use(client, secret, password="a long enough one"):
    path = f"/welcome/{secret}"
    return client.post(path, data={"password": password, "again": password, "csrf_token": make.token(client.get(path))})
