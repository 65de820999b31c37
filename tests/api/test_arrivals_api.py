"""Parcels that come back through the API: one story, its refusals, and what it never tells."""

from __future__ import annotations

import pytest

from shopdesk.core.permissions import Role
from tests import make
from tests.returns import rows

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def call(api):
    make.store()
    return api(make.person(Role.WAREHOUSE, signature="阿禾"))


def taken_in(call, waybill, **more):
    body = {"waybill": waybill, "warehouse_id": str(make.store().warehouse_id), **more}
    answer = call("POST", "/arrivals", body, key=f"in-{waybill}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_parcel_goes_from_the_scan_to_where_its_units_belong(call):
    back = rows.back(rows.shipped(lines=(make.line(quantity=2),), phone="13900001234"), {1: 2}, "SF1")
    signed = taken_in(call, "SF1", place="A-1")
    assert (signed["result"], signed["reason"], signed["returns"]) == ("ok", "return", [str(back.id)])
    assert taken_in(call, "SF1", place="A-1") == signed
    path = f"/arrivals/{signed['arrival']['id']}"
    opened = call("POST", f"{path}/opening", {}, key="open").json
    (line,) = opened["returns"][0]["lines"]
    assert (opened["state"], line["expected"], line["arrived"]) == ("opened", 2, 0)
    found = [{"identity": "right", "quantity": 2, "line_id": line["id"], "grade": "A", "has_defect": False}]
    done = call("POST", f"{path}/findings", {"items": found}, key="found")
    assert done.status_code == 200, done.text
    (finding,) = done.json["findings"]
    again = call("POST", f"{path}/findings", {"items": found}, key="found-2")
    assert (again.status_code, again.json["error"], again.json["facts"]["who"]) == (409, "inspected_already", "阿禾")
    where = [{"finding_id": finding["id"], "place": "restock", "quantity": 2, "shelf": "B-2"}]
    put = call("POST", f"{path}/dispositions", {"items": where}, key="put").json
    assert (put["returns"][0]["state"], put["findings"][0]["disposed"]) == ("disposed", 2)
    late = call("POST", f"{path}/findings", {"items": found, "seen_version": put["version"]}, key="late")
    assert (late.status_code, late.json["error"]) == (409, "put_away_already")
    told = call("GET", path).text
    for hidden in ("13900001234", "139****", "128", "张伟", "星澜街"):
        assert hidden not in told, hidden


def test_more_than_was_expected_is_asked_about(call):
    back = rows.back(rows.shipped(lines=(make.line(quantity=2),)), {1: 2}, "SF1")
    path = f"/arrivals/{taken_in(call, 'SF1')['arrival']['id']}"
    line = str(rows.lines(back)[0].id)
    found = {"identity": "right", "quantity": 3, "line_id": line, "grade": "A", "has_defect": False}
    asked = call("POST", f"{path}/findings", {"items": [found]}, key="f1")
    assert (asked.status_code, asked.json["error"], asked.json["facts"]["units"]) == (422, "surplus", 1)
    done = call("POST", f"{path}/findings", {"items": [{**found, "whose": "more"}]}, key="f2").json
    said = [(one["identity"], one["quantity"], one["line_id"]) for one in done["findings"]]
    assert said == [("right", 2, line), ("unexpected", 1, line)]


def test_an_unknown_parcel_is_described_matched_and_listed(call):
    back = rows.back(rows.shipped(phone="13900001234"))
    path = f"/arrivals/{taken_in(call, 'ZZ9')['arrival']['id']}"
    described = call("POST", f"{path}/description", {"phone": "1234"}, key="d").json
    assert [(one["return_id"], one["clues"][0]) for one in described["candidates"]] == [(str(back.id), "phone")]
    assert [one["waybill"] for one in call("GET", "/arrivals?which=unknown").json["items"]] == ["ZZ9"]
    assert call("POST", f"{path}/matches", {"return_id": str(back.id)}, key="m").json["is_matched"]
    assert call("GET", "/arrivals?which=unknown").json["items"] == []
    assert not call("POST", f"{path}/unmatching", {"return_id": str(back.id)}, key="u").json["is_matched"]


def test_goods_without_a_case_get_one_and_a_parcel_that_never_left_is_no_arrival(call):
    order = rows.shipped()
    path = f"/arrivals/{taken_in(call, 'ZZ9')['arrival']['id']}"
    made = call("POST", f"{path}/cases", {"order_id": str(order.id)}, key="c").json
    assert (made["phase"], made["case_number"][:1]) == ("receive", "C")
    make.order(waybills=(("YT1", "圆通"),))
    stop = taken_in(call, "YT1")
    assert (stop["result"], stop["reason"], stop["arrival"]) == ("stop", "not_left", None)


def test_what_moves_goods_needs_a_key_and_another_stores_parcel_does_not_exist(api, call):
    rows.back(rows.shipped(), None, "SF1")
    arrival = taken_in(call, "SF1")["arrival"]["id"]
    body = {"waybill": "SF2", "warehouse_id": str(make.store().warehouse_id)}
    assert call("POST", "/arrivals", body).json["error"] == "command_key_required"
    stranger = api(make.person(Role.WAREHOUSE, store_id=make.store("theirs").id))
    assert stranger("GET", f"/arrivals/{arrival}").status_code == 404
    assert stranger("GET", "/arrivals").json["items"] == []
