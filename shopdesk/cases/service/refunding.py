"""Money of a case that the desk pays itself: set aside when it is asked for, settled when it was paid out.

Refunds stand above cases: they call these with what they ask for and with how each payout ended.  What people note by
hand (`settling`) counts on the same balances, so the same money goes back once, whichever way is first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import select, update

from shopdesk.cases.models import Case, CaseAmount, CaseNote, CaseSettlement
from shopdesk.cases.queries import settling as reads
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.service import claiming
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.settling import book_lines, unbook_lines
from shopdesk.cases.states import AmountPart, CasePhase, PaidTo, PhaseMove
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store

Parts = Mapping[AmountPart, int]  # part → minor units


@dataclass(frozen=True, slots=True)
class Refunded:
    """One payout of a refund: its id and number, where the money went."""

    payout_id: int
    number: str
    destination: PaidTo
    account: Personal | None = field(default=None, repr=False)


def lock_with_order(case_id: int, store_id: int) -> Case:
    """The case, then its order: what comes before every payment (the order of locks is the same everywhere)."""
    statement = select(Case).where(Case.id == case_id).with_for_update(key_share=True)
    fresh = in_store(statement, store_id, Case).execution_options(populate_existing=True)
    case = db.session.scalars(fresh).one()
    claiming.lock_order(case)
    return case


@command
def set_aside(case: Case, parts: Parts) -> None:
    """A refund is under way: one conditional UPDATE for each part.  Raises IllegalMove (`more_than_expected`)."""
    for part, amount_minor in parts.items():
        room = CaseAmount.settled_minor + CaseAmount.reserved_minor + amount_minor <= CaseAmount.expected_minor
        if not _moved(case, part, room, reserved_minor=CaseAmount.reserved_minor + amount_minor):
            now = reads.amounts_of(case)[part]
            raise rules.lost_amount(now.settled_minor + now.reserved_minor, now.expected_minor)


@command
def let_go(case: Case, parts: Parts) -> None:
    """What was under way is finally not paid: what was decided stands and can be asked for anew."""
    for part, amount_minor in parts.items():
        reserved = CaseAmount.reserved_minor - amount_minor
        _must(_moved(case, part, reserved >= 0, reserved_minor=reserved), case, part)


@command
def note_refunded(case: Case, parts: Parts, paid: Refunded, *, actor: Actor) -> None:
    """A payout was paid: settled, in whatever phase the case is.  It is a fact, and was set aside before."""
    for part, amount_minor in parts.items():
        reserved, settled = CaseAmount.reserved_minor - amount_minor, CaseAmount.settled_minor + amount_minor
        _must(_moved(case, part, reserved >= 0, reserved_minor=reserved, settled_minor=settled), case, part)
        booked_minor = book_lines(case, amount_minor) if part is AmountPart.MONEY else amount_minor
        account = paid.account.reveal("kept with what was settled") if paid.account else None
        made = CaseSettlement(
            store_id=case.store_id, case_id=case.id, part=part, amount_minor=amount_minor,
            booked_minor=booked_minor, destination=paid.destination, account=account, reference=paid.number,
            payout_id=paid.payout_id,
            noted_by_id=actor.id, noted_at=clock.now(),
        )  # fmt: skip
        db.session.add(made)
        db.session.flush()
        audit.record(
            "case.settled", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, part=str(part),
            amount_minor=amount_minor, destination=str(paid.destination), reference=paid.number, settlement=made.id,
        )  # fmt: skip


@command
def take_back_refunded(case: Case, payout_id: int, *, actor: Actor) -> None:
    """The place took a payout back: the balance is open again, and so is a closed case (trust.md R17)."""
    for made in reads.settlements_of(case):
        if made.payout_id != payout_id or made.taken_back_at is not None:
            continue
        made.taken_back_at, made.taken_back_by_id = clock.now(), actor.id
        if made.part is AmountPart.MONEY:
            unbook_lines(case, made)
        settled = CaseAmount.settled_minor - made.amount_minor
        _must(_moved(case, made.part, settled >= 0, settled_minor=settled), case, made.part)
        audit.record(
            "case.payout_reversed", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
            part=str(made.part), amount_minor=made.amount_minor, settlement=made.id,
        )  # fmt: skip
    if case.phase is CasePhase.CLOSED and case.merged_into_id is None:
        if case.outcome:  # what it had ended with stays readable
            words = CaseNote(store_id=case.store_id, case_id=case.id, text=case.outcome, made_at=clock.now())
            words.made_by_id = case.closed_by_id
            db.session.add(words)
        move(case, PhaseMove.REOPEN, actor=actor, ending=None, outcome=None, closed_by_id=None)


def _moved(case: Case, part: AmountPart, condition: object, **values: object) -> bool:
    statement = update(CaseAmount).where(CaseAmount.case_id == case.id, CaseAmount.part == part, condition)  # type: ignore[arg-type]
    return rows_changed(in_store(statement.values(**values), case.store_id, CaseAmount)) == 1


def _must(moved: bool, case: Case, part: AmountPart) -> None:  # noqa: FBT001 - what an UPDATE said
    if not moved:
        raise RuntimeError(f"case {case.id}: {part} was set aside, and is not there")
