"""The pages and the API of stops, in both languages."""

import re
from types import SimpleNamespace

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.queries import open_change
from shopdesk.changes.service import stop_answers
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.desk.views.stops import showing
from shopdesk.parcels.queries import stops
from shopdesk.parcels.rules import stops as rules
from shopdesk.parcels.states import Stage, StopReply
from tests import make
from tests.parcels.test_stops import holding, other, stop

pytestmark = pytest.mark.usefixtures("app")
EN = {"Accept-Language": "en"}


def form(page, **values):
    return {"csrf_token": make.token(page), "command_key": make.clock.now().isoformat(), **values}


def filled_form(store, **values):
    return {"store_id": str(store.id), "scope": "sku", "sku": "HAT-01", "carrier": "", "region": "", "batch": "",
            "reason": "缝线会开", "expires_at": "", "on_expiry": "keep", "phrase": "订单{order}请等几天",
            **values}  # fmt: skip


def test_a_stop_is_counted_first_and_made_by_the_second_submit_of_the_same(sign_in):
    store = make.store()
    order, free = make.order(), other()
    browser = sign_in(make.person(Role.PRINTING))
    page = browser.get("/stops/new", headers=EN)
    assert "{order}" in page.text
    counted = browser.post("/stops", data=form(page, **filled_form(store)), headers=EN)
    assert (counted.status_code, holding(order)) == (200, [])
    assert "This holds 1 parcel that is in the house now." in counted.text
    mark = re.search(r'name="previewed"[^>]*value="([^"]*)"', counted.text)[1].replace("&#34;", '"')

    changed = form(counted, **filled_form(store, sku="SCARF-02", previewed=mark))
    assert browser.post("/stops", data=changed, headers=EN).status_code == 200
    assert holding(free) == []

    made = browser.post("/stops", data=form(counted, **filled_form(store, previewed=mark)), headers=EN)
    assert made.status_code == 303
    shown = browser.get(made.headers["Location"], headers=EN)
    assert "Stopped: 1 parcel is held." in shown.text
    assert f"订单{order.number}请等几天" in shown.text
    assert len(holding(order)) == 1
    assert "缝线会开" in browser.get("/stops", headers=EN).text


def test_a_form_that_names_nothing_says_so_and_keeps_what_was_typed(sign_in):
    store = make.store()
    browser = sign_in(make.person(Role.SUPERVISOR))
    page = browser.get("/stops/new", headers=EN)
    for values in ({"sku": ""}, {"scope": "batch", "batch": "W404"}, {"reason": ""}):
        refused = browser.post("/stops", data=form(page, **filled_form(store, **values)), headers=EN)
        assert refused.status_code == 422
        assert "订单{order}请等几天" in refused.text


def test_answers_are_ticked_on_the_page_and_the_stop_is_ended_there(sign_in):
    orders = [make.order() for _ in range(3)]
    made = stop()
    agent = sign_in(make.person(Role.PRE_SALE))
    page = agent.get(f"/stops/{made.id}")
    data = form(page, reply="wait", order=[str(o.id) for o in orders[:2]])
    assert agent.post(f"/stops/{made.id}/answers", data=data).status_code == 303
    assert stops.reply_counts(made) == {StopReply.WAIT: 2}
    none = agent.post(f"/stops/{made.id}/answers", data=form(page, reply="wait"))
    assert none.status_code == 422
    assert agent.post(f"/stops/{made.id}/end", data=form(page)).status_code == 403

    lead = sign_in(make.person(Role.SUPERVISOR))
    page = lead.get(f"/stops/{made.id}")
    assert lead.post(f"/stops/{made.id}/end", data=form(page)).status_code == 303
    assert lead.post(f"/stops/{made.id}/end", data=form(page)).status_code in {409, 422}
    assert holding(orders[0]) == []


