"""Facts put into words for the pages: how old a stage is known, what an event was, what somebody has to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _

from shopdesk.changes.states import Code, Kind
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.hits import OpenOnIt
from shopdesk.desk.views.event_words import EVENTS, TOLD_BY_FACTS
from shopdesk.notices.models import Answer
from shopdesk.orders.models import Order
from shopdesk.parcels.models import StageFact
from shopdesk.parcels.queries import Knowledge
from shopdesk.parcels.states import OWN_HANDS, FactEffect, Freshness, Source, Stage
from shopdesk.web.locale import ago, label, left, origin_words, when

#: How a look-up found what it shows (a KeyKind, or prefix, name, list).
FOUND_BY = {
    "number": _("found by order number"),
    "waybill": _("found by waybill number"),
    "buyer": _("found by buyer ID"),
    "phone": _("found by phone"),
    "phone_tail": _("found by the last four digits of the phone"),
    "sku": _("found by SKU"),
    "case": _("found by case number"),
    "number_end": _("found by the end of the order number"),
    "number_tail": _("found by the last four digits of the order number"),
    "prefix": _("found by how a number begins"),
    "name": _("found by name"),
    "list": _("found from a pasted list"),
}
KIND_ICONS = {
    Kind.ADDRESS: "map-pin",
    Kind.ATTRIBUTE: "palette",
    Kind.QUANTITY: "hash",
    Kind.COURIER: "truck",
    Kind.INVOICE: "file-invoice",
    Kind.GREETING_CARD: "mail-heart",
    Kind.DELIVERY_TIME: "calendar-time",
    Kind.PRICE: "tag",
    Kind.FREIGHT: "coin",
    Kind.CANCEL: "ban",
}
#: What the one whose turn it is has to do, said to them.
TO_DO = {
    Code.CONFIRM: _("Ask the customer to check it"),
    Code.REFUND: _("Refund, then note the amount and the reference"),
    Code.ENTER_IN_PLATFORM: _("Do the same in the platform"),
    Code.AMEND: _("Amend the order; the memo is written with it"),
    Code.PULL_BACK: _("The warehouse pulls it back, or says that it is too late"),
    Code.HAND_OUT: _("Hand it out and say to whom"),
    Code.HAND_TO_AFTER_SALE: _("Hand it to somebody in after-sale"),
    Code.AMEND_PAPERS: _("Amend the papers by hand"),
    Code.REPRINT: _("Print again"),
    Code.TAKE_BACK: _("Take the papers back: then the hold ends"),
    Code.REPACK: _("Pack again: then the hold ends"),
    Code.DESTROY_PAPERS: _("Destroy the papers"),
    Code.BOOK_IN: _("Book the goods in"),
    Code.VOID: _("Void the parcel"),
    Code.TAKE_OUT: _("Take the cancelled lines out of the parcel"),
    Code.ASK_STAGE: _("Printing is asked whether it is printed"),
    Code.ACKNOWLEDGE: _("Printing has to acknowledge"),
}
#: What the button of a step says; the others say "Done".
BUTTONS = {
    Code.AMEND: _("Amend the order"),
    Code.HAND_OUT: _("Handed out"),
    Code.HAND_TO_AFTER_SALE: _("Handed over"),
    Code.AMEND_PAPERS: _("Papers amended"),
    Code.REPRINT: _("Printed again"),
    Code.TAKE_BACK: _("Papers taken back"),
    Code.REPACK: _("Packed again"),
    Code.DESTROY_PAPERS: _("Papers destroyed"),
    Code.BOOK_IN: _("Goods are booked in"),
    Code.VOID: _("Void the parcel"),
    Code.TAKE_OUT: _("Take the lines out"),
}
REVEALED = {
    "name": _("name"),
    "phone": _("phone"),
    "address": _("address"),
    "buyer": _("buyer ID"),
    "message": _("buyer's message"),
    "invoice": _("invoice title"),
}
LEVELS = {
    Freshness.OWN: "fresh",
    Freshness.FRESH: "fresh",
    Freshness.LATE: "late",
    Freshness.STALE: "stale",
    Freshness.UNKNOWN: "stale",
}
SOON_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Age:
    """How old a stage is known, in words."""

    text: str  # as of 14:00: unprinted
    source: str  # ERP export · 6 minutes ago
    short: str  # 6 minutes ago
    level: str  # fresh, late, stale
    origin: str = ""  # ERP export


def age_of(known: Knowledge | None, stage: Stage, zone: str) -> Age:
    """The stage's age and source (domain.md §3a D5)."""
    if known is None or known.as_of is None:
        words = gettext("Stage never reported")
        return Age(words, "", gettext("never reported"), "stale")
    text = gettext("as of %(at)s: %(stage)s", at=when(known.as_of, zone), stage=label(stage))
    origin = source_of(known.source, known.origin)
    return Age(text, f"{origin} · {ago(known.as_of)}", ago(known.as_of), LEVELS[known.freshness], origin)


def source_of(source: Source, origin: str | None) -> str:
    return origin_words(origin) or label(source)


def turn_of(change: OpenOnIt) -> str:
    """Whose turn an open change is, in a word."""
    if change.next_code is None:
        return ""
    if change.next_code is Code.CONFIRM:
        return gettext("waiting for the customer")
    if change.next_role is Role.SYSTEM:
        return label(change.next_code)
    return gettext("waiting for %(role)s", role=label(change.next_role))


def due(at: datetime | None) -> tuple[str, str]:
    """A deadline: (words, level far | soon | over)."""
    if at is None:
        return "", "far"
    seconds = (at - clock.now()).total_seconds()
    return left(at), "over" if seconds < 0 else "soon" if seconds < SOON_SECONDS else "far"


