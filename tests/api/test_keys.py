"""Command keys, entity tags, cursors."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.idempotency import CommandKey
from shopdesk.core.permissions import Role
from tests import make

MEMO = {"text": "客户催发货", "flag": "red"}


@pytest.mark.both_engines
def test_a_repeat_gets_the_first_answer_and_another_body_is_refused(app, api):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    first = call("POST", f"/orders/{order.id}/memos", MEMO, key="a")
    again = call("POST", f"/orders/{order.id}/memos", MEMO, key="a")
    assert (again.status_code, again.json, again.headers["Location"]) == (201, first.json, first.headers["Location"])
    other = call("POST", f"/orders/{order.id}/memos", {**MEMO, "flag": "blue"}, key="a")
    assert (other.status_code, other.json["error"]) == (422, "key_reused")
    assert len(call("GET", f"/orders/{order.id}").json["memos"]) == 1
    stranger = api(make.person(Role.PRE_SALE))
    assert stranger("POST", f"/orders/{order.id}/memos", MEMO, key="a").json["id"] != first.json["id"]


@pytest.mark.parametrize("key", ["", "x" * 129, "a b", "ключ".encode().decode("latin-1")])
def test_a_bad_key_is_400(app, api, key):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    answer = call("POST", f"/orders/{order.id}/memos", MEMO, **{"Idempotency-Key": key})
    assert (answer.status_code, answer.json["error"]) == (400, "bad_command_key")


def test_a_refused_command_keeps_no_key(app, api):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    assert call("POST", f"/orders/{order.id}/memos", {"text": "x" * 2000, "flag": "red"}, key="a").status_code == 422
    assert call("POST", f"/orders/{order.id}/memos", MEMO, key="a").status_code == 201


def test_rows_that_were_done_before_the_machine_stopped_are_not_done_again(app, api, monkeypatch):
    first, second = make.order(), make.order()
    shop = api(make.person(Role.INTEGRATION))
    items = [{"order": o.number, "stage": "printed"} for o in (first, second)]
    body = {"as_of": clock.now().isoformat(), "items": items}

    def stops(*_args, **_kwargs):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(service, "note_stage_feed", stops)
        with pytest.raises(SystemExit):
            shop("POST", "/stores/my-shop/facts", body, key="f")
    answer = shop("POST", "/stores/my-shop/facts", body, key="f")
    assert [row["facts"][0]["effect"] for row in answer.json["items"]] == ["moved", "moved"]
    assert shop("POST", "/stores/my-shop/facts", body, key="f").json == answer.json
    other = {**body, "items": items[:1]}
    assert shop("POST", "/stores/my-shop/facts", other, key="f").json["error"] == "key_reused"


def test_a_private_answer_is_not_kept_but_its_key_is(app, api):
    order = make.order()
    call = api(make.person(Role.SUPERVISOR))
    ask = {"what": "phone", "reason": "call_customer"}
    for _ in range(2):
        assert call("POST", f"/orders/{order.id}/reveal", ask, key="r").json["value"] == "13812345678"
    other = call("POST", f"/orders/{order.id}/reveal", {**ask, "what": "name"}, key="r")
    assert other.json["error"] == "key_reused"
    assert [row["body"] for row in db.session.scalars(select(CommandKey.answer))] == [None]


@pytest.mark.both_engines
def test_the_same_key_at_the_same_moment_is_done_once(app, api):
    order = make.order()
    person = make.person(Role.PRE_SALE)
    secret = make.api_token(person)
    ready, answers = threading.Barrier(4), []

    def send():
        ready.wait()
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k"}
        with app.app_context():
            answers.append(app.test_client().post(f"/api/v1/orders/{order_id}/memos", json=MEMO, headers=headers))

    order_id = order.id
    db.session.rollback()
    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in answers} == {201}
    assert len({a.json["id"] for a in answers}) == 1


def test_every_resource_has_a_tag_that_answers_304_until_something_changes(app, api):
    order = make.order()
    call = api(make.person(Role.SUPERVISOR))
    for path in (f"/orders/{order.id}", f"/orders/{order.id}/options", "/orders", "/notices", "/stores/my-shop/feeds"):
        shown = call("GET", path)
        again = call("GET", path, **{"If-None-Match": shown.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), path
    tag = call("GET", f"/orders/{order.id}").headers["ETag"]
    call("POST", f"/orders/{order.id}/memos", MEMO)
    assert call("GET", f"/orders/{order.id}", **{"If-None-Match": tag}).status_code == 200


def walk(call, path, name="cursor", meanwhile=None):
    found, cursor = [], None
    for _ in range(50):
        page = call("GET", f"{path}&{name}={cursor}" if cursor else path).json
        found += [item["id"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found
        if meanwhile:
            meanwhile()
    raise AssertionError("it never ends")


def test_pages_neither_repeat_nor_miss_a_row_while_orders_come_in(app, api):
    there = [str(make.order().id) for _ in range(7)]
    call = api(make.person(Role.PRE_SALE))
    assert walk(call, "/orders?limit=3", meanwhile=make.order) == there[::-1]
    made = len(call("GET", "/orders?limit=200").json["items"])
    found = walk(call, "/orders?limit=2&q=雨天晒被子_07", meanwhile=make.order)
    assert len(found) == len(set(found)) == made


def test_a_look_up_that_ranks_kinds_gives_every_order_once(app, api):
    sku = [make.order(lines=(make.line(sku="5678"),), phone="13900000000") for _ in range(3)]
    phones = [make.order(phone="13812345678") for _ in range(2)]
    more = [make.order(lines=(make.line(sku="5678"),), phone="13900000000") for _ in range(3)]
    found = walk(api(make.person(Role.PRE_SALE)), "/orders?limit=2&q=5678")
    assert sorted(found) == sorted(str(o.id) for o in (*sku, *phones, *more))


def test_inboxes_and_events_go_on_where_they_ended(app, api):
    make.store()
    asker = make.actor(Role.PRE_SALE)
    for _ in range(5):
        make.change(make.order(), by=asker, yes=True)
    boss = api(make.person(Role.SUPERVISOR))
    whole = [n["id"] for n in boss("GET", "/notices?limit=200").json["items"]]
    assert walk(boss, "/notices?limit=2") == whole
    everything = boss("GET", "/events?limit=200").json
    assert walk(boss, "/events?limit=3", name="after") == [e["id"] for e in everything["items"]]
    assert boss("GET", f"/events?after={everything['after']}").json["items"] == []
    order = make.order()
    fresh = boss("GET", f"/events?after={everything['after']}").json
    assert [(e["action"], e["order_id"]) for e in fresh["items"]] == [("order.mirrored", str(order.id))]
