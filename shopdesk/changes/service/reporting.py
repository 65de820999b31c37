"""Many reported stages at once: each in a transaction of its own, their feed noted after the last."""

from __future__ import annotations

from datetime import datetime

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import Feed, FeedKind
from shopdesk.staff import queries as staff


@command
def note_stage_feed(store_id: int, origin: str, *, as_of: datetime, covers: str, actor: Actor) -> Feed:
    """A source has told all that it knows as of `as_of`: of the whole store (`covers="store"`) or of some parcels.

    Noted after its facts: a feed that looks fresh before they stand would make printed parcels look unprinted.
    """
    require(actor, Permission.FACTS_WRITE, store_id)
    feed = feeds.note(staff.store_by_id(store_id), FeedKind.STAGES, origin, as_of=as_of, covers=covers)
    audit.record("feed.noted", "feed", feed.id, actor, store_id=store_id, origin=origin, covers=covers)
    return feed
