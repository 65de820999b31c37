"""What a clerk wrote down about a parcel: whether it can be, how units are counted, what may become of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.core.errors import RuleViolation
from shopdesk.returns.states import SOUND, Disposal, Grade, Identity, ReturnState, Whose

MOST_FINDINGS = 200  # of one parcel
MOST_UNITS = 100_000
MOST_NOTE = 500  # characters

R = ReturnState


@dataclass(frozen=True, slots=True)
class Found:
    """One line of an inspection.  `line_id`: of the return; of what nobody expected, of the return beside which it lay.

    `whose`: the answer about units that nobody expected; of right ones, about those that are more than awaited.
    """

    identity: Identity
    quantity: int
    line_id: int | None = None
    grade: Grade | None = None
    has_defect: bool | None = None
    sku: str | None = None
    title: str | None = None
    note: str | None = None
    whose: Whose | None = None


@dataclass(frozen=True, slots=True)
class LineUnits:
    """Counters of a line of a return."""

    expected: int
    arrived: int
    given_up: int

    @property
    def outstanding(self) -> int:
        return self.expected - self.arrived - self.given_up


def check_found(found: Sequence[Found]) -> None:
    """Refuse an inspection that says nothing, or a line of it that cannot be.  Raises RuleViolation."""
    if not found:
        raise RuleViolation("Say what was in the parcel, or what is missing.", code="nothing_found")
    if len(found) > MOST_FINDINGS:
        raise RuleViolation("Too many lines: at most %(most)s.", code="too_many_findings", most=MOST_FINDINGS)
    for one in found:
        _check_one(one)


def _check_one(one: Found) -> None:
    if not 1 <= one.quantity <= MOST_UNITS:
        raise RuleViolation("Count the units: 1 or more.", code="bad_quantity")
    if one.identity in {Identity.RIGHT, Identity.MISSING} and one.line_id is None:
        raise RuleViolation("Say which expected item it is.", code="line_required")
    if one.identity is Identity.UNEXPECTED and one.line_id is not None and one.whose is not Whose.MORE:
        raise RuleViolation("What was expected is not unexpected.", code="line_not_wanted")
    if one.identity is Identity.MISSING:
        if one.grade is not None or one.has_defect is not None:
            raise RuleViolation("What is missing has no condition.", code="grade_of_nothing")
        return
    if one.grade is None:
        raise RuleViolation("Say in what condition it is.", code="grade_required")
    if one.identity is Identity.RIGHT and one.has_defect is None:
        raise RuleViolation("Say whether it has a quality problem.", code="defect_required")
    if one.identity is not Identity.RIGHT and not (one.sku or one.title or one.note):
        raise RuleViolation("Say in a few words what it is.", code="words_required")


def booked(quantity: int, line: LineUnits) -> tuple[int, int, int]:
    """(of those awaited, of those given up, surplus) of units that are right.

    What was given up and turns up after all counts as arrived; what is over is unexpected.
    """
    awaited = min(quantity, line.outstanding)
    revived = min(quantity - awaited, line.given_up)
    return awaited, revived, quantity - awaited - revived


def state_of(now: ReturnState, lines: Sequence[LineUnits], *, is_inspected: bool, is_put_away: bool) -> ReturnState:
    """The state that a return is in, by its units: those that have not come at all keep it where it was.

    Of a return of which nothing came and nothing is awaited nothing is left: it is cancelled.
    """
    if not any(line.arrived for line in lines):
        if not any(line.outstanding for line in lines):
            return R.CANCELLED
        return R.PARTLY_ARRIVED if now in {R.ARRIVED, R.INSPECTED, R.DISPOSED} else now
    if any(line.outstanding for line in lines):
        return R.PARTLY_ARRIVED
    if not is_inspected:
        return R.ARRIVED
    return R.DISPOSED if is_put_away else R.INSPECTED


def check_disposal(
    identity: Identity, grade: Grade | None, place: Disposal, *, has_defect: bool | None, quantity: int
) -> None:
    """Refuse to put away nothing, what is missing, and to sell again what is not sound.  Raises RuleViolation."""
    if quantity < 1:
        raise RuleViolation("Count the units: 1 or more.", code="bad_quantity")
    if identity is Identity.MISSING:
        raise RuleViolation("What is missing goes nowhere.", code="not_there")
    if place is Disposal.RESTOCK and (grade not in SOUND or has_defect):
        raise RuleViolation(
            "Only sound goods of condition A or B are sold again; choose another place.", code="not_sound"
        )


def label_code(finding_id: int) -> str:
    """What the label of returned goods carries: GD, the id, two check digits."""
    return f"GD{finding_id}-{finding_id % 97:02d}"


def finding_of(code: str) -> int | None:
    """The finding of a label's code; None for any other."""
    head, _, check = code.upper().removeprefix("GD").partition("-")
    is_ours = code.upper().startswith("GD") and head.isascii() and head.isdigit() and len(head) < 19
    return int(head) if is_ours and check == f"{int(head) % 97:02d}" else None
