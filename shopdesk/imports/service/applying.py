"""One order as a feed tells it, onto the desk: mirrored values, parcel, waybills, facts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shopdesk.changes import service as changes
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.imports.readers.records import SaleRecord
from shopdesk.orders import service as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Mirrored, Sale, SaleLine
from shopdesk.orders.states import LineKind, OrderStatus
from shopdesk.parcels import queries as parcel_queries
from shopdesk.parcels import service as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff.models import Store

Waybills = Sequence[tuple[str, str | None]]


def as_sale(record: SaleRecord) -> Sale:
    """What the reader found, in the words of orders."""
    lines = tuple(
        SaleLine(
            key=line.key, quantity=line.quantity, title=line.title, sku=line.sku, item_code=line.item_code,
            attributes=line.attributes, unit_price_minor=line.unit_price_minor,
            share_given_minor=line.paid_share_minor, refund_state=line.refund_state, kind=LineKind(line.kind),
        )
        for line in record.lines
    )  # fmt: skip
    return Sale(
        number=record.number, status=OrderStatus(record.status) if record.status else None,
        status_given=record.platform_status, buyer_id=record.buyer_id, buyer_nick=record.buyer_id,
        placed_at=record.placed_at, paid_at=record.paid_at, marked_shipped_at=record.shipped_at,
        goods_minor=record.goods_minor, shipping_minor=record.shipping_minor, total_minor=record.total_minor,
        paid_minor=record.paid_minor, received_minor=record.received_minor, recipient_name=record.recipient_name,
        phone=record.phone, province=record.province, city=record.city, district=record.district,
        street_address=record.street or record.address_text, zip=record.zip, carrier=record.carrier,
        invoice_title=record.invoice_title, buyer_message=record.buyer_message, platform_memo=record.platform_memo,
        platform_flag=record.platform_flag, lines=lines, lines_complete=record.lines_complete,
        has_list=record.has_list, unit_count=record.unit_count, titles=record.titles,
        refunding=record.refunding if any(line.refund_state for line in record.lines) else None,
    )  # fmt: skip


@command
def apply_sale(
    store: Store,
    sale: Sale,
    waybills: Waybills,
    *,
    as_of: datetime,
    origin: str,
    source: Source,
    actor: Actor,
    lines_as_of: datetime | None = None,
) -> Mirrored:
    """Mirror one order and see to its parcel; the caller records the event.

    What is no waybill is not kept as one: `not_waybills` of the answer names it.  One that another parcel has is kept,
    and `shared_waybills` says whose.
    `lines_as_of`: when another file told the lines, if one did.
    """
    done = orders.mirror(store, sale, as_of=as_of, source=origin, lines_as_of=lines_as_of)
    order = done.order
    there = parcels.cover(store, order, source=source, origin=origin, as_of=as_of)
    stages = [parcel.stage for parcel in there]
    done.not_waybills = parcel_queries.other_meanings([number for number, _ in waybills], store.id)
    told = [(parcel_queries.scanned(number), carrier) for number, carrier in waybills
            if number not in done.not_waybills]  # fmt: skip
    waybills = [one for one in told if one[0]]
    done.shared_waybills = _keep_waybills(
        store, order, waybills, as_of=as_of, origin=origin, source=source, actor=actor
    )
    _tell_stage(order, sale, as_of=as_of, origin=origin, source=source, actor=actor)
    if not waybills and _speaks_of_unprinted(sale):
        for parcel in there:
            parcels.mark_known(parcel, as_of, source=source, origin=origin, only_if=Stage.UNPRINTED)
    if [parcel.stage for parcel in there] != stages:
        done.has_changed = True  # also where the file tells nothing else that is new
        done.outcome = "updated" if done.outcome == "unchanged" else done.outcome
    changes.after_mirroring(done, actor=actor)
    return done


def _speaks_of_unprinted(sale: Sale) -> bool:
    """An order file, also one of details whose rows say so, counts as "unprinted as far as known" at its as_of (D4)."""
    return sale.status in {OrderStatus.UNPAID, OrderStatus.PAID}


def _keep_waybills(
    store: Store, order: Order, waybills: Waybills, *, as_of: datetime, origin: str, source: Source, actor: Actor
) -> dict[str, str]:
    """A waybill in the row says `printed`, at a time that nobody told, not after as_of (domain.md §8).

    With several parcels nobody says whose it is: all are kept on the first that is still alive.  Those that another
    parcel has too → the number of its order.
    """
    if not waybills:
        return {}
    home = next((p for p in parcel_queries.parcels_of_order(order.id, store.id) if p.stage is not Stage.VOIDED), None)
    if home is None:
        return {}
    parcel = parcel_queries.locked_parcels([home.id], store.id)[0]
    elsewhere = parcel_queries.waybills_elsewhere([n for n, _ in waybills], but=[parcel.id], store_id=store.id)
    for number, carrier in waybills:
        if number in elsewhere and elsewhere[number][0] == order.id:
            continue  # it is known which of the order's own parcels has it
        parcels.add_waybill(parcel, order, number, carrier, is_electronic=store.electronic_waybills)
    report = Report(stage=Stage.PRINTED, happened_at=None, as_of=as_of, source=source, origin=origin)
    changes.record_fact(parcel, report, actor=actor)
    return {number: other for number, (other_id, other) in elsewhere.items() if other_id != order.id}


def _tell_stage(order: Order, sale: Sale, *, as_of: datetime, origin: str, source: Source, actor: Actor) -> None:
    """交易成功 says `delivered`; the platform's shipped mark moves no stage until it is a day old (domain.md §8).

    Of a voided parcel it says so only when no other is left that could have been delivered.
    """
    if sale.status is not OrderStatus.DONE:
        return
    ids = [p.id for p in parcel_queries.parcels_of_order(order.id, order.store_id)]
    there = parcel_queries.locked_parcels(ids, order.store_id)
    all_voided = all(p.stage is Stage.VOIDED for p in there)
    for parcel in there:
        if parcel.stage is not Stage.VOIDED or all_voided:
            report = Report(stage=Stage.DELIVERED, happened_at=None, as_of=as_of, source=source, origin=origin)
            changes.record_fact(parcel, report, actor=actor)


@command
def put_order(store: Store, sale: Sale, waybills: Waybills, *, as_of: datetime, origin: str, actor: Actor) -> Mirrored:
    """One order from the shop's own system; an `as_of` in the future counts as now (D1).

    It says nothing of the store's other orders: `note_orders_feed` is for who told them all.

    Raises NotAllowed, RuleViolation (`not_a_waybill`); the other values were checked by their schema.
    """
    require(actor, Permission.IMPORT_WRITE, store.id)
    as_of = min(as_of, clock.now())
    done = apply_sale(store, sale, waybills, as_of=as_of, origin=origin, source=Source.API, actor=actor)
    for number, is_a in done.not_waybills.items():
        raise parcels.not_a_waybill(number, is_a)
    feeds.note(store, FeedKind.ORDERS, origin, as_of=as_of)
    audit.record(
        "order.mirrored", "order", done.order.id, actor, store_id=store.id, order_id=done.order.id,
        outcome=done.outcome, origin=origin,
    )  # fmt: skip
    db.session.flush()
    return done


@command
def note_orders_feed(store: Store, origin: str, *, as_of: datetime, actor: Actor) -> None:
    """A source has told every order of the store that it has, as of `as_of`; after the last of them."""
    require(actor, Permission.IMPORT_WRITE, store.id)
    feed = feeds.note(store, FeedKind.ORDERS, origin, as_of=as_of, covers="store")
    audit.record("feed.noted", "feed", feed.id, actor, store_id=store.id, origin=origin, covers="store")
