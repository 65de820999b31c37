"""Commands on cases."""

from shopdesk.cases.service.accepting import accept
from shopdesk.cases.service.appraising import appraise, decide, may_decide
from shopdesk.cases.service.closing import close, decline, reopen
from shopdesk.cases.service.dating import set_due, wait_for
from shopdesk.cases.service.handing import assign, offer, people_for, refuse_offer, take_offer
from shopdesk.cases.service.joining import link, merge, split
from shopdesk.cases.service.moving import move
from shopdesk.cases.service.noting import note, open_mentions, see_mentions
from shopdesk.cases.service.opening import Application, open_case, record
from shopdesk.cases.service.photographing import MOST_PHOTOS, add_photos

__all__ = [
    "MOST_PHOTOS",
    "Application",
    "accept",
    "add_photos",
    "appraise",
    "assign",
    "close",
    "decide",
    "decline",
    "link",
    "may_decide",
    "merge",
    "move",
    "note",
    "offer",
    "open_case",
    "open_mentions",
    "people_for",
    "record",
    "refuse_offer",
    "reopen",
    "see_mentions",
    "set_due",
    "split",
    "take_offer",
    "wait_for",
]
