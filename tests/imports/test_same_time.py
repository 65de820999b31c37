"""Two exports of one minute: equal is not later, and what was left is said (D2)."""

from datetime import UTC, datetime, timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.imports import queries
from shopdesk.imports.service import InputFile, note_message, run_files
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from tests import make
from tests.imports.readers.reader_exports import DETAIL_NEW, LINE_NEW, LINE_OLD, NUMBER, details, order, order_list

pytestmark = pytest.mark.usefixtures("app")
AT = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def bring(*files):
    store = make.store()
    named = [InputFile(name, content) for name, content in files]
    run = run_files(store, named, as_of=AT, actor=make.actor(Role.PRE_SALE))
    return run, queries.notes_of(run)


def found():
    return orders.order_by_number(NUMBER, make.store().id)


def test_the_same_file_again_leaves_nothing_out():
    files = ("list.csv", order_list(order())), ("details.csv", details(LINE_OLD))
    bring(*files)
    run, notes = bring(*files)
    assert (run.updated, run.unchanged) == (0, 1)
    assert notes == []


def test_what_differs_at_the_same_time_is_not_taken_and_named():
    bring(("list.csv", order_list(order())), ("details.csv", details(LINE_NEW, headers=DETAIL_NEW)))
    shipped = order(订单状态="卖家已发货，等待买家确认", 收货人姓名="李四")
    run, notes = bring(
        ("list.csv", order_list(shipped)),
        ("details.csv", details(LINE_NEW | {"商品标题": "另一个"}, headers=DETAIL_NEW)),
    )
    assert (run.updated, run.unchanged) == (0, 1)
    [note] = [note for note in notes if note.code == "same_time"]
    assert note.order_number == NUMBER
    assert set(str(note.facts["headers"]).split(", ")) == {"订单状态", "收货人姓名", "商品标题"}
    words, params = note_message(note)
    assert "收货人姓名" in words % params
    assert found().recipient_name.reveal("test") != "李四"


def test_a_stage_that_moved_counts_as_updated():
    bring(("list.csv", order_list(order())))
    run, notes = bring(("list.csv", order_list(order(物流单号="No:YT0000000000011"))))
    assert make.parcel(found()).stage is Stage.PRINTED
    assert (run.updated, run.unchanged) == (1, 0)
    assert "same_time" not in [note.code for note in notes]


def test_the_api_names_what_it_left(api):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    told = {"as_of": (clock.now() - timedelta(hours=1)).isoformat(), "origin": "ERP", "status": "paid"}
    path = "/stores/my-shop/orders/4100000000001"
    assert erp("PUT", path, told | {"paid": {"amount_minor": 500, "currency": "CNY"}}).json["values_not_taken"] == []
    again = erp("PUT", path, told | {"paid": {"amount_minor": 700, "currency": "CNY"}}).json
    assert (again["outcome"], again["values_not_taken"]) == ("unchanged", ["paid"])
