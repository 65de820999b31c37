"""进行中改单: every open change by its next step, counted, filtered, reminded of; the pages of handing on."""

from datetime import timedelta

import pytest

from shopdesk.changes import service
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.watch import Filter, watch
from shopdesk.desk.states import Waits
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.staff import queries as staff
from shopdesk.staff import service as staff_service
from tests import make, worlds
from tests.desk.pages import EN, by, fields, path, send
from tests.statements import seen_statements

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
START = "/changes"
PAGE = 4  # instead of the 50 of the desk


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def asker(store):
    return make.person(Role.PRE_SALE, signature="小满")


@pytest.fixture
def signed(sign_in):
    def start(*roles, signature="青禾"):
        client = sign_in(make.person(*roles, signature=signature))
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = EN["Accept-Language"]
        return client

    return start


def asked(asker, **more):
    return make.change(make.order(), by=by(asker), **more)


def numbers(page):
    return page.text.count("<tr data-row")


def late(monkeypatch, **by_time):
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(**by_time))


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_each_open_change_stands_once_at_its_next_step_and_what_is_over_does_not(asker):
    waits, ready = asked(asker), asked(asker, yes=True)
    order = make.order(lines=(make.line(price_minor=900),))
    gone = make.change(order, Kind.CANCEL, {}, by=by(asker))
    worlds.do(gone, "void", make.actor(Role.PRINTING))
    over = asked(asker, kind=Kind.COURIER, value={"text": "顺丰"}, yes=True)
    service.withdraw(over.id, "不要了", actor=by(asker))
    found = watch(make.actor(Role.SUPERVISOR), Filter())
    assert [(row.waiting.change_id, row.waiting.code) for row in found.rows] == [
        (waits.id, "confirm"), (ready.id, "acknowledge"), (gone.id, "refund"),
    ]  # fmt: skip
    assert found.turns == {Waits.CUSTOMER: 1, Waits.PRINTING: 1, Waits.AFTER_SALE: 1}
    assert [row.named for row in found.rows] == ["小满", None, None]


@pytest.mark.both_engines
def test_the_filters_find_what_they_name(asker, monkeypatch):
    waits, ready = asked(asker), asked(asker, yes=True)
    other = make.person(Role.PRE_SALE, signature="小棠")
    third = asked(other, kind=Kind.COURIER, value={"text": "顺丰"})
    boss = make.actor(Role.SUPERVISOR)

    def ids(who=boss, **wanted):
        return [row.waiting.change_id for row in watch(who, Filter(**wanted)).rows]

    assert ids(waits=Waits.PRINTING) == [ready.id]
    assert ids(waits=Waits.CUSTOMER) == [waits.id, third.id]
    assert ids(kind=Kind.COURIER) == [third.id]
    assert ids(asked_by_id=other.id) == [third.id]
    assert ids(by(other), mine=True) == [third.id]
    assert ids(overdue=True) == []
    late(monkeypatch, hours=30)
    assert len(ids(overdue=True)) == 3
    assert ids(asked_by_id=99) == []


def test_a_store_that_is_not_ones_own_shows_nothing(asker):
    asked(asker)
    elsewhere = make.actor(Role.SUPERVISOR, store_id=make.store("other-shop").id)
    assert watch(elsewhere, Filter()).everything == 0


def test_what_has_waited_longest_stands_first_and_pages_go_on(asker, monkeypatch):
    monkeypatch.setattr("shopdesk.desk.queries.watch.PAGE", PAGE)
    first = asked(asker)
    for _ in range(PAGE):
        asked(asker)
    boss = make.actor(Role.SUPERVISOR)
    shown = watch(boss, Filter())
    assert (len(shown.rows), shown.total, shown.is_whole, shown.older) == (PAGE, PAGE + 1, True, None)
    assert shown.rows[0].waiting.change_id == first.id
    assert [row.waiting.since for row in shown.rows] == sorted(row.waiting.since for row in shown.rows)
    last = watch(boss, Filter(), after=shown.newer)
    assert (len(last.rows), last.newer) == (1, None)
    assert [row.waiting for row in watch(boss, Filter(), before=last.older).rows] == [row.waiting for row in shown.rows]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_ten_more_changes_ask_the_database_no_more(asker):
    boss = make.actor(Role.SUPERVISOR)
    asked(asker)

    def asks():
        with seen_statements() as seen:
            watch(boss, Filter())
        return len(seen)

    first = asks()
    for _ in range(10):
        asked(asker)
    assert asks() == first <= 4


