"""Reads for handing on: who may have it, and how much everybody has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.changes.models import Change, Step
from shopdesk.changes.queries.turns import FOLLOWER
from shopdesk.changes.states import HANDED_ROLES, ChangeState, StepState
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import within
from shopdesk.staff import queries as staff

P = Permission.CHANGE_ASSIGN


def receivers(change: Change, steps: Sequence[Step]) -> list[tuple[Role, int | None, list[tuple[int, str]]]]:
    """(role, who has it, who may have it) for what of the change can be handed on."""
    found = []
    for role in HANDED_ROLES:
        tasks = [s for s in steps if s.role is role and s.state is StepState.OPEN]
        if not tasks and (role is not Role.PRE_SALE or change.state is not ChangeState.OPEN):
            continue
        has = change.follower_id or change.asked_by_id
        if role is not Role.PRE_SALE:
            has = next((task.person_id for task in tasks if task.person_id), None)
        found.append((role, has, staff.people_of_store(change.store_id, role)))
    return found


@dataclass(frozen=True, slots=True)
class Load:
    """What somebody has: how many changes, and which roles one needs to take all of it over."""

    person_id: int
    name: str
    count: int
    roles: frozenset[Role]


def colleagues(actor: Actor, roles: Collection[Role]) -> list[tuple[int, str]]:
    """Everybody who has one of the roles in the person's stores, by name."""
    found = {i: name for store in actor.stores_with(P) for i, name in staff.people_of_store(store, *roles)}
    return sorted(found.items(), key=lambda row: (row[1], row[0]))


def loads(actor: Actor) -> dict[int, Load]:
    """Who follows open changes or has tasks of them, the most first."""
    follows = select(FOLLOWER, Change.id).where(Change.state == ChangeState.OPEN)
    tasks = (
        select(Step.person_id, Step.change_id)
        .join(Change, Change.id == Step.change_id)
        .where(Step.state == StepState.OPEN, Step.person_id.is_not(None))
    )
    of: dict[Role, set[tuple[int, int]]] = {
        Role.PRE_SALE: {(row[0], row[1]) for row in db.session.execute(within(follows, actor, P, Change)) if row[0]},
        Role.AFTER_SALE: {(row[0], row[1]) for row in db.session.execute(within(tasks, actor, P, Step)) if row[0]},
    }
    counted: Counter[int] = Counter(person for person, _change in set().union(*of.values()))
    names = staff.signatures(set(counted))
    return {
        person: Load(person, names.get(person, ""), count, frozenset(r for r in of if person in {i for i, _ in of[r]}))
        for person, count in counted.most_common()
    }


def is_supervisor(actor: Actor) -> bool:
    return any(actor.acts_as(Role.SUPERVISOR, store_id) for store_id in actor.roles)
