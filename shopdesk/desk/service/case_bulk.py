"""One act on many cases: a command for each row, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable

from shopdesk.cases import queries
from shopdesk.cases import service as cases
from shopdesk.core.permissions import Actor, Permission
from shopdesk.desk.queries.cases.loads import Shares
from shopdesk.desk.rules import MOST_AT_ONCE, BulkWish, check_bulk
from shopdesk.desk.states import BulkAct

__all__ = ["MOST_AT_ONCE", "Act", "BulkWish", "check_bulk", "of_each"]


Act = Callable[[int], bool]


def of_each(wish: BulkWish, ids: list[int], actor: Actor) -> Act:
    """The command for one row; it tells whether a reminder was answered with it.

    To share out, the loads are counted once and go on with what was given.
    """
    if wish.act is BulkAct.SHARE:
        return _sharing(Shares(ids, actor), actor)

    def act(case_id: int) -> bool:
        if wish.act is BulkAct.CLOSE:
            return _close(case_id, wish.outcome, actor)
        if wish.act is BulkAct.ASSIGN:
            cases.assign(case_id, wish.to or 0, actor=actor)
        elif wish.act is BulkAct.WAITING:
            cases.set_waiting(case_id, wish.waiting_for, actor=actor)
        else:
            cases.set_due(case_id, wish.due_at, actor=actor)
        return False

    return act


def _close(case_id: int, outcome: str, actor: Actor) -> bool:
    case = queries.case_by_id(case_id, actor, Permission.CASE_CLOSE)
    waited = queries.open_reminder(case.id, case.store_id) is not None
    cases.close(case_id, outcome, actor=actor)
    return waited


def _sharing(shares: Shares, actor: Actor) -> Act:
    def act(case_id: int) -> bool:
        to = shares.next_for(case_id)
        cases.assign(case_id, to, actor=actor)
        shares.given(case_id, to)
        return False

    return act
