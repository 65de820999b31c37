"""The work on a case: appraised, noted, dated, handed over, put together and split."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.core.permissions import Permission
from shopdesk.desk.schemas import cases as schemas
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, Nothing, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_case_work", __name__, tag="cases")


def state_of(case: Case) -> dict[str, Any]:
    offer = queries.open_offer(case)
    names = staff.signatures({i for i in (case.owner_id, offer.to_id if offer else None) if i})
    codes = ("phase", "appraisal", "waiting_for", "due_source", "ending")
    ids = ("parent_id", "merged_into_id")
    return {
        "id": str(case.id),
        "number": case.number,
        "owner": names.get(case.owner_id or 0),
        "offered_to": names.get(offer.to_id) if offer else None,
        "due_at": at_text(case.due_at),
        **{name: str(value) if (value := getattr(case, name)) is not None else None for name in (*codes, *ids)},
    }


@bp.route("/cases/<id:case_id>/appraisal", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.AppraisalIn)
@keyed()
@bp.response(200, schemas.CaseState)
def appraise(body: dict[str, Any], case_id: int) -> Response:
    """Note the preliminary appraisal."""
    return answer(state_of(service.appraise(case_id, body["appraisal"], actor=actor())))


@bp.route("/cases/<id:case_id>/decision", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(Nothing)
@keyed()
@bp.response(200, schemas.CaseState)
def decide(_body: dict[str, Any], case_id: int) -> Response:
    """On to the resolution without goods coming back.  409 `goods_needed` where it cannot be told from here."""
    return answer(state_of(service.decide(case_id, actor=actor())))


@bp.route("/cases/<id:case_id>/decline", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseReasonIn)
@keyed()
@bp.response(200, schemas.CaseState)
def decline(body: dict[str, Any], case_id: int) -> Response:
    """End it because the shop declines, with the reason."""
    return answer(state_of(service.decline(case_id, body["reason"], actor=actor())))


@bp.route("/cases/<id:case_id>/reopening", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseReasonIn)
@keyed()
@bp.response(200, schemas.CaseState)
def reopen(body: dict[str, Any], case_id: int) -> Response:
    """Open a closed case again under its number."""
    return answer(state_of(service.reopen(case_id, body["reason"], actor=actor())))


@bp.route("/cases/<id:case_id>/due", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseDueIn)
@keyed()
@bp.response(200, schemas.CaseState)
def set_due(body: dict[str, Any], case_id: int) -> Response:
    """Say by hand until when it is to be looked at."""
    return answer(state_of(service.set_due(case_id, body["at"], actor=actor())))


@bp.route("/cases/<id:case_id>/waiting", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseWaitIn)
@keyed()
@bp.response(200, schemas.CaseState)
def wait_for(body: dict[str, Any], case_id: int) -> Response:
    """Say whom the case waits for; null: for nobody but us."""
    return answer(state_of(service.set_waiting(case_id, body["waiting_for"], actor=actor())))


@bp.route("/cases/<id:case_id>/assignment", methods=["POST"])
@needs(Permission.CASE_ASSIGN)
@bp.arguments(schemas.CaseAssignIn)
@keyed()
@bp.response(200, schemas.CaseState)
def assign(body: dict[str, Any], case_id: int) -> Response:
    """Give it to a person of its role without asking."""
    return answer(state_of(service.assign(case_id, body["to"], actor=actor())))


@bp.route("/cases/<id:case_id>/merging", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseNumberIn)
@keyed()
@bp.response(200, schemas.CaseState)
def merge(body: dict[str, Any], case_id: int) -> Response:
    """Let it go on in another open case of the same customer; answers that one.  422 `two_customers`."""
    return answer(state_of(service.merge(case_id, body["number"], actor=actor())))


@bp.route("/cases/<id:case_id>/parent", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseNumberIn)
@keyed()
@bp.response(200, schemas.CaseState)
def link(body: dict[str, Any], case_id: int) -> Response:
    """Say which case it follows from."""
    return answer(state_of(service.link(case_id, body["number"], actor=actor())))


@bp.route("/cases/<id:case_id>/split", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseSplitIn)
@keyed()
@bp.response(201, schemas.CaseState)
def split(body: dict[str, Any], case_id: int) -> Response:
    """Take units out into a case of their own; answers that one."""
    units = [(each["line_id"], each["quantity"]) for each in body["units"]]
    child = service.split(case_id, units, body["kind"], body["goal"], actor=actor())
    return answer(state_of(child), 201, location=f"/cases/{child.id}")


@bp.route("/cases/<id:case_id>/offer", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseOfferIn)
@keyed()
@bp.response(201, schemas.CaseState)
def offer(body: dict[str, Any], case_id: int) -> Response:
    """Offer it to a colleague of its role; it stays where it is until they accept."""
    service.offer(case_id, body["to"], body["words"], actor=actor())
    return answer(state_of(queries.case_by_id(case_id, actor())), 201)


@bp.route("/cases/<id:case_id>/offer/answer", methods=["POST"])
@needs(Permission.CASE_WORK)
@bp.arguments(schemas.CaseOfferAnswerIn)
@keyed()
@bp.response(200, schemas.CaseState)
def answer_offer(body: dict[str, Any], case_id: int) -> Response:
    """Accept what was offered to the caller, or say why not; who offered it takes it back with `accept` false."""
    if body["accept"]:
        return answer(state_of(service.take_offer(case_id, actor=actor())))
    return answer(state_of(service.refuse_offer(case_id, body["words"], actor=actor())))


@bp.route("/cases/<id:case_id>/notes")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.CaseNotes)
def list_notes(case_id: int) -> Response:
    """The internal notes, oldest first, also those of the cases that go on in it."""
    case = queries.case_by_id(case_id, actor())
    return answer(_notes(case, is_clear=queries.reads_wish(case, actor())))


@bp.route("/cases/<id:case_id>/notes", methods=["POST"])
@needs(Permission.CASE_NOTE)
@bp.arguments(schemas.CaseNoteIn)
@keyed()
@bp.response(201, schemas.CaseNotes)
def note(body: dict[str, Any], case_id: int) -> Response:
    """Write an internal note; `@` and a name on memos mentions somebody, and so do ids in `mentions`."""
    service.note(case_id, body["text"], mentions=body["mentions"], actor=actor())
    return answer(_notes(queries.case_by_id(case_id, actor()), is_clear=False), 201, location=f"/cases/{case_id}/notes")


def _notes(case: Case, *, is_clear: bool) -> dict[str, Any]:
    rows = queries.notes_of(case)
    names = staff.signatures({row.made_by_id for row in rows if row.made_by_id})
    return {
        "items": [
            {
                "id": str(row.id),
                "case_id": str(row.case_id),
                "by": names.get(row.made_by_id or 0),
                "at": at_text(row.made_at),
                "text": row.text.reveal("told to who may read it") if is_clear else str(row.text),
            }
            for row in rows
        ]
    }