def test_pre_sale_and_supervisor_see_the_page_and_the_warehouse_does_not(asker, signed):
    asked(asker)
    for role in (Role.SUPERVISOR, Role.PRE_SALE):
        page = signed(role).get(START)
        assert (page.status_code, numbers(page)) == (200, 1)
    assert signed(Role.WAREHOUSE).get(START).status_code == 403


def test_a_filter_stays_in_the_address_and_nonsense_in_it_is_no_filter(asker, signed):
    asked(asker)
    asked(asker, yes=True)
    desk = signed(Role.SUPERVISOR)
    page = desk.get(f"{START}?role=printing&kind=address")
    assert numbers(page) == 1
    assert "role=printing&amp;kind=address" in page.text or "role=printing&amp;step" in page.text
    assert numbers(desk.get(f"{START}?role=nobody&step=x&kind=y&asked_by=z&page=-1&mine=7")) == 2
    assert "Nothing matches" in desk.get(f"{START}?kind=invoice").text


def test_reminding_of_the_ticked_says_for_each_what_became_of_it(asker, signed):
    ready, again = asked(asker, yes=True), asked(asker, yes=True)
    desk = signed(Role.SUPERVISOR)
    step = {change: f"{change.id}-{worlds.position(change, 'acknowledge')}" for change in (ready, again)}
    page = desk.get(START)
    sent = desk.post(f"{START}/nudge", data={**fields(page, f"{START}/nudge"), "step": [step[ready]]})
    assert (sent.status_code, "Reminded of 1 change." in sent.text) == (200, True)
    page = desk.get(START)
    sent = desk.post(f"{START}/nudge", data={**fields(page, f"{START}/nudge"), "step": list(step.values())})
    assert sent.status_code == 409
    assert "Reminded of 1 change." in sent.text
    assert "青禾 reminded of this at" in sent.text
    clerk = signed(Role.PRINTING)
    assert "青禾 reminds you: Printing acknowledges, hold ends." in clerk.get("/inbox").text


@pytest.mark.parametrize("ticked", [[], ["x"], ["1-"], ["9" * 30 + "-1"]])
def test_ticking_nothing_or_nonsense_reminds_nobody(asker, signed, ticked):
    asked(asker, yes=True)
    desk = signed(Role.SUPERVISOR)
    sent = desk.post(f"{START}/nudge", data={**fields(desk.get(START), f"{START}/nudge"), "step": ticked})
    assert (sent.status_code, "Tick the changes first." in sent.text) == (422, True)


def test_the_same_form_sent_twice_reminds_once_and_says_the_same(asker, signed):
    change = asked(asker, yes=True)
    desk = signed(Role.SUPERVISOR)
    data = {
        **fields(desk.get(START), f"{START}/nudge"),
        "step": f"{change.id}-{worlds.position(change, 'acknowledge')}",
    }
    assert [desk.post(f"{START}/nudge", data=data).status_code for _ in range(2)] == [200, 200]
    order = orders.order_by_id(change.order_id, change.store_id)
    assert len(make.notices(order, NoticeKind.NUDGE)) == 1


