"""Why a parcel may not be printed, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shopdesk.changes.queries.check_changes import CheckedChange
from shopdesk.changes.queries.check_view import CheckLine
from shopdesk.changes.states import Code, Kind
from shopdesk.orders.states import Readiness
from shopdesk.parcels.states import Stage
from shopdesk.web.locale import label

#: What an open change that is not confirmed waits for, by the code of its next step.
WAITS: dict[str, Any] = {
    "confirm": lazy_gettext("the customer has not confirmed yet"),
    "ask_stage": lazy_gettext("asks whether it is printed: answer in the inbox"),
    "void": lazy_gettext("waits to be voided"),
}
#: Reason → badge, text.
WHY: dict[str, tuple[Any, Any]] = {
    "nothing_left": (lazy_gettext("Nothing left to print"), lazy_gettext("every unit was taken off the order")),
    "list_missing": (
        lazy_gettext("Order not known yet"),
        lazy_gettext("only its details are known: import the order list"),
    ),
    "address_missing": (lazy_gettext("No address"), lazy_gettext("nobody told where it goes")),
    "stopped": (lazy_gettext("Stopped"), lazy_gettext("a stop holds this parcel")),
    "moved": (lazy_gettext("Not as it was"), lazy_gettext("look at it as it is now, then tick it again")),
    "unconfirmed_change": (lazy_gettext("On hold"), lazy_gettext("change not finished")),
}


@dataclass(frozen=True, slots=True)
class Reason:
    badge: str
    text: str
    tone: str
    who: str = ""
    at: datetime | None = None
    kind: Kind | None = None  # of a change: the badge is its name


def reasons_of(line: CheckLine) -> list[Reason]:
    """One for each open change and each stop, one for each other cause; changes come first."""
    found = [_of_change(change) for change in line.changes if not change.is_confirmed]
    found += [Reason(_("Stopped"), stop.reason, "bad", stop.made_by, stop.made_at) for stop in line.stops]
    told = {"unconfirmed_change"} if line.changes else set()
    told |= {"stopped"} if line.stops else set()
    return found + [reason_of(code) for code in line.reasons if code not in told]


def _of_change(change: CheckedChange) -> Reason:
    text = str(WAITS.get(str(change.next_code)) or label(change.next_code or Code.CONFIRM))
    tone = "bad" if change.kind is Kind.CANCEL else "hold"
    return Reason(label(change.kind), text, tone, change.asked_as, change.opened_at, change.kind)


def reason_of(code: str) -> Reason:
    kind, _sep, value = code.partition("_")
    if kind == "stage" and value in set(Stage):
        return Reason(label(Stage(value)), _("not to be printed again"), "mute")
    if kind == "readiness" and value in set(Readiness):
        return Reason(label(Readiness(value)), _("not ready"), "warn")
    badge, text = WHY.get(code, (code, ""))
    return Reason(str(badge), str(text), "bad" if code == "stopped" else "warn")


def why_words(codes: list[str]) -> str:
    """The reasons of a refusal in one line."""
    found = [reason_of(code) for code in codes]
    return "; ".join(f"{one.badge}: {one.text}" if one.text else one.badge for one in found)
