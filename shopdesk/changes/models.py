"""Tables of changes, wishes, steps and pre-print checks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.changes.states import (
    HANDED_ROLES,
    PER_PARCEL,
    ApplicationState,
    ChangeState,
    ConfirmChannel,
    Group,
    Kind,
    Purpose,
    StepState,
    SupplierAnswer,
    SupplierChannel,
)
from shopdesk.core.columns import BigId, JSONText, OneOf, UTCDateTime, one_of, partial_index, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.permissions import Role
from shopdesk.core.personal import Personal, PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.parcels.states import Stage


class Change(StoreOwned, Base):
    """A wish about an unshipped parcel on its way through the playbook."""

    __tablename__ = "change"
    __table_args__ = (
        one_of("kind", Kind),
        one_of("state", ChangeState),
        partial_unique("uq_change_open", "parcel_id", "order_id", "kind", where="state = 'open'"),
        partial_unique(
            "uq_change_open_on_parcel",
            "parcel_id",
            "kind",
            where="state = 'open' AND kind IN ({})".format(", ".join(f"'{k}'" for k in sorted(PER_PARCEL))),
        ),
        Index("ix_change_order", "order_id", "id"),
        Index("ix_change_parcel", "parcel_id"),
        Index("ix_change_state", "store_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    parcel_id: Mapped[int] = mapped_column(BigId, ForeignKey("parcel.id"))
    kind: Mapped[Kind] = mapped_column(OneOf(Kind))
    column: Mapped[Stage] = mapped_column(OneOf(Stage))  # whose steps it goes through
    state: Mapped[ChangeState] = mapped_column(OneOf(ChangeState), default=ChangeState.OPEN)
    is_applied: Mapped[bool] = mapped_column(default=False)  # data amended and memo written; False while step 0 asks
    asked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    follower_id: Mapped[int | None] = mapped_column(BigInteger)  # who does pre-sale's steps; NULL: who asked
    asked_as: Mapped[str] = mapped_column(String(32))  # signature, for the memo that a later answer writes
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    released_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when its hold ended by acknowledgement
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    ended_why: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    version: Mapped[int] = mapped_column(default=1)


class Wish(StoreOwned, Base):
    """What the customer wants: (order, kind, line or field, old, new, asked by, channel, confirmation)."""

    __tablename__ = "wish"
    __table_args__ = (one_of("kind", Kind), Index("ix_wish_order", "order_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    line_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("order_line.id"))
    kind: Mapped[Kind] = mapped_column(OneOf(Kind))
    old: Mapped[Personal] = mapped_column(PersonalText("text"))  # JSON text, keys as orders.states.Field says
    new: Mapped[Personal] = mapped_column(PersonalText("text"))
    amendment_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("amendment.id"))  # once applied
    memo_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("memo.id"))
    asked_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime)
    channel: Mapped[str] = mapped_column(String(16))  # page, api
    confirmed_text: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    confirmed_via: Mapped[ConfirmChannel | None] = mapped_column(OneOf(ConfirmChannel))
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ChangeWish(StoreOwned, Base):
    """Wish and change are n : m: one wish may touch several parcels, one change gathers several wishes."""

    __tablename__ = "change_wish"
    __table_args__ = (UniqueConstraint("change_id", "wish_id"), Index("ix_change_wish_wish", "wish_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(BigId, ForeignKey("change.id"))
    wish_id: Mapped[int] = mapped_column(BigId, ForeignKey("wish.id"))
    units: Mapped[int | None]  # quantity: what the wish took off in this change's parcel; None = nothing yet


class CancelPart(StoreOwned, Base):
    """Units of a line that a cancel wish takes out of the parcel of its change."""

    __tablename__ = "cancel_part"
    __table_args__ = (
        UniqueConstraint("change_id", "wish_id", "line_id"),
        CheckConstraint("taken >= 0 AND taken <= units", name="taken_once"),
        Index("ix_cancel_part_line", "line_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(BigId, ForeignKey("change.id"))
    wish_id: Mapped[int] = mapped_column(BigId, ForeignKey("wish.id"))
    line_id: Mapped[int] = mapped_column(BigId, ForeignKey("order_line.id"))
    units: Mapped[int]  # wished of this parcel
    taken: Mapped[int] = mapped_column(default=0)  # cancelled so far
    first: Mapped[int | None]  # how many units of the line were cancelled before these: which share was paid for them
    has_left: Mapped[bool] = mapped_column(default=False)  # the parcel; a voided one keeps them (domain.md §5)


class RefundApplication(StoreOwned, Base):
    """A buyer's refund application on the platform, about a line or (line_id None) the order as a whole."""

    __tablename__ = "refund_application"
    __table_args__ = (
        one_of("state", ApplicationState),
        partial_unique(
            "uq_refund_application_running", "order_id", "line_id", where="state = 'applied' AND line_id IS NOT NULL"
        ),
        Index("ix_refund_application_order", "order_id", "line_id", "id"),
        Index("ix_refund_application_change", "change_id"),
        Index("ix_refund_application_number", "store_id", "platform_number"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    order_id: Mapped[int] = mapped_column(BigId, ForeignKey("orders.id"))
    line_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("order_line.id"))
    state: Mapped[ApplicationState] = mapped_column(OneOf(ApplicationState))
    told: Mapped[str | None] = mapped_column(String(64))  # the platform's own word
    platform_number: Mapped[str | None] = mapped_column(String(64))  # where the platform's own list told it
    amount_minor: Mapped[int | None] = mapped_column(BigInteger)  # likewise
    as_of: Mapped[datetime] = mapped_column(UTCDateTime)  # when its source told it last
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the platform's clock, where a feed tells it
    first_told_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    alarmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # refunded, not stopped: said once
    change_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("change.id"))
    case_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("cases.id"))


