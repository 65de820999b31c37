"""Many payouts at once: each row is a command of its own, and says what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.core import idempotency
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.idempotency import Answer
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.finance import MOST_AT_ONCE, BulkAct, PayoutsForm
from shopdesk.desk.views.finance.blueprint import Page, bp
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import payouts as queries
from shopdesk.reconciling.states import Desk
from shopdesk.refunds import service as refunds
from shopdesk.web.errors import message_of
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import once
from shopdesk.web.photos import drawn


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row."""

    id: int
    number: str
    is_done: bool
    words: str = ""


@bp.post("/finance/payouts/bulk")
@needs(Permission.PAYOUT_CONFIRM)
def bulk() -> Page:
    form = PayoutsForm()
    ids = form.chosen()
    if not form.validate_on_submit():
        return _refused(" ".join(str(error) for errors in form.errors.values() for error in errors), Desk.PAY)
    act = BulkAct(form.act.data)
    back = Desk.LOOK if act is BulkAct.LOOK else Desk.PAY
    if not ids or len(ids) > MOST_AT_ONCE:
        words = _("At most %(most)s at once.", most=MOST_AT_ONCE) if ids else _("Tick the payouts first.")
        return _refused(words, back)
    key = form.command_key.data or new_key()
    results = [_one(payout_id, key, _command(act, payout_id, form)) for payout_id in ids]
    return render_template(
        "finance/bulk.html",
        results=sorted(results, key=lambda result: result.is_done),
        done=sum(result.is_done for result in results),
        back_url=url_for("finance.payouts", tab=back.value),
    )


def _refused(words: str, back: Desk) -> Page:
    flash(words, "error")
    return redirect(url_for("finance.payouts", tab=back.value), code=303)


def _command(act: BulkAct, payout_id: int, form: PayoutsForm) -> Callable[[], None]:
    def run() -> None:
        if act is BulkAct.CONFIRM:
            receipts = list(drawn(f"receipts-{payout_id}"))
            service.confirm(payout_id, form.reference(payout_id), receipts, actor=actor())
        elif act is BulkAct.GIVE_UP:
            refunds.give_up(payout_id, actor=actor())
        else:
            refunds.note_look(queries.row_of(payout_id, actor()).refund_id, actor=actor())

    return run


def _one(payout_id: int, key: str, act: Callable[[], None]) -> Result:
    def run() -> Answer:
        act()
        return Answer(200, {"number": queries.payout_by_id(payout_id, actor()).number})

    name = f"{key}:{payout_id}"[-idempotency.MAX_LENGTH :]
    seen = (request.form.get("act", ""), request.form.get(f"reference-{payout_id}", ""))
    try:
        answer = once(name, idempotency.fingerprint(request.path, str(payout_id), *seen), run)
    except (Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation) as error:
        return Result(payout_id, _number(payout_id), is_done=False, words=message_of(error))
    return Result(payout_id, answer.body["number"], is_done=True)


def _number(payout_id: int) -> str:
    try:
        return queries.payout_by_id(payout_id, actor()).number
    except (NotAllowed, NotFound):
        return str(payout_id)
