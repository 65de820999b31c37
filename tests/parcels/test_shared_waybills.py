"""A waybill that another parcel has already: kept, and said wherever it was told and where the order is looked at."""

from __future__ import annotations

import pytest

from shopdesk.changes.service import Evidence, take_report
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.imports import queries
from shopdesk.imports.service import InputFile, note_message, run_files
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from tests import make, worlds
from tests.imports.readers import reader_exports as exports

pytestmark = pytest.mark.usefixtures("app")
SHARED = "SF1234567890123"
LIST = "ExportOrderList202611011330.csv"


def numbers(order) -> list[str]:
    return [w.number for w in parcels.waybills([make.parcel(order).id], order.store_id)]


def told(number: str) -> dict:
    return {"as_of": "2026-01-01T10:00:00+08:00", "status": "paid", "waybills": [{"number": number, "carrier": "顺丰"}],
            "lines": [{"key": "1", "quantity": 1, "title": "羊毛帽"}]}  # fmt: skip


@pytest.mark.both_engines
def test_a_file_that_tells_one_says_whose_it_is_too(api):
    other = make.order(waybills=[(SHARED, "顺丰")])
    content = exports.order_list(exports.order(物流单号=SHARED))
    run = run_files(make.store(), [InputFile(LIST, content)], as_of=None, actor=make.actor(Role.PRE_SALE))
    [note] = [one for one in queries.notes_of(run) if one.code == "waybill_in_use"]
    words, facts = note_message(note)
    assert (words % facts).startswith(f"“物流单号” holds the waybill {SHARED}, which a parcel of order {other.number} ")
    assert numbers(orders.order_by_number(exports.NUMBER, other.store_id)) == [SHARED]
    call = api(make.person(Role.PRE_SALE))
    shown = call("GET", f"/imports/{run.id}", **{"Accept-Language": "en"}).json["notes"]["items"]
    assert words % facts in [one["message"] for one in shown]


def test_why_a_file_was_not_read_is_worded_in_the_api(api):
    made = run_files(
        make.store(), [InputFile("x.json", b'{"orders": []}')], as_of=None, actor=make.actor(Role.PRE_SALE)
    )
    failure = api(make.person(Role.PRE_SALE))("GET", f"/imports/{made.id}", **{"Accept-Language": "en"}).json["failure"]
    assert failure["message"].startswith("x.json is no table: its content is JSON.")


def test_the_api_warns_for_one_order_and_in_a_batch(api):
    other = make.order(waybills=[(SHARED, "顺丰")])
    call = api(make.person(Role.SUPERVISOR))
    answer = call("PUT", "/stores/my-shop/orders/3300112233445566", told(SHARED))
    items = [{"number": "3300112233445577", **told(SHARED)}, {"number": "3300112233445588", **told("SF999000111")}]
    batch = {"as_of": items[0].pop("as_of"), "items": items}
    items[1].pop("as_of")
    rows = call("POST", "/stores/my-shop/orders/batch", batch, key="k1").json["items"]
    assert answer.status_code == 201
    [warning] = answer.json["warnings"]
    assert (warning["code"], warning["waybill"], warning["order"]) == ("waybill_in_use", SHARED, other.number)
    assert [[w["code"] for w in row["receipt"]["warnings"]] for row in rows] == [["waybill_in_use"], []]


def test_the_order_page_says_so_until_it_has_left(sign_in):
    other, order = make.order(waybills=[(SHARED, "顺丰")]), make.order(waybills=[(SHARED, "顺丰")])
    page = sign_in(make.person(Role.PRE_SALE))
    page.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    shown = page.get(f"/orders/{order.id}").text
    assert "another parcel has it too" in shown
    assert f'href="/orders/{other.id}">…{other.number[-4:]}' in shown
    make.fact(order, Stage.SHIPPED)
    assert "another parcel has it too" not in page.get(f"/orders/{order.id}").text


@pytest.mark.parametrize(
    "written", [f" {SHARED} ", "ＳＦ１２３４５６７８９０１２３", "SF 1234 5678 90123", f"*{SHARED}*"]
)
def test_a_number_is_kept_without_what_scanners_and_typing_leave(api, written):
    call = api(make.person(Role.SUPERVISOR))
    make.store()
    assert call("PUT", "/stores/my-shop/orders/3300112233445566", told(written)).status_code == 201
    order = orders.order_by_number("3300112233445566", make.store().id)
    assert numbers(order) == [SHARED]
    report = Report(stage=Stage.PACKED, happened_at=None, as_of=clock.now(), source=Source.API, origin="ERP")
    actor = make.actor(Role.INTEGRATION)
    assert take_report(order.store_id, report, order_number=None, waybill=written, actor=actor)


def test_a_typed_number_of_a_reprint_is_cleaned_the_same_way():
    order = make.order(waybills=[(SHARED, "顺丰")])
    make.fact(order, Stage.PRINTED)
    clerk = make.actor(Role.PRINTING, Role.WAREHOUSE)
    change = make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    worlds.do(change, "hand_out", make.actor(Role.WAREHOUSE), Evidence(to=clerk.id))
    worlds.do(change, "reprint", clerk, Evidence(waybill="ＳＦ 9876 5432 10"))
    assert [w.number for w in parcels.waybills([make.parcel(order).id], order.store_id)][-1] == "SF9876543210"
