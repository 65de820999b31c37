"""The pages of the dock: scanned in, opened, inspected, put away, matched; nothing of money, phone or address."""

from __future__ import annotations

import re

import pytest

from shopdesk.core.permissions import Role
from shopdesk.returns.queries import docks
from tests import make
from tests.returns import rows

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def desk(sign_in):
    make.store()
    client = sign_in(make.person(Role.WAREHOUSE))
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def send(desk, page, path, *, part=False, **data):
    sent = {"csrf_token": make.token(desk.get(page)), "command_key": "", **data}
    return desk.post(path, data=sent, headers={"X-Part": "1"} if part else {})


def scan(desk, code, **more):
    house = make.store().warehouse_id
    return send(desk, "/dock/sign-in", "/dock/sign-in", part=more.pop("part", True), code=code, warehouse=house, **more)


def result(answer):
    found = re.search(r'data-result="(\w+)"', answer.text)
    return answer.status_code, found and found[1]


def on_table(desk, units=1):
    order = rows.shipped(lines=(make.line(quantity=units),), phone="13900001234")
    back = rows.back(order, {1: units}, "SF1")
    scan(desk, "SF1")
    path = f"/dock/arrivals/{rows.all_arrivals()[0].id}"
    return order, back, path


def test_each_scan_has_its_sound_and_a_repeat_by_the_same_key_gets_the_first_answer(desk):
    rows.back(rows.shipped(), None, "SF1")
    make.order(waybills=(("YT9", "圆通"),))
    first = scan(desk, "SF1", command_key="k1")
    assert result(first) == (200, "ok")
    assert scan(desk, "SF1", command_key="k1").text == first.text
    assert result(scan(desk, "ＳＦ１")) == (200, "already")
    assert result(scan(desk, "ZZ77", place="B-2")) == (200, "unknown")
    stop = scan(desk, "YT9")
    assert result(stop) == (200, "stop")
    assert "It never left" in stop.text
    assert result(scan(desk, " ")) == (422, "unknown")
    whole = scan(desk, "ZZ77", part=False)
    assert "<html" in whole.text
    assert "B-2" in whole.text


def test_a_parcel_is_opened_inspected_and_put_away_with_plain_forms(desk):
    _order, back, path = on_table(desk, 2)
    before = desk.get(path)
    assert "尺码不合适" not in before.text, "the problem is read with the parcel in hand"
    assert send(desk, path, f"{path}/open").status_code == 303
    page = desk.get(path)
    assert "尺码不合适" in page.text
    assert 'value="missing"' in page.text
    assert 'value="D"' in page.text
    line = rows.lines(back)[0].id
    row = {"f-0-line": line, "f-0-identity": "right", "f-0-quantity": "２", "f-0-grade": "A", "f-0-defect": "no"}
    done = send(desk, path, f"{path}/findings", **row)
    assert done.status_code == 303, done.text
    assert rows.units(back) == [(2, 2, 0)]
    assert "Put it away" in desk.get(path).text
    finding = docks.findings(rows.all_arrivals()[0])[0].id
    labels = desk.get(f"{path}/labels").text
    assert docks.label(docks.findings(rows.all_arrivals()[0])[0]) in labels
    assert rows.case_of(back).number in labels
    put = send(desk, path, f"{path}/dispositions", finding=finding, place="restock", quantity="2", shelf="A-1")
    assert put.status_code == 303
    assert rows.back_state(back) == "disposed"
    assert "A-1" in desk.get(path).text
    again = send(desk, path, f"{path}/dispositions", finding=finding, place="scrap", quantity="1", shelf="")
    assert again.status_code == 409


def test_what_is_refused_is_said_and_what_was_typed_is_kept(desk):
    _order, back, path = on_table(desk)
    send(desk, path, f"{path}/open")
    row = {"f-0-line": rows.lines(back)[0].id, "f-0-identity": "right", "f-0-quantity": "1", "f-0-grade": "A",
           "f-0-defect": "", "f-0-note": "袖口有线头"}  # fmt: skip
    answer = send(desk, path, f"{path}/findings", **row)
    assert answer.status_code == 422
    assert "Say whether it has a quality problem." in answer.text
    assert "袖口有线头" in answer.text
    assert send(desk, path, f"{path}/findings", **{**row, "f-0-quantity": "many"}).status_code == 422
    assert send(desk, path, f"{path}/findings", **{**row, "f-0-defect": "no", "f-0-line": "999999"}).status_code == 404


