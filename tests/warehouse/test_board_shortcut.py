"""An unchanged board is told so before anything else is asked, and nobody gets more by it than the long way gives."""

import json
import threading
from base64 import urlsafe_b64encode
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.staff import service as staff
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.states import Mode
from shopdesk.warehouse.views import board_kept, board_mark, board_shortcut
from shopdesk.warehouse.views.board_shortcut import SharedHeads
from shopdesk.web import security
from tests import make
from tests.statements import seen_statements

pytestmark = pytest.mark.usefixtures("app")
NOW = "/warehouse/board/now"


class Wall:
    """The board of one browser; `look` asks with the mark that it was given last."""

    def __init__(self, sign_in, person):
        self.person, self.client, self.mark = person, sign_in(person), ""
        for _ in range(3):  # the first answer may have renewed the cookie
            self.look()
        assert not self.was_known

    def look(self, mark=None, **more):
        sent = self.mark if mark is None else mark
        headers = {"If-None-Match": f'"{sent}"', "Accept-Language": "en", **more.pop("headers", {})}
        with seen_statements() as seen:
            answer = self.client.open(NOW, headers=headers, **more)
        self.asked = [sql for sql, _values in seen]
        self.cookies = answer.request.headers["Cookie"]
        if mark is None and answer.status_code in {200, 304}:
            self.mark = answer.headers["ETag"].strip('"')
        return answer

    @property
    def was_known(self):
        """Whether the last look asked who is there."""
        return any("FROM person" in sql for sql in self.asked)


@pytest.fixture
def store(app):
    return make.store()


@pytest.fixture
def wall(store, sign_in):
    return Wall(sign_in, make.person(Role.WAREHOUSE))


def printed(stage=Stage.PRINTED):
    order = make.order()
    make.fact(order, stage)
    return order


def wished(order, by=None, **more):
    return make.change(order, by=by or make.actor(Role.PRE_SALE), **more)


def fixed(answer):
    """The headers that are the same at every look; a page's policy names a number of its own."""
    own = {"ETag", "X-Now", "X-Request-ID", "Content-Security-Policy"}
    return {(name, value) for name, value in answer.headers if name not in own}


@pytest.mark.both_engines
def test_an_unchanged_look_is_one_read_of_the_newest_events_and_answers_as_the_long_way_does(wall):
    long = wall.look(wall.mark.partition(".")[0])
    assert (long.status_code, wall.was_known) == (304, True)
    for _ in range(3):
        short = wall.look()
        assert (short.status_code, short.text) == (304, "")
        assert len(wall.asked) == 1
        assert "event_head" in wall.asked[0]
        assert fixed(short) == fixed(long)
        assert short.headers["Content-Security-Policy"] == security.NO_PAGE
        assert short.headers["X-Now"] > long.headers["X-Now"]
        assert short.headers["ETag"].strip('"') == wall.mark


def test_what_a_wish_put_on_the_board_is_there_at_the_next_look(wall):
    assert wall.look().status_code == 304
    wished(printed())
    fresh = wall.look()
    assert (fresh.status_code, wall.was_known) == (200, True)
    assert "Fetch the papers" in fresh.text
    assert (wall.look().status_code, wall.was_known) == (304, False)


def test_a_board_that_shows_something_else_is_not_taken_for_unchanged(store, wall, sign_in):
    other, asker = Wall(sign_in, make.person(Role.WAREHOUSE)), make.actor(Role.PRE_SALE)
    wall.look()
    other.look()
    wished(printed(), by=asker)
    assert (wall.look().status_code, wall.was_known) == (200, True)
    assert (other.look().status_code, other.was_known) == (200, True)


def test_after_an_event_that_shows_nowhere_one_board_looks_for_all(store, wall, sign_in):
    other = Wall(sign_in, make.person(Role.WAREHOUSE))
    wall.look()
    make.order()
    assert (wall.look().status_code, wall.was_known) == (304, True)
    assert (other.look().status_code, other.was_known) == (304, False)


@pytest.mark.parametrize("place", ["shown", "said", "signature"])
def test_a_forged_mark_goes_the_long_way(wall, place):
    parts = dict(zip(("shown", "said", "signature"), wall.mark.split("."), strict=True))
    parts[place] = ("A" if parts[place][0] != "A" else "B") + parts[place][1:]
    assert wall.look(".".join(parts.values())).status_code == (200 if place == "shown" else 304)
    assert wall.was_known


@pytest.mark.parametrize("mark", ["", "a", "a.b", "a.b.c", "..", "é.b.c", "x" * 3000, "*"])
def test_a_mark_that_is_none_goes_the_long_way(wall, mark):
    assert wall.look(mark).status_code == 200
    assert wall.was_known


def test_a_mark_that_somebody_wrote_with_another_key_opens_nothing(wall, store):
    said = urlsafe_b64encode(json.dumps([[store.id], "en", 0, clock.now().timestamp()]).encode()).decode()
    assert board_mark.read(f"x.{said}.", "key", "") is None
    mine = board_mark.Mark("x", (store.id,), "en", 3, 1.5)
    text = board_mark.written(mine, "key", "sd=1")
    assert board_mark.read(text, "key", "sd=1") == mine
    assert board_mark.read(text, "other key", "sd=1") is None
    assert board_mark.read(text, "key", "sd=2") is None


