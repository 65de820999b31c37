"""Inboxes: what waits for the caller's roles, and its answers."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.changes import service
from shopdesk.core import paging
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.showing import code_text, id_text, masked, wish_json
from shopdesk.desk.queries import NoticeView, notice_views
from shopdesk.desk.schemas import notices as schemas
from shopdesk.notices import queries
from shopdesk.notices.models import Notice
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed, keyed_rows, once_per_part

bp = DeskBlueprint("api_notices", __name__, tag="notices")


@bp.route("/notices")
@needs(Permission.NOTICE_READ)
@bp.arguments(schemas.Inbox, location="query")
@bp.response(200, schemas.Notices)
def list_notices(page: dict[str, Any]) -> Response:
    """The inbox of the caller's roles in all their stores, oldest first."""
    after = paging.decode(page["cursor"], (int,))[0] if page["cursor"] else 0
    statement = queries.inbox(actor(), page["state"]).where(Notice.id > after)
    found = list(db.session.scalars(statement.limit(page["limit"] + 1)))
    shown = found[: page["limit"]]
    following = paging.encode(shown[-1].id) if len(found) > len(shown) else None
    return answer({"items": [_notice(view) for view in notice_views(shown, actor())], "next": following})


def _notice(view: NoticeView) -> dict[str, Any]:
    notice = view.notice
    return {
        "id": str(notice.id), "store": view.store, "role": str(notice.role), "kind": str(notice.kind),
        "state": str(notice.state), "answer": code_text(notice.answer), "order_id": str(notice.order_id),
        "person_id": id_text(notice.person_id), "order_number": view.order_number,
        "parcel_id": id_text(notice.parcel_id),
        "change_id": id_text(notice.change_id), "change_kind": code_text(view.change_kind),
        "wishes": [wish_json(wish, view.currency, actor()) for wish in view.wishes], "memo": view.memo,
        "body": notice.body,
        "made_at": at_text(notice.made_at), "opened_at": at_text(notice.opened_at),
        "answered_at": at_text(notice.answered_at),
    }  # fmt: skip


@bp.route("/notices/<id:notice_id>/acknowledgement", methods=["POST"])
@needs(Permission.NOTICE_ANSWER)
@bp.arguments(schemas.AnswerIn)
@keyed()
@bp.response(200, schemas.NoticeOut)
def answer_notice(body: dict[str, Any], notice_id: int) -> Response:
    """Answer a notice: not_printed, printed (with its batch), gone; or noted."""
    notice = service.answer_notice(notice_id, body["answer"], batch=body["batch"], actor=actor())
    return answer(_notice(notice_views([notice], masked(actor()))[0]))


@bp.route("/notices/acknowledgements", methods=["POST"])
@needs(Permission.NOTICE_ANSWER)
@bp.arguments(schemas.AnswersIn)
@keyed_rows
@bp.response(200, schemas.AnswersOut)
def answer_notices(body: dict[str, Any]) -> Response:
    """Answer up to 500 notices, each in a transaction of its own, with a result per row."""
    return answer({"items": [_row(index, row) for index, row in enumerate(body["items"])]})


def _row(index: int, row: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"index": index, "id": str(row["id"]), "state": None, "refused": None}

    def act() -> dict[str, Any]:
        done = service.answer_notice(row["id"], row["answer"], batch=row["batch"], actor=actor())
        return {"state": str(done.state)}

    try:
        found |= once_per_part(index, act)
    except DomainError as error:
        found["refused"] = {"error": error.code, "message": message_of(error), "facts": dict(error.facts)}
    return found


@bp.route("/notices/acknowledgements/matching", methods=["POST"])
@needs(Permission.NOTICE_ANSWER)
@bp.arguments(schemas.MatchingIn)
@keyed_rows
@bp.response(200, schemas.MatchingOut)
def answer_matching(body: dict[str, Any]) -> Response:
    """Answer every open notice of the caller's inbox up to the newest that was seen, a few in each transaction.

    News is noted; what asks about the stage gets `answer`, or is refused without one.  What `left` counts is still
    open: send the same with another key to go on.
    """
    found = service.acknowledge_matching(body["answer"], kind=body["kind"], up_to=body["up_to"], actor=actor())
    refused = [
        {"id": str(i), "error": error.code, "message": message_of(error), "facts": dict(error.facts)}
        for i, error in found.refused.items()
    ]
    return answer({"done": [str(i) for i in found.done], "refused": refused, "left": len(found.left)})
