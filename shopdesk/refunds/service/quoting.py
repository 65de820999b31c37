"""What the page previews and the API quotes: the very rows that asking would write."""

from __future__ import annotations

from dataclasses import replace

from shopdesk.cases.models import Case
from shopdesk.orders.models import Order
from shopdesk.refunds.queries import quoting
from shopdesk.refunds.rules.calculating import Asked, Held, Quote, calculate
from shopdesk.refunds.service.asking import PART, CaseWish, open_rows
from shopdesk.refunds.service.telling import BALANCE
from shopdesk.refunds.states import Cap, Part, RefundKind


def quote_direct(order: Order, kind: RefundKind, amount_minor: int) -> tuple[Quote, Held]:
    """Of a refund without case or change.  Raises RuleViolation."""
    held = quoting.held_by_order(order)
    over = PART[kind] is Part.OVERPAYMENT
    asked = Asked(overpayment_minor=amount_minor) if over else Asked(compensation_minor=amount_minor)
    return calculate(asked, held), held


def quote_case(case: Case, wish: CaseWish) -> tuple[Quote, Held]:
    """Of a case: what was decided before and nobody asked for, and what the wish adds.  Raises RuleViolation."""
    held = quoting.held_by_case(case)
    now = calculate(wish.asked, held)
    rows = (*open_rows(case, wish.parts), *(row for row in now.rows if BALANCE[row.part] in wish.parts))
    total_minor = sum(row.amount_minor for row in rows)
    limits = tuple(
        replace(limit, is_over=total_minor > limit.most_minor) if limit.cap is Cap.PAYMENTS else limit
        for limit in now.limits
    )
    return replace(now, rows=rows, limits=limits), held
