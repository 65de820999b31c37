"""Which returns a parcel holds goods of: said by its waybill, or by a person who looked."""

from __future__ import annotations

from sqlalchemy import delete, func, select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.phones import phone_key, tail4
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.returns.models import Arrival, ArrivalMatch, Finding, Return, ReturnLine
from shopdesk.returns.queries import docks
from shopdesk.returns.service.following import follow_case, goods_are_elsewhere, goods_are_here, settle
from shopdesk.returns.states import ReturnState

MATCH = Permission.ARRIVAL_MATCH
MOST_WORDS = 500  # characters of what lies in a parcel
MOST_NAME = 64


@command
def match(arrival_id: int, return_id: int, *, actor: Actor) -> Arrival:
    """Say that a parcel holds goods of a return; said twice it is said once.

    A cancelled return, and one that was put away, may get goods after all.  Raises NotFound (either of them),
    NotAllowed.
    """
    arrival = docks.load_arrival(arrival_id, actor, MATCH, lock="update")
    back = load(Return, return_id, actor, MATCH, lock="update")
    if join(arrival, back, actor=actor, by_person=True):
        audit.record(
            "arrival.matched", "arrival", arrival.id, actor, store_id=back.store_id, order_id=back.order_id,
            **{"return": back.id},
        )  # fmt: skip
    return arrival


@command
def join(arrival: Arrival, back: Return, *, actor: Actor, by_person: bool) -> bool:
    """Write the match of a parcel and a return that were found through the scope.  False: it was there already."""
    if _match_id(arrival, back) is not None:
        return False
    db.session.add(
        ArrivalMatch(
            store_id=back.store_id,
            arrival_id=arrival.id,
            return_id=back.id,
            matched_at=clock.now(),
            matched_by_id=actor.id if by_person else None,
        )
    )  # fmt: skip
    arrival.is_matched = True
    db.session.flush()
    goods_are_here(back)
    return True


def _match_id(arrival: Arrival, back: Return) -> int | None:
    there = select(ArrivalMatch.id).where(ArrivalMatch.arrival_id == arrival.id, ArrivalMatch.return_id == back.id)
    return db.session.scalar(in_store(there, back.store_id, ArrivalMatch))


@command
def unmatch(arrival_id: int, return_id: int, *, actor: Actor) -> Arrival:
    """Take a match back, as long as nothing was found for it.

    Raises NotFound, NotAllowed, IllegalMove (`found_already`).
    """
    arrival = docks.load_arrival(arrival_id, actor, MATCH, lock="update")
    back = load(Return, return_id, actor, MATCH, lock="update")
    lines = in_store(select(ReturnLine.id).where(ReturnLine.return_id == back.id), back.store_id, ReturnLine)
    ids = list(db.session.scalars(lines))
    found = select(func.count(Finding.id)).where(
        Finding.arrival_id == arrival.id, Finding.return_line_id.in_(ids), Finding.replaced_at.is_(None)
    )
    if db.session.scalar(found):
        raise IllegalMove("Something was found for it in this parcel already.", code="found_already")
    if _match_id(arrival, back) is not None:
        gone = delete(ArrivalMatch).where(ArrivalMatch.arrival_id == arrival.id, ArrivalMatch.return_id == back.id)
        rows_changed(in_store(gone, back.store_id, ArrivalMatch))
        arrival.is_matched = docks.is_matched_elsewhere(arrival.id)
        db.session.flush()
        if back.state not in {ReturnState.CANCELLED, ReturnState.DISPOSED}:
            settle(back)  # nothing more of it has to be inspected
            follow_case(back.case_id, back.store_id, actor=actor)
            goods_are_elsewhere(back)
        audit.record(
            "arrival.unmatched", "arrival", arrival.id, actor, store_id=back.store_id, order_id=back.order_id,
            **{"return": back.id},
        )  # fmt: skip
    return arrival


@command
def match_waiting(back: Return, *, actor: Actor) -> int:
    """Match the parcels for whose goods the case was opened; how many.  For whoever confirms the return."""
    waiting = select(Arrival).where(Arrival.case_id == back.case_id, Arrival.is_matched.is_(False)).order_by(Arrival.id)
    found = list(db.session.scalars(waiting.with_for_update(key_share=True)))
    for arrival in found:
        join(arrival, back, actor=actor, by_person=False)
        audit.record(
            "arrival.matched", "arrival", arrival.id, actor, store_id=back.store_id, order_id=back.order_id,
            **{"return": back.id},
        )  # fmt: skip
    return len(found)


@command
def describe(
    arrival_id: int,
    *,
    sender: str | None = None,
    phone: str | None = None,
    inside: str | None = None,
    place: str | None = None,
    actor: Actor,
) -> Arrival:
    """Write down what stands on the box and lies in it, so that its case can be found.

    `phone`: the whole number, or its last four digits.  Raises NotFound, NotAllowed, RuleViolation (`bad_phone`).
    """
    arrival = docks.load_arrival(arrival_id, actor, MATCH, lock="update")
    number = strip_controls(phone or "").strip()
    if number and phone_key(number) is None and tail4(number) is None:
        raise RuleViolation("This is no phone number, nor its last four digits.", code="bad_phone")
    values = {
        "sender": strip_controls(sender or "").strip()[:MOST_NAME] or None,
        "sender_phone": number or None,
        "inside": strip_controls(inside or "").strip()[:MOST_WORDS] or None,
        "place": " ".join(strip_controls(place or "").split())[:MOST_NAME] or None,
    }
    given = [name for name, value in values.items() if value is not None]
    if given:
        changed = {name: values[name] for name in given}
        rows_changed(update(Arrival).where(Arrival.id == arrival.id).values(changed))
        db.session.refresh(arrival)
    audit.record(
        "arrival.described", "arrival", arrival.id, actor, store_id=docks.store_of(arrival, actor), fields=given
    )
    return arrival
