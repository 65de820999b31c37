"""The trail: who did what, when, in which role; append-only and hash-chained per store (0 = the desk).

An event names fields and references, not personal text.  Its chain runs over sha256(body), so that erasing a body
keeps the chain whole.  Heads are taken last in the transaction (docs/architecture.md#events).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import BigInteger, Index, String, Table, UniqueConstraint, bindparam, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from shopdesk.core import clock
from shopdesk.core.columns import BigId, JSONText, UTCDateTime
from shopdesk.core.db import Base, before_commit, db
from shopdesk.core.permissions import Actor, acting_role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.core.scope import touch

DESK = 0  # the chain of what belongs to no store
GENESIS = "0" * 64


class Event(Base):
    __tablename__ = "event"
    __table_args__ = (
        UniqueConstraint("chain", "seq"),
        Index("ix_event_order", "order_id", "id"),
        Index("ix_event_subject", "subject", "subject_id"),
        Index("ix_event_actor", "actor_id", "action", "at"),  # the reveal quota counts a person's day
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    chain: Mapped[int] = mapped_column(BigInteger)  # store id, or DESK
    seq: Mapped[int] = mapped_column(BigInteger)  # 1, 2, 3 … without gaps within the chain
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    action: Mapped[str] = mapped_column(String(64))  # thing.past_tense
    subject: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int] = mapped_column(BigInteger)
    order_id: Mapped[int | None] = mapped_column(BigInteger)  # the order whose timeline shows it
    actor_id: Mapped[int | None] = mapped_column(BigInteger)  # person; None = the desk itself
    role: Mapped[str | None] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(16))
    body: Mapped[dict[str, Any] | None] = mapped_column(JSONText)
    body_hash: Mapped[str] = mapped_column(String(64))
    prev_hash: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class EventHead(Base):
    """The newest link of each chain; the row that orders its writers."""

    __tablename__ = "event_head"

    chain: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))


def record(
    action: str,
    subject: str,
    subject_id: int,
    actor: Actor,
    *,
    store_id: int | None = None,
    order_id: int | None = None,
    **body: Any,
) -> None:
    """Leave one event; it is written when the outermost command commits, or not at all.

    `body` holds JSON values: field names, states, ids, figures; never a name, phone or address.  Of who stands in for
    the role it says so.
    """
    if store_id:
        touch(store_id)
    role = acting_role(actor, store_id or DESK)
    if role and actor.stands_in(role, store_id or DESK):
        body["standing_in"] = True
    db.session.info.setdefault("events", []).append(
        {
            "chain": store_id or DESK,
            "at": clock.now(),
            "action": action,
            "subject": subject,
            "subject_id": subject_id,
            "order_id": order_id,
            "actor_id": actor.id,
            "role": str(role) if role else None,
            "channel": actor.channel,
            "body": body,
        }
    )


def times(action: str, subject: str, subject_id: int) -> int:
    """How often this happened to a thing, this transaction's own included."""
    named = (Event.subject == subject, Event.subject_id == subject_id, Event.action == action)
    written = db.session.scalar(select(func.count(Event.id)).where(*named)) or 0
    waiting = db.session.info.get("events") or []
    mine = (subject, subject_id, action)
    return int(written) + sum((e["subject"], e["subject_id"], e["action"]) == mine for e in waiting)


@before_commit
def _append(session: Session) -> None:
    """Give the collected events their places; chains in ascending order, so that two writers cannot deadlock."""
    events: list[dict[str, Any]] = session.info.get("events") or []
    for chain in sorted({e["chain"] for e in events}):
        seq, last = _take_head(session, chain)
        rows = []
        for row in (e for e in events if e["chain"] == chain):
            seq += 1
            body_hash = _sha(canonical(row["body"]))
            link = {**row, "seq": seq, "prev_hash": last, "body_hash": body_hash}
            last = link["hash"] = _link_hash(link)
            rows.append(link)
        session.connection().execute(_LINK, rows)
        session.connection().execute(_MOVE_HEAD, {"of": chain, "to": seq, "with": last})


