"""The page and the API that cancel lines: ticks and units, refusals with everything kept, what others then see."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shopdesk.changes import queries
from shopdesk.changes.queries import parts
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Role
from shopdesk.imports.service import put_order
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")
EN = {"Accept-Language": "en"}


@pytest.fixture
def order():
    make.store()
    lines = (make.line("n1", quantity=3, price_minor=1000), make.line("n2", quantity=2, price_minor=1000, title="围巾"))
    return make.order(lines=lines)


def send(client, order_id, **typed):
    path = f"/orders/{order_id}/changes/cancel"
    page = client.get(path, headers=EN)
    data = {"csrf_token": make.token(page), "seen_stage": "unprinted", "text": "拍多了", **typed}
    return page, client.post(path, data=data, headers=EN)


def ids(order):
    return [worlds.line(order, n).id for n in (1, 2)]


def test_ticked_lines_with_their_units_become_a_cancel_of_lines_that_names_them_everywhere(order, sign_in):
    order_id, (hats, scarves) = order.id, ids(order)
    page, answer = send(
        sign_in(make.person(Role.PRE_SALE)), order_id, scope="lines", line=str(hats), **{f"units-{hats}": "２"}
    )
    assert f'name="units-{scarves}"' in page.text
    assert answer.status_code == 303, answer.text
    shown = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order_id}", headers=EN).text
    assert "Cancel lines" in shown
    assert "羊毛帽 颜色分类:黑色 × 2" in shown
    inbox = sign_in(make.person(Role.PRINTING)).get("/inbox", headers=EN).text
    assert "羊毛帽 颜色分类:黑色 × 2" in inbox
    assert "take it out, the rest goes on" in inbox
    assert "Take it out of order" in inbox


def test_of_printed_papers_the_warehouse_reads_which_lines_and_no_reason(order, sign_in):
    hats, _ = ids(order)
    make.fact(order, Stage.PRINTED)
    make.change(order, Kind.CANCEL, {"text": "家里有了", "lines": {hats: 1}}, by=make.actor(Role.PRE_SALE))
    inbox = sign_in(make.person(Role.WAREHOUSE)).get("/inbox", headers=EN).text
    assert "羊毛帽 颜色分类:黑色 × 1" in inbox
    assert "家里有了" not in inbox


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"scope": "lines"}, "Choose at least one line"),
        ({"scope": "lines", "line": "1", "units-1": "9"}, "Only 3 units are left"),
        ({"scope": "lines", "line": "1", "units-1": "zwei"}, "Say how many units"),
        ({"scope": "lines", "line": "999", "units-999": "1"}, "no such line"),
        ({"scope": "whole", "line": "1", "units-1": "1"}, "Lines are ticked"),
    ],
)
def test_what_cannot_be_is_said_on_the_page_and_everything_typed_is_kept(order, sign_in, typed, words):
    _, answer = send(sign_in(make.person(Role.PRE_SALE)), order.id, **typed)
    assert answer.status_code in {404, 422}
    assert words in answer.text
    assert queries.changes_of_order(order.id, order.store_id) == []
    if typed.get("line") == "1":
        assert 'value="拍多了"' in answer.text


def test_without_a_tick_it_is_the_whole_order_as_ever(order, sign_in):
    _, answer = send(sign_in(make.person(Role.PRE_SALE)), order.id)
    assert answer.status_code == 303
    (change,) = queries.changes_of_order(order.id, order.store_id)
    assert parts.cancels_whole(change.id, change.store_id)


def test_a_wish_that_would_join_lines_of_somebody_else_is_shown_first(order, sign_in):
    order_id, (hats, scarves) = order.id, ids(order)
    page = sign_in(make.person(Role.PRE_SALE))
    first, _ = send(page, order_id, scope="lines", line=str(hats), **{f"units-{hats}": "1"})
    token = make.token(first)
    data = {"csrf_token": token, "seen_stage": "unprinted", "scope": "lines", "line": str(scarves), "units-2": "1"}
    answer = page.post(f"/orders/{order_id}/changes/cancel", data=data, headers=EN)
    assert (answer.status_code, "was quicker" in answer.text) == (409, True)


def test_the_other_orders_of_a_merged_parcel_are_named(order, sign_in):
    other = make.order()
    worlds.merge(order, other)
    other_id, number = other.id, other.number
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}/changes/cancel", headers=EN).text
    assert f"/orders/{other_id}/changes/cancel" in page
    assert number[-4:] in page


def test_the_api_takes_lines_and_answers_what_leaves_which_parcel(order, api):
    order_id, (hats, scarves) = order.id, ids(order)
    call = api(make.person(Role.PRE_SALE))
    body = {"kind": "cancel", "value": {"text": "拍多了", "lines": [{"line_id": str(hats), "units": 2}]}}
    made = call("POST", f"/orders/{order_id}/changes", body, key="c1")
    assert made.status_code == 201, made.text
    (item,) = made.json["items"]
    assert item["lines"] == [{"line_id": str(hats), "units": 2, "taken": 0}]
    assert item["wishes"][0]["lines"] == [{"line_id": str(hats), "units": 2}]
    assert [step["code"] for step in item["steps"]] == ["take_out", "refund"]
    for lines, status, code in (
        ([{"line_id": str(hats), "units": 2}], 422, "more_than_left"),
        ([{"line_id": str(hats), "units": 0}], 400, None),
        ([], 400, None),
        ([{"line_id": str(scarves), "units": 1}, {"line_id": str(scarves), "units": 1}], 400, None),
        ([{"line_id": "99999", "units": 1}], 404, "no_such_line"),
    ):
        answer = call("POST", f"/orders/{order_id}/changes", {"kind": "cancel", "value": {"lines": lines}})
        assert answer.status_code == status, answer.text
        assert code is None or answer.json["error"] == code


def test_a_line_of_a_foreign_store_is_no_line_here(order, api):
    far = make.order(make.store("far-shop"))
    line = worlds.line(far).id
    body = {"kind": "cancel", "value": {"lines": [{"line_id": str(line), "units": 1}]}}
    answer = api(make.person(Role.PRE_SALE))("POST", f"/orders/{order.id}/changes", body)
    assert (answer.status_code, answer.json["error"]) == (404, "no_such_line")


def told(order, **lines):
    """The feed tells the same order once more, with the platform's words about refunds."""
    state, due_at = lines.get("state"), lines.get("due_at")
    shown = [make.line(n, quantity=q, price_minor=1000) for n, q in (("n1", 3), ("n2", 2))]
    shown[0] = replace(shown[0], refund_state=state, refund_due_at=due_at)
    store = make.store()
    sale = make.sale(number=order.number, lines=tuple(shown))
    put_order(store, sale, (), as_of=clock.now(), origin="test", actor=Actor.system([store.id]))


