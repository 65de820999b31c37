"""What does not come any more is decided: its units are free, the rest goes on."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.returns import queries, rules
from shopdesk.returns.models import Return, ReturnLine
from shopdesk.returns.service.confirming import free_or_refuse, of_case_kept
from shopdesk.returns.service.following import settle
from shopdesk.returns.service.moving import AWAITED, follow, outstanding
from shopdesk.returns.states import ReturnState


@command
def give_up(return_id: int, reason: str, *, actor: Actor, units: Mapping[int, int] | None = None) -> Return:
    """Decide that units (order line id → units; None: all that is awaited) do not come any more, and why.

    When nothing is awaited any more: nothing came, the return is cancelled; else it is closed short, and the case goes
    on either way.  Raises NotFound, NotAllowed, IllegalMove (`wrong_state`, `case_closed`), RuleViolation
    (`more_than_awaited` with `left`, `units_required`, no reason), Conflict.
    """
    back, case = of_case_kept(return_id, actor)
    if back.state not in AWAITED:
        raise IllegalMove(
            "This does not fit where the return is now: %(state)s.", code="wrong_state", state=str(back.state)
        )
    said = rules.reason_text(reason)
    lines = {line.line_id: line for line in queries.lines_of([back.id], back.store_id)}
    wanted = dict(units) if units is not None else {i: outstanding(line) for i, line in lines.items()}
    wanted = {line_id: count for line_id, count in wanted.items() if count or units is not None}
    if not wanted or any(count < 1 for count in wanted.values()):
        raise RuleViolation("Say how many units do not come.", code="units_required")
    for line_id, count in sorted(wanted.items()):
        if line_id not in lines:
            raise NotFound("This return has no such line.", code="no_such_line")
        _give_up(lines[line_id], count, said)
    ended = settle(back)
    if ended.state is ReturnState.CANCELLED:
        rows_changed(in_store(update(Return), back.store_id, Return).where(Return.id == back.id).values(ended_why=said))
    audit.record(
        "return.given_up", "return", back.id, actor, store_id=back.store_id, order_id=back.order_id, case=case.id,
        units=sum(wanted.values()), state=str(back.state),
    )  # fmt: skip
    follow(case, actor=actor)
    return back


def _give_up(line: ReturnLine, units: int, reason: str) -> None:
    """The row count decides: a unit that arrived meanwhile is not given up."""
    after = ReturnLine.given_up + units
    statement = (
        update(ReturnLine)
        .where(ReturnLine.id == line.id, after + ReturnLine.arrived <= ReturnLine.expected)
        .values(given_up=after, given_up_why=reason)
    )
    done = rows_changed(in_store(statement, line.store_id, ReturnLine))
    db.session.refresh(line)
    if done != 1:
        raise RuleViolation(
            "More units than are awaited: %(left)s are.", code="more_than_awaited", left=outstanding(line)
        )
    free_or_refuse(line, units)
