"""What a courier is asked and tells of a parcel on its way: outcomes, who has it then, what may follow what."""

from dataclasses import dataclass
from enum import StrEnum

from shopdesk.cases.states.application import CaseKind

MAX_SAID = 2000  # characters


class CourierOutcome(StrEnum):
    """What was asked of the courier, or what it told."""

    ASKED = "asked"  # to intercept, to look for it
    TURNED_ROUND = "turned_round"
    REFUSED = "refused"  # by the customer, at the door
    NOT_DELIVERED = "not_delivered"  # nobody there, a wrong address
    TOO_LATE = "too_late"  # to intercept: it was delivered, or is about to be
    DONE = "done"  # redirected, the phone told, held at the station
    LOST = "lost"
    PROOF_ASKED = "proof_asked"  # signed for, not received: who signed?
    PROVED = "proved"  # the customer has it
    DISPROVED = "disproved"  # the courier cannot show who has it
    DELIVERED_AFTER_ALL = "delivered_after_all"
    CAME_BACK = "came_back"  # a lost parcel is on its way to us after all


class Custody(StrEnum):
    """Who has the parcel, as far as known."""

    COURIER = "courier"
    CUSTOMER = "customer"
    ON_ITS_WAY_BACK = "on_its_way_back"
    UNKNOWN = "unknown"  # lost, or nobody can show where it is


@dataclass(frozen=True, slots=True)
class CourierRule:
    """Of which kinds of case an outcome is told, after which others (None: as the first), and who has it then."""

    kinds: frozenset[CaseKind]
    after: frozenset[CourierOutcome | None]
    custody: Custody


K, O, C = CaseKind, CourierOutcome, Custody  # noqa: E741 the table below is read across
_ON_THE_WAY = frozenset({K.INTERCEPT, K.DELIVERY_FAILURE, K.TRACE})
_ALL = _ON_THE_WAY | {K.NOT_RECEIVED}
_BACK = frozenset({O.TURNED_ROUND, O.REFUSED, O.NOT_DELIVERED})

OUTCOMES: dict[CourierOutcome, CourierRule] = {
    O.ASKED: CourierRule(_ALL, frozenset({None}), C.COURIER),
    O.TURNED_ROUND: CourierRule(_ON_THE_WAY, frozenset({None, O.ASKED}), C.ON_ITS_WAY_BACK),
    O.REFUSED: CourierRule(_ON_THE_WAY, frozenset({None, O.ASKED, O.TOO_LATE}), C.ON_ITS_WAY_BACK),
    O.NOT_DELIVERED: CourierRule(_ON_THE_WAY, frozenset({None, O.ASKED, O.TOO_LATE}), C.ON_ITS_WAY_BACK),
    O.TOO_LATE: CourierRule(frozenset({K.INTERCEPT}), frozenset({None, O.ASKED}), C.CUSTOMER),
    O.DONE: CourierRule(frozenset({K.INTERCEPT}), frozenset({None, O.ASKED}), C.COURIER),
    O.LOST: CourierRule(_ALL, frozenset({None, O.ASKED, O.TOO_LATE, O.PROOF_ASKED, *_BACK, O.CAME_BACK}), C.UNKNOWN),
    O.PROOF_ASKED: CourierRule(frozenset({K.NOT_RECEIVED, K.TRACE}), frozenset({None, O.ASKED}), C.COURIER),
    O.PROVED: CourierRule(frozenset({K.NOT_RECEIVED, K.TRACE}), frozenset({O.PROOF_ASKED}), C.CUSTOMER),
    O.DISPROVED: CourierRule(frozenset({K.NOT_RECEIVED, K.TRACE}), frozenset({O.PROOF_ASKED}), C.UNKNOWN),
    O.DELIVERED_AFTER_ALL: CourierRule(_ALL, frozenset({O.LOST, O.DISPROVED, *_BACK}), C.CUSTOMER),
    O.CAME_BACK: CourierRule(_ALL, frozenset({O.LOST, O.DISPROVED}), C.ON_ITS_WAY_BACK),
}
#: Outcomes with which the whole parcel comes back.
COMES_BACK = frozenset({*_BACK, O.CAME_BACK})
#: Outcomes after which somebody has to decide: claim, reship, refund.
TO_DECIDE = frozenset({O.LOST, O.DISPROVED})
#: Those told although the case was closed meanwhile.
REAPPEARS = frozenset({O.DELIVERED_AFTER_ALL, O.CAME_BACK})
COURIER_KINDS = _ALL