def test_the_platforms_word_and_clock_stand_beside_the_change_and_what_it_closed_can_be_withdrawn(order, sign_in, api):
    order_id, desk = order.id, make.person(Role.PRE_SALE)
    page, call = sign_in(desk), api(desk)
    told(order, state="买家已经申请退款，等待卖家同意", due_at=clock.now() + timedelta(hours=5))
    shown = page.get(f"/orders/{order_id}", headers=EN).text
    assert "Refund applied for on the platform · 买家已经申请退款，等待卖家同意" in shown
    assert "platform&#39;s clock" in shown
    assert "Withdraw change" not in shown
    (change,) = queries.changes_of_order(order_id, make.store().id)
    (said,) = call("GET", f"/changes/{change.id}").json["platform"]
    assert (said["state"], said["told"]) == ("applied", "买家已经申请退款，等待卖家同意")
    told(order, state="退款关闭")
    shown = page.get(f"/orders/{order_id}", headers=EN).text
    assert "The platform closed the application" in shown
    assert "Withdraw change" in shown


def test_refunded_and_not_stopped_is_red_on_the_order_and_an_alarm_in_two_inboxes(order, sign_in):
    order_id = order.id
    make.fact(order, Stage.PRINTED)
    told(order, state="退款成功")
    shown = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order_id}", headers=EN).text
    assert "Refunded, not stopped." in shown
    for role in (Role.WAREHOUSE, Role.PRINTING):
        assert "The platform has refunded this" in sign_in(make.person(role)).get("/inbox", headers=EN).text
