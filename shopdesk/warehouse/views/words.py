"""What a scan came to, in words that are read from three metres."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shopdesk.changes.states import Code, Kind
from shopdesk.core.permissions import Role
from shopdesk.orders.states import Readiness
from shopdesk.parcels.states import OWN_HANDS, RecallState, Source, Stage, StopScope
from shopdesk.staff import queries as staff
from shopdesk.warehouse.states import Mode, Result
from shopdesk.web.locale import label, left, origin_words, when

DONE = {Mode.PACK: lazy_gettext("Packed"), Mode.SHIP: lazy_gettext("Shipped")}
NOT = {
    Mode.PACK: lazy_gettext("This parcel may not be packed"),
    Mode.SHIP: lazy_gettext("This parcel may not be shipped"),
}
#: Reason → why, in a few words.
WHY = {
    "stopped": lazy_gettext("a stop holds this parcel"),
    "held": lazy_gettext("the parcel is on hold"),
    "voided": lazy_gettext("the parcel is voided"),
    "cancelled": lazy_gettext("all of this order is cancelled"),
    "superseded": lazy_gettext("old waybill, it was replaced"),
    "old_papers": lazy_gettext("old papers, they were printed again"),
    "several": lazy_gettext("the order is in several parcels"),
    "duplicate": lazy_gettext("this code stands on more than one parcel"),
    "foreign": lazy_gettext("a store that you do not pack or ship for"),
    "nothing_left": lazy_gettext("every unit was taken off the order"),
    "ships_from_supplier": lazy_gettext("the supplier prints and sends it"),
    "pull_back": lazy_gettext("it was handed over, and is wanted back"),
    "overtaken": lazy_gettext("changed since it was scanned: the papers are old"),
}
#: Reason → what to do; what is not named here is put aside.
DO = {
    "superseded": lazy_gettext("Take the old waybill off, use the new one."),
    "old_papers": lazy_gettext("Take the old papers off, use the new ones."),
    "several": lazy_gettext("Scan the waybill instead."),
    "duplicate": lazy_gettext("Put both aside and ask printing."),
    "voided": lazy_gettext("Do not pack or load it. Give it to printing."),
    "cancelled": lazy_gettext("Pack nothing for this number. A parcel with other orders goes by its own papers."),
    "pull_back": lazy_gettext("Keep it here and say that it is found. With the courier already? Then it is too late."),
    "overtaken": lazy_gettext("Pull it back and put it on the recall shelf. Gone already? Tell after-sale at once."),
    "ships_from_supplier": lazy_gettext("Do not pack or load it: the supplier sends it, and the desk asks them."),
    "foreign": lazy_gettext("Give it to the warehouse of that store."),
}
ASIDE = lazy_gettext("Do not pack or load it. Put it on the recall shelf.")


@dataclass(frozen=True, slots=True)
class Answers:
    """Which buttons a stopped or recalled parcel has."""

    parcel_id: str
    may_be_found: bool = False
    may_be_late: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One result as the page shows it."""

    result: Result
    title: str
    subtitle: str
    code: str
    position: str  # "" where there is none
    note: str  # beside the position
    line: str  # the whole in one line, for the list of the last scans
    rows: list[tuple[str, str]] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    is_late: bool = False
    answers: Answers | None = None
    dues: list[Any] = field(default_factory=list)


def shown(told: dict[str, Any]) -> Shown:
    mode, result, parcel = Mode(told["mode"]), Result(told["result"]), told["parcel"]
    zone = staff.store_by_id(int(parcel["store_id"])).zone if parcel else "UTC"
    title, subtitle = _titles(told, mode, result, parcel, zone)
    position = _position(parcel)
    rows = _stop_rows(told, parcel, zone) if result is Result.STOP else []
    why = rows[0][1] if rows else subtitle
    return Shown(
        result=result,
        title=title,
        subtitle=subtitle,
        code=told["code"],
        position=position,
        note=_note(parcel, told["code"]),
        line=" · ".join(part for part in (position or told["code"], title, why) if part),
        rows=rows,
        contents=_contents(parcel) if parcel and result is Result.OK else [],
        is_late=told["is_late"],
    )


def _titles(
    told: dict[str, Any], mode: Mode, result: Result, parcel: dict[str, Any] | None, zone: str
) -> tuple[str, str]:
    if mode is Mode.RECALL and result in {Result.DUE, Result.ALREADY}:
        return _recalled(result, parcel, zone)
    if result is Result.UNKNOWN:
        return _("Not found"), _("No parcel of your stores goes by this code. Put it aside and look the order up.")
    if told["reasons"][:1] == ["overtaken"]:
        return _("STOP"), _("Pull this parcel back")
    if told["reasons"][:1] == ["pull_back"]:
        return _("STOP"), _("This parcel is wanted back")
    if result is Result.STOP:
        return _("STOP"), str(NOT.get(mode) or _("Which parcel is it?"))
    if told["reasons"][:1] == ["shipped_but_here"]:
        return str(DONE[mode]), _("It was reported as shipped: what is in your hands counts, and printing was told.")
    if result is Result.OK or parcel is None:
        return str(DONE[mode]), _("Onto the truck") if mode is Mode.SHIP else _("To the truck")
    since = when(moment(parcel["stage_at"]), zone)
    source = Source(parcel["stage_source"])
    title = _("Already: %(stage)s", stage=label(Stage(parcel["stage"])))
    if source in OWN_HANDS:
        return title, _("since %(at)s, %(who)s. Nothing to do.", at=since, who=label(source))
    who = origin_words(parcel["stage_origin"]) or label(source)
    return title, _("%(who)s said so for %(at)s. If it still lies here, put it aside and tell the supervisor.",
                    who=who, at=since)  # fmt: skip


