"""Returns, couriers, claims and policies through the API: what they answer, what they refuse, to whom they are."""

from __future__ import annotations

import pytest

from shopdesk.cases.states import CaseKind, Goal
from shopdesk.core.permissions import Role
from shopdesk.staff import queries as staff
from tests import make
from tests.returns.world import case_of, counters, line_of, sent

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def desk(api):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    return staff.actor_for(person, channel="page"), api(person)


def test_a_return_goes_from_its_confirmation_to_its_end(desk, api):
    owner, call = desk
    order = sent(units=3)
    case, line = case_of(order, owner), str(line_of(order).id)
    made = call("POST", f"/cases/{case.id}/returns", {"lines": [{"line_id": line, "units": 2}]}, key="r1")
    assert made.status_code == 201, made.text
    again = call("POST", f"/cases/{case.id}/returns", {"lines": [{"line_id": line, "units": 2}]}, key="r1")
    assert (again.json, counters(order)) == (made.json, (3, 2, 0))
    back = made.json
    assert made.headers["Location"].endswith(f"/returns/{back['id']}")
    assert (back["state"], back["freight"], back["lines"][0]["expected"]) == ("confirmed", "customer", 2)
    slip = call("POST", f"/returns/{back['id']}/slip", {}).json["text"]
    assert case.number in slip
    sent_ = call("POST", f"/returns/{back['id']}/waybills", {"numbers": "SF1234567890123", "carrier": "顺丰"}).json
    assert (sent_["state"], sent_["waybills"][0]["number"]) == ("sent", "SF1234567890123")
    units = {"reason": "丢了一件", "lines": [{"line_id": line, "units": 1}]}
    assert call("POST", f"/returns/{back['id']}/giving-up", units).json["lines"][0]["given_up"] == 1
    ended = call("POST", f"/returns/{back['id']}/cancellation", {"reason": "客户留下了"}).json
    assert (ended["state"], ended["ended_why"]) == ("cancelled", "****")
    assert call("GET", f"/returns/{back['id']}").json["ended_why"] == "客户留下了"
    assert counters(order) == (3, 0, 0)
    listed = call("GET", f"/cases/{case.id}/returns").json
    assert [item["id"] for item in listed["items"]] == [back["id"]]
    assert (listed["goods"]["expected"], listed["is_estimated"]) == (0, False)


def test_e24_the_same_line_twice_counts_together_and_is_refused_together(desk):
    owner, call = desk
    order = sent(units=2)
    case, line = case_of(order, owner), str(line_of(order).id)
    twice = {"lines": [{"line_id": line, "units": 1}, {"line_id": line, "units": 2}]}
    refused = call("POST", f"/cases/{case.id}/returns", twice)
    assert (refused.status_code, refused.json["error"], refused.json["facts"]["left"]) == (422, "more_than_left", 2)
    assert counters(order) == (2, 0, 0)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ({"lines": []}, 400),
        ({"lines": [{"line_id": "x", "units": 1}]}, 400),
        ({"lines": [{"line_id": "own", "units": 0}]}, 400),
        ({"lines": [{"line_id": "own", "units": 1.5}]}, 400),
        ({"lines": [{"line_id": "own", "units": 99999999}]}, 400),
        ({"lines": [{"line_id": "999999", "units": 1}]}, 404),
        ({"lines": [{"line_id": "own", "units": 1}], "freight": "by_reason"}, 422),
        ({"lines": [{"line_id": "own", "units": 1}], "until": "2020-01-01T00:00:00+08:00"}, 422),
        ({"lines": [{"line_id": "own", "units": 1}], "exception": "老客户"}, 403),
        ({"lines": [{"line_id": "own", "units": 1}], "colour": "red"}, 400),
    ],
)
def test_bad_input_is_refused_and_takes_no_unit(desk, body, status):
    owner, call = desk
    order = sent(units=2)
    case, line = case_of(order, owner), str(line_of(order).id)
    for each in body.get("lines", ()):
        each["line_id"] = line if each["line_id"] == "own" else each["line_id"]
    assert call("POST", f"/cases/{case.id}/returns", body).status_code == status
    assert counters(order) == (2, 0, 0)


def test_couriers_and_claims(desk):
    owner, call = desk
    order = sent(units=1, delivered=False)
    case = case_of(order, owner, CaseKind.INTERCEPT, goal=Goal.RETURN)
    told = call("POST", f"/cases/{case.id}/courier", {"outcome": "turned_round", "said": "网点已退回"})
    assert (told.status_code, told.json["custody"]) == (201, "on_its_way_back")
    assert told.json["words"][0]["said"] == "****"
    assert call("POST", f"/cases/{case.id}/courier", {"outcome": "too_late"}).json["error"] == "wrong_outcome"
    yuan = {"amount_minor": 100, "currency": "CNY"}
    claim = call("POST", f"/cases/{case.id}/claims", {"amount": yuan, "carrier": "顺丰"}).json
    dollar = {"amount_minor": 100, "currency": "USD"}
    assert call("POST", f"/cases/{case.id}/claims", {"amount": dollar, "carrier": "顺丰"}).status_code == 400
    paid = call("POST", f"/claims/{claim['id']}/state", {"state": "paid", "paid": yuan}).json
    assert (paid["state"], paid["paid"]) == ("paid", yuan)
    shown = call("GET", f"/cases/{case.id}/courier").json
    assert (shown["words"][0]["said"], shown["claims"][0]["state"]) == ("网点已退回", "paid")


def test_a_token_without_money_sees_no_amount_of_a_claim(desk, api):
    owner, call = desk
    case = case_of(sent(), owner, CaseKind.TRACE)
    yuan = {"amount_minor": 100, "currency": "CNY"}
    assert call("POST", f"/cases/{case.id}/claims", {"amount": yuan, "carrier": "顺丰"}).status_code == 201
    narrow = api(make.person(Role.AFTER_SALE, store_id=case.store_id), "case:read", "order:read")
    assert narrow("GET", f"/cases/{case.id}/courier").json["claims"][0]["amount"] is None


def test_the_policy_is_read_by_after_sale_and_written_by_a_supervisor(desk, api):
    _owner, call = desk
    store = make.store()
    assert call("GET", f"/stores/{store.slug}/return-policy").json["days"] == 7
    policy = {"days": 15, "condition": "未拆封", "freight": "shop", "receiver": "杭州市云帆路66号"}
    assert call("POST", f"/stores/{store.slug}/return-policy", policy).status_code == 403
    boss = api(make.person(Role.SUPERVISOR, store_id=store.id))
    assert boss("POST", f"/stores/{store.slug}/return-policy", policy).status_code == 201
    assert call("GET", f"/stores/{store.slug}/return-policy").json["receiver"] == "杭州市云帆路66号"
    assert boss("GET", f"/stores/{make.store('other').slug}/return-policy").status_code == 404
