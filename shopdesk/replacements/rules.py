"""Decisions about goods that go out again, on plain values; amounts in minor units."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from shopdesk.cases.states import CasePhase
from shopdesk.core.errors import DomainError, IllegalMove, RuleViolation
from shopdesk.core.money import share_of_units
from shopdesk.core.references import check_reference
from shopdesk.parcels.states import Stage
from shopdesk.replacements.states import REPLACEMENT_MOVES, DifferenceSettled, ReplacementKind, ReplacementState
from shopdesk.returns.states import ReturnState

MOST_UNITS = 1000  # of one line
MOST_TEXT = 500  # characters of a title or attributes
NOT_ON_ITS_WAY = frozenset({Stage.UNPRINTED, Stage.VOIDED})
#: While goods of the case are on their way back, or are looked at.
BEFORE_THE_GOODS = frozenset({CasePhase.RECEIVE, CasePhase.INSPECT})
LOOKED_AT = frozenset({ReturnState.INSPECTED, ReturnState.DISPOSED})


@dataclass(frozen=True, slots=True)
class Priced:
    """Units that go out: what was paid for those in whose place they go, and their own price (None: the same)."""

    share_minor: int
    price_minor: int | None = None

    @property
    def worth_minor(self) -> int:
        return self.share_minor if self.price_minor is None else self.price_minor


def difference_minor(lines: Sequence[Priced]) -> int:
    """What the customer owes for dearer goods; negative: gets back for cheaper ones.

    >>> difference_minor([Priced(10000, 12000), Priced(5000)])
    2000
    """
    return sum(line.worth_minor - line.share_minor for line in lines)


def kept_minor(amount_minor: int, quantity: int, taken_off: int) -> int:
    """What stays of an amount for all units of a line, once some are taken off; those are the first of them.

    >>> kept_minor(1000, 3, 1)
    666
    """
    return share_of_units(amount_minor, quantity, taken_off, quantity)


def kept_of(line: Priced, quantity: int, taken_off: int) -> Priced:
    """What the units that still go out stand for."""
    price = None if line.price_minor is None else kept_minor(line.price_minor, quantity, taken_off)
    return Priced(kept_minor(line.share_minor, quantity, taken_off), price)


def worth_of_all(kept: int, quantity: int, taken_off: int) -> int:
    """The amount for all units of which the last ones, that still go out, are worth so much; `kept_minor` backwards.

    >>> kept_minor(worth_of_all(667, 3, 1), 3, 1)
    667
    """
    left = quantity - taken_off
    if not left:
        return kept
    each, rest = divmod(kept, left)
    return each * quantity + (taken_off + rest if rest else 0)


def check_lines(kind: ReplacementKind, quantities: Sequence[int], prices: Sequence[int | None]) -> None:
    """Raises RuleViolation."""
    if not quantities:
        raise RuleViolation("Say which units.", code="value_required", missing="units")
    if any(not 1 <= quantity <= MOST_UNITS for quantity in quantities):
        raise RuleViolation("Say how many units.", code="value_required", missing="quantity")
    if any(price is not None and price < 0 for price in prices):
        raise RuleViolation("Say the amount.", code="value_required", missing="price_minor")
    if kind is not ReplacementKind.EXCHANGE and any(price is not None for price in prices):
        raise RuleViolation("Only an exchange has a difference in price.", code="no_difference")


def check_ahead_of_goods(wanted: ReplacementKind, phase: CasePhase, *, waits: bool, due_at: datetime | None) -> None:
    """What is decided before the goods are here: an exchange waits for them, or says by when they are expected.

    Goods to be sent back must be here first.  Raises IllegalMove (`wrong_phase`), RuleViolation (no time).
    """
    if phase not in BEFORE_THE_GOODS:
        return
    if wanted is ReplacementKind.SEND_BACK:
        raise IllegalMove("This does not fit where the case is now: %(phase)s.", code="wrong_phase", phase=str(phase))
    if wanted is ReplacementKind.EXCHANGE and not waits and due_at is None:
        raise RuleViolation("Say by when the goods are expected back.", code="value_required", missing="due_at")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one of them stands: what may still be done with it follows from this alone, on the page and in commands.

    `is_held`: a change or a stop holds a parcel of it.
    """

    state: ReplacementState
    is_undone: bool
    waits_for_goods: bool
    shipped: int
    returned: int
    with_customer: int
    stages: Sequence[Stage]
    is_held: bool = False


