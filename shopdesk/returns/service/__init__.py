"""Commands on goods that come back."""

from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service.disposing import Decided, dispose
from shopdesk.returns.service.finding import correct, inspect, open_arrival
from shopdesk.returns.service.following import follow_case, settle
from shopdesk.returns.service.matching import describe, match, match_waiting, unmatch
from shopdesk.returns.service.opening import open_for_goods
from shopdesk.returns.service.signing import SignedIn, sign_in

__all__ = [
    "Decided",
    "Found",
    "SignedIn",
    "correct",
    "describe",
    "dispose",
    "follow_case",
    "inspect",
    "match",
    "match_waiting",
    "open_arrival",
    "open_for_goods",
    "settle",
    "sign_in",
    "unmatch",
]
