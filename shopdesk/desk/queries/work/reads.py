"""The statements behind the lists of work; each limits itself to the stores of the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select
from sqlalchemy.orm import aliased

from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.turns import FOLLOWER, is_for
from shopdesk.changes.states import DONE_BY_PEOPLE, ChangeState, Code, StepState
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.core.scope import StoreOwned, within
from shopdesk.orders.models import Amendment, Memo, Order
from shopdesk.orders.states import AmendmentState
from shopdesk.parcels.models import Hold
from shopdesk.parcels.states import HoldCause, Stage

S = TypeVar("S", bound="Select[*tuple[Any, ...]]")
MOST = 300  # rows of one list; more is a matter for the filters of a report
RECENT = timedelta(days=7)  # how long a change that came too late stays in the list
PENDING = (AmendmentState.TO_DO, AmendmentState.CONTRADICTED)


def count_mine(actor: Actor) -> int:
    """How many steps wait for this person, for the navigation."""
    statement = (
        select(func.count(Step.id))
        .select_from(Change)
        .join(Step, Step.change_id == Change.id)
        .where(is_waiting(), or_(Step.code.in_(DONE_BY_PEOPLE), Step.by_message), is_next(), is_for(actor))
        .where(or_(Step.code != Code.AMEND, Step.column != Stage.UNPRINTED))  # that one comes with the submit
    )
    return int(db.session.scalar(_scoped(statement, actor, Change)) or 0)


@cache
def is_next() -> ColumnElement[bool]:
    """No open step comes before it; tasks after the hold have no order among themselves."""
    earlier = aliased(Step)
    before = (
        select(earlier.id)
        .where(earlier.change_id == Step.change_id, earlier.store_id == Step.store_id)
        .where(earlier.state == StepState.OPEN, earlier.position < Step.position)
        .where(not_(and_(earlier.after_hold, Step.after_hold)))
    )
    return not_(before.exists())


@cache
def is_waiting() -> ColumnElement[bool]:
    is_open = and_(Change.state == ChangeState.OPEN, Step.state == StepState.OPEN)
    follows = and_(Change.state == ChangeState.DONE, Step.state == StepState.OPEN, Step.after_hold)
    way_back = and_(Change.state == ChangeState.WITHDRAWN, Step.state == StepState.OPEN)  # papers that are still out
    return or_(is_open, follows, way_back)


def steps(actor: Actor, *, everybody: bool) -> list[tuple[Change, str, Personal | None, Step]]:
    """The next step of each change (open ones, and done ones with a task left), with its order."""
    statement = (
        select(Change, Order.number, Order.buyer_nick, Step)
        .join(Step, Step.change_id == Change.id)
        .join(Order, Order.id == Change.order_id)
        .where(is_waiting(), is_next())
        .order_by(Change.id, Step.position)
        .limit(MOST)
    )
    if not everybody:
        statement = statement.where(or_(actor.id == FOLLOWER, is_for(actor)))
    rows = db.session.execute(_scoped(statement, actor, Change))
    return [(change, number, buyer, step) for change, number, buyer, step in rows]


def _scoped(statement: S, actor: Actor, model: type[StoreOwned]) -> S:
    return within(statement, actor, Permission.ORDER_READ, model)


def last_done(change_ids: list[int], actor: Actor) -> dict[int, datetime]:
    statement = (
        select(Step.change_id, func.max(Step.done_at))
        .where(Step.change_id.in_(change_ids), Step.done_at.is_not(None))
        .group_by(Step.change_id)
    )
    rows = db.session.execute(_scoped(statement, actor, Step))
    return {change_id: at for change_id, at in rows if at is not None}


def holds(change_ids: list[int], actor: Actor) -> dict[int, datetime]:
    statement = select(Hold.cause_id, Hold.expires_at).where(
        Hold.cause == HoldCause.CHANGE, Hold.cause_id.in_(change_ids), Hold.ended_at.is_(None)
    )
    return {row[0]: row[1] for row in db.session.execute(_scoped(statement, actor, Hold))}


def amendments(actor: Actor, *, everybody: bool) -> Sequence[Row[Any]]:
    statement = (
        select(
            Amendment.order_id, Order.number, Amendment.store_id, Amendment.field, Amendment.state,
            Amendment.made_at.label("since"), Amendment.made_by_id,
        )
        .join(Order, Order.id == Amendment.order_id)
        .where(Amendment.ended_at.is_(None), Amendment.state.in_(PENDING))
        .order_by(Amendment.id)
        .limit(MOST)
    )  # fmt: skip
    if not everybody:
        statement = statement.where(Amendment.made_by_id == actor.id)
    return cast(Sequence[Row[Any]], db.session.execute(_scoped(statement, actor, Amendment)).all())


def memos(actor: Actor, *, everybody: bool) -> Sequence[Row[Any]]:
    statement = (
        select(
            Memo.order_id, Order.number, Memo.store_id, func.count(Memo.id).label("memos"),
            func.min(Memo.made_at).label("since"), func.max(Memo.made_by_id).label("made_by_id"),
        )
        .join(Order, Order.id == Memo.order_id)
        .where(Memo.pasted_at.is_(None))
        .group_by(Memo.order_id, Order.number, Memo.store_id)
        .order_by(func.min(Memo.id))
        .limit(MOST)
    )  # fmt: skip
    if not everybody:
        statement = statement.where(Memo.made_by_id == actor.id)
    return cast(Sequence[Row[Any]], db.session.execute(_scoped(statement, actor, Memo)).all())


def late(actor: Actor, *, everybody: bool) -> list[tuple[Change, str]]:
    statement = (
        select(Change, Order.number)
        .join(Order, Order.id == Change.order_id)
        .where(Change.state == ChangeState.TOO_LATE, Change.ended_at > clock.now() - RECENT)
        .order_by(Change.ended_at.desc())
        .limit(MOST)
    )
    if not everybody:
        statement = statement.where(actor.id == FOLLOWER)
    return [(row[0], row[1]) for row in db.session.execute(_scoped(statement, actor, Change))]
