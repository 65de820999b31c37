"""Cases that belong together: merged into another, split by units, linked to the one they follow from."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, func, select, update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case, CaseAmount, CaseLine, CaseResolution
from shopdesk.cases.service.moving import lost, move, who
from shopdesk.cases.service.opening import Application, open_case
from shopdesk.cases.states import OPEN, SIMPLE, CaseKind, Ending, Goal, PhaseMove
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders

WHY = "to write it into the case that follows"


@command
def merge(case_id: int, into_number: str, *, actor: Actor) -> Case:
    """Let a case go on in another open one of the same customer: it closes, its notes and photos are read there.

    Of the same order its units go there too; here they stay written down as they were.  Of another order only what is
    about no goods goes on there (a trace, an extension).

    Both are locked in the order of their ids: neither closes meanwhile, two merges cannot swallow each other.
    Raises NotFound, NotAllowed, IllegalMove (closed, `goods_under_way`, `decided`), RuleViolation (`two_customers`,
    `goods_of_other_order`, `same_case`).
    """
    case = _mine(case_id, actor)
    into = _numbered(into_number, actor, case)
    for found in sorted((case.id, into.id)):
        queries.locked(found, actor)
    rules.check_merge(
        case.phase, into.phase, is_same_customer=_is_same_customer(case, into), moves_money=_moves_money(case),
        leaves_units=case.order_id != into.order_id and (case.kind not in SIMPLE or bool(queries.lines_of(case))),
    )  # fmt: skip
    move(case, PhaseMove.MERGE, actor=actor, merged_into_id=into.id, ending=Ending.MERGED)
    _again(case, into)
    _bring(case, into)
    audit.record("case.merged", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, into=into.id)
    return into


@command
def split(
    case_id: int, units: Iterable[tuple[int, int]], kind: CaseKind, goal: Goal | None = None, *, actor: Actor
) -> Case:
    """Take units out of a case into one of their own, which remembers where it came from.

    Raises NotFound, NotAllowed, IllegalMove (not talked about any more), RuleViolation (more than there are, nothing
    would stay), Conflict (the units were taken meanwhile).
    """
    _mine(case_id, actor)
    case = queries.locked(case_id, actor)
    taken = rules.merged_units(units)
    lines = {line.line_id: line for line in queries.lines_of(case)}
    rules.check_split(case.phase, {line.line_id: line.quantity for line in lines.values()}, taken)
    rules.check_application(kind, goal, case.wish.reveal(WHY))
    order = orders.order_by_id(case.order_id, case.store_id)
    meant = Application(kind, case.wish.reveal(WHY), goal, case.parcel_id, case.reason, case.detail)
    child = open_case(order, meant, source=case.source, actor=actor)
    child.parent_id, child.inquiry, child.wanted = case.id, case.inquiry, case.wanted
    if case.owner_id is not None:
        child.owner_id, child.accepted_at = case.owner_id, clock.now()
    for line_id, quantity in taken.items():
        line = lines[line_id]
        db.session.add(
            CaseLine(
                store_id=case.store_id, case_id=child.id, line_id=line_id, quantity=quantity, sku=line.sku,
                title=line.title, attributes=line.attributes,
            )
        )  # fmt: skip
        _take(line, quantity)
    audit.record(
        "case.split", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, child=child.id,
        units={str(line_id): quantity for line_id, quantity in taken.items()},
    )  # fmt: skip
    db.session.flush()
    return child


@command
def link(case_id: int, parent_number: str, *, actor: Actor) -> Case:
    """Say which case this one follows from.

    Raises NotFound, NotAllowed, IllegalMove (closed), RuleViolation (`two_customers`, `same_case`, `in_circle`).
    """
    case = _mine(case_id, actor)
    parent = _numbered(parent_number, actor, case)
    if not _is_same_customer(case, parent):
        raise RuleViolation("These cases are of two customers: they cannot go on as one.", code="two_customers")
    # In one order, so that two who link each to the other cannot both succeed.
    for found in sorted((case.id, parent.id)):
        queries.locked(found, actor)
    if case.id in {each.id for each in queries.ancestors(parent)} | {parent.id}:
        raise RuleViolation("That case follows from this one already.", code="in_circle")
    statement = (
        update(Case)
        .where(Case.id == case.id, Case.phase.in_(OPEN))
        .values(parent_id=parent.id, version=Case.version + 1)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise lost(case)
    audit.record(
        "case.linked", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, parent=parent.id
    )
    return case


def _mine(case_id: int, actor: Actor) -> Case:
    case = queries.case_by_id(case_id, actor, Permission.CASE_WORK)
    rules.check_open(case.phase)
    rules.check_works(who(case, actor), case.role, owner_id=case.owner_id)
    return case


def _numbered(number: str, actor: Actor, case: Case) -> Case:
    found = queries.by_number(number.strip(), actor)
    if found is None:
        raise NotFound("There is no such case here.", code="no_such_case")
    if found[0] == case.id:
        raise RuleViolation("This is the case itself.", code="same_case")
    return queries.case_by_id(found[0], actor)


def _is_same_customer(one: Case, other: Case) -> bool:
    """Of one order, or of two orders of a buyer who is known."""
    if one.store_id != other.store_id:
        return False
    if one.order_id == other.order_id:
        return True
    buyers = [orders.order_by_id(case.order_id, case.store_id).customer_id for case in (one, other)]
    return buyers[0] is not None and buyers[0] == buyers[1]


def _moves_money(case: Case) -> bool:
    decided = select(func.count(CaseResolution.id)).where(CaseResolution.case_id == case.id)
    owed = select(func.count(CaseAmount.id)).where(CaseAmount.case_id == case.id, CaseAmount.expected_minor > 0)
    return bool(
        db.session.scalar(in_store(decided, case.store_id, CaseResolution))
        or db.session.scalar(in_store(owed, case.store_id, CaseAmount))
    )


def _again(case: Case, into: Case) -> None:
    """What had gone on in this case goes on where it does: one step leads to the open one."""
    statement = update(Case).where(Case.merged_into_id == case.id).values(merged_into_id=into.id)
    rows_changed(in_store(statement, case.store_id, Case))


def _bring(case: Case, into: Case) -> None:
    """A case that names no units is about all of them: nothing is brought there.  Never more than has left us."""
    if case.order_id != into.order_id:
        return
    there = {line.line_id: line for line in queries.lines_of(into)}
    sold = {line.id: line for line in orders.lines(case.order_id, case.store_id)}
    for line in queries.lines_of(case) if there else ():
        if line.line_id not in there:
            db.session.add(
                CaseLine(
                    store_id=case.store_id, case_id=into.id, line_id=line.line_id, quantity=line.quantity, sku=line.sku,
                    title=line.title, attributes=line.attributes,
                )
            )  # fmt: skip
            continue
        one = there[line.line_id]
        one.quantity = max(one.quantity, min(sold[line.line_id].shipped, one.quantity + line.quantity))
    db.session.flush()


def _take(line: CaseLine, quantity: int) -> None:
    """Take units of a line out of the case; a line without units does not stay.  Raises Conflict."""
    here = CaseLine.id == line.id
    if quantity == line.quantity:
        done = rows_changed(
            in_store(delete(CaseLine).where(here, CaseLine.quantity == quantity), line.store_id, CaseLine)
        )
    else:
        less = update(CaseLine).where(here, CaseLine.quantity > quantity)
        done = rows_changed(in_store(less.values(quantity=CaseLine.quantity - quantity), line.store_id, CaseLine))
    if done != 1:
        raise Conflict("The case has moved on meanwhile. Please look again.", code="case_moved")
