"""What was asked for on the parcels of a pre-print check: changes with old → new, memos that printing has to see."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select

from shopdesk.changes.models import Change, ChangeWish, Step, Wish
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.parts import part_views
from shopdesk.changes.states import ONLY_UNPAID, Kind, StepState
from shopdesk.core.among import among
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.notices.models import Notice, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, OrderLine
from shopdesk.orders.states import AmendmentState, Field


@dataclass(frozen=True, slots=True)
class WishedValue:
    """Old → new as this person may see it; `title` names the line where the wish is about one."""

    old: str
    new: str
    order_id: int  # of a merged parcel, whose it is
    title: str | None
    platform: AmendmentState | None  # whether the platform has it already; None: not amended yet


@dataclass(frozen=True, slots=True)
class CheckedChange:
    change_id: int
    parcel_id: int
    order_id: int
    kind: Kind
    asked_as: str
    opened_at: datetime
    next_code: Code | None
    values: tuple[WishedValue, ...]

    @property
    def is_confirmed(self) -> bool:
        """Only the acknowledgement is missing."""
        return self.next_code is Code.ACKNOWLEDGE


@dataclass(frozen=True, slots=True)
class CheckedMemo:
    order_id: int
    text: str  # references masked
    signed: str
    made_at: datetime


def changes_in(
    change_ids: list[int],
    parcel_ids: list[int],
    actor: Actor,
    *,
    printed_at: datetime | None,
    permission: Permission = Permission.PRINT_CHECK,
) -> dict[int, CheckedChange]:
    """The changes by id; of a printed list also those that were open on its parcels then, as they stood."""
    wanted: ColumnElement[bool] = Change.id.in_(change_ids)
    if printed_at is not None:
        wanted = or_(wanted, Change.parcel_id.in_(parcel_ids) & _open_at(printed_at))
    changes = _all(select(Change).where(wanted).order_by(Change.id), actor, Change, permission)
    change_ids = [c.id for c in changes]
    first: dict[int, Code] = {}
    steps = select(Step.change_id, Step.code).where(Step.change_id.in_(change_ids), Step.state == StepState.OPEN)
    for change_id, code in _rows(steps.order_by(Step.change_id, Step.position.desc()), actor, Step, permission):
        first[change_id] = Code(code)
    values = _values(change_ids, actor, permission, until=printed_at)
    for cancel in (c for c in changes if c.kind is Kind.CANCEL):
        for part in part_views([cancel.id], cancel.store_id):
            values[cancel.id].append(WishedValue("", part.words, cancel.order_id, None, None))
    return {
        c.id: CheckedChange(
            c.id, c.parcel_id, c.order_id, c.kind, c.asked_as, c.opened_at, first.get(c.id), tuple(values.get(c.id, ()))
        )
        for c in changes
    }


def _open_at(moment: datetime) -> ColumnElement[bool]:
    """Printing acknowledges, and so ends, in the transaction that prints: a moment after `printed_at`."""
    return (
        (Change.opened_at <= moment)
        & or_(Change.ended_at.is_(None), Change.ended_at >= moment)
        & Change.kind.not_in(ONLY_UNPAID)
    )


def _values(
    change_ids: list[int], actor: Actor, permission: Permission, *, until: datetime | None
) -> dict[int, list[WishedValue]]:
    statement = (
        select(ChangeWish.change_id, Wish, OrderLine.title, Amendment.state, Amendment.ended_at)
        .join(Wish, Wish.id == ChangeWish.wish_id)
        .join(OrderLine, OrderLine.id == Wish.line_id, isouter=True)
        .join(Amendment, Amendment.id == Wish.amendment_id, isouter=True)
        .where(ChangeWish.change_id.in_(change_ids))
        .order_by(Wish.id)
    )
    if until is not None:
        statement = statement.where(Wish.asked_at <= until)
    newest: dict[tuple[int, int, int | None], WishedValue] = {}
    for change_id, wish, title, state, ended_at in _rows(statement, actor, ChangeWish, permission):
        key = (change_id, wish.order_id, wish.line_id)  # a further wish about the same thing replaces the first
        older = newest.pop(key, None)
        is_clear = actor.may(Permission.PERSONAL_READ, wish.store_id)
        newest[key] = _worded(wish, title, None if ended_at else state, older, is_clear=is_clear)
    found: dict[int, list[WishedValue]] = defaultdict(list)
    for (change_id, *_), value in newest.items():
        found[change_id].append(value)
    return found


def _worded(
    wish: Wish, title: str | None, state: AmendmentState | None, older: WishedValue | None, *, is_clear: bool
) -> WishedValue:
    """What stood there before the first of several wishes, and what the last one wants."""
    if wish.kind is Kind.CANCEL:
        return WishedValue("", orders.worded(None, wish.new, is_clear=is_clear), wish.order_id, title, state)
    field = Field(wish.kind)
    old = older.old if older else orders.worded(field, wish.old, is_clear=is_clear)
    return WishedValue(old, orders.worded(field, wish.new, is_clear=is_clear), wish.order_id, title, state)


def memos_on(
    parcel_ids: list[int],
    actor: Actor,
    *,
    printed_at: datetime | None,
    permission: Permission = Permission.PRINT_CHECK,
) -> dict[int, list[CheckedMemo]]:
    """Memos that printing has not acknowledged yet; of a printed list those that it acknowledged by printing."""
    if not parcel_ids:
        return {}
    is_meant = Notice.state == NoticeState.OPEN
    if printed_at is not None:
        is_meant = (Notice.made_at <= printed_at) & or_(Notice.answered_at.is_(None), Notice.answered_at >= printed_at)
    statement = (
        select(Notice.parcel_id, Memo)
        .join(Memo, Memo.id == Notice.memo_id)
        .where(
            among(Notice.parcel_id, parcel_ids), Notice.kind == NoticeKind.MEMO, is_meant
        )
        .order_by(Notice.id)
    )  # fmt: skip
    rows = _rows(statement, actor, Notice, permission)
    texts = orders.masked_memos([memo for _, memo in rows], actor)
    found: dict[int, list[CheckedMemo]] = defaultdict(list)
    for parcel_id, memo in rows:
        found[parcel_id].append(CheckedMemo(memo.order_id, texts[memo.id], memo.signed, memo.made_at))
    return found


def _all(statement, actor: Actor, model, permission: Permission):
    return db.session.scalars(within(statement, actor, permission, model)).all()


def _rows(statement, actor: Actor, model, permission: Permission):
    return db.session.execute(within(statement, actor, permission, model)).all()
