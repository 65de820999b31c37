"""Lists of work: open changes by who moves next, what is to be entered in the platform, what came too late."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.turns import is_theirs
from shopdesk.changes.states import DONE_BY_PEOPLE, Code
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal
from shopdesk.desk.queries.work import reads
from shopdesk.desk.queries.work.reads import count_mine
from shopdesk.desk.queries.work.rows import LateRow, PlatformRow, Waits, Work, WorkRow, waits_for
from shopdesk.orders.states import AmendmentState
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff

__all__ = ["LateRow", "PlatformRow", "Waits", "Work", "WorkRow", "count_mine", "waits_for", "work"]


def work(actor: Actor, *, everybody: bool = False) -> Work:
    """What waits, oldest first: the person's own, or (`everybody`) all that the person may see."""
    steps = reads.steps(actor, everybody=everybody)
    amendments = reads.amendments(actor, everybody=everybody)
    memos = reads.memos(actor, everybody=everybody)
    late = reads.late(actor, everybody=everybody)
    ids = [change.id for change, _, _, _ in steps]
    last, holds = reads.last_done(ids, actor), reads.holds(ids, actor)
    people = {found[0].asked_by_id for found in steps} | {change.asked_by_id for change, _ in late}
    people |= {found[0].follower_id for found in steps} | {found[3].person_id for found in steps}
    people |= {row.made_by_id for row in (*amendments, *memos)}
    names = staff.signatures({p for p in people if p})
    rows = [_row(*found, last=last, holds=holds, names=names, actor=actor) for found in steps]
    return Work(
        rows=sorted(rows, key=lambda row: (not row.is_mine, row.since)),
        platform=sorted(_by_order(amendments, memos, names), key=lambda row: (not row.is_contradicted, row.since)),
        late=[
            LateRow(c.id, c.order_id, number, c.store_id, c.kind, c.ended_at, names.get(c.asked_by_id or 0))
            for c, number in late
        ],
    )


def _row(
    change: Change,
    number: str,
    buyer: Personal | None,
    step: Step,
    *,
    last: dict[int, datetime],
    holds: dict[int, datetime],
    names: dict[int, str],
    actor: Actor,
) -> WorkRow:
    code = Code(step.code)
    return WorkRow(
        change_id=change.id,
        order_id=change.order_id,
        number=number,
        store_id=change.store_id,
        buyer=buyer,
        kind=change.kind,
        code=code,
        role=step.role,
        waits=waits_for(code, step.role),
        since=last.get(change.id) or change.opened_at,
        asked_by=names.get(change.asked_by_id or 0),
        followed_by=names.get(change.follower_id or 0) if change.follower_id != change.asked_by_id else None,
        taken_by=names.get(step.person_id or 0),
        position=step.position,
        hold_expires_at=holds.get(change.id),
        is_mine=is_theirs(change, step, actor)
        and (step.by_message or code in DONE_BY_PEOPLE)
        and not (code is Code.AMEND and step.column is Stage.UNPRINTED),
    )


def _by_order(amendments: Sequence[Row[Any]], memos: Sequence[Row[Any]], names: dict[int, str]) -> list[PlatformRow]:
    """One row for each order."""
    grouped: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in (*amendments, *memos):
        grouped[row.order_id].append(row)
    found = []
    for order_id, rows in grouped.items():
        values = [row for row in rows if hasattr(row, "field")]
        found.append(
            PlatformRow(
                order_id=order_id,
                number=rows[0].number,
                store_id=rows[0].store_id,
                fields=tuple(dict.fromkeys(row.field for row in values)),
                memos=sum(row.memos for row in rows if not hasattr(row, "field")),
                is_contradicted=any(row.state is AmendmentState.CONTRADICTED for row in values),
                since=min(row.since for row in rows),
                made_by=names.get(rows[0].made_by_id or 0),
            )
        )
    return found
