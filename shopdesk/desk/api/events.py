"""The audit trail as a feed."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.core import paging
from shopdesk.core.audit import Event
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.api.showing import id_text, without_money
from shopdesk.desk.queries import events_after
from shopdesk.desk.schemas import notices as schemas
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs

bp = DeskBlueprint("api_events", __name__, tag="events")
MOST = 10**18


@bp.route("/events")
@needs(Permission.EVENT_READ)
@bp.arguments(schemas.EventPage, location="query")
@bp.response(200, schemas.Events)
def list_events(page: dict[str, Any]) -> Response:
    """What happened in the caller's stores, oldest first; `after` of the last answer goes on where it ended."""
    seen = _seen(page["after"])
    found = events_after(actor(), seen, page["limit"] + 1)
    shown = found[: page["limit"]]
    for event in shown:
        seen[event.chain] = max(event.seq, seen.get(event.chain, 0))
    place = paging.encode(sorted([store, seq] for store, seq in seen.items()))
    shops = {store.id: store.slug for store in staff.stores_of(actor())}
    items = [_event(event, shops[event.chain], actor()) for event in shown]
    return answer({"items": items, "next": place if len(found) > len(shown) else None, "after": place})


def _seen(after: str | None) -> dict[int, int]:
    if after is None:
        return {}
    (pairs,) = paging.decode(after, (list,))
    if not all(isinstance(pair, list) and [type(part) for part in pair] == [int, int] for pair in pairs):
        raise Malformed("That is not a cursor of this list.", code="bad_cursor")
    if not all(0 <= part <= MOST for pair in pairs for part in pair):
        raise Malformed("That is not a cursor of this list.", code="bad_cursor")
    return dict(pairs)


def _event(event: Event, store: str, reader: Actor) -> dict[str, Any]:
    body = event.body if reader.may(Permission.MONEY_READ, event.chain) else without_money(event.body)
    return {
        "id": str(event.id), "store": store, "at": at_text(event.at), "action": event.action,
        "subject": event.subject, "subject_id": str(event.subject_id), "order_id": id_text(event.order_id),
        "actor_id": id_text(event.actor_id), "role": event.role, "channel": event.channel, "body": body,
    }  # fmt: skip
