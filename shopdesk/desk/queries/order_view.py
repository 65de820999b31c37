"""One order whole, as page and API show it: facts, parcels, changes with their steps, memos, customer, timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from shopdesk.changes.queries.options import Option, options
from shopdesk.changes.states import ChangeState
from shopdesk.core import clock, memo_text
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.memo_text import Measure
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.core.scope import load, within
from shopdesk.desk.queries.change_view import ChangeView, change_views
from shopdesk.desk.queries.hits import Hit, hits_of
from shopdesk.desk.queries.personal_view import Address, address_of
from shopdesk.feeds.queries import stage_feed
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Hold, Parcel, StageFact, Waybill
from shopdesk.parcels.queries import Knowledge, least_advanced
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

OTHERS = 10  # other orders of the customer that are shown
EVENTS = 100  # of the timeline


@dataclass(frozen=True, slots=True)
class LineView:
    line: OrderLine
    attributes: str | None  # effective
    mirrored_attributes: str | None  # where it differs
    remaining: int  # ordered less cancelled
    share_minor: int | None  # None without money:read


@dataclass(frozen=True, slots=True)
class ParcelView:
    parcel: Parcel
    knowledge: Knowledge
    batch: str | None
    holds: tuple[Hold, ...]
    waybills: tuple[Waybill, ...]
    other_order_ids: tuple[int, ...]  # merged with


@dataclass(frozen=True, slots=True)
class AmendmentView:
    amendment: Amendment
    old: str  # worded as this person may see it
    new: str


@dataclass(frozen=True, slots=True)
class MemoView:
    memo: Memo
    text: str  # references shown masked


@dataclass(frozen=True, slots=True)
class OrderView:
    order: Order
    store: Store
    stage: Stage
    address: Address  # effective
    mirrored_address: Address | None  # where the desk amended it
    buyer_nick: Personal | None
    sees_money: bool
    sees_personal: bool
    lines: list[LineView]
    parcels: list[ParcelView]
    changes: list[ChangeView]  # newest first
    amendments: list[AmendmentView]
    memos: list[MemoView]  # oldest first
    whole_memo: str  # masked
    memo_size: Measure  # of the clear text
    options: list[Option]
    others: list[Hit]
    events: list[Event]  # newest first
    facts: list[StageFact]  # oldest first
    signatures: dict[int, str]

    @property
    def shown_parcel(self) -> ParcelView | None:
        """The least advanced one, whose stage the order shows (M012)."""
        return next((p for p in self.parcels if p.parcel.stage is self.stage), None)

    @property
    def open_changes(self) -> list[ChangeView]:
        return [c for c in self.changes if c.change.state is ChangeState.OPEN]


def order_view(order_id: int, actor: Actor) -> OrderView:
    """Everything of one order that this person may see.  Raises NotFound."""
    order = load(Order, order_id, actor, Permission.ORDER_READ)
    store = staff.store_by_id(order.store_id)
    there = parcels.parcels_of_order(order.id, store.id)
    parcel_views = _parcels(order, there, store, actor)
    amendments = orders.active_amendments(order.id, store.id)
    sees_personal = actor.may(Permission.PERSONAL_READ, store.id)
    sees_money = actor.may(Permission.MONEY_READ, store.id)
    changes = change_views(order, actor)
    memos = orders.memos(order.id, store.id)
    events = _events(order, actor)
    stale = [view.parcel.id for view in parcel_views if view.knowledge.is_stale]
    open_by_kind = {c.change.kind: c.change.id for c in changes if c.change.state is ChangeState.OPEN}
    people = {e.actor_id for e in events if e.actor_id} | {m.made_by_id for m in memos if m.made_by_id}
    people |= {step.done_by_id for c in changes for step in c.steps if step.done_by_id}
    people |= {c.change.asked_by_id for c in changes if c.change.asked_by_id}
    return OrderView(
        order=order,
        store=store,
        stage=least_advanced([p.stage for p in there]),
        address=address_of(orders.effective_value(order, Field.ADDRESS, None), is_clear=sees_personal),
        mirrored_address=_mirrored(order, amendments, is_clear=sees_personal),
        buyer_nick=order.buyer_nick,
        sees_money=sees_money,
        sees_personal=sees_personal,
        lines=_lines(order, amendments, sees_money=sees_money),
        parcels=parcel_views,
        changes=changes,
        amendments=_amendments(amendments, is_clear=sees_personal),
        memos=[MemoView(m, text) for m, text in zip(memos, orders.memo_lines(order), strict=True)],
        whole_memo=orders.whole_memo(order),
        memo_size=memo_text.measure(orders.whole_memo(order, clear="to count it"), str(store.platform)),
        options=options(order, there, actor, stale=stale, open_changes=open_by_kind),
        others=_others(order, actor),
        events=events,
        facts=parcels.facts([p.id for p in there], store.id),
        signatures=staff.signatures({p for p in people if p}),
    )


def _mirrored(order: Order, amendments: list[Amendment], *, is_clear: bool) -> Address | None:
    if not any(a.field is Field.ADDRESS for a in amendments):
        return None
    return address_of(orders.mirrored_address(order), is_clear=is_clear)


def _lines(order: Order, amendments: list[Amendment], *, sees_money: bool) -> list[LineView]:
    amended = {a.line_id: a for a in amendments if a.field is Field.ATTRIBUTE}
    found = []
    for line in orders.lines(order.id, order.store_id):
        ours = orders.value_of(amended[line.id])["attributes"] if line.id in amended else None
        found.append(
            LineView(
                line=line,
                attributes=ours or line.attributes,
                mirrored_attributes=line.attributes if ours and ours != line.attributes else None,
                remaining=line.quantity - line.cancelled,
                share_minor=line.share_minor if sees_money else None,
            )
        )
    return found


def _parcels(order: Order, there: list[Parcel], store: Store, actor: Actor) -> list[ParcelView]:
    ids = [p.id for p in there]
    holds, waybills = parcels.open_holds(ids, store.id), parcels.waybills(ids, store.id)
    rows = parcels.parcel_lines(ids, store.id)
    batches = parcels.batch_names({p.batch_id for p in there if p.batch_id}, actor)
    feed, now, rhythm = stage_feed(store.id), clock.now(), timedelta(minutes=store.rhythm_minutes)
    return [
        ParcelView(
            parcel=p,
            knowledge=parcels.knowledge_from(p, feed, rhythm=rhythm, now=now),
            batch=batches.get(p.batch_id) if p.batch_id else None,
            holds=tuple(h for h in holds if h.parcel_id == p.id),
            waybills=tuple(w for w in waybills if w.parcel_id == p.id),
            other_order_ids=tuple(sorted({r.order_id for r in rows if r.parcel_id == p.id} - {order.id})),
        )
        for p in there
    ]


def _amendments(amendments: list[Amendment], *, is_clear: bool) -> list[AmendmentView]:
    return [
        AmendmentView(
            a, orders.worded(a.field, a.was, is_clear=is_clear), orders.worded(a.field, a.value, is_clear=is_clear)
        )
        for a in amendments
    ]


def _others(order: Order, actor: Actor) -> list[Hit]:
    """Other orders of the same buyer, newest first."""
    if order.customer_id is None:
        return []
    statement = select(Order.id).where(Order.customer_id == order.customer_id, Order.id != order.id)
    scoped = within(statement, actor, Permission.ORDER_READ, Order).order_by(Order.id.desc()).limit(OTHERS)
    return hits_of(list(db.session.scalars(scoped)), actor)


def _events(order: Order, actor: Actor) -> list[Event]:
    statement = select(Event).where(Event.order_id == order.id, Event.chain == order.store_id)
    return list(db.session.scalars(statement.order_by(Event.id.desc()).limit(EVENTS)))
