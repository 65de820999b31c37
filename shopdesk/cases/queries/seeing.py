"""Who sees which cases, and which a person reads in clear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, false, or_

from shopdesk.cases.models import Case
from shopdesk.core.errors import NotAllowed
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import load, within
from shopdesk.staff import queries as staff

P = Permission.CASE_READ


#: Roles that see every case of their stores; the others see what stands in their own inbox.
SEE_ALL = frozenset({Role.PRE_SALE, Role.AFTER_SALE, Role.SUPERVISOR, Role.SYSTEM})


def sees(case: Case, actor: Actor) -> bool:
    return sees_of(case.role, case.store_id, actor)


def sees_of(role: Role, store_id: int, actor: Actor) -> bool:
    """Whether the actor sees cases that stand in this role's inbox of that store."""
    return actor.may(P, store_id) and bool(actor.roles.get(store_id, frozenset()) & (SEE_ALL | {role}))


def case_by_id(case_id: int, actor: Actor, permission: Permission = P) -> Case:
    """Raises NotFound; NotAllowed, also for a case that stands only in the inbox of a role that is not theirs."""
    case = load(Case, case_id, actor, permission)
    if not sees(case, actor):
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(case.role))
    return case


def locked(case_id: int, actor: Actor) -> Case:
    """The case as it is now, locked until the command ends; found and allowed by the caller."""
    return load(Case, case_id, actor, P, lock="update")


def owner_left(case: Case) -> bool:
    """Whether its owner is shut out: then it is nobody's as far as accepting goes, and still shows who had it."""
    return case.owner_id is not None and staff.has_left(case.owner_id)


def reads_wish(case: Case, actor: Actor) -> bool:
    """Whether this person reads its words in clear: with `personal:read`, and in whose inbox it stands."""
    held = actor.roles.get(case.store_id, frozenset())
    is_limited = actor.limit is not None and Permission.PERSONAL_READ not in actor.limit
    return actor.may(Permission.PERSONAL_READ, case.store_id) or (case.role in held and not is_limited)


def readers_of(case: Case) -> dict[int, str]:
    """Who sees the case and can be mentioned: signatures by id."""
    roles = {Role.PRE_SALE, Role.AFTER_SALE, Role.SUPERVISOR, case.role}
    return dict(staff.people_of_store(case.store_id, *roles))


def seen(statement: Select[*tuple[Any, ...]], actor: Actor) -> Select[*tuple[Any, ...]]:
    """Limit to the actor's stores, and there to what their roles see."""
    stores = actor.stores_with(P)
    whole = [store_id for store_id in stores if actor.roles[store_id] & SEE_ALL]
    parts: Sequence[ColumnElement[bool]] = [
        (Case.store_id == store_id) & Case.role.in_(actor.roles[store_id])
        for store_id in stores
        if store_id not in whole
    ]
    limited = statement.where(or_(Case.store_id.in_(whole), *parts) if stores else false())
    return within(limited, actor, P, Case)
