"""仓库看板: what the warehouses of some stores have to fetch, must not send, and should look at.

Positions, kinds and times only: nothing of a buyer, nothing that a customer wrote.  A board asks every second or so;
`version` is one read by key, and only where it has moved the rest is read (docs/performance.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import inf
from typing import Any

from sqlalchemy import bindparam, exists, func, select

from shopdesk.changes.models import Change, RefundApplication, Step
from shopdesk.changes.states import CANCELLING, ApplicationState, Kind, StepState
from shopdesk.core.audit import DESK, EventHead
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.reading import Reading
from shopdesk.orders.models import Order
from shopdesk.orders.states import Flag
from shopdesk.parcels.models import Batch, Hold, Parcel, ParcelLine, Recall, Stop, Waybill
from shopdesk.parcels.states import (
    RECALLS_OPEN,
    WAYBILLS_VALID,
    HoldCause,
    RecallKind,
    RecallState,
    Stage,
    StopScope,
)
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Warehouse, WarehouseKind

P = Permission.PARCEL_PACK
MOST_CARDS = 24  # a wall shows no more; the figure beside the heading counts all
MOST_ROWS = 12
MOST_READ = 400
#: What lies in the warehouse's hands.
AT_HAND = (Stage.PRINTED, Stage.PACKED)

Version = tuple[tuple[int, int, str], ...]  # chain, seq and hash of its newest event
Tails = dict[int, tuple[str, str]]  # parcel → the ends of its waybill and of its order's number


@dataclass(frozen=True, slots=True)
class Why:
    """One change that wants the parcel; `holder` has it, `found_at` the warehouse."""

    kind: Kind
    asked_as: str
    state: RecallState
    requested_at: datetime
    found_at: datetime | None
    handed_out_at: datetime | None
    holder: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """A parcel to fetch, or out: one card, whatever wants it."""

    parcel_id: int
    place: str  # batch · position; "" where the desk does not know
    waybill_tail: str
    order_tail: str  # of the order whose parcel it first was: what papers without batch and waybill are found by
    stage: Stage
    what: RecallKind
    whys: tuple[Why, ...]
    until: datetime | None  # of a pull-back
    due_at: datetime | None  # when the hold runs out
    is_refunded: bool = False  # 退款后未拦下: the money is back, and the goods may still leave

    @property
    def is_pull_back(self) -> bool:
        return self.until is not None and self.stage is Stage.SHIPPED

    @property
    def is_asked(self) -> bool:
        """Somebody has to go and look; what was found for one wish is found for the next one too."""
        asked = [why for why in self.whys if why.state is RecallState.REQUESTED]
        return bool(asked) and all(why.found_at is None for why in asked)

    @property
    def is_out(self) -> bool:
        return all(why.state is RecallState.HANDED_OUT for why in self.whys)

    @property
    def since(self) -> datetime:
        """Since when it waits as it is."""
        if self.is_asked:
            return min(why.requested_at for why in self.whys)
        return max(why.handed_out_at or why.found_at or why.requested_at for why in self.whys)


@dataclass(frozen=True, slots=True)
class Watched:
    """A parcel that must not go, or that carries a flag; `kinds` say why."""

    place: str
    waybill_tail: str
    order_tail: str
    kinds: tuple[Kind, ...]
    flag: Flag = Flag.NONE


@dataclass(frozen=True, slots=True)
class Stopped:
    """A stop and how many parcels it holds."""

    scope: StopScope
    named: str
    parcels: int


@dataclass(frozen=True, slots=True)
class Board:
    cards: tuple[Card, ...]
    held: tuple[Watched, ...]
    stops: tuple[Stopped, ...]
    flagged: tuple[Watched, ...]

    @property
    def next_until(self) -> datetime | None:
        """When the next pull-back is out of time."""
        return min((card.until for card in self.cards if card.until and card.is_pull_back), default=None)


_NEWEST = select(EventHead.chain, EventHead.seq, EventHead.hash).order_by(EventHead.chain)
_HEADS = PlainRows(_NEWEST.where(EventHead.chain.in_(bindparam("stores", expanding=True))))
_ALL_HEADS = PlainRows(_NEWEST)
_AT = (Parcel.id, Parcel.stage, Parcel.position, Batch.name.label("batch"))
#: What a supplier sends is in no hand of ours: they are asked by messages.
_OURS = Parcel.warehouse_id.in_(select(Warehouse.id).where(Warehouse.kind != WarehouseKind.SUPPLIER))
#: The platform has given the money back, and the goods may still leave.
_REFUNDED = exists().where(
    RefundApplication.change_id == Change.id, RefundApplication.state == ApplicationState.REFUNDED
) & exists().where(Step.change_id == Change.id, Step.code.in_(CANCELLING), Step.state == StepState.OPEN)
_RECALLS = Reading(
    select(
        *_AT,
        Recall.kind.label("what"),
        Recall.state,
        Recall.requested_at,
        Recall.until,
        Recall.found_at,
        Recall.handed_out_at,
        Recall.handed_to_id,
        Change.id.label("change_id"),
        Change.kind,
        Change.asked_as,
        _REFUNDED.label("is_refunded"),
    )
    .select_from(Recall)
    .join(Parcel, Parcel.id == Recall.parcel_id)
    .join(Change, Change.id == Recall.change_id)
    .outerjoin(Batch, Batch.id == Parcel.batch_id)
    .where(Recall.state.in_(RECALLS_OPEN), _OURS)
    .order_by(Recall.id)
    .limit(MOST_READ),
    Recall.store_id,
)
_HELD = Reading(
    select(*_AT, Hold.expires_at, Change.kind)
    .select_from(Hold)
    .join(Parcel, Parcel.id == Hold.parcel_id)
    .join(Change, Change.id == Hold.cause_id)
    .outerjoin(Batch, Batch.id == Parcel.batch_id)
    .where(Hold.ended_at.is_(None), Hold.cause == HoldCause.CHANGE, Parcel.stage.in_(AT_HAND), _OURS)
    .order_by(Hold.expires_at, Hold.id)
    .limit(MOST_READ),
    Hold.store_id,
)
_STOPS = Reading(
    select(
        Stop.id,
        Stop.scope,
        Stop.sku,
        Stop.carrier,
        Stop.region,
        Batch.name.label("batch"),
        func.count(Hold.id).label("n"),
    )
    .select_from(Stop)
    .outerjoin(Hold, (Hold.cause == HoldCause.STOP) & (Hold.cause_id == Stop.id) & Hold.ended_at.is_(None))
    .outerjoin(Batch, Batch.id == Stop.batch_id)
    .where(Stop.ended_at.is_(None))
    .group_by(Stop.id, Stop.scope, Stop.sku, Stop.carrier, Stop.region, Batch.name)
    .order_by(func.count(Hold.id).desc(), Stop.id.desc())  # first what holds something
    .limit(MOST_ROWS),
    Stop.store_id,
)
_FLAGGED = Reading(
    select(*_AT, Order.flag)
    .select_from(Parcel)
    .join(ParcelLine, ParcelLine.parcel_id == Parcel.id)
    .join(Order, Order.id == ParcelLine.order_id)
    .outerjoin(Batch, Batch.id == Parcel.batch_id)
    .where(Parcel.stage.in_(AT_HAND), Order.flag != Flag.NONE, _OURS)
    .order_by(Parcel.id)
    .limit(MOST_READ),
    Parcel.store_id,
)
_DONE = Reading(
    select(Change.parcel_id, Change.kind)
    .where(Change.parcel_id.in_(bindparam("ids", expanding=True)), Change.released_at.is_not(None))
    .order_by(Change.id),
    Change.store_id,
)
_NUMBERS = Reading(
    select(ParcelLine.parcel_id, Order.number)
    .join(Order, Order.id == ParcelLine.order_id)
    .where(ParcelLine.parcel_id.in_(bindparam("ids", expanding=True)))
    .order_by(ParcelLine.id.desc()),
    ParcelLine.store_id,
)
_WAYBILLS = Reading(
    select(Waybill.parcel_id, Waybill.number)
    .where(Waybill.parcel_id.in_(bindparam("ids", expanding=True)), Waybill.state.in_(WAYBILLS_VALID))
    .order_by(Waybill.id),
    Waybill.store_id,
)


def version(stores: tuple[int, ...]) -> Version:
    """The newest event of each store and of the desk: while they stand, so does everything that a command writes."""
    return tuple((row.chain, row.seq, row.hash) for row in _HEADS.rows(stores=(DESK, *stores)))


def heads() -> dict[int, tuple[int, str]]:
    """Chain → (seq, hash) of its newest event, of the desk and of every store."""
    return {row.chain: (row.seq, row.hash) for row in _ALL_HEADS.rows()}


def board(actor: Actor) -> Board:
    """All that the boards of this person's stores show; as many statements whatever there is."""
    recalls = _RECALLS.rows(actor, P)
    held = _HELD.rows(actor, P)
    flagged = _FLAGGED.rows(actor, P)
    ids = sorted({row.id for rows in (recalls, held, flagged) for row in rows})
    tails = _tails(actor, ids)
    names = staff.signatures({row.handed_to_id for row in recalls if row.handed_to_id})
    due = {row.id: row.expires_at for row in reversed(held)}
    called = {row.id for row in recalls}
    return Board(
        cards=_cards(recalls, due, tails, names),
        held=_held([row for row in held if row.id not in called], tails),
        stops=tuple(Stopped(row.scope, _named(row), row.n) for row in _STOPS.rows(actor, P)),
        flagged=_flagged(flagged, _kinds(actor, sorted({row.id for row in flagged})), tails),
    )


