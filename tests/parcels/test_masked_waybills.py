"""A waybill whose number the platform masked: left out with a word, never half a number, and still a label."""

from __future__ import annotations

import pytest

from shopdesk.core.permissions import Role
from shopdesk.imports import queries
from shopdesk.imports.service import InputFile, note_message, run_files
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import make
from tests.api.test_story import sale
from tests.imports.readers import reader_exports as exports
from tests.imports.refund_exports import taobao

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
NAME, LATER = "ExportOrderList202611011330.csv", "ExportOrderList202611011530.csv"
PUT = ("PUT", "/stores/my-shop/orders/4100000000001")
MASKED = ["***", "＊＊＊＊", "YT8801****234567", "SF123456****", "****345678", "No:SF1•••••90"]


def bring(name, **cells):
    run = run_files(
        make.store(), [InputFile(name, exports.order_list(exports.order(**cells)))], as_of=None, actor=actor()
    )
    (file,) = queries.files_of(run)
    assert file.rows == file.accepted == 1
    return run, [(n.row_no, n.code) for n in queries.notes_of(run) if n.row_no]


def actor():
    return make.actor(Role.PRE_SALE)


def held(number=exports.NUMBER):
    parcel = make.parcel(orders.order_by_number(number, make.store().id))
    return parcel.stage, [waybill.number for waybill in parcels.waybills([parcel.id], parcel.store_id)]


@pytest.mark.both_engines
@pytest.mark.parametrize("cell", MASKED)
def test_the_report_says_that_it_was_masked_and_the_order_is_printed_all_the_same(cell):
    run, notes = bring(NAME, 物流单号=cell)
    assert notes == [(2, "waybill_masked")]
    (note,) = [n for n in queries.notes_of(run) if n.row_no]
    words, facts = note_message(note)
    assert "物流单号" in words % facts
    assert "masked" in words
    assert held() == (Stage.PRINTED, [])


def test_beside_one_that_is_shown_it_is_told_apart():
    _, notes = bring(NAME, 物流单号="SF1234567890;***")
    assert notes == [(2, "waybill_masked")]
    assert held() == (Stage.PRINTED, ["SF1234567890"])


def test_the_star_that_a_barcode_font_puts_at_each_end_hides_nothing():
    _, notes = bring(NAME, 物流单号="*SF1234567890*")
    assert notes == []
    assert held() == (Stage.PRINTED, ["SF1234567890"])


def test_a_later_file_that_masks_it_takes_nothing_back():
    bring(NAME, 物流单号="SF1234567890")
    run, notes = bring(LATER, 物流单号="***")
    assert (run.created, notes) == (0, [(2, "waybill_masked")])
    assert held() == (Stage.PRINTED, ["SF1234567890"])


def test_an_order_that_was_unprinted_is_printed_from_then_on():
    bring(NAME)
    assert held() == (Stage.UNPRINTED, [])
    run, _ = bring(LATER, 物流单号="***")
    assert (run.updated, held()) == (1, (Stage.PRINTED, []))


@pytest.mark.both_engines
@pytest.mark.parametrize("number", MASKED)
def test_told_by_api_the_receipt_names_it(api, number):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    answer = erp(*PUT, sale() | {"waybills": [{"number": number}, {"number": "SF1234567890"}]})
    assert answer.status_code == 201
    (warning,) = answer.json["warnings"]
    assert (warning["code"], warning["waybill"]) == ("waybill_masked", number)
    assert held("4100000000001") == (Stage.PRINTED, ["SF1234567890"])


def test_told_by_api_alone_and_in_a_batch_it_is_a_label_too(api):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    told = sale() | {"waybills": [{"number": "***"}]}
    row = {name: value for name, value in told.items() if name not in {"as_of", "origin"}}
    rows = {"as_of": told["as_of"], "items": [{"number": "4100000000002", **row}]}
    (result,) = erp("POST", "/stores/my-shop/orders/batch", rows, key="a").json["items"]
    assert [warning["code"] for warning in result["receipt"]["warnings"]] == ["waybill_masked"]
    assert held("4100000000002") == (Stage.PRINTED, [])


def test_a_masked_return_waybill_says_that_the_goods_have_left():
    (refund,) = exports.read(taobao({"退货物流单号": "***", "货物状态": ""})).refunds
    assert (refund.has_left, refund.waybills) == (True, ())
