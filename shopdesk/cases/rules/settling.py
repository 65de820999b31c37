"""Decisions about how a case is resolved and what it pays, on plain values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from shopdesk.cases.rules import Who
from shopdesk.cases.states import (
    CLAIMS_DEFECT,
    AmountPart,
    CasePhase,
    Fault,
    InvoiceTaskKind,
    PaidTo,
    Reason,
    Resolution,
)
from shopdesk.core.errors import DomainError, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.money import share_of_units
from shopdesk.core.references import check_reference

MOST_COMPENSATION_MINOR = 20_000  # of one case, where the store says nothing
MOST_ACCOUNT = 120  # characters
MOST_REASON = 500  # characters
#: So long the buyer may confirm a form for a red-letter invoice; after that it counts no more.
TO_CONFIRM = timedelta(hours=72)
#: Destinations that mean nothing without the account.
NEEDS_ACCOUNT = frozenset({PaidTo.BANK, PaidTo.ALIPAY})
#: What "no quality problem" does not give without an exception (domain.md §4).
NEEDS_DEFECT = frozenset({Resolution.REFUND, Resolution.EXCHANGE, Resolution.RESHIP})


def check_works(who: Who, owner_id: int | None) -> None:
    """A case is resolved by its owner, or by a supervisor.  Raises NotAllowed, IllegalMove (nobody's yet)."""
    if who.is_supervisor or (owner_id is not None and owner_id == who.id):
        return
    if owner_id is None:
        raise IllegalMove("Accept the case first.", code="not_accepted")
    raise NotAllowed("Only its owner, or a supervisor, can do this.", code="not_the_owner")


def check_resolving(phase: CasePhase, phases: Collection[CasePhase]) -> None:
    """Where goods come back this is after they were looked at: only then the case is in the phase of resolving."""
    if phase in phases:
        return
    if phase is CasePhase.CLOSED:
        raise IllegalMove("This case is closed.", code="case_closed", phase=str(phase))
    raise IllegalMove("This does not fit where the case is now: %(phase)s.", code="wrong_phase", phase=str(phase))


def check_resolution(
    kind: Resolution, there: Collection[Resolution], *, is_sound: bool, reason: Reason | None, exception: str | None
) -> None:
    """`is_sound`: the goods were inspected and have no quality problem.  Raises RuleViolation."""
    others = {one for one in there if one is not kind}
    if kind is Resolution.NONE and others:
        raise RuleViolation("Something was decided already.", code="resolution_decided")
    if Resolution.NONE in others:
        raise RuleViolation("It was decided that nothing is done. Take that back first.", code="resolution_none")
    if is_sound and reason in CLAIMS_DEFECT and kind in NEEDS_DEFECT and not (exception or "").strip():
        raise RuleViolation(
            "The inspection found no quality problem: send it back, compensate, or say why to make an exception.",
            code="no_defect",
        )


#: What may be decided before the goods are here: other goods go out ahead of them.
AHEAD = frozenset({Resolution.EXCHANGE, Resolution.RESHIP})


def phases_for(kind: Resolution) -> frozenset[CasePhase]:
    """Where a way is decided: the money only once the goods were looked at, or nothing comes back."""
    ahead = {CasePhase.RECEIVE, CasePhase.INSPECT} if kind in AHEAD else set()
    return frozenset({CasePhase.RESOLVE, *ahead})


def check_reason(reason: str, missing: str = "reason") -> None:
    if not reason.strip():
        raise RuleViolation("Please say why.", code="value_required", missing=missing)
    if len(reason) > MOST_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_REASON)


@dataclass(frozen=True, slots=True)
class Units:
    """A line of the sale as money sees it, in minor units; `claimed` units were refunded or replaced before."""

    share_minor: int | None
    booked_minor: int  # reserved or refunded
    quantity: int
    cancelled: int
    claimed: int


def share_minor(line: Units, units: int) -> int:
    """What was paid for the next `units` of a line and has not been booked; 0 where the share is not known.

    Raises RuleViolation (`units_claimed`) where fewer units are left.
    """
    first = line.cancelled + line.claimed
    if units < 1 or first + units > line.quantity:
        raise units_claimed(max(0, line.quantity - first))
    if not line.share_minor:
        return 0
    paid_minor = share_of_units(line.share_minor, line.quantity, first, first + units)
    return max(0, min(paid_minor, line.share_minor - line.booked_minor))


