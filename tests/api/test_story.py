"""A shop's own script does a day's work through the API alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from tests import make

NOW_FIELDS = {"as_of", "source", "origin", "freshness", "age_seconds"}


def sale(**more):
    cny = {"currency": "CNY"}
    return {
        "as_of": clock.now().isoformat(),
        "origin": "ERP",
        "status": "paid",
        "buyer_id": "雨天晒被子_07",
        "buyer_nick": "雨天晒被子_07",
        "total": {"amount_minor": 25_600, **cny},
        "paid": {"amount_minor": 25_600, **cny},
        "shipping": {"amount_minor": 0, **cny},
        "recipient": {"name": "张伟", "phone": "13812345678", "city": "苏州市", "street": "星澜街128号"},
        "lines": [
            {
                "key": "1", "quantity": 2, "title": "羊毛帽", "sku": "HAT-01", "attributes": "颜色分类:黑色",
                "unit_price": {"amount_minor": 12_800, **cny},
            }
        ],
        **more,
    }  # fmt: skip


@pytest.fixture
def team(app, api):
    """(pre-sale, printing, the shop's system), each with a token."""
    make.store()
    return (
        api(make.person(Role.PRE_SALE)),
        api(make.person(Role.PRINTING)),
        api(make.person(Role.INTEGRATION, login="erp")),
    )


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_change_goes_from_the_feed_to_the_printed_batch_through_the_api_alone(team):
    pre_sale, printing, shop = team
    put = shop("PUT", "/stores/my-shop/orders/4100001", sale())
    assert put.status_code == 201
    order_id = put.json["id"]
    fact = {"as_of": clock.now().isoformat(), "origin": "ERP", "covers": "store", "items": []}
    assert shop("POST", "/stores/my-shop/facts", fact).status_code == 200

    found = pre_sale("GET", "/orders?q=5678").json
    assert (found["matched"], [hit["number"] for hit in found["items"]]) == ("phone_tail", ["4100001"])
    hit = found["items"][0]
    assert (hit["recipient"], hit["stage"], set(hit["knowledge"])) == ("张**", "unprinted", NOW_FIELDS)
    order = pre_sale("GET", f"/orders/{order_id}").json
    assert (order["address"]["name"], order["address"]["phone"]) == ("张伟", "138****5678")
    assert order["paid"] == {"amount_minor": 25_600, "currency": "CNY"}

    memo = pre_sale("POST", f"/orders/{order_id}/memos", {"text": "客户催发货", "flag": "red"}, key="m1")
    assert (memo.status_code, memo.json["flag"], "---" in memo.json["text"]) == (201, "red", True)
    whole = pre_sale("POST", f"/orders/{order_id}/memo-text", {}).json["text"]
    assert whole.startswith("客户催发货---")
    assert pre_sale("POST", f"/orders/{order_id}/memos/pasted").json == {"memos": 1}

    line = "浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室"
    parts = pre_sale("POST", "/addresses/parse", {"text": line}).json
    assert (parts["city"], parts["unsure"]) == ("杭州市", [])
    value = {name: part for name, part in parts.items() if part and name != "unsure"}
    kinds = {k["kind"]: k for k in pre_sale("GET", f"/orders/{order_id}/options").json["kinds"]}
    assert (kinds["address"]["is_allowed"], kinds["price"]["code"]) == (True, "only_unpaid")
    wish = {"kind": "address", "value": value, "seen_stage": kinds["address"]["stage"]}
    asked = pre_sale("POST", f"/orders/{order_id}/changes", wish, key="c1")
    assert asked.status_code == 201, asked.json
    change = asked.json["items"][0]
    assert asked.headers["Location"] == f"/api/v1/changes/{change['id']}"
    assert "云帆路" not in asked.text  # what is kept with the key holds no personal value
    assert "云帆路66号" in pre_sale("GET", f"/changes/{change['id']}").json["wishes"][0]["new"]
    assert pre_sale("GET", f"/orders/{order_id}").json["parcels"][0]["holds"][0]["change_id"] == change["id"]

    assert printing("GET", "/notices?state=waiting").json["items"][0]["change_id"] == change["id"]
    checked = printing("POST", "/print-checks", {"numbers": ["4100001"]})
    assert [row["group"] for row in checked.json["rows"]] == ["do_not_print"]
    yes = {"text": "对的", "via": "chat", "at": clock.now().isoformat()}
    done = pre_sale("POST", f"/changes/{change['id']}/steps/{change['next_step']}/done", yes, key="s1")
    assert done.status_code == 200, done.json
    notice = next(n for n in printing("GET", "/notices").json["items"] if n["kind"] == "change")
    assert "杭州市" in notice["wishes"][0]["new"]

    again = printing("POST", "/print-checks", {"numbers": ["4100001", "nobody"]}, key="p1").json
    assert [row["group"] for row in again["rows"]] == ["changed", "unknown"]
    assert again["rows"][0]["changes"][0]["id"] == change["id"]
    printed = printing("POST", f"/print-checks/{again['id']}/printed", {"batch": "W231"}, key="p2")
    assert printed.status_code == 200, printed.json
    order = pre_sale("GET", f"/orders/{order_id}").json
    assert (order["stage"], order["parcels"][0]["batch"], order["parcels"][0]["holds"]) == ("printed", "W231", [])
    assert pre_sale("GET", f"/changes/{change['id']}").json["state"] == "done"
    assert printing("GET", "/notices").json["items"] == []


@pytest.mark.parametrize(
    ("answer", "state", "stage"),
    [("not_printed", "done", "unprinted"), ("printed", "open", "printed"), ("gone", "too_late", "shipped")],
)
def test_each_answer_to_a_notice_moves_the_change(team, answer, state, stage):
    pre_sale, printing, _ = team
    order = make.order()
    wish = {"kind": "courier", "value": {"text": "顺丰"}}
    wish["confirmation"] = {"text": "对", "via": "phone", "at": clock.now().isoformat()}
    change = pre_sale("POST", f"/orders/{order.id}/changes", wish).json["items"][0]
    notice = printing("GET", "/notices").json["items"][0]
    told = printing("POST", f"/notices/{notice['id']}/acknowledgement", {"answer": answer, "batch": "W1"})
    assert (told.status_code, told.json["state"], told.json["answer"]) == (200, "acknowledged", answer)
    assert pre_sale("GET", f"/changes/{change['id']}").json["state"] == state
    assert pre_sale("GET", f"/orders/{order.id}").json["stage"] == stage


def test_a_later_fact_of_an_earlier_print_reopens_the_change_and_alarms(team):
    pre_sale, printing, shop = team
    order = make.order(as_of=clock.now() - timedelta(minutes=30))
    wish = {"kind": "courier", "value": {"text": "顺丰"}}
    wish["confirmation"] = {"text": "对", "via": "phone", "at": clock.now().isoformat()}
    change = pre_sale("POST", f"/orders/{order.id}/changes", wish).json["items"][0]
    notice = printing("GET", "/notices").json["items"][0]
    printing("POST", "/notices/acknowledgements", {"items": [{"id": notice["id"], "answer": "not_printed"}]})
    assert pre_sale("GET", f"/changes/{change['id']}").json["state"] == "done"

    printed_at = (clock.now() - timedelta(minutes=15)).isoformat()
    items = [
        {"order": order.number, "stage": "printed", "happened_at": printed_at, "batch": "W7"},
        {"order": "nobody", "stage": "printed"},
    ]
    told = shop("POST", "/stores/my-shop/facts", {"as_of": clock.now().isoformat(), "items": items}, key="f1")
    assert told.json["items"][0]["facts"][0]["effect"] == "moved"
    assert told.json["items"][1]["refused"]["error"] == "unknown_parcel"
    shown = pre_sale("GET", f"/changes/{change['id']}").json
    assert (shown["state"], shown["column"]) == ("open", "printed")
    assert [n["kind"] for n in pre_sale("GET", "/notices").json["items"]] == ["alarm"]


def test_a_recall_names_the_batch_and_the_place_that_a_feed_told_after_the_waybill(team, api):
    pre_sale, _, shop = team
    order = make.order(waybills=[("SF1000000001", "顺丰速运")])
    told = {"order": order.number, "stage": "printed", "happened_at": clock.now().isoformat(), "batch": "W7"}
    facts = {"as_of": clock.now().isoformat(), "items": [told | {"position": 14}]}
    assert shop("POST", "/stores/my-shop/facts", facts).json["items"][0]["facts"][0]["effect"] == "known"
    pre_sale("POST", f"/orders/{order.id}/changes", {"kind": "courier", "value": {"text": "顺丰"}})
    (recall,) = api(make.person(Role.WAREHOUSE))("GET", "/notices").json["items"]
    assert (recall["kind"], recall["body"]["batch"], recall["body"]["position"]) == ("recall", "W7", 14)
    facts["items"] = [told | {"position": 0}]
    assert shop("POST", "/stores/my-shop/facts", facts).status_code == 400


def test_the_same_facts_again_change_nothing_and_a_store_wide_feed_is_noted(team):
    _, _, shop = team
    order = make.order()
    body = {
        "as_of": clock.now().isoformat(), "origin": "ERP", "covers": "store",
        "items": [{"order": order.number, "stage": "printed"}],
    }  # fmt: skip
    told, again = (shop("POST", "/stores/my-shop/facts", body).json["items"][0]["facts"] for _ in range(2))
    assert again == [{**told[0], "effect": "known"}]
    assert len(parcels.facts([make.parcel(order).id], order.store_id)) == 1
    later = {**body, "as_of": clock.now().isoformat()}
    assert shop("POST", "/stores/my-shop/facts", later, key="k").status_code == 200
    feeds = {f["kind"]: f for f in shop("GET", "/stores/my-shop/feeds").json["items"]}
    assert (feeds["stages"]["covers"], feeds["stages"]["freshness"], feeds["stages"]["origin"]) == (
        "store", "fresh", "ERP",
    )  # fmt: skip


def test_withdrawing_and_ending_are_resources_of_their_own(team, api):
    pre_sale, printing, _ = team
    order = make.order()
    change = pre_sale("POST", f"/orders/{order.id}/changes", {"kind": "courier", "value": {"text": "顺丰"}}).json
    change_id = change["items"][0]["id"]
    boss = api(make.person(Role.SUPERVISOR))
    refused = boss("POST", f"/changes/{change_id}/ending", {"reason": "by hand"})
    assert (refused.status_code, refused.json["error"]) == (409, "use_the_steps")
    assert refused.json["facts"]["now"]["next_step"]["code"] == "confirm"
    assert printing("POST", f"/changes/{change_id}/withdrawal", {"reason": "x"}).status_code == 403
    back = pre_sale("POST", f"/changes/{change_id}/withdrawal", {"reason": "客户改主意了"})
    assert (back.status_code, back.json["state"]) == (200, "withdrawn")


def test_files_are_taken_and_their_run_tells_how_far_it_is(team):
    _, _, shop = team
    from io import BytesIO

    from tests.api.world import EXPORT

    rows = (
        EXPORT
        + "4100009,木子,128.00,128.00,128.00,买家已付款,李小明,江苏省 苏州市 x,13900001111,2026-01-01 10:00:00,\n"
    )
    files = [(BytesIO(rows.encode("gb18030")), "ExportOrderList.csv"), (BytesIO(b"\x89PNG"), "ExportOrderList.csv")]
    taken = shop.client.post(
        "/api/v1/stores/my-shop/imports",
        data={"files": files, "as_of": clock.now().isoformat()},
        headers={**shop.headers, "Idempotency-Key": "i1"},
    )
    assert taken.status_code == 202, taken.json
    shown = shop("GET", taken.headers["Location"].removeprefix("/api/v1"))
    assert (shown.json["state"], [f["name"] for f in shown.json["files"]]) == (
        "queued", ["ExportOrderList.csv", "_ExportOrderList.csv"],
    )  # fmt: skip
    for name, value in (("file", BytesIO(b"x")), ("as_of", "yesterday")):
        data = {"files": (BytesIO(b"x"), "a.csv"), name: (value, "a") if name == "file" else value}
        refused = shop.client.post("/api/v1/stores/my-shop/imports", data=data, headers=shop.headers)
        assert (refused.status_code, refused.json["error"]) == (400, "malformed")


def test_an_amendment_is_ticked_once_it_stands_in_the_platform(team):
    pre_sale, _, _ = team
    order = make.order()
    pre_sale("POST", f"/orders/{order.id}/changes", {"kind": "courier", "value": {"text": "顺丰"}})
    amendment = pre_sale("GET", f"/orders/{order.id}").json["amendments"][0]
    assert (amendment["state"], amendment["new"]) == ("to_do", "顺丰")
    entered = pre_sale("POST", f"/amendments/{amendment['id']}/entered")
    assert entered.json["state"] == "done_by_hand"
    assert pre_sale("POST", f"/amendments/{amendment['id']}/entered").status_code == 409


def test_a_batch_tells_of_each_row_what_became_of_it(team):
    _, _, shop = team
    body = sale()
    told = {"as_of": body.pop("as_of"), "origin": body.pop("origin")}
    dear = {**body, "paid": {"amount_minor": 1, "currency": "USD"}}
    items = [{**body, "number": "A1"}, {**dear, "number": "A2"}, {**body, "number": "A3"}]
    answer = shop("POST", "/stores/my-shop/orders/batch", {**told, "items": items}, key="b1")
    assert [(r["number"], (r["receipt"] or r["refused"]).get("outcome")) for r in answer.json["items"]] == [
        ("A1", "created"), ("A2", None), ("A3", "created"),
    ]  # fmt: skip
    assert answer.json["items"][1]["refused"]["error"] == "wrong_currency"
    again = shop("POST", "/stores/my-shop/orders/batch", {**told, "items": items}, key="b1")
    assert again.json == answer.json
    assert shop("GET", "/orders?q=A2").json["items"] == []


def test_a_refund_of_units_is_ticked_with_amount_and_reference(team, api):
    pre_sale, printing, _ = team
    order = make.order(lines=(make.line(quantity=2, price_minor=1000),))
    line = pre_sale("GET", f"/orders/{order.id}").json["lines"][0]
    wish = {"kind": "quantity", "value": {"quantity": 1}, "line_id": line["id"]}
    wish["confirmation"] = {"text": "对", "via": "phone", "at": clock.now().isoformat()}
    change = pre_sale("POST", f"/orders/{order.id}/changes", wish).json["items"][0]
    notice = printing("GET", "/notices").json["items"][0]
    printing("POST", f"/notices/{notice['id']}/acknowledgement", {"answer": "not_printed"})
    after_sale = api(make.person(Role.AFTER_SALE))
    shown = after_sale("GET", f"/changes/{change['id']}").json
    assert shown["refundable"] == {"amount_minor": 1000, "currency": "CNY"}
    n = next(step["n"] for step in shown["steps"] if step["code"] == "refund")
    path = f"/changes/{change['id']}/steps/{n}/done"
    paid = {"amount": {"amount_minor": 1000, "currency": "CNY"}, "reference": "R1"}
    assert after_sale("POST", path, paid).json["error"] == "command_key_required"
    dollars = {**paid, "amount": {"amount_minor": 1000, "currency": "USD"}}
    assert after_sale("POST", path, dollars, key="r0").json["error"] == "wrong_currency"
    assert after_sale("POST", path, paid, key="r1").status_code == 200
    assert after_sale("POST", path, paid, key="r1").status_code == 200  # the first answer, not a second refund
    assert after_sale("POST", path, paid, key="r2").status_code == 409
    assert after_sale("GET", f"/orders/{order.id}").json["lines"][0]["refunded"]["amount_minor"] == 1000
