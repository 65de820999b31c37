"""Writing down what a feed says about an order; never what the desk decided (domain.md §2, §3a)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from shopdesk.core import clock, flags, masking
from shopdesk.core.db import command, db, found_or_made, part
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import in_store
from shopdesk.core.text import fold
from shopdesk.customers.models import Customer
from shopdesk.orders import rules
from shopdesk.orders.models import Memo, Order, OrderLine
from shopdesk.orders.service import keys
from shopdesk.orders.service.comparing import Contradiction, compare_amendments
from shopdesk.orders.service.lines import Cut, cut_of, cuts_of_lines, fitting, mirror_lines
from shopdesk.orders.service.same_time import line_fields_left, order_fields_left
from shopdesk.orders.service.sharing import fix_shares
from shopdesk.orders.service.told import SaleLine
from shopdesk.orders.states import OrderStatus, Readiness, RefundWord, refund_word
from shopdesk.staff.models import Store

#: Fields that are copied as they are: name in Sale = name in Order.
COPIED = (
    "goods_minor", "placed_at", "paid_at", "marked_shipped_at", "buyer_nick", "recipient_name", "phone",
    "province", "city", "district", "street_address", "zip", "carrier", "invoice_title", "buyer_message",
    "platform_memo", "platform_flag", "received_minor", "shipping_minor", "total_minor", "paid_minor",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sale:
    """One order as a feed tells it; None = the feed says nothing about it.  Amounts in minor units, times aware."""

    number: str
    status: OrderStatus | None = None
    status_given: str | None = None
    buyer_id: str | None = None
    buyer_nick: str | None = None
    placed_at: datetime | None = None
    paid_at: datetime | None = None
    marked_shipped_at: datetime | None = None
    goods_minor: int | None = None
    shipping_minor: int | None = None
    total_minor: int | None = None
    paid_minor: int | None = None
    received_minor: int | None = None
    recipient_name: str | None = None
    phone: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    street_address: str | None = None
    zip: str | None = None
    carrier: str | None = None
    invoice_title: str | None = None
    buyer_message: str | None = None
    platform_memo: str | None = None
    platform_flag: str | None = None
    lines: tuple[SaleLine, ...] = ()
    lines_complete: bool = False
    has_list: bool = True
    unit_count: int | None = None  # of a list without details
    titles: str | None = None
    refunding: bool | None = None  # None: this feed does not speak of refunds


@dataclass(slots=True)
class Mirrored:
    """What became of one order: created, updated, unchanged, or older (an older file, which filled gaps at most)."""

    order: Order
    outcome: str
    became_paid: bool = False
    has_changed: bool = True
    contradictions: list[Contradiction] = field(default_factory=list)
    tells_refunds: bool = False  # of a line or the order, now or before: most feeds do not
    refunding: bool | None = None  # the order as a whole, where this feed speaks of it
    refund_due: dict[str, datetime] = field(default_factory=dict)  # the platform's clock, by line key
    cuts: list[Cut] = field(default_factory=list)  # told texts that did not fit: whoever reports the feed names them
    refused_lines: list[SaleLine] = field(default_factory=list)  # nobody can say which known line they are (D7)
    units: tuple[int, int] | None = None  # (of the lines, as the list counts), where this feed shows that these differ
    not_waybills: dict[str, str] = field(default_factory=dict)  # told as waybills: number → what it is instead
    shared_waybills: dict[str, str] = field(default_factory=dict)  # told waybill → the order that has it too
    left: list[str] = field(default_factory=list)  # told for the same time and different: fields that were not taken


@command
def mirror(store: Store, sale: Sale, *, as_of: datetime, source: str, lines_as_of: datetime | None = None) -> Mirrored:
    """Create or update one order.  The caller records the event (an import: one per chunk, I6).

    `lines_as_of`: when the lines were told, where another file than the order's own told them.
    """
    times = {"as_of": as_of, "lines_as_of": lines_as_of or as_of}
    order = _find(store, sale.number)
    if order is not None:
        return _take(order, store, sale, source=source, **times)
    try:
        with part():
            return _take(None, store, sale, source=source, **times)
    except IntegrityError:  # somebody brought the order in at this very moment
        order = _find(store, sale.number)
        if order is None:
            raise
        return _take(order, store, sale, source=source, **times)


def _take(
    order: Order | None, store: Store, sale: Sale, *, as_of: datetime, lines_as_of: datetime, source: str
) -> Mirrored:
    is_new = order is None
    order = order or _new(store, sale, as_of=as_of, source=source)
    is_later = is_new or as_of > order.as_of
    is_older = not is_new and _is_older(order, sale, as_of=as_of, lines_as_of=lines_as_of)
    was_paid = not is_new and order.status is not OrderStatus.UNPAID
    was_without_list = not order.has_list
    known_at = None if is_new or was_without_list else order.as_of
    lines_known_at = order.lines_as_of
    before = {} if is_new else _snapshot(order)
    status_is_gap = not is_new and _has_no_status(order)
    status_is_later = is_new or _tells_status_later(order, sale, as_of=as_of)
    if sale.has_list:
        _copy(order, sale, is_later=is_later)
        _show_flag(order, store)
    if status_is_later:
        _copy_status(order, sale, is_gap=status_is_gap)
    _mark_shipped(order, sale, as_of=as_of)
    order.customer_id = order.customer_id or _customer_id(store.id, sale)  # an order keeps the customer it has
    db.session.flush()
    lines_are_later = bool(sale.lines) and (order.lines_as_of is None or lines_as_of > order.lines_as_of)
    lines = mirror_lines(order, sale, as_of=lines_as_of, had_list=not was_without_list, is_new=is_new)
    is_unclear = _is_unclear(order, sale, before.get("status_given"), is_later=status_is_later)
    _set_readiness(order, sale, lines.lines, is_later=lines_are_later or is_later, is_unclear=is_unclear)
    fix_shares(order, lines.lines, told_paid_minor=sale.paid_minor)
    keys.index_order(order, lines.codes, is_new=is_new)
    contradictions = compare_amendments(order) if (is_later or lines_are_later) and not is_new else []
    changed = is_new or lines.changed or _snapshot(order) != before
    if (is_later or was_without_list) if sale.has_list else (is_later and not order.has_list):
        order.as_of, order.source = as_of, source
    if changed and not is_new:
        order.version += 1
    db.session.flush()
    outcome = "created" if is_new else "older" if is_older else "updated" if changed else "unchanged"
    became_paid = not was_paid and order.status is not OrderStatus.UNPAID
    done = Mirrored(order, outcome, became_paid, bool(changed), contradictions, cuts=_cuts(sale))
    done.refused_lines, done.units = lines.refused, lines.units
    if sale.has_list and known_at == as_of:
        done.left += order_fields_left(order, sale, COPIED)
    if sale.lines_complete and lines_known_at == lines_as_of:
        done.left += line_fields_left(order, sale.lines, keys=lines.keys)
    was_told = before.get("readiness") is Readiness.REFUNDING or (lines.changed and _speaks_of_refunds(sale))
    done.tells_refunds = _tells_refunds(sale) or (not is_new and was_told)
    done.refunding = sale.refunding if lines_are_later or is_later else None
    done.refund_due = {
        lines.keys.get(line.key, line.key): line.refund_due_at for line in sale.lines if line.refund_due_at
    }
    return done


def _speaks_of_refunds(sale: Sale) -> bool:
    """Also to say that there is none any more."""
    return any(line.refund_state for line in sale.lines)


def _tells_refunds(sale: Sale) -> bool:
    return bool(sale.refunding) or any(
        line.refund_state and refund_word(line.refund_state) is not RefundWord.NONE for line in sale.lines
    )


def _cuts(sale: Sale) -> list[Cut]:
    of_order = [cut_of(Order, name, getattr(sale, name)) for name in (*COPIED, "status_given")] if sale.has_list else []
    return [cut for cut in of_order if cut] + cuts_of_lines(sale.lines if sale.lines_complete else ())


def _is_older(order: Order, sale: Sale, *, as_of: datetime, lines_as_of: datetime) -> bool:
    if sale.has_list:
        return order.has_list and as_of < order.as_of
    return order.lines_as_of is not None and lines_as_of < order.lines_as_of


def _find(store: Store, number: str) -> Order | None:
    statement = select(Order).where(Order.number == number).with_for_update(key_share=True)
    return db.session.scalars(in_store(statement, store.id, Order)).one_or_none()


def _new(store: Store, sale: Sale, *, as_of: datetime, source: str) -> Order:
    order = Order(
        store_id=store.id, number=sale.number, currency=store.currency, status=sale.status or OrderStatus.PAID,
        readiness=Readiness.READY, as_of=as_of, source=source, created_at=clock.now(), has_list=sale.has_list,
        paid_minor=0, paid_by_hand_minor=0, customer_id=_customer_id(store.id, sale),
    )  # fmt: skip
    db.session.add(order)
    return order


def _copy(order: Order, sale: Sale, *, is_later: bool) -> None:
    for name in COPIED:
        told: Any = fitting(Order, name, getattr(sale, name))
        current = getattr(order, name)
        bare = current.reveal("to compare it") if hasattr(current, "reveal") else current
        if name == "paid_minor" and _is_gap(order):
            bare = None
        value = rules.overwrite(bare, told, is_later=is_later)
        if name == "paid_minor" and order.paid_by_hand_minor:
            value = max(value or 0, order.paid_by_hand_minor)  # what was noted here no feed unpays
        if value is not None and value != bare:
            column = Order.__table__.c[name].type
            setattr(order, name, Personal(value, column.kind) if isinstance(column, PersonalText) else value)
    order.has_list = True
    db.session.flush()


def _is_gap(order: Order) -> bool:
    """Whether a paid 0 is what nobody told: of an order known from its details alone, or of one that is paid."""
    return not order.has_list or not rules.paid_is_known(order.status, order.paid_minor, is_fixed=False)


def _tells_status_later(order: Order, sale: Sale, *, as_of: datetime) -> bool:
    """Whether nothing newer was told of the status: by a list, or by details, whose rows carry it too."""
    if _has_no_status(order):
        return True
    of_lines = order.lines_as_of if not (order.has_list and sale.has_list) else None
    return as_of > max(order.as_of, of_lines or order.as_of)


def _has_no_status(order: Order) -> bool:
    return not order.has_list and order.status_given is None


def _copy_status(order: Order, sale: Sale, *, is_gap: bool) -> None:
    """The platform's status, never backwards (D2), and its word for it."""
    order.status = rules.next_status(None if is_gap else order.status, sale.status)
    if sale.status_given and (sale.status is None or order.status is sale.status):
        order.status_given = fitting(Order, "status_given", sale.status_given)