@pytest.mark.mission("M015")
def test_the_order_page_shows_who_was_reminded_and_who_had_it(asker, sign_in, signed):
    order = make.order()
    change = make.change(order, by=by(asker), yes=True)
    boss = signed(Role.SUPERVISOR)
    position = worlds.position(change, "acknowledge")
    assert send(boss, boss.get(path(order)), f"/changes/{change.id}/nudge/{position}").status_code == 303
    assert "not answered yet" in boss.get(path(order)).text
    again = send(boss, boss.get(path(order)), f"/changes/{change.id}/nudge/{position}")
    assert (again.status_code, "青禾 reminded of this at" in again.text) == (409, True)
    colleague = make.person(Role.PRE_SALE, signature="小棠")
    form = boss.get(f"/changes/{change.id}/assign")
    data = {**fields(form, f"/changes/{change.id}/assign"), "to": str(colleague.id), "role": "pre_sale"}
    refused = boss.post(f"/changes/{change.id}/assign", data=data)
    assert refused.status_code == 422
    done = boss.post(f"/changes/{change.id}/assign", data={**data, "reason": "小满下班", "command_key": "k2"})
    assert done.status_code == 303
    page = boss.get(path(order)).text
    assert "小满 → 小棠 (Pre-sale)" in page
    assert "小满下班" in page
    assert "handed it to another person" in page
    theirs = sign_in(colleague)
    theirs.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert order.number[-4:] in theirs.get("/work").text
    assert "Withdraw change" in theirs.get(path(order)).text


def test_everything_is_handed_over_in_three_clicks(asker, sign_in):
    for _ in range(2):
        asked(asker)
    colleague = make.person(Role.PRE_SALE, signature="小棠")
    desk = sign_in(asker)
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "/work/hand-over" in desk.get("/work").text
    page = desk.get("/work/hand-over")
    assert "Hand over 2 changes" in page.text
    assert fields(page, "/work/hand-over")["reason"] == "End of the shift"
    assert send(desk, page, "/work/hand-over").status_code == 422
    assert send(desk, page, "/work/hand-over", to=str(colleague.id)).status_code == 303
    assert "2 changes are handed over." in desk.get("/work").text
    assert "There is nothing to hand over" in desk.get("/work/hand-over").text
    assert send(desk, page, "/work/hand-over", to=str(colleague.id), command_key="again").status_code == 422


def test_after_sale_takes_a_refund_task_on_the_order_page(asker, sign_in):
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=by(asker))
    worlds.do(change, "void", make.actor(Role.PRINTING))
    ahe, other = (make.person(Role.AFTER_SALE, signature=name) for name in ("阿禾", "小棠"))
    desk = sign_in(ahe)
    desk.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert send(desk, desk.get(path(order)), f"/changes/{change.id}/assign").status_code == 303
    theirs = sign_in(other)
    assert order.number[-4:] not in theirs.get("/work?whose=mine").text
    assert order.number[-4:] in desk.get("/work?whose=mine").text


def test_who_stands_in_for_pre_sale_gets_the_work_handed_over(asker, store):
    change = asked(asker)
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    boss = make.actor(Role.SUPERVISOR)
    until = clock.now() + timedelta(hours=1)
    staff_service.stand_in(person.id, Role.PRE_SALE, store.id, until=until, reason="培训", actor=boss)
    assert service.hand_over(person.id, "培训", actor=by(asker)).change_ids == (change.id,)
    assert staff.actor_for(person, channel="page").stands_in(Role.PRE_SALE, store.id)


@pytest.mark.both_engines
def test_of_more_than_is_counted_the_figures_say_so_and_a_page_still_comes(asker, monkeypatch):
    monkeypatch.setattr("shopdesk.desk.queries.watch_reads.COUNTED", 2)
    for _ in range(3):
        asked(asker)
    found = watch(make.actor(Role.SUPERVISOR), Filter())
    assert (found.everything, found.is_whole, len(found.rows), found.total) == (2, False, 3, 3)


@pytest.mark.both_engines
def test_a_page_is_read_from_the_index_of_what_waits(asker):
    asked(asker)
    boss = make.actor(Role.SUPERVISOR)
    with seen_statements() as seen:
        watch(boss, Filter())
    sql, values = next(one for one in seen if "nudged_at" in one[0])
    driver = db.session.connection().connection.driver_connection
    if db.engine.dialect.name == "sqlite":
        plan = " ".join(str(row) for row in driver.execute(f"EXPLAIN QUERY PLAN {sql}", values))
    else:
        # of a handful of rows it would read the table, or sort them
        driver.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        plan = " ".join(row[0] for row in driver.execute(f"EXPLAIN {sql}", values))
    assert "ix_step_waits" in plan