def test_an_inspection_is_corrected_on_the_page(desk):
    _order, back, path = on_table(desk, 2)
    line = rows.lines(back)[0].id
    row = {"f-0-line": line, "f-0-identity": "right", "f-0-quantity": "2", "f-0-grade": "A", "f-0-defect": "no"}
    send(desk, path, f"{path}/open")
    send(desk, path, f"{path}/findings", **row)
    page = desk.get(f"{path}?correct=1").text
    version = re.search(r'name="seen_version" value="(\d+)"', page)[1]
    done = send(desk, path, f"{path}/findings", **{**row, "f-0-quantity": "1"}, seen_version=version)
    assert done.status_code == 303
    assert rows.units(back) == [(2, 1, 0)]
    stale = send(desk, path, f"{path}/findings", **row, seen_version=version)
    assert stale.status_code in {409, 412}


def test_more_than_expected_is_asked_about_before_it_is_written_down(desk, sign_in):
    _order, back, path = on_table(desk, 2)
    line = rows.lines(back)[0].id
    row = {"f-0-line": line, "f-0-identity": "right", "f-0-quantity": "3", "f-0-grade": "A", "f-0-defect": "no"}
    other = {"f-2-identity": "unexpected", "f-2-quantity": "1", "f-2-grade": "C", "f-2-words": "旧雨伞"}
    send(desk, path, f"{path}/open")
    assert "count again" not in desk.get(path).text
    asked = send(desk, path, f"{path}/findings", **row)
    assert asked.status_code == 422
    assert "1 more than was expected. Count again" in asked.text
    assert 'name="f-0-whose"' in asked.text
    assert 'value="3"' in asked.text, "what was typed stays"
    assert send(desk, path, f"{path}/findings", **row, **{"f-0-whose": "more"}, **other).status_code == 422
    assert docks.findings(rows.all_arrivals()[0]) == []
    said = {"f-0-whose": "more", "f-2-whose": "others"}
    assert send(desk, path, f"{path}/findings", **row, **other, **said).status_code == 303
    here, apart = rows.all_arrivals()
    found = [(str(f.identity), f.quantity, f.return_line_id) for each in (here, apart) for f in docks.findings(each)]
    assert found == [("right", 2, line), ("unexpected", 1, line), ("unexpected", 1, None)]
    shown = desk.get(path).text
    assert shown.count('<option value="">—</option>') == 1, "where unexpected goods go is proposed by nobody"
    assert f"/dock/arrivals/{apart.id}/labels" in shown
    page = desk.get(f"{path}?correct=1").text
    assert f'<option value="more:{line}" selected>' in page
    assert '<option value="others" selected>' in page
    agent = sign_in(make.person(Role.AFTER_SALE))
    agent.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    assert "Unexpected: 1 × 羊毛帽" in agent.get(f"/cases/{back.case_id}").text


def test_goods_of_somebody_else_are_labelled_looked_for_matched_and_counted_on_their_own_page(desk):
    _order, _back, path = on_table(desk, 1)
    wanted = rows.back(rows.shipped(lines=(make.line(sku="RAIN-1", title="雨伞"),)))
    send(desk, path, f"{path}/open")
    line = {"f-0-line": rows.lines(_back)[0].id, "f-0-identity": "right", "f-0-quantity": "1", "f-0-grade": "A",
            "f-0-defect": "no"}  # fmt: skip
    other = {"f-2-identity": "unexpected", "f-2-quantity": "1", "f-2-grade": "B", "f-2-words": "雨伞",
             "f-2-defect": "no", "f-2-whose": "others"}  # fmt: skip
    assert send(desk, path, f"{path}/findings", **line, **other).status_code == 303
    apart = rows.all_arrivals()[1]
    own = f"/dock/arrivals/{apart.id}"
    assert apart.waybill in desk.get("/dock/unknown").text
    page = desk.get(own).text
    assert "similar title" in page or wanted_number(wanted) in page
    assert path in page, "where it lay"
    assert docks.label(docks.findings(apart)[0]) in desk.get(f"{own}/labels").text
    done = send(desk, own, f"{own}/matches", return_id=wanted.id)
    assert done.headers["Location"].endswith(f"{own}?correct=1"), "now it is counted for what it was matched with"
    shown = desk.get(f"{own}?correct=1").text
    assert re.search(r'name="f-0-quantity" value="1"', shown), "proposed on the row of the same goods"
    version = re.search(r'name="seen_version" value="(\d+)"', shown)[1]
    counted = line | {"f-0-line": rows.lines(wanted)[0].id, "f-0-grade": "B"}
    assert send(desk, own, f"{own}/findings", **counted, seen_version=version).status_code == 303
    assert rows.units(wanted) == [(1, 1, 0)]
    assert apart.waybill not in desk.get("/dock/unknown").text


