"""Reads about feeds."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, within
from shopdesk.feeds.models import Feed, FeedKind


def stage_feed(store_id: int) -> Feed | None:
    """The store's newest stage feed that speaks of every parcel; one that covers some says nothing of the others."""
    statement = select(Feed).where(Feed.kind == FeedKind.STAGES, Feed.covers == "store")
    newest = statement.order_by(Feed.as_of.desc()).limit(1)
    return db.session.scalars(in_store(newest, store_id, Feed)).one_or_none()


def speaks_for_store(store_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """To join `Feed` with: the newest stage feed that speaks of every parcel of the store in that column."""
    newer = aliased(Feed)
    newest = (
        select(newer.id)
        .where(newer.store_id == store_id, newer.kind == FeedKind.STAGES, newer.covers == "store")
        .order_by(newer.as_of.desc())
        .limit(1)
        .scalar_subquery()
    )
    return Feed.id == newest


def feeds_of(actor: Actor) -> list[Feed]:
    """Every feed of the actor's stores, by store and kind."""
    statement = within(select(Feed), actor, Permission.FEED_READ, Feed)
    return list(db.session.scalars(statement.order_by(Feed.store_id, Feed.kind, Feed.id)))


def feeds_in(store_id: int) -> list[Feed]:
    return list(db.session.scalars(in_store(select(Feed), store_id, Feed).order_by(Feed.kind, Feed.id)))


def freshness_of(feed: Feed, now: datetime) -> str:
    """fresh; late over one rhythm; stale over two (domain.md §3a D4)."""
    rhythm, age = timedelta(minutes=feed.rhythm_minutes), now - feed.as_of
    if age <= rhythm:
        return "fresh"
    return "late" if age <= 2 * rhythm else "stale"


def refunds_as_of(store_id: int) -> datetime | None:
    """When the newest list of refunds of the store was told."""
    statement = select(Feed.as_of).where(Feed.kind == FeedKind.REFUNDS).order_by(Feed.as_of.desc()).limit(1)
    return db.session.scalar(in_store(statement, store_id, Feed))
