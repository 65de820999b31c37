"""One refund as pages and API show it: how it stands, its arithmetic, its payouts and what was tried."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.cases.models import InvoiceTask
from shopdesk.cases.queries import settling
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.reconciling.queries import told
from shopdesk.refunds import queries
from shopdesk.refunds.models import CreditNote, Refund, RefundAttempt, RefundLine, RefundPayment
from shopdesk.refunds.queries import is_said_by_people
from shopdesk.refunds.states import PAID_OTHERWISE, RefundState, Stand
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

WHY = "shown on the open refund"


@dataclass(frozen=True, slots=True)
class RefundView:
    refund: Refund
    order: Order
    store: Store
    stand: Stand
    lines: Sequence[tuple[RefundLine, str]]  # with the title of the article
    payouts: Sequence[RefundPayment]
    attempts: Sequence[RefundAttempt]
    notes: Sequence[CreditNote]
    names: dict[int, str]
    reason: str
    fees: dict[int, str]  # line of the refund → why it is kept
    may_approve: bool
    may_withdraw: bool
    is_own: bool
    said_paid: Sequence[RefundPayment]  # by people, which this person may take back
    told_otherwise: Sequence[tuple[RefundPayment, told.Otherwise]]  # the platform's list says was paid instead
    may_end: bool  # what was told otherwise
    paid_instead: Sequence[told.Otherwise]  # by the platform, of what was ended for it
    invoice_task: InvoiceTask | None  # of the refund itself
    may_answer: bool  # whether an invoice was sent with the order


def refund_view(refund_id: int, actor: Actor) -> RefundView:
    """Raises NotFound, NotAllowed."""
    refund = queries.refund_by_id(refund_id, actor)
    payouts = queries.payouts_of([refund.id], refund.store_id)
    lines = queries.lines_of(refund)
    waits = refund.state is RefundState.AWAITING_APPROVAL
    is_own = refund.requested_by_id == actor.id
    task = settling.task_of_refund(refund.id, refund.store_id)
    people = {refund.requested_by_id, refund.decided_by_id, refund.looked_by_id, *(p.ended_by_id for p in payouts)}
    people.add(task.done_by_id if task else None)
    reads = actor.may(Permission.PERSONAL_READ, refund.store_id)
    otherwise = _told_otherwise(payouts, refund.store_id)
    return RefundView(
        refund=refund,
        order=orders.order_by_id(refund.order_id, refund.store_id),
        store=staff.store_by_id(refund.store_id),
        stand=_stands([refund], payouts, refund.store_id)[refund.id],
        lines=_titled(refund, lines),
        payouts=payouts,
        attempts=queries.attempts_of([payout.id for payout in payouts], refund.store_id),
        notes=[note for payout in payouts if (note := queries.credit_note_of(payout))],
        names=staff.signatures({person for person in people if person}),
        reason=_said(refund.reason, reads=reads),
        fees={line.id: _said(line.reason, reads=reads) for line in lines if line.reason},
        may_approve=waits and not is_own and actor.may(Permission.REFUND_APPROVE, refund.store_id),
        may_withdraw=waits and actor.may(Permission.REFUND_ASK, refund.store_id),
        is_own=is_own,
        said_paid=[payout for payout in payouts if _may_take_back(payout, actor)],
        told_otherwise=otherwise,
        may_end=bool(otherwise) and actor.may(Permission.PAYOUT_CONFIRM, refund.store_id),
        paid_instead=_paid_instead(refund, payouts),
        invoice_task=task,
        may_answer=_may_answer(refund, task, actor),
    )


def _may_answer(refund: Refund, task: InvoiceTask | None, actor: Actor) -> bool:
    is_open = refund.case_id is None and (task is None or task.done_at is None)
    return is_open and actor.may(Permission.REFUND_ASK, refund.store_id)


def _told_otherwise(payouts: Sequence[RefundPayment], store_id: int) -> list[tuple[RefundPayment, told.Otherwise]]:
    found = told.otherwise([payout.id for payout in payouts], store_id)
    return [(payout, row) for payout in payouts for row in found.get(payout.id, ())]


def _paid_instead(refund: Refund, payouts: Sequence[RefundPayment]) -> list[told.Otherwise]:
    if not any(payout.code == PAID_OTHERWISE for payout in payouts):
        return []
    found = told.paid_instead(refund.order_id, refund.store_id)
    return list(dict.fromkeys(row for payout in payouts for row in found.get(payout.id, ())))


def _may_take_back(payout: RefundPayment, actor: Actor) -> bool:
    return is_said_by_people(payout) and actor.may(Permission.PAYOUT_CONFIRM, payout.store_id)


def _said(text: object, *, reads: bool) -> str:
    if text is None:
        return ""
    return text.reveal(WHY) if reads else str(text)  # type: ignore[attr-defined]


def _titled(refund: Refund, lines: Sequence[RefundLine]) -> list[tuple[RefundLine, str]]:
    ids = [line.line_id for line in lines if line.line_id]
    if not ids:
        return [(line, "") for line in lines]
    statement = in_store(select(OrderLine).where(OrderLine.id.in_(ids)), refund.store_id, OrderLine)
    found = {line.id: line.title or line.sku or line.line_key for line in db.session.scalars(statement)}
    return [(line, found.get(line.line_id or 0, "")) for line in lines]


def standing(refunds: Sequence[Refund]) -> list[tuple[Refund, Stand]]:
    """Refunds of one store, each with how it stands."""
    if not refunds:
        return []
    store_id = refunds[0].store_id
    stands = _stands(refunds, queries.payouts_of([refund.id for refund in refunds], store_id), store_id)
    return [(refund, stands[refund.id]) for refund in refunds]


def _stands(refunds: Sequence[Refund], payouts: Sequence[RefundPayment], store_id: int) -> dict[int, Stand]:
    alone = told.agreed_alone(payouts, store_id)
    return {one.id: queries.stand_of(one, [p for p in payouts if p.refund_id == one.id], alone) for one in refunds}


def standing_of(order_id: int, store_id: int) -> list[tuple[Refund, Stand]]:
    """Of an order, oldest first."""
    return standing(queries.refunds_of_order(order_id, store_id))


@dataclass(frozen=True, slots=True)
class RefundRow:
    refund: Refund
    stand: Stand
    order: Order
    store: Store


def refund_rows(refunds: Sequence[Refund], stores: Iterable[Store]) -> list[RefundRow]:
    """The refunds of a list, each with how it stands."""
    known = {store.id: store for store in stores}
    found = []
    for store_id in {refund.store_id for refund in refunds}:
        mine = [refund for refund in refunds if refund.store_id == store_id]
        which = select(Order).where(Order.id.in_([refund.order_id for refund in mine]))
        of = {order.id: order for order in db.session.scalars(in_store(which, store_id, Order))}
        found += [RefundRow(refund, stand, of[refund.order_id], known[store_id]) for refund, stand in standing(mine)]
    return sorted(found, key=lambda row: -row.refund.id)