def test_a_page_says_of_which_order_the_cancel_is_not_possible(sign_in):
    order, gone = make.order(), make.order()
    made = stop()
    make.fact(gone, Stage.SHIPPED)
    agent = sign_in(make.person(Role.PRE_SALE))
    page = agent.get(f"/stops/{made.id}")
    data = form(page, reply="cancel", order=[str(order.id), str(gone.id)])
    assert agent.post(f"/stops/{made.id}/answers", data=data, headers=EN).status_code == 303
    said = agent.get(f"/stops/{made.id}", headers=EN).text
    assert "Noted for 2 orders." in said
    assert f"1 order: {gone.number}" in said
    assert "The parcel has left." in said


def test_the_order_page_and_the_pre_print_check_name_the_stop(sign_in):
    order = make.order()
    made = stop()
    agent, clerk = sign_in(make.person(Role.PRE_SALE)), make.person(Role.PRINTING)
    page = agent.get(f"/orders/{order.id}", headers=EN).text
    assert "Stopped: 缝线会开" in page
    assert f"/stops/{made.id}" in page
    check = changes.make_check([order.number], actor=make.queries.actor_for(clerk, channel="page"))[0]
    assert "缝线会开" in sign_in(clerk).get(f"/print-check/{check.id}", headers=EN).text


def test_the_warehouse_sees_stops_but_makes_none(sign_in):
    make.order()
    made = stop()
    browser = sign_in(make.person(Role.WAREHOUSE))
    assert browser.get("/stops").status_code == 200
    assert browser.get(f"/stops/{made.id}").status_code == 200
    assert browser.get("/stops/new").status_code == 403


def test_a_long_list_goes_on_a_further_page(sign_in, monkeypatch):
    orders = [make.order() for _ in range(5)]
    made = stop()
    from shopdesk.desk.views.stops import showing as views

    monkeypatch.setattr(views, "ROWS", 3)
    browser = sign_in(make.person(Role.SUPERVISOR))
    page = browser.get(f"/stops/{made.id}").text
    assert f"after={orders[2].id}" in page
    rest = browser.get(f"/stops/{made.id}?after={orders[2].id}").text
    assert [o.number in rest for o in orders] == [False, False, False, True, True]


def test_the_api_makes_lists_answers_and_ends(api):
    store, order = make.store(), make.order()
    call = api(make.person(Role.SUPERVISOR))
    body = {"scope": "sku", "sku": "HAT-01", "reason": "缝线会开", "phrase": "订单{order}"}
    made = call("POST", f"/stores/{store.slug}/stops", body, key="k1")
    assert made.status_code == 201
    assert call("POST", f"/stores/{store.slug}/stops", body, key="k1").json == made.json
    stop_id = made.json["id"]
    assert (made.json["held"], made.json["is_overdue"]) == (1, False)
    assert [row["id"] for row in call("GET", "/stops").json["items"]] == [stop_id]
    row = call("GET", f"/stops/{stop_id}/orders").json["items"][0]
    assert (row["number"], row["is_held"], row["phrase"]) == (order.number, True, f"订单{order.number}")
    told = call("POST", f"/stops/{stop_id}/answers", {"orders": [str(order.id)], "reply": "cancel"})
    assert told.json == {"answered": 1, "refused": [], "left": []}
    again = call("POST", f"/stops/{stop_id}/answers", {"orders": [str(order.id)], "reply": "cancel"}).json
    assert [row["error"] for row in again["refused"]] == ["already_there"]
    hold = call("GET", f"/orders/{order.id}").json["parcels"][0]["holds"][0]
    assert (hold["cause"], hold["stop_id"], hold["is_overdue"]) == ("stop", stop_id, False)
    assert call("POST", f"/stops/{stop_id}/end", {}).json["held"] == 0
    assert call("POST", f"/stops/{stop_id}/end", {}).status_code == 409
    bad = call("POST", f"/stores/{store.slug}/stops", {"scope": "batch", "batch": "W404", "reason": "x"})
    assert (bad.status_code, bad.json["error"]) == (422, "no_batch")


