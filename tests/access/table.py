"""The reviewed table: one row per endpoint and method.  A route without a row fails, and so does a row without a route.

A new route is one line:  row("desk.order", "GET", P.ORDER_READ)
An unsafe one with an id in its address also needs a body that is well formed, so that the id is what decides:
    row("api.withdraw_change", "POST", P.CHANGE_WITHDRAW, body={"reason": "changed her mind"})
    row("desk.write_memo", "POST", P.MEMO_WRITE, form={"text": "hello", "flag": "red"})
Bodies and forms may be functions of the world (tests/access/world.py): body=lambda w: {"order_id": str(w.order.id)}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shopdesk.core.permissions import Permission
from shopdesk.orders import queries as orders
from tests import make
from tests.access.world import World

P = Permission
Sent = Mapping[str, Any] | Callable[[World], Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Row:
    endpoint: str
    method: str
    permission: Permission | None  # None: nobody (public) or anybody signed in (own)
    scope: str  # public, own or store
    body: Sent = None  # JSON
    form: Sent = None
    is_personal: bool = False  # a role that may do it may still be refused: somebody else's step or wish
    ids_in_body: bool = False  # what belongs to a store is named in the body, not in the address

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


STOP_FORM = {"scope": "sku", "sku": "HAT-01", "reason": "缝线会开", "on_expiry": "keep", "expires_at": ""}
POLICY_FORM = {"days": "15", "condition": "未拆封", "freight": "shop", "receiver": ""}
POLICY = {"days": 15, "condition": "未拆封", "freight": "shop"}
PRICE = {"amount_minor": 1250, "currency": "CNY"}
ON_PAPER = {"paper": "a4", "parts": "both"}
FOUND = {"identity": "unexpected", "quantity": 1, "grade": "C", "title": "旧雨伞"}
PUT = {"place": "scrap"}
FOUND_FORM = {"f-0-identity": "unexpected", "f-0-quantity": "1", "f-0-grade": "C", "f-0-words": "旧雨伞"}
SKU_FORM = {"sku": "HAT-01", "readiness": "out_of_stock"}


def sku_form(w: World) -> dict[str, Any]:
    return SKU_FORM | {"store_id": str(w.store.id)}


def returned_form(w: World) -> dict[str, Any]:
    return {f"units_{w.left_line.id}": "1"}


def returned(w: World) -> dict[str, Any]:
    return {"lines": [{"line_id": str(w.left_line.id), "units": 1}]}


def given_up_form(w: World) -> dict[str, Any]:
    return returned_form(w) | {"reason": "lost"}


def one_unit(w: World) -> dict[str, Any]:
    return {"units": [{"line_id": str(w.line.id), "units": 1}]}


def other_parcel_form(w: World) -> dict[str, Any]:
    return {"parcel": str(make.parcel(w.other_order).id)}


def other_parcel(w: World) -> dict[str, Any]:
    return {"parcels": [str(make.parcel(w.other_order).id)]}


def case_units(w: World) -> list[dict[str, Any]]:
    """One unit of the order of the case."""
    return [{"line_id": str(orders.lines(w.left_order.id, w.store.id)[0].id), "units": 1}]


TABLE: dict[tuple[str, str], Row] = {}


def row(endpoint: str, method: str, permission: Permission, **sent: Any) -> None:
    """Needs the permission; its rows are found through the store scope."""
    _add(Row(endpoint, method, permission, "store", **sent))


def own(endpoint: str, method: str, permission: Permission | None = None, **sent: Any) -> None:
    """Anybody signed in (or who holds the permission), for their own things."""
    _add(Row(endpoint, method, permission, "own", **sent))


def public(endpoint: str, method: str, **sent: Any) -> None:
    """Nobody needs to be signed in."""
    _add(Row(endpoint, method, None, "public", **sent))


def _add(new: Row) -> None:
    key = (new.endpoint, new.method)
    assert key not in TABLE, f"{new} has two rows"
    TABLE[key] = new


# -- web: signing in, the language, what a load balancer asks ---------------------------------------------------------
public("web.sign_in", "GET")
public("web.sign_in", "POST", form={"login": "nobody", "password": "nothing at all"})
public("web.welcome", "GET")
public("web.welcome", "POST", form={"password": "a long new password", "again": "a long new password"})
public("web.language", "POST", form={"language": "en"})
own("web.sign_out", "POST")
public("web.healthz", "GET")
public("web.readyz", "GET")
public("api_docs", "GET")
public("api-docs.openapi_json", "GET")

# -- desk -------------------------------------------------------------------------------------------------------------
row("desk.look_up", "GET", P.ORDER_READ)
row("desk.look_up_long", "POST", P.ORDER_READ, form={"q": "a long list"})
row("desk.palette", "GET", P.ORDER_READ)
row("desk.work", "GET", P.ORDER_READ)
row("desk.order", "GET", P.ORDER_READ)
row("desk.reveal", "POST", P.PERSONAL_REVEAL, form={"reason": "call_customer"})
row("desk.change", "GET", P.CHANGE_ASK)
row("desk.change", "POST", P.CHANGE_ASK, form={"text": "顺丰", "action": "submit"})
row("desk.write_memo", "POST", P.MEMO_WRITE, form={"text": "请尽快", "flag": "red"})
row("desk.copy_memo", "POST", P.MEMO_WRITE)
row("desk.tick_pasted", "POST", P.MEMO_WRITE)
row("desk.copy_amendment", "POST", P.CHANGE_ASK)
row("desk.tick_amendment", "POST", P.CHANGE_ASK)
row("desk.do_step", "POST", P.STEP_DO, form={"text": "对的", "via": "chat"}, is_personal=True)
row("desk.withdraw", "POST", P.CHANGE_WITHDRAW, form={"reason": "changed her mind"}, is_personal=True)
row("desk.end_by_hand", "POST", P.CHANGE_END, form={"reason": "done by hand"})
row("desk.set_readiness", "POST", P.ORDER_READY, form={"readiness": "out_of_stock"}, is_personal=True)
row("desk.lift_readiness", "POST", P.ORDER_READY, is_personal=True)
row("desk.confirm_stage", "POST", P.PRINT_CHECK, is_personal=True)
row("desk.end_contact", "POST", P.ORDER_READY, form={"outcome": "waits", "text": "可以等"}, is_personal=True)
row("desk.mark_paid", "POST", P.PAYMENT_NOTE, form={"amount": "1", "method": "cash"})
row("desk.readiness", "GET", P.ORDER_READY)
row(
    "desk.mark_sku",
    "POST",
    P.ORDER_READY,
    form=lambda w: SKU_FORM | {"store_id": str(w.store.id)},
    ids_in_body=True,
    is_personal=True,
)
row(
    "desk.lift_sku",
    "POST",
    P.ORDER_READY,
    form=lambda w: SKU_FORM | {"store_id": str(w.store.id)},
    ids_in_body=True,
    is_personal=True,
)
row("desk.parcel", "GET", P.ORDER_READ)
row("desk.split_parcel", "POST", P.PARCEL_REGROUP)
row("desk.merge_parcels", "POST", P.PARCEL_REGROUP, form=other_parcel_form)
row("desk.ship_from", "POST", P.PARCEL_REGROUP, form=lambda w: {"warehouse_id": str(w.supplier.id)})
row("desk.copy_supplier_text", "POST", P.SUPPLIER_ASK)
row("desk.ask_supplier", "POST", P.SUPPLIER_ASK, form={"via": "wechat"}, is_personal=True)
row("desk.note_reply", "POST", P.SUPPLIER_ASK, form={"answer": "done"}, is_personal=True)
row("desk.inbox", "GET", P.NOTICE_READ)
row("desk.answer_notice", "POST", P.NOTICE_ANSWER, form={"answer": "not_printed"}, is_personal=True)
row("desk.answer_many", "POST", P.NOTICE_ANSWER, form=lambda w: {"notice": str(w.notice.id)})
row("desk.void", "POST", P.PARCEL_VOID)
row("desk.feeds", "GET", P.FEED_READ)
row("desk.changes", "GET", P.CHANGE_WATCH)
row("desk.nudge", "POST", P.CHANGE_NUDGE, form=lambda w: {"step": f"{w.change.id}-4"})
row("desk.nudge_step", "POST", P.CHANGE_NUDGE)
row("desk.assign_page", "GET", P.CHANGE_ASSIGN)
row(
    "desk.assign", "POST", P.CHANGE_ASSIGN,
    form=lambda w: {"to": str(w.colleague.id), "reason": "下班"}, is_personal=True,
)  # fmt: skip
row("desk.hand_over_page", "GET", P.CHANGE_ASSIGN)
own("desk.hand_over", "POST", P.CHANGE_ASSIGN, form={"to": "1", "reason": "下班"})
row("desk.stand_ins", "GET", P.STAND_IN_GIVE)
row(
    "desk.give_stand_in", "POST", P.STAND_IN_GIVE, ids_in_body=True,
    form=lambda w: {"store_id": str(w.store.id), "person_id": str(w.colleague.id), "role": "printing",
                    "until": w.tonight, "reason": "午休"},
)  # fmt: skip
row("desk.end_stand_in", "POST", P.STAND_IN_GIVE)

# -- cases: finance sees and accepts its own only, a supervisor owns none, pre-sale closes what moves no money ---------
row("cases.cases", "GET", P.CASE_READ)
row("cases.case", "GET", P.CASE_READ, is_personal=True)
row("cases.accept", "POST", P.CASE_ACCEPT, is_personal=True)
row("cases.close", "POST", P.CASE_CLOSE, form={"outcome": "found"}, is_personal=True)
row("cases.photo", "GET", P.CASE_READ, is_personal=True)
row("cases.add_photos", "POST", P.CASE_NOTE, is_personal=True)
row("cases.statement", "GET", P.CASE_READ, is_personal=True)
for _page, _needed, _form in (
    ("decide", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("take_back", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("answer_invoice", P.CASE_RESOLVE, {"sent": "no"}),
    ("decide_refund", P.CASE_SETTLE, {}),
    ("take_back_refund", P.CASE_SETTLE, {}),
    ("expect", P.CASE_SETTLE, {"part": "freight", "amount": "0"}),
    ("settle", P.CASE_SETTLE, {"part": "money", "amount": "1", "destination": "platform"}),
    ("take_back_settlement", P.CASE_SETTLE, {"reason": "typed wrong"}),
    ("make_replacement", P.REPLACEMENT_MAKE, {"kind": "reship", "waits": "now"}),
    ("send_ahead", P.REPLACEMENT_MAKE, {"due_at": "2099-01-01T10:00"}),
    ("settle_difference", P.CASE_SETTLE, {"how": "waived", "reason": "regular customer"}),
    ("cancel_replacement", P.REPLACEMENT_MAKE, {"reason": "not wanted"}),
    ("undo_replacement", P.REPLACEMENT_MAKE, {"reason": "keeps the first"}),
    ("end", P.CASE_CLOSE, {"outcome": "refunded", "fault": "shop"}),
    ("end_open", P.CASE_END_OPEN, {"outcome": "not wanted any more", "fault": "shop"}),
    ("refund_and_end", P.CASE_SETTLE, {"outcome": "refunded", "fault": "shop"}),
):
    row(f"cases.{_page}", "POST", _needed, form=_form, is_personal=True)
row("cases.invoices", "GET", P.INVOICE_DO)
row("cases.do_invoice", "POST", P.INVOICE_DO, form={"reference": "R-2026-7"})
row("cases.bulk", "POST", P.CASE_READ, form=lambda w: {"act": "waiting", "case": str(w.case.id)})
own("cases.save_view", "POST", P.CASE_READ, form={"title": "mine", "query": "whose=mine"})
own("cases.delete_view", "POST", P.CASE_READ)
row("cases.confirm_return", "POST", P.RETURN_CONFIRM, form=returned_form, is_personal=True)
row("cases.return_waybills", "POST", P.RETURN_CONFIRM, form={"numbers": "SF1234567890123"}, is_personal=True)
row("cases.cancel_return", "POST", P.RETURN_CONFIRM, form={"reason": "kept"}, is_personal=True)
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
row("invoices.do_invoice", "POST", P.INVOICE_DO, form={"reference": "R-2026-7"})
row("cases.registers", "GET", P.CASE_READ)
row("cases.export_register", "POST", P.CASE_EXPORT, form={"kind": "trace"})
row("cases.left_over", "GET", P.CASE_READ)
row("cases.to_remind", "GET", P.CASE_REMIND)
row("cases.remind", "POST", P.CASE_REMIND, form={"words": "请尽快"})
row("cases.answer_reminder", "POST", P.CASE_READ, form={"words": "已联系"}, is_personal=True)
row("desk.case_day", "GET", P.CASE_COUNT)
row("cases.new_case", "GET", P.CASE_OPEN)
row("cases.open_case", "POST", P.CASE_OPEN, form={"kind": "trace", "wish": "where is it"})

# -- changes: the pre-print check -------------------------------------------------------------------------------------
row("changes.print_check", "GET", P.PRINT_CHECK)
row("changes.make_check", "POST", P.PRINT_CHECK, form=lambda w: {"numbers": w.order.number})
own("changes.check", "GET", P.PRINT_CHECK)
own("changes.mark_printed", "POST", P.PRINT_CHECK, form={"batch": "W1"})
own("changes.check_again", "POST", P.PRINT_CHECK)

# -- the pre-dispatch check and the scan page ------------------------------------------------------------------------
row("changes.dispatch_check", "GET", P.DISPATCH_CHECK)
row("changes.make_dispatch_check", "POST", P.DISPATCH_CHECK, form=lambda w: {"numbers": w.order.number})
own("changes.dispatch", "GET", P.DISPATCH_CHECK)
own("changes.mark_shipped", "POST", P.DISPATCH_CHECK, form={"left": "10:00"})
own("changes.dispatch_again", "POST", P.DISPATCH_CHECK)
row("warehouse.scan", "GET", P.PARCEL_PACK)
row("warehouse.take_scan", "POST", P.PARCEL_PACK, form=lambda w: {"code": w.order.number, "mode": "pack"})
row("warehouse.board", "GET", P.PARCEL_PACK)
row("warehouse.board_now", "GET", P.PARCEL_PACK)
row("warehouse.parcel", "GET", P.PARCEL_PACK)
row("warehouse.found", "POST", P.PARCEL_PACK)
row("warehouse.too_late", "POST", P.PARCEL_SHIP)
row("warehouse.do_step", "POST", P.STEP_DO, is_personal=True)
# -- the dock: returned parcels ---------------------------------------------------------------------------------------
row("dock.sign_in", "GET", P.ARRIVAL_SIGN)
row("dock.take_in", "POST", P.ARRIVAL_SIGN, form=lambda w: {"code": "ZZ1", "warehouse": str(w.store.warehouse_id)})
row("dock.unpack", "GET", P.ARRIVAL_READ)
row("dock.unknown", "GET", P.ARRIVAL_READ)
row("dock.parcel", "GET", P.ARRIVAL_READ)
row("dock.labels", "GET", P.ARRIVAL_READ)
row("dock.open_parcel", "POST", P.ARRIVAL_INSPECT)
row("dock.inspect", "POST", P.ARRIVAL_INSPECT, form=FOUND_FORM)
row("dock.put_away", "POST", P.ARRIVAL_INSPECT, form=lambda w: PUT | {"finding": str(w.finding.id), "quantity": "1"})
row("dock.match", "POST", P.ARRIVAL_MATCH, form=lambda w: {"return_id": str(w.coming.id)})
row("dock.unmatch", "POST", P.ARRIVAL_MATCH, form=lambda w: {"return_id": str(w.coming.id)})
row("dock.describe", "POST", P.ARRIVAL_MATCH, form={"inside": "HAT-01"})
row("dock.open_case", "POST", P.ARRIVAL_MATCH, form=lambda w: {"number": w.left_order.number})
# -- printing here -----------------------------------------------------------------------------------------------------
row("printing.queue", "GET", P.PARCEL_PRINT)
row("printing.print_batch", "POST", P.PARCEL_PRINT, form=lambda w: ON_PAPER | {"parcel": w.parcel.id}, ids_in_body=True)
row("printing.papers", "GET", P.PARCEL_PRINT)
row("printing.reprints", "GET", P.PARCEL_PRINT)
row("printing.reprint", "POST", P.PARCEL_PRINT, form=lambda w: ON_PAPER | {"why": "torn"})
row("printing.voids", "GET", P.PARCEL_VOID)
row("printing.void", "POST", P.PARCEL_VOID)
# -- stops -------------------------------------------------------------------------------------------------------------
row("stops.stops", "GET", P.ORDER_READ)
row("stops.new_stop", "GET", P.STOP_WRITE)
row("stops.make_stop", "POST", P.STOP_WRITE, form=lambda w: STOP_FORM | {"store_id": str(w.store.id)}, ids_in_body=True)
row("stops.stop", "GET", P.ORDER_READ)
row("stops.end", "POST", P.STOP_WRITE)
row("stops.answer", "POST", P.STOP_ANSWER, form=lambda w: {"order": str(w.order.id), "reply": "wait"})

# -- imports ----------------------------------------------------------------------------------------------------------
row("imports.upload_page", "GET", P.IMPORT_WRITE)
row("imports.upload", "POST", P.IMPORT_WRITE)
row("imports.runs", "GET", P.IMPORT_WRITE)
row("imports.run", "GET", P.IMPORT_WRITE)

# -- the API ----------------------------------------------------------------------------------------------------------
NOW = "2026-01-05T10:00:00+08:00"
row("api_orders.list_orders", "GET", P.ORDER_READ)
row("api_orders.show_order", "GET", P.ORDER_READ)
row("api_orders.show_options", "GET", P.ORDER_READ)
row("api_orders.reveal", "POST", P.PERSONAL_REVEAL, body={"what": "phone", "reason": "call_customer"})
row("api_memos.write_memo", "POST", P.MEMO_WRITE, body={"text": "请尽快", "flag": "red"})
row("api_memos.copy_memo", "POST", P.MEMO_WRITE, body={})
row("api_memos.tick_pasted", "POST", P.MEMO_WRITE, body={})
row("api_changes.ask", "POST", P.CHANGE_ASK, body={"kind": "courier", "value": {"text": "顺丰"}})
row("api_changes.show_change", "GET", P.ORDER_READ)
row("api_changes.do_step", "POST", P.STEP_DO, body={"text": "对的", "via": "chat", "at": NOW}, is_personal=True)
row("api_changes.withdraw", "POST", P.CHANGE_WITHDRAW, body={"reason": "changed her mind"}, is_personal=True)
row("api_changes.end", "POST", P.CHANGE_END, body={"reason": "done by hand"})
row("api_watch.list_changes", "GET", P.CHANGE_WATCH)
row("api_watch.remind", "POST", P.CHANGE_NUDGE, body={})
row(
    "api_watch.assign", "POST", P.CHANGE_ASSIGN, body=lambda w: {"to": str(w.colleague.id), "reason": "下班"},
    is_personal=True,
)  # fmt: skip
own("api_watch.hand_over", "POST", P.CHANGE_ASSIGN, body=lambda w: {"to": str(w.colleague.id), "reason": "下班"})
own("api_amendments.parse", "POST", P.CHANGE_ASK, body={"text": "浙江省杭州市滨江区云帆路66号"})
row("api_amendments.enter_amendment", "POST", P.CHANGE_ASK, body={})
row("api_resolving.show_resolution", "GET", P.CASE_READ, is_personal=True)
row("api_resolving.statement", "GET", P.CASE_READ, is_personal=True)
for _what, _needed, _body in (
    ("decide", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("take_back", P.CASE_RESOLVE, {"resolution": "refund"}),
    ("answer_invoice", P.CASE_RESOLVE, {"sent": False}),
    ("take_back_refund", P.CASE_SETTLE, {}),
    ("expect", P.CASE_SETTLE, {"part": "freight", "amount_minor": 0}),
    ("settle", P.CASE_SETTLE, {"part": "money", "amount_minor": 1, "destination": "platform"}),
    ("take_back_settlement", P.CASE_SETTLE, {"reason": "typed wrong"}),
    ("send_ahead", P.REPLACEMENT_MAKE, {"due_at": "2099-01-01T10:00:00+08:00"}),
    ("settle_difference", P.CASE_SETTLE, {"how": "waived", "reason": "regular customer"}),
    ("cancel_replacement", P.REPLACEMENT_MAKE, {"reason": "not wanted"}),
    ("undo_replacement", P.REPLACEMENT_MAKE, {"reason": "keeps the first"}),
    ("end", P.CASE_CLOSE, {"outcome": "refunded", "fault": "shop"}),
    ("end_open", P.CASE_END_OPEN, {"outcome": "not wanted any more", "fault": "shop"}),
    ("refund_and_end", P.CASE_SETTLE, {"outcome": "refunded", "fault": "shop"}),
):
    row(f"api_resolving.{_what}", "POST", _needed, body=_body, is_personal=True)
row("api_resolving.decide_refund", "POST", P.CASE_SETTLE, body=lambda w: {"units": case_units(w)}, is_personal=True)
row(
    "api_resolving.make_replacement", "POST", P.REPLACEMENT_MAKE,
    body=lambda w: {"kind": "reship", "lines": [{"line_id": case_units(w)[0]["line_id"], "quantity": 1}]},
    is_personal=True,
)  # fmt: skip
row("api_resolving.invoices", "GET", P.INVOICE_DO)
row("api_resolving.do_invoice", "POST", P.INVOICE_DO, body={"reference": "R-2026-7"})
row("api_returns.list_returns", "GET", P.CASE_READ, is_personal=True)
row("api_returns.confirm", "POST", P.RETURN_CONFIRM, body=returned, is_personal=True)
row("api_returns.show_return", "GET", P.CASE_READ, is_personal=True)
row("api_returns.add_waybills", "POST", P.RETURN_CONFIRM, body={"numbers": "SF1234567890123"}, is_personal=True)
row("api_returns.cancel", "POST", P.RETURN_CONFIRM, body={"reason": "kept"}, is_personal=True)
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
row("api_notices.list_notices", "GET", P.NOTICE_READ)
row("api_notices.answer_notice", "POST", P.NOTICE_ANSWER, body={"answer": "not_printed"}, is_personal=True)
row(
    "api_notices.answer_notices",
    "POST",
    P.NOTICE_ANSWER,
    body=lambda w: {"items": [{"id": str(w.notice.id), "answer": "not_printed"}]},
)
row("api_notices.answer_matching", "POST", P.NOTICE_ANSWER, body=lambda w: {"up_to": str(w.notice.id)})
row("api_checks.make_check", "POST", P.PRINT_CHECK, body=lambda w: {"numbers": [w.order.number]})
own("api_checks.show_check", "GET", P.PRINT_CHECK)
own("api_checks.mark_printed", "POST", P.PARCEL_PRINT, body={"batch": "W231"})
row("api_dispatch_checks.make_dispatch_check", "POST", P.DISPATCH_CHECK, body=lambda w: {"numbers": [w.order.number]})
own("api_dispatch_checks.show_dispatch_check", "GET", P.DISPATCH_CHECK)
own("api_dispatch_checks.mark_shipped", "POST", P.PARCEL_SHIP, body={"left_at": NOW})
row("api_scans.scan", "POST", P.PARCEL_PACK, body=lambda w: {"code": w.order.number, "mode": "pack"})
row("api_scans.scan_batch", "POST", P.PARCEL_PACK, body=lambda w: {"items": [{"code": w.order.number, "mode": "pack"}]})
row("api_scans.pack", "POST", P.PARCEL_PACK, body={})
row("api_scans.ship", "POST", P.PARCEL_SHIP, body={})
row("api_scans.found", "POST", P.PARCEL_PACK, body={})
row("api_scans.too_late", "POST", P.PARCEL_SHIP, body={})
row(
    "api_arrivals.sign_in", "POST", P.ARRIVAL_SIGN,
    body=lambda w: {"waybill": "ZZ1", "warehouse_id": str(w.store.warehouse_id)},
)  # fmt: skip
row("api_arrivals.list_arrivals", "GET", P.ARRIVAL_READ)
row("api_arrivals.show_arrival", "GET", P.ARRIVAL_READ)
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
row("api_printing.show_queue", "GET", P.PARCEL_PRINT)
row(
    "api_printing.print_batch", "POST", P.PARCEL_PRINT, body=lambda w: {"parcels": [str(w.parcel.id)]}, ids_in_body=True
)
row("api_printing.print_one", "POST", P.PARCEL_PRINT, body={})
row("api_printing.show_run", "GET", P.PARCEL_PRINT)
row("api_printing.reprint", "POST", P.PARCEL_PRINT, body=lambda w: {"why": "torn"})
row("api_facts.report_facts", "POST", P.FACTS_WRITE, body={"as_of": NOW, "items": []})
STOP_BODY = {"scope": "sku", "sku": "HAT-01", "reason": "缝线会开"}
row("api_stops.list_stops", "GET", P.ORDER_READ)
row("api_stops.make_stop", "POST", P.STOP_WRITE, body=lambda w: STOP_BODY)
row("api_stops.show_stop", "GET", P.ORDER_READ)
row("api_stops.list_affected", "GET", P.ORDER_READ)
row("api_stops.end_stop", "POST", P.STOP_WRITE, body={})
row("api_stops.answer", "POST", P.STOP_ANSWER, body=lambda w: {"orders": [str(w.order.id)], "reply": "wait"})
row("api_readiness.set_readiness", "POST", P.ORDER_READY, body={"readiness": "out_of_stock"}, is_personal=True)
row("api_readiness.lift_readiness", "POST", P.ORDER_READY, body={}, is_personal=True)
row("api_readiness.end_contact", "POST", P.ORDER_READY, body={"outcome": "waits", "text": "可以等"}, is_personal=True)
PAID = {"amount": {"amount_minor": 100, "currency": "CNY"}, "method": "cash"}
row("api_readiness.mark_paid", "POST", P.PAYMENT_NOTE, body=PAID)
row("api_readiness.mark_sku", "POST", P.ORDER_READY, body=SKU_FORM, is_personal=True)
row("api_readiness.lift_sku", "POST", P.ORDER_READY, body=SKU_FORM, is_personal=True)
row(
    "api_parcels.split_parcel",
    "POST",
    P.PARCEL_REGROUP,
    body=lambda w: {"units": [{"line_id": str(w.line.id), "units": 1}]},
)
row(
    "api_parcels.merge_parcels",
    "POST",
    P.PARCEL_REGROUP,
    body=lambda w: {"parcels": [str(make.parcel(w.other_order).id)]},
)
row("api_parcels.ship_from", "POST", P.PARCEL_REGROUP, body=lambda w: {"warehouse_id": str(w.supplier.id)})
row("api_parcels.copy_message", "POST", P.SUPPLIER_ASK, body={})
row("api_parcels.ask_supplier", "POST", P.SUPPLIER_ASK, body={"via": "wechat"}, is_personal=True)
row("api_parcels.note_reply", "POST", P.SUPPLIER_ASK, body={"answer": "done"}, is_personal=True)
row("api_feeds.list_feeds", "GET", P.FEED_READ)
row("api_feed.put_order", "PUT", P.IMPORT_WRITE, body={"as_of": NOW, "status": "paid"})
row("api_feed.put_batch", "POST", P.IMPORT_WRITE, body={"as_of": NOW, "items": [{"number": "N1", "status": "paid"}]})
row("api_imports.start_import", "POST", P.IMPORT_WRITE)
row("api_imports.show_import", "GET", P.IMPORT_WRITE)
row("api_events.list_events", "GET", P.EVENT_READ)
