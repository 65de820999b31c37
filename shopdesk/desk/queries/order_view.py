"""One order whole, as page and API show it: facts, parcels, changes with their steps, memos, customer, timeline.

Order, store, lines, memos … are plain rows with the attributes of their models: to show, never to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shopdesk.cases import queries as cases
from shopdesk.cases.queries import CaseRow
from shopdesk.changes.queries.options import Option, options
from shopdesk.changes.states import ChangeState
from shopdesk.core import clock, memo_text
from shopdesk.core.audit import Event
from shopdesk.core.memo_text import Measure
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.desk.queries import order_rows
from shopdesk.desk.queries.change_view import ChangeView, change_views
from shopdesk.desk.queries.hits import Hit, hits_of_customer
from shopdesk.desk.queries.personal_view import Address, address_of
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.orders.states import Field, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Hold, Parcel, StageFact, Waybill
from shopdesk.parcels.queries import Knowledge, least_advanced
from shopdesk.parcels.states import IN_HOUSE, WAYBILLS_VALID, Stage
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

HANDING = frozenset({"change.assigned", "change.nudged"})  # events that name further people
OTHERS = 10  # other orders of the customer that are shown


@dataclass(frozen=True, slots=True)
class LineView:
    line: OrderLine
    attributes: str | None  # effective
    mirrored_attributes: str | None  # where it differs
    remaining: int  # ordered less cancelled
    share_minor: int | None  # None without money:read
    unit_price_minor: int | None  # effective


@dataclass(frozen=True, slots=True)
class ParcelView:
    parcel: Parcel
    knowledge: Knowledge
    batch: str | None
    holds: tuple[Hold, ...]
    waybills: tuple[Waybill, ...]
    other_order_ids: tuple[int, ...]  # merged with
    warehouse: str
    is_supplied: bool  # that warehouse is a supplier's
    units: int  # of this order; 0 once all of them were taken out
    against: tuple[StageFact, ...]  # what other sources say of its stage, and nobody has decided (D7)
    elsewhere: Mapping[str, tuple[int, str]]  # valid waybill → (id, number) of an order whose parcel has it too


@dataclass(frozen=True, slots=True)
class AmendmentView:
    amendment: Amendment
    old: str  # worded as this person may see it; of an amount ""
    new: str
    old_minor: int | None = None  # of a price or freight; None: nobody told it
    new_minor: int | None = None


@dataclass(frozen=True, slots=True)
class MemoView:
    memo: Memo
    text: str  # references shown masked


@dataclass(frozen=True, slots=True)
class OrderView:
    actor: Actor  # who looks
    order: Order
    store: Store
    stage: Stage
    address: Address  # effective
    mirrored_address: Address | None  # where the desk amended it
    buyer_nick: Personal | None
    sees_money: bool
    sees_personal: bool
    lines: list[LineView]
    amounts: orders.Amounts  # effective
    parcels: list[ParcelView]
    changes: list[ChangeView]  # newest first
    amendments: list[AmendmentView]
    memos: list[MemoView]  # oldest first
    whole_memo: str  # masked
    memo_size: Measure  # of the clear text
    others: list[Hit]
    cases: list[CaseRow]  # newest first, those that this person sees
    reachable: dict[int, datetime]  # parcels that the warehouse can still pull back, and until when
    has_contact: bool  # somebody has to contact the customer

    @property
    def shown_parcel(self) -> ParcelView | None:
        """The least advanced one, whose stage the order shows (M012)."""
        return next((p for p in self.standing or self.parcels if p.parcel.stage is self.stage), None)

    @property
    def standing(self) -> list[ParcelView]:
        """Where units of the order are; none once all of it was taken out of its parcels."""
        return standing(self.parcels)

    @property
    def options(self) -> list[Option]:
        """What the person may do with the order now."""
        opened = {c.change.kind: c.change.id for c in self.open_changes}
        return options(
            self.order,
            [p.parcel for p in self.standing],
            self.actor,
            is_gone=bool(self.parcels),
            stale=self.stale,
            open_changes=opened,
            reachable=self.reachable,
        )

    @property
    def stale(self) -> list[int]:
        """Ids of parcels whose stage is not to be trusted."""
        marked_at = self.order.marked_shipped_at
        return [p.parcel.id for p in self.parcels if p.knowledge.leaves_doubt(marked_at)]

    @property
    def open_changes(self) -> list[ChangeView]:
        return [c for c in self.changes if c.change.state is ChangeState.OPEN]


def order_view(order_id: int, actor: Actor) -> OrderView:
    """Everything of one order that this person may see.  Raises NotFound."""
    top = order_rows.top_of(order_id, actor)
    store = top.store
    order = top.order._replace(readiness=_readiness(top.order, store))
    amended = order_rows.AMENDMENTS.in_store(store.id, order_id=order_id) if top.has_amendments else []
    amendments = [a for a in amended if a.ended_at is None]
    sees_personal = actor.may(Permission.PERSONAL_READ, store.id)
    sees_money = actor.may(Permission.MONEY_READ, store.id)
    parcel_views = _parcels(order_id, top)
    lines = order_rows.LINES.in_store(store.id, order_id=order_id)
    amounts = orders.effective_amounts(order, lines, amendments)
    memos = order_rows.MEMOS.in_store(store.id, order_id=order_id) if top.has_memos else []
    texts = [memo.text.reveal("to fill in its references") for memo in memos]
    by_id = {a.id: a for a in amended}
    masked = orders.written_lines(texts, by_id)
    whole = orders.composed_memo(order, orders.written_lines(texts, by_id, clear="to count it"))
    return OrderView(
        actor=actor,
        order=order,
        store=store,
        stage=_stage(parcel_views),
        address=address_of(_effective_address(order, amendments), is_clear=sees_personal),
        mirrored_address=_mirrored(order, amendments, is_clear=sees_personal),
        buyer_nick=order.buyer_nick,
        sees_money=sees_money,
        sees_personal=sees_personal,
        lines=_lines(lines, amendments, amounts, sees_money=sees_money),
        amounts=amounts,
        parcels=parcel_views,
        changes=change_views(order, actor) if top.has_changes else [],
        amendments=_amendments(amendments, is_clear=sees_personal),
        memos=[MemoView(m, text) for m, text in zip(memos, masked, strict=True)],
        whole_memo=orders.composed_memo(order, masked),
        memo_size=memo_text.measure(whole, str(store.platform)),
        others=_others(order, actor) if top.has_others else [],
        cases=cases.of_order(order_id, store.id, actor) if top.has_cases else [],
        reachable=_reachable(parcel_views, store),
        has_contact=top.has_contact,
    )


def standing(views: Sequence[ParcelView]) -> list[ParcelView]:
    """The parcels in which units of the order stand: a voided one keeps its own, of any other they were taken out."""
    return [view for view in views if view.units]


def _stage(views: Sequence[ParcelView]) -> Stage:
    """Of what is left of the order; voided once all of it was taken out of its parcels."""
    there = [view.parcel.stage for view in standing(views)]
    return least_advanced(there) if there or not views else Stage.VOIDED


def _reachable(views: list[ParcelView], store: Store) -> dict[int, datetime]:
    found = {view.parcel.id: parcels.pull_back_until(view.parcel, store) for view in views}
    return {parcel_id: until for parcel_id, until in found.items() if until is not None}


def _readiness(order: Order, store: Store) -> Readiness:
    return orders.readiness_now(order.readiness, order.ready_on, order.status, store.zone)


@dataclass(frozen=True, slots=True)
class Past:
    """What happened to an order, and the names of those who did it."""

    events: list[Event]  # newest first
    facts: list[StageFact]  # oldest first
    signatures: dict[int, str]


def past_of(view: OrderView) -> Past:
    """The timeline of an order that was found through the scope."""
    there = {"store_id": view.store.id, "order_id": view.order.id}
    events = order_rows.EVENTS.in_store(**there)
    facts = order_rows.FACTS.in_store(**there)
    return Past(list(events), list(facts), staff.signatures(_people(events, view)))


def _people(events: Sequence[Event], view: OrderView) -> set[int]:
    found = {e.actor_id for e in events} | {m.memo.made_by_id for m in view.memos}
    found |= {step.done_by_id for c in view.changes for step in c.steps} | {c.change.asked_by_id for c in view.changes}
    found |= {c.change.follower_id for c in view.changes} | {s.person_id for c in view.changes for s in c.steps}
    for notice in (n for c in view.changes for n in c.nudges):
        found |= {notice.made_by_id, notice.person_id, notice.answered_by_id}
    found |= {(e.body or {}).get(name) for e in events if e.action in HANDING for name in ("was", "person")}
    found |= {view.order.readiness_by_id}
    found |= {person for c in view.changes for m in c.messages for person in (m.sent_by_id, m.answered_by_id)}
    return {person for person in found if person}


def _effective_address(order: Order, amendments: list[Amendment]) -> dict[str, Any]:
    ours = next((a for a in amendments if a.field is Field.ADDRESS), None)
    return orders.value_of(ours) if ours else orders.mirrored_address(order)


def _mirrored(order: Order, amendments: list[Amendment], *, is_clear: bool) -> Address | None:
    if not any(a.field is Field.ADDRESS for a in amendments):
        return None
    return address_of(orders.mirrored_address(order), is_clear=is_clear)


def _lines(
    lines: Sequence[OrderLine], amendments: list[Amendment], amounts: orders.Amounts, *, sees_money: bool
) -> list[LineView]:
    amended = {a.line_id: a for a in amendments if a.field is Field.ATTRIBUTE}
    found = []
    for line in lines:
        ours = orders.value_of(amended[line.id])["attributes"] if line.id in amended else None
        found.append(
            LineView(
                line=line,
                attributes=ours or line.attributes,
                mirrored_attributes=line.attributes if ours and ours != line.attributes else None,
                remaining=line.quantity - line.cancelled,
                share_minor=line.share_minor if sees_money else None,
                unit_price_minor=amounts.unit_prices_minor[line.id],
            )
        )
    return found


def _parcels(order_id: int, top: order_rows.Top) -> list[ParcelView]:
    store = top.store
    there = order_rows.parcels_of(order_id, store.id)
    held = any(p.parcel.holds for p in there)
    holds = order_rows.HOLDS.in_store(store.id, order_id=order_id) if held else ()
    doubted = any(p.has_contradiction for p in there)
    against = parcels.undecided(order_rows.FACTS.in_store(store.id, order_id=order_id)) if doubted else []
    elsewhere = _elsewhere(there, store.id)
    now, rhythm = clock.now(), timedelta(minutes=store.rhythm_minutes)
    return [
        ParcelView(
            parcel=p.parcel,
            knowledge=parcels.knowledge_from(p.parcel, top.feed, rhythm=rhythm, now=now),
            batch=p.batch,
            holds=tuple(h for h in holds if h.parcel_id == p.parcel.id),
            waybills=tuple(p.waybills.values()),
            other_order_ids=tuple(sorted(p.order_ids - {order_id})),
            warehouse=p.warehouse,
            is_supplied=p.is_supplied,
            units=p.units,
            against=tuple(f for f in against if f.parcel_id == p.parcel.id),
            elsewhere={w.number: elsewhere[w.number] for w in _valid(p) if w.number in elsewhere},
        )
        for p in there
    ]


def _valid(there: order_rows.Packed) -> list[Waybill]:
    return [w for w in there.waybills.values() if w.state in WAYBILLS_VALID]


def _elsewhere(there: Sequence[order_rows.Packed], store_id: int) -> dict[str, tuple[int, str]]:
    """Of parcels that may still be scanned; nothing is read where none has a waybill."""
    here = [p for p in there if p.parcel.stage in IN_HOUSE]
    numbers = [w.number for p in here for w in _valid(p)]
    return parcels.waybills_elsewhere(numbers, but=[p.parcel.id for p in there], store_id=store_id)


def _amendments(amendments: list[Amendment], *, is_clear: bool) -> list[AmendmentView]:
    return [
        AmendmentView(
            a,
            orders.worded(a.field, a.was, is_clear=is_clear),
            orders.worded(a.field, a.value, is_clear=is_clear),
            orders.minor_in(a.field, a.was),
            orders.minor_in(a.field, a.value),
        )
        for a in amendments
    ]


def _others(order: Order, actor: Actor) -> list[Hit]:
    """Other orders of the same buyer, newest first."""
    if order.customer_id is None:
        return []
    return hits_of_customer(order.customer_id, but=order.id, most=OTHERS, actor=actor)
