"""What the desk decided about an order: amendments, made and taken back.  Called by changes, inside its commands."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal, pack
from shopdesk.core.scope import in_store, of_found
from shopdesk.orders import queries
from shopdesk.orders.models import Amendment, Order, OrderLine
from shopdesk.orders.service import keys
from shopdesk.orders.states import AmendmentState, Field

#: States in which the platform holds the value.
IN_PLATFORM = frozenset({AmendmentState.DONE_BY_HAND, AmendmentState.SEEN})


@command
def amend(order: Order, field: Field, value: dict[str, Any], *, line_id: int | None, actor: Actor) -> Amendment:
    """Decide a field; the former decision ends but is remembered, so that a withdrawal can restore it."""
    former = queries.active_amendment(order.id, order.store_id, field, line_id)
    was = queries.value_of(former) if former else queries.undecided_value(order, field, line_id)
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
    if field is Field.ADDRESS:
        _index_address(order, {key: told for key, told in value.items() if told != was.get(key)})
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
def restore(*amendment_ids: int, store_id: int, actor: Actor) -> None:
    """Take amendments of one field back together: the effective value from before the oldest of them stands again.

    What was already entered in the platform becomes a `to_do` back.  Amendments that a later one, not among them,
    replaced only lose their place in the row of decisions.
    """
    statement = select(Amendment).where(Amendment.id.in_(amendment_ids)).order_by(Amendment.id)
    taken = list(db.session.scalars(in_store(statement, store_id, Amendment)))
    first, last = taken[0], taken[-1]
    order = queries.order_by_id(first.order_id, store_id)
    order.version += 1
    if last.ended_at is not None:
        ours = in_store(update(Amendment), store_id, Amendment)
        rows_changed(ours.where(Amendment.replaced_id == last.id).values(replaced_id=first.replaced_id))
        return
    last.ended_at = clock.now()
    db.session.flush()
    entered = [a for a in taken if a.state in IN_PLATFORM]
    if first.replaced_id is not None:
        _stand_again(queries.amendment_by_id(first.replaced_id, store_id), entered)
    elif entered:
        db.session.add(
            Amendment(
                store_id=store_id, order_id=order.id, line_id=first.line_id, field=first.field, value=first.was,
                was=entered[-1].value, state=AmendmentState.TO_DO, made_at=clock.now(), made_by_id=actor.id,
            )
        )  # fmt: skip
    db.session.flush()


def _stand_again(former: Amendment, entered: list[Amendment]) -> None:
    former.ended_at = None
    if entered:  # the platform holds what was withdrawn
        former.was, former.state, former.third = entered[-1].value, AmendmentState.TO_DO, None


@command
def note_done_by_hand(amendment: Amendment) -> None:
    """Tick that the value was entered in the platform.  Raises IllegalMove when it is not to do."""
    ticked = rows_changed(
        in_store(update(Amendment), amendment.store_id, Amendment)
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
        of_found(update(OrderLine))
        .where(OrderLine.id == line_id, after >= 0, after + OrderLine.shipped <= OrderLine.quantity)
        .values(cancelled=after)
    )
    if done == 1:
        return
    if units < 0:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
    raise RuleViolation("More units than are left.", code="more_than_left", units=units)


@command
def ship_units(line_id: int, units: int) -> None:
    """Count units as shipped (negative: as not shipped).  Raises Conflict where the counters do not allow it."""
    after = OrderLine.shipped + units
    done = rows_changed(
        of_found(update(OrderLine))
        .where(OrderLine.id == line_id, after >= 0, after + OrderLine.cancelled <= OrderLine.quantity)
        .values(shipped=after)
    )
    if done != 1:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
