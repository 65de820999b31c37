"""The phases of a case and the moves between them (domain.md §4); whom it waits for, what its clock is."""

from enum import StrEnum


class CasePhase(StrEnum):
    """The four phases; where the goods are is the machine of the returns, not this one."""

    COMMUNICATE = "communicate"
    RECEIVE = "receive"
    INSPECT = "inspect"
    RESOLVE = "resolve"
    CLOSED = "closed"


C = CasePhase
OPEN = frozenset({C.COMMUNICATE, C.RECEIVE, C.INSPECT, C.RESOLVE})


class PhaseMove(StrEnum):
    """What takes a case from one phase to another."""

    SOLVE = "solve"  # by guidance: nothing came back, no money moved
    DECLINE = "decline"
    DECIDE = "decide"  # a defect that the customer did not cause, or nothing has to come back
    EXPECT_GOODS = "expect_goods"
    GOODS_ARRIVED = "goods_arrived"
    GOODS_INSPECTED = "goods_inspected"
    NOTHING_COMES = "nothing_comes"  # what is missing was decided
    CLOSE = "close"
    CLOSE_OPEN = "close_open"  # a balance is open: a supervisor says why
    MERGE = "merge"  # goes on in another case
    REOPEN = "reopen"


#: move → (from, to): the table of domain.md §4.
MOVES: dict[PhaseMove, tuple[frozenset[CasePhase], CasePhase]] = {
    PhaseMove.SOLVE: (frozenset({C.COMMUNICATE}), C.CLOSED),
    PhaseMove.DECLINE: (frozenset({C.COMMUNICATE}), C.CLOSED),
    PhaseMove.DECIDE: (frozenset({C.COMMUNICATE}), C.RESOLVE),
    PhaseMove.EXPECT_GOODS: (frozenset({C.COMMUNICATE, C.RESOLVE}), C.RECEIVE),
    PhaseMove.GOODS_ARRIVED: (frozenset({C.RECEIVE}), C.INSPECT),
    PhaseMove.GOODS_INSPECTED: (frozenset({C.INSPECT}), C.RESOLVE),
    PhaseMove.NOTHING_COMES: (frozenset({C.RECEIVE}), C.RESOLVE),
    PhaseMove.CLOSE: (frozenset({C.RESOLVE}), C.CLOSED),
    PhaseMove.CLOSE_OPEN: (OPEN, C.CLOSED),
    PhaseMove.MERGE: (OPEN, C.CLOSED),
    PhaseMove.REOPEN: (frozenset({C.CLOSED}), C.RESOLVE),
}


class Appraisal(StrEnum):
    """What photos and words let after-sale say before the goods are seen."""

    PRODUCT_DEFECT = "product_defect"  # not caused by the customer: no goods have to come back
    CANNOT_TELL = "cannot_tell"  # the goods are asked back
    NO_DEFECT = "no_defect"


class WaitingFor(StrEnum):
    CUSTOMER = "customer"
    WAREHOUSE = "warehouse"
    FINANCE = "finance"
    PLATFORM = "platform"
    COURIER = "courier"


class DueSource(StrEnum):
    PLATFORM = "platform"  # its clock, as given
    STORE = "store"  # the store's own deadline
    PERSON = "person"  # set by hand
