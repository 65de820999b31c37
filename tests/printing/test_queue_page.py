"""The print queue: changed ones first with old → new, held ones with why and without a tick, a fixed cost."""

import re
from datetime import timedelta

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer
from shopdesk.orders import service as orders
from shopdesk.orders.states import Flag, Readiness
from shopdesk.parcels.states import Stage
from shopdesk.printing.queries.queue import Asked, queue
from shopdesk.printing.queries.runs import history_of
from shopdesk.printing.views import queue as pages
from shopdesk.staff import queries as staff
from tests import make
from tests.statements import seen_statements


@pytest.fixture
def clerk(app, sign_in):
    make.store()
    person = make.person(Role.PRINTING, signature="敏敏")
    return sign_in(person), person


def ticks(page):
    return [int(found) for found in re.findall(r'name="parcel" value="(\d+)"', page.text)]


def actor_of(person):
    return staff.actor_for(person, channel="page")


def posted(page, **values):
    found = {
        "csrf_token": make.token(page), "paper": "a4", "parts": "both", "batch": "",
        "command_key": re.search(r'name="command_key"[^>]*value="([^"]+)"', page.text)[1],
    }  # fmt: skip
    return {**found, **values}


def test_changed_ones_stand_first_with_old_and_new_and_held_ones_cannot_be_ticked(clerk):
    browser, _ = clerk
    asker = make.actor(Role.PRE_SALE)
    plain, changed, held, unready = (make.order() for _ in range(4))
    make.change(changed, Kind.COURIER, {"text": "顺丰速运"}, by=asker, yes=True)
    make.change(held, by=asker)
    orders.decide_readiness(unready, Readiness.OUT_OF_STOCK, ready_on=None, actor=asker)
    page = browser.get("/printing")
    assert page.status_code == 200
    assert ticks(page) == [make.parcel(changed).id, make.parcel(plain).id]
    assert re.search(r"<ins[^>]*>顺丰速运</ins>", page.text)
    first, rest = page.text.index('id="first"'), page.text.index('id="held"')
    for order, section in ((changed, page.text[first:rest]), (held, page.text[rest:]), (unready, page.text[rest:])):
        assert order.number in section
    assert "缺货" in page.text[rest:]


def test_what_was_changed_overnight_and_acknowledged_still_stands_at_the_top(clerk):
    browser, person = clerk
    asker = make.actor(Role.PRE_SALE)
    old, new, plain = make.order(), make.order(), make.order()
    for order, ago in ((old, timedelta(days=2)), (new, timedelta(minutes=10))):
        with clock.earlier(ago):
            change = make.change(order, Kind.GREETING_CARD, {"text": "生日快乐"}, by=asker, yes=True)
            changes.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=actor_of(person))
            assert change.state == "done"
    store = staff.store_by_id(plain.store_id)
    view = queue(store, Asked(), actor_of(person), size=50)
    assert [(row.line.order.number, row.is_first) for row in view.rows] == [
        (new.number, True), (old.number, False), (plain.number, False),
    ]  # fmt: skip
    assert view.rows[0].line.changes[0].values[0].new == "生日快乐"
    page = browser.get("/printing")
    assert page.text.index("生日快乐") < page.text.index('id="ready"')


def test_the_filters_stand_in_the_address_and_their_counts_add_up(clerk):
    browser, person = clerk
    asker = make.actor(Role.PRE_SALE)
    by_sf, by_yt, lacking = make.order(carrier="顺丰速运"), make.order(carrier="圆通速递"), make.order()
    make.change(by_yt, Kind.COURIER, {"text": "中通快递"}, by=asker, yes=True)
    orders.decide_readiness(lacking, Readiness.OUT_OF_STOCK, ready_on=None, actor=asker)
    view = queue(staff.store_by_id(by_sf.store_id), Asked(), actor_of(person), size=50)
    assert dict(view.couriers) == {"顺丰速运": 1, "中通快递": 1, "-": 1}
    assert dict(view.groups) == {"ready": 2, "changed": 1, "out_of_stock": 1}
    for query, found in (
        ("courier=顺丰速运", [by_sf]), ("courier=中通快递", [by_yt]), ("group=changed", [by_yt]),
        ("group=ready", [by_yt, by_sf]), ("group=out_of_stock", []), ("courier=-", []),
        ("group=nonsense", [by_yt, by_sf]),
    ):  # fmt: skip
        assert ticks(browser.get(f"/printing?{query}")) == [make.parcel(order).id for order in found], query


