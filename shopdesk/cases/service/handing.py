"""交接: a case goes from one person to another: offered and accepted, or given by a supervisor.

Everything here locks the case first: of an acceptance, an answer and an assignment at once one comes first, and the
others see what it left.
"""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import queries, rules
from shopdesk.cases.models import Case, CaseHandOver
from shopdesk.cases.service import noting
from shopdesk.cases.service.moving import who
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls
from shopdesk.staff import queries as staff


@command
def offer(case_id: int, to_id: int, words: str | None = None, *, actor: Actor) -> CaseHandOver:
    """Offer a case to a colleague of its role, who accepts it or says why not; until then it stays where it is.

    Raises NotFound, NotAllowed (not the owner), IllegalMove (closed, nobody's yet, `offered`), RuleViolation (`has_it`,
    `cannot_have_it`).
    """
    case = _open(case_id, actor, Permission.CASE_WORK)
    rules.check_works(who(case, actor), case.role, owner_id=case.owner_id)
    rules.check_hand_over(case.owner_id, to_id, _able(case))
    if (there := queries.open_offer(case)) is not None:
        name = staff.signatures({there.to_id}).get(there.to_id, "")
        raise IllegalMove("It is offered to %(who)s already.", code="offered", who=name)
    made = CaseHandOver(
        store_id=case.store_id, case_id=case.id, from_id=case.owner_id, to_id=to_id, words=_said(words),
        asked_by_id=actor.id, asked_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        "case.offered", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, to=to_id,
        hand_over=made.id,
    )  # fmt: skip
    return made


@command
def take_offer(case_id: int, *, actor: Actor) -> Case:
    """Accept what was offered to oneself.  Raises NotFound, NotAllowed, IllegalMove (closed, `no_offer`), Conflict."""
    case = _open(case_id, actor, Permission.CASE_ACCEPT)
    found = _offered(case, actor)
    if found.to_id != actor.id:
        raise NotAllowed("This was offered to somebody else.", code="not_the_owner")
    rules.check_accept(who(case, actor), case.role)
    if found.from_id != case.owner_id:
        raise Conflict("The case has moved on meanwhile. Please look again.", code="case_moved")
    end_offers(case, accepted_by=actor.id)
    was = _give(case, actor.id)
    audit.record(
        "case.taken_over", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, before=was,
        to=actor.id,
    )  # fmt: skip
    return case


@command
def refuse_offer(case_id: int, words: str | None = None, *, actor: Actor) -> Case:
    """Say no to what was offered, with words that the offerer is mentioned in; the offerer takes it back likewise.

    Raises NotFound, NotAllowed, IllegalMove (closed, `no_offer`).
    """
    case = _open(case_id, actor, Permission.CASE_WORK)
    found = _offered(case, actor)
    end_offers(case, accepted_by=None)
    said = _said(words)
    if said:
        noting.write(case, said, {found.asked_by_id} - {None}, actor)  # type: ignore[arg-type]
    audit.record("case.offer_refused", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id)
    return case


def end_offers(case: Case, *, accepted_by: int | None) -> None:
    """What was offered is answered: accepted where it was offered to who has it now."""
    statement = (
        update(CaseHandOver)
        .where(CaseHandOver.case_id == case.id, CaseHandOver.answered_at.is_(None))
        .values(answered_at=clock.now(), is_accepted=CaseHandOver.to_id == (accepted_by or 0))
    )
    rows_changed(in_store(statement, case.store_id, CaseHandOver))


def _open(case_id: int, actor: Actor, permission: Permission) -> Case:
    queries.case_by_id(case_id, actor, permission)
    case = queries.locked(case_id, actor)
    rules.check_open(case.phase)
    return case


def _offered(case: Case, actor: Actor) -> CaseHandOver:
    found = queries.open_offer(case)
    if found is None:
        raise IllegalMove("Nobody offers this case.", code="no_offer")
    if actor.id not in {found.to_id, found.asked_by_id} and not who(case, actor).is_supervisor:
        raise NotAllowed("This was offered to somebody else.", code="not_the_owner")
    return found


def _give(case: Case, to_id: int | None) -> int | None:
    """Make the person its owner; who had it before.  Raises Conflict."""
    was = case.owner_id
    same = Case.owner_id.is_(None) if was is None else Case.owner_id == was
    statement = (
        update(Case)
        .where(Case.id == case.id, same)
        .values(owner_id=to_id, accepted_at=clock.now(), version=Case.version + 1)
    )
    done = rows_changed(in_store(statement, case.store_id, Case))
    db.session.refresh(case)
    if done != 1:
        raise Conflict("The case has moved on meanwhile. Please look again.", code="case_moved")
    return was


def _able(case: Case) -> set[int]:
    return {person_id for person_id, _name in staff.people_of_store(case.store_id, case.role)}


def _said(words: str | None) -> str | None:
    said = strip_controls(words or "").strip()
    if said:
        rules.check_outcome(said)
    return said or None


def people_for(case: Case) -> list[tuple[int, str]]:
    """Who can have the case: (id, signature) of the people of its role, without its owner."""
    found = staff.people_of_store(case.store_id, case.role)
    return [(person_id, name) for person_id, name in found if person_id != case.owner_id]
