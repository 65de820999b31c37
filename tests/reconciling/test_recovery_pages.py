"""Overpaid: shown on the order, recovered by finance, given up by a supervisor; told by files and by the API."""

from __future__ import annotations

from datetime import timedelta

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.feeds import queries as feeds
from shopdesk.imports.service import InputFile, run_files
from shopdesk.reconciling.queries import told
from tests import make
from tests.desk.pages import fields
from tests.imports.refund_exports import CLOSED, DONE, WAITS, taobao
from tests.reconciling.platform import ask, counted, sums, tasks, tell

AT = "/finance/recoveries"


def overpaid(order):
    tell(order, "T1", 13_000, 0)
    return told.recoveries_of(order.id, order.store_id)[0].id


def test_it_stands_on_the_order_for_who_sees_money_and_goes_when_it_is_back(store, order, sign_in):
    task_id = overpaid(order)
    assert "2.00" in sign_in(make.person(Role.AFTER_SALE, store_id=store.id)).get(f"/orders/{order.id}").text
    assert "2.00" not in sign_in(make.person(Role.WAREHOUSE, store_id=store.id)).get(f"/orders/{order.id}").text
    finance = sign_in(make.person(Role.FINANCE, store_id=store.id))
    page = finance.get(AT)
    assert f"{AT}/{task_id}/write-off" not in page.text
    said = fields(page, f"{AT}/{task_id}/recovered")
    assert finance.post(f"{AT}/{task_id}/recovered", data=said | {"reference": "张伟"}).status_code == 422
    assert finance.post(f"{AT}/{task_id}/recovered", data=said | {"reference": "ALI-9"}).status_code == 303
    assert tasks(order) == [("recovered", 200)]
    assert order.number not in finance.get(AT).text


def test_a_supervisor_gives_it_up_with_a_reason(store, order, sign_in):
    at = f"{AT}/{overpaid(order)}/write-off"
    boss = sign_in(make.person(Role.SUPERVISOR, store_id=store.id))
    said = fields(boss.get(AT), at)
    assert boss.post(at, data=said | {"reason": ""}).status_code == 422
    assert boss.post(at, data=said | {"reason": "两块钱，不追了"}).status_code == 303
    assert tasks(order) == [("written_off", 200)]


def test_the_platforms_export_confirms_books_and_takes_back(store, agent):
    order = make.order(store, number="3900123456789012345", as_of=clock.now() - timedelta(hours=9))
    ask(order, 12_000, agent)

    def bring(name, *rows):
        run = run_files(store, [InputFile(name, taobao(*rows))], as_of=clock.now(), actor=agent)
        assert (run.refused, run.orders_total) == (0, len(rows))

    one = {"退款编号": "170000000000000321", "买家退款金额": "120.00"}
    two = {"退款编号": "170000000000000322", "买家退款金额": "8.00"}
    bring("a.csv", one | {"退款状态": WAITS})
    assert sums(order) == (12_000, 0, 0)
    bring("b.csv", one | {"退款状态": DONE}, two | {"退款状态": DONE})
    assert sums(order) == (0, 12_000, 800)
    bring("c.csv", one | {"退款状态": DONE}, two | {"退款状态": CLOSED})
    assert sums(order) == (0, 12_000, 0)
    assert list(counted(order).values()) == ["payout", "nothing"]


def test_the_shops_own_system_tells_the_same_and_a_whole_list_lets_payouts_leave(store, order, api, agent):
    ask(order, 500, agent)
    call = api(make.person(Role.INTEGRATION, store_id=store.id))
    amount = {"amount_minor": 500, "currency": "CNY"}
    rows = [
        {"number": "T1", "order": order.number, "amount": amount, "state": "paid"},
        {"number": "T2", "order": order.number, "amount": amount, "state": "running"},
        {"number": "T3", "order": "nobody", "amount": amount, "state": "paid"},
        {"number": "T4", "order": order.number, "amount": {**amount, "currency": "EUR"}, "state": "paid"},
    ]
    body = {"as_of": (clock.now() + timedelta(seconds=5)).isoformat(), "items": rows}
    done = call("POST", f"/stores/{store.slug}/platform-refunds", body)
    assert [row["is_news"] for row in done.json["items"]] == [True, False, False, False]
    refused = [row["refused"] and row["refused"]["error"] for row in done.json["items"]]
    assert refused == [None, None, "order_not_here", "other_currency"]
    assert sums(order) == (0, 500, 0)
    assert feeds.refunds_as_of(store.id) is None
    call("POST", f"/stores/{store.slug}/platform-refunds", body | {"covers": "store", "items": []})
    assert feeds.refunds_as_of(store.id) is not None


def test_the_api_lists_and_ends_what_has_to_be_recovered(store, order, api):
    overpaid(order)
    call = api(make.person(Role.SUPERVISOR, store_id=store.id))
    (row,) = call("GET", "/recoveries").json["items"]
    assert row["amount"] == {"amount_minor": 200, "currency": "CNY"}
    done = call("POST", f"/recoveries/{row['id']}/write-off", {"reason": "太少"}, key="k1")
    assert done.json["state"] == "written_off"
    assert call("POST", f"/recoveries/{row['id']}/recovered", {"reference": "A-1"}, key="k2").status_code == 409
