"""Acts on many cases with a result for each, reminders and their answers."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import service
from shopdesk.cases.models import CaseReminder
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.showing import id_text
from shopdesk.desk.schemas import case_queue as schemas
from shopdesk.desk.service import case_bulk
from shopdesk.desk.service.case_bulk import BulkWish
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed, keyed_rows, once_per_part

bp = DeskBlueprint("api_case_queue", __name__, tag="cases")


@bp.route("/cases/bulk", methods=["POST"])
@needs(Permission.CASE_READ)
@bp.arguments(schemas.CaseBulkIn)
@keyed_rows
@bp.response(200, schemas.CaseBulkOut)
def act_on_many(body: dict[str, Any]) -> Response:
    """Do one thing with up to 500 cases, each in a transaction of its own, with a result per row."""
    wish = BulkWish(body["act"], body["to"], body["waiting_for"], body["due_at"], body["outcome"] or "")
    case_bulk.check_bulk(wish)
    ids = body["cases"]
    act = case_bulk.of_each(wish, ids, actor())
    return answer({"items": [_row(index, case_id, act) for index, case_id in enumerate(ids)]})


def _row(index: int, case_id: int, act: case_bulk.Act) -> dict[str, Any]:
    found: dict[str, Any] = {
        "index": index, "id": str(case_id), "is_done": False, "answered_reminder": False, "refused": None,
    }  # fmt: skip

    def run() -> dict[str, Any]:
        return {"answered_reminder": act(case_id), "is_done": True}

    try:
        found |= once_per_part(index, run)
    except DomainError as error:
        found["refused"] = {"error": error.code, "message": message_of(error), "facts": dict(error.facts)}
    return found


@bp.route("/cases/<id:case_id>/reminders", methods=["POST"])
@needs(Permission.CASE_REMIND)
@bp.arguments(schemas.CaseRemindIn)
@keyed()
@bp.response(201, schemas.CaseReminderOut)
def remind(body: dict[str, Any], case_id: int) -> Response:
    """Remind whoever has the case; the next one only after it was answered."""
    return answer(_reminder(service.remind(case_id, body["words"] or "", actor=actor())), 201)


@bp.route("/case-reminders/<id:reminder_id>/answer", methods=["POST"])
@needs(Permission.CASE_READ)
@bp.arguments(schemas.ReminderAnswerIn)
@keyed()
@bp.response(200, schemas.CaseReminderOut)
def answer_reminder(body: dict[str, Any], reminder_id: int) -> Response:
    """Answer a reminder in words: who was reminded, or whoever has the case."""
    return answer(_reminder(service.answer_reminder(reminder_id, body["words"], actor=actor())))


def _reminder(made: CaseReminder) -> dict[str, Any]:
    return {
        "id": str(made.id), "case_id": str(made.case_id), "to_id": id_text(made.to_id),
        "sent_at": at_text(made.sent_at), "answered_at": at_text(made.answered_at),
    }  # fmt: skip
