"""Commands on feeds."""

from datetime import datetime

from sqlalchemy import select

from shopdesk.core import clock
from shopdesk.core.db import command, db, found_or_made
from shopdesk.core.scope import in_store
from shopdesk.feeds.models import Feed, FeedKind
from shopdesk.staff.models import Store


@command
def note(store: Store, kind: FeedKind, origin: str, *, as_of: datetime, covers: str = "some") -> Feed:
    """Remember that a source spoke of `as_of`; an older word changes nothing (I11).  The caller records the event.

    A moment in the future counts as now (D1).  A word about some parcels leaves the last one about the whole store
    standing, whichever came first.
    """
    as_of = min(as_of, clock.now())
    first = lambda: Feed(  # noqa: E731
        store_id=store.id, kind=kind, origin=origin, as_of=as_of, known_at=clock.now(), covers=covers,
        rhythm_minutes=store.rhythm_minutes,
    )  # fmt: skip
    feed = found_or_made(lambda: _locked(store, kind, origin), first)
    if _says_more(feed, as_of, covers):
        feed.as_of, feed.known_at, feed.covers = as_of, clock.now(), covers
    db.session.flush()
    return feed


def _locked(store: Store, kind: FeedKind, origin: str) -> Feed | None:
    statement = select(Feed).where(Feed.kind == kind, Feed.origin == origin).with_for_update()
    return db.session.scalars(in_store(statement, store.id, Feed)).one_or_none()


def _says_more(feed: Feed, as_of: datetime, covers: str) -> bool:
    """Of the same parcels a later moment; the whole store always says more than some of it."""
    return as_of > feed.as_of if covers == feed.covers else covers == "store"
