"""How many open cases each person has, and whom the next one goes to."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import bindparam, func, select

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.plain_rows import PlainRows
from shopdesk.staff import queries as staff

_LOADS = PlainRows(
    select(Case.owner_id, func.count().label("open"))
    .where(Case.owner_id.in_(bindparam("people", expanding=True)), Case.phase != CasePhase.CLOSED)
    .where(Case.store_id.in_(bindparam("stores", expanding=True)))
    .group_by(Case.owner_id)
)
_IDS = PlainRows(
    select(Case.id, Case.number, Case.store_id, Case.role, Case.owner_id).where(
        Case.id.in_(bindparam("ids", expanding=True)), Case.store_id.in_(bindparam("stores", expanding=True))
    )
)
P = Permission.CASE_READ


def loads(people: list[int], actor: Actor) -> dict[int, int]:
    """Open cases of each, as far as the actor sees the stores."""
    rows = _LOADS.rows(people=people, stores=actor.stores_with(P)) if people else []
    return {**dict.fromkeys(people, 0), **{row.owner_id: int(row.open) for row in rows}}


def numbers(ids: list[int], actor: Actor) -> dict[int, str]:
    """The numbers of those that the actor's stores have."""
    return {row.id: row.number for row in _IDS.rows(ids=ids, stores=actor.stores_with(P))} if ids else {}


class Shares:
    """Round-robin: each case goes to whoever of its role has fewest open ones, counting those just given."""

    def __init__(self, ids: list[int], actor: Actor) -> None:
        self.rows = {row.id: row for row in _IDS.rows(ids=ids, stores=actor.stores_with(P))} if ids else {}
        self.people: dict[tuple[int, Role], list[int]] = {}
        for row in self.rows.values():
            if (row.store_id, row.role) not in self.people:
                found = staff.people_of_store(row.store_id, row.role)
                self.people[row.store_id, row.role] = [person_id for person_id, _ in found]
        everybody = sorted({person for people in self.people.values() for person in people})
        self.loads = Counter(loads(everybody, actor))

    def next_for(self, case_id: int) -> int:
        """Whom this case goes to.  Raises RuleViolation (`nobody_of_role`); an unknown id goes to nobody (0)."""
        row = self.rows.get(case_id)
        if row is None:
            return 0
        people = [person for person in self.people[row.store_id, row.role] if person != row.owner_id]
        if not people:
            raise RuleViolation("Nobody else has this role in that store.", code="nobody_of_role", role=str(row.role))
        return min(people, key=lambda person: (self.loads[person], person))

    def given(self, case_id: int, person_id: int) -> None:
        """Count a case that was really given."""
        row = self.rows.get(case_id)
        self.loads[person_id] += 1
        if row is not None and row.owner_id:
            self.loads[row.owner_id] -= 1
