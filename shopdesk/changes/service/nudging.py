"""催办: reminding whose turn it is of a step, at most once in a while."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, update

from shopdesk.changes import queries
from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.turns import next_steps
from shopdesk.changes.states import StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store, load
from shopdesk.notices import service as notices
from shopdesk.notices.models import Notice, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.staff import queries as staff
from shopdesk.staff.models import NUDGE_MINUTES, NUDGE_MINUTES_DEFAULT, Store


@command
def nudge(change_id: int, position: int, *, actor: Actor) -> Notice:
    """Remind whose turn it is: a notice in the inbox of the role, or of the person who has the step.

    Raises NotFound, NotAllowed, IllegalMove (`not_its_turn`: done meanwhile, or not the next one), RuleViolation
    (`own_turn`), Conflict (`nudged_lately`, with when and by whom: one reminder in the store's minutes).
    """
    load(Change, change_id, actor, Permission.CHANGE_NUDGE)
    change = load(Change, change_id, actor, Permission.CHANGE_NUDGE, lock="update")
    steps = queries.steps_of([change.id], change.store_id)
    step = next((s for s in steps if s.position == position), None)
    if step is None:
        raise NotFound("The change has no such step.")
    if step not in next_steps(change, steps):
        raise IllegalMove("This step is not waiting any more.", code="not_its_turn", step=step.code)
    person_id = _named(change, step)
    if person_id is not None and person_id == actor.id:
        raise RuleViolation("It is your own turn.", code="own_turn")
    store = staff.store_by_id(change.store_id)
    _take_turn(step, store, actor)
    notice = notices.put(
        step.role, NoticeKind.NUDGE, orders.order_by_id(change.order_id, store.id), actor=actor, person_id=person_id,
        parcel_id=change.parcel_id, change_id=change.id, step=step.code, at_step=step.position,
        change_kind=str(change.kind),
    )  # fmt: skip
    audit.record(
        "change.nudged", "change", change.id, actor, store_id=store.id, order_id=change.order_id, step=step.code,
        to=str(step.role), person=person_id, notice=notice.id,
    )  # fmt: skip
    return notice


def _named(change: Change, step: Step) -> int | None:
    """Who has the step, as long as that person has its role there."""
    person_id = step.person_id
    if person_id is None and step.role is Role.PRE_SALE:
        person_id = change.follower_id or change.asked_by_id
    if person_id is None:
        return None
    return person_id if person_id in dict(staff.people_of_store(change.store_id, step.role)) else None


def _take_turn(step: Step, store: Store, actor: Actor) -> None:
    """One reminder in a while; of two at the same moment the row count lets one through."""
    now = clock.now()
    minutes = int(store.settings.get(NUDGE_MINUTES, NUDGE_MINUTES_DEFAULT))
    statement = (
        update(Step)
        .where(Step.id == step.id, Step.state == StepState.OPEN)
        .where(or_(Step.nudged_at.is_(None), Step.nudged_at <= now - timedelta(minutes=minutes)))
        .values(nudged_at=now, nudged_by_id=actor.id, nudges=Step.nudges + 1)
    )
    if rows_changed(in_store(statement, store.id, Step)) == 1:
        return
    db.session.refresh(step)
    if step.nudged_at is None:
        raise IllegalMove("This step is not waiting any more.", code="not_its_turn", step=step.code)
    zone = ZoneInfo(store.zone)
    raise Conflict(
        "%(who)s reminded of this at %(at)s; again from %(again)s on.", code="nudged_lately",
        who=staff.signatures({step.nudged_by_id or 0}).get(step.nudged_by_id or 0, "ShopDesk"),
        at=step.nudged_at.astimezone(zone).strftime("%H:%M"),
        again=(step.nudged_at + timedelta(minutes=minutes)).astimezone(zone).strftime("%H:%M"),
    )  # fmt: skip
