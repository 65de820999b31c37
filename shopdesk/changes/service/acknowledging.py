"""Many notices at once: each gets its answer or says why not; a few rows in a transaction, so that nothing is lost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update

from shopdesk.changes.service.answering import ASKING, answer_notice
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, part, rows_changed
from shopdesk.core.errors import Conflict, DomainError, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require, require_role
from shopdesk.core.scope import in_store, touch, within
from shopdesk.notices import queries as notice_queries
from shopdesk.notices.models import Answer, Notice, NoticeKind, NoticeState
from shopdesk.parcels import queries as parcels
from shopdesk.staff import queries as staff

COLUMNS = (Notice.id, Notice.store_id, Notice.role, Notice.kind, Notice.state, Notice.order_id, Notice.parcel_id,
           Notice.change_id, Notice.answer, Notice.answered_by_id)  # fmt: skip
AT_ONCE = 50  # notices in one transaction
SECONDS = 10.0  # of one call; what is left then is named, and answered by the next call


@dataclass(slots=True)
class Acknowledged:
    """What became of each notice, in the order of the call; `left` were not reached in time."""

    done: dict[int, Answer] = field(default_factory=dict)
    refused: dict[int, DomainError] = field(default_factory=dict)
    left: list[int] = field(default_factory=list)


def acknowledge(ids: Sequence[int], answer: Answer | None, *, actor: Actor, seconds: float = SECONDS) -> Acknowledged:
    """Answer notices of one's roles: alarms and other news are noted; what asks about the stage gets `answer`.

    Without an answer those are refused (`needs_answer`): nobody says *not printed* by ticking.  One that somebody else
    has answered says who (`answered`).  A chunk is one transaction; a refused row takes none of the others along.
    """
    found = Acknowledged()
    wanted = list(dict.fromkeys(ids))
    until = time.monotonic() + seconds
    for at in range(0, len(wanted), AT_ONCE):
        chunk = wanted[at : at + AT_ONCE]
        if at and time.monotonic() > until:
            found.left = wanted[at:]
            break
        try:
            done, refused = _chunk(chunk, answer, actor=actor)
        except DomainError as error:  # the desk is too busy: nothing of the chunk was written
            done, refused = {}, dict.fromkeys(chunk, error)
        found.done |= done
        found.refused |= refused
    return found


def acknowledge_matching(
    answer: Answer | None,
    *,
    kind: NoticeKind | None = None,
    up_to: int,
    actor: Actor,
    seconds: float = SECONDS,
) -> Acknowledged:
    """The same for every open notice of one's inbox, of that kind; `up_to`: the newest that one has seen."""
    statement = notice_queries.inbox(actor).where(Notice.id <= up_to).with_only_columns(Notice.id)
    if kind is not None:
        statement = statement.where(Notice.kind == kind)
    return acknowledge(list(db.session.scalars(statement)), answer, actor=actor, seconds=seconds)


@command
def _chunk(
    ids: Sequence[int], answer: Answer | None, *, actor: Actor
) -> tuple[dict[int, Answer], dict[int, DomainError]]:
    found = _locked(ids, actor)
    done = _noted([row for row in found.values() if _is_news(row, actor)], actor)
    refused: dict[int, DomainError] = {}
    for notice_id in ids:
        if notice_id in done:
            continue
        try:
            with part():
                done[notice_id] = _one(notice_id, found.get(notice_id), answer, actor)
        except DomainError as error:
            refused[notice_id] = error
    return {notice_id: done[notice_id] for notice_id in ids if notice_id in done}, refused


def _is_news(row: Any, actor: Actor) -> bool:
    """Whether it is open, only to be noted, and this person's to note."""
    may = actor.may(Permission.NOTICE_ANSWER, row.store_id) and actor.acts_as(row.role, row.store_id)
    return row.state is NoticeState.OPEN and row.kind not in ASKING and may


def _noted(rows: Sequence[Any], actor: Actor) -> dict[int, Answer]:
    """Note all of them in one statement for each store; those that somebody else noted meanwhile are left out."""
    at = clock.now()
    done: dict[int, Answer] = {}
    for store_id in sorted({row.store_id for row in rows}):
        here = {row.id: row for row in rows if row.store_id == store_id}
        values = {"answer": Answer.NOTED, "answered_at": at, "answered_by_id": actor.id}
        note = update(Notice).where(Notice.id.in_(here), Notice.state == NoticeState.OPEN)
        wrote = db.session.info.get("wrote")
        if not rows_changed(in_store(note.values(state=NoticeState.ACKNOWLEDGED, **values), store_id, Notice)):
            db.session.info["wrote"] = wrote  # nothing was left to note: there is nothing to record
            continue
        mine = select(Notice.id).where(Notice.id.in_(here), Notice.answered_by_id == actor.id, Notice.answered_at == at)
        for notice_id in db.session.scalars(in_store(mine, store_id, Notice)):
            _record(here[notice_id], actor)
            done[notice_id] = Answer.NOTED
    return done


def _record(row: Any, actor: Actor) -> None:
    require(actor, Permission.NOTICE_ANSWER, row.store_id)
    require_role(actor, row.role, row.store_id)
    audit.record(
        "notice.answered", "notice", row.id, actor, store_id=row.store_id, order_id=row.order_id,
        answer=str(Answer.NOTED), kind=str(row.kind), change=row.change_id, at_once=True,
    )  # fmt: skip


def _read(ids: Sequence[int], actor: Actor) -> dict[int, Any]:
    statement = select(*COLUMNS).where(Notice.id.in_(ids))
    return {row.id: row for row in db.session.execute(within(statement, actor, Permission.ORDER_READ, Notice))}


def _locked(ids: Sequence[int], actor: Actor) -> dict[int, Any]:
    """The notices as they are, their parcels locked in the order of ids: two who answer at once wait in no circle."""
    found = _read(ids, actor)
    by_store: dict[int, set[int]] = {}
    for row in found.values():
        if row.kind in ASKING and row.parcel_id and row.state is NoticeState.OPEN:
            by_store.setdefault(row.store_id, set()).add(row.parcel_id)
    for store_id in sorted(by_store):
        parcels.locked_with_orders(sorted(by_store[store_id]), store_id)
    return found


def _one(notice_id: int, known: Any, answer: Answer | None, actor: Actor) -> Answer:
    if known is None:
        raise NotFound("There is no such thing here.")
    touch(known.store_id)
    require(actor, Permission.NOTICE_ANSWER, known.store_id)
    require_role(actor, known.role, known.store_id)
    if known.state is not NoticeState.OPEN:
        return _over(known, actor)
    if known.kind in ASKING:
        if answer is None or answer is Answer.NOTED:
            raise RuleViolation(
                "This one asks how far the parcel is: answer it by itself, or choose one answer for all of them.",
                code="needs_answer", kind=str(known.kind),
            )  # fmt: skip
        answer_notice(notice_id, answer, actor=actor)
        return answer
    return _over(_read([notice_id], actor)[notice_id], actor)  # somebody noted it at this moment


def _over(known: Any, actor: Actor) -> Answer:
    """Sent twice by the same person it is done; else somebody was quicker, and this says who."""
    if known.state is NoticeState.ACKNOWLEDGED and known.answered_by_id == actor.id and known.answer:
        return Answer(known.answer)
    if known.state is NoticeState.ACKNOWLEDGED:
        who = staff.signatures({known.answered_by_id or 0}).get(known.answered_by_id or 0, "ShopDesk")
        raise Conflict("%(who)s has answered this already.", code="answered", who=who, answer=str(known.answer))
    raise Conflict("This notice is not open any more.", code="notice_closed")
