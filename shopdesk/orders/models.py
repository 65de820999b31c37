"""Tables of orders: mirrored values, lines with their counters, amendments, memos, search keys."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.orders.states import (
    AmendmentState,
    ContactOutcome,
    Field,
    Flag,
    KeyKind,
    LineKind,
    LinkKind,
    OrderStatus,
    PayMethod,
    Readiness,
)

_IS_PRE_SALE = column("ready_on").is_not(None)


class Order(StoreOwned, Base):
    """A mirrored sale.  What stands here is what the platform or ERP says, written only by feeds (domain.md §2).

    What the desk decided is in Amendment; effective = amended where present, else mirrored.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("store_id", "number"),
        Index("ix_orders_store_newest", "store_id", "id"),
        Index("ix_orders_customer", "customer_id", "id"),
        # those of a pre-sale, which become ready by themselves
        Index("ix_orders_ready_on", "store_id", "ready_on", sqlite_where=_IS_PRE_SALE, postgresql_where=_IS_PRE_SALE),
        # of which a refund is applied for: the supervisor's daily list
        partial_index("ix_orders_refunding", "store_id", "id", where="readiness = 'refunding'"),
        one_of("status", OrderStatus),
        one_of("readiness", Readiness),
        one_of("readiness_decided", Readiness),
        one_of("flag", Flag),
        CheckConstraint("total_minor >= 0 AND paid_minor >= 0 AND shipping_minor >= 0", name="amounts_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("customer.id"))
    status: Mapped[OrderStatus] = mapped_column(OneOf(OrderStatus))
    status_given: Mapped[str | None] = mapped_column(String(64))  # the platform's own word
    readiness: Mapped[Readiness] = mapped_column(OneOf(Readiness), default=Readiness.READY)  # derived: orders.rules
    readiness_decided: Mapped[Readiness | None] = mapped_column(OneOf(Readiness))  # by people; outlasts a refund
    ready_on: Mapped[date | None] = mapped_column(Date)  # pre_sale_until: in the store's zone
    readiness_reason: Mapped[str | None] = mapped_column(String(200))  # of what people decided; no personal text
    readiness_by_id: Mapped[int | None] = mapped_column(BigInteger)  # person
    readiness_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    currency: Mapped[str] = mapped_column(String(3))
    goods_minor: Mapped[int | None] = mapped_column(BigInteger)
    shipping_minor: Mapped[int | None] = mapped_column(BigInteger)  # None: nobody told it
    total_minor: Mapped[int | None] = mapped_column(BigInteger)  # what the buyer has to pay; None: nobody told it
    paid_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # what the buyer paid
    paid_by_hand_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # the sum of HandPayment
    received_minor: Mapped[int | None] = mapped_column(BigInteger)  # what the shop received
    placed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    paid_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    marked_shipped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # a mark of the platform; moves no stage
    buyer_nick: Mapped[Personal | None] = mapped_column(PersonalText("name"))
    recipient_name: Mapped[Personal | None] = mapped_column(PersonalText("name"))
    phone: Mapped[Personal | None] = mapped_column(PersonalText("phone"))
    province: Mapped[str | None] = mapped_column(String(64))
    city: Mapped[str | None] = mapped_column(String(64))
    district: Mapped[str | None] = mapped_column(String(64))
    street_address: Mapped[Personal | None] = mapped_column(PersonalText("address"))
    zip: Mapped[str | None] = mapped_column(String(16))
    carrier: Mapped[str | None] = mapped_column(String(64))
    invoice_title: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    buyer_message: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    platform_memo: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    platform_flag: Mapped[str | None] = mapped_column(String(8))  # as given
    lines_complete: Mapped[bool] = mapped_column(default=False)
    has_list: Mapped[bool] = mapped_column(default=True)  # False: only its detail rows are known so far
    flag: Mapped[Flag] = mapped_column(OneOf(Flag), default=Flag.NONE)  # the newest memo's, else the platform's
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)  # when its source told the values above
    lines_as_of: Mapped[datetime | None] = mapped_column(UTCDateTime)
    source: Mapped[str] = mapped_column(String(64))  # of the newest values
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    version: Mapped[int] = mapped_column(default=1)  # rises with everything an ETag must show


class OrderLine(StoreOwned, Base):
    __tablename__ = "order_line"
    __table_args__ = (
        UniqueConstraint("order_id", "line_key"),
        one_of("kind", LineKind),
        CheckConstraint("quantity >= 0", name="quantity_not_negative"),
        CheckConstraint(
            "cancelled >= 0 AND shipped >= 0 AND in_return >= 0 AND returned >= 0", name="counters_not_negative"
        ),
        CheckConstraint("cancelled + shipped <= quantity", name="cancelled_or_shipped_once"),
        CheckConstraint("in_return + returned <= shipped", name="returned_once"),
        CheckConstraint("in_parcels >= 0 AND in_parcels <= quantity", name="packed_once"),
        CheckConstraint("reserved_minor >= 0 AND refunded_minor >= 0", name="money_not_negative"),
        CheckConstraint("reserved_minor + refunded_minor <= coalesce(share_minor, 0)", name="refunded_once"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    line_key: Mapped[str] = mapped_column(String(64))  # the platform's sub-order number, else n1, n2 … in file order
    position: Mapped[int]
    kind: Mapped[LineKind] = mapped_column(OneOf(LineKind), default=LineKind.GOODS)
    sku: Mapped[str | None] = mapped_column(String(128))
    title: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int]  # ordered units; does not fall below what was cancelled, shipped or packed
    told_quantity: Mapped[int | None]  # what the newest feed says; shown where it differs (D7)
    unit_price_minor: Mapped[int | None] = mapped_column(BigInteger)
    share_given_minor: Mapped[int | None] = mapped_column(BigInteger)  # the platform's own share, where a file gave one
    share_minor: Mapped[int | None] = mapped_column(BigInteger)  # 分摊实付: fixed once (domain.md §2 Paid share)
    refund_state: Mapped[str | None] = mapped_column(String(64))  # as given
    incomplete: Mapped[bool] = mapped_column(default=False)  # made from a list without details
    cancelled: Mapped[int] = mapped_column(default=0)
    shipped: Mapped[int] = mapped_column(default=0)
    in_return: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    in_parcels: Mapped[int] = mapped_column(default=0)  # units that stand in parcels (I12)
    reserved_minor: Mapped[int] = mapped_column(BigInteger, default=0)
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0)


