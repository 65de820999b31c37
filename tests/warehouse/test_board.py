"""The warehouse board: what it shows and never shows, how cheap a look is, that it is never old without saying so."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence, Wished
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, rows_changed
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.orders.states import Flag
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Recall
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import RecallState, Stage, StopScope
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.states import Mode
from tests import make, worlds
from tests.changes.test_platform_applications import DONE, Shop
from tests.desk.pages import EN
from tests.statements import seen_statements

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
BOARD, NOW = "/warehouse/board", "/warehouse/board/now"
#: Of the buyer, of the wish, of money: none of it is anybody's business on a wall.
HIDDEN = ("张", "138", "星澜街", "云帆路", "128.00", "雨天", "生日快乐", "苏州", "杭州", "410000")


class Desk:
    def __init__(self, sign_in):
        self.store = make.store()
        self.packer = make.actor(Role.WAREHOUSE, signature="大力")
        self.asker, self.after = make.actor(Role.PRE_SALE, signature="小满"), make.actor(Role.AFTER_SALE)
        self.clerk = make.actor(Role.PRINTING)
        self.wall = self.browser(sign_in, Role.WAREHOUSE)

    def browser(self, sign_in, role, **more):
        client = sign_in(make.person(role, **more))
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def printed(self, position=1, batch="W229", stage=Stage.PRINTED, **more):
        order = make.order(**more)
        place(order, stage, batch, position)
        return order

    def ask(self, order, kind=Kind.ADDRESS, value=None, **more):
        wished = Wished(kind, make.NEW_ADDRESS if value is None else value, **more)
        return changes.ask(order.id, wished, actor=self.asker)[0]

    def look(self, mark=None):
        return self.wall.get(NOW, headers={"If-None-Match": f'"{mark}"'} if mark else {})


@command
def place(order, stage, batch, position):
    from shopdesk.parcels.service import Report
    from shopdesk.parcels.states import Source

    at = clock.now()
    report = Report(stage=stage, happened_at=at, as_of=at, source=Source.API, batch=batch, position=position)
    changes.record_fact(make.parcel(order), report, actor=make.actor(Role.SUPERVISOR))


@pytest.fixture
def desk(app, sign_in):
    return Desk(sign_in)


def cards(html):
    """(position, what, why) of each card, top to bottom."""
    found = re.findall(
        r'<div class="pos">(.*?)<small>.*?<div class="what">.*?</svg>\s*(.*?)</div><div class="why">(.*?)</div>',
        html,
        re.S,
    )
    return [tuple(part.strip() for part in card) for card in found]


@pytest.mark.mission("M131")
def test_the_board_shows_what_to_fetch_what_not_to_send_and_what_carries_a_flag(desk):
    fetch = desk.printed(17, stage=Stage.PACKED)
    desk.ask(fetch)
    papers = desk.printed(3, "W230")
    desk.ask(papers, Kind.GREETING_CARD, {"text": "生日快乐"})
    flagged = desk.printed(22)
    changes.write_note(flagged.id, "请加固", flag=Flag.RED, actor=desk.asker)
    desk.printed(40)  # nothing about it
    wanted = StopWanted(Criteria(StopScope.SKU, sku="HAT-01"), "缝线会开", clock.now() + timedelta(hours=1))
    parcel_service.stop(desk.store.id, wanted, actor=make.actor(Role.SUPERVISOR))
    page = desk.wall.get(BOARD)
    assert page.status_code == 200
    assert sorted(cards(page.text)) == [
        ("W229 · 17", "Fetch the parcel", "Change address · 小满"),
        ("W230 · 03", "Fetch the papers", "Greeting card · 小满"),
    ]
    assert "HAT-01" in page.text
    assert "stop · 4 parcels" in page.text
    assert "W229 · 22" in page.text
    assert "W229 · 40" not in page.text
    shown = re.sub(r'value="[\w.-]{20,}"', "", page.text)  # keys and tokens may hold any digits
    for hidden in (*HIDDEN, "缝线会开", "请加固"):
        assert hidden not in shown, hidden


def test_a_look_at_a_board_takes_as_many_statements_however_much_is_on_it(desk):
    def asked(mark=None):
        with seen_statements() as seen:
            answer = desk.look(mark)
        return answer, [sql for sql, _ in seen]

    desk.ask(desk.printed())
    mark = desk.look().headers["ETag"].strip('"')
    answer, few = asked(mark.partition(".")[0])  # without its signature: who asks, and the newest events
    assert (answer.status_code, answer.text) == (304, "")
    assert sum("event_head" in sql for sql in few) == 1
    assert not any(table in sql for sql in few for table in ("recall", "hold", "parcel"))
    _, at_first = asked()
    for number in range(2, 9):
        desk.ask(desk.printed(number))
    changed, many = asked(mark)
    assert changed.status_code == 200
    assert len(cards(changed.text)) == 8
    for number in range(20, 30):
        desk.ask(desk.printed(number))
    _, more = asked(mark)
    assert len(more) == len(many)
    assert len(few) == len(at_first) <= 4


@pytest.mark.both_engines
def test_what_has_neither_batch_nor_waybill_is_found_by_the_end_of_its_orders_number(desk):
    card, held, flagged = (make.order(number=f"26112200{tail}") for tail in ("4721", "4722", "4723"))
    for order in (card, held, flagged):
        make.fact(order, Stage.PACKED)
    labelled = make.order(number="2611220000004724", waybills=[("SF7300009911", "顺丰")])
    make.fact(labelled, Stage.PACKED)
    for order in (card, labelled):
        desk.ask(order)
    calls_off(desk.ask(held))
    changes.write_note(flagged.id, "请加固", flag=Flag.RED, actor=desk.asker)
    html = desk.look().text
    assert {position for position, _what, _why in cards(html)} == {"order …4721", "…9911"}
    assert "order …4722" in html
    assert "order …4723" in html
    assert "…4724" not in html
    assert f"…{make.parcel(card).id}<" not in html


@command
def calls_off(change):
    """Held, and nothing is fetched for it any more."""
    rows_changed(
        in_store(update(Recall), change.store_id, Recall)
        .where(Recall.change_id == change.id)
        .values(state=RecallState.CALLED_OFF, ended_at=clock.now())
    )
    audit.record("test.called_off", "change", change.id, make.ROOT, store_id=change.store_id)


def test_stops_that_hold_something_come_first(desk):
    desk.printed(1)
    for sku in ("HAT-01", "NONE-1", "NONE-2"):
        wanted = StopWanted(Criteria(StopScope.SKU, sku=sku), "缝线会开", clock.now() + timedelta(hours=1))
        parcel_service.stop(desk.store.id, wanted, actor=make.actor(Role.SUPERVISOR))
    stops = queries.board(desk.packer).stops
    assert [(stop.named, stop.parcels) for stop in stops] == [("HAT-01", 1), ("NONE-2", 0), ("NONE-1", 0)]


def test_what_was_found_is_not_asked_for_again_by_the_next_wish(desk):
    order = desk.printed(6, stage=Stage.PACKED)
    parcel_id = desk.ask(order).parcel_id
    path = f"/warehouse/parcels/{parcel_id}/found"
    assert path in desk.look().text
    changes.found(parcel_id, actor=desk.packer)
    desk.ask(order, Kind.GREETING_CARD, {"text": "生日快乐"})
    assert path not in desk.look().text
    assert cards(desk.look().text)[0][1] == "Found: hand it out"
    page = desk.wall.get(f"/warehouse/parcels/{parcel_id}").text
    assert (path in page, "/too-late" in page) == (False, True)


def test_too_late_after_somebody_found_it_counts_and_says_who_had_found_it_when(desk):
    order = desk.printed(7, stage=Stage.PACKED)
    change = desk.ask(order)
    token = make.token(desk.wall.get(BOARD))
    changes.found(change.parcel_id, actor=desk.packer)
    data = {"csrf_token": token, "command_key": "", "back": "board"}
    gone = desk.wall.post(f"/warehouse/parcels/{change.parcel_id}/too-late", data=data)
    assert gone.location == f"/warehouse/parcels/{change.parcel_id}"  # not back to the board: it has to be read
    read = desk.wall.get(gone.location).text
    assert "Too late, after it was found" in read
    assert "大力 had said that it is found" in read
    assert "Nothing more to do" not in read
    worlds.refresh(change)
    assert change.state is ChangeState.TOO_LATE
    other = desk.ask(desk.printed(8, stage=Stage.PACKED))
    plain = desk.wall.post(f"/warehouse/parcels/{other.parcel_id}/too-late", data=data)
    assert plain.location == BOARD


def test_what_a_command_wrote_is_on_the_next_look_and_what_is_not_on_the_board_changes_nothing(desk):
    order = desk.printed(5)
    mark = desk.look().headers["ETag"].strip('"')
    changes.write_note(make.order().id, "unprinted", flag=Flag.RED, actor=desk.asker)
    assert desk.look(mark).status_code == 304  # an event, and nothing of it hangs here
    change = desk.ask(order)
    told = desk.look(mark)
    assert (told.status_code, cards(told.text)[0][:2]) == (200, ("W229 · 05", "Fetch the papers"))
    changes.withdraw(change.id, "no", actor=desk.asker)
    assert "Nothing has to be fetched." in desk.look().text


def test_a_board_shows_the_stores_of_who_looks_and_no_other(desk, sign_in):
    desk.ask(desk.printed(5))
    other = make.store("other-shop")
    stranger = desk.browser(sign_in, Role.WAREHOUSE, store_id=other.id)
    assert "W229" not in stranger.get(BOARD).text
    assert "W229" not in stranger.get(NOW).text
    assert sign_in(make.person(Role.PRE_SALE)).get(BOARD).status_code == 403


def answer(browser, path, **form):
    page = browser.get(BOARD)
    return browser.post(path, data={"csrf_token": make.token(page), "command_key": "", "back": "board", **form})


@pytest.mark.mission("M061")
def test_found_and_too_late_are_buttons_of_the_card_and_the_second_answer_hears_who_was_first(desk):
    change = desk.ask(desk.printed(5))
    path = f"/warehouse/parcels/{change.parcel_id}"
    done = answer(desk.wall, f"{path}/found")
    assert (done.status_code, done.location) == (303, BOARD)
    assert cards(desk.look().text)[0][1] == "Found: hand it out"
    again = answer(desk.wall, f"{path}/found")
    assert again.status_code == 409
    assert "found it at" in again.text
    gone = answer(desk.wall, f"{path}/too-late")
    assert gone.status_code == 303
    worlds.refresh(change)
    assert change.state is ChangeState.TOO_LATE
    twice = answer(desk.wall, f"{path}/too-late")
    assert twice.status_code == 409
    assert "too late" in twice.text


def test_a_pull_back_counts_down_on_the_board_and_ends_by_itself_when_a_board_looks(desk):
    order = desk.printed(8, stage=Stage.PACKED)
    service.scan(order.number, Mode.SHIP, actor=desk.packer)
    change = desk.ask(order, pulls_back=True)
    told = desk.look()
    assert cards(told.text)[0][:2] == ("W229 · 08", "Pull the parcel back")
    assert "1[234] min" in re.sub(r"1[234] min", "1[234] min", told.text)
    out_of_time(change)
    desk.look()
    desk.look()
    worlds.refresh(change)
    assert change.state is ChangeState.TOO_LATE
    assert "Nothing has to be fetched." in desk.look().text


@command
def out_of_time(change):
    at = clock.now() - timedelta(seconds=1)
    rows_changed(
        in_store(update(Recall), change.store_id, Recall).where(Recall.change_id == change.id).values(until=at)
    )
    audit.record("test.late", "change", change.id, make.ROOT, store_id=change.store_id)


def test_two_changes_on_a_parcel_are_one_card(desk):
    order = desk.printed(9)
    desk.ask(order)
    desk.ask(order, Kind.INVOICE, {"text": "云帆贸易公司"})
    found = queries.board(desk.packer)
    assert [(card.place, len(card.whys)) for card in found.cards] == [("W229 · 09", 2)]
    assert found.held == ()


@pytest.mark.both_engines
def test_the_board_reads_the_same_on_both_engines(app):
    make.store()
    packer, asker = make.actor(Role.WAREHOUSE), make.actor(Role.PRE_SALE)
    order = make.order(waybills=[("SF7700001234", "顺丰")])
    place(order, Stage.PACKED, "W1", 4)
    change = changes.ask(order.id, Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=asker)[0]
    (card,) = queries.board(packer).cards
    assert (card.place, card.waybill_tail, card.is_asked, card.is_out) == ("W1 · 04", "1234", True, False)
    worlds.do(change, "hand_out", packer, Evidence(to=packer.id))
    (card,) = queries.board(packer).cards
    assert (card.is_asked, card.is_out, card.whys[0].holder) == (False, True, "小满")


def test_what_was_refunded_and_not_stopped_is_the_alarm_at_the_top_of_the_board(sign_in):
    for _ in range(2):
        make.change(_printed(), by=make.actor(Role.PRE_SALE))
    shop = Shop(Stage.PRINTED)
    shop.tell(hats=DONE)
    first = queries.board(make.actor(Role.WAREHOUSE)).cards[0]
    assert (first.parcel_id, first.is_refunded) == (make.parcel(shop.order).id, True)
    page = sign_in(make.person(Role.WAREHOUSE)).get("/warehouse/board", headers=EN).text
    assert page.index("Refunded, not stopped") < page.index("Fetch the papers</")
    (change,) = shop.changes
    worlds.do(change, "hand_to_after_sale", make.actor(Role.WAREHOUSE), Evidence(to=make.actor(Role.AFTER_SALE).id))
    worlds.do(change, "take_out", make.actor(Role.PRINTING))
    assert not any(card.is_refunded for card in queries.board(make.actor(Role.WAREHOUSE)).cards)


def _printed():
    order = make.order()
    make.fact(order, Stage.PRINTED)
    return order