def test_the_api_cancels_as_many_as_the_page_in_parts_names_what_is_left_and_repeats_nothing(api, monkeypatch):
    orders = [make.order() for _ in range(5)]
    made, call = stop(), api(make.person(Role.SUPERVISOR))
    monkeypatch.setattr(stop_answers, "AT_ONCE", 2)
    body = {"orders": [str(order.id) for order in orders], "reply": "cancel"}
    unknown = {**body, "orders": [*body["orders"], "999999"]}
    assert call("POST", f"/stops/{made.id}/answers", unknown).status_code == 404
    assert [is_cancelled(order) for order in orders] == [False] * 5
    monkeypatch.setattr(changes, "SECONDS", -1.0)
    first = call("POST", f"/stops/{made.id}/answers", body, key="k")
    assert first.json == {"answered": 2, "refused": [], "left": body["orders"][2:]}
    assert call("POST", f"/stops/{made.id}/answers", body, key="k").json == first.json
    monkeypatch.setattr(changes, "SECONDS", 60.0)
    rest = call("POST", f"/stops/{made.id}/answers", {**body, "orders": first.json["left"]}, key="k2")
    assert rest.json == {"answered": 3, "refused": [], "left": []}
    assert [is_cancelled(order) for order in orders] == [True] * 5


def is_cancelled(order):
    return open_change(make.parcel(order).id, order.id, Kind.CANCEL, order.store_id) is not None


def test_a_new_stop_is_offered_neutral_words_with_its_goods_and_not_those_of_the_last_stop(sign_in):
    make.store()
    stop(phrase="订单{order}的鞋子晚两天")
    page = sign_in(make.person(Role.SUPERVISOR)).get("/stops/new", headers=EN).text
    assert "鞋子" not in page
    assert "{goods}" in page
    assert {"{goods}" in words for words in rules.PHRASES.values()} == {True}
    assert stops.goods_of(stop(), "zh") == "HAT-01"


def test_a_phrase_names_the_goods_as_their_customer_knows_them_and_not_by_the_shops_code():
    where = make.store()
    hat = make.order(lines=(make.line(sku="ＨＡＴ-01"), make.line("n2", title="围巾", sku="SCARF")))
    bare = make.order(lines=(make.line(sku="HAT-01", title=None),))
    made = stop()
    assert stops.goods_in(made, [hat.id, bare.id], "zh") == {hat.id: "羊毛帽", bare.id: "HAT-01"}
    assert where.id == made.store_id


def test_a_phrase_fills_its_places_and_nothing_else():
    assert rules.written("{order} {store} {goods} {}", order="1{store}", store="S", goods="G") == "1{store} S G {}"


