"""The inbox of a person's roles: each notice with what it is about, read for a page in a handful of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select

from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.queries.parts import PartView, part_views
from shopdesk.changes.queries.voids import open_voids
from shopdesk.changes.states import Kind
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.scope import load, within
from shopdesk.desk.queries.notice_view import PERSONAL, hides_personal, shows_clear
from shopdesk.notices import queries as notices
from shopdesk.notices.models import Notice, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.orders.states import Field
from shopdesk.parcels.models import Batch, Hold, Parcel
from shopdesk.parcels.states import HoldCause
from shopdesk.refunds.models import Refund
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

PAGE = 100  # notices
P = Permission.NOTICE_READ
#: What is read first on a page, whenever it came: a parcel may be leaving; a memo can wait.
URGENCY = (NoticeKind.NUDGE, NoticeKind.ALARM, NoticeKind.TOO_LATE, NoticeKind.CONTRADICTION, NoticeKind.RECALL,
           NoticeKind.STAGE, NoticeKind.VOID, NoticeKind.CHANGE, NoticeKind.MEMO)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """Old → new, as the inbox may show it; `third` is what a feed brought against both.

    Of a price or freight `amounts` has the three in minor units, each None where it is unknown or not to be seen.
    """

    old: str
    new: str
    title: str | None = None
    third: str | None = None
    amounts: tuple[int | None, int | None, int | None] | None = None


@dataclass(frozen=True, slots=True)
class InboxRow:
    notice: Notice
    number: str
    store: Store
    kind: Kind | None  # of the change
    asked_by: str | None
    sent_by: str | None  # who left the notice
    asked_at: datetime
    values: tuple[Value, ...]
    memo: str | None  # references masked
    hold_expires_at: datetime | None
    batch: str | None  # where its parcel lies now, as far as it is known
    position: int | None
    is_mine: bool  # this person may answer it
    void_position: int | None  # of the open void step, where this person may do it
    refund_id: int | None = None  # which waits for a yes
    refunded: tuple[int, str] | None = None  # minor units and currency of it; None: not to be seen
    mates: tuple[InboxRow, ...] = ()  # the same alarm to other roles

    @property
    def all(self) -> tuple[InboxRow, ...]:
        return (self, *self.mates)


@dataclass(frozen=True, slots=True)
class Inbox:
    rows: list[InboxRow]
    total: int  # open ones of the chosen kind
    waiting: int  # being confirmed with the customer
    counts: dict[NoticeKind, int]  # open ones of each kind
    next_after: int | None  # id to page on from
    newest: int  # id of the newest open one of the chosen kind: *all that match* means none that came later


def inbox(actor: Actor, *, kind: NoticeKind | None = None, after: int = 0) -> Inbox:
    """The open notices of the actor's roles: pages by age, within a page the urgent kinds first, then the oldest."""
    statement = notices.inbox(actor).where(Notice.id > after)
    if kind:
        statement = statement.where(Notice.kind == kind)
    found = list(db.session.scalars(statement.limit(PAGE + 1)))
    counts, newest = _counts(actor)
    shown = found[:PAGE]
    return Inbox(
        rows=_together(inbox_rows(sorted(shown, key=lambda notice: URGENCY.index(notice.kind)), actor)),
        total=counts.get(kind, 0) if kind else sum(counts.values()),
        waiting=notices.count_open(actor, NoticeState.WAITING),
        counts=counts,
        next_after=shown[-1].id if len(found) > PAGE else None,
        newest=newest.get(kind, 0) if kind else max(newest.values(), default=0),
    )


def _together(rows: list[InboxRow]) -> list[InboxRow]:
    """An alarm that reaches several of the person's roles stands once, with every role that it asks."""
    found: dict[tuple[object, ...], list[InboxRow]] = {}
    for row in rows:
        one = row.notice
        is_alarm = one.kind is NoticeKind.ALARM
        key = (one.order_id, one.parcel_id, one.change_id, str(one.body)) if is_alarm else (one.id,)
        found.setdefault(key, []).append(row)
    return [replace(first, mates=tuple(mates)) for first, *mates in found.values()]


def _counts(actor: Actor) -> tuple[dict[NoticeKind, int], dict[NoticeKind, int]]:
    """Of each kind how many are open, and the id of the newest."""
    columns = (Notice.kind, func.count(Notice.id), func.max(Notice.id))
    counted = notices.inbox(actor).order_by(None).with_only_columns(*columns)
    rows = db.session.execute(counted.group_by(Notice.kind)).all()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}


def void_step(notice_id: int, actor: Actor) -> tuple[int, int]:
    """(change, position) of the void that a notice asks for.  Raises NotFound, NotAllowed, IllegalMove when done."""
    notice = load(Notice, notice_id, actor, Permission.PARCEL_VOID)
    position = open_voids([notice.change_id or 0], actor).get(notice.change_id or 0)
    if notice.change_id is None or position is None:
        raise IllegalMove("There is nothing to void here any more.", code="step_done")
    return notice.change_id, position


