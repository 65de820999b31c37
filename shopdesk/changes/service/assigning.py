"""转交, 交接: who follows a change, and who has its refund tasks, goes from person to person, with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select

from shopdesk.changes import queries
from shopdesk.changes.models import Change, Handover, Step
from shopdesk.changes.queries.turns import FOLLOWER, goes_on
from shopdesk.changes.states import HANDED_ROLES, ChangeState, StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.staff import queries as staff

MOST_REASON = 500
TAKEN = "—"  # the reason of who takes a task that nobody had


@dataclass(frozen=True, slots=True)
class Moved:
    """What a hand-over of everything came to."""

    change_ids: tuple[int, ...]
    stayed: int  # in stores where the other person has not the role


@command
def assign(change_id: int, to_id: int, *, role: Role = Role.PRE_SALE, reason: str = "", actor: Actor) -> Change:
    """Let another person follow the change (`pre_sale`), or have its refund tasks (`after_sale`).

    A supervisor may for any, else who follows it or has the task; a task that nobody has is anybody's of after-sale,
    who may take it without a reason.  Raises NotFound, NotAllowed (`not_the_follower`), IllegalMove (nothing is left
    to do), RuleViolation (reason, person without the role), Conflict (`already_theirs`).
    """
    load(Change, change_id, actor, Permission.CHANGE_ASSIGN)
    change = load(Change, change_id, actor, Permission.CHANGE_ASSIGN, lock="update")
    tasks = _left(change, role)
    from_id = _has(change, role, tasks)
    _check_may(change, role, from_id, actor)
    said = _checked_reason(reason, is_taken=from_id is None and role is Role.AFTER_SALE and to_id == actor.id)
    if to_id not in dict(staff.people_of_store(change.store_id, role)):
        raise RuleViolation("This person does not work as %(role)s there.", code="not_in_role", role=str(role))
    if to_id == from_id:
        raise Conflict("This person has it already.", code="already_theirs")
    _move(change, role, tasks, from_id, to_id, said, actor)
    return change


@command
def hand_over(to_id: int, reason: str, *, from_id: int | None = None, actor: Actor) -> Moved:
    """Everything of mine to a person, in one go: what I follow, and the tasks that I have taken.

    `from_id`: somebody else's, by a supervisor of the stores.  What is in a store where the other person has not the
    role stays.  Raises NotAllowed, RuleViolation (nothing to hand over; reason; to oneself).
    """
    giver = actor.id if from_id is None else from_id
    said = _checked_reason(reason, is_taken=False)
    if giver == to_id or giver is None:
        raise RuleViolation("Choose somebody else.", code="same_person")
    moved: list[int] = []
    stayed = 0
    for store_id in actor.stores_with(Permission.CHANGE_ASSIGN):
        if giver != actor.id and not actor.acts_as(Role.SUPERVISOR, store_id):
            continue
        found, left = _hand_over_in(store_id, giver, to_id, said, actor)
        moved, stayed = moved + found, stayed + left
    if not moved:
        raise RuleViolation("There is nothing that could be handed over to this person.", code="nothing_to_hand_over")
    return Moved(tuple(sorted(set(moved))), stayed)


def _hand_over_in(store_id: int, giver: int, to_id: int, reason: str, actor: Actor) -> tuple[list[int], int]:
    receives = {role: to_id in dict(staff.people_of_store(store_id, role)) for role in HANDED_ROLES}
    moved, stayed = [], 0
    for change in _locked(store_id, giver):
        for role in HANDED_ROLES:
            tasks = _open_steps(change, role)
            if _has(change, role, tasks) != giver or not _is_left(change, role, tasks):
                continue
            if not receives[role]:
                stayed += 1
                continue
            _move(change, role, tasks, giver, to_id, reason, actor)
            moved.append(change.id)
    return moved, stayed


def _locked(store_id: int, giver: int) -> Sequence[Change]:
    """What may be the giver's, in the order of ids, so that two hand-overs do not wait for each other."""
    tasks = select(Step.change_id).where(
        Step.store_id == store_id, Step.state == StepState.OPEN, Step.person_id == giver
    )
    follows = (giver == FOLLOWER) & or_(
        Change.state == ChangeState.OPEN,
        Change.id.in_(
            select(Step.change_id).where(
                Step.store_id == store_id, Step.state == StepState.OPEN, Step.role == Role.PRE_SALE
            )
        ),
    )
    statement = (
        select(Change)
        .where(or_(follows, Change.id.in_(tasks)))
        .order_by(Change.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(in_store(statement, store_id, Change)).all()


def _open_steps(change: Change, role: Role) -> list[Step]:
    steps = queries.steps_of([change.id], change.store_id)
    return [s for s in steps if s.role is role and s.state is StepState.OPEN and goes_on(change, s)]


def _is_left(change: Change, role: Role, tasks: list[Step]) -> bool:
    """Following goes on while the change is open; tasks as long as they are not done."""
    return bool(tasks) or (role is Role.PRE_SALE and change.state is ChangeState.OPEN)


def _left(change: Change, role: Role) -> list[Step]:
    if role not in HANDED_ROLES:
        raise RuleViolation("Only what pre-sale or after-sale has to do can be handed on.", code="bad_role")
    tasks = _open_steps(change, role)
    if not _is_left(change, role, tasks):
        raise IllegalMove("Nothing of it is left to hand on.", code="nothing_left", role=str(role))
    return tasks


def _has(change: Change, role: Role, tasks: list[Step]) -> int | None:
    if role is Role.PRE_SALE:
        return change.follower_id or change.asked_by_id
    return next((task.person_id for task in tasks if task.person_id), None)


def _check_may(change: Change, role: Role, from_id: int | None, actor: Actor) -> None:
    if actor.acts_as(Role.SUPERVISOR, change.store_id):
        return
    is_own = from_id == actor.id or (role is Role.PRE_SALE and change.asked_by_id == actor.id)
    is_free = role is Role.AFTER_SALE and from_id is None and actor.acts_as(Role.AFTER_SALE, change.store_id)
    if actor.id is None or not (is_own or is_free):
        raise NotAllowed("Only who has it, or a supervisor, can hand this on.", code="not_the_follower")


def _checked_reason(reason: str, *, is_taken: bool) -> str:
    said = strip_controls(reason).strip()
    if not said and is_taken:
        return TAKEN
    if not said:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    if len(said) > MOST_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_REASON)
    return said


def _move(
    change: Change, role: Role, tasks: list[Step], from_id: int | None, to_id: int, reason: str, actor: Actor
) -> None:
    if role is Role.PRE_SALE:
        change.follower_id = to_id
    else:
        for task in tasks:
            task.person_id = to_id
    change.version += 1
    db.session.add(
        Handover(
            store_id=change.store_id, change_id=change.id, role=role, from_id=from_id, to_id=to_id,
            given_by_id=actor.id, given_at=clock.now(), reason=Personal(reason, "text"),
        )
    )  # fmt: skip
    db.session.flush()
    audit.record(
        "change.assigned", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        by_role=str(role), was=from_id, person=to_id,
    )  # fmt: skip
