"""Every open change by its next step; reminding, handing on, handing everything over."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.changes import service
from shopdesk.core import paging
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.changes import shown
from shopdesk.desk.api.showing import code_text, id_text
from shopdesk.desk.queries.watch import Filter, WatchRow, page_after, place_of
from shopdesk.desk.schemas import watch as schemas
from shopdesk.notices.models import Notice
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_watch", __name__, tag="changes")


@bp.route("/changes")
@needs(Permission.CHANGE_WATCH)
@bp.arguments(schemas.WatchPage, location="query")
@bp.response(200, schemas.WaitingOut)
def list_changes(page: dict[str, Any]) -> Response:
    """The next step of every open change in the caller's stores, what has waited longest first."""
    wanted = Filter(
        page["role"], page["step"], page["kind"], page["asked_by"], mine=page["mine"], overdue=page["overdue"]
    )
    store_id = None
    if page["store"]:
        store_id = staff.store_by_slug(page["store"], actor(), Permission.CHANGE_WATCH).id
    after = place_of(page["cursor"]) if page["cursor"] else None
    rows, following = page_after(actor(), wanted, after=after, limit=page["limit"], store_id=store_id)
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    items = [_row(row, slugs[row.waiting.store_id]) for row in rows]
    return answer(
        {"items": items, "next": paging.encode(following[0].isoformat(), following[1]) if following else None}
    )


def _row(row: WatchRow, store: str) -> dict[str, Any]:
    found = row.waiting
    return {
        "change_id": str(found.change_id), "n": found.position, "order_id": str(found.order_id),
        "order_number": row.number, "store": store, "kind": str(found.kind), "state": str(found.state),
        "code": str(found.code), "role": str(found.role), "waits_for": str(found.waits),
        "person_id": id_text(found.named_id), "person": row.named, "since": at_text(found.since),
        "hold_expires_at": at_text(found.hold_expires_at), "is_overdue": row.is_overdue,
        "asked_by_id": id_text(found.asked_by_id), "asked_by": row.asked_by, "reminders": found.nudges,
        "reminded_at": at_text(found.nudged_at), "reminded_by": code_text(row.nudged_by),
    }  # fmt: skip


@bp.route("/changes/<id:change_id>/steps/<id:n>/reminder", methods=["POST"])
@needs(Permission.CHANGE_NUDGE)
@bp.arguments(schemas.Nothing)
@keyed()
@bp.response(201, schemas.ReminderOut)
def remind(_body: dict[str, Any], change_id: int, n: int) -> Response:
    """Remind whose turn it is: a notice in that inbox; once in the store's minutes for each step."""
    notice = service.nudge(change_id, n, actor=actor())
    return answer(_reminder(notice), 201)


def _reminder(notice: Notice) -> dict[str, Any]:
    return {
        "notice_id": str(notice.id), "role": str(notice.role), "person_id": id_text(notice.person_id),
        "made_at": at_text(notice.made_at),
    }  # fmt: skip


@bp.route("/changes/<id:change_id>/assignment", methods=["POST"])
@needs(Permission.CHANGE_ASSIGN)
@bp.arguments(schemas.AssignIn)
@keyed()
@bp.response(200, schemas.ChangeOut)
def assign(body: dict[str, Any], change_id: int) -> Response:
    """Let another person follow the change, or have its refund tasks (`after_sale`); a free task may be taken."""
    service.assign(change_id, body["to"], role=body["role"], reason=body["reason"] or "", actor=actor())
    return answer(shown(change_id))


@bp.route("/changes/hand-over", methods=["POST"])
@needs(Permission.CHANGE_ASSIGN, scope="own")
@bp.arguments(schemas.HandOverIn)
@keyed()
@bp.response(200, schemas.HandOverOut)
def hand_over(body: dict[str, Any]) -> Response:
    """Everything of the caller's, or (a supervisor) of somebody else's, to one person in one go."""
    if staff.person_by_id(body["to"]) is None:
        raise NotFound("There is no such person.")
    done = service.hand_over(body["to"], body["reason"], from_id=body["from_person"], actor=actor())
    return answer({"changes": [str(change_id) for change_id in done.change_ids], "stayed": done.stayed})
