"""How old each kind of truth of a store is."""

from datetime import datetime
from typing import Any

from flask import Response

from shopdesk.core import clock
from shopdesk.core.permissions import Permission
from shopdesk.feeds import queries, schemas
from shopdesk.feeds.models import Feed
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs

bp = DeskBlueprint("api_feeds", __name__, tag="feeds")


@bp.route("/stores/<word:store>/feeds")
@needs(Permission.FEED_READ)
@bp.response(200, schemas.Feeds)
def list_feeds(store: str) -> Response:
    """Every feed of the store: whom it comes from, of which moment it spoke, whether it is late."""
    where = staff.store_by_slug(store, actor(), Permission.FEED_READ)
    now = clock.now()
    return answer({"items": [_feed(feed, now) for feed in queries.feeds_in(where.id)], "next": None})


def _feed(feed: Feed, now: datetime) -> dict[str, Any]:
    return {
        "id": str(feed.id), "kind": str(feed.kind), "origin": feed.origin, "as_of": at_text(feed.as_of),
        "known_at": at_text(feed.known_at), "covers": feed.covers, "rhythm_minutes": feed.rhythm_minutes,
        "freshness": queries.freshness_of(feed, now),
        "age_seconds": max(0, int((now - feed.as_of).total_seconds())),
    }  # fmt: skip