def _mark_shipped(order: Order, sale: Sale, *, as_of: datetime) -> None:
    """A status that says "shipped" without a time is the platform's mark too: of as_of at the latest (domain.md §8)."""
    says = sale.status in {OrderStatus.PART_SHIPPED, OrderStatus.SHIPPED} and order.status is sale.status
    if says and order.marked_shipped_at is None:
        order.marked_shipped_at = as_of


def _show_flag(order: Order, store: Store) -> None:
    """The platform's flag is the order's until the desk writes a memo; a code that nobody knows is no flag."""
    flag = flags.from_code(order.platform_flag, str(store.platform)) or flags.Flag.NONE
    if flag is order.flag:
        return
    ours = in_store(select(Memo.id).where(Memo.order_id == order.id).limit(1), store.id, Memo)
    if db.session.scalars(ours).first() is None:
        order.flag = flag


def _customer_id(store_id: int, sale: Sale) -> int | None:
    """A buyer ID makes the customer; masked ones never do."""
    buyer = sale.buyer_id
    if not buyer or masking.is_masked(buyer):
        return None
    key = fold(buyer)[:128]
    statement = in_store(select(Customer).where(Customer.buyer_key == key), store_id, Customer)
    customer = found_or_made(
        lambda: db.session.scalars(statement).one_or_none(),
        lambda: Customer(store_id=store_id, buyer_key=key, buyer_nick=buyer, first_seen_at=clock.now()),
    )
    return customer.id


