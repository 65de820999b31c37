"""Reads about changes, steps, wishes and pre-print checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select

from shopdesk.changes.models import Change, ChangeWish, PrintCheck, PrintCheckRow, Step, Wish
from shopdesk.changes.queries.checks import CheckedRow, look
from shopdesk.changes.queries.dispatch import NEEDS, Standing, look_at_truck, look_for, standing_of
from shopdesk.changes.queries.joining import Joined, would_join
from shopdesk.changes.rules import StepView
from shopdesk.changes.states import PER_PARCEL, ChangeState, Kind, Purpose, StepState
from shopdesk.core.db import db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store, in_store_given


def changes_of_order(order_id: int, store_id: int) -> list[Change]:
    """Oldest first, also those of another order in the same parcel that a wish of this one joined."""
    joined = select(ChangeWish.change_id).join(Wish, Wish.id == ChangeWish.wish_id).where(Wish.order_id == order_id)
    statement = select(Change).where(or_(Change.order_id == order_id, Change.id.in_(joined))).order_by(Change.id)
    return list(db.session.scalars(in_store(statement, store_id, Change)))


def changes_of_parcel(parcel_id: int, store_id: int, *states: ChangeState) -> list[Change]:
    statement = select(Change).where(Change.parcel_id == parcel_id)
    if states:
        statement = statement.where(Change.state.in_(states))
    return list(db.session.scalars(in_store(statement, store_id, Change).order_by(Change.id)))


def change_by_id(change_id: int, store_id: int) -> Change:
    return db.session.scalars(in_store(select(Change).where(Change.id == change_id), store_id, Change)).one()


def open_change(parcel_id: int, order_id: int, kind: Kind, store_id: int) -> Change | None:
    """The open change that a further wish joins: of address and courier one per parcel, whichever order asked (I5)."""
    statement = select(Change).where(
        Change.parcel_id == parcel_id, Change.kind == kind, Change.state == ChangeState.OPEN
    )
    if kind not in PER_PARCEL:
        statement = statement.where(Change.order_id == order_id)
    return db.session.scalars(in_store(statement, store_id, Change)).one_or_none()


_IDS: Any = bindparam("ids", expanding=True)
_STEPS = in_store_given(
    select(Step)
    .where(Step.change_id.in_(_IDS), Step.state != StepState.REPLACED)
    .order_by(Step.change_id, Step.position),
    Step,
)


def steps_of(change_ids: list[int], store_id: int) -> list[Step]:
    """Without replaced ones, in order."""
    return list(db.session.scalars(_STEPS, {"ids": change_ids, "store_id": store_id}))


def step_views(steps: list[Step]) -> list[StepView]:
    return [StepView(s.position, s.code, s.state is StepState.OPEN, s.after_hold) for s in steps]


_WISHES = in_store_given(
    select(ChangeWish.change_id, Wish)
    .join(Wish, Wish.id == ChangeWish.wish_id)
    .where(ChangeWish.change_id.in_(_IDS))
    .order_by(Wish.id),
    ChangeWish,
)


def wishes_of(change_ids: list[int], store_id: int) -> list[tuple[int, Wish]]:
    """(change id, wish), oldest first."""
    found = db.session.execute(_WISHES, {"ids": change_ids, "store_id": store_id})
    return [(row[0], row[1]) for row in found]


def links_of_wish(wish: Wish) -> list[ChangeWish]:
    """In the order of the changes."""
    statement = select(ChangeWish).where(ChangeWish.wish_id == wish.id).order_by(ChangeWish.change_id)
    return list(db.session.scalars(in_store(statement, wish.store_id, ChangeWish)))


def links_of(change: Change) -> list[tuple[ChangeWish, Wish]]:
    """Oldest wish first."""
    statement = (
        select(ChangeWish, Wish)
        .join(Wish, Wish.id == ChangeWish.wish_id)
        .where(ChangeWish.change_id == change.id)
        .order_by(Wish.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(in_store(statement, change.store_id, ChangeWish))]


def changes_of_wish(wish: Wish) -> list[Change]:
    ids = select(ChangeWish.change_id).where(ChangeWish.wish_id == wish.id)
    statement = select(Change).where(Change.id.in_(ids)).order_by(Change.id)
    return list(db.session.scalars(in_store(statement, wish.store_id, Change)))


def gathered(change: Change) -> list[Change]:
    """Changes that were done on the same parcel and whose wishes this one took over when a late fact overtook them."""
    mine = select(ChangeWish.wish_id).where(ChangeWish.change_id == change.id)
    ids = select(ChangeWish.change_id).where(ChangeWish.wish_id.in_(mine))
    statement = select(Change).where(
        Change.id.in_(ids), Change.id < change.id, Change.parcel_id == change.parcel_id, Change.kind == change.kind
    )
    return list(db.session.scalars(in_store(statement, change.store_id, Change).order_by(Change.id)))


def own_links(change: Change) -> list[tuple[ChangeWish, Wish]]:
    """As `links_of`, without the wishes that it gathered from others."""
    theirs = {wish.id for _, wish in wishes_of([c.id for c in gathered(change)], change.store_id)}
    return [(link, wish) for link, wish in links_of(change) if wish.id not in theirs]


def siblings(change: Change) -> list[Change]:
    """The other changes that carry one of this change's wishes (an order in several parcels)."""
    mine = select(ChangeWish.wish_id).where(ChangeWish.change_id == change.id)
    ids = select(ChangeWish.change_id).where(ChangeWish.wish_id.in_(mine), ChangeWish.change_id != change.id)
    statement = select(Change).where(Change.id.in_(ids)).order_by(Change.id)
    return list(db.session.scalars(in_store(statement, change.store_id, Change)))


