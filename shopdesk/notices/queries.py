"""Reads about inboxes."""

from __future__ import annotations

from sqlalchemy import Select, func, or_, select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store, within
from shopdesk.notices.models import Notice, NoticeKind, NoticeState


def inbox(actor: Actor, state: NoticeState = NoticeState.OPEN) -> Select[Notice]:
    """What waits for the actor's roles, oldest first: unacknowledged ones stay on top (M060)."""
    mine = [
        (Notice.store_id == store_id) & Notice.role.in_([role for role in Role if actor.acts_as(role, store_id)])
        for store_id in actor.stores_with(Permission.NOTICE_READ)
    ]
    statement = select(Notice).where(Notice.state == state, or_(*mine) if mine else Notice.id.is_(None))
    # A reminder is for who is reminded, not for who sent it; of several in the role only for whom it names.
    statement = statement.where(
        or_(Notice.kind != NoticeKind.NUDGE, Notice.made_by_id.is_(None), Notice.made_by_id != actor.id),
        or_(Notice.person_id.is_(None), Notice.person_id == actor.id),
    )
    return within(statement, actor, Permission.NOTICE_READ, Notice).order_by(Notice.id)


def count_open(actor: Actor, state: NoticeState = NoticeState.OPEN) -> int:
    counted = inbox(actor, state).order_by(None).with_only_columns(func.count(Notice.id))
    return int(db.session.scalar(counted) or 0)


def of_change(change_id: int, store_id: int) -> list[Notice]:
    statement = select(Notice).where(Notice.change_id == change_id).order_by(Notice.id)
    return list(db.session.scalars(in_store(statement, store_id, Notice)))


def of_order(order_id: int, store_id: int) -> list[Notice]:
    statement = select(Notice).where(Notice.order_id == order_id).order_by(Notice.id)
    return list(db.session.scalars(in_store(statement, store_id, Notice)))


def open_for_parcel(parcel_id: int, store_id: int, *kinds: NoticeKind) -> list[Notice]:
    statement = select(Notice).where(
        Notice.parcel_id == parcel_id, Notice.state == NoticeState.OPEN, Notice.kind.in_(kinds)
    )
    return list(db.session.scalars(in_store(statement, store_id, Notice).order_by(Notice.id)))
