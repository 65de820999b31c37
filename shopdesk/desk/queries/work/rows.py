"""Rows of the lists of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shopdesk.changes.states import Code, Kind
from shopdesk.core.permissions import Role
from shopdesk.core.personal import Personal
from shopdesk.desk.states import Waits
from shopdesk.orders.states import Field


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One open step that is next in its change.  Names are masked."""

    change_id: int
    order_id: int
    number: str
    store_id: int
    buyer: Personal | None
    kind: Kind
    code: Code
    role: Role
    waits: Waits
    since: datetime
    asked_by: str | None
    followed_by: str | None  # who has it from the asker now
    taken_by: str | None  # who of the role has this step
    position: int
    hold_expires_at: datetime | None
    is_mine: bool  # to do by this person


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """An order with values or memos that have still to be entered in the platform."""

    order_id: int
    number: str
    store_id: int
    fields: tuple[Field, ...]
    memos: int  # to paste
    is_contradicted: bool
    since: datetime
    made_by: str | None


@dataclass(frozen=True, slots=True)
class LateRow:
    change_id: int
    order_id: int
    number: str
    store_id: int
    kind: Kind
    ended_at: datetime | None
    asked_by: str | None


@dataclass(frozen=True, slots=True)
class Work:
    rows: list[WorkRow]
    platform: list[PlatformRow]
    late: list[LateRow]

    def waiting(self, waits: Waits) -> list[WorkRow]:
        return [row for row in self.rows if row.waits is waits]


def waits_for(code: Code, role: Role) -> Waits:
    """The group of a step: the customer's word first, then whose hands it needs."""
    if code is Code.CONFIRM:
        return Waits.CUSTOMER
    if code is Code.ENTER_IN_PLATFORM:
        return Waits.PLATFORM
    return Waits(str(role)) if str(role) in set(Waits) else Waits.WAREHOUSE
