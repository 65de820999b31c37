"""Tables of goods that go out again."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, OneOf, UTCDateTime, one_of, partial_index
from shopdesk.core.db import Base
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind, ReplacementState


class Replacement(StoreOwned, Base):
    """换货/补发: an outbound parcel without a sale, tied to a case.

    Its goods stand in an order of their own (`outbound_id`), linked to the one of the sale: it is printed, packed,
    shipped, changed and found like any other.
    """

    __tablename__ = "replacement"
    __table_args__ = (
        one_of("kind", ReplacementKind),
        one_of("state", ReplacementState),
        one_of("settled_how", DifferenceSettled),
        CheckConstraint("(settled_how IS NULL) = (settled_at IS NULL)", name="settled_has_time"),
        Index("ix_replacement_case", "case_id"),
        Index("ix_replacement_order", "order_id"),
        partial_index("ix_replacement_waiting", "store_id", "id", where="state = 'waiting'"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    case_id: Mapped[int] = mapped_column(BigId, ForeignKey("cases.id"))
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))  # of the sale
    outbound_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"), unique=True)
    kind: Mapped[ReplacementKind] = mapped_column(OneOf(ReplacementKind))
    state: Mapped[ReplacementState] = mapped_column(OneOf(ReplacementState), default=ReplacementState.WAITING)
    waits_for_goods: Mapped[bool] = mapped_column(default=False)  # released when the return was inspected
    return_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("returns.id"))
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # sent ahead: the goods are expected back by then
    difference_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # positive: the customer owes it
    settled_how: Mapped[DifferenceSettled | None] = mapped_column(OneOf(DifferenceSettled))
    settled_order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("orders.id"))
    settled_reference: Mapped[str | None] = mapped_column(String(64))
    settled_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    credited_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # cheaper: to be given back
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # sent back; the customer keeps the first goods
    reminded_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # of goods that did not come by due_at
    why: Mapped[Personal | None] = mapped_column(PersonalText("text"))  # waived, cancelled, undone: the reason given
    version: Mapped[int] = mapped_column(default=1)


class ReplacementLine(StoreOwned, Base):
    """Units that go out, in place of which units of the sale, and what they are worth for the customer."""

    __tablename__ = "replacement_line"
    __table_args__ = (
        UniqueConstraint("replacement_id", "outbound_line_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("worth_minor >= 0", name="worth_not_negative"),
        Index("ix_replacement_line_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    replacement_id: Mapped[int] = mapped_column(BigId, ForeignKey("replacement.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))  # of the sale
    outbound_line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    quantity: Mapped[int]
    is_claimed: Mapped[bool] = mapped_column(default=True, server_default=true())  # False: a part or gift beside them
    share_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # reserved on the sale's line
    credited_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # of it, given back: cheaper
    price_minor: Mapped[int | None] = mapped_column(BigInteger)  # of all its units, where another price was given
    worth_minor: Mapped[int] = mapped_column(BigInteger, default=0)  # share of the sale ± the settled difference
