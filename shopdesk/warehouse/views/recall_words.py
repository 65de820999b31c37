"""A recalled parcel in words: who wants it, where it is, and the one thing that is due with it now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _

from shopdesk.changes.states import HANDED_TO, WEIGHED, Code, Kind
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.parcels.states import RecallKind, RecallState
from shopdesk.staff import queries as staff
from shopdesk.warehouse import queries
from shopdesk.warehouse.views.words import Answers, Shown, moment
from shopdesk.web.forms import new_key
from shopdesk.web.locale import label, left, when

TAKES_BACK = frozenset({Code.TAKE_BACK, Code.REPACK, Code.BOOK_IN})


@dataclass(frozen=True, slots=True)
class Due:
    """One recall as the page shows it, with the form of what is due."""

    heading: str
    lines: list[str]
    change_id: str
    position: int | None = None
    version: int | None = None
    form: str = ""  # hand, back, or none
    code: str = ""
    people: list[tuple[int, str]] = field(default_factory=list)
    chosen: int | None = None
    counts: list[tuple[str, str]] = field(default_factory=list)  # (line id, article); the paper's figure is not told
    must_weigh: bool = False
    key: str = field(default_factory=new_key)


def with_answers(found: Shown, told: dict[str, Any], actor: Actor) -> Shown:
    """The result with its buttons: found and too late as long as it is asked for, else the step that is due."""
    parcel = told["parcel"]
    if parcel is None or not actor.may(Permission.PARCEL_PACK, int(parcel["store_id"])):
        return found
    there = [recall for recall in parcel["recalls"] if recall["state"] in {"requested", "handed_out"}]
    asked = [recall for recall in there if recall["state"] == "requested"]
    answers = Answers(
        parcel_id=parcel["id"],
        may_be_late=bool(there) or bool(parcel["changes"] and found.result == "stop"),
        may_be_found=bool(asked) and all(recall["found_at"] is None for recall in asked),
    )
    zone = staff.store_by_id(int(parcel["store_id"])).zone
    goods = [recall for recall in parcel["recalls"] if recall not in there and recall["next"]]
    dues = [_due(recall, parcel, actor, zone) for recall in (*there, *goods)] if found.result == "due" else []
    return replace(found, answers=answers, dues=dues)


def _due(recall: dict[str, Any], parcel: dict[str, Any], actor: Actor, zone: str) -> Due:
    heading = f"{label(RecallKind(recall['kind']))} · {label(Kind(recall['change_kind']))}"
    asked = _("asked by %(who)s at %(at)s", who=recall["asked_as"], at=when(moment(recall["requested_at"]), zone))
    made = Due(heading, [asked, *_where(recall, zone)], recall["change_id"])
    following = recall["next"]
    if following is None or following["code"] == Code.PULL_BACK:
        return made
    code, role = Code(following["code"]), Role(following["role"])
    step = {"position": following["position"], "version": recall["version"], "code": str(code)}
    if code in HANDED_TO:
        people = queries.receivers(int(parcel["store_id"]), code)
        return replace(made, **step, form="hand", people=people, chosen=_last(people, actor))
    if code in TAKES_BACK:
        counts = queries.to_count(int(recall["change_id"]), int(parcel["store_id"])) if code is Code.BOOK_IN else []
        return replace(
            made, **step, form="back", counts=counts, must_weigh=code is Code.REPACK and _changes_weight(parcel)
        )
    waits = _("Waits for %(role)s: %(step)s", role=label(role), step=label(code))
    return replace(made, lines=[*made.lines, waits])


def _changes_weight(parcel: dict[str, Any]) -> bool:
    """Whether other units are in it now, for any of the changes with which it goes back."""
    return any(Kind(r["change_kind"]) in WEIGHED for r in parcel["recalls"] if r["state"] == RecallState.HANDED_OUT)


def _last(people: list[tuple[int, str]], actor: Actor) -> int | None:
    """Whom it went to the last time, if they may take this too."""
    last = queries.last_receiver(actor)
    return last if last in {person_id for person_id, _name in people} else None


def _where(recall: dict[str, Any], zone: str) -> list[str]:
    if recall["state"] == RecallState.HANDED_OUT:
        at = when(moment(recall["handed_out_at"]), zone)
        return [_("with %(who)s since %(at)s", who=recall["handed_to"] or "—", at=at)]
    if recall["found_at"]:
        at = when(moment(recall["found_at"]), zone)
        return [_("found by %(who)s at %(at)s", who=recall["found_by"] or "—", at=at)]
    until = moment(recall["until"])
    if until:
        return [_("pull it back by %(at)s: %(left)s", at=when(until, zone), left=left(until))]
    return []
