"""Reads about goods that come back."""

from shopdesk.returns.queries.courier import custody, is_here, next_outcomes
from shopdesk.returns.queries.extending import extended, extended_phrase, extensions_of
from shopdesk.returns.queries.policies import Policy, policy_at, policy_of, versions, window_of
from shopdesk.returns.queries.returning import (
    Goods,
    ReturnView,
    by_waybill,
    goods,
    is_inspected,
    is_put_away,
    lines_of,
    of_case,
    of_order,
    outstanding_of,
    overdue,
    return_by_id,
    view_of,
    views_of_case,
    waybills_of,
    went_out_to_others,
)

__all__ = [
    "Goods",
    "Policy",
    "ReturnView",
    "by_waybill",
    "custody",
    "extended",
    "extended_phrase",
    "extensions_of",
    "goods",
    "is_here",
    "is_inspected",
    "is_put_away",
    "lines_of",
    "next_outcomes",
    "of_case",
    "of_order",
    "outstanding_of",
    "overdue",
    "policy_at",
    "policy_of",
    "return_by_id",
    "versions",
    "view_of",
    "views_of_case",
    "waybills_of",
    "went_out_to_others",
    "window_of",
]
