"""Guiding questions: what is asked about each reason, so that nobody has to ask the customer twice (M087)."""

from enum import StrEnum

from shopdesk.cases.states.application import CaseKind, Reason

MAX_ANSWER = 500  # characters


class Question(StrEnum):
    """What can be asked; the words are labels."""

    SINCE_WHEN = "since_when"
    WHAT_HAPPENS = "what_happens"
    HOW_USED = "how_used"
    WHERE_ON_IT = "where_on_it"
    TRIED_GUIDANCE = "tried_guidance"
    BOX_STATE = "box_state"
    WHAT_IS_BROKEN = "what_is_broken"
    SAID_AT_DELIVERY = "said_at_delivery"
    STILL_USABLE = "still_usable"
    WHAT_IS_MISSING = "what_is_missing"
    WEIGHT_ON_LABEL = "weight_on_label"
    BOX_OPENED_BEFORE = "box_opened_before"
    HOW_MANY_PARCELS = "how_many_parcels"
    WHAT_CAME = "what_came"
    LABEL_ON_GOODS = "label_on_goods"
    WANTS_WHICH = "wants_which"
    IS_UNUSED = "is_unused"
    WHAT_DIFFERS = "what_differs"
    WHERE_PROMISED = "where_promised"
    MEASURED = "measured"
    TAGS_ON = "tags_on"
    PARTS_COMPLETE = "parts_complete"
    USUAL_SIZE = "usual_size"
    NEEDED_BY = "needed_by"
    COURIER_SAID = "courier_said"
    STILL_WANTED = "still_wanted"
    NEIGHBOURS_ASKED = "neighbours_asked"
    PLACE_CHECKED = "place_checked"
    ADDRESS_RIGHT = "address_right"
    WHAT_IS_WANTED = "what_is_wanted"


Q = Question
#: Three to five a reason, in the order in which they are asked.
QUESTIONS: dict[Reason, tuple[Question, ...]] = {
    Reason.QUALITY: (Q.WHAT_HAPPENS, Q.SINCE_WHEN, Q.HOW_USED, Q.WHERE_ON_IT, Q.TRIED_GUIDANCE),
    Reason.DAMAGED: (Q.WHAT_IS_BROKEN, Q.BOX_STATE, Q.SAID_AT_DELIVERY, Q.STILL_USABLE),
    Reason.SHORT: (Q.WHAT_IS_MISSING, Q.HOW_MANY_PARCELS, Q.BOX_OPENED_BEFORE, Q.WEIGHT_ON_LABEL),
    Reason.WRONG_ITEM: (Q.WHAT_CAME, Q.LABEL_ON_GOODS, Q.WANTS_WHICH, Q.IS_UNUSED),
    Reason.NOT_AS_DESCRIBED: (Q.WHAT_DIFFERS, Q.WHERE_PROMISED, Q.MEASURED, Q.IS_UNUSED),
    Reason.UNWANTED: (Q.TAGS_ON, Q.PARTS_COMPLETE, Q.USUAL_SIZE, Q.WANTS_WHICH),
    Reason.LATE: (Q.NEEDED_BY, Q.COURIER_SAID, Q.STILL_WANTED),
    Reason.NOT_RECEIVED: (Q.NEIGHBOURS_ASKED, Q.PLACE_CHECKED, Q.ADDRESS_RIGHT, Q.COURIER_SAID),
    Reason.OTHER: (Q.WHAT_HAPPENS, Q.SINCE_WHEN, Q.WHAT_IS_WANTED),
}
#: Which register a reason opens where nobody chooses another one.
KIND_OF: dict[Reason, CaseKind] = {
    Reason.QUALITY: CaseKind.RETURN,
    Reason.DAMAGED: CaseKind.DAMAGE,
    Reason.SHORT: CaseKind.RESHIP,
    Reason.WRONG_ITEM: CaseKind.EXCHANGE,
    Reason.NOT_AS_DESCRIBED: CaseKind.RETURN,
    Reason.UNWANTED: CaseKind.RETURN,
    Reason.LATE: CaseKind.TRACE,
    Reason.NOT_RECEIVED: CaseKind.NOT_RECEIVED,
    Reason.OTHER: CaseKind.DISPUTE,
}
