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
    SHOP = "shop"  # it came back: the dock has signed it in
    UNKNOWN = "unknown"  # lost, or nobody can show where it is


@dataclass(frozen=True, slots=True)
class CourierRule:
    """Of which kinds of case an outcome is told, after which others (None: as the first), and who has it then."""

    kinds: frozenset[CaseKind]
    after: frozenset[CourierOutcome | None]
    custody: Custody


K, W, C = CaseKind, CourierOutcome, Custody
_ON_THE_WAY = frozenset({K.INTERCEPT, K.DELIVERY_FAILURE, K.TRACE})
_ALL = _ON_THE_WAY | {K.NOT_RECEIVED}
_BACK = frozenset({W.TURNED_ROUND, W.REFUSED, W.NOT_DELIVERED})

OUTCOMES: dict[CourierOutcome, CourierRule] = {
    W.ASKED: CourierRule(_ALL, frozenset({None}), C.COURIER),
    W.TURNED_ROUND: CourierRule(_ON_THE_WAY, frozenset({None, W.ASKED}), C.ON_ITS_WAY_BACK),
    W.REFUSED: CourierRule(_ON_THE_WAY, frozenset({None, W.ASKED, W.TOO_LATE}), C.ON_ITS_WAY_BACK),
    W.NOT_DELIVERED: CourierRule(_ON_THE_WAY, frozenset({None, W.ASKED, W.TOO_LATE}), C.ON_ITS_WAY_BACK),
    W.TOO_LATE: CourierRule(frozenset({K.INTERCEPT}), frozenset({None, W.ASKED}), C.CUSTOMER),
    W.DONE: CourierRule(frozenset({K.INTERCEPT}), frozenset({None, W.ASKED}), C.COURIER),
    W.LOST: CourierRule(_ALL, frozenset({None, W.ASKED, W.TOO_LATE, W.PROOF_ASKED, *_BACK, W.CAME_BACK}), C.UNKNOWN),
    W.PROOF_ASKED: CourierRule(frozenset({K.NOT_RECEIVED, K.TRACE}), frozenset({None, W.ASKED}), C.COURIER),
    W.PROVED: CourierRule(frozenset({K.NOT_RECEIVED, K.TRACE}), frozenset({W.PROOF_ASKED}), C.CUSTOMER),
    W.DISPROVED: CourierRule(frozenset({K.NOT_RECEIVED, K.TRACE}), frozenset({W.PROOF_ASKED}), C.UNKNOWN),
    W.DELIVERED_AFTER_ALL: CourierRule(_ALL, frozenset({W.LOST, W.DISPROVED, *_BACK}), C.CUSTOMER),
    W.CAME_BACK: CourierRule(_ALL, frozenset({W.LOST, W.DISPROVED}), C.ON_ITS_WAY_BACK),
}
#: Outcomes with which the whole parcel comes back.
COMES_BACK = frozenset({*_BACK, W.CAME_BACK})
#: Outcomes after which somebody has to decide: claim, reship, refund.
TO_DECIDE = frozenset({W.LOST, W.DISPROVED})
#: Those told although the case was closed meanwhile.
REAPPEARS = frozenset({W.DELIVERED_AFTER_ALL, W.CAME_BACK})
COURIER_KINDS = _ALL
