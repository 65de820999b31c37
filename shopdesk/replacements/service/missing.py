"""Goods in whose place something was sent ahead never come: the customer pays for them, or it is waived."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import update

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service.noting import write
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.core.text import strip_controls
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service.releasing import case_of, hold_again, locked
from shopdesk.replacements.states import DifferenceSettled, NotBack, ReplacementState
from shopdesk.returns import queries as return_queries
from shopdesk.returns import service as returns
from shopdesk.returns.states import ReturnOrigin, ReturnState

AWAITED = frozenset({ReturnState.CONFIRMED, ReturnState.SENT, ReturnState.PARTLY_ARRIVED})


@dataclass(frozen=True, slots=True)
class Missed:
    """What is decided of goods that did not come, and why; `amount_minor` None: all that was paid for them."""

    how: NotBack
    reason: str
    amount_minor: int | None = None


@command
def decide_not_back(replacement_id: int, missed: Missed, *, actor: Actor) -> Replacement:
    """Give up what was sent ahead of, and book what the customer owes for it, or that it is waived.

    A charge is owed like the difference of an exchange, and settled in the same ways: a linked order, a payment, a
    waiver; nothing is charged by itself.  What has not left by then waits until it is settled; what has left leaves the
    charge open on the case.  By the owner of the case or a supervisor, once.
    Raises NotFound, NotAllowed, IllegalMove (`not_sent_ahead`, `goods_are_here`, `decided_already`, `difference_paid`,
    phase), RuleViolation (`more_than_worth`, no reason), Conflict.
    """
    found = load(Replacement, replacement_id, actor, Permission.CASE_SETTLE)
    case = case_of(found)
    reason = rules.reason_of(strip_controls(missed.reason))
    found = locked(replacement_id, found.store_id)
    _check(found)
    worth_minor = queries.missing_minor(found)
    _give_up(found, reason, actor)
    cases.in_hand(case.id, actor, Permission.CASE_SETTLE)
    owed_minor = rules.charged(worth_minor, missed.amount_minor) if missed.how is NotBack.CHARGED else 0
    _book(found, owed_minor, reason, actor)
    if owed_minor:
        hold_again(found, actor=actor)
    write(case, reason, (), actor)
    audit.record(
        "replacement.goods_not_back", "replacement", found.id, actor, store_id=found.store_id,
        order_id=found.order_id, case=case.id, how=str(missed.how), amount_minor=owed_minor,
    )  # fmt: skip
    return found


def _check(found: Replacement) -> None:
    if found.state is ReplacementState.CANCELLED or found.undone_at is not None:
        raise IllegalMove("This goes out no more.", code="replacement_moved", state=str(found.state))
    if found.due_at is None:
        raise IllegalMove("It was not sent ahead: nothing goes out before the goods are here.", code="not_sent_ahead")
    if queries.goods_back(found):
        raise IllegalMove("The goods are here.", code="goods_are_here")
    if queries.not_back_decided(found.id):
        raise IllegalMove("This was decided already.", code="decided_already")


def _give_up(found: Replacement, reason: str, actor: Actor) -> None:
    """Every unit that is still awaited; the case goes on to be resolved."""
    for back in return_queries.of_case(found.case_id, found.store_id):
        is_meant = found.return_id in {None, back.id} and back.origin is ReturnOrigin.CUSTOMER
        if is_meant and back.state in AWAITED:
            returns.give_up(back.id, reason, actor=actor)


def _book(found: Replacement, owed_minor: int, reason: str, actor: Actor) -> None:
    """What is owed joins a difference that is still open; one that was waived stays so, and is owed no more."""
    was_waived = found.settled_how is DifferenceSettled.WAIVED
    if owed_minor and found.settled_at is not None and not was_waived:
        raise IllegalMove(
            "The difference of this exchange was paid already: let the customer pay the goods by an order of its own, "
            "and waive them here with its number.",
            code="difference_paid",
        )  # fmt: skip
    if not owed_minor and (found.settled_at is not None or found.difference_minor > 0):
        return  # what is owed beside it stays as it is
    values: dict[str, object] = {
        "settled_how": DifferenceSettled.WAIVED, "settled_at": clock.now(), "settled_by_id": actor.id, "why": reason
    }  # fmt: skip
    if owed_minor:
        open_minor = 0 if was_waived else found.difference_minor
        values = {
            "difference_minor": open_minor + owed_minor, "settled_how": None, "settled_at": None,
            "settled_by_id": None, "why": reason,
        }  # fmt: skip
    same = (Replacement.id == found.id, Replacement.version == found.version)
    statement = update(Replacement).where(*same).values(version=Replacement.version + 1, **values)
    done = rows_changed(in_store(statement, found.store_id, Replacement))
    db.session.refresh(found)
    if done != 1:
        raise Conflict("This has moved on meanwhile. Please look again.", code="replacement_moved")


def is_decidable(found: Replacement, case: Case) -> bool:
    """Whether it is to be decided now; the server looks again when it is."""
    try:
        _check(found)
    except IllegalMove:
        return False
    return found.case_id == case.id
