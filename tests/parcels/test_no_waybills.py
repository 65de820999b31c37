"""A code of our own papers, misread or not, and an order number are no waybill wherever one is given."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.service import Claimed
from shopdesk.changes.service import Evidence
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.imports import queries
from shopdesk.imports.service import InputFile, note_message, run_files
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.rules import is_like_ours
from shopdesk.parcels.states import Stage
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from tests import make, worlds
from tests.imports import refund_exports
from tests.imports.readers import reader_exports as exports
from tests.returns import world

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
WRONG = ["right", "wrong digit", "scanner's", "number"]
LIST = "ExportOrderList202611011330.csv"


def meant(kind: str, order) -> str:
    code = parcels.barcode(make.parcel(order).id)
    misread = code[:-1] + str((int(code[-1]) + 1) % 10)
    return {"right": code, "wrong digit": misread, "scanner's": f"]C1{misread.lower()}", "number": order.number}[kind]


def refusal(call, *args, **more) -> str:
    with pytest.raises(RuleViolation) as caught:
        call(*args, **more)
    assert caught.value.code == "not_a_waybill"
    return str(caught.value.facts["is_a"])


@pytest.mark.parametrize(
    ("text", "is_ours"),
    [("PK18", True), ("pk19-", True), ("ＰＫ１２３", True), ("]C0PK15-2", True), ("PK", False), ("PK12CN", False),
     ("PK123456789CN", False), ("SPK12", False)],
)  # fmt: skip
def test_what_looks_like_our_own_code(text, is_ours):
    assert is_like_ours(text) is is_ours


@pytest.mark.parametrize("kind", ["right", "wrong digit", "number"])
def test_no_return_comes_under_it(kind):
    owner = world.agent()
    order = world.sent()
    back = world.confirmed(world.case_of(order, owner), owner)
    assert refusal(service.record_waybills, back.id, meant(kind, order), actor=owner) in {"barcode", "order"}
    assert back.sent_at is None


@pytest.mark.parametrize("kind", WRONG)
def test_no_claim_is_filed_for_it(kind):
    owner = world.agent()
    order = world.sent()
    case = world.case_of(order, owner)
    assert refusal(cases.file_claim, case.id, Claimed(500, "顺丰", meant(kind, order)), actor=owner)


@pytest.mark.parametrize("kind", ["wrong digit", "scanner's", "number"])
def test_no_arrival_is_signed_in_under_it(kind):
    clerk = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    order = world.sent()
    house = docks.warehouses_of(clerk)[0].id
    assert refusal(service.sign_in, meant(kind, order), house, actor=clerk)


def test_no_label_gets_a_misread_code():
    make.store(electronic_waybills=True)
    order = make.order(waybills=[("SF1112223334445", "顺丰")])
    make.fact(order, Stage.PRINTED)
    clerk, packer = make.actor(Role.PRINTING), make.actor(Role.WAREHOUSE)
    change = make.change(order, by=make.actor(Role.PRE_SALE), seen_stage=Stage.PRINTED)
    worlds.do(change, "hand_out", packer, Evidence(to=packer.id))
    given = meant("wrong digit", order)
    assert refusal(worlds.do, change, "reprint", clerk, Evidence(waybill=given)) == "barcode"


@pytest.mark.parametrize("kind", WRONG)
def test_the_api_takes_no_order_with_it(api, kind):
    call = api(make.person(Role.SUPERVISOR))
    known = make.order()
    given = meant(kind, known)
    told = {
        "as_of": "2026-01-01T10:00:00+08:00", "status": "paid", "waybills": [{"number": given, "carrier": "顺丰"}],
    }  # fmt: skip
    answer = call("PUT", "/stores/my-shop/orders/3300112233445566", told)
    assert (answer.status_code, answer.json["error"]) == (422, "not_a_waybill")
    assert answer.json["facts"]["waybill"] == given
    row = call("POST", "/stores/my-shop/orders/batch", {
        "as_of": told["as_of"],
        "items": [{"number": "3300112233445566", "status": "paid", "waybills": told["waybills"]}],
    }, key="k1").json["items"][0]  # fmt: skip
    assert row["refused"]["error"] == "not_a_waybill"


def test_its_own_number_is_no_waybill_of_a_new_order(api):
    make.store()
    call = api(make.person(Role.SUPERVISOR))
    told = {
        "as_of": "2026-01-01T10:00:00+08:00", "status": "paid", "waybills": [{"number": "3300112233445566"}],
    }  # fmt: skip
    answer = call("PUT", "/stores/my-shop/orders/3300112233445566", told)
    assert answer.json["error"] == "not_a_waybill"


@pytest.mark.both_engines
@pytest.mark.parametrize("given", ["PK123454", "3900123456789012345"])
def test_a_file_that_holds_one_is_taken_without_it_and_says_so(given):
    store = make.store()
    run = run_files(
        store,
        [InputFile(LIST, exports.order_list(exports.order(物流单号=given)))],
        as_of=None,
        actor=make.actor(Role.PRE_SALE),
    )
    [note] = [one for one in queries.notes_of(run) if one.code == "not_a_waybill"]
    words, facts = note_message(note)
    assert (words % facts).startswith(f"“物流单号” holds {given}, ")
    order = orders.order_by_number(exports.NUMBER, store.id)
    parcel = make.parcel(order)
    assert parcels.waybills([parcel.id], store.id) == []
    assert parcel.stage is Stage.UNPRINTED


def test_a_refund_list_that_holds_one_is_taken_without_it():
    store, by = make.store(), make.actor(Role.AFTER_SALE)
    run_files(
        store,
        [InputFile(LIST, exports.order_list(exports.order(订单状态="卖家已发货，等待买家确认")))],
        as_of=None,
        actor=by,
    )
    rows = refund_exports.taobao({"退货物流单号": "PK123454"})
    run = run_files(store, [InputFile("退款管理202611011400.csv", rows)], as_of=None, actor=by)
    assert [one.code for one in queries.notes_of(run) if one.field == "waybills"] == ["not_a_waybill"]
