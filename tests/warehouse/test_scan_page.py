"""The scan page and the API of scans: one round trip, one command key, nothing about the buyer."""

import re
from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make

pytestmark = pytest.mark.usefixtures("app")
PATH = "/warehouse/scan"


@pytest.fixture
def desk(sign_in):
    make.store()
    client = sign_in(make.person(Role.WAREHOUSE))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture
def scan(desk):
    """Send a code as the page's own module does (`part`) or as a plain form."""

    def sent(code, mode="pack", *, key="", part=True, **more):
        data = {"csrf_token": make.token(desk.get(PATH)), "code": code, "mode": mode, "command_key": key, **more}
        return desk.post(PATH, data=data, headers={"X-Part": "1"} if part else {})

    return sent


def result(answer):
    found = re.search(r'data-result="(\w+)"', answer.text)
    return answer.status_code, found and found[1]


def test_the_page_works_as_a_plain_form_and_answers_a_part_to_its_own_module(scan):
    order = make.order()
    part, whole = scan(order.number), scan(order.number, part=False)
    assert (result(part), result(whole)) == ((200, "ok"), (200, "already"))
    assert "<html" not in part.text
    assert "<html" in whole.text
    assert 'data-tone="already"' in whole.text


def test_a_stop_says_why_who_asked_and_what_to_do_and_nothing_about_the_buyer(scan):
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE, signature="小满"))
    page = scan(order.number, "ship", part=False)
    for words in ("STOP", "This parcel may not be shipped", "Change address", "小满", "recall shelf", "Pre-sale"):
        assert words in page.text
    for hidden in ("张", "138", "星澜街", "云帆路", "128.00", "雨天"):
        assert hidden not in page.text


def test_the_same_key_gets_the_first_answer_also_when_it_comes_late(scan):
    order = make.order()
    assert result(scan(order.number, key="k1")) == (200, "ok")
    late = scan(order.number, key="k1", happened_at=(clock.now() - timedelta(minutes=5)).isoformat())
    assert result(late) == (200, "ok")
    assert result(scan(order.number, key="k2")) == (200, "already")


def test_a_kept_scan_keeps_its_moment_and_nonsense_counts_from_now(scan):
    order, other = make.order(), make.order()
    at = clock.now() - timedelta(minutes=30)
    scan(order.number, happened_at=at.isoformat())
    assert make.parcel(order).stage_at == at
    assert result(scan(other.number, happened_at="yesterday")) == (200, "ok")


@pytest.mark.parametrize(("code", "mode"), [("", "pack"), ("   ", "pack"), ("X" * 300, "pack"), ("ZZ1", "fly")])
def test_what_cannot_be_a_scan_is_said_and_changes_nothing(scan, code, mode):
    assert result(scan(code, mode)) == (422, "unknown")


def test_what_was_scanned_is_text_and_never_markup(scan):
    answer = scan("<script>alert(1)</script>", part=False)
    assert result(answer) == (200, "unknown")
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(("role", "status"), [(Role.SUPERVISOR, 200), (Role.PRINTING, 403), (Role.PRE_SALE, 403)])
def test_the_page_is_the_warehouses_and_the_supervisors(sign_in, role, status):
    make.store()
    assert sign_in(make.person(role)).get(PATH).status_code == status


def test_the_api_answers_a_result_per_scan_and_a_batch_in_its_order(api):
    held, plain = make.order(), make.order()
    make.change(held, by=make.actor(Role.PRE_SALE))
    call = api(make.person(Role.WAREHOUSE))
    body = {"code": plain.number, "mode": "pack"}
    assert call("POST", "/scans", body).json["error"] == "command_key_required"
    first = call("POST", "/scans", body, key="s1")
    assert (first.status_code, first.json["result"], first.json["parcel"]["stage"]) == (200, "ok", "packed")
    assert call("POST", "/scans", body, key="s1").json == first.json
    at = (clock.now() - timedelta(minutes=9)).isoformat()
    rows = [
        {"code": plain.number, "mode": "ship", "happened_at": at},
        {"code": held.number, "mode": "pack"},
        {"code": " \t", "mode": "pack"} | {"code": "]"},
        {"code": "ZZ404", "mode": "ship"},
    ]
    answer = call("POST", "/scans/batch", {"items": rows}, key="s2")
    assert answer.status_code == 200, answer.text
    results = [row["scan"] and row["scan"]["result"] for row in answer.json["items"]]
    assert results == ["ok", "stop", "unknown", "unknown"]
    stop = answer.json["items"][1]["scan"]
    assert (stop["reasons"], [c["kind"] for c in stop["parcel"]["changes"]]) == (["open_change"], ["address"])
    assert make.parcel(plain).stage is Stage.SHIPPED
    assert call("POST", "/scans/batch", {"items": rows}, key="s2").json == answer.json


@pytest.mark.parametrize("body", [{}, {"code": "1"}, {"code": "", "mode": "pack"}, {"code": "1", "mode": "fly"}])
def test_the_api_refuses_what_is_no_scan(api, body):
    make.store()
    assert api(make.person(Role.WAREHOUSE))("POST", "/scans", body, key="bad").status_code == 400