def inbox_rows(found: Sequence[Notice], actor: Actor) -> list[InboxRow]:
    """The notices with what they are about."""
    return _Details.load(found, actor).views(found, actor)


@dataclass(frozen=True, slots=True)
class _Details:
    numbers: dict[int, str]
    stores: dict[int, Store]
    changes: dict[int, Change]
    wishes: dict[int, list[tuple[Wish, str | None]]]  # by change
    parts: dict[int, list[PartView]]  # by change: lines that are cancelled
    amendments: dict[int, tuple[Amendment, str | None]]
    memos: dict[int, Memo]
    memo_texts: dict[int, str]
    holds: dict[int, datetime]  # by change
    voids: dict[int, int]  # change → position
    places: dict[int, tuple[str, int | None]]  # by parcel: batch, position in it
    names: dict[int, str]
    refunds: dict[int, tuple[int, str]]  # which wait for a yes → minor units, currency

    @classmethod
    def load(cls, found: Sequence[Notice], actor: Actor) -> _Details:
        change_ids = _ids(n.change_id for n in found)
        changes = {c.id: c for c in _all(select(Change).where(Change.id.in_(change_ids)), actor, Change)}
        memo_ids = _ids(n.memo_id for n in found)
        memos = {m.id: m for m in _all(select(Memo).where(Memo.id.in_(memo_ids)), actor, Memo)}
        numbers = select(Order.id, Order.number).where(Order.id.in_(_ids(n.order_id for n in found)))
        people = _ids([*(n.made_by_id for n in found), *(c.asked_by_id for c in changes.values())])
        return cls(
            numbers=dict(_pairs(numbers, actor, Order)),
            stores={store.id: store for store in staff.stores_of(actor)},
            changes=changes,
            wishes=_wishes(change_ids, actor),
            parts=_parts(list(changes.values())),
            amendments=_amendments(_ids(n.body.get("amendment") for n in found), actor),
            memos=memos,
            memo_texts=orders.masked_memos(list(memos.values()), actor),
            holds=_holds(change_ids, actor),
            voids=open_voids(change_ids, actor),
            places=_places(_ids(n.parcel_id for n in found), actor),
            names=staff.signatures(set(people)),
            refunds=_refunds(_ids(n.body.get("refund") for n in found), actor),
        )

    def views(self, found: Sequence[Notice], actor: Actor) -> list[InboxRow]:
        return [self._view(notice, actor) for notice in found]

    def _view(self, notice: Notice, actor: Actor) -> InboxRow:
        refund_id, sees_money = notice.body.get("refund"), actor.may(Permission.MONEY_READ, notice.store_id)
        change = self.changes.get(notice.change_id or 0)
        memo = self.memos.get(notice.memo_id or 0)
        batch, position = self.places.get(notice.parcel_id or 0, (None, None))
        asked_by = change.asked_as if change else memo.signed if memo else self.names.get(notice.made_by_id or 0)
        return InboxRow(
            notice=notice,
            number=self.numbers[notice.order_id],
            store=self.stores[notice.store_id],
            kind=change.kind if change else None,
            asked_by=asked_by,
            sent_by=self.names.get(notice.made_by_id or 0),
            asked_at=change.opened_at if change else notice.made_at,
            values=tuple(self._values(notice, actor)),
            memo=self.memo_texts.get(memo.id) if memo and notice.role is not Role.WAREHOUSE else None,
            hold_expires_at=self.holds.get(notice.change_id or 0),
            batch=batch,
            position=position,
            is_mine=actor.may(Permission.NOTICE_ANSWER, notice.store_id)
            and actor.acts_as(notice.role, notice.store_id),
            void_position=self.voids.get(notice.change_id or 0) if notice.kind is NoticeKind.VOID else None,
            refund_id=refund_id,
            refunded=self.refunds.get(refund_id or 0) if sees_money else None,
        )

    def _values(self, notice: Notice, actor: Actor) -> Iterable[Value]:
        """Printing sees them clear with the phone masked, everybody else masked, the warehouse nothing personal."""
        is_clear, hides = shows_clear(notice, actor), hides_personal(notice, actor)
        sees_money = actor.may(Permission.MONEY_READ, notice.store_id)
        disputed = self.amendments.get(notice.body.get("amendment") or 0)
        if disputed:
            yield _of_amendment(*disputed, is_clear=is_clear, sees_money=sees_money)
        for part in self.parts.get(notice.change_id or 0, ()):
            yield Value("", part.words)
        older: dict[tuple[int, int | None], Value] = {}
        for wish, title in self.wishes.get(notice.change_id or 0, ()):
            if wish.kind is Kind.CANCEL and not hides:
                older[wish.order_id, None] = Value("", orders.worded(None, wish.new, is_clear=is_clear))
            elif wish.kind is not Kind.CANCEL and not (hides and Field(wish.kind) in PERSONAL):
                first = older.get((wish.order_id, wish.line_id))
                older[wish.order_id, wish.line_id] = _of_wish(
                    wish, title, first, is_clear=is_clear, sees_money=sees_money
                )
        yield from (value for value in older.values() if value.old or value.new or value.amounts)


