"""The heart as data: what happens to a wish at each stage, in which order, by whom (domain.md §3).

`PLAYBOOK[kind, stage]` is the tuple of steps that is copied when a change opens.  The server enforces order, role and
stage from the copies; pages, API and docs/playbook.md read the same table.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from shopdesk.cases.states import CaseKind, Goal
from shopdesk.changes.states import DONE_BY_PEOPLE, WORKING, Code, Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage

__all__ = [
    "AFTER_LINES",
    "AFTER_VOID",
    "ASK_FIRST",
    "BY_MESSAGE",
    "CASES",
    "CONTACT",
    "DONE_BY_PEOPLE",
    "EMPTIED",
    "LINES",
    "PLAYBOOK",
    "PULL_BACK",
    "TEMPLATES",
    "WORKING",
    "Code",
    "StepSpec",
    "When",
    "case_of",
    "steps_for",
]


class When(StrEnum):
    """A condition under which a step belongs to the copy."""

    ALWAYS = "always"
    PAID_QUANTITY = "paid_quantity"  # quantity on a paid order
    PAID = "paid"
    NEW_WAYBILL = "new_waybill"  # address or courier on an electronic waybill
    OLD_WAYBILL = "old_waybill"  # anything else


@dataclass(frozen=True, slots=True)
class StepSpec:
    code: Code
    role: Role
    when: When = When.ALWAYS
    ends_hold: bool = False
    after_hold: bool = False  # a task that follows; keeps no change open


R, C, S = Role, Code, StepSpec
Column = dict[Stage, tuple[StepSpec, ...]]

_DATA_UNPRINTED = (
    S(C.AMEND, R.PRE_SALE),
    S(C.MEMO_HOLD, R.SYSTEM),
    S(C.CONFIRM, R.PRE_SALE),
    S(C.ACKNOWLEDGE, R.PRINTING, ends_hold=True),
    S(C.REFUND, R.AFTER_SALE, When.PAID_QUANTITY, after_hold=True),
    S(C.ENTER_IN_PLATFORM, R.PRE_SALE, When.PAID_QUANTITY, after_hold=True),
)
_PRINTED = (
    S(C.RECALL_PAPERS, R.SYSTEM),
    S(C.HAND_OUT, R.WAREHOUSE),
    S(C.REPRINT, R.PRINTING, When.NEW_WAYBILL),
    S(C.AMEND_PAPERS, R.WAREHOUSE, When.OLD_WAYBILL),
    S(C.AMEND, R.PRE_SALE),
    S(C.MEMO, R.SYSTEM),
    S(C.CONFIRM, R.PRE_SALE),
    S(C.TAKE_BACK, R.WAREHOUSE, ends_hold=True),
    S(C.REFUND, R.AFTER_SALE, When.PAID_QUANTITY, after_hold=True),
    S(C.ENTER_IN_PLATFORM, R.PRE_SALE, When.PAID_QUANTITY, after_hold=True),
)
_PACKED = (
    S(C.RECALL_PARCEL, R.SYSTEM),
    S(C.HAND_OUT, R.WAREHOUSE),
    S(C.AMEND, R.PRE_SALE),
    S(C.MEMO, R.SYSTEM),
    S(C.CONFIRM, R.PRE_SALE),
    S(C.REPRINT, R.PRINTING),
    S(C.REPACK, R.WAREHOUSE, ends_hold=True),
    S(C.REFUND, R.AFTER_SALE, When.PAID_QUANTITY, after_hold=True),
    S(C.ENTER_IN_PLATFORM, R.PRE_SALE, When.PAID_QUANTITY, after_hold=True),
)
_SHIPPED = (S(C.MAKE_CASE, R.AFTER_SALE),)
_SHIPPED_INVOICE = (S(C.MAKE_CASE, R.FINANCE),)
_DATA: Column = {
    Stage.UNPRINTED: _DATA_UNPRINTED,
    Stage.PRINTED: _PRINTED,
    Stage.PACKED: _PACKED,
    Stage.SHIPPED: _SHIPPED,
}
_CANCEL: Column = {
    Stage.UNPRINTED: (
        S(C.VOID, R.PRINTING, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID, after_hold=True),
    ),
    Stage.PRINTED: (
        S(C.RECALL_PAPERS, R.SYSTEM),
        S(C.HAND_TO_AFTER_SALE, R.WAREHOUSE),
        S(C.VOID, R.PRINTING),
        S(C.REFUND, R.AFTER_SALE, When.PAID),
        S(C.DESTROY_PAPERS, R.AFTER_SALE, ends_hold=True),
    ),
    Stage.PACKED: (
        S(C.RECALL_PARCEL, R.SYSTEM),
        S(C.HAND_TO_AFTER_SALE, R.WAREHOUSE),
        S(C.VOID, R.PRINTING),
        S(C.REFUND, R.AFTER_SALE, When.PAID),
        S(C.BOOK_IN, R.WAREHOUSE, ends_hold=True),
    ),
    Stage.SHIPPED: (S(C.MAKE_CASE, R.AFTER_SALE),),
}
_UNPAID: Column = {Stage.UNPRINTED: (S(C.AMEND, R.PRE_SALE),)}

_WISHES: dict[Kind, Column] = {
    Kind.ADDRESS: _DATA,
    Kind.ATTRIBUTE: _DATA,
    Kind.QUANTITY: _DATA,
    Kind.COURIER: _DATA,
    Kind.INVOICE: {**_DATA, Stage.SHIPPED: _SHIPPED_INVOICE},
    Kind.GREETING_CARD: _DATA,
    Kind.DELIVERY_TIME: _DATA,
    Kind.PRICE: _UNPAID,
    Kind.FREIGHT: _UNPAID,
    Kind.CANCEL: _CANCEL,
}
PLAYBOOK = {(kind, stage): steps for kind, columns in _WISHES.items() for stage, steps in columns.items()}
#: Step 0, put before the others while the stage is stale (domain.md §3, Stale stage).
ASK_FIRST = S(C.ASK_STAGE, R.PRINTING)
#: In the place of the case, as long as the courier has not collected the parcel: found, the packed column begins with
#: hold and recall already there; too late or out of time, it becomes the case.
PULL_BACK = S(C.PULL_BACK, R.WAREHOUSE)
#: A cancel of lines, where something stays in the parcel: it goes on without them, and nobody waits for the money.
LINES: Column = {
    Stage.UNPRINTED: (
        S(C.TAKE_OUT, R.PRINTING, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID, after_hold=True),
    ),
    Stage.PRINTED: (
        S(C.RECALL_PAPERS, R.SYSTEM),
        S(C.HAND_TO_AFTER_SALE, R.WAREHOUSE),
        S(C.TAKE_OUT, R.PRINTING),
        S(C.REPRINT, R.PRINTING),
        S(C.TAKE_BACK, R.WAREHOUSE, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID, after_hold=True),
    ),
    Stage.PACKED: (
        S(C.RECALL_PARCEL, R.SYSTEM),
        S(C.HAND_TO_AFTER_SALE, R.WAREHOUSE),
        S(C.TAKE_OUT, R.PRINTING),
        S(C.REPRINT, R.PRINTING),
        S(C.REPACK, R.WAREHOUSE, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID, after_hold=True),
        S(C.BOOK_IN, R.WAREHOUSE, after_hold=True),
    ),
    Stage.SHIPPED: _CANCEL[Stage.SHIPPED],
}
#: A quantity wish that leaves nothing in its parcel, while the order has more elsewhere: nothing is left to amend on
#: paper or to pack, so the parcel goes the way of a cancel once the customer has confirmed.
EMPTIED: Column = {
    Stage.UNPRINTED: (
        S(C.AMEND, R.PRE_SALE),
        S(C.MEMO_HOLD, R.SYSTEM),
        S(C.CONFIRM, R.PRE_SALE),
        S(C.VOID, R.PRINTING, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID_QUANTITY, after_hold=True),
        S(C.ENTER_IN_PLATFORM, R.PRE_SALE, When.PAID_QUANTITY, after_hold=True),
    ),
    Stage.PRINTED: (
        S(C.RECALL_PAPERS, R.SYSTEM),
        S(C.HAND_TO_AFTER_SALE, R.WAREHOUSE),
        S(C.AMEND, R.PRE_SALE),
        S(C.MEMO, R.SYSTEM),
        S(C.CONFIRM, R.PRE_SALE),
        S(C.VOID, R.PRINTING),
        S(C.DESTROY_PAPERS, R.AFTER_SALE, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID_QUANTITY, after_hold=True),
        S(C.ENTER_IN_PLATFORM, R.PRE_SALE, When.PAID_QUANTITY, after_hold=True),
    ),
    Stage.PACKED: (
        S(C.RECALL_PARCEL, R.SYSTEM),
        S(C.HAND_TO_AFTER_SALE, R.WAREHOUSE),
        S(C.AMEND, R.PRE_SALE),
        S(C.MEMO, R.SYSTEM),
        S(C.CONFIRM, R.PRE_SALE),
        S(C.VOID, R.PRINTING),
        S(C.BOOK_IN, R.WAREHOUSE, ends_hold=True),
        S(C.REFUND, R.AFTER_SALE, When.PAID_QUANTITY, after_hold=True),
        S(C.ENTER_IN_PLATFORM, R.PRE_SALE, When.PAID_QUANTITY, after_hold=True),
    ),
}


def _behind(column: Column, code: Code) -> Column:
    """What follows that step, at each stage where it stands."""
    places = {stage: [step.code for step in steps] for stage, steps in column.items()}
    return {stage: steps[places[stage].index(code) + 1 :] for stage, steps in column.items() if code in places[stage]}


#: What follows once printing has carried a cancel wish out: something stays in the parcel (lines of it, other orders
#: of a merged one), or nothing does.  Whichever step was asked for, what is found then decides.
AFTER_LINES, AFTER_VOID = _behind(LINES, C.TAKE_OUT), _behind(_CANCEL, C.VOID)
#: The memo of each wish: template at (kind, stage).  Cancel, price and freight write none.
TEMPLATES: dict[tuple[Kind, Stage], str] = {
    **{(k, Stage.PRINTED): "T3" for k in (Kind.ADDRESS, Kind.ATTRIBUTE, Kind.QUANTITY)},
    **{(Kind.ADDRESS, s): "T2" for s in (Stage.UNPRINTED, Stage.PACKED)},
    **{(k, s): "T1" for k in (Kind.ATTRIBUTE, Kind.QUANTITY) for s in (Stage.UNPRINTED, Stage.PACKED)},
    **{
        (k, s): "T4"
        for k in (Kind.COURIER, Kind.INVOICE, Kind.GREETING_CARD, Kind.DELIVERY_TIME)
        for s in (Stage.UNPRINTED, Stage.PRINTED, Stage.PACKED)
    },
}


#: At a supplier's warehouse these physical steps are a message to them and their answer, and who has the contact with
#: them notes both: the role stands in the copy of the step, the others of CONTACT may do it as well.
BY_MESSAGE: dict[Code, Role] = {
    C.ASK_STAGE: R.PRE_SALE,
    C.ACKNOWLEDGE: R.PRE_SALE,
    C.HAND_OUT: R.PRE_SALE,
    C.AMEND_PAPERS: R.PRE_SALE,
    C.REPRINT: R.PRE_SALE,
    C.TAKE_BACK: R.PRE_SALE,
    C.REPACK: R.PRE_SALE,
    C.HAND_TO_AFTER_SALE: R.AFTER_SALE,
    C.VOID: R.AFTER_SALE,
    C.TAKE_OUT: R.AFTER_SALE,
    C.DESTROY_PAPERS: R.AFTER_SALE,
    C.BOOK_IN: R.AFTER_SALE,
}
CONTACT = (R.PRE_SALE, R.AFTER_SALE)


def at_supplier(step: StepSpec) -> StepSpec:
    """The step as it is copied for a parcel that a supplier sends."""
    return replace(step, role=BY_MESSAGE[step.code]) if step.code in BY_MESSAGE else step


def way_back(column: Stage, done: Collection[str]) -> tuple[StepSpec, ...]:
    """What is left to do with papers or a parcel in somebody's hands when their change is withdrawn.

    `done` are the codes of the steps that were done: what was written on the papers is written back.
    """
    undo = [S(C.AMEND_PAPERS, R.WAREHOUSE)] if C.AMEND_PAPERS in done else []
    undo += [S(C.REPRINT, R.PRINTING)] if C.REPRINT in done else []
    last = S(C.REPACK if column is Stage.PACKED else C.TAKE_BACK, R.WAREHOUSE, ends_hold=True)
    return (*undo, last)


def steps_for(
    kind: Kind, stage: Stage, conditions: Iterable[When], *, of_lines: bool = False, empties: bool = False
) -> tuple[StepSpec, ...]:
    """The steps of a cell whose conditions are met, in order; empty where the table says "—".

    `of_lines`: a cancel wish after which something stays in the parcel; `empties`: a quantity wish after which nothing
    does.
    """
    met = {When.ALWAYS, *conditions}
    cell = LINES.get(stage, ()) if of_lines else PLAYBOOK.get((kind, stage), ())
    cell = EMPTIED.get(stage, cell) if empties else cell
    return tuple(step for step in cell if step.when in met)


#: What a wish about a parcel that has left is a case of: under way, and once it is delivered.  People choose otherwise.
CASES: dict[Kind, tuple[tuple[CaseKind, Goal | None], tuple[CaseKind, Goal | None]]] = {
    Kind.ADDRESS: ((CaseKind.INTERCEPT, Goal.REDIRECT), (CaseKind.NOT_RECEIVED, None)),
    Kind.ATTRIBUTE: ((CaseKind.EXCHANGE, None), (CaseKind.EXCHANGE, None)),
    Kind.QUANTITY: ((CaseKind.RETURN, None), (CaseKind.RETURN, None)),
    Kind.COURIER: ((CaseKind.TRACE, None), (CaseKind.TRACE, None)),
    Kind.INVOICE: ((CaseKind.INVOICE, None), (CaseKind.INVOICE, None)),
    Kind.GREETING_CARD: ((CaseKind.RESHIP, None), (CaseKind.RESHIP, None)),
    Kind.DELIVERY_TIME: ((CaseKind.INTERCEPT, Goal.HOLD_AT_STATION), (CaseKind.TRACE, None)),
    Kind.CANCEL: ((CaseKind.INTERCEPT, Goal.RETURN), (CaseKind.RETURN, None)),
}


def case_of(kind: Kind, stage: Stage) -> tuple[CaseKind, Goal | None]:
    """Kind and goal of the case that such a wish goes on as."""
    under_way, delivered = CASES[kind]
    return delivered if stage is Stage.DELIVERED else under_way
