"""What the desk decided about an order: amendments, made and taken back.  Called by changes, inside its commands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal, pack, unpack
from shopdesk.core.scope import in_store
from shopdesk.orders import queries
from shopdesk.orders.models import Amendment, Order, OrderLine
from shopdesk.orders.service import keys
from shopdesk.orders.states import AmendmentState, Field


@command
def amend(order: Order, field: Field, value: dict[str, Any], *, line_id: int | None, actor: Actor) -> Amendment:
    """Decide a field; the former decision ends but is remembered, so that a withdrawal can restore it."""
    was = queries.effective_value(order, field, line_id)
    former = queries.active_amendment(order.id, order.store_id, field, line_id)
    at = clock.now()
    if former:
        former.ended_at = at
        db.session.flush()
    made = Amendment(
        store_id=order.store_id, order_id=order.id, line_id=line_id, field=field, value=pack(value), was=pack(was),
        state=AmendmentState.TO_DO, made_at=at, made_by_id=actor.id, replaced_id=former.id if former else None,
    )  # fmt: skip
    db.session.add(made)
    order.version += 1
    db.session.flush()
    db.session.refresh(made)
    if field is Field.ADDRESS:
        _index_address(order, value)
    return made


def _index_address(order: Order, value: dict[str, Any]) -> None:
    name, phone = value.get("name"), value.get("phone")
    keys.index_people(
        order,
        name=Personal(name, "name") if name else None,
        phone=Personal(phone, "phone") if phone else None,
        nick=None,
    )


@command
def restore(amendment_id: int, *, store_id: int, actor: Actor) -> None:
    """Take an amendment back: the former effective value stands again.

    What was already entered in the platform becomes a `to_do` back.  An amendment that a later one replaced only
    loses its place in the row of decisions.
    """
    statement = in_store(select(Amendment).where(Amendment.id == amendment_id), store_id, Amendment)
    amendment = db.session.scalars(statement).one()
    if amendment.ended_at is not None:
        return
    order = queries.order_by_id(amendment.order_id, store_id)
    amendment.ended_at = clock.now()
    db.session.flush()
    in_platform = amendment.state in {AmendmentState.DONE_BY_HAND, AmendmentState.SEEN}
    former = queries.amendment_by_id(amendment.replaced_id, store_id) if amendment.replaced_id else None
    if former or in_platform:
        state = former.state if former and not in_platform else AmendmentState.TO_DO
        why = "to restore it"
        value = unpack(former.value if former else amendment.was, why)
        back = Amendment(
            store_id=store_id, order_id=order.id, line_id=amendment.line_id, field=amendment.field, value=pack(value),
            was=pack(unpack(amendment.value, why)), state=state, made_at=clock.now(), made_by_id=actor.id,
            replaced_id=former.replaced_id if former else None,
        )  # fmt: skip
        db.session.add(back)
    order.version += 1
    db.session.flush()


@command
def note_done_by_hand(amendment: Amendment) -> None:
    """Tick that the value was entered in the platform.  Raises IllegalMove when it is not to do."""
    ticked = rows_changed(
        update(Amendment)
        .where(Amendment.id == amendment.id, Amendment.ended_at.is_(None))
        .where(Amendment.state.in_([AmendmentState.TO_DO, AmendmentState.CONTRADICTED]))
        .values(state=AmendmentState.DONE_BY_HAND)
    )
    if ticked != 1:
        raise IllegalMove("This is not waiting to be entered in the platform.", state=str(amendment.state))


@command
def cancel_units(line_id: int, units: int) -> None:
    """Take `units` off a line (negative: put them back).  One conditional UPDATE decides (domain.md §5)."""
    after = OrderLine.cancelled + units
    done = rows_changed(
        update(OrderLine)
        .where(OrderLine.id == line_id, after >= 0, after + OrderLine.shipped <= OrderLine.quantity)
        .values(cancelled=after)
    )
    if done == 1:
        return
    if units < 0:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
    raise RuleViolation("More units than are left.", code="more_than_left", units=units)