def own_check(check_id: int, actor: Actor, purpose: Purpose = Purpose.PRINT) -> PrintCheck:
    """A check of the actor's own.  Raises NotFound for anybody else's."""
    statement = select(PrintCheck).where(
        PrintCheck.id == check_id, PrintCheck.made_by_id == actor.id, PrintCheck.purpose == purpose
    )
    check = db.session.scalars(statement).one_or_none()
    if check is None:
        raise NotFound("There is no such check.")
    return check


def checks_of(actor: Actor, purpose: Purpose = Purpose.PRINT, limit: int = 5) -> list[PrintCheck]:
    """The actor's own newest lists."""
    statement = select(PrintCheck).where(PrintCheck.made_by_id == actor.id, PrintCheck.purpose == purpose)
    return list(db.session.scalars(statement.order_by(PrintCheck.id.desc()).limit(limit)))


def check_rows(check_id: int) -> list[PrintCheckRow]:
    statement = select(PrintCheckRow).where(PrintCheckRow.check_id == check_id).order_by(PrintCheckRow.position)
    return list(db.session.scalars(statement))


def overtaken_after(parcel_ids: list[int], store_id: int, moment: datetime) -> list[int]:
    """Of these parcels those where a change was carried out after the moment: what happened then may carry old data."""
    statement = select(Change.parcel_id).where(
        Change.parcel_id.in_(parcel_ids), Change.state == ChangeState.DONE, Change.released_at > moment
    )
    return sorted(set(db.session.scalars(in_store(statement, store_id, Change))))


__all__ = [
    "NEEDS",
    "CheckedRow",
    "Joined",
    "Standing",
    "change_by_id",
    "changes_of_order",
    "changes_of_parcel",
    "changes_of_wish",
    "check_rows",
    "checks_of",
    "gathered",
    "links_of",
    "links_of_wish",
    "look",
    "look_at_truck",
    "look_for",
    "open_change",
    "overtaken_after",
    "own_check",
    "own_links",
    "siblings",
    "standing_of",
    "step_views",
    "steps_of",
    "wishes_of",
    "would_join",
]