def test_a_board_of_too_many_stores_for_a_header_asks_the_long_way():
    many = board_mark.Mark("x", tuple(range(10**6, 10**6 + 500)), "en", 3, 1.5)
    assert board_mark.written(many, "key", "") == "x"


def test_a_mark_holds_for_the_browser_that_it_was_given_to_alone(wall, sign_in, browser):
    other_store = make.store("other")
    foreign = Wall(sign_in, make.person(Role.WAREHOUSE, store_id=other_store.id))
    assert foreign.look(wall.mark).status_code in {200, 304}
    assert foreign.was_known
    stranger = browser()
    assert stranger.get(NOW, headers={"If-None-Match": f'"{wall.mark}"'}).status_code in {302, 303, 401}


def test_a_wish_in_a_store_that_a_board_does_not_serve_costs_it_nothing(store, sign_in):
    wall = Wall(sign_in, make.person(Role.WAREHOUSE, store_id=store.id))
    other = make.store("other")
    wall.look()
    make.order(other)
    assert (wall.look().status_code, wall.was_known) == (304, False)


@pytest.mark.parametrize("act", ["disabled", "signed_out", "role_taken"])
def test_who_may_look_no_longer_is_asked_at_once(store, wall, act, sign_in):
    wall.look()
    if act == "disabled":
        staff.disable_person(wall.person.id, actor=make.ROOT)
    elif act == "signed_out":
        staff.sign_out_everywhere(wall.person.id, actor=make.ROOT)
    else:
        staff.take_away(wall.person.id, Role.WAREHOUSE, store_id=None, actor=make.ROOT)
    assert wall.look().status_code in {302, 303, 401, 403}
    assert wall.was_known


def test_after_a_quarter_of_a_minute_the_long_way_is_gone_and_signs_anew(wall, monkeypatch):
    old = wall.mark
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=board_shortcut.ASK_AGAIN_SECONDS))
    assert (wall.look().status_code, wall.was_known) == (304, True)
    assert wall.mark != old
    assert (wall.look().status_code, wall.was_known) == (304, False)
    monkeypatch.setattr(clock, "now", lambda: now - timedelta(seconds=60))  # the clock was put back
    assert (wall.look().status_code, wall.was_known) == (304, True)


def test_a_pull_back_out_of_time_is_ended_by_the_next_look_though_nobody_wrote_anything(wall, monkeypatch):
    order = printed(Stage.PACKED)
    service.scan(order.number, Mode.SHIP, actor=make.actor(Role.WAREHOUSE))
    wished(order, pulls_back=True)
    wall.look()
    assert (wall.look().status_code, wall.was_known) == (304, False)
    (kept,) = [kept for kept in board_kept._kept.values() if wall.mark.startswith(kept.mark)]
    assert kept.next_until is not None
    monkeypatch.setattr(clock, "now", lambda late=kept.next_until + timedelta(seconds=1): late)
    monkeypatch.setattr(board_shortcut, "ASK_AGAIN_SECONDS", 10**6)
    assert (wall.look().status_code, wall.was_known) == (200, True)


def test_a_host_that_is_not_ours_goes_the_long_way(app, wall):
    environ = {}

    def keep(sent, _start):
        environ.update(sent)
        return []

    then, app.wsgi_app._then = app.wsgi_app._then, keep
    try:
        sent = {"REQUEST_METHOD": "GET", "PATH_INFO": NOW, "wsgi.url_scheme": "http", "HTTP_COOKIE": wall.cookies}
        sent |= {"HTTP_IF_NONE_MATCH": f'"{wall.mark}"', "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80"}
        statuses = []
        app.wsgi_app({**sent, "HTTP_HOST": "localhost"}, lambda status, _headers: statuses.append(status))
        assert (statuses, environ) == (["304 NOT MODIFIED"], {})
        app.wsgi_app({**sent, "HTTP_HOST": "evil.example"}, lambda status, _headers: statuses.append(status))
        assert environ["HTTP_HOST"] == "evil.example"
    finally:
        app.wsgi_app._then = then


def test_another_method_and_a_query_go_the_long_way(wall):
    assert wall.look(query_string="x=1").status_code == 304
    assert wall.was_known
    assert wall.look(method="HEAD").status_code == 304
    assert wall.was_known


def test_a_chosen_language_is_shown_at_the_next_look(wall):
    assert 'lang="en"' not in wall.look().text
    staff.set_locale(wall.person.id, "zh_Hans_CN", actor=make.ROOT)
    assert (wall.look().status_code, wall.was_known) == (200, True)


def test_a_database_that_does_not_answer_is_the_long_ways_to_tell(wall, monkeypatch):
    def broken():
        raise OperationalError("", None, Exception("gone"))

    monkeypatch.setattr(queries, "heads", broken)
    assert (wall.look().status_code, wall.was_known) == (304, True)


def test_one_read_of_the_newest_events_serves_all_for_a_moment(app, store, monkeypatch):
    heads = SharedHeads(app, 60)
    first = heads.now()
    make.order()
    read = []
    monkeypatch.setattr(queries, "heads", lambda: read.append(1))
    threads = [threading.Thread(target=heads.now) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heads.now() is first
    assert read == []
    monkeypatch.undo()
    assert SharedHeads(app, 0).now() != first
