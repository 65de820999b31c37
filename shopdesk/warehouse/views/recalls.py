"""What a recall is answered with: found, too late, handed out, taken back; from the board, from STOP, from a scan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from shopdesk.changes import service as changes
from shopdesk.changes.models import Change
from shopdesk.changes.service import Evidence
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.forms import AnswerForm, RecallStepForm, ScanForm
from shopdesk.warehouse.states import Mode
from shopdesk.warehouse.views import ID, bp
from shopdesk.warehouse.views.parts import PART, page
from shopdesk.warehouse.views.recall_words import with_answers
from shopdesk.warehouse.views.words import Shown, shown
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, needs

REFUSED = (Conflict, IllegalMove, RuleViolation)
STAY = "stay"  # what an act says where its answer has to be read, also from the board
NOT_YOURS = frozenset({"other_role", "not_the_holder"})


@bp.get(f"/warehouse/parcels/<{ID}:parcel_id>")
@needs(Permission.PARCEL_PACK)
def parcel(parcel_id: int) -> Response:
    """What is due with one parcel, without a scan: from the board, and after an answer."""
    return _show(load(Parcel, parcel_id, actor(), Permission.PARCEL_PACK))


@bp.post(f"/warehouse/parcels/<{ID}:parcel_id>/found")
@needs(Permission.PARCEL_PACK)
def found(parcel_id: int) -> AnyResponse:
    return _answered(parcel_id, AnswerForm(), lambda: changes.found(parcel_id, actor=actor()))


@bp.post(f"/warehouse/parcels/<{ID}:parcel_id>/too-late")
@needs(Permission.PARCEL_SHIP)
def too_late(parcel_id: int) -> AnyResponse:
    """It is gone: a fact, never refused; the wish goes on as a case, and nobody asks a courier by this."""

    def act() -> str | None:
        gone = changes.too_late(parcel_id, actor=actor())
        last = parcels.last_recall(gone.id, gone.store_id)
        return STAY if last is not None and last.found_at is not None else None  # somebody had found it: that is read

    return _answered(parcel_id, AnswerForm(), act)


@bp.post(f"/warehouse/changes/<{ID}:change_id>/steps/<{ID}:position>")
@needs(Permission.STEP_DO)
def do_step(change_id: int, position: int) -> AnyResponse:
    """Hand out, take back, pack again, book in: a step of the change, by its own command."""
    form = RecallStepForm()
    change = load(Change, change_id, actor(), Permission.STEP_DO)
    given = Evidence(to=form.to.data, grams=form.grams.data, counted=form.counted())
    seen = form.seen_version.data

    def act() -> Any:
        return changes.do_step(change_id, position, given, actor=actor(), seen_version=seen)

    return _answered(change.parcel_id, form, act)


def _answered(parcel_id: int, form: DeskForm, act: Callable[[], Any]) -> AnyResponse:
    """Once behind its key, then back to where one was; a refusal shows the parcel with the reason."""
    there = load(Parcel, parcel_id, actor(), Permission.STEP_DO)
    shown_at(url_for("warehouse.scan", mode=str(Mode.RECALL)))
    if not form.validate():
        words = " ".join(str(text) for texts in form.errors.values() for text in texts)
        return _show(there, words or _("This cannot be done here."), 422)
    try:
        return submit(form, lambda: _go(act, parcel_id))
    except DomainError as error:
        if not isinstance(error, REFUSED) and not (isinstance(error, NotAllowed) and error.code in NOT_YOURS):
            raise
        return _show(load(Parcel, parcel_id, actor(), Permission.STEP_DO), message_of(error), STATUS[type(error)])


def _go(act: Callable[[], Any], parcel_id: int) -> str:
    said = act()
    if request.form.get("back") == "board" and said != STAY:
        return url_for("warehouse.board")
    return url_for("warehouse.parcel", parcel_id=parcel_id)


def _show(there: Parcel, problem: str | None = None, status: int = 200) -> Response:
    result = shown_parcel(there)
    if request.headers.get(PART):
        html = render_template("warehouse/_result.html", found=result, problem=problem, mode=str(Mode.RECALL))
        return make_response(html, status)
    return make_response(page(ScanForm(formdata=None, mode=str(Mode.RECALL)), result, problem), status)


def shown_parcel(there: Parcel) -> Shown:
    told = queries.told(service.seen(there, parcels.barcode(there.id)))
    return with_answers(shown(told), told, actor())