def _of_wish(wish: Wish, title: str | None, first: Value | None, *, is_clear: bool, sees_money: bool) -> Value:
    """What stood there before the first of several wishes, and what the last one wants."""
    field = Field(wish.kind)
    if field in orders.AMOUNTS:
        amounts = _amounts(field, wish.old, wish.new, None, sees_money=sees_money)
        return Value("", "", title, amounts=(first.amounts[0], *amounts[1:]) if first and first.amounts else amounts)
    old = first.old if first else orders.worded(field, wish.old, is_clear=is_clear)
    return Value(old, orders.worded(field, wish.new, is_clear=is_clear), title)


def _amounts(
    field: Field, old: Personal | None, new: Personal | None, third: Personal | None, *, sees_money: bool
) -> tuple[int | None, int | None, int | None]:
    if not sees_money:
        return (None, None, None)
    was, wanted = orders.minor_in(field, old), orders.minor_in(field, new)
    return was, wanted, orders.minor_in(field, third) if third else None


def _of_amendment(amendment: Amendment, title: str | None, *, is_clear: bool, sees_money: bool) -> Value:
    if amendment.field in orders.AMOUNTS:
        told = (amendment.was, amendment.value, amendment.third)
        amounts = _amounts(amendment.field, *told, sees_money=sees_money)
        return Value("", "", title, "" if amendment.third else None, amounts)
    old, new, third = (
        orders.worded(amendment.field, part, is_clear=is_clear) if part else None
        for part in (amendment.was, amendment.value, amendment.third)
    )
    return Value(old or "", new or "", title, third)


def _ids(given: Iterable[int | None]) -> list[int]:
    return sorted({i for i in given if i})


def _all(statement, actor: Actor, model):
    return db.session.scalars(within(statement, actor, P, model)).all()


def _pairs(statement, actor: Actor, model):
    return [tuple(row) for row in db.session.execute(within(statement, actor, P, model))]


def _wishes(change_ids: list[int], actor: Actor) -> dict[int, list[tuple[Wish, str | None]]]:
    statement = (
        select(ChangeWish.change_id, Wish, OrderLine.title)
        .join(Wish, Wish.id == ChangeWish.wish_id)
        .join(OrderLine, OrderLine.id == Wish.line_id, isouter=True)
        .where(ChangeWish.change_id.in_(change_ids))
        .order_by(Wish.id)
    )
    found: dict[int, list[tuple[Wish, str | None]]] = defaultdict(list)
    for change_id, wish, title in _pairs(statement, actor, ChangeWish):
        found[change_id].append((wish, title))
    return found


def _parts(changes: list[Change]) -> dict[int, list[PartView]]:
    """A statement for each store that has a cancel wish here."""
    cancels: dict[int, list[int]] = defaultdict(list)
    for change in changes:
        if change.kind is Kind.CANCEL:
            cancels[change.store_id].append(change.id)
    found: dict[int, list[PartView]] = defaultdict(list)
    for store_id, ids in cancels.items():
        for part in part_views(ids, store_id):
            found[part.change_id].append(part)
    return found


def _amendments(ids: list[int], actor: Actor) -> dict[int, tuple[Amendment, str | None]]:
    statement = (
        select(Amendment, OrderLine.title)
        .join(OrderLine, OrderLine.id == Amendment.line_id, isouter=True)
        .where(Amendment.id.in_(ids))
    )
    return {amendment.id: (amendment, title) for amendment, title in _pairs(statement, actor, Amendment)}


def _holds(change_ids: list[int], actor: Actor) -> dict[int, datetime]:
    statement = select(Hold.cause_id, Hold.expires_at).where(
        Hold.cause == HoldCause.CHANGE, Hold.cause_id.in_(change_ids), Hold.ended_at.is_(None)
    )
    return dict(_pairs(statement, actor, Hold))


def _refunds(ids: list[int], actor: Actor) -> dict[int, tuple[int, str]]:
    if not ids:
        return {}
    statement = select(Refund.id, Refund.amount_minor, Refund.currency).where(Refund.id.in_(ids))
    return {
        refund_id: (amount_minor, currency) for refund_id, amount_minor, currency in _pairs(statement, actor, Refund)
    }


def _places(parcel_ids: list[int], actor: Actor) -> dict[int, tuple[str, int | None]]:
    statement = select(Parcel.id, Batch.name, Parcel.position).join(Batch, Batch.id == Parcel.batch_id)
    rows = _pairs(statement.where(Parcel.id.in_(parcel_ids)), actor, Parcel)
    return {parcel_id: (name, position) for parcel_id, name, position in rows}
