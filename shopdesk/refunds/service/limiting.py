"""What a store sets about its refunds: above which amount somebody else approves, who pays where, coupons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shopdesk.cases.states import PaidTo
from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.payments import service as money
from shopdesk.refunds import queries
from shopdesk.refunds.rules import deciding as rules
from shopdesk.refunds.service.deciding import counted_in_window, hold_back, is_over_a_lowered_limit, locked_order
from shopdesk.refunds.states import CouponPolicy
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_COUPONS, REFUND_LIMIT, REFUND_LIMIT_DAYS, REFUND_PLACES, Store

MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class RefundSettings:
    """Minor units of the store's currency; no limit: nobody approves anything (M098)."""

    limit_minor: int | None = None
    limit_days: int = 1
    coupons: CouponPolicy = CouponPolicy.FREEZE
    places: Mapping[PaidTo, str] = field(default_factory=dict)  # destination → place; left out: as the desk has it


@command
def set_refund_settings(store_id: int, wanted: RefundSettings, *, known: frozenset[str], actor: Actor) -> Store:
    """Write what the store sets; `known`: the places that this desk is connected to.

    Raises NotAllowed, RuleViolation (`bad_limit`, `bad_days`, `no_such_place`).
    """
    require(actor, Permission.POLICY_WRITE, store_id)
    if wanted.limit_minor is not None and wanted.limit_minor < 0:
        raise RuleViolation("A limit cannot be negative.", code="bad_limit")
    if not 1 <= wanted.limit_days <= MOST_DAYS:
        raise RuleViolation("From 1 to %(most)s days.", code="bad_days", most=MOST_DAYS)
    if not set(wanted.places.values()) <= known:
        raise RuleViolation("The desk is not connected to this place.", code="no_such_place")
    store = staff.store_by_id(store_id)
    kept = {**store.settings, REFUND_LIMIT_DAYS: wanted.limit_days, REFUND_COUPONS: str(wanted.coupons)}
    kept[REFUND_PLACES] = {str(where): place for where, place in wanted.places.items()}
    kept.pop(REFUND_LIMIT, None)
    if wanted.limit_minor is not None:
        kept[REFUND_LIMIT] = wanted.limit_minor
    store.settings = kept
    db.session.flush()
    audit.record(
        "store.refunds_set", "store", store.id, actor, store_id=store.id, limit_minor=wanted.limit_minor,
        days=wanted.limit_days, coupons=str(wanted.coupons), places=kept[REFUND_PLACES],
    )  # fmt: skip
    _hold_back_by_hand(store, actor)
    return store


def _hold_back_by_hand(store: Store, actor: Actor) -> None:
    """What finance has not paid yet is held back now; a machine meets the limit when it sends, people would not."""
    there = {refund.id: refund for _payout, refund in queries.waiting_by_hand(store.id)}
    for refund in there.values():
        if is_over_a_lowered_limit(refund):
            hold_back(refund, actor=actor)


def check_by_hand(order_id: int, store_id: int, amount_minor: int, *, actor: Actor) -> None:
    """Whether somebody may note this as paid alone: above the store's limit it is asked for, and approved.

    The case or change is locked by the caller.  Raises RuleViolation (`approval_needed`).
    A supervisor notes what is a fact.
    """
    store = staff.store_by_id(store_id)
    limit_minor = store.settings.get(REFUND_LIMIT)
    if limit_minor is None or actor.may(Permission.REFUND_APPROVE, store_id):
        return
    order = locked_order(order_id, store_id)
    window_minor = counted_in_window(money.sale(order).id, store)  # locked: of two at once the second counts the first
    if rules.needs_approval(amount_minor, limit_minor=limit_minor, window_minor=window_minor):
        raise RuleViolation(
            "This is above the store's limit: ask for the refund here, and somebody else approves it.",
            code="approval_needed", left_minor=max(0, limit_minor - window_minor), currency=order.currency,
        )  # fmt: skip
