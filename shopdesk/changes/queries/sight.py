"""What somebody was shown of a parcel before it is printed or leaves, as one short text that moves when that moves.

A group says only where a parcel stands.  A parcel that is *changed* for one reason may be *changed* for another by the
time the button is pressed; what nobody has read is not acknowledged.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from shopdesk.changes.models import Change, Step
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, Group, StepState
from shopdesk.core.among import among
from shopdesk.core.reading import Reading
from shopdesk.notices.models import Notice, NoticeKind, NoticeState

SIZE = 32  # characters of a text
#: What goes when the button is pressed.
GOES = frozenset({Group.PRINTABLE, Group.CHANGED, Group.DISPATCHABLE})

#: Every change that ever was on a parcel, an open one with each of its open steps.
CHANGES = Reading(
    select(Change.parcel_id, Change.id, Change.state, Change.version, Step.code)
    .outerjoin(Step, (Step.change_id == Change.id) & (Step.state == StepState.OPEN))
    .where(among(Change.parcel_id, "ids"), Change.kind.not_in(ONLY_UNPAID))
    .order_by(Change.id, Step.position),
    Change.store_id,
)
MEMOS = Reading(
    select(Notice.parcel_id, Notice.id, Notice.state)
    .where(among(Notice.parcel_id, "ids"), Notice.kind == NoticeKind.MEMO)
    .order_by(Notice.id),
    Notice.store_id,
)


def changes_seen(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """By parcel: every change that ever was there; of an open one its version, of the others how they ended.

    What is ticked after its end (a refund, the platform) says nothing about the parcel.
    """
    found: dict[int, list[Any]] = defaultdict(list)
    for row in {row.id: row for row in rows}.values():
        found[row.parcel_id].append([row.id, row.version if row.state is ChangeState.OPEN else str(row.state)])
    return found


def memos_seen(rows: Iterable[Any]) -> dict[int, list[Any]]:
    """By parcel: every memo that printing was told of, and whether it has yet to be seen."""
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.parcel_id].append([row.id, row.state is NoticeState.OPEN])
    return found


def sight(units: int, changes: Sequence[Any], memos: Sequence[Any] = ()) -> str:
    """The text for units in the parcel, its changes and its memos."""
    return _sight(units, changes, memos) if changes or memos else _untouched(units)


@lru_cache(maxsize=64)
def _untouched(units: int) -> str:
    """Of most parcels."""
    return _sight(units, (), ())


def _sight(units: int, changes: Sequence[Any], memos: Sequence[Any]) -> str:
    told = json.dumps([units, list(changes), list(memos)], separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()[:SIZE]


def moved(kept: Iterable[Any], now: Iterable[Any]) -> list[tuple[str, int | None]]:
    """(pasted, parcel) of what is not as it was shown.

    Of what goes neither way all the same only the group counts: a held parcel that is still held keeps no list back.
    """
    before = {(row.pasted, row.parcel_id): (row.group_shown, row.shown) for row in kept}
    after = {(row.pasted, row.parcel_id): (row.group, row.shown) for row in now}
    return [key for key in before | after if not _is_same(before.get(key), after.get(key))]


def _is_same(before: tuple[Group, str | None] | None, after: tuple[Group, str | None] | None) -> bool:
    if before is None or after is None or before[0] is not after[0]:
        return False
    return before[0] not in GOES or before[1] == after[1]
