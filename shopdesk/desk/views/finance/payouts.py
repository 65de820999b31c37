"""付款工作台: what finance pays by hand, looks up, verifies; what failed; what was paid."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.finance import FollowUpForm, PayoutForm, VerifyForm
from shopdesk.desk.views.finance.blueprint import ID, Page, after_given, bp, run
from shopdesk.desk.views.finance.places import places
from shopdesk.desk.views.refunds.words import code_words, told_otherwise
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import payouts as queries
from shopdesk.reconciling.queries import told
from shopdesk.reconciling.states import Desk
from shopdesk.refunds import service as refunds
from shopdesk.refunds.states import PAID_OTHERWISE, FollowUp, PayoutState
from shopdesk.staff import queries as staff
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm, new_key, with_currency
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs
from shopdesk.web.locale import label
from shopdesk.web.photos import taken
from shopdesk.web.pictures import picture

P = Permission


@bp.get("/finance")
@needs(P.PAYOUT_CONFIRM)
def payouts() -> Page:
    return show(_desk(request.args.get("tab", "")))


def said_of(code: str | None) -> str:
    """Why it ended so; a place's own code stays as it is."""
    words = {
        "by_hand": _("said by finance"), "told": _("told by the platform's list"), "verified": _("said with evidence"),
        PAID_OTHERWISE: _("the platform paid another amount, which is counted as paid outside"),
        "withdrawn": _("the platform took it back"), "taken_back": _("it was said to be paid, and was not"),
        "paid_after_all": _("it was paid after all: booked as outside"),
    }  # fmt: skip
    return words.get(code or "") or code_words(code or "")


def _desk(given: str) -> Desk:
    return Desk(given) if given in set(Desk) else Desk.PAY


def _otherwise(rows: Iterable[queries.PayoutRow]) -> dict[int, list[str]]:
    """Payout that waits for the platform → what its list says was paid instead."""
    of = {row.id: row for row in rows}
    found: dict[int, list[str]] = {}
    for store_id in {row.store_id for row in of.values()}:
        there = told.otherwise([row.id for row in of.values() if row.store_id == store_id], store_id)
        for payout_id, said in there.items():
            row = of[payout_id]
            found[payout_id] = [told_otherwise(one, row.amount_minor, row.currency) for one in said]
    return found


def show(desk: Desk, status: int = 200, why: str = "", **more: Any) -> tuple[str, int]:
    """A tray, with what was typed and why it was refused where it was."""
    shown_at(url_for("finance.payouts", tab=desk.value))
    after, found = after_given(), queries.counts(here())
    rows = queries.on_desk(desk, here(), after=after, limit=queries.MOST_ROWS + 1)
    shown = rows[: queries.MOST_ROWS]
    is_more = len(rows) > queries.MOST_ROWS
    names = {
        "typed": {}, "form": PayoutForm(formdata=None), "verifying": VerifyForm(formdata=None), "form_of": None,
        "accounts": {}, **more,
    }  # fmt: skip
    html = render_template(
        "finance/payouts.html",
        places=places("finance.payouts"),
        desk=desk,
        tabs=[
            {"label": label(one), "count": found.get(one), "active": one is desk,
             "href": url_for("finance.payouts", tab=one.value)}
            for one in Desk
        ],
        rows=shown,
        otherwise=_otherwise(shown) if desk is Desk.PLATFORM else {},
        receipts=queries.receipts_of([row.id for row in shown], actor()),
        shops={store.id: store for store in staff.stores_of(actor())},
        next_url=url_for("finance.payouts", tab=desk.value, after=shown[-1].id) if is_more else None,
        why=why,
        said_of=said_of,
        may_verify={store.id for store in staff.stores_of(actor()) if actor().may(P.PAYOUT_VERIFY, store.id)},
        new_key=new_key,
        **names,
    )  # fmt: skip
    return html, status


@bp.post(f"/finance/payouts/<{ID}:payout_id>/confirmation")
@needs(P.PAYOUT_CONFIRM)
def confirm(payout_id: int) -> Page:
    """Paid by hand: the reference of the transfer, and its receipt."""
    row, form = queries.row_of(payout_id, actor()), PayoutForm()

    def refused(status: int, why: str) -> Page:
        return show(Desk.PAY, status, why, form=form, form_of=payout_id, typed=form.typed)

    try:
        receipts = taken(form, f"receipts-{payout_id}")
    except RuleViolation as error:
        return refused(422, message_of(error))

    def act() -> str:
        service.confirm(row.id, form.reference(row.id), receipts, actor=actor())
        return url_for("finance.payouts", tab=Desk.PAY.value)

    return run(form, act, refused, said=_("Noted as paid."))