class Amendment(StoreOwned, Base):
    """What the desk decided about one field of an order or a line; the newest that has not ended is effective."""

    __tablename__ = "amendment"
    __table_args__ = (
        one_of("field", Field),
        one_of("state", AmendmentState),
        partial_unique("uq_amendment_of_order", "order_id", "field", where="ended_at IS NULL AND line_id IS NULL"),
        partial_unique("uq_amendment_of_line", "line_id", "field", where="ended_at IS NULL AND line_id IS NOT NULL"),
        Index("ix_amendment_order", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    line_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("order_line.id"))
    field: Mapped[Field] = mapped_column(OneOf(Field))
    value: Mapped[Personal] = mapped_column(PersonalText("text"))  # JSON text; see Field for its keys
    was: Mapped[Personal] = mapped_column(PersonalText("text"))  # the effective value before, likewise
    state: Mapped[AmendmentState] = mapped_column(OneOf(AmendmentState), default=AmendmentState.TO_DO)
    third: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # contradicted: what the feed brought
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # replaced or withdrawn
    replaced_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("amendment.id"))  # the decision before it


class Memo(StoreOwned, Base):
    """One line for the platform's memo field, with flag, date and name; append-only.

    `text` holds `{{amendment:ID}}` (`:was`: the value before it) where a personal value stands: shown masked, written
    out only in the text to copy.
    """

    __tablename__ = "memo"
    __table_args__ = (one_of("flag", Flag), Index("ix_memo_order", "order_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    text: Mapped[Personal] = mapped_column(PersonalText("text"))
    template: Mapped[str | None] = mapped_column(String(8))  # T1 … T4, W (withdrawal), L (too late); None = free text
    flag: Mapped[Flag] = mapped_column(OneOf(Flag))
    written_on: Mapped[date] = mapped_column(Date)  # in the store's zone
    signed: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    pasted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the tick: it stands in the platform
    pasted_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class SearchKey(StoreOwned, Base):
    """An exact key of an order: folded number, buyer, phone, phone tail, waybill or SKU."""

    __tablename__ = "search_key"
    __table_args__ = (one_of("kind", KeyKind), Index("ix_search_key_order", "order_id"))

    store_id: Mapped[int] = mapped_column(BigId, ForeignKey("store.id"), primary_key=True)
    value: Mapped[str] = mapped_column(String(128), primary_key=True)
    kind: Mapped[KeyKind] = mapped_column(OneOf(KeyKind), primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), primary_key=True)


class SearchGram(StoreOwned, Base):
    """1- and 2-grams of recipients' names and buyer IDs, `#` and a number's last four; newest first from the key."""

    __tablename__ = "search_gram"
    __table_args__ = (Index("ix_search_gram_order", "order_id"),)

    store_id: Mapped[int] = mapped_column(BigId, ForeignKey("store.id"), primary_key=True)
    gram: Mapped[str] = mapped_column(String(8), primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), primary_key=True)


class ContactTask(StoreOwned, Base):
    """Contact the customer (M024): opened with *out of stock*, closed with how it ended; one open per order."""

    __tablename__ = "contact_task"
    __table_args__ = (
        one_of("outcome", ContactOutcome),
        partial_unique("uq_contact_task_open", "order_id", where="closed_at IS NULL"),
        Index("ix_contact_task_order", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    opened_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    outcome: Mapped[ContactOutcome | None] = mapped_column(OneOf(ContactOutcome))
    said: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # what the customer said
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class HandPayment(StoreOwned, Base):
    """A payment that a person noted on an order whose platform tells none (domain.md §8, *mark paid*)."""

    __tablename__ = "hand_payment"
    __table_args__ = (
        one_of("method", PayMethod),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        Index("ix_hand_payment_order", "order_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    method: Mapped[PayMethod] = mapped_column(OneOf(PayMethod))
    reference: Mapped[str | None] = mapped_column(String(64))
    noted_at: Mapped[datetime] = mapped_column(UTCDateTime)
    noted_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class OrderLink(StoreOwned, Base):
    """关联单: two orders that shared a parcel, or one whose units went apart (`other_id` is then the order itself)."""

    __tablename__ = "order_link"
    __table_args__ = (one_of("kind", LinkKind), Index("ix_order_link_order", "order_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    other_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), index=True)
    kind: Mapped[LinkKind] = mapped_column(OneOf(LinkKind))
    parcel_id: Mapped[int | None] = mapped_column(BigInteger)  # merged, split: the one they were put into
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
