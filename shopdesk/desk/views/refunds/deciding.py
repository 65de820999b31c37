"""Approving, rejecting, withdrawing: each shown again on the refund where it is refused."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.refunds import TakeBackForm, WhyForm
from shopdesk.desk.forms.resolving import InvoiceForm
from shopdesk.desk.views import ID
from shopdesk.desk.views.refunds.blueprint import bp
from shopdesk.desk.views.refunds.showing import show
from shopdesk.reconciling import service as reconciling
from shopdesk.reconciling.queries import told
from shopdesk.refunds import queries, service
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, new_key, submit
from shopdesk.web.guard import actor, needs

Page = str | tuple[str, int] | Response
P = Permission
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation)


@bp.post(f"/refunds/<{ID}:refund_id>/approve")
@needs(P.REFUND_APPROVE)
def approve(refund_id: int) -> Page:
    said = lambda: service.approve(refund_id, actor=actor())  # noqa: E731
    return _run(refund_id, P.REFUND_APPROVE, DeskForm(), said, _("Approved."))


@bp.post(f"/refunds/<{ID}:refund_id>/reject")
@needs(P.REFUND_APPROVE)
def reject(refund_id: int) -> Page:
    form = WhyForm()
    said = lambda: service.reject(refund_id, form.reason.data or "", actor=actor())  # noqa: E731
    return _run(refund_id, P.REFUND_APPROVE, form, said, _("Rejected; nothing is paid."))


@bp.post(f"/refunds/<{ID}:refund_id>/withdraw")
@needs(P.REFUND_ASK)
def withdraw(refund_id: int) -> Page:
    form = WhyForm()
    said = lambda: service.withdraw(refund_id, form.reason.data or "", actor=actor())  # noqa: E731
    return _run(refund_id, P.REFUND_ASK, form, said, _("Withdrawn; nothing is paid."))


@bp.post(f"/refunds/<{ID}:refund_id>/invoice")
@needs(P.REFUND_ASK)
def answer_invoice(refund_id: int) -> Page:
    form = InvoiceForm()
    said = lambda: service.answer_invoice(refund_id, is_sent=form.sent.data == "yes", actor=actor())  # noqa: E731
    return _run(refund_id, P.REFUND_ASK, form, said, _("Noted."))


@bp.post(f"/refunds/<{ID}:refund_id>/take-back")
@needs(P.PAYOUT_CONFIRM)
def take_back(refund_id: int) -> Page:
    """What people said was paid came back, or never went out."""
    form, found = TakeBackForm(), queries.refund_by_id(refund_id, actor(), P.PAYOUT_CONFIRM)

    def act() -> None:
        there = [one.id for one in queries.payouts_of([found.id], found.store_id)]
        if form.payout.data not in there:
            raise IllegalMove("Nobody said by hand that this was paid.", code="wrong_state")
        service.take_back(form.payout.data, form.reason.data or "", actor=actor())

    return _run(refund_id, P.PAYOUT_CONFIRM, form, act, _("It counts as not paid, and can be asked for anew."))


@bp.post(f"/refunds/<{ID}:refund_id>/paid-otherwise")
@needs(P.PAYOUT_CONFIRM)
def paid_otherwise(refund_id: int) -> Page:
    """The platform paid another amount for it: what stands as outside was this refund, whose money is free."""
    found = queries.refund_by_id(refund_id, actor(), P.PAYOUT_CONFIRM)

    def act() -> None:
        there = [one.id for one in queries.payouts_of([found.id], found.store_id)]
        told_of = told.otherwise(there, found.store_id)
        if not told_of:
            raise IllegalMove("The platform's list tells of no other amount.", code="wrong_state")
        for payout_id in told_of:
            reconciling.end_paid_otherwise(payout_id, actor=actor())

    return _run(refund_id, P.PAYOUT_CONFIRM, DeskForm(), act, _("Ended; its money is free."))


def _run(refund_id: int, needed: Permission, form: DeskForm, act: Callable[[], object], said: str) -> Page:
    queries.refund_by_id(refund_id, actor(), needed)
    typed = form if isinstance(form, WhyForm) else None
    if not form.validate_on_submit():
        return show(refund_id, status=422, form=typed)

    def done() -> str:
        act()
        return url_for("refunds.refund", refund_id=refund_id)

    try:
        answer = submit(form, done)
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE) and error.code != "own_request":
            raise
        form.command_key.data = new_key()
        return show(refund_id, status=STATUS[type(error)], problem=message_of(error), form=typed)
    flash(said, "success")
    return answer
