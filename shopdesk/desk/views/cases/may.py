"""What the reader of a case may do with it; the server decides again when they do."""

from __future__ import annotations

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.permissions import Actor, Permission, Role


def may_accept(case: Case, who: Actor) -> bool:
    """Of nobody's, or of one whose owner has left."""
    if case.phase is CasePhase.CLOSED or case.role not in _held(case, who):
        return False
    is_free = case.owner_id is None or queries.owner_left(case)
    return is_free and who.may(Permission.CASE_ACCEPT, case.store_id)


def may_take_over(case: Case, who: Actor) -> bool:
    """A supervisor who has the role of the case as well takes it from whoever has it."""
    held = _held(case, who)
    is_others = case.phase is not CasePhase.CLOSED and case.owner_id not in {None, who.id}
    is_able = {Role.SUPERVISOR, case.role} <= held and who.may(Permission.CASE_ASSIGN, case.store_id)
    return is_others and is_able and not may_accept(case, who)


def may_work(case: Case, who: Actor) -> bool:
    """Its owner, or a supervisor."""
    owns = case.owner_id is not None and case.owner_id == who.id
    return (owns or Role.SUPERVISOR in _held(case, who)) and who.may(Permission.CASE_WORK, case.store_id)


def may_reopen(case: Case, who: Actor) -> bool:
    if case.phase is not CasePhase.CLOSED or case.merged_into_id is not None:
        return False
    is_free = case.owner_id is None and case.role in _held(case, who)
    return may_work(case, who) or (is_free and who.may(Permission.CASE_WORK, case.store_id))


def _held(case: Case, who: Actor) -> frozenset[Role]:
    return who.roles.get(case.store_id, frozenset())
