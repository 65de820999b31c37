"""Tables of people, memberships, tokens, stores and warehouses."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from shopdesk.core.columns import BigId, JSONText, OneOf, UTCDateTime, one_of, partial_unique
from shopdesk.core.db import Base
from shopdesk.core.permissions import ASSIGNABLE, STANDING, Role
from shopdesk.core.scope import StoreOwned

PULL_BACK_MINUTES = "pull_back_minutes"  # setting of a store: how long what was handed over may be pulled back
MOST_COMPENSATION = "most_compensation_minor"  # setting of a store: what one case may give as compensation
REFUND_LIMIT = "refund_limit_minor"  # setting of a store: above it somebody else approves; unset: no limit (M098)
REFUND_LIMIT_DAYS = "refund_limit_days"  # the rolling window over which an order's refunds count together
REFUND_PLACES = "refund_places"  # setting of a store: destination → the place that pays out to it
REFUND_COUPONS = "refund_coupons"  # setting of a store: refunds.rules.calculating.CouponPolicy
HOLD_EXPIRY = "hold_expiry"  # setting of a store: what happens when the hold of a change expires
NUDGE_MINUTES = "nudge_minutes"  # setting of a store: how long a reminder of a step stands before the next one
NUDGE_MINUTES_DEFAULT = 30
CASE_DUE_HOURS = "case_due_hours"  # setting of a store: how long after its opening a case is due
CASE_DUE_HOURS_DEFAULT = 48
RETURN_EXTENSIONS = "return_extensions"  # setting of a store: how often after-sale gives a customer longer to send
RETURN_EXTENSIONS_DEFAULT = 1


class Platform(StrEnum):
    """Where a store sells (domain.md §2)."""

    TAOBAO = "taobao"
    TMALL = "tmall"
    JD = "jd"
    PDD = "pdd"
    DOUYIN = "douyin"
    KUAISHOU = "kuaishou"
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    AMAZON = "amazon"
    PHONE = "phone"
    OTHER = "other"


class WarehouseKind(StrEnum):
    OWN = "own"
    SUPPLIER = "supplier"


class Warehouse(Base):
    __tablename__ = "warehouse"
    __table_args__ = (one_of("kind", WarehouseKind),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[WarehouseKind] = mapped_column(OneOf(WarehouseKind), default=WarehouseKind.OWN)
    cut_offs: Mapped[list[str]] = mapped_column(JSONText, default=list)  # "HH:MM" in the store's zone


class WarehouseStore(StoreOwned, Base):
    """A warehouse serves a store beside the one that the store sends from by default."""

    __tablename__ = "warehouse_store"
    __table_args__ = (UniqueConstraint("warehouse_id", "store_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    warehouse_id: Mapped[int] = mapped_column(BigId, ForeignKey("warehouse.id"))


class Store(Base):
    __tablename__ = "store"
    __table_args__ = (one_of("platform", Platform), CheckConstraint("rhythm_minutes > 0", name="rhythm_positive"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)  # what addresses and the command line call it
    name: Mapped[str] = mapped_column(String(80))
    platform: Mapped[Platform] = mapped_column(OneOf(Platform))
    currency: Mapped[str] = mapped_column(String(3))
    zone: Mapped[str] = mapped_column(String(64))  # IANA name
    memo_language: Mapped[str] = mapped_column(String(2), default="zh")  # of the templates T1-T4
    rhythm_minutes: Mapped[int] = mapped_column(default=120)  # how often a feed is expected
    electronic_waybills: Mapped[bool] = mapped_column(default=True)
    warehouse_id: Mapped[int] = mapped_column(BigId, ForeignKey("warehouse.id"))  # parcels are sent from it by default
    settings: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Person(Base):
    __tablename__ = "person"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)  # folded
    display: Mapped[str] = mapped_column(String(64))
    signature: Mapped[str] = mapped_column(String(32))  # 花名: the name at the end of a memo
    password_hash: Mapped[str | None] = mapped_column(String(255))
    locale: Mapped[str | None] = mapped_column(String(16))  # zh_Hans_CN or en; None = as the browser asks
    epoch: Mapped[int] = mapped_column(default=1)  # rises with password, rights, sign-out everywhere: ends all sessions
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Membership(Base):
    """A role of a person in one store, or in all of them (store_id NULL)."""

    __tablename__ = "membership"
    __table_args__ = (
        one_of("role", ASSIGNABLE),
        UniqueConstraint("person_id", "store_id", "role"),
        # NULLs never collide, so "all stores" needs its own unique index
        partial_unique("uq_membership_all_stores", "person_id", "role", where="store_id IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    store_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("store.id"), index=True)
    role: Mapped[Role] = mapped_column(OneOf(Role))


class StandIn(StoreOwned, Base):
    """代班: a role of a person in one store until a time; from then on it gives nothing."""

    __tablename__ = "stand_in"
    __table_args__ = (
        one_of("role", STANDING),
        partial_unique("uq_stand_in_running", "person_id", "store_id", "role", where="ended_at IS NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(OneOf(Role))
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(200))
    given_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))
    given_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)  # early, or noted once it had run out
    ended_by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("person.id"))


class SavedView(Base):
    """Filters of a page that a person keeps under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "page", "title"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    page: Mapped[str] = mapped_column(String(24))
    title: Mapped[str] = mapped_column(String(40))
    query: Mapped[dict[str, Any]] = mapped_column(JSONText)  # the page's own parameters
    saved_at: Mapped[datetime] = mapped_column(UTCDateTime)


class OneTimeLink(Base):
    """Sets a first or new password once; only the hash of its secret is kept."""

    __tablename__ = "one_time_link"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"))
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ApiToken(Base):
    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(BigId, ForeignKey("person.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str] | None] = mapped_column(JSONText)  # permissions; None = all that the roles allow
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class EndedSession(Base):
    """A browser's session that was signed out: any copy of its cookie opens nothing while it would still be valid."""

    __tablename__ = "ended_session"

    session_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UTCDateTime, index=True)  # the session's longest time; then it may go


class SignInTries(Base):
    """Failed sign-ins per account and per address within a window."""

    __tablename__ = "sign_in_tries"

    key: Mapped[str] = mapped_column(String(128), primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    count: Mapped[int]
