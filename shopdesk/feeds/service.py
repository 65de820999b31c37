"""Commands on feeds."""

from datetime import datetime, timedelta

from sqlalchemy import select

from shopdesk.core import clock
from shopdesk.core.db import command, db
from shopdesk.core.scope import in_store
from shopdesk.feeds.models import Feed, FeedKind
from shopdesk.staff.models import Store


@command
def note(store: Store, kind: FeedKind, origin: str, *, as_of: datetime, covers: str = "some") -> Feed:
    """Remember that a source spoke of `as_of`; an older word changes nothing (I11).  The caller records the event.

    A moment in the future counts as now (D1).  What a source says of some parcels does not take back what it said of
    the whole store, until that has grown old.
    """
    as_of = min(as_of, clock.now())
    statement = select(Feed).where(Feed.kind == kind, Feed.origin == origin)
    feed = db.session.scalars(in_store(statement, store.id, Feed)).one_or_none()
    if feed is None:
        feed = Feed(
            store_id=store.id, kind=kind, origin=origin, as_of=as_of, known_at=clock.now(), covers=covers,
            rhythm_minutes=store.rhythm_minutes,
        )  # fmt: skip
        db.session.add(feed)
    elif as_of > feed.as_of and not _speaks_for_less(feed, as_of, covers):
        feed.as_of, feed.known_at = as_of, clock.now()
        feed.covers = covers
    db.session.flush()
    return feed


def _speaks_for_less(feed: Feed, as_of: datetime, covers: str) -> bool:
    rhythm = timedelta(minutes=feed.rhythm_minutes)
    return feed.covers == "store" and covers != "store" and as_of - feed.as_of <= 2 * rhythm
