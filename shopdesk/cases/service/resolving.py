"""How a case is resolved: one or several ways, decided by its owner or a supervisor, taken back while unused."""

from __future__ import annotations

from sqlalchemy import delete, update

from shopdesk.cases import queries
from shopdesk.cases.models import Case, CaseLine, CaseResolution
from shopdesk.cases.queries import settling as reads
from shopdesk.cases.queries.wished import wished_kind
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.rules.registering import kind_decided
from shopdesk.cases.service.invoicing import look_at_tasks
from shopdesk.cases.service.moving import who
from shopdesk.cases.states import CasePhase, Resolution
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotAllowed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls

AT_RESOLVING = frozenset({CasePhase.RESOLVE})
#: What was decided goes on while goods are on their way back: an exchange is sent ahead, its difference is paid.
UNDER_WAY = frozenset({CasePhase.RECEIVE, CasePhase.INSPECT, CasePhase.RESOLVE})


def in_hand(case_id: int, actor: Actor, permission: Permission, *, phases: frozenset[CasePhase] = AT_RESOLVING) -> Case:
    """The case, locked, in one of the phases, for its owner or a supervisor.

    Raises NotFound, NotAllowed, IllegalMove (`case_closed`, `wrong_phase`, `not_accepted`).
    """
    case = load(Case, case_id, actor, permission, lock="update")
    if not queries.sees(case, actor):
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(case.role))
    rules.check_works(who(case, actor), case.owner_id)
    rules.check_resolving(case.phase, phases)
    return case


@command
def add_resolution(
    case_id: int, kind: Resolution, *, is_sound: bool = False, exception: str | None = None, actor: Actor
) -> Case:
    """Add a way in which the case is resolved; one that is there already changes nothing.

    While goods are on their way back other goods may be sent ahead; the money waits for them (`rules.phases_for`).
    `is_sound`: every unit that came back was inspected and has no quality problem.  No approval is asked (M098).
    Raises NotFound, NotAllowed, IllegalMove, RuleViolation (`no_defect`, `resolution_none`, `resolution_decided`).
    """
    case = in_hand(case_id, actor, Permission.CASE_RESOLVE, phases=rules.phases_for(kind))
    there = reads.kinds_of(case)
    words = strip_controls(exception or "").strip() or None
    rules.check_resolution(kind, there, is_sound=is_sound, reason=case.reason, exception=words)
    if words:
        rules.check_reason(words)
    if kind in there:
        return case
    db.session.add(
        CaseResolution(
            store_id=case.store_id, case_id=case.id, kind=kind, decided_by_id=actor.id, decided_at=clock.now(),
            exception=words if is_sound else None,
        )
    )  # fmt: skip
    db.session.flush()
    see_lines(case)
    look_at_tasks(case, actor=actor)
    _follow(case, actor)
    audit.record(
        "case.resolved", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, resolution=str(kind),
        is_exception=bool(words and is_sound),
    )  # fmt: skip
    return case


@command
def take_back(case_id: int, kind: Resolution, *, is_used: bool, actor: Actor) -> Case:
    """Take a way back of which nothing happened (`is_used`: something did).  Raises IllegalMove (`resolution_used`)."""
    case = in_hand(case_id, actor, Permission.CASE_RESOLVE, phases=rules.phases_for(kind))
    if is_used:
        raise IllegalMove("Something of this was done already. Take that back first.", code="resolution_used")
    if kind not in reads.kinds_of(case):
        return case
    statement = delete(CaseResolution).where(CaseResolution.case_id == case.id, CaseResolution.kind == kind)
    rows_changed(in_store(statement, case.store_id, CaseResolution))  # under the lock of the case
    look_at_tasks(case, actor=actor)
    _follow(case, actor)
    audit.record(
        "case.resolution_taken_back", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        resolution=str(kind),
    )  # fmt: skip
    return case


def _follow(case: Case, actor: Actor) -> None:
    """The register follows the decision; what was applied for stays in the trail, and comes back with it."""
    before = case.kind
    after = kind_decided(wished_kind(case), reads.kinds_of(case))
    if after is before:
        return
    statement = update(Case).where(Case.id == case.id).values(kind=after, version=Case.version + 1)
    rows_changed(in_store(statement, case.store_id, Case))  # under the lock of the case
    db.session.refresh(case)
    audit.record(
        "case.kind_followed", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        before=str(before), after=str(after),
    )  # fmt: skip


def needs(case: Case, *kinds: Resolution) -> None:
    """Refuse what was not decided.  Raises IllegalMove (`not_decided`)."""
    if not reads.kinds_of(case) & set(kinds):
        raise IllegalMove("Decide first that the case is resolved in this way.", code="not_decided", kind=str(kinds[0]))


def see_lines(case: Case) -> list[CaseLine]:
    """The units that the case is about; where nobody named any, all that have left: of its parcel, else of the order.

    As they are called now: what is renamed or disabled later breaks no case.
    """
    there = reads.lines_of(case)
    if there:
        return there
    for line, quantity in reads.units_left(case):
        db.session.add(
            CaseLine(
                store_id=case.store_id, case_id=case.id, line_id=line.id, quantity=quantity, sku=line.sku,
                title=line.title, attributes=line.attributes,
            )
        )  # fmt: skip
    db.session.flush()
    return reads.lines_of(case)