def _tails(actor: Actor, ids: list[int]) -> Tails:
    if not ids:
        return {}
    orders = {row.parcel_id: row.number[-4:] for row in _NUMBERS.rows(actor, P, ids=ids)}
    waybills = {row.parcel_id: row.number[-4:] for row in _WAYBILLS.rows(actor, P, ids=ids)}
    return {parcel_id: (waybills.get(parcel_id, ""), orders.get(parcel_id, "")) for parcel_id in ids}


def _cards(rows: Sequence[Any], due: dict[int, datetime], tails: Tails, names: dict[int, str]) -> tuple[Card, ...]:
    by_parcel: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        by_parcel[row.id].append(row)
    made = [_card(mine, due.get(parcel_id), tails, names) for parcel_id, mine in by_parcel.items()]
    return tuple(sorted(made, key=_rank))


def _card(rows: list[Any], due_at: datetime | None, tails: Tails, names: dict[int, str]) -> Card:
    first = rows[0]
    parcel = any(row.what is RecallKind.PARCEL for row in rows)
    whys = tuple(
        Why(row.kind, row.asked_as, row.state, row.requested_at, row.found_at, row.handed_out_at,
            names.get(row.handed_to_id or 0))
        for row in rows
    )  # fmt: skip
    until = min((row.until for row in rows if row.until), default=None)
    return Card(
        first.id, place(first), *tails[first.id], first.stage,
        RecallKind.PARCEL if parcel else RecallKind.PAPERS, whys, until, due_at,
        any(row.is_refunded for row in rows),
    )  # fmt: skip


