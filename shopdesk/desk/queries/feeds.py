"""How old each kind of truth is, per store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission
from shopdesk.feeds import queries as feeds
from shopdesk.feeds.models import Feed, FeedKind
from shopdesk.parcels.states import Freshness
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

#: Kinds that a store is expected to have; the others are shown once something told them.
EXPECTED = (FeedKind.ORDERS, FeedKind.STAGES)


@dataclass(frozen=True, slots=True)
class FeedView:
    kind: FeedKind
    feed: Feed | None  # None: nobody ever told
    level: Freshness
    next_at: datetime | None  # when the next word is expected


@dataclass(frozen=True, slots=True)
class StoreFeeds:
    store: Store
    rows: list[FeedView]
    may_import: bool

    @property
    def orders_level(self) -> Freshness:
        """How fresh the best source of all orders is: what the page warns about.

        A word about single orders says nothing of the others: with nothing else known those are stale.
        """
        order = list(Freshness)
        told = [row for row in self.rows if row.kind is FeedKind.ORDERS and row.feed]
        levels = [row.level for row in told if row.feed and row.feed.covers == "store"]
        return min(levels, key=order.index, default=Freshness.STALE if told else Freshness.UNKNOWN)

    @property
    def stages_are_told(self) -> bool:
        """Whether a source that speaks of every parcel has told the stages lately: then no change asks first."""
        told = [row for row in self.rows if row.kind is FeedKind.STAGES and row.feed and row.feed.covers == "store"]
        return any(row.level is not Freshness.STALE for row in told)


def feeds_by_store(actor: Actor) -> list[StoreFeeds]:
    """Every store of the actor with its sources, two statements."""
    now, found = clock.now(), feeds.feeds_of(actor)
    visible = set(actor.stores_with(Permission.FEED_READ))
    return [
        StoreFeeds(store, _rows(store, found, now), actor.may(Permission.IMPORT_WRITE, store.id))
        for store in staff.stores_of(actor)
        if store.id in visible
    ]


def _rows(store: Store, found: list[Feed], now: datetime) -> list[FeedView]:
    rows = []
    for kind in FeedKind:
        mine = [feed for feed in found if feed.store_id == store.id and feed.kind is kind]
        rows += [_view(feed, now) for feed in mine]
        if not mine and kind in EXPECTED:
            rows.append(FeedView(kind, None, Freshness.UNKNOWN, None))
    return rows


def _view(feed: Feed, now: datetime) -> FeedView:
    rhythm = timedelta(minutes=feed.rhythm_minutes)
    return FeedView(feed.kind, feed, Freshness(feeds.freshness_of(feed, now)), feed.as_of + rhythm)
