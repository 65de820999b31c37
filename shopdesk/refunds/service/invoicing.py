"""发票 of a refund without a case: was one sent with the order?  Yes makes finance's task once it was paid."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.cases import service as cases
from shopdesk.cases.models import InvoiceTask
from shopdesk.cases.service import PaidBack
from shopdesk.core import audit
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.refunds import queries
from shopdesk.refunds.models import Refund
from shopdesk.refunds.states import PAID_AFTER_ALL, PAID_OTHERWISE, PayoutState

#: Not by us, and the customer has money all the same.
PAID_ELSE = frozenset({PAID_OTHERWISE, PAID_AFTER_ALL})


@command
def answer_invoice(refund_id: int, *, is_sent: bool, actor: Actor) -> Refund:
    """Say, or correct, whether an invoice was sent with the order of a refund that belongs to no case (M118).

    Raises NotFound, NotAllowed, RuleViolation (`case_answers`), IllegalMove (`invoice_done`: finance has issued it).
    """
    refund = load(Refund, refund_id, actor, Permission.REFUND_ASK, lock="update")
    if refund.case_id is not None:
        raise RuleViolation("This refund belongs to a case: say it there.", code="case_answers")
    if refund.invoice_sent is is_sent:
        return refund
    refund.invoice_sent = is_sent
    refund.version += 1
    db.session.flush()
    task = _look(refund, actor)
    if not is_sent and task is not None:
        raise IllegalMove("Finance has issued a document already.", code="invoice_done")
    audit.record(
        "refund.invoice_answered", "refund", refund.id, actor, store_id=refund.store_id, order_id=refund.order_id,
        sent=is_sent,
    )  # fmt: skip
    return refund


def follow(refund: Refund, *, actor: Actor) -> None:
    """One of its payouts has ended, or came back.

    The refund is locked after its payout: of two ends and an answer each sees what was there before, so that one makes
    the task.
    """
    if refund.case_id is not None:
        return
    statement = select(Refund).where(Refund.id == refund.id).with_for_update(key_share=True)
    fresh = in_store(statement, refund.store_id, Refund).execution_options(populate_existing=True)
    _look(db.session.scalars(fresh).one(), actor)


def _look(refund: Refund, actor: Actor) -> InvoiceTask | None:
    """The task that there is then: wanted once any of the money was paid."""
    payouts = queries.payouts_of([refund.id], refund.store_id)
    is_paid = any(payout.state is PayoutState.SUCCEEDED or payout.code in PAID_ELSE for payout in payouts)
    paid = PaidBack(refund.id, refund.order_id, refund.store_id)
    return cases.look_at_task_of_refund(paid, is_wanted=bool(refund.invoice_sent) and is_paid, actor=actor)