def may(check: Callable[[Standing], None], now: Standing) -> bool:
    """Whether a command would not be refused for where it stands."""
    try:
        check(now)
    except DomainError:
        return False
    return True


def check_goes_out(now: Standing) -> None:
    if now.state is ReplacementState.CANCELLED or now.is_undone:
        raise IllegalMove("This goes out no more.", code="replacement_moved", state=str(now.state))


def check_cancel(now: Standing) -> None:
    check_goes_out(now)
    if any(stage not in NOT_ON_ITS_WAY for stage in now.stages):
        raise IllegalMove("It is printed already: ask for a change of its order.", code="printed_already")
    if now.is_held:
        raise IllegalMove("A change or a stop holds its parcel. End that first.", code="held_by_change")


def check_expect_back(now: Standing) -> None:
    check_goes_out(now)
    if now.with_customer <= 0:
        raise IllegalMove("Nothing of it is with the customer.", code="not_with_customer")


def check_undo(now: Standing) -> None:
    check_goes_out(now)
    if not now.shipped or now.returned < now.shipped:
        raise IllegalMove("What went out is not back yet.", code="replacement_not_back")
    check_no_rest(now)


def check_no_rest(now: Standing) -> None:
    """Of what is undone nothing still waits to go out."""
    if now.state is not ReplacementState.RELEASED:
        raise IllegalMove("Part of it still waits to go out.", code="replacement_waits", state=str(now.state))


def check_ahead(now: Standing) -> None:
    check_move(now.state, ReplacementState.RELEASED)
    if now.is_undone or not now.waits_for_goods:
        raise IllegalMove("It does not wait for the goods.", code="not_waiting_for_goods")


def check_waybill(now: Standing) -> None:
    """It may have one as long as a parcel of it lives."""
    check_goes_out(now)
    if all(stage is Stage.VOIDED for stage in now.stages):
        raise IllegalMove("Its parcel was voided.", code="voided")


def check_move(current: ReplacementState, target: ReplacementState) -> None:
    if (current, target) not in REPLACEMENT_MOVES:
        raise IllegalMove(
            "This goes out no more, or is released already.", code="replacement_moved", state=str(current)
        )


def check_due(due_at: datetime | None, now: datetime) -> None:
    """Sent ahead: the goods are expected back by a time."""
    if due_at is None or due_at <= now:
        raise RuleViolation("Say by when the goods are expected back.", code="value_required", missing="due_at")


def goods_are_here(states: Collection[ReturnState]) -> bool:
    """Whether what comes back was looked at: something did, and nothing is still awaited."""
    going = [state for state in states if state is not ReturnState.CANCELLED]
    return bool(going) and all(state in LOOKED_AT for state in going)


def reason_of(text: str) -> str:
    """Raises RuleViolation."""
    said = text.strip()
    if not said:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    return said[:MOST_TEXT]


def charged(worth_minor: int, given_minor: int | None) -> int:
    """What the customer owes for goods that did not come: at most what was paid for them.  Raises RuleViolation."""
    owed_minor = worth_minor if given_minor is None else given_minor
    if not 0 < owed_minor <= worth_minor:
        raise RuleViolation(
            "More than what was paid for these units, or nothing.", code="more_than_worth", most_minor=worth_minor
        )
    return owed_minor


def check_settling(how: DifferenceSettled, reference: str | None, reason: str | None) -> None:
    """Raises RuleViolation."""
    if how is DifferenceSettled.PAYMENT:
        if not reference:
            raise RuleViolation("A payment needs its reference.", code="value_required", missing="reference")
        check_reference(reference)
    if how is DifferenceSettled.WAIVED and not (reason or "").strip():
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