# Every command runs these three: as statements of tables, made once, they take a third of what a session's own would.
_HEAD = PlainRows(select(EventHead.seq, EventHead.hash).where(EventHead.chain == bindparam("chain")).with_for_update())
_HEADS = cast(Table, EventHead.__table__)
_LINK = insert(cast(Table, Event.__table__)).inline()
_MOVE_HEAD = update(_HEADS).where(_HEADS.c.chain == bindparam("of")).values(seq=bindparam("to"), hash=bindparam("with"))


def _take_head(session: Session, chain: int) -> tuple[int, str]:
    for head in _HEAD.rows(chain=chain):
        return head.seq, head.hash
    session.execute(insert(EventHead), [{"chain": chain, "seq": 0, "hash": GENESIS}])
    return 0, GENESIS


def canonical(body: Mapping[str, Any] | None) -> str:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _link_hash(row: Mapping[str, Any]) -> str:
    parts = [row[k] for k in ("prev_hash", "chain", "seq", "action", "subject", "subject_id", "order_id", "actor_id")]
    parts += [row["at"].isoformat(), row["role"], row["channel"], row["body_hash"]]
    return _sha(canonical({"link": parts}))


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain does not hold: `what` is edited_body, edited_link, gap, truncated or head_differs."""

    chain: int
    seq: int
    what: str


def verify(known_heads: Mapping[int, tuple[int, str]] | None = None) -> tuple[int, list[Break]]:
    """Walk every chain; return how many events were examined and every break found.

    `known_heads` (chain → seq, hash) are heads that left the machine earlier: they find a rewritten or cut chain
    whose own head row was adjusted too.
    """
    breaks: list[Break] = []
    examined = 0
    last: dict[int, tuple[int, str]] = {}
    seen: dict[tuple[int, int], str] = {}
    wanted = {(chain, seq) for chain, (seq, _) in (known_heads or {}).items()}
    for row in _all_links():
        examined += 1
        seq, prev = last.get(row.chain, (0, GENESIS))
        breaks += _broken(row, seq, prev)
        last[row.chain] = (row.seq, row.hash)
        if (row.chain, row.seq) in wanted:
            seen[row.chain, row.seq] = row.hash
    for head in db.session.execute(select(EventHead.chain, EventHead.seq, EventHead.hash)):
        if last.get(head.chain, (0, GENESIS)) != (head.seq, head.hash):
            breaks.append(Break(head.chain, head.seq, "truncated"))
    heads = {h for (h,) in db.session.execute(select(EventHead.chain))}
    breaks += [Break(chain, last[chain][0], "truncated") for chain in last if chain not in heads]
    for chain, (seq, digest) in (known_heads or {}).items():
        if seq and seen.get((chain, seq)) != digest:
            breaks.append(Break(chain, seq, "head_differs"))
    return examined, breaks


def _broken(row: Any, seq: int, prev: str) -> Iterator[Break]:
    if row.seq != seq + 1:
        yield Break(row.chain, row.seq, "gap")
    if row.prev_hash != prev or _link_hash(row._mapping) != row.hash:
        yield Break(row.chain, row.seq, "edited_link")
    if row.body is not None and _sha(canonical(row.body)) != row.body_hash:
        yield Break(row.chain, row.seq, "edited_body")


def _all_links() -> Iterator[Any]:
    columns = [c for c in Event.__table__.columns if c.name != "id"]
    statement = select(*columns).order_by(Event.chain, Event.seq).execution_options(yield_per=1000)
    yield from db.session.execute(statement)


def heads() -> dict[int, tuple[int, str]]:
    """Chain → (seq, hash): what to carry off the machine."""
    rows = db.session.execute(select(EventHead.chain, EventHead.seq, EventHead.hash))
    return {r.chain: (r.seq, r.hash) for r in rows}