def _is_unclear(order: Order, sale: Sale, word_before: str | None, *, is_later: bool) -> bool:
    """Whether nobody knows what the platform's status means; once people have lifted that, until its next word."""
    is_shown = order.readiness is Readiness.AWAITING_REVIEW
    says_status = bool(sale.status or sale.status_given)
    if not (says_status and is_later):
        return is_shown
    is_news = sale.status_given != word_before or is_shown or order.readiness is Readiness.REFUNDING
    return sale.status is None and is_news


def _set_readiness(order: Order, sale: Sale, lines: list[OrderLine], *, is_later: bool, is_unclear: bool) -> None:
    refunding = order.readiness is Readiness.REFUNDING if sale.refunding is None or not is_later else sale.refunding
    if refunding:  # not about units that were cancelled here: the rest may go
        refunding = rules.still_refunds([(n.refund_state, n.quantity - n.cancelled) for n in lines])
    order.readiness = rules.readiness(order.readiness_decided, order.status, refunding=refunding, is_unclear=is_unclear)


def _snapshot(order: Order) -> dict[str, Any]:
    """What counts as a change of the mirrored values; their age alone does not."""
    names = (*COPIED, "status", "status_given", "readiness", "customer_id", "has_list")
    return {name: getattr(order, name) for name in names}
