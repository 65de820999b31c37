"""Goods of somebody else that lay in a parcel: taken out of it, they are unknown goods of their own (无主件)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from shopdesk.core import audit, clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.returns.models import Arrival, Finding
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.matching import taken_out_code
from shopdesk.returns.states import ArrivalState, Identity

MOST_WORDS = 500  # characters of what lies in a parcel


def take_out(arrival: Arrival, strange: Iterable[Finding], actor: Actor) -> list[Arrival]:
    """Give each of these findings, not written yet, a parcel of its own: with candidates, photos and label.

    It lies where the first one lies and was inspected with it; that stays without them.  The caller holds the first.
    """
    return [_one(arrival, finding, actor) for finding in strange]


def is_strange(arrival: Arrival, finding: Finding) -> bool:
    """A parcel that nobody knows is itself what is looked for."""
    return arrival.is_matched and finding.identity is Identity.UNEXPECTED and finding.return_line_id is None


def still_apart(arrival: Arrival, *, lock: str = "") -> list[Finding]:
    """What was taken out of it and of which nothing came yet: a correction may say something else of it.

    `lock`: nobody matches it or puts it away meanwhile.
    """
    head = _head(arrival)
    statement = (
        select(Arrival)
        .where(Arrival.warehouse_id == arrival.warehouse_id, Arrival.waybill.startswith(head, autoescape=True))
        .where(Arrival.is_matched.is_(False), Arrival.case_id.is_(None))
        .order_by(Arrival.id)
    )
    if lock:
        statement = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    there = [row for row in db.session.scalars(statement) if row.waybill.removeprefix(head).isdigit()]
    standing = [row for each in there for row in docks.findings(each)]
    touched = {row.arrival_id for row in standing if row.disposed}
    return [row for row in standing if row.arrival_id not in touched]


def _head(arrival: Arrival) -> str:
    return taken_out_code(arrival.waybill, 1)[:-1]


def _one(arrival: Arrival, finding: Finding, actor: Actor) -> Arrival:
    now = clock.now()
    words = " ".join(text for text in (finding.sku, finding.title, finding.note) if text)
    made = Arrival(
        warehouse_id=arrival.warehouse_id, waybill=_free_code(arrival), state=ArrivalState.INSPECTED,
        place=arrival.place, inside=words[:MOST_WORDS] or None, signed_in_by_id=arrival.signed_in_by_id,
        signed_in_at=arrival.signed_in_at, opened_by_id=actor.id, opened_at=now, inspected_by_id=actor.id,
        inspected_at=now,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    finding.arrival_id = made.id
    audit.record(
        "arrival.taken_out", "arrival", made.id, actor, store_id=None, order_id=None, units=finding.quantity,
        **{"from": str(arrival.id)},
    )  # fmt: skip
    return made


def _free_code(arrival: Arrival) -> str:
    there = set(_codes(arrival, [taken_out_code(arrival.waybill, n) for n in range(1, 1000)]))
    return next(code for n in range(1, 1000) if (code := taken_out_code(arrival.waybill, n)) not in there)


def _codes(arrival: Arrival, codes: Sequence[str]) -> list[str]:
    statement = select(Arrival.waybill).where(Arrival.warehouse_id == arrival.warehouse_id)
    return list(db.session.scalars(statement.where(Arrival.waybill.in_(codes))))