def test_all_of_many_orders_are_cancelled_with_one_tick_and_one_summary_and_the_list_stays(sign_in, monkeypatch):
    monkeypatch.setattr(showing, "time", SimpleNamespace(monotonic=lambda: 0.0))  # however slow the machine is
    monkeypatch.setattr(showing, "ROWS", 10)
    monkeypatch.setattr(stop_answers, "AT_ONCE", 5)
    store = make.store()
    orders = [make.order() for _ in range(14)]
    held = stop()
    browser = sign_in(make.person(Role.PRE_SALE))
    where = f"/stops/{held.id}?only=open"
    page = browser.get(where, headers=EN)
    assert page.text.count("data-tick ") == 10
    assert "data-tick-all" in page.text
    assert "All 14 that match" in page.text
    late = make.order()  # comes to match while she looks: she has not seen it
    assert "Unanswered" in page.text
    cancelled = orders[0]
    make.change(cancelled, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    done = browser.post(
        f"/stops/{held.id}/answers?only=open", headers=EN,
        data=form(page, every="1", up_to=hidden(page, "up_to"), reply="cancel"),
    )  # fmt: skip
    assert (done.status_code, done.headers["Location"]) == (303, where)
    after = browser.get(where, headers=EN).text
    assert "Noted for 14 orders." in after
    assert f"This order is being cancelled already. 1 order: {cancelled.number}" in after
    assert re.findall(r'name="order" value="(\d+)"', after) == [str(late.id)]
    assert all(make.parcel(order).holds == 2 for order in orders[:3])
    assert store.id == held.store_id


def test_all_that_match_means_those_without_this_answer_so_that_what_was_left_of_many_comes_next(sign_in, monkeypatch):
    monkeypatch.setattr(stop_answers, "AT_ONCE", 2)
    orders = [make.order() for _ in range(3)]
    held = stop()
    browser = sign_in(make.person(Role.PRE_SALE))
    where = f"/stops/{held.id}"
    monkeypatch.setattr(changes, "SECONDS", -1.0)  # one part in each call
    for left in ("1 order is left", "Noted for 1 order", "All of these orders have this answer already"):
        page = browser.get(where, headers=EN)
        sent = form(page, every="1", up_to=str(stops.newest_hold(held)), reply="cancel")
        done = browser.post(f"{where}/answers", headers=EN, data=sent)
        shown = browser.get(where, headers=EN).text if done.status_code == 303 else done.text
        assert left in shown
    assert all(open_change(make.parcel(o).id, o.id, Kind.CANCEL, o.store_id) for o in orders)


def test_what_was_cut_off_in_the_middle_keeps_its_parts_and_the_same_submit_does_the_rest_once(sign_in, monkeypatch):
    monkeypatch.setattr(stop_answers, "AT_ONCE", 2)
    orders = [make.order() for _ in range(6)]
    held = stop()
    browser = sign_in(make.person(Role.PRE_SALE))
    where = f"/stops/{held.id}?only=open"
    page = browser.get(where, headers=EN)
    sent = form(page, every="1", up_to=hidden(page, "up_to"), reply="cancel")
    real, parts = changes.answer_stop, []

    def dies(*args, **kwargs):
        parts.append(args[1])
        if len(parts) == 2:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    with monkeypatch.context() as cut:
        cut.setattr(changes, "answer_stop", dies)
        with pytest.raises(KeyboardInterrupt):
            browser.post(f"/stops/{held.id}/answers?only=open", headers=EN, data=sent)
    assert [row.reply for row in stops.affected(held, limit=9)] == [StopReply.CANCEL] * 2 + [None] * 4
    for _ in range(2):
        assert browser.post(f"/stops/{held.id}/answers?only=open", headers=EN, data=sent).status_code == 303
    assert [row.reply for row in stops.affected(held, limit=9)] == [StopReply.CANCEL] * 6
    assert "Noted for 4 orders." in browser.get(where, headers=EN).text
    assert all(open_change(make.parcel(o).id, o.id, Kind.CANCEL, o.store_id) for o in orders)


def hidden(page, name):
    return re.search(rf'name="{name}"[^>]*value="(\d+)"', page.text)[1]


def test_a_filter_that_finds_nothing_says_that_all_have_answered_and_not_that_nothing_is_held(sign_in):
    store = make.store()
    held = stop()
    browser = sign_in(make.person(Role.PRE_SALE))
    where = f"/stops/{held.id}?only=open"
    assert "No order is held by it" in browser.get(where, headers=EN).text
    order = make.order(store)
    page = browser.get(where, headers=EN)
    assert "that match" not in page.text  # all of them stand on this page
    browser.post(f"/stops/{held.id}/answers", data=form(page, order=str(order.id), reply="wait"))
    page = browser.get(where, headers=EN).text
    assert "Every customer has answered" in page
    assert "No order is held by it" not in page
    assert "The list ends here" in browser.get(f"/stops/{held.id}?after=999999", headers=EN).text


def test_who_may_not_ask_for_changes_is_not_offered_to_cancel(sign_in):
    make.store()
    make.order()
    held = stop()
    pages = {role: sign_in(make.person(role)).get(f"/stops/{held.id}", headers=EN).text
             for role in (Role.AFTER_SALE, Role.PRE_SALE)}  # fmt: skip
    assert {role: 'value="cancel"' in page for role, page in pages.items()} == {
        Role.AFTER_SALE: False, Role.PRE_SALE: True,
    }  # fmt: skip
