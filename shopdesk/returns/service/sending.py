"""The goods are on their way back: their waybills, as the customer or the courier told them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select

from shopdesk.cases import queries as cases
from shopdesk.cases.states import CasePhase
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.core.text import clean_pasted, strip_controls
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.returns import queries, rules
from shopdesk.returns.models import Return, ReturnWaybill
from shopdesk.returns.rules.waybills import MOST_AT_ONCE
from shopdesk.returns.service.confirming import lock_case
from shopdesk.returns.service.moving import AWAITED, step
from shopdesk.returns.states import ReturnState

MAX_CARRIER = 64
OURS_FOR = timedelta(days=90)  # a waybill of ours is nobody else's


@command
def record_waybills(return_id: int, text: str, *, actor: Actor, carrier: str | None = None) -> Return:
    """Note one or several waybills of a confirmed return, as pasted; it is sent from then on (M092).

    One number may serve several returns; a number that is there already adds nothing.  Anybody of after-sale may.
    Raises NotFound, NotAllowed, IllegalMove (`wrong_state`, `case_closed`), RuleViolation (`bad_waybill`,
    `not_a_waybill`, `others_waybill`: one of ours, under which another customer's order went out).
    """
    back = queries.return_by_id(return_id, actor, Permission.RETURN_CONFIRM)
    case = cases.case_by_id(back.case_id, actor, Permission.RETURN_CONFIRM)
    lock_case(case)  # two who note one number at once: the second finds it there
    db.session.refresh(back)
    if case.phase is CasePhase.CLOSED:
        raise IllegalMove("This case is closed.", code="case_closed", phase=str(case.phase))
    codes = [parcels.scanned(each) for each in clean_pasted(text)]
    for code in codes[:MOST_AT_ONCE]:
        parcel_service.check_waybill(code, back.store_id)
        if cases.is_number(code, back.store_id):
            raise parcel_service.not_a_waybill(code, "case")
    numbers = rules.waybill_numbers(codes)
    _check_not_others(back, numbers)
    sent_by = strip_controls(carrier or "").strip()[:MAX_CARRIER] or None
    return announce(back, numbers, sent_by, actor=actor)


def _check_not_others(back: Return, numbers: Iterable[str]) -> None:
    """A number that was pasted from another order; old ones do not count, couriers give them out again."""
    order, since = orders.order_by_id(back.order_id, back.store_id), clock.now() - OURS_FOR
    for number in numbers:
        if other := queries.went_out_to_others(number, order, since):
            raise RuleViolation(
                "Under %(number)s order %(order)s went out: this is not the customer's waybill.",
                code="others_waybill", number=number, order=other,
            )  # fmt: skip


@command
def announce(back: Return, numbers: Iterable[str], carrier: str | None, *, actor: Actor) -> Return:
    """Add waybills to a return that was found through the scope.  Raises IllegalMove (`wrong_state`)."""
    if back.state not in AWAITED:
        raise IllegalMove(
            "This does not fit where the return is now: %(state)s.", code="wrong_state", state=str(back.state)
        )
    if back.state is ReturnState.CONFIRMED:
        step(back, ReturnState.SENT)
    known = select(ReturnWaybill.number).where(ReturnWaybill.return_id == back.id)
    there = set(db.session.scalars(in_store(known, back.store_id, ReturnWaybill)))
    fresh = [number for number in dict.fromkeys(numbers) if number not in there]
    now = clock.now()
    db.session.add_all(
        ReturnWaybill(
            store_id=back.store_id,
            return_id=back.id,
            number=number,
            carrier=carrier,
            told_by_id=actor.id,
            told_at=now,
        )
        for number in fresh
    )
    db.session.flush()
    audit.record(
        "return.sent", "return", back.id, actor, store_id=back.store_id, order_id=back.order_id, case=back.case_id,
        waybills=len(fresh),
    )  # fmt: skip
    return back