def wanted_number(back):
    return rows.case_of(back).number


def test_the_same_goods_of_two_cases_are_told_apart_and_counted_on_the_one_that_was_meant(desk):
    orders = [rows.shipped(), rows.shipped()]
    first, second = backs = [rows.back(order, None, "SF77") for order in orders]
    scan(desk, "SF77")
    path = f"/dock/arrivals/{rows.all_arrivals()[0].id}"
    send(desk, path, f"{path}/open")
    page = desk.get(path).text
    legends = re.findall(r"<legend>(.*?)</legend>", page, re.S)
    for back, order in zip(backs, orders, strict=True):
        (line,) = rows.lines(back)
        named = page.index(f'name="f-{backs.index(back) * 2}-line" value="{line.id}"')
        legend = [one for one in legends if page.index(one) < named][-1]
        assert rows.case_of(back).number in legend
        assert order.number[-4:] in legend
    assert page.count("Another case in this parcel awaits the same goods") == 2
    row = {"f-0-line": rows.lines(second)[0].id, "f-0-identity": "right", "f-0-quantity": "1", "f-0-grade": "A",
           "f-0-defect": "no"}  # fmt: skip
    assert send(desk, path, f"{path}/findings", **row).status_code == 303
    assert (rows.units(first), rows.units(second)) == ([(1, 0, 0)], [(1, 1, 0)])
    assert re.search(rf"Case\s+{rows.case_of(second).number}</span>", desk.get(path).text), "also with the findings"


def test_an_unknown_parcel_is_described_and_matched(desk):
    back = rows.back(rows.shipped(phone="13900001234"))
    scan(desk, "ZZ900")
    path = f"/dock/arrivals/{rows.all_arrivals()[0].id}"
    assert send(desk, path, f"{path}/describe", phone="1234").status_code == 303
    assert "same phone" in desk.get(path).text
    assert "same phone" in desk.get("/dock/unknown").text
    assert send(desk, path, f"{path}/matches", return_id=back.id).status_code == 303
    assert "ZZ900" not in desk.get("/dock/unknown").text
    assert send(desk, path, f"{path}/unmatch", return_id=back.id).status_code == 303
    assert "ZZ900" in desk.get("/dock/unknown").text


def test_one_click_makes_a_case_for_goods_without_one(desk):
    order = rows.shipped()
    scan(desk, "ZZ900")
    path = f"/dock/arrivals/{rows.all_arrivals()[0].id}"
    assert send(desk, path, f"{path}/cases", number="404").status_code == 422
    assert send(desk, path, f"{path}/cases", number=order.number).status_code == 303
    assert "Its case is open" in desk.get(path).text


def test_a_slip_finds_its_parcel_and_one_hit_opens_itself(desk):
    order, back, path = on_table(desk)
    for text in ("SF1", order.number, rows.case_of(back).number, "1234"):
        assert desk.get("/dock", query_string={"q": text}).location.endswith(path), text
    assert "Nothing goes by" in desk.get("/dock?q=999999999").text


def test_the_warehouse_sees_no_money_no_phone_and_no_address(desk):
    order, _back, path = on_table(desk)
    pages = ["/dock", "/dock/unknown", path, f"/dock?q={order.number}"]
    send(desk, path, f"{path}/open")
    for page in pages:
        text = desk.get(page, follow_redirects=True).text
        for hidden in ("128.00", "12800", "13900001234", "139****", "星澜街", "苏州"):
            assert hidden not in text, (page, hidden)


def test_another_stores_parcel_is_no_page(sign_in, desk):
    _order, _back, path = on_table(desk)
    stranger = sign_in(make.person(Role.WAREHOUSE, store_id=make.store("theirs").id))
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"{path}/labels").status_code == 404
    assert "SF1" not in stranger.get("/dock").text
