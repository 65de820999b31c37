"""发票: was one sent with the order?  Yes makes finance's tasks, red-letter or endorsement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, exists, or_, select, update

from shopdesk.cases.models import Case, InvoiceTask
from shopdesk.cases.queries import settling as reads
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.service.moving import who
from shopdesk.cases.states import CasePhase, InvoiceTaskKind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.references import check_reference
from shopdesk.core.scope import in_store, load
from shopdesk.orders.models import OrderLine


@command
def answer_invoice(case_id: int, *, is_sent: bool, actor: Actor) -> Case:
    """Say whether an invoice was sent with the order (M118); asked in any open phase.

    Raises NotFound, NotAllowed, IllegalMove (closed; a document was issued already).
    """
    case = load(Case, case_id, actor, Permission.CASE_RESOLVE, lock="update")
    rules.check_works(who(case, actor), case.owner_id)
    if case.phase is CasePhase.CLOSED:
        raise IllegalMove("This case is closed.", code="case_closed", phase=str(case.phase))
    if case.invoice_sent is is_sent:
        return case
    if not is_sent and any(task.done_at for task in reads.tasks_of(case)):
        raise IllegalMove("Finance has issued a document already.", code="invoice_done")
    case.invoice_sent = is_sent
    case.version += 1
    db.session.flush()
    look_at_tasks(case, actor=actor)
    audit.record(
        "case.invoice_answered", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, sent=is_sent
    )
    return case


@command
def look_at_tasks(case: Case, *, actor: Actor) -> None:
    """Bring the tasks in step with the answer and the resolutions; what finance has done stays."""
    came_back = exists().where(OrderLine.order_id == case.order_id, OrderLine.returned > 0)
    goods_came_back = bool(db.session.scalar(in_store(came_back.select(), case.store_id, OrderLine)))
    wanted = rules.tasks_wanted(reads.kinds_of(case), goods_came_back=goods_came_back, invoice_sent=case.invoice_sent)
    there = {task.kind: task for task in reads.tasks_of(case)}
    for kind in sorted(wanted - there.keys()):
        db.session.add(
            InvoiceTask(
                store_id=case.store_id, order_id=case.order_id, case_id=case.id, kind=kind, opened_at=clock.now()
            )
        )  # fmt: skip
    for kind, task in there.items():
        if kind not in wanted and task.done_at is None:
            _drop(task)
    db.session.flush()
    if wanted ^ there.keys():
        audit.record(
            "case.invoice_tasks", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
            tasks=sorted(str(kind) for kind in wanted),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaidBack:
    """A refund without a case, which the caller has locked, and the order that it pays back."""

    refund_id: int
    order_id: int
    store_id: int


@command
def look_at_task_of_refund(paid: PaidBack, *, is_wanted: bool, actor: Actor) -> InvoiceTask | None:
    """Bring the red-letter task of a refund in step with it, and return it; what finance has done stays."""
    task = reads.task_of_refund(paid.refund_id, paid.store_id)
    if task is None and is_wanted:
        task = InvoiceTask(
            store_id=paid.store_id, order_id=paid.order_id, refund_id=paid.refund_id, kind=InvoiceTaskKind.RED_LETTER,
            opened_at=clock.now(),
        )  # fmt: skip
        db.session.add(task)
        db.session.flush()
    elif task is not None and not is_wanted and _drop(task):
        task = None
    else:
        return task
    audit.record(
        "refund.invoice_task", "refund", paid.refund_id, actor, store_id=paid.store_id, order_id=paid.order_id,
        is_open=task is not None,
    )  # fmt: skip
    return task


def _drop(task: InvoiceTask) -> bool:
    """Unless finance has issued it, also a moment ago."""
    gone = delete(InvoiceTask).where(InvoiceTask.id == task.id, InvoiceTask.done_at.is_(None))
    return rows_changed(in_store(gone, task.store_id, InvoiceTask)) == 1


@command
def do_invoice(task_id: int, reference: str, *, actor: Actor) -> InvoiceTask:
    """Finance notes the number of the document that it issued.  Of two at once one is refused (`invoice_done`)."""
    task = load(InvoiceTask, task_id, actor, Permission.INVOICE_DO)
    number = reference.strip()
    if not number:
        raise RuleViolation("Say the number of the document.", code="value_required", missing="reference")
    check_reference(number)
    statement = (
        update(InvoiceTask)
        .where(InvoiceTask.id == task.id, InvoiceTask.done_at.is_(None))
        .values(reference=number, done_by_id=actor.id, done_at=clock.now())
    )
    store_id = task.store_id  # what another took back meanwhile cannot be asked for it any more
    done = rows_changed(in_store(statement, store_id, InvoiceTask))
    task = _afresh(task_id, store_id)
    if done != 1:
        raise IllegalMove("Finance has issued a document already.", code="invoice_done")
    of_it = _of(task, reference=number)
    if task.case_id is not None:
        audit.record("case.invoice_done", "case", task.case_id, actor, **of_it)
    else:
        audit.record("refund.invoice_done", "refund", task.refund_id or 0, actor, **of_it)
    return task


@command
def ask_buyer(task_id: int, number: str, *, actor: Actor) -> InvoiceTask:
    """The buyer was sent a form to confirm, as where the invoice was booked already: the 72 hours begin (M116).

    Raises NotFound, NotAllowed, RuleViolation (`not_red_letter`, no number), IllegalMove (`invoice_done`,
    `confirmation_runs`: of two at once, too).
    """
    task = load(InvoiceTask, task_id, actor, Permission.INVOICE_DO)
    form, now = number.strip(), clock.now()
    if not form:
        raise RuleViolation("Say the number of the form.", code="value_required", missing="number")
    check_reference(form)
    rules.check_may_ask_buyer(
        task.kind, is_done=task.done_at is not None, asked=task.confirmation, confirm_by=task.confirm_by, now=now
    )
    is_free = or_(InvoiceTask.confirm_by.is_(None), InvoiceTask.confirm_by <= now)
    statement = (
        update(InvoiceTask)
        .where(InvoiceTask.id == task.id, InvoiceTask.done_at.is_(None), is_free)
        .values(confirmation=form, asked_at=now, confirm_by=now + rules.TO_CONFIRM)
    )
    store_id = task.store_id  # what another took back meanwhile cannot be asked for it any more
    done = rows_changed(in_store(statement, store_id, InvoiceTask))
    task = _afresh(task_id, store_id)
    if done != 1:
        rules.check_may_ask_buyer(
            task.kind, is_done=task.done_at is not None, asked=task.confirmation, confirm_by=task.confirm_by, now=now
        )
    of_it = _of(task, number=form)
    if task.case_id is not None:
        audit.record("case.invoice_buyer_asked", "case", task.case_id, actor, **of_it)
    else:
        audit.record("refund.invoice_buyer_asked", "refund", task.refund_id or 0, actor, **of_it)
    return task


def _afresh(task_id: int, store_id: int) -> InvoiceTask:
    """Raises NotFound where it was taken back meanwhile: it turned out that no invoice was sent."""
    statement = select(InvoiceTask).where(InvoiceTask.id == task_id).execution_options(populate_existing=True)
    found = db.session.scalars(in_store(statement, store_id, InvoiceTask)).one_or_none()
    if found is None:
        raise NotFound("There is no such thing here.")
    return found


def _of(task: InvoiceTask, **said: str) -> dict[str, Any]:
    return {"store_id": task.store_id, "order_id": task.order_id, "task": str(task.kind), **said}