@bp.post(f"/finance/payouts/<{ID}:payout_id>/given-up")
@needs(P.PAYOUT_CONFIRM)
def give_up(payout_id: int) -> Page:
    """It cannot be paid: the money is free again."""

    def act() -> str:
        refunds.give_up(payout_id, actor=actor())
        return url_for("finance.payouts", tab=Desk.PAY.value)

    form = PayoutForm()
    said = _("It counts as not paid; whoever asked for it hears of it.")
    return run(form, act, _back_to(Desk.PAY, form), said=said)


@bp.post(f"/finance/payouts/<{ID}:payout_id>/look")
@needs(P.PAYOUT_CONFIRM)
def look(payout_id: int) -> Page:
    """Finance looked at the platform's list: it has not paid this itself."""
    row = queries.row_of(payout_id, actor())

    def act() -> str:
        refunds.note_look(row.refund_id, actor=actor())
        return url_for("finance.payouts", tab=Desk.LOOK.value)

    form = PayoutForm()
    return run(form, act, _back_to(Desk.LOOK, form), said=_("The look is noted; the payout goes on."))


@bp.post(f"/finance/payouts/<{ID}:payout_id>/verification")
@needs(P.PAYOUT_VERIFY)
def verify(payout_id: int) -> Page:
    """A supervisor says with evidence whether it was paid."""
    form = with_currency(VerifyForm, queries.row_of(payout_id, actor()).currency)()

    def act() -> str:
        state, paid_minor = PayoutState(form.state.data), form.amount.data
        refunds.verify(payout_id, state, form.evidence.data or "", paid_minor=paid_minor, actor=actor())
        return url_for("finance.payouts", tab=Desk.VERIFY.value)

    def refused(status: int, why: str) -> Page:
        return show(Desk.VERIFY, status, why, verifying=form, form_of=payout_id)

    return run(form, act, refused, said=_("The result is noted."))


@bp.post(f"/finance/payouts/<{ID}:payout_id>/follow-up")
@needs(P.PAYOUT_CONFIRM)
def follow_up(payout_id: int) -> Page:
    """What follows a payout that failed or came back."""
    form = FollowUpForm()

    def act() -> str:
        refunds.follow_up(payout_id, FollowUp(form.answer.data), actor=actor())
        return url_for("finance.payouts", tab=Desk.FAILED.value)

    return run(form, act, _back_to(Desk.FAILED, form), said=_("What follows is noted."))


def _back_to(desk: Desk, form: DeskForm) -> Any:
    def refused(status: int, why: str) -> Page:
        return show(desk, status, why, form=form)

    return refused


@bp.post(f"/finance/payouts/<{ID}:payout_id>/account")
@needs(P.PAYOUT_CONFIRM)
def account(payout_id: int) -> Page:
    """The account in clear, on the record: a fragment for the eye, without JavaScript the page with it."""
    form = DeskForm()
    if not form.validate_on_submit():
        return show(_desk(request.args.get("tab", "")), 422, form=form)
    value = service.reveal_account(payout_id, actor=actor()) or "—"
    if request.headers.get("HX-Request"):
        return render_template("desk/_revealed.html", value=value, name=_("account"))
    return show(_desk(request.args.get("tab", "")), accounts={payout_id: value})


@bp.post(f"/finance/payouts/<{ID}:payout_id>/receipts")
@needs(P.PAYOUT_CONFIRM)
def add_receipts(payout_id: int) -> Page:
    """Add receipts to what was paid."""
    queries.payout_by_id(payout_id, actor())
    form = PayoutForm()
    try:
        receipts = taken(form, f"receipts-{payout_id}")
        service.add_receipts(payout_id, receipts, actor=actor())
    except RuleViolation as error:
        return show(Desk.DONE, 422, message_of(error), form=form)
    flash(_("The receipt is kept."), "success")
    return redirect(url_for("finance.payouts", tab=Desk.DONE.value), code=303)


@bp.get(f"/finance/receipts/<{ID}:receipt_id>")
@needs(P.PAYOUT_CONFIRM)
def receipt(receipt_id: int) -> Response:
    return picture(queries.receipt_by_id(receipt_id, actor()).sha256)
