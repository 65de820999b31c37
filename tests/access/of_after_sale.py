"""Rows of the table: cases, what comes back, what goes out again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from shopdesk.core import clock
from shopdesk.core.permissions import Permission
from shopdesk.orders import queries as orders
from tests.access.rows import NOW, own, row
from tests.access.world import World

P = Permission
PUT = {"place": "scrap"}


def returned(w: World) -> dict[str, Any]:
    return {"lines": [{"line_id": str(w.left_line.id), "units": 1}]}


POLICY_FORM = {"days": "15", "condition": "未拆封", "freight": "shop", "receiver": ""}
POLICY = {"days": 15, "condition": "未拆封", "freight": "shop"}
PRICE = {"amount_minor": 1250, "currency": "CNY"}
FOUND = {"identity": "unexpected", "quantity": 1, "grade": "C", "title": "旧雨伞", "whose": "others"}
FOUND_FORM = {
    "f-0-identity": "unexpected",
    "f-0-quantity": "1",
    "f-0-grade": "C",
    "f-0-words": "旧雨伞",
    "f-0-whose": "others",
}


def soon() -> datetime:
    """Later than any day that a return has got by itself."""
    return clock.now() + timedelta(days=20)


def returned_form(w: World) -> dict[str, Any]:
    return {f"units_{w.left_line.id}": "1"}


def given_up_form(w: World) -> dict[str, Any]:
    return returned_form(w) | {"reason": "lost"}


def case_units(w: World) -> list[dict[str, Any]]:
    """One unit of the order of the case."""
    return [{"line_id": str(orders.lines(w.left_order.id, w.store.id)[0].id), "units": 1}]


row("cases.cases", "GET", P.CASE_READ)
row("cases.case", "GET", P.CASE_READ, is_personal=True)
row("cases.accept", "POST", P.CASE_ACCEPT, is_personal=True)
row("cases.close", "POST", P.CASE_CLOSE, form={"outcome": "found"}, is_personal=True)
row("cases.photo", "GET", P.CASE_READ, is_personal=True)
row("cases.add_photos", "POST", P.CASE_NOTE, is_personal=True)
row("cases.statement", "GET", P.CASE_READ, is_personal=True)
row("cases.bulk", "POST", P.CASE_READ, form=lambda w: {"act": "waiting", "case": str(w.case.id)})
own("cases.save_view", "POST", P.CASE_READ, form={"title": "mine", "query": "whose=mine"})
own("cases.delete_view", "POST", P.CASE_READ)
own("cases.rename_view", "POST", P.CASE_READ, form={"title": "yours"})
own("cases.share_view", "POST", P.CASE_READ, form={"store": ""})
row("cases.confirm_return", "POST", P.RETURN_CONFIRM, form=returned_form, is_personal=True)
row("cases.return_waybills", "POST", P.RETURN_CONFIRM, form={"numbers": "SF1234567890123"}, is_personal=True)
row("cases.cancel_return", "POST", P.RETURN_CONFIRM, form={"reason": "kept"}, is_personal=True)
row(
    "cases.extend_return", "POST", P.RETURN_CONFIRM, is_personal=True,
    form=lambda _w: {"until": soon().strftime("%Y-%m-%dT%H:%M"), "reason": "abroad"},
)  # fmt: skip
row("cases.give_up", "POST", P.RETURN_CONFIRM, form=given_up_form, is_personal=True)
row("cases.slip_text", "POST", P.CASE_READ, form={}, is_personal=True)
row("printing.return_slip", "GET", P.CASE_READ, is_personal=True)
row("cases.tell_courier", "POST", P.RETURN_CONFIRM, form={"outcome": "asked"}, is_personal=True)
row("cases.file_claim", "POST", P.CLAIM_KEEP, form={"amount": "12.50", "carrier": "顺丰"}, is_personal=True)
row("cases.move_claim", "POST", P.CLAIM_KEEP, form={"state": "accepted"}, is_personal=True)
row("cases.overdue_back", "GET", P.CASE_READ)
row("cases.policies", "GET", P.POLICY_WRITE)
row("cases.policy", "GET", P.POLICY_WRITE)
row("cases.write_policy", "POST", P.POLICY_WRITE, form=POLICY_FORM)
row("cases.appraise", "POST", P.CASE_WORK, form={"appraisal": "no_defect"}, is_personal=True)
row("cases.decide", "POST", P.CASE_WORK, is_personal=True)
row("cases.decline", "POST", P.CASE_WORK, form={"reason": "too late"}, is_personal=True)
row("cases.reopen", "POST", P.CASE_WORK, form={"reason": "again"}, is_personal=True)
row("cases.note", "POST", P.CASE_NOTE, form={"text": "hello"}, is_personal=True)
row("cases.set_due", "POST", P.CASE_WORK, form={"due": "2026-12-01T10:00"}, is_personal=True)
row("cases.wait_for", "POST", P.CASE_WORK, form={"whom": "customer"}, is_personal=True)
row("cases.offer", "POST", P.CASE_WORK, form=lambda w: {"to": str(w.colleague.id)}, is_personal=True)
row("cases.take_offer", "POST", P.CASE_ACCEPT, is_personal=True)
row("cases.refuse_offer", "POST", P.CASE_WORK, is_personal=True)
row("cases.assign", "POST", P.CASE_ASSIGN, form=lambda w: {"to": str(w.colleague.id)}, is_personal=True)
row("cases.merge", "POST", P.CASE_WORK, form=lambda w: {"number": w.other_case.number}, is_personal=True)
row("cases.link", "POST", P.CASE_WORK, form=lambda w: {"number": w.other_case.number}, is_personal=True)
row("cases.split", "POST", P.CASE_WORK, form={"kind": "trace"}, is_personal=True)
row("invoices.invoices", "GET", P.INVOICE_DO)
row("invoices.ask_buyer", "POST", P.INVOICE_DO, form={"reference": "F-1"})
row("invoices.do_invoice", "POST", P.INVOICE_DO, form={"reference": "R-2026-7"})
row("cases.registers", "GET", P.CASE_READ)
row("cases.export_register", "POST", P.CASE_EXPORT, form={"kind": "trace"})
row("cases.left_over", "GET", P.CASE_READ)
row("cases.to_remind", "GET", P.CASE_REMIND)
row("cases.remind", "POST", P.CASE_REMIND, form={"words": "请尽快"})
row("cases.answer_reminder", "POST", P.CASE_READ, form={"words": "已联系"}, is_personal=True)
row("cases.new_case", "GET", P.CASE_OPEN)
row("cases.open_case", "POST", P.CASE_OPEN, form={"kind": "trace", "wish": "where is it"})
row("desk.take_back", "POST", P.RETURN_CONFIRM, is_personal=True)
row("api_everyday.take_back", "POST", P.RETURN_CONFIRM, body={}, is_personal=True)
row("dock.sign_in", "GET", P.ARRIVAL_SIGN)
row("dock.take_in", "POST", P.ARRIVAL_SIGN, form=lambda w: {"code": "ZZ1", "warehouse": str(w.store.warehouse_id)})
row("dock.unpack", "GET", P.ARRIVAL_READ)
row("dock.unknown", "GET", P.ARRIVAL_READ)
row("dock.parcel", "GET", P.ARRIVAL_READ)
row("dock.labels", "GET", P.ARRIVAL_READ)
row("dock.photo", "GET", P.ARRIVAL_READ)
row("dock.add_photos", "POST", P.ARRIVAL_INSPECT)
row("dock.open_parcel", "POST", P.ARRIVAL_INSPECT)
row("dock.inspect", "POST", P.ARRIVAL_INSPECT, form=FOUND_FORM)
row("dock.put_away", "POST", P.ARRIVAL_INSPECT, form=lambda w: PUT | {"finding": str(w.finding.id), "quantity": "1"})
row("dock.match", "POST", P.ARRIVAL_MATCH, form=lambda w: {"return_id": str(w.coming.id)})
row("dock.unmatch", "POST", P.ARRIVAL_MATCH, form=lambda w: {"return_id": str(w.coming.id)})
row("dock.describe", "POST", P.ARRIVAL_MATCH, form={"inside": "HAT-01"})
row("dock.open_case", "POST", P.ARRIVAL_MATCH, form=lambda w: {"number": w.left_order.number})
row("api_resolving.show_resolution", "GET", P.CASE_READ, is_personal=True)
row("api_resolving.statement", "GET", P.CASE_READ, is_personal=True)
row("api_resolving.decide_refund", "POST", P.CASE_SETTLE, body=lambda w: {"units": case_units(w)}, is_personal=True)
row(
    "api_resolving.make_replacement", "POST", P.REPLACEMENT_MAKE,
    body=lambda w: {"kind": "reship", "lines": [{"line_id": case_units(w)[0]["line_id"], "quantity": 1}]},
    is_personal=True,
)  # fmt: skip
row("api_resolving.invoices", "GET", P.INVOICE_DO)
row("api_resolving.ask_buyer", "POST", P.INVOICE_DO, body={"number": "F-1"})
row("api_resolving.do_invoice", "POST", P.INVOICE_DO, body={"reference": "R-2026-7"})
row("api_returns.list_returns", "GET", P.CASE_READ, is_personal=True)
row("api_returns.confirm", "POST", P.RETURN_CONFIRM, body=returned, is_personal=True)
row("api_returns.show_return", "GET", P.CASE_READ, is_personal=True)
row("api_returns.add_waybills", "POST", P.RETURN_CONFIRM, body={"numbers": "SF1234567890123"}, is_personal=True)
row("api_returns.cancel", "POST", P.RETURN_CONFIRM, body={"reason": "kept"}, is_personal=True)
row(
    "api_returns.extend", "POST", P.RETURN_CONFIRM, is_personal=True,
    body=lambda _w: {"until": soon().isoformat(), "reason": "abroad"},
)  # fmt: skip
row("api_returns.give_up", "POST", P.RETURN_CONFIRM, body={"reason": "lost"}, is_personal=True)
row("api_returns.open_slip", "POST", P.CASE_READ, body={}, is_personal=True)
row("api_return_policies.show_policy", "GET", P.CASE_READ)
row("api_return_policies.set_policy", "POST", P.POLICY_WRITE, body=POLICY)
row("api_courier.show_courier", "GET", P.CASE_READ, is_personal=True)
row("api_courier.tell", "POST", P.RETURN_CONFIRM, body={"outcome": "asked"}, is_personal=True)
row("api_courier.file_claim", "POST", P.CLAIM_KEEP, body={"amount": PRICE, "carrier": "顺丰"}, is_personal=True)
row("api_courier.move_claim", "POST", P.CLAIM_KEEP, body={"state": "accepted"}, is_personal=True)
row("api_cases.list_cases", "GET", P.CASE_READ)
row(
    "api_cases.open_case",
    "POST",
    P.CASE_OPEN,
    body=lambda w: {"order_id": str(w.left_order.id), "kind": "trace", "wish": "where is it"},
    ids_in_body=True,
)
row("api_cases.show_case", "GET", P.CASE_READ, is_personal=True)
row("api_cases.accept", "POST", P.CASE_ACCEPT, body={}, is_personal=True)
row("api_cases.close", "POST", P.CASE_CLOSE, body={"outcome": "found"}, is_personal=True)
row("api_case_photos.list_photos", "GET", P.CASE_READ, is_personal=True)
row("api_case_photos.show_photo", "GET", P.CASE_READ, is_personal=True)
row("api_case_photos.add_photos", "POST", P.CASE_NOTE, is_personal=True)
row("api_case_work.list_notes", "GET", P.CASE_READ, is_personal=True)
row("api_case_work.appraise", "POST", P.CASE_WORK, body={"appraisal": "no_defect"}, is_personal=True)
row("api_case_work.decide", "POST", P.CASE_WORK, body={}, is_personal=True)
row("api_case_work.decline", "POST", P.CASE_WORK, body={"reason": "too late"}, is_personal=True)
row("api_case_work.reopen", "POST", P.CASE_WORK, body={"reason": "again"}, is_personal=True)
row("api_case_work.set_due", "POST", P.CASE_WORK, body={"at": NOW}, is_personal=True)
row("api_case_work.wait_for", "POST", P.CASE_WORK, body={"waiting_for": "customer"}, is_personal=True)
row("api_case_work.assign", "POST", P.CASE_ASSIGN, body=lambda w: {"to": str(w.colleague.id)}, is_personal=True)
row("api_case_work.merge", "POST", P.CASE_WORK, body=lambda w: {"number": w.other_case.number}, is_personal=True)
row("api_case_work.link", "POST", P.CASE_WORK, body=lambda w: {"number": w.other_case.number}, is_personal=True)
row(
    "api_case_work.split",
    "POST",
    P.CASE_WORK,
    body={"kind": "trace", "units": [{"line_id": "1", "quantity": 1}]},
    is_personal=True,
)
row("api_case_work.offer", "POST", P.CASE_WORK, body=lambda w: {"to": str(w.colleague.id)}, is_personal=True)
row("api_case_work.answer_offer", "POST", P.CASE_WORK, body={"accept": True}, is_personal=True)
row("api_case_work.note", "POST", P.CASE_NOTE, body={"text": "hello"}, is_personal=True)
row(
    "api_case_queue.act_on_many", "POST", P.CASE_READ,
    body=lambda w: {"cases": [str(w.case.id)], "act": "waiting", "waiting_for": "courier"},
)  # fmt: skip
row("api_case_queue.remind", "POST", P.CASE_REMIND, body={"words": "请尽快"})
row("api_case_queue.answer_reminder", "POST", P.CASE_READ, body={"words": "已联系"}, is_personal=True)
row(
    "api_arrivals.sign_in", "POST", P.ARRIVAL_SIGN,
    body=lambda w: {"waybill": "ZZ1", "warehouse_id": str(w.store.warehouse_id)},
)  # fmt: skip
row("api_arrivals.list_arrivals", "GET", P.ARRIVAL_READ)
row("api_arrivals.show_arrival", "GET", P.ARRIVAL_READ)
row("api_arrivals.list_photos", "GET", P.ARRIVAL_READ)
row("api_arrivals.show_photo", "GET", P.ARRIVAL_READ)
row("api_arrivals.add_photos", "POST", P.ARRIVAL_INSPECT)
row("api_arrivals.open_parcel", "POST", P.ARRIVAL_INSPECT, body={})
row("api_arrivals.inspect", "POST", P.ARRIVAL_INSPECT, body={"items": [FOUND]})
row(
    "api_arrivals.put_away",
    "POST",
    P.ARRIVAL_INSPECT,
    body=lambda w: {"items": [PUT | {"finding_id": str(w.finding.id), "quantity": 1}]},
)
row("api_arrivals.match", "POST", P.ARRIVAL_MATCH, body=lambda w: {"return_id": str(w.coming.id)})
row("api_arrivals.unmatch", "POST", P.ARRIVAL_MATCH, body=lambda w: {"return_id": str(w.coming.id)})
row("api_arrivals.describe", "POST", P.ARRIVAL_MATCH, body={"inside": "HAT-01"})
row("api_arrivals.open_case", "POST", P.ARRIVAL_MATCH, body=lambda w: {"order_id": str(w.left_order.id)})
for _page, _needed, _form in (
    ("resolve", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("take_back", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("answer_invoice", P.CASE_RESOLVE, {"sent": "no"}),
    ("decide_refund", P.CASE_SETTLE, {}),
    ("take_back_refund", P.CASE_SETTLE, {}),
    ("expect", P.CASE_SETTLE, {"part": "freight", "amount": "0"}),
    ("settle", P.CASE_SETTLE, {"part": "money", "amount": "1", "destination": "platform"}),
    ("take_back_settlement", P.CASE_SETTLE, {"reason": "typed wrong"}),
    ("make_replacement", P.REPLACEMENT_MAKE, {"kind": "reship", "waits": "now"}),
    ("send_ahead", P.REPLACEMENT_MAKE, {"due_at": "2099-01-01T10:00"}),
    ("tell_waybill", P.REPLACEMENT_MAKE, {"number": "SF1234567890"}),
    ("settle_difference", P.CASE_SETTLE, {"how": "waived", "reason": "regular customer"}),
    ("goods_not_back", P.CASE_SETTLE, {"how": "waived", "reason": "regular customer"}),
    ("cancel_replacement", P.REPLACEMENT_MAKE, {"reason": "not wanted"}),
    ("expect_replacement", P.REPLACEMENT_MAKE, {}),
    ("undo_replacement", P.REPLACEMENT_MAKE, {"reason": "keeps the first"}),
    ("end", P.CASE_CLOSE, {"outcome": "refunded", "fault": "shop"}),
    ("end_open", P.CASE_END_OPEN, {"outcome": "not wanted any more", "fault": "shop"}),
    ("refund_and_end", P.CASE_SETTLE, {"outcome": "refunded", "fault": "shop"}),
):
    row(f"cases.{_page}", "POST", _needed, form=_form, is_personal=True)
for _what, _needed, _body in (
    ("decide", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("take_back", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("answer_invoice", P.CASE_RESOLVE, {"sent": False}),
    ("take_back_refund", P.CASE_SETTLE, {}),
    ("expect", P.CASE_SETTLE, {"part": "freight", "amount_minor": 0}),
    ("settle", P.CASE_SETTLE, {"part": "money", "amount_minor": 1, "destination": "platform"}),
    ("take_back_settlement", P.CASE_SETTLE, {"reason": "typed wrong"}),
    ("send_ahead", P.REPLACEMENT_MAKE, {"due_at": "2099-01-01T10:00:00+08:00"}),
    ("tell_waybill", P.REPLACEMENT_MAKE, {"number": "SF1234567890"}),
    ("settle_difference", P.CASE_SETTLE, {"how": "waived", "reason": "regular customer"}),
    ("goods_not_back", P.CASE_SETTLE, {"how": "waived", "reason": "regular customer"}),
    ("cancel_replacement", P.REPLACEMENT_MAKE, {"reason": "not wanted"}),
    ("expect_replacement", P.REPLACEMENT_MAKE, {}),
    ("undo_replacement", P.REPLACEMENT_MAKE, {"reason": "keeps the first"}),
    ("end", P.CASE_CLOSE, {"outcome": "refunded", "fault": "shop"}),
    ("end_open", P.CASE_END_OPEN, {"outcome": "not wanted any more", "fault": "shop"}),
    ("refund_and_end", P.CASE_SETTLE, {"outcome": "refunded", "fault": "shop"}),
):
    row(f"api_resolving.{_what}", "POST", _needed, body=_body, is_personal=True)
