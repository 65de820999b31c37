"""What holds a replacement from the printer, and what lets it go: inspected goods, a settled difference.

Its order says so in its readiness, which every command that prints looks at.  The desk itself decided it, so no person
lifts it on the order: it ends with its cause (parcels.service.readying).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case, CaseReminder
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Order
from shopdesk.orders.states import Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.rules import Priced
from shopdesk.replacements.service.freeing import free_cancelled, tell_worth
from shopdesk.replacements.states import ReplacementState

#: What the desk says of an order that waits for its case.
HELD_AS = frozenset({Readiness.HALTED, Readiness.AWAITING_BALANCE})


def locked(replacement_id: int, store_id: int) -> Replacement:
    statement = select(Replacement).where(Replacement.id == replacement_id).with_for_update(key_share=True)
    fresh = in_store(statement, store_id, Replacement).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def case_of(replacement: Replacement) -> Case:
    """Locked: its amounts may move."""
    statement = select(Case).where(Case.id == replacement.case_id).with_for_update(key_share=True)
    fresh = in_store(statement, replacement.store_id, Case).execution_options(populate_existing=True)
    return db.session.scalars(fresh).one()


def outbound_locked(replacement: Replacement) -> Order:
    """The order, then its parcels: whoever prints locks them before looking."""
    statement = select(Order).where(Order.id == replacement.outbound_id).with_for_update(key_share=True)
    fresh = in_store(statement, replacement.store_id, Order).execution_options(populate_existing=True)
    order = db.session.scalars(fresh).one()
    parcels.locked_parcels([p.id for p in parcels.parcels_of_order(order.id, order.store_id)], order.store_id)
    return order


@command
def look_at(replacement: Replacement, *, actor: Actor) -> bool:
    """Free, hold, release or credit what its order, the goods and the difference say now; True where something changed.

    The caller holds the case's lock.
    """
    if replacement.state is ReplacementState.CANCELLED or replacement.undone_at is not None:
        return False
    is_here = queries.goods_back(replacement)
    changed = free_cancelled(replacement, case_of(replacement), actor=actor) > 0
    changed = _credit(replacement, is_here=is_here, actor=actor) or changed
    if replacement.state is not ReplacementState.WAITING:
        return changed
    wanted = _waits_for(replacement, is_here=is_here)
    _hold(replacement, wanted)
    if wanted is None:
        changed = _release(replacement, actor) or changed
    return changed


def _waits_for(replacement: Replacement, *, is_here: bool) -> Readiness | None:
    if replacement.waits_for_goods and not is_here:
        return Readiness.HALTED
    if replacement.difference_minor > 0 and replacement.settled_at is None:
        return Readiness.AWAITING_BALANCE
    return None


def _hold(replacement: Replacement, wanted: Readiness | None) -> None:
    """What a person said of the order meanwhile stays."""
    order = outbound_locked(replacement)
    is_ours = order.readiness_decided in HELD_AS and order.readiness_by_id is None
    if order.readiness_decided is wanted or (order.readiness_decided is not None and not is_ours):
        return
    desk = Actor.system([order.store_id])
    order_service.decide_readiness(order, wanted, reason=_number(replacement), by="case", actor=desk)


def hold_again(replacement: Replacement, *, actor: Actor) -> bool:
    """Something more is owed: what has not left waits once more, also printed or packed.  False: nothing is here.

    The caller holds the case's and the replacement's locks.
    """
    outbound_locked(replacement)  # whoever ships locks it too
    there = queries.out(replacement)
    if replacement.state is not ReplacementState.RELEASED or there.shipped >= there.units:
        return False
    statement = (
        update(Replacement)
        .where(Replacement.id == replacement.id, Replacement.state == ReplacementState.RELEASED)
        .values(state=ReplacementState.WAITING, released_at=None, version=Replacement.version + 1)
    )
    if rows_changed(in_store(statement, replacement.store_id, Replacement)) != 1:
        return False
    db.session.refresh(replacement)
    audit.record(
        "replacement.held_again", "replacement", replacement.id, actor, store_id=replacement.store_id,
        order_id=replacement.outbound_id,
    )  # fmt: skip
    look_at(replacement, actor=actor)
    return True


def _number(replacement: Replacement) -> str | None:
    statement = select(Case.number).where(Case.id == replacement.case_id)
    return db.session.scalar(in_store(statement, replacement.store_id, Case))


def _release(replacement: Replacement, actor: Actor) -> bool:
    statement = (
        update(Replacement)
        .where(Replacement.id == replacement.id, Replacement.state == ReplacementState.WAITING)
        .values(state=ReplacementState.RELEASED, released_at=clock.now(), version=Replacement.version + 1)
    )
    if rows_changed(in_store(statement, replacement.store_id, Replacement)) != 1:
        return False
    db.session.refresh(replacement)
    audit.record(
        "replacement.released", "replacement", replacement.id, actor, store_id=replacement.store_id,
        order_id=replacement.outbound_id,
    )  # fmt: skip
    return True


def _credit(replacement: Replacement, *, is_here: bool, actor: Actor) -> bool:
    """Cheaper goods: the rest goes back only once what came in was accepted, or nothing is to come."""
    owed = -replacement.difference_minor
    expects_goods = replacement.waits_for_goods or replacement.due_at is not None
    if owed <= 0 or replacement.credited_minor or (expects_goods and not is_here):
        return False
    case = case_of(replacement)
    left = owed
    lines = queries.lines_of([replacement.id], replacement.store_id)
    for line in lines:
        part = min(left, line.share_minor)
        left -= part
        if part:
            cases.credit(case, line.line_id, part)
            line.share_minor -= part
        line.credited_minor = part
        line.worth_minor = Priced(line.share_minor + part, line.price_minor).worth_minor
        tell_worth(line)
    replacement.credited_minor = owed
    replacement.version += 1
    db.session.flush()
    audit.record(
        "replacement.credited", "replacement", replacement.id, actor, store_id=replacement.store_id,
        order_id=replacement.order_id, amount_minor=owed,
    )  # fmt: skip
    return True


@command
def send_ahead(replacement_id: int, due_at: datetime | None, *, actor: Actor) -> Replacement:
    """Let it go before the goods are here; they are expected back by then.

    Raises NotFound, NotAllowed, IllegalMove (`replacement_moved`, `not_waiting_for_goods`), RuleViolation (no time, or
    a past one).
    """
    found = load(Replacement, replacement_id, actor, Permission.REPLACEMENT_MAKE)
    cases.in_hand(found.case_id, actor, Permission.REPLACEMENT_MAKE, phases=cases.UNDER_WAY)
    found = locked(replacement_id, found.store_id)
    rules.check_ahead(queries.standing(found))
    rules.check_due(due_at, clock.now())
    found.waits_for_goods, found.due_at = False, due_at
    found.version += 1
    db.session.flush()
    audit.record(
        "replacement.sent_ahead", "replacement", found.id, actor, store_id=found.store_id, order_id=found.order_id,
        until=due_at.isoformat() if due_at else None,
    )  # fmt: skip
    look_at(found, actor=actor)
    return found


def release_due(store_id: int, *, actor: Actor) -> int:
    """Release, credit and remind of what is due in a store; how many moved.  One transaction each."""
    return sum(_look(replacement_id, store_id, actor) for replacement_id in queries.to_look_at(store_id, clock.now()))


@command
def _look(replacement_id: int, store_id: int, actor: Actor) -> bool:
    statement = select(Replacement).where(Replacement.id == replacement_id)
    case_of(db.session.scalars(in_store(statement, store_id, Replacement)).one())  # the case first, everywhere
    found = locked(replacement_id, store_id)
    changed = look_at(found, actor=actor)
    return _remind(found, actor) or changed


def _remind(replacement: Replacement, actor: Actor) -> bool:
    """Once, to whoever has the case: the goods in whose place it went did not come in time."""
    is_late = replacement.due_at is not None and replacement.due_at <= clock.now()
    gone = replacement.state is ReplacementState.CANCELLED or replacement.undone_at is not None
    if not is_late or gone or replacement.reminded_at is not None or queries.goods_back(replacement):
        return False
    if queries.not_back_decided(replacement.id):
        return False
    case = case_of(replacement)
    at = clock.now()
    db.session.add(CaseReminder(store_id=case.store_id, case_id=case.id, to_id=case.owner_id, sent_at=at))
    replacement.reminded_at = at
    db.session.flush()
    audit.record(
        "replacement.goods_late", "replacement", replacement.id, actor, store_id=case.store_id,
        order_id=case.order_id, case=case.id,
    )  # fmt: skip
    return True
