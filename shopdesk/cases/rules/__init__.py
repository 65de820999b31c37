"""Decisions about cases, on plain values."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.cases.states import MAX_OUTCOME, MAX_WISH, MOVES, SIMPLE, CaseKind, CasePhase, Goal, PhaseMove
from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Role


def check_application(kind: CaseKind, goal: Goal | None, wish: str) -> None:
    """Refuse an interception without a goal, a goal of anything else, a wish without words.  Raises RuleViolation."""
    if kind is CaseKind.INTERCEPT and goal is None:
        raise RuleViolation("Say what the interception is to reach.", code="value_required", missing="goal")
    if kind is not CaseKind.INTERCEPT and goal is not None:
        raise RuleViolation("Only an interception has a goal.", code="goal_without_intercept")
    if not wish.strip():
        raise RuleViolation("Say what the customer wants.", code="value_required", missing="text")
    _check_length(wish, MAX_WISH)


def check_outcome(outcome: str) -> None:
    if not outcome.strip():
        raise RuleViolation("Say how it ended.", code="value_required", missing="outcome")
    _check_length(outcome, MAX_OUTCOME)


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=most)


def check_open(current: CasePhase) -> None:
    if current is CasePhase.CLOSED:
        raise IllegalMove("This case is closed.", code="case_closed", phase=str(current))


def check_move(current: CasePhase, name: PhaseMove) -> None:
    """Refuse a move that the table does not have.  Raises IllegalMove (`case_closed`, `wrong_phase`)."""
    sources, _target = MOVES[name]
    if current in sources:
        return
    check_open(current)
    raise IllegalMove("The case is not at this point: %(phase)s.", code="wrong_phase", phase=str(current))


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the rules see them."""

    id: int | None
    holds_role: bool  # the role whose inbox the case stands in, held by themselves
    is_supervisor: bool


def check_accept(who: Who, role: Role) -> None:
    """Accepting means serving the customer: for a named person of the role, never for a supervisor alone (M003)."""
    if who.holds_role and who.id is not None:
        return
    if who.is_supervisor:
        raise NotAllowed("A supervisor serves no customer: somebody of the role accepts it.", code="serves_no_customer")
    raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(role))


def check_close(who: Who, role: Role, *, kind: CaseKind, owner_id: int | None) -> None:
    """The owner or a supervisor closes a case; one that moves no money also anybody, while nobody owns it."""
    if who.is_supervisor or (owner_id is not None and owner_id == who.id):
        return
    if owner_id is not None:
        raise NotAllowed("Only its owner, or a supervisor, can close this case.", code="not_the_owner")
    if kind in SIMPLE:
        return
    if who.holds_role:
        raise IllegalMove("Accept the case first.", code="not_accepted")
    raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(role))
