"""Rows of the table: orders, changes, printing, the warehouse, imports, people."""

from __future__ import annotations

from typing import Any

from shopdesk.core.permissions import Permission
from tests import make
from tests.access.rows import NOW, own, public, row
from tests.access.world import World

P = Permission
STOP_FORM = {"scope": "sku", "sku": "HAT-01", "reason": "缝线会开", "on_expiry": "keep", "expires_at": ""}
ON_PAPER = {"paper": "a4", "parts": "both"}
SKU_FORM = {"sku": "HAT-01", "readiness": "out_of_stock"}


def sku_form(w: World) -> dict[str, Any]:
    return SKU_FORM | {"store_id": str(w.store.id)}


def one_unit(w: World) -> dict[str, Any]:
    return {"units": [{"line_id": str(w.line.id), "units": 1}]}


def other_parcel_form(w: World) -> dict[str, Any]:
    return {"parcel": str(make.parcel(w.other_order).id)}


def other_parcel(w: World) -> dict[str, Any]:
    return {"parcels": [str(make.parcel(w.other_order).id)]}


# -- web: signing in, the language, what a load balancer asks ---------------------------------------------------------
public("web.sign_in", "GET")
public("web.sign_in", "POST", form={"login": "nobody", "password": "nothing at all"})
public("web.welcome", "GET")
public("web.welcome", "POST", form={"password": "a long new password", "again": "a long new password"})
public("web.language", "POST", form={"language": "en"})
own("web.sign_out", "POST")
public("hooks.hear", "POST")
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
row(
    "desk.confirm_stage", "POST", P.PRINT_CHECK, is_personal=True,
    form=lambda w: {"parcel_id": str(w.parcel.id), "stage": "unprinted"},
)  # fmt: skip
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
row("desk.case_day", "GET", P.CASE_COUNT)

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
row("api_parcels.confirm_stage", "POST", P.PRINT_CHECK, body={"stage": "unprinted"}, is_personal=True)
row("api_parcels.copy_message", "POST", P.SUPPLIER_ASK, body={})
row("api_parcels.ask_supplier", "POST", P.SUPPLIER_ASK, body={"via": "wechat"}, is_personal=True)
row("api_parcels.note_reply", "POST", P.SUPPLIER_ASK, body={"answer": "done"}, is_personal=True)
row("api_feeds.list_feeds", "GET", P.FEED_READ)
row("api_feed.put_order", "PUT", P.IMPORT_WRITE, body={"as_of": NOW, "status": "paid"})
row("api_feed.put_batch", "POST", P.IMPORT_WRITE, body={"as_of": NOW, "items": [{"number": "N1", "status": "paid"}]})
row("api_imports.start_import", "POST", P.IMPORT_WRITE)
row("api_imports.show_import", "GET", P.IMPORT_WRITE)
row("api_events.list_events", "GET", P.EVENT_READ)
