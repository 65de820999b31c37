"""Why a row may not be printed, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from shopdesk.changes.queries.check_changes import CheckedChange
from shopdesk.changes.queries.check_view import CheckedStop, CheckLine
from shopdesk.changes.states import Group, Kind
from shopdesk.orders.service import DECISIONS
from shopdesk.orders.states import Readiness
from shopdesk.parcels.states import Stage
from shopdesk.web.locale import label, origin_words, waiting_words

#: What an open change that is not confirmed waits for, by the code of its next step.
WAITS = {
    "confirm": _("the customer has not confirmed yet"),
    "ask_stage": _("asks whether it is printed: answer in the inbox"),
    "void": _("waits to be voided"),
    "acknowledge": _("printing has not acknowledged it"),
}


#: Why a code does not say what may be loaded: badge, text.
AT_TRUCK = {
    "superseded": (_("Old waybill"), _("it was replaced; use the new one")),
    "old_papers": (_("Old papers"), _("they were printed again; use the new ones")),
    "cancelled": (_("Cancelled"), _("all of this order is cancelled; paste the parcel's own number")),
    "several": (_("Several parcels"), _("the order is in several parcels: paste their waybills")),
    "duplicate": (_("Twice"), _("this code stands on more than one parcel")),
}


@dataclass(frozen=True, slots=True)
class Reason:
    badge: str
    icon: str | None  # None: the icon of `kind`
    tone: str
    text: str
    who: str
    at: datetime | None
    kind: Kind | None = None


def reasons_of(line: CheckLine) -> list[Reason]:
    """One reason per open change, and one per other cause; the changes come first."""
    holds_back = line.group is Group.STOP  # at the truck also what only waits to be acknowledged
    found = [_of_change(change, line) for change in line.changes if holds_back or not change.is_confirmed]
    found += [_of_stop(stop) for stop in line.stops]
    return found + [reason for code in line.reasons for reason in [_of_code(code, line)] if reason]


def _of_stop(stop: CheckedStop) -> Reason:
    return Reason(gettext("Stopped"), "hand-stop", "bad", stop.reason, stop.made_by, stop.made_at)


def _of_change(change: CheckedChange, line: CheckLine) -> Reason:
    text = str(WAITS.get(str(change.next_code)) or label(change.next_code))
    if mate := line.mate(change.order_id):
        text = " · ".join((text, gettext("merged order …%(tail)s", tail=mate.number[-4:])))
    tone = "bad" if change.kind is Kind.CANCEL else "hold"
    return Reason(label(change.kind), None, tone, text, change.asked_as, change.opened_at, change.kind)


def _of_code(code: str, line: CheckLine) -> Reason | None:
    kind, _sep, value = code.partition("_")
    if kind == "stage" and value in set(Stage) and line.parcel:
        return _of_stage(Stage(value), line)
    if kind == "readiness" and value in set(Readiness):
        return _of_readiness(Readiness(value), line)
    if code == "nothing_left":
        text = gettext("every unit was taken off the order")
        return Reason(gettext("Nothing left to print"), "ban", "mute", text, "", None)
    if code == "list_missing":
        text = gettext("only its details are known: import the order list")
        return Reason(gettext("Order not known yet"), "alert-circle", "warn", text, "", None)
    if code == "address_missing":
        text = gettext("nobody told where it goes")
        return Reason(gettext("No address"), "alert-circle", "warn", text, "", None)
    if code == "ships_from_supplier":
        text = gettext("the supplier prints and sends it")
        return Reason(gettext("Ships from a supplier"), "building-warehouse", "mute", text, "", None)
    if code in AT_TRUCK:
        return Reason(gettext(str(AT_TRUCK[code][0])), "hand-stop", "bad", gettext(str(AT_TRUCK[code][1])), "", None)
    if code == "stopped" and not line.stops:
        return Reason(gettext("Stopped"), "hand-stop", "bad", gettext("a stop holds this parcel"), "", None)
    return None


def _of_stage(stage: Stage, line: CheckLine) -> Reason:
    parcel = line.parcel
    assert parcel is not None  # noqa: S101 only a found row has a stage
    if line.group is Group.STOP:
        return Reason(
            label(stage), "ban", "bad", gettext("never to be loaded"), label(parcel.stage_source), parcel.stage_at
        )
    text = gettext("batch %(name)s", name=line.batch) if line.batch else gettext("not to be printed again")
    icon = "ban" if stage is Stage.VOIDED else "printer"
    who = origin_words(parcel.stage_origin) or label(parcel.stage_source)
    return Reason(label(stage), icon, "mute", text, who, parcel.stage_at)


def _of_readiness(readiness: Readiness, line: CheckLine) -> Reason:
    order = next((o for o in (line.order, *line.mates) if o and o.readiness is readiness), None)
    is_mate = order is not None and order is not line.order
    mate = gettext("merged order …%(tail)s", tail=order.number[-4:]) if order and is_mate else ""
    said = order.said if order else None
    if order is None or said is None or said.at is None or readiness not in DECISIONS:
        at = order.as_of if order else None
        return Reason(label(readiness), "alert-circle", "warn", mate or gettext("not ready"), gettext("Platform"), at)
    text = " · ".join(part for part in (mate, said.reason) if part) or gettext("not ready")
    return Reason(waiting_words(readiness, said.until), "alert-circle", "warn", text, said.by or "", said.at)