def spread(amount_minor: int, rooms: Sequence[int]) -> list[int]:
    """The amount over the rooms, the earlier filled first; what fits nowhere is left out.

    >>> spread(70, [50, 50])
    [50, 20]
    """
    parts = []
    for room in rooms:
        part = max(0, min(amount_minor, room))
        amount_minor -= part
        parts.append(part)
    return parts


def check_amount(amount_minor: int | None, *, most_minor: int, currency: str, part: AmountPart) -> int:
    """Raises RuleViolation (`value_required`, `more_than_paid`)."""
    if amount_minor is None or amount_minor < 0:
        raise RuleViolation("Say the amount.", code="value_required", missing="amount_minor")
    if amount_minor > most_minor:
        raise RuleViolation(
            "At most %(due_minor)s.", code="more_than_paid", amount_minor=amount_minor, due_minor=most_minor,
            currency=currency, part=str(part),
        )  # fmt: skip
    return amount_minor


def check_payment(amount_minor: int | None, destination: PaidTo, account: str | None, reference: str | None) -> None:
    """Amount and destination are required, the account for a bank or Alipay (M114).  Raises RuleViolation."""
    if not amount_minor or amount_minor < 0:
        raise RuleViolation("Say the amount.", code="value_required", missing="amount_minor")
    if destination in NEEDS_ACCOUNT and not (account or "").strip():
        raise RuleViolation("Say the account that the money went to.", code="value_required", missing="account")
    if len(account or "") > MOST_ACCOUNT:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_ACCOUNT)
    if reference:
        check_reference(reference)


def check_invoice_asked(*, invoice_sent: bool | None) -> None:
    """M118: every resolution asks."""
    if invoice_sent is None:
        raise IllegalMove("First say whether an invoice was sent with the order.", code="invoice_unanswered")


def tasks_wanted(
    resolutions: Collection[Resolution], *, goods_came_back: bool, invoice_sent: bool | None
) -> set[InvoiceTaskKind]:
    """Red-letter for a return or refund, endorsement for an exchange (M116, M117); none without an invoice."""
    if not invoice_sent:
        return set()
    wanted = set()
    if Resolution.EXCHANGE in resolutions:
        wanted.add(InvoiceTaskKind.ENDORSEMENT)
    if Resolution.REFUND in resolutions or (goods_came_back and not {*resolutions} & _GOODS_GO_OUT):
        wanted.add(InvoiceTaskKind.RED_LETTER)
    return wanted


_GOODS_GO_OUT = frozenset({Resolution.EXCHANGE, Resolution.RESHIP, Resolution.SEND_BACK})


def check_may_ask_buyer(
    kind: InvoiceTaskKind, *, is_done: bool, asked: str | None, confirm_by: datetime | None, now: datetime
) -> None:
    """Whether the buyer may be asked to confirm a red-letter form; again only once 72 hours are over.

    Raises RuleViolation (`not_red_letter`), IllegalMove (`invoice_done`, `confirmation_runs`).
    """
    if kind is not InvoiceTaskKind.RED_LETTER:
        raise RuleViolation("Only a red-letter invoice is confirmed by the buyer.", code="not_red_letter")
    if is_done:
        raise IllegalMove("Finance has issued a document already.", code="invoice_done")
    if asked is not None and confirm_by is not None and now < confirm_by:
        raise IllegalMove("The buyer still has time to confirm the form %(number)s.", code="confirmation_runs",
                          number=asked)  # fmt: skip


def check_fault(who: Who, fault: Fault | None, person_id: int | None, said: str | None) -> None:
    """A person only by a supervisor, with that person's answer.  Raises RuleViolation, NotAllowed."""
    if fault is None:
        raise RuleViolation("Say who caused it.", code="value_required", missing="fault")
    if person_id is None:
        return
    if not who.is_supervisor:
        raise NotAllowed("Only a supervisor says that a person caused it.", code="not_a_supervisor")
    if not (said or "").strip():
        raise RuleViolation("Write down what that person answered.", code="value_required", missing="fault_said")
    if len(said or "") > MOST_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_REASON)


def lost_amount(settled_minor: int, expected_minor: int) -> DomainError:
    """Why a settlement changed nothing, from the amounts read afresh."""
    left = expected_minor - settled_minor
    return IllegalMove(
        "More than is still to be settled.", code="more_than_expected", left_minor=left, expected_minor=expected_minor
    )


def units_claimed(left: int) -> DomainError:
    """More units than are left, of what was sold or of what the case is about."""
    return RuleViolation(
        "Only %(left)s of these units are neither refunded nor replaced yet.", code="units_claimed", left=left
    )
