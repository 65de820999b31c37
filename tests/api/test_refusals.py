"""Every refusal has one body, the right status, and leaves nothing half-done."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO

import pytest
import time_machine

from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.errors import Unavailable
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.staff import service
from shopdesk.staff.models import ApiToken
from tests import make

pytestmark = pytest.mark.usefixtures("app")
WISH = {"kind": "courier", "value": {"text": "顺丰"}}


def raw(call, path, body, content_type="application/json"):
    headers = {**call.headers, "Content-Type": content_type}
    return call.client.post(f"/api/v1{path}", data=body, headers=headers)


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "x", "flag": "red"', b'{"text": NaN, "flag": "red"}', b'{"text": Infinity, "flag": "red"}',
        b'{"text": 1e999, "flag": "red"}', b'{"text": "a", "text": "b", "flag": "red"}', b'["a"]', b'"a"', b"null",
        b'{"text": "a\\u0000b", "flag": "red"}', b'{"text": "a\\ud800b", "flag": "red"}',
        b'{"text": "\xff", "flag": "red"}',
        b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b'{"text": ' + b"[" * 14 + b"]" * 14 + b"}",
        b'{"text": ' + b"9" * 5000 + b', "flag": "red"}', b'{"text": "x", "flag": "red", "more": 1}', b"{}", b"",
        b'{"text": "  ", "flag": "red"}', b'{"text": "x", "flag": "pink"}', b'{"text": 5, "flag": "red"}',
        '{"text": "x", "flag": "red"}'.encode("utf-16"), b'{"text": "' + b"x" * 10_001 + b'", "flag": "red"}',
    ],
    ids=range(22),
)  # fmt: skip
def test_a_body_that_is_no_json_or_does_not_fit_is_400_with_the_one_error_body(api, body):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    answer = raw(call, f"/orders/{order.id}/memos", body)
    assert (answer.status_code, answer.json["error"]) == (400, "malformed")
    assert set(answer.json) == {"error", "message", "facts", "fields"}
    assert call("GET", f"/orders/{order.id}").json["memos"] == []


@pytest.mark.parametrize(
    "wish",
    [
        {"kind": "quantity", "value": {"quantity": 1.0}, "line_id": "1"},
        {"kind": "quantity", "value": {"quantity": True}, "line_id": "1"},
        {"kind": "quantity", "value": {"quantity": "1"}, "line_id": "1"},
        {"kind": "quantity", "value": {"quantity": -1}, "line_id": "1"},
        {"kind": "quantity", "value": {"quantity": 10**30}, "line_id": "1"},
        {"kind": "quantity", "value": {"quantity": 1}},
        {"kind": "quantity", "value": {"quantity": 1}, "line_id": 1},
        {"kind": "courier", "value": {"quantity": 1}},
        {"kind": "courier", "value": {}},
        {"kind": "steal", "value": {"text": "x"}},
        {"kind": "price", "value": {"amount": {"amount_minor": 1, "currency": "XXX"}}, "line_id": "1"},
        {**WISH, "confirmation": {"text": "x", "via": "chat", "at": "2026-01-01T10:00:00"}},
        {**WISH, "confirmation": {"text": "x", "via": "chat", "at": "0001-01-01T00:00:00+10:00"}},
        {**WISH, "seen_stage": "lost"},
    ],
    ids=str,
)
def test_a_wish_that_does_not_fit_is_400_and_names_the_field(api, wish):
    order = make.order()
    answer = api(make.person(Role.PRE_SALE))("POST", f"/orders/{order.id}/changes", wish)
    assert (answer.status_code, bool(answer.json["fields"])) == (400, True)


def test_the_content_type_must_be_json(api):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    assert (
        raw(call, f"/orders/{order.id}/memos", b"text=x&flag=red", "application/x-www-form-urlencoded").status_code
        == 415
    )


def test_an_import_that_is_no_form_is_told_to_be_one(api):
    make.store()
    call = api(make.person(Role.PRE_SALE))
    answer = raw(call, "/stores/my-shop/imports", b"{}")
    assert (answer.status_code, answer.json["error"]) == (415, "wrong_content_type")
    assert "multipart/form-data" in answer.json["message"]


def test_a_text_in_the_address_that_no_database_keeps_is_400_and_names_the_parameter(api):
    make.store()
    call = api(make.person(Role.PRE_SALE))
    for path, field in (("/orders?q=%00", "q"), ("/orders?%00=1", "\ufffd"), ("/orders?q=x&cursor=a%00", "cursor")):
        answer = call("GET", path)
        assert (answer.status_code, list(answer.json["fields"])) == (400, [field])
        assert answer.json["fields"][field][0]


def test_a_file_that_does_not_say_when_it_was_exported_asks_for_as_of_and_is_not_taken_for_new(api):
    make.store()
    call = api(make.person(Role.PRE_SALE))

    def send(name, **form):
        sent = {"files": (BytesIO("订单编号".encode("gb18030")), name), **form}
        return call.client.post("/api/v1/stores/my-shop/imports", data=sent, headers=call.headers)

    answer = send("orders.csv")
    assert (answer.status_code, answer.json["error"]) == (422, "when_exported")
    assert send("orders.csv", as_of="2026-11-01T14:30:00+08:00").status_code == 202
    assert send("ExportOrderList202611011430.csv").status_code == 202


def test_a_body_beyond_the_limit_is_413(api):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    assert raw(call, f"/orders/{order.id}/memos", b" " * (8 * 1024 * 1024 + 1)).status_code == 413


@pytest.mark.parametrize(
    "path",
    ["/orders?limit=0", "/orders?limit=201", "/orders?limit=x", "/orders?limit=1&limit=2", "/orders?page=1",
     "/orders?cursor=zzz", "/orders?cursor=WzEsMl0", "/orders?q=%00", "/notices?state=lost", "/events?after=W10"],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_400(api, path):
    make.store()
    assert api(make.person(Role.SUPERVISOR))("GET", path).status_code == 400


@pytest.mark.parametrize(
    "path", ["/orders/x", "/orders/-1", "/orders/9999999999999999999", "/orders/999999", "/nothing"]
)
def test_what_is_not_there_is_404_in_json(api, path):
    make.store()
    answer = api(make.person(Role.PRE_SALE))("GET", path)
    assert (answer.status_code, answer.json["error"]) == (404, "not_found")


def test_a_wrong_method_is_405_in_json(api):
    make.store()
    answer = api(make.person(Role.PRE_SALE))("PATCH", "/orders")
    assert (answer.status_code, answer.json["error"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


def test_another_stores_things_do_not_exist(api):
    order = make.order()
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    notice = make.notices(order)[0]
    elsewhere = make.store("elsewhere")
    call = api(make.person(Role.SUPERVISOR, store_id=elsewhere.id))
    assert call("GET", "/orders").json["items"] == []
    assert call("GET", f"/orders?q={order.number}").json["items"] == []
    assert call("GET", "/notices").json["items"] == []
    for method, path, body in [
        ("GET", f"/orders/{order.id}", None),
        ("GET", f"/orders/{order.id}/options", None),
        ("POST", f"/orders/{order.id}/memos", {"text": "x", "flag": "red"}),
        ("POST", f"/orders/{order.id}/changes", WISH),
        ("POST", f"/orders/{order.id}/reveal", {"what": "phone", "reason": "call_customer"}),
        ("GET", f"/changes/{change.id}", None),
        ("POST", f"/changes/{change.id}/withdrawal", {"reason": "x"}),
        ("POST", f"/notices/{notice.id}/acknowledgement", {"answer": "not_printed"}),
        ("GET", "/stores/my-shop/feeds", None),
        ("POST", "/stores/my-shop/facts", {"as_of": clock.now().isoformat(), "items": []}),
    ]:
        assert call(method, path, body).status_code == 404, path
    assert {event["store"] for event in call("GET", "/events?limit=200").json["items"]} == {"elsewhere"}


def test_a_wish_in_a_conflict_says_what_is_possible_now_and_writes_nothing(api):
    order = make.order()
    make.fact(order, Stage.PRINTED)
    call = api(make.person(Role.PRE_SALE))
    for key in (None, "k1"):
        answer = call("POST", f"/orders/{order.id}/changes", {**WISH, "seen_stage": "unprinted"}, key=key)
        assert (answer.status_code, answer.json["error"]) == (409, "stage_moved")
        now = answer.json["facts"]["now"]
        refused = {k["kind"] for k in now["kinds"] if not k["is_allowed"]}
        assert (now["stage"], refused) == ("printed", {"price", "freight"})
    assert call("GET", f"/orders/{order.id}").json["changes"] == []


def test_a_rule_is_422_and_another_role_403(api):
    order = make.order()
    refused = api(make.person(Role.PRE_SALE))(
        "POST", f"/orders/{order.id}/changes", {"kind": "address", "value": {"city": "苏州市"}}
    )
    assert (refused.status_code, refused.json["error"]) == (422, "changes_nothing")
    assert api(make.person(Role.WAREHOUSE))("POST", f"/orders/{order.id}/changes", WISH).status_code == 403


def test_without_a_valid_token_it_is_401(api, browser):
    make.store()
    person = make.person(Role.PRE_SALE)
    assert browser().get("/api/v1/orders").status_code == 401
    signed_in = browser()
    with signed_in.session_transaction() as session:
        at = clock.now().timestamp()
        session.update(_user_id=f"{person.id}.{person.epoch}.secret", seen=at, since=at)
    assert signed_in.get("/api/v1/orders").status_code == 401  # a session opens no API route
    for header in ("", "Bearer", "Bearer x", "Basic eDp4"):
        answer = browser().get("/api/v1/orders", headers={"Authorization": header})
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    expired, revoked, disabled = api(person), api(person), api(make.person(Role.PRE_SALE, login="gone"))
    assert expired("GET", "/orders").status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False):
        assert expired("GET", "/orders").status_code == 401
    service.revoke_token(newest_token(person), actor=make.ROOT)
    assert revoked("GET", "/orders").status_code == 401
    from shopdesk.staff.queries import person_by_login

    service.disable_person(person_by_login("gone").id, actor=make.ROOT)
    assert disabled("GET", "/orders").status_code == 401


def newest_token(person):
    from sqlalchemy import select

    from shopdesk.core.db import db

    return db.session.scalar(
        select(ApiToken.id).where(ApiToken.person_id == person.id).order_by(ApiToken.id.desc()).limit(1)
    )


def test_a_token_opens_no_page(api):
    make.store()
    call = api(make.person(Role.SUPERVISOR))
    assert call.client.get("/", headers=call.headers).status_code == 303


def test_scopes_narrow_and_never_widen(api):
    order = make.order()
    look = api(make.person(Role.SUPERVISOR), "order:read")
    assert look("GET", f"/orders/{order.id}").json["paid"] is None
    assert look("POST", f"/orders/{order.id}/changes", WISH).status_code == 403
    assert look("GET", "/events").status_code == 403
    wide = api(make.person(Role.WAREHOUSE), "change:ask", "order:read", "money:read")
    assert wide("POST", f"/orders/{order.id}/changes", WISH).status_code == 403
    facts = api(make.person(Role.INTEGRATION), "facts:write")
    assert facts("POST", "/stores/my-shop/facts", {"as_of": clock.now().isoformat(), "items": []}).status_code == 200
    assert facts("GET", "/orders").status_code == 403


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.PRINTING])
def test_warehouse_and_printing_see_no_figure_of_money(api, role):
    order = make.order(lines=(make.line(quantity=2),))
    asked = make.change(order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=1)
    call = api(make.person(role))
    for path in (f"/orders/{order.id}", "/orders", f"/changes/{asked.id}", "/notices"):
        assert "amount_minor" not in call("GET", path).text


@pytest.mark.mission("M354")
def test_masked_in_lists_and_clear_on_the_order_only_for_who_may_see(api):
    order = make.order()
    assert "张伟" not in api(make.person(Role.PRE_SALE))("GET", "/orders").text
    assert "星澜街" in api(make.person(Role.PRE_SALE))("GET", f"/orders/{order.id}").text
    for role in (Role.WAREHOUSE, Role.INTEGRATION, Role.FINANCE):
        text = api(make.person(role))("GET", f"/orders/{order.id}").text
        assert "星澜街" not in text
        assert "张伟" not in text
    assert "13812345678" not in api(make.person(Role.SUPERVISOR))("GET", f"/orders/{order.id}").text


@pytest.mark.mission("M354")
def test_revealing_needs_a_reason_and_leaves_an_event(api, app):
    order = make.order()
    boss = api(make.person(Role.SUPERVISOR))
    refused = boss("POST", f"/orders/{order.id}/reveal", {"what": "phone"})
    assert (refused.status_code, refused.json["error"]) == (422, "reason_needed")
    shown = boss("POST", f"/orders/{order.id}/reveal", {"what": "phone", "reason": "call_customer"}, key="r")
    assert shown.json == {"what": "phone", "value": "13812345678"}
    assert [e["action"] for e in boss("GET", "/events?limit=200").json["items"]].count("personal.revealed") == 1


def test_a_token_beyond_its_rate_is_429_with_retry_after(app, api):
    make.store()
    call, other = api(make.person(Role.PRE_SALE)), api(make.person(Role.PRE_SALE))
    was = app.config["API_PER_MINUTE"]
    app.config.update(API_LIMITED=True, API_PER_MINUTE=3)
    try:
        assert [call("GET", "/orders").status_code for _ in range(4)] == [200, 200, 200, 429]
        answer = call("GET", "/orders")
        assert (answer.json["error"], int(answer.headers["Retry-After"]) > 0) == ("too_many", True)
        assert other("GET", "/orders").status_code == 200
    finally:
        app.config.update(API_LIMITED=False, API_PER_MINUTE=was)


def test_callers_without_a_token_are_counted_by_address_whatever_they_send(app, browser):
    was = app.config["API_PER_MINUTE"]
    app.config.update(API_LIMITED=True, API_PER_MINUTE=3)
    try:
        client = browser()
        sent = [{"Authorization": f"Bearer guess-{n}"} for n in range(5)]
        assert [client.get("/api/v1/orders", headers=h).status_code for h in sent] == [401, 401, 401, 429, 429]
    finally:
        app.config.update(API_LIMITED=False, API_PER_MINUTE=was)


def test_a_busy_database_is_503_with_retry_after(api, monkeypatch):
    make.store()

    def busy(*_args, **_kwargs):
        raise Unavailable("The desk is very busy. Nothing was changed; please try again.")

    monkeypatch.setattr("shopdesk.desk.queries.feeding.within", busy)
    answer = api(make.person(Role.PRE_SALE))("GET", "/orders")
    assert (answer.status_code, answer.json["error"], answer.headers["Retry-After"]) == (503, "unavailable", "1")


def test_put_with_if_match_is_412_once_the_order_moved_on(api):
    from tests.api.test_story import sale

    make.store()
    call = api(make.person(Role.INTEGRATION))
    path = "/stores/my-shop/orders/4100001"
    tag = call("PUT", path, sale()).headers["ETag"]
    second = call("PUT", path, sale(status="shipped"), **{"If-Match": tag})
    assert (second.status_code, second.json["outcome"]) == (200, "updated")
    stale = call("PUT", path, sale(), **{"If-Match": tag})
    assert (stale.status_code, stale.json["error"]) == (412, "stale_version")
    assert call("PUT", "/stores/my-shop/orders/new", sale(), **{"If-Match": "*"}).status_code == 412
    assert call("PUT", path, sale()).status_code == 200


@pytest.mark.parametrize("number", ["%20x", "a%07b", "x" * 65, "%E2%80%8B"])
def test_a_number_that_nobody_could_look_up_is_refused(api, number):
    from tests.api.test_story import sale

    make.store()
    assert api(make.person(Role.INTEGRATION))("PUT", f"/stores/my-shop/orders/{number}", sale()).status_code in {
        400,
        404,
    }


def leaves(shape):
    """Every innermost value of `fields`."""
    if isinstance(shape, dict):
        return [leaf for inner in shape.values() for leaf in leaves(inner)]
    return [shape]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/stores/my-shop/orders/4.1E+18", {"as_of": "2026-01-01T10:00:00+08:00", "status": "paid"}),
        ("PUT", "/stores/my-shop/orders/410000", {"as_of": "x", "status": 3, "lines": [{"key": 1}], "recipient": []}),
        ("PUT", "/stores/my-shop/orders/410000", [1]),
        ("GET", "/orders?limit=900&strange=1", None),
        ("POST", "/print-checks", {"numbers": [1, ""]}),
        ("POST", "/orders/1/changes", {"kind": "price", "value": {"amount": {"amount_minor": 1.5}}, "line_id": 7}),
        ("GET", "/cases?owner=me&phase=closed", None),
    ],
)
def test_what_does_not_fit_is_a_list_of_words_for_each_field(api, method, path, body):
    make.store()
    answer = api(make.person(Role.SUPERVISOR))(method, path, body)
    found = leaves(answer.json["fields"])
    assert (answer.status_code, bool(found)) == (400, True)
    assert [leaf for leaf in found if not (isinstance(leaf, list) and leaf and all(type(t) is str for t in leaf))] == []


def test_a_confirmation_without_a_time_is_of_now(api):
    order = make.order()
    body = {"kind": "address", "value": {"street": "云帆路66号"}, "confirmation": {"text": "对的", "via": "chat"}}
    answer = api(make.person(Role.PRE_SALE))("POST", f"/orders/{order.id}/changes", body)
    said = datetime.fromisoformat(answer.json["items"][0]["wishes"][0]["confirmed_at"])
    assert abs((clock.now() - said).total_seconds()) < 60
