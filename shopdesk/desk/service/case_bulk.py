"""One act on many cases: a command for each row, in a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable

from shopdesk.cases import service as cases
from shopdesk.core.permissions import Actor
from shopdesk.desk.queries.cases.loads import Shares
from shopdesk.desk.rules import MOST_AT_ONCE, BulkWish, check_bulk
from shopdesk.desk.states import BulkAct

__all__ = ["MOST_AT_ONCE", "BulkWish", "check_bulk", "of_each"]


def of_each(wish: BulkWish, ids: list[int], actor: Actor) -> Callable[[int], None]:
    """The command for one row; to share out, the loads are counted once and go on with what was given."""
    if wish.act is BulkAct.SHARE:
        return _sharing(Shares(ids, actor), actor)

    def act(case_id: int) -> None:
        if wish.act is BulkAct.ASSIGN:
            cases.assign(case_id, wish.to or 0, actor=actor)
        elif wish.act is BulkAct.WAITING:
            cases.set_waiting(case_id, wish.waiting_for, actor=actor)
        elif wish.act is BulkAct.DUE:
            cases.set_due(case_id, wish.due_at, actor=actor)
        else:
            cases.close(case_id, wish.outcome, actor=actor)

    return act


def _sharing(shares: Shares, actor: Actor) -> Callable[[int], None]:
    def act(case_id: int) -> None:
        to = shares.next_for(case_id)
        cases.assign(case_id, to, actor=actor)
        shares.given(case_id, to)

    return act
