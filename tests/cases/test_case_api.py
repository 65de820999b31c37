"""Cases through the API: opened, listed, accepted, closed; what it tells whom; its place in the document."""

from __future__ import annotations

import pytest

from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.web.api.frame import document
from tests import make

pytestmark = pytest.mark.usefixtures("app")
WISH = "请退回,谢谢"


def left():
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    return order


def body(order, **more):
    return {"order_id": str(order.id), "kind": "intercept", "goal": "return", "wish": WISH, **more}


def test_a_case_goes_from_its_opening_to_its_end(api):
    order = left()
    agent = api(make.person(Role.AFTER_SALE, signature="阿禾"))
    made = agent("POST", "/cases", body(order), key="open")
    assert made.status_code == 201, made.text
    case = made.json
    assert made.headers["Location"].endswith(f"/cases/{case['id']}")
    assert (case["number"][:1], case["phase"], case["owner"], case["source"]) == ("C", "communicate", None, "asked")
    assert case["wish"] == "****", "the answer to a POST is kept, so its words are masked"
    assert agent("POST", "/cases", body(order), key="open").json == case
    assert agent("POST", "/cases", body(order, wish="another"), key="open").status_code == 422
    assert agent("GET", f"/cases/{case['id']}").json["wish"] == WISH
    assert agent("POST", f"/cases/{case['id']}/closing", {"outcome": "back"}).json["error"] == "not_accepted"
    taken = agent("POST", f"/cases/{case['id']}/acceptance", {}).json
    assert taken["owner"] == "阿禾"
    late = api(make.person(Role.AFTER_SALE))("POST", f"/cases/{case['id']}/acceptance", {})
    assert (late.status_code, late.json["error"], late.json["facts"]["who"]) == (409, "case_taken", "阿禾")
    early = agent("POST", f"/cases/{case['id']}/closing", {"outcome": "包裹已签收"})
    assert (early.status_code, early.json["error"]) == (409, "outcome_missing")
    assert agent("POST", f"/cases/{case['id']}/courier", {"outcome": "too_late"}).status_code == 201
    done = agent("POST", f"/cases/{case['id']}/closing", {"outcome": "包裹已签收"})
    assert (done.json["phase"], done.json["outcome"]) == ("closed", "****")
    assert agent("GET", f"/cases/{case['id']}").json["outcome"] == "包裹已签收"
    (shown,) = agent("GET", f"/orders/{order.id}").json["cases"]
    assert (shown["id"], shown["number"], shown["phase"]) == (case["id"], case["number"], "closed")


def test_the_list_has_filters_and_cursor_pages_and_no_words(api):
    order, agent = left(), api(make.person(Role.AFTER_SALE))
    ids = [agent("POST", "/cases", body(order)).json["id"] for _ in range(3)]
    agent("POST", "/cases", {**body(order), "kind": "trace", "goal": None})
    agent("POST", f"/cases/{ids[0]}/acceptance", {})

    def listed(query):
        answer = agent("GET", f"/cases?{query}")
        assert answer.status_code == 200, answer.text
        assert WISH not in answer.text
        return [item["id"] for item in answer.json["items"]]

    assert listed("kind=intercept") == ids
    assert listed("owner=me") == ids[:1]
    assert len(listed("owner=none")) == 3
    assert listed("phase=closed") == []
    first = agent("GET", "/cases?limit=2").json
    assert [item["id"] for item in first["items"]] == ids[:2]
    assert listed(f"limit=2&cursor={first['next']}")[0] == ids[2]
    for wrong in ("kind=nonsense", "owner=17", "phase=nonsense", "cursor=x", "phase=closed&owner=me"):
        assert agent("GET", f"/cases?{wrong}").status_code == 400, wrong


@pytest.mark.parametrize(
    ("more", "status", "code"),
    [
        ({"goal": None}, 422, "value_required"),
        ({"kind": "trace"}, 422, "goal_without_intercept"),
        ({"kind": "nonsense"}, 400, "malformed"),
        ({"wish": ""}, 422, "value_required"),
        ({"wish": None, "reason": "damaged", "detail": "smell"}, 422, "detail_of_another_reason"),
        ({"wanted": ["none", "refund"]}, 422, "nothing_and_something"),
        ({"answers": [{"question": "tags_on", "answer": "yes"}]}, 422, "question_of_another_reason"),
        ({"units": [{"line_id": "999999", "quantity": 1}]}, 404, "not_found"),
        ({"units": [{"line_id": "1", "quantity": 0}]}, 400, "malformed"),
        ({"wish": "x" * 2001}, 400, "malformed"),
        ({"order_id": "999999"}, 404, "not_found"),
        ({"parcel_id": "999999"}, 409, "not_left"),
        ({"owner": "me"}, 400, "malformed"),
    ],
)
def test_a_bad_application_says_what_is_wrong(api, more, status, code):
    answer = api(make.person(Role.PRE_SALE))("POST", "/cases", body(left(), **more))
    assert (answer.status_code, answer.json["error"]) == (status, code)


def test_what_has_not_left_is_changed_instead_and_what_has_left_is_no_change(api):
    asker, order = api(make.person(Role.PRE_SALE)), left()
    assert asker("POST", "/cases", body(make.order())).json["error"] == "not_left"
    refused = asker("POST", f"/orders/{order.id}/changes", {"kind": "courier", "value": {"text": "顺丰"}})
    assert (refused.status_code, refused.json["error"]) == (409, "after_sale")


def test_another_stores_case_does_not_exist_and_finance_is_told_its_own(api):
    here, order = make.store("other"), left()
    made = api(make.person(Role.SUPERVISOR))("POST", "/cases", body(order)).json
    invoice = {"order_id": str(order.id), "kind": "invoice", "wish": "抬头:云帆贸易公司"}
    theirs = api(make.person(Role.SUPERVISOR))("POST", "/cases", invoice).json
    stranger = api(make.person(Role.AFTER_SALE, store_id=here.id))
    assert stranger("GET", f"/cases/{made['id']}").status_code == 404
    assert stranger("POST", "/cases", body(order)).status_code == 404
    finance = api(make.person(Role.FINANCE))
    assert finance("GET", f"/cases/{made['id']}").status_code == 403
    assert [item["id"] for item in finance("GET", "/cases").json["items"]] == [theirs["id"]]
    assert finance("GET", f"/cases/{theirs['id']}").json["wish"] == "抬头:云帆贸易公司"
    narrow = api(make.person(Role.AFTER_SALE), "case:read", "order:read")
    assert narrow("GET", f"/cases/{made['id']}").json["wish"] == "****"


def test_a_case_number_is_looked_up_like_an_order_number(api):
    agent, order = api(make.person(Role.AFTER_SALE)), left()
    number = agent("POST", "/cases", body(order)).json["number"]
    found = agent("GET", f"/orders?q={number}").json
    assert (found["matched"], [item["id"] for item in found["items"]]) == ("case", [str(order.id)])


def test_the_document_names_every_operation_of_cases(app):
    paths = document(app)["paths"]
    there = {(path, method) for path, methods in paths.items() if "/cases" in path for method in methods}
    assert there >= {
        ("/api/v1/cases", "get"), ("/api/v1/cases", "post"), ("/api/v1/cases/{case_id}", "get"),
        ("/api/v1/cases/{case_id}/acceptance", "post"), ("/api/v1/cases/{case_id}/closing", "post"),
    }  # fmt: skip