def _recalled(result: Result, parcel: dict[str, Any] | None, zone: str) -> tuple[str, str]:
    """What is due is said by its own part; what is over, with who did it when."""
    recalls = parcel["recalls"] if parcel else []
    if result is Result.DUE:
        if any((recall["next"] or {}).get("code") == Code.PULL_BACK for recall in recalls):
            return _("Wanted back"), _("Handed over, not collected: find it, or say that it is gone.")
        if all(recall["state"] == RecallState.TAKEN_BACK for recall in recalls):
            return _("Goods beside it"), _("Count them and book them in. The parcel itself may go on.")
        asked = any(recall["state"] == RecallState.REQUESTED for recall in recalls)
        return (_("Recalled"), _("Hand it out.")) if asked else (_("It is out"), _("Take it back when it is ready."))
    if not recalls:
        return _("Not recalled"), _("Nobody wants this parcel back.")
    last = recalls[-1]
    who, at = last["ended_by"] or _("The desk"), when(moment(last["ended_at"]), zone)
    if last["state"] == RecallState.TOO_LATE and last["found_at"]:
        return _("Too late, after it was found"), _(
            "%(who)s said at %(at)s that it is too late. Before, at %(found_at)s, %(finder)s had said that it is "
            "found. Look together whether it is still here; the wish goes on as a case.",
            who=who, at=at, finder=last["found_by"] or "—", found_at=when(moment(last["found_at"]), zone),
        )  # fmt: skip
    return label(RecallState(last["state"])), _("%(who)s, %(at)s. Nothing more to do.", who=who, at=at)


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _position(parcel: dict[str, Any] | None) -> str:
    if not parcel or not parcel["batch"]:
        return ""
    return f"{parcel['batch']} · {parcel['position']}" if parcel["position"] else str(parcel["batch"])


def _note(parcel: dict[str, Any] | None, code: str) -> str:
    number = (parcel or {}).get("waybill") or ""
    return _("waybill …%(tail)s", tail=number[-4:]) if number else code


def _stop_rows(told: dict[str, Any], parcel: dict[str, Any] | None, zone: str) -> list[tuple[str, str]]:
    """Why and what to do first, which must be seen without scrolling; then who asked, until when."""
    there = parcel["changes"] if parcel else []
    rows = [(_("Why"), "; ".join(_why(reason, there) for reason in told["reasons"]))]
    rows.append((_("What to do"), str(DO.get(told["reasons"][0], ASIDE))))
    if told["reasons"][0] == "superseded" and parcel and parcel["waybill"]:
        rows.append((_("New waybill"), parcel["waybill"]))
    for change in there:
        asked = f"{change['asked_as']} · {when(moment(change['opened_at']), zone)}"
        rows.append((_("Who asked"), f"{label(Kind(change['kind']))} · {asked}"))
        if change["next"]:
            step, role = change["next"]["code"], Role(change["next"]["role"])
            rows.append((_("Waits for"), f"{label(role)} · {label(Code(step))}"))
    for stop in parcel["stops"] if parcel else []:
        who = " · ".join((stop["made_by"] or str(_("The desk")), when(moment(stop["made_at"]), zone)))
        rows.append((_("Stop"), f"{label(StopScope(stop['scope']))} · {stop['reason']}"))
        rows.append((_("Who asked"), who))
    if parcel and parcel["hold_until"]:
        until = moment(parcel["hold_until"])
        rows.append((_("Hold until"), f"{when(until, zone)} · {left(until)}" if until else ""))
    return rows


def _why(reason: str, there: list[dict[str, Any]]) -> str:
    kind, _sep, value = reason.partition("_")
    if reason == "open_change" or (reason == "overtaken" and there):
        named = ", ".join(label(Kind(change["kind"])) for change in there)
        return _("change not finished: %(kinds)s", kinds=named) if reason == "open_change" else str(WHY[reason])
    if kind == "readiness":
        return _("not ready: %(why)s", why=label(Readiness(value)))
    if kind == "stage":
        return label(Stage(value))
    return str(WHY.get(reason, reason))


def _contents(parcel: dict[str, Any]) -> list[str]:
    """What must be in it, and what was changed about it."""
    lines = [f"{line['sku'] or line['title']} × {line['quantity']}" for line in parcel["lines"]]
    return lines + [_("changed: %(kind)s", kind=label(Kind(kind))) for kind in parcel["done"]]
