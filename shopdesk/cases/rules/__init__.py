"""Decisions about cases, on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shopdesk.cases.states import (
    DETAILS,
    MAX_OUTCOME,
    MAX_WISH,
    MOVES,
    MOVES_MONEY,
    NEEDS_GOODS,
    QUESTIONS,
    SIMPLE,
    Appraisal,
    CaseKind,
    CasePhase,
    Detail,
    Goal,
    PhaseMove,
    Question,
    Reason,
    Resolution,
)
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


def check_reason(
    reason: Reason | None, detail: Detail | None, wanted: Iterable[Resolution], asked: Iterable[Question]
) -> None:
    """Refuse a detail or an answer that is not the reason's, and "nothing" beside something.  Raises RuleViolation."""
    if detail is not None and (reason is None or detail not in DETAILS[reason]):
        raise RuleViolation("This detail does not belong to the reason.", code="detail_of_another_reason")
    if any(reason is None or question not in QUESTIONS[reason] for question in asked):
        raise RuleViolation("This question is not asked for this reason.", code="question_of_another_reason")
    named = set(wanted)
    if Resolution.NONE in named and len(named) > 1:
        raise RuleViolation("Nothing, and something: choose one.", code="nothing_and_something")


def merged_units(units: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Units by line; a line that was named twice counts together, one without units is left out.

    Raises RuleViolation (`units_negative`).
    """
    found: dict[int, int] = {}
    for line_id, quantity in units:
        if quantity < 0:
            raise RuleViolation("Units cannot be negative.", code="units_negative")
        found[line_id] = found.get(line_id, 0) + quantity
    return {line_id: quantity for line_id, quantity in found.items() if quantity}


def check_units(title: str, quantity: int, *, shipped: int, returned: int) -> None:
    """Refuse more units of a line than the customer can have.  Raises RuleViolation (`more_than_shipped`)."""
    there = shipped - returned
    if quantity > there:
        raise RuleViolation(
            "%(title)s: the customer has at most %(most)s of it, not %(units)s.",
            code="more_than_shipped", title=title, most=there, units=quantity,
        )  # fmt: skip


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
    raise IllegalMove("This does not fit where the case is now: %(phase)s.", code="wrong_phase", phase=str(current))


def check_phase(current: CasePhase, wanted: CasePhase) -> None:
    if current is wanted:
        return
    check_open(current)
    raise IllegalMove("This does not fit where the case is now: %(phase)s.", code="wrong_phase", phase=str(current))


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the rules see them."""

    id: int | None
    holds_role: bool  # the role whose inbox the case stands in, held by themselves
    is_supervisor: bool


def check_decide(who: Who, kind: CaseKind, appraisal: Appraisal | None) -> None:
    """Nothing has to come back for a defect that the customer did not cause, nor for what is no matter of goods.

    A supervisor decides otherwise, as an exception.
    """
    if who.is_supervisor or appraisal is Appraisal.PRODUCT_DEFECT:
        return
    if appraisal is Appraisal.CANNOT_TELL or (appraisal is not None and kind in NEEDS_GOODS):
        raise IllegalMove("From here it cannot be decided: ask the goods back, or decline.", code="goods_needed")
    if kind in NEEDS_GOODS:
        raise IllegalMove("Appraise the problem first.", code="not_appraised")


def check_accept(who: Who, role: Role) -> None:
    """Accepting means serving the customer: for a named person of the role, never for a supervisor alone (M003)."""
    if who.holds_role and who.id is not None:
        return
    if who.is_supervisor:
        raise NotAllowed("A supervisor serves no customer: somebody of the role accepts it.", code="serves_no_customer")
    raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(role))


def check_works(who: Who, role: Role, *, owner_id: int | None) -> None:
    """Working on a case is for its owner or a supervisor."""
    if who.is_supervisor or (owner_id is not None and owner_id == who.id):
        return
    if not who.holds_role:
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(role))
    if owner_id is None:
        raise IllegalMove("Accept the case first.", code="not_accepted")
    raise NotAllowed("Only its owner, or a supervisor, works on this case.", code="not_the_owner")