def waited(since: datetime | None) -> str:
    """How long something has been waiting, in one unit."""
    if since is None:
        return ""
    minutes = max(0, int((clock.now() - since).total_seconds()) // 60)
    if minutes < 60:
        return ngettext("waiting for %(num)s minute", "waiting for %(num)s minutes", minutes)
    if minutes < 2 * 1440:
        return ngettext("waiting for %(num)s hour", "waiting for %(num)s hours", minutes // 60)
    return ngettext("waiting for %(num)s day", "waiting for %(num)s days", minutes // 1440)


def short_when(at: datetime | None, zone: str) -> str:
    """As `when`, without the year that it still is: for columns."""
    if at is None:
        return "—"
    full, this_year = when(at, zone), str(clock.now().astimezone(ZoneInfo(zone)).year)
    return full.removeprefix(f"{this_year}-")


def timeline(events: list[Event], facts: list[StageFact], names: dict[int, str], zone: str) -> list[dict[str, Any]]:
    """Events and stage facts in one list, newest first (M016)."""
    told = [event for event in events if event.action not in TOLD_BY_FACTS]
    lines = [(event.at, 1, event.id, event_line(event, names, zone)) for event in told]
    did = effects(facts)
    lines += [(fact.known_at, 0, fact.id, fact_line(fact, names, zone, did[fact.id])) for fact in facts]
    return [line for *_order, line in sorted(lines, key=lambda found: found[:3], reverse=True)]


def told_line(order: Order, zone: str) -> dict[str, Any]:
    """How the order came here: the first thing that happened to it, by hand of nobody."""
    source, at = origin_words(order.source), when(order.as_of, zone)
    note = gettext("newest values: %(source)s, as of %(at)s", source=source, at=at)
    return {
        "icon": "database", "time": when(order.created_at, zone), "who": gettext("The desk"),
        "what": gettext("Order brought in"), "note": note,
    }  # fmt: skip


def event_line(event: Event, names: dict[int, str], zone: str) -> dict[str, Any]:
    icon, words = EVENTS.get(event.action, ("circle-dot", event.action))
    who = names.get(event.actor_id or 0) or gettext("The desk")
    return {"icon": icon, "time": when(event.at, zone), "who": who, "what": str(words), "note": _note(event, names)}


def _note(event: Event, names: dict[int, str]) -> str:
    body = event.body or {}
    parts = []
    if event.action == "change.assigned":
        parts.append(f"{names.get(body.get('was') or 0, '—')} → {names.get(body.get('person') or 0, '—')}")
    if event.action == "order.mirrored" and body.get("origin"):
        parts.append(origin_words(body["origin"]))
    if event.action == "change.nudged" and body.get("to") in set(Role):
        parts.append(names.get(body.get("person") or 0) or label(Role(body["to"])))
    if body.get("kind") in set(Kind):
        parts.append(label(Kind(body["kind"])))
    if body.get("step") in set(Code):
        parts.append(label(Code(body["step"])))
    if body.get("what") in REVEALED:
        parts.append(str(REVEALED[body["what"]]))
    if body.get("asks_first"):
        parts.append(gettext("printing is asked first"))
    if body.get("answer"):
        parts.append(answer_words(body["answer"]))
    if body.get("standing_in") and event.role in set(Role):
        parts.append(gettext("standing in: %(role)s", role=label(Role(event.role))))
    return " · ".join(parts)


def answer_words(code: str) -> str:
    return label(Answer(code)) if code in set(Answer) else code


def effects(facts: Sequence[StageFact]) -> dict[int, str]:
    """What each fact meant for its parcel when it became known, in words; oldest first.  Empty where it moved it."""
    stands: dict[int, StageFact] = {}
    found: dict[int, str] = {}
    for fact in facts:
        found[fact.id] = _effect(fact, stands.get(fact.parcel_id))
        is_look = fact.effect is FactEffect.KNOWN and fact.source in OWN_HANDS
        if fact.effect is FactEffect.MOVED or is_look:
            stands[fact.parcel_id] = fact
    return found


def _effect(fact: StageFact, stands: StageFact | None) -> str:
    if fact.effect is FactEffect.ASKED:
        return gettext("printing was asked")
    if fact.effect is FactEffect.KNOWN:
        is_same = stands is None or fact.stage is stands.stage
        return gettext("confirms what was known") if is_same else gettext("it stood further already: nothing moved")
    if fact.effect is not FactEffect.CONTRADICTED:
        return ""
    if stands is None or stands.source in OWN_HANDS:
        return gettext("contradicts what was done here: please check")
    return gettext("contradicts what %(who)s told: please check", who=source_of(stands.source, stands.origin))


def fact_line(fact: StageFact, names: dict[int, str], zone: str, effect: str) -> dict[str, Any]:
    """A reported stage: who said it, when it happened, what it did."""
    who = names.get(fact.person_id or 0) or source_of(fact.source, fact.origin)
    parts = [gettext("batch %(name)s", name=fact.batch)] if fact.batch else []
    if fact.happened_at is not None:
        parts.append(gettext("happened %(at)s", at=when(fact.happened_at, zone)))
    if effect:
        parts.append(effect)
    icon = {"printed": "printer", "shipped": "truck-delivery", "delivered": "home", "voided": "ban"}.get(
        str(fact.stage), "package"
    )
    return {
        "icon": icon, "time": when(fact.known_at, zone), "who": who, "what": label(fact.stage),
        "note": " · ".join(parts),
    }  # fmt: skip
