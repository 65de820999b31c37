"""What a stop catches, and what makes one well formed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from shopdesk.core.addresses import regions
from shopdesk.core.errors import RuleViolation
from shopdesk.core.text import fold
from shopdesk.parcels.states import STOP_EXPIRY, OnExpiry, StopScope

MOST_REASON = 500  # characters
MOST_PHRASE = 1000
LONGEST = timedelta(days=90)
PLACES = ("order", "store", "goods")  # what a phrase may name
_PLACE = re.compile(r"\{([^{}]*)\}")
#: What is offered until a store has used words of its own, by the language of its memos.
PHRASES = {
    "zh": "您好，您的订单{order}里的{goods}暂时不能发出，给您添麻烦了。您愿意等一等，还是取消订单？",
    "en": "We are sorry: {goods} of your order {order} cannot be sent just now. Would you like to wait, or to cancel?",
}


#: What stands for {goods} where a stop is about no single article.
GOODS = {"zh": "商品", "en": "the goods"}


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a stop looks for; texts as they were typed."""

    scope: StopScope
    sku: str | None = None
    carrier: str | None = None
    region: str | None = None
    batch_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """What of a parcel a stop looks at."""

    parcel_id: int
    region: str | None = None
    batch_id: int | None = None
    skus: frozenset[str] = field(default_factory=frozenset)  # of the units in it
    carriers: frozenset[str] = field(default_factory=frozenset)
    is_over: bool = False  # not printed, and every order in it is closed: nobody will send it


def catches(stop: Criteria, parcel: Candidate) -> bool:
    """Whether the stop holds the parcel: SKU the same, carrier and region from their beginning, in any writing.

    What is over is left alone, so that nobody is asked about it; what is on paper can go by mistake, and is held.
    """
    if parcel.is_over:
        return False
    if stop.scope is StopScope.BATCH:
        return parcel.batch_id is not None and parcel.batch_id == stop.batch_id
    if stop.scope is StopScope.SKU:
        return fold(stop.sku or "") in {fold(sku) for sku in parcel.skus}
    by_carrier = not stop.carrier or _begins(parcel.carriers, stop.carrier)
    return by_carrier and (not stop.region or _is_within(parcel.region or "", stop.region))


def _begins(texts: Iterable[str], start: str) -> bool:
    """Spaces do not count: "江苏省苏州市" is "江苏省 苏州市"."""
    wanted = _close(start)
    return any(_close(text).startswith(wanted) for text in texts)


def _is_within(place: str, region: str) -> bool:
    """From its beginning as it is written, or as both are called in full: "新疆" is "新疆维吾尔自治区"."""
    return _begins([place], region) or _begins([_in_full(place)], _in_full(region))


@lru_cache(maxsize=4096)
def _in_full(place: str) -> str:
    """The place with the full names of the regions it begins with; as it is where they are not known for sure."""
    text = fold(place).strip()
    match = regions.match_at(text, 0)
    if match is None or len(match.regions) != 1:
        return text
    return "".join(match.regions[0]) + text[match.end :]


def _close(text: str) -> str:
    return "".join(fold(text).split())


def check_criteria(wanted: Criteria) -> None:
    """Raises RuleViolation for a stop that names nothing to stop."""
    missing = {
        StopScope.SKU: None if fold(wanted.sku or "") else "sku",
        StopScope.BATCH: None if wanted.batch_id else "batch",
        StopScope.REGION: None if _close(wanted.carrier or "") or _close(wanted.region or "") else "region",
    }[wanted.scope]
    if missing:
        raise RuleViolation("Say what to stop.", code="value_required", missing=missing)


def check_terms(reason: str, phrase: str, expires_at: datetime, on_expiry: OnExpiry, *, now: datetime) -> None:
    """Raises RuleViolation for a missing or too long text, an unknown place in it, an expiry that cannot be."""
    if not reason.strip():
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    for text, most in ((reason, MOST_REASON), (phrase, MOST_PHRASE)):
        if len(text) > most:
            raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=most)
    unknown = next((name for name in _PLACE.findall(phrase) if name not in PLACES), None)
    if unknown is not None:
        raise RuleViolation("The phrase names {%(name)s}, which nobody fills in.", code="unknown_place", name=unknown)
    if not now < expires_at <= now + LONGEST:
        raise RuleViolation("A stop lasts until a time within the next %(most)d days.", code="bad_expiry", most=90)
    if on_expiry not in STOP_EXPIRY:
        raise RuleViolation("A stop changes nothing, so nothing ships as changed.", code="bad_expiry_act")


def written(phrase: str, *, order: str, store: str, goods: str) -> str:
    """The phrase for one order."""
    values = {"order": order, "store": store, "goods": goods}
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), phrase)
