"""Rows of the table: money back."""

from __future__ import annotations

from shopdesk.core.permissions import Permission
from tests.access.rows import row

P = Permission
DIRECT_FORM = {"kind": "goodwill", "amount": "1.00", "reason": "来晚了", "destination": "original"}
DIRECT = {"kind": "goodwill", "amount_minor": 100}
WHERE = {"destination": "original"}
WHY = {"reason": "先查一下"}

row("refunds.refunds", "GET", P.REFUND_READ)
row("refunds.refund", "GET", P.REFUND_READ)
row("refunds.new_of_order", "GET", P.REFUND_ASK)
row("refunds.quote_of_order", "POST", P.REFUND_ASK, form=DIRECT_FORM)
row("refunds.ask_of_order", "POST", P.REFUND_ASK, form=DIRECT_FORM)
row("refunds.new_of_case", "GET", P.CASE_SETTLE, is_personal=True)
row("refunds.quote_of_case", "POST", P.CASE_SETTLE, is_personal=True)
row("refunds.ask_of_case", "POST", P.CASE_SETTLE, form=WHERE, is_personal=True)
row("refunds.ask_of_change", "POST", P.STEP_DO, form=WHERE, is_personal=True)
row("refunds.approve", "POST", P.REFUND_APPROVE, is_personal=True)
row("refunds.reject", "POST", P.REFUND_APPROVE, form=WHY, is_personal=True)
row("refunds.withdraw", "POST", P.REFUND_ASK, form=WHY)
row("refunds.answer_invoice", "POST", P.REFUND_ASK, form={"sent": "yes"})
row("refunds.paid_otherwise", "POST", P.PAYOUT_CONFIRM)
row("refunds.take_back", "POST", P.PAYOUT_CONFIRM, form=WHY | {"payout": "1"})
row("refunds.settings", "GET", P.POLICY_WRITE)
row("refunds.settings_of", "GET", P.POLICY_WRITE)
row("refunds.write_settings", "POST", P.POLICY_WRITE, form={"days": "1", "coupons": "freeze"})
row("api_refunds.quote_of_order", "POST", P.REFUND_ASK, body=DIRECT)
row("api_refunds.ask_of_order", "POST", P.REFUND_ASK, body=DIRECT | WHERE | {"reason": "来晚了"})
row("api_refunds.quote_of_case", "POST", P.CASE_SETTLE, body={"shipping_minor": 0}, is_personal=True)
row("api_refunds.ask_of_case", "POST", P.CASE_SETTLE, body=WHERE, is_personal=True)
row("api_refunds.ask_of_change", "POST", P.STEP_DO, body=WHERE, is_personal=True)
row("api_refunds.list_refunds", "GET", P.REFUND_READ)
row("api_refunds.show_refund", "GET", P.REFUND_READ)
row("api_refunds.approve", "POST", P.REFUND_APPROVE, body={}, is_personal=True)
row("api_refunds.reject", "POST", P.REFUND_APPROVE, body=WHY, is_personal=True)
row("api_refunds.withdraw", "POST", P.REFUND_ASK, body=WHY)
row("api_refunds.answer_invoice", "POST", P.REFUND_ASK, body={"sent": True})