def _rank(card: Card) -> tuple[bool, bool, bool, float]:
    """The alarms, then what somebody has to fetch before what is out; the shortest time first."""
    end = card.until if card.is_pull_back else card.due_at
    return (not card.is_refunded, not card.is_asked, card.is_out, end.timestamp() if end else inf)


def _held(rows: Sequence[Any], tails: Tails) -> tuple[Watched, ...]:
    kinds: dict[int, dict[Kind, None]] = defaultdict(dict)
    for row in rows:
        kinds[row.id][row.kind] = None
    first = {row.id: row for row in reversed(rows)}
    return tuple(Watched(place(first[i]), *tails[i], tuple(kinds[i])) for i in kinds)


def _flagged(rows: Sequence[Any], kinds: dict[int, tuple[Kind, ...]], tails: Tails) -> tuple[Watched, ...]:
    """Of a merged parcel the first flag that stands for something."""
    first = {row.id: row for row in reversed(rows)}
    there = [Watched(place(row), *tails[i], kinds.get(i, ()), row.flag) for i, row in first.items()]
    return tuple(sorted(there, key=lambda found: (list(Flag).index(found.flag), found.place, found.waybill_tail)))


def _kinds(actor: Actor, ids: list[int]) -> dict[int, tuple[Kind, ...]]:
    """What was changed about them."""
    found: dict[int, dict[Kind, None]] = defaultdict(dict)
    for row in _DONE.rows(actor, P, ids=ids) if ids else ():
        found[row.parcel_id][row.kind] = None
    return {parcel_id: tuple(kinds) for parcel_id, kinds in found.items()}


def place(row: Any) -> str:
    """Batch · position, as it stands on the papers."""
    if not row.batch:
        return ""
    return f"{row.batch} · {row.position:02d}" if row.position else str(row.batch)


def _named(row: Any) -> str:
    return " · ".join(part for part in (row.sku, row.carrier, row.region, row.batch) if part)
