"""What the platforms' lists told of an order's refunds, and what of ours it can be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.cases.models import Case, CaseSettlement
from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.states import StepState
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.payments import queries as payments
from shopdesk.reconciling.models import PlatformRefund, Recovery
from shopdesk.reconciling.rules import matching as rules
from shopdesk.reconciling.rules.matching import Asked, Noted, Told
from shopdesk.reconciling.states import CountsAs, RecoveryState
from shopdesk.refunds import queries as refunds
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.states import AGREED, PAID_OTHERWISE, PayoutState, RefundState

PLATFORM = "platform"


def told_of(order: Order) -> list[PlatformRefund]:
    """Oldest first, as they stand in the database now."""
    statement = select(PlatformRefund).where(PlatformRefund.order_id == order.id).order_by(PlatformRefund.id)
    fresh = in_store(statement, order.store_id, PlatformRefund).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def at_platform(order: Order) -> list[int]:
    """The payouts of an order that the platform makes, in the order in which everybody locks them."""
    ids = [one.id for one in refunds.refunds_of_order(order.id, order.store_id)]
    return [payout.id for payout in refunds.payouts_of(ids, order.store_id) if payout.place == PLATFORM]


def asked_of(order: Order, ended_by_rows: Iterable[int]) -> list[Asked]:
    """Payouts by the platform that wait for its list, or that a person said were paid."""
    known = set(ended_by_rows)
    asked = {one.id: one for one in refunds.refunds_of_order(order.id, order.store_id)}
    numbers = _numbers_of_cases(asked.values(), order.store_id)
    found = []
    for payout in refunds.payouts_of(asked, order.store_id):
        refund = asked[payout.refund_id]
        waits = payout.state is PayoutState.RESERVED and refund.state is RefundState.APPROVED
        if payout.place == PLATFORM and (waits or payout.state is PayoutState.SUCCEEDED) and payout.id not in known:
            found.append(_asked(refund, payout, numbers.get(refund.id), is_waiting=waits))
    return found


def _asked(refund: Refund, payout: RefundPayment, number: str | None, *, is_waiting: bool) -> Asked:
    paid_minor = payout.amount_minor if is_waiting else payout.paid_minor or payout.amount_minor
    return Asked(payout.id, paid_minor, refund.requested_at, is_waiting, number, payout.place_reference)


def _numbers_of_cases(asked: Iterable[Refund], store_id: int) -> dict[int, str]:
    """Refund → the platform's number of the application that its case is about."""
    of_case = {one.id: one.case_id for one in asked if one.case_id is not None}
    statement = select(Case.id, Case.platform_number).where(
        Case.id.in_(of_case.values()), Case.platform_number.is_not(None)
    )
    numbers = {row[0]: str(row[1]) for row in db.session.execute(in_store(statement, store_id, Case))}
    return {refund_id: numbers[case_id] for refund_id, case_id in of_case.items() if case_id in numbers}


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What the platform paid instead, by its own number.  Minor units of the order's currency."""

    number: str
    amount_minor: int


def otherwise(payout_ids: Iterable[int], store_id: int) -> dict[int, list[Otherwise]]:
    """Payout that waits for the platform → what its list says was paid instead, of another amount."""
    statement = (
        select(Refund, RefundPayment)
        .join(RefundPayment, RefundPayment.refund_id == Refund.id)
        .where(RefundPayment.id.in_(list(payout_ids)), RefundPayment.place == PLATFORM)
        .where(RefundPayment.state == PayoutState.RESERVED, Refund.state == RefundState.APPROVED)
        .order_by(RefundPayment.id)
    )
    found = [(row[0], row[1]) for row in db.session.execute(in_store(statement, store_id, Refund, RefundPayment))]
    rows = _outside_of({refund.order_id for refund, _payout in found}, store_id) if found else {}
    if not rows:
        return {}
    numbers = _numbers_of_cases([refund for refund, _payout in found], store_id)
    waiting: dict[int, list[Asked]] = {}
    for refund, payout in found:
        waiting.setdefault(refund.order_id, []).append(_asked(refund, payout, numbers.get(refund.id), is_waiting=True))
    told: dict[int, list[Otherwise]] = {}
    of_refund = {payout.id: refund.id for refund, payout in found}
    for order_id, outside in rows.items():
        there = rules.otherwise(outside, waiting[order_id])
        taken = _taken_instead(order_id, store_id) if there else {}
        for payout_id, some in there.items():
            left = [row for row in some if taken.get(row.number, of_refund[payout_id]) == of_refund[payout_id]]
            if left:
                told[payout_id] = [Otherwise(row.number, row.amount_minor) for row in left]
    return told


def _taken_instead(order_id: int, store_id: int) -> dict[str, int]:
    """Number of what the platform paid → the refund that was ended for it: it ends no other."""
    refund_of = {
        payout.id: payout.refund_id
        for payout in refunds.payouts_of([one.id for one in refunds.refunds_of_order(order_id, store_id)], store_id)
    }
    instead = paid_instead(order_id, store_id)
    return {row.number: refund_of[payout_id] for payout_id, rows in instead.items() for row in rows}