def check_reopen(who: Who, role: Role, *, owner_id: int | None, merged_into_id: int | None) -> None:
    """Its owner or a supervisor; of one that nobody owned, whoever holds the role."""
    if owner_id is not None or not who.holds_role:
        check_works(who, role, owner_id=owner_id)
    if merged_into_id is not None:
        raise IllegalMove("This case goes on in another one: work there.", code="merged")


def check_close(who: Who, role: Role, *, kind: CaseKind, owner_id: int | None, opened_by_id: int | None = None) -> None:
    """The owner or a supervisor closes a case; while nobody owns it also others, where no money moves (M108).

    Those are the kinds that move none by themselves, and what somebody of another role (pre-sale) recorded themselves.
    """
    if who.is_supervisor or (owner_id is not None and owner_id == who.id):
        return
    if owner_id is not None:
        raise NotAllowed("Only its owner, or a supervisor, can close this case.", code="not_the_owner")
    recorded_it = opened_by_id is not None and opened_by_id == who.id and not who.holds_role
    if kind in SIMPLE or (recorded_it and kind not in MOVES_MONEY):
        return
    if who.holds_role:
        raise IllegalMove("Accept the case first.", code="not_accepted")
    raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(role))


def check_hand_over(owner_id: int | None, to_id: int, able: Iterable[int]) -> None:
    """Refuse to hand a case to its owner, or to somebody who cannot have it.  Raises RuleViolation."""
    if to_id == owner_id:
        raise RuleViolation("They have it already.", code="has_it")
    if to_id not in able:
        raise RuleViolation("This person cannot have this case.", code="cannot_have_it")


def check_merge(
    phase: CasePhase, into: CasePhase, *, is_same_customer: bool, moves_money: bool, leaves_units: bool
) -> None:
    """Only cases of one customer go on as one, and only one of which nothing is under way goes into another.

    `leaves_units`: it is about goods of another order than the case that it would go on in.  A case has one order,
    whose units, money and papers it settles: those of another would be lost (M085).
    """
    check_open(phase)
    check_open(into)
    if not is_same_customer:
        raise RuleViolation("These cases are of two customers: they cannot go on as one.", code="two_customers")
    if phase in {CasePhase.RECEIVE, CasePhase.INSPECT}:
        raise IllegalMove("Goods of this case are on their way: merge the other one into it.", code="goods_under_way")
    if moves_money:
        raise IllegalMove("Something is decided in this case already: merge the other one into it.", code="decided")
    if leaves_units:
        raise RuleViolation(
            "This case is about goods of another order: let it follow from that one, both stay in one statement.",
            code="goods_of_other_order",
        )


def check_split(phase: CasePhase, there: Mapping[int, int], taken: Mapping[int, int]) -> None:
    """Units can be taken out of a case while it is talked about; some must stay.  Raises IllegalMove, RuleViolation."""
    check_phase(phase, CasePhase.COMMUNICATE)
    if not taken:
        raise RuleViolation("Say which units go into a case of their own.", code="value_required", missing="units")
    if any(quantity > there.get(line_id, 0) for line_id, quantity in taken.items()):
        raise RuleViolation("There are not so many units in this case.", code="more_than_there")
    if sum(taken.values()) >= sum(there.values()):
        raise RuleViolation("Nothing would stay in this case.", code="nothing_stays")


def mentioned(text: str, people: Mapping[int, str]) -> set[int]:
    """Who is named in a note as `@花名`: at each `@` the longest name that stands there, all who bear it."""
    found: set[int] = set()
    for rest in text.split("@")[1:]:
        names = [name for name in set(people.values()) if name and rest.startswith(name)]
        if names:
            longest = max(names, key=len)
            found |= {person_id for person_id, name in people.items() if name == longest}
    return found
