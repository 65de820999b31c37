"""Rows of the table: finance's table."""

from __future__ import annotations

from shopdesk.core.permissions import Permission
from tests.access.rows import NOW, row

P = Permission

row("finance.payouts", "GET", P.PAYOUT_CONFIRM)
row("finance.bulk", "POST", P.PAYOUT_CONFIRM, form=lambda w: {"act": "look", "payout": str(w.payout.id)})
row("finance.confirm", "POST", P.PAYOUT_CONFIRM, form=lambda w: {f"reference-{w.payout.id}": "T-1"})
row("finance.give_up", "POST", P.PAYOUT_CONFIRM)
row("finance.look", "POST", P.PAYOUT_CONFIRM)
row("finance.verify", "POST", P.PAYOUT_VERIFY, form={"state": "failed", "evidence": "E-1"})
row("finance.follow_up", "POST", P.PAYOUT_CONFIRM, form={"answer": "asked_anew"})
row("api_finance.follow_up_payout", "POST", P.PAYOUT_CONFIRM, body={"answer": "asked_anew"})
row("finance.account", "POST", P.PAYOUT_CONFIRM)
row("finance.add_receipts", "POST", P.PAYOUT_CONFIRM)
row("finance.receipt", "GET", P.PAYOUT_CONFIRM)
row("api_finance.list_payouts", "GET", P.PAYOUT_CONFIRM)
row("api_finance.confirm_payout", "POST", P.PAYOUT_CONFIRM, body={"reference": "T-1"})
row("api_finance.give_up_payout", "POST", P.PAYOUT_CONFIRM, body={})
row("api_finance.verify_payout", "POST", P.PAYOUT_VERIFY, body={"state": "failed", "evidence": "E-1"})
row("api_finance.end_paid_otherwise", "POST", P.PAYOUT_CONFIRM, body={})
row("api_finance.take_back_payout", "POST", P.PAYOUT_CONFIRM, body={"reason": "被退回"})
row("api_finance.note_look", "POST", P.PAYOUT_CONFIRM, body={})
row("api_finance.reveal_account", "POST", P.PAYOUT_CONFIRM, body={})
row("api_finance.add_receipts", "POST", P.PAYOUT_CONFIRM)
row("api_finance.show_receipt", "GET", P.PAYOUT_CONFIRM)

row("finance.recoveries", "GET", P.PAYOUT_CONFIRM)
row("finance.recovered", "POST", P.PAYOUT_CONFIRM, form={"reference": "ALI-77"})
row("finance.write_off", "POST", P.PAYOUT_VERIFY, form={"reason": "太少"})
row("api_recoveries.list_recoveries", "GET", P.PAYOUT_CONFIRM)
row("api_recoveries.note_recovered", "POST", P.PAYOUT_CONFIRM, body={"reference": "ALI-77"})
row("api_recoveries.write_off", "POST", P.PAYOUT_VERIFY, body={"reason": "太少"})
TOLD = {"number": "T1", "order": "N1", "amount": {"amount_minor": 100, "currency": "CNY"}, "state": "paid"}
row("api_recoveries.report_platform_refunds", "POST", P.FACTS_WRITE, body={"as_of": NOW, "items": [TOLD]})
row("finance.credit_notes", "GET", P.PAYOUT_CONFIRM)
row("finance.export_credit_notes", "POST", P.PAYOUT_CONFIRM)
row("api_recoveries.list_credit_notes", "GET", P.PAYOUT_CONFIRM)

row("finance.reconciliation", "GET", P.STATEMENT_KEEP)
row("finance.answer_difference", "POST", P.STATEMENT_KEEP,
    form=lambda w: {"key": w.extra_key, "day": "2026-01-05", "note": "在途"})  # fmt: skip
row("finance.take_statement", "POST", P.STATEMENT_KEEP)
row("finance.export_reconciliation", "POST", P.STATEMENT_KEEP)
row("api_reconciliation.show_reconciliation", "GET", P.STATEMENT_KEEP)
row("api_reconciliation.answer_difference", "POST", P.STATEMENT_KEEP,
    body=lambda w: {"destination": "alipay", "day": "2026-01-05", "key": w.extra_key, "note": "在途"})  # fmt: skip
LINE = {"day": "2026-01-05", "reference": "A-1", "amount_minor": 100, "currency": "CNY"}
row("api_reconciliation.take_statement", "POST", P.STATEMENT_KEEP, body={"destination": "alipay", "items": [LINE]})