def test_ticked_ones_are_printed_once_however_often_the_button_is_pressed(clerk):
    browser, _ = clerk
    found = [make.order() for _ in range(3)]
    ids = [make.parcel(order).id for order in found]
    form = posted(browser.get("/printing"), parcel=[str(i) for i in ids[:2]], batch="W7", paper="label")
    first, second = browser.post("/printing", data=form), browser.post("/printing", data=form)
    assert (first.status_code, first.location) == (303, second.location)
    assert [make.parcel(order).stage for order in found] == [Stage.PRINTED, Stage.PRINTED, Stage.UNPRINTED]
    assert len(history_of(ids, found[0].store_id)[ids[0]]) == 1
    again = browser.get("/printing").text
    assert 'value="label" selected' in again.replace('selected value="label"', 'value="label" selected')
    assert "W8" in again  # the next batch is proposed


def test_a_refusal_names_each_and_offers_to_print_the_others(clerk):
    browser, _ = clerk
    fine, held, printed = make.order(), make.order(), make.order()
    page = browser.get("/printing")
    make.change(held, by=make.actor(Role.PRE_SALE))  # meanwhile
    make.fact(printed, Stage.PRINTED)  # it has left the queue, and is named all the same
    ids = [make.parcel(order).id for order in (fine, held, printed)]
    answer = browser.post("/printing", data=posted(page, parcel=[str(i) for i in ids], batch="W9"))
    assert answer.status_code == 409
    assert held.number in answer.text
    assert make.parcel(fine).stage is Stage.UNPRINTED
    assert printed.number in answer.text
    part = answer.text[answer.text.index("sd-list") : answer.text.index('id="ready"')]
    assert re.findall(r'type="hidden" name="parcel" value="(\d+)"', part) == [str(ids[0])]
    others = posted(answer, parcel=[str(ids[0])], batch="W9")
    assert browser.post("/printing", data=others).status_code == 303
    assert make.parcel(fine).stage is Stage.PRINTED


def test_nothing_ticked_is_said_in_words(clerk):
    browser, _ = clerk
    make.order()
    answer = browser.post("/printing", data=posted(browser.get("/printing")))
    assert answer.status_code == 422


def test_what_another_program_may_have_printed_is_marked_and_not_among_all(clerk):
    browser, _ = clerk
    fresh = make.order()
    stale = make.order(as_of=clock.now() - timedelta(days=1))
    page = browser.get("/printing").text
    doubt = re.findall(r'value="(\d+)" data-doubt', page)
    assert doubt == [str(make.parcel(stale).id)]
    assert str(make.parcel(fresh).id) not in doubt


def test_a_parcel_with_a_flag_and_memos_shows_them(clerk):
    browser, person = clerk
    order = make.order()
    note = changes.write_note(order.id, "包装用礼盒", flag=Flag.PURPLE, actor=make.actor(Role.PRE_SALE))
    assert note
    page = browser.get("/printing").text
    assert 'data-flag="purple"' in page
    assert "包装用礼盒" in page  # printing has not seen it: it counts as changed
    changes.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=actor_of(person))
    page = browser.get("/printing").text
    assert 'data-flag="purple"' in page[page.index('id="ready"') :]


def test_a_queue_of_sixty_takes_no_more_statements_than_one_of_six(clerk):
    browser, _ = clerk
    asker = make.actor(Role.PRE_SALE)
    counts = []
    for size in (2, 18):
        for _ in range(size):
            make.order()
            make.change(make.order(), Kind.COURIER, {"text": "顺丰速运"}, by=asker, yes=True)
            make.change(make.order(), by=asker)
        browser.get("/printing")
        with seen_statements() as seen:
            browser.get("/printing")
        counts.append(len(seen))
    assert counts[0] == counts[1], counts


def test_pages_follow_each_other_without_losing_a_parcel(clerk, monkeypatch):
    browser, _ = clerk
    monkeypatch.setattr(pages, "SHOWN", 2)
    ids = [make.parcel(make.order()).id for _ in range(5)]
    first = browser.get("/printing")
    second = browser.get("/printing?after=2")
    third = browser.get("/printing?after=4")
    assert ticks(first) + ticks(second) + ticks(third) == ids
    assert "after=2" in first.text
    assert "after=6" not in third.text


def test_of_two_stores_each_has_its_own_queue(clerk):
    browser, _ = clerk
    here, there = make.order(), make.order(make.store("other"))
    assert ticks(browser.get("/printing")) == [make.parcel(here).id]
    assert ticks(browser.get("/printing?shop=other")) == [make.parcel(there).id]


def test_no_money_and_no_personal_word_stands_in_the_queue(clerk):
    browser, _ = clerk
    make.order(lines=(make.line(price_minor=98_765),))
    page = browser.get("/printing").text
    for word in ("987.65", "¥", "张伟", "13812345678", "星澜街"):
        assert word not in page