def paid_instead(order_id: int, store_id: int) -> dict[int, list[Otherwise]]:
    """Payout of an order that was ended as paid otherwise → what the platform's list says was paid, none by now too."""
    asked = {one.id: one for one in refunds.refunds_of_order(order_id, store_id)}
    ended = [
        payout for payout in refunds.payouts_of(asked, store_id)
        if payout.state is PayoutState.FAILED and payout.code == PAID_OTHERWISE
    ]  # fmt: skip
    if not ended:
        return {}
    outside = _outside_of([order_id], store_id, noted=True).get(order_id, [])
    numbers = _numbers_of_cases(asked.values(), store_id)
    found: dict[int, list[Otherwise]] = {}
    for payout in ended:
        refund, number = asked[payout.refund_id], numbers.get(payout.refund_id)
        one = Asked(payout.id, payout.amount_minor, refund.requested_at, is_waiting=False, number=number,
                    ended_at=payout.ended_at)  # fmt: skip
        there = rules.paid_instead(outside, one, set(numbers.values()))
        found[payout.id] = [Otherwise(row.number, row.amount_minor) for row in there]
    return found


def agreed_alone(payouts: Iterable[RefundPayment], store_id: int) -> list[RefundPayment]:
    """Those paid by somebody's word that they agreed on the platform, which its list does not show as paid in full."""
    said = [
        one for one in payouts
        if one.state is PayoutState.SUCCEEDED and one.code == AGREED and one.place == PLATFORM
    ]  # fmt: skip
    if not said:
        return []
    statement = select(PlatformRefund.payout_id, PlatformRefund.amount_minor).where(
        PlatformRefund.payout_id.in_([one.id for one in said]), PlatformRefund.is_paid.is_(True)
    )
    listed = {row[0]: row[1] for row in db.session.execute(in_store(statement, store_id, PlatformRefund))}
    return [one for one in said if listed.get(one.id, 0) < (one.paid_minor or one.amount_minor)]


def _outside_of(order_ids: Iterable[int], store_id: int, *, noted: bool = False) -> dict[int, list[Told]]:
    """Order → what the platform paid without us, as far as we know; `noted`: also what people have noted since."""
    counted = (CountsAs.OUTSIDE, CountsAs.BY_HAND) if noted else (CountsAs.OUTSIDE,)
    statement = (
        select(PlatformRefund)
        .where(PlatformRefund.order_id.in_(list(order_ids)), PlatformRefund.is_paid.is_(True))
        .where(PlatformRefund.counts_as.in_(counted), PlatformRefund.paid_as_of.is_not(None))
        .order_by(PlatformRefund.id)
    )
    found: dict[int, list[Told]] = {}
    for row in db.session.scalars(in_store(statement, store_id, PlatformRefund)):
        if row.paid_as_of is not None:
            told = Told(row.id, row.number, row.amount_minor, row.paid_as_of)
            found.setdefault(row.order_id, []).append(told)
    return found


def noted_of(order: Order) -> list[Noted]:
    """What people noted by hand as paid by the platform, in cases and in changes; what refunds wrote is not theirs."""
    free = [sum(_unnamed_of(order).values())]
    return [*_of_cases(order, free), *_of_changes(order, free)]


def _of_cases(order: Order, unnamed: list[int]) -> list[Noted]:
    parts = (AmountPart.MONEY, AmountPart.FREIGHT)
    statement = (
        select(CaseSettlement, Case.platform_number)
        .join(Case, Case.id == CaseSettlement.case_id)
        .where(Case.order_id == order.id, CaseSettlement.destination == PaidTo.PLATFORM)
        .where(CaseSettlement.part.in_(parts), CaseSettlement.taken_back_at.is_(None))
        .where(CaseSettlement.payout_id.is_(None))  # what a refund wrote is looked at as its payout
        .order_by(CaseSettlement.id)
    )
    found = []
    for row, number in db.session.execute(in_store(statement, order.store_id, CaseSettlement, Case)):
        key = f"case_settlement:{row.id}"
        counted = _counted(order, key, row.amount_minor, unnamed, is_named=row.booked_minor is not None)
        found.append(Noted(key, row.amount_minor, counted, number, row.reference))
    return found


def _of_changes(order: Order, unnamed: list[int]) -> list[Noted]:
    statement = (
        select(Step)
        .join(Change, Change.id == Step.change_id)
        .where(Change.order_id == order.id, Step.code == Code.REFUND, Step.state == StepState.DONE)
        .order_by(Step.id)
    )
    found = []
    for step in db.session.scalars(in_store(statement, order.store_id, Step, Change)):
        said = step.evidence or {}
        amount_minor = int(said.get("amount_minor") or 0) - step.refunded_minor
        if said.get("destination") == PaidTo.PLATFORM and amount_minor > 0:
            key = f"step:{step.id}"
            counted = _counted(order, key, amount_minor, unnamed, is_named=False)
            found.append(Noted(key, amount_minor, counted, None, said.get("reference")))
    return found


def _counted(order: Order, key: str, amount_minor: int, unnamed: list[int], *, is_named: bool) -> int:
    """What of a note stands on the payments; of one from before notes kept their parts, what nobody else has."""
    named = sum(part.amount_minor for part in payments.parts_by_hand(key, order.store_id))
    if named or is_named:
        return named
    counted = min(amount_minor, max(0, unnamed[0]))
    unnamed[0] -= counted
    return counted


def _unnamed_of(order: Order) -> dict[int, int]:
    there = payments.payments_of_order(payments.sale_of(order), order.store_id)
    return dict(payments.unnamed_minor([one.id for one in there], order.store_id))


def recoveries_of(order_id: int, store_id: int) -> list[Recovery]:
    """Oldest first."""
    statement = select(Recovery).where(Recovery.order_id == order_id).order_by(Recovery.id)
    fresh = in_store(statement, store_id, Recovery).execution_options(populate_existing=True)
    return list(db.session.scalars(fresh))


def answered_minor(recoveries: Iterable[Recovery]) -> int:
    """What of an overpayment came back or was written off."""
    ended = (RecoveryState.RECOVERED, RecoveryState.WRITTEN_OFF)
    return sum(one.amount_minor for one in recoveries if one.state in ended)