class Step(StoreOwned, Base):
    """One ordered action of a change, copied from the playbook when the change opens."""

    __tablename__ = "step"
    __table_args__ = (
        one_of("state", StepState),
        UniqueConstraint("change_id", "position"),
        Index("ix_step_open", "store_id", "state", "role"),
        partial_index("ix_step_waits", "store_id", "waits_since", "id", where="waits_since IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(BigId, ForeignKey("change.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(32))  # changes.playbook.Code
    column: Mapped[Stage] = mapped_column(OneOf(Stage))  # of the playbook column that it was copied from
    role: Mapped[Role] = mapped_column(OneOf(Role))
    ends_hold: Mapped[bool] = mapped_column(default=False)
    after_hold: Mapped[bool] = mapped_column(default=False)  # a task that keeps no change open
    state: Mapped[StepState] = mapped_column(OneOf(StepState), default=StepState.OPEN)
    waits_since: Mapped[datetime | None] = mapped_column(UTCDateTime)  # next in its change; kept by service.turning
    person_id: Mapped[int | None] = mapped_column(BigInteger)  # who of the role has taken it, or was given it
    nudged_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # the last reminder, of `nudges`
    nudged_by_id: Mapped[int | None] = mapped_column(BigInteger)
    nudges: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    done_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSONText)  # figures, references, channel: no personal text
    by_message: Mapped[bool] = mapped_column(default=False, server_default=false())  # at a supplier's: message, answer
    refund_id: Mapped[int | None] = mapped_column(BigInteger)  # the refund under way that does it; refunds stand above
    refunded_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # what refunds paid of it


class SupplierMessage(StoreOwned, Base):
    """A physical step at a supplier's warehouse: what they were asked, and what they answered."""

    __tablename__ = "supplier_message"
    __table_args__ = (
        one_of("sent_via", SupplierChannel),
        one_of("answer", SupplierAnswer),
        partial_unique("uq_supplier_message_open", "step_id", where="answered_at IS NULL"),
        Index("ix_supplier_message_change", "change_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(BigId, ForeignKey("change.id"))
    step_id: Mapped[int] = mapped_column(BigId, ForeignKey("step.id"))
    sent_via: Mapped[SupplierChannel] = mapped_column(OneOf(SupplierChannel))
    sent_at: Mapped[datetime] = mapped_column(UTCDateTime)
    sent_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    answer: Mapped[SupplierAnswer | None] = mapped_column(OneOf(SupplierAnswer))
    words: Mapped[Personal | None] = mapped_column(PersonalText("text"))
    said_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when they answered, as told
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when it was noted
    answered_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class Handover(StoreOwned, Base):
    """转交: from whom to whom a change went, or a task of it, and why; append-only."""

    __tablename__ = "handover"
    __table_args__ = (one_of("role", HANDED_ROLES), Index("ix_handover_change", "change_id", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(BigId, ForeignKey("change.id"))
    role: Mapped[Role] = mapped_column(OneOf(Role))  # pre_sale: follows it; after_sale: has its refund task
    from_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    to_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    given_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[Personal] = mapped_column(PersonalText("text"))


class PrintCheck(Base):
    """打单核对, 发货核对: a list that is about to be printed or loaded, and what was said about it."""

    __tablename__ = "print_check"
    __table_args__ = (one_of("purpose", Purpose),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    purpose: Mapped[Purpose] = mapped_column(OneOf(Purpose), default=Purpose.PRINT)
    made_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    made_at: Mapped[datetime] = mapped_column(UTCDateTime)
    printed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # when it was said: printed, or shipped
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # with the truck
    batch: Mapped[str | None] = mapped_column(String(32))


class PrintCheckRow(Base):
    """One pasted line.  It stores what was asked; what may be printed is decided anew at every look."""

    __tablename__ = "print_check_row"
    __table_args__ = (UniqueConstraint("check_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    check_id: Mapped[int] = mapped_column(BigId, ForeignKey("print_check.id"))
    position: Mapped[int]
    pasted: Mapped[str] = mapped_column(String(128))  # the id found in the line
    parcel_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("parcel.id"))
    order_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("orders.id"))
    group_shown: Mapped[Group] = mapped_column(OneOf(Group))  # what the clerk was told
    shown: Mapped[str | None] = mapped_column(String(32))  # and of what: queries.sight
