"""Kinds, goals, sources and phases of a case; the moves of its phase (domain.md §4)."""

from enum import StrEnum

from shopdesk.core.permissions import Role


class CaseKind(StrEnum):
    """The registers of domain.md §4, those of ours, and the invoice that was asked for after shipping."""

    INTERCEPT = "intercept"
    TRACE = "trace"
    EXTEND_RECEIPT = "extend_receipt"
    DAMAGE = "damage"
    RESHIP = "reship"
    EXCHANGE = "exchange"
    RETURN = "return"
    REFUND_ONLY = "refund_only"
    DISPUTE = "dispute"
    DELIVERY_FAILURE = "delivery_failure"
    COMPENSATION = "compensation"
    NOT_RECEIVED = "not_received"
    INVOICE = "invoice"


class Goal(StrEnum):
    """What an interception is to reach."""

    RETURN = "return"
    REDIRECT = "redirect"
    PHONE = "phone"
    HOLD_AT_STATION = "hold_at_station"


class CaseSource(StrEnum):
    ASKED = "asked"  # somebody recorded the application
    TOO_LATE = "too_late"  # a change that a fact overtook
    PLATFORM = "platform"  # an application that the platform told


class CasePhase(StrEnum):
    COMMUNICATE = "communicate"
    CLOSED = "closed"


#: (from, to); receiving, inspecting and resolving take their places between these two.
MOVES = frozenset({(CasePhase.COMMUNICATE, CasePhase.CLOSED)})
#: Whose inbox a kind stands in; all others are after-sale's.
ROLE_OF = {CaseKind.INVOICE: Role.FINANCE}
#: Kinds that move no money by themselves: closed without an owner, also by pre-sale.
SIMPLE = frozenset({CaseKind.TRACE, CaseKind.EXTEND_RECEIPT})
#: What can be chosen: every kind, an interception with each of its goals.
CHOICES: tuple[tuple[CaseKind, Goal | None], ...] = (
    *((CaseKind.INTERCEPT, goal) for goal in Goal),
    *((kind, None) for kind in CaseKind if kind is not CaseKind.INTERCEPT),
)


def role_of(kind: CaseKind) -> Role:
    return ROLE_OF.get(kind, Role.AFTER_SALE)


def choice(kind: CaseKind, goal: Goal | None) -> str:
    """A choice as forms and addresses name it: `intercept:redirect`, `trace`."""
    return f"{kind}:{goal}" if goal else str(kind)
