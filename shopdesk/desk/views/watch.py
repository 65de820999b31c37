"""改单一览: every open change by its next step; 催办 of one or of what is ticked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from shopdesk.changes import service
from shopdesk.changes.states import Code, Kind
from shopdesk.core import idempotency, paging
from shopdesk.core.errors import Conflict, IllegalMove, Malformed, NotAllowed, NotFound, RuleViolation
from shopdesk.core.idempotency import Answer as Outcome
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.watch import NudgeForm
from shopdesk.desk.queries import watch as reads
from shopdesk.desk.queries.watch import Filter, Position
from shopdesk.desk.states import Waits
from shopdesk.desk.views import bp
from shopdesk.desk.views.frame import here
from shopdesk.desk.views.words import KIND_ICONS, due, waited
from shopdesk.staff import queries as staff
from shopdesk.web.errors import message_of
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import label
from shopdesk.web.once import once

Page = tuple[str, int] | str
WAITS_ICONS = {
    Waits.CUSTOMER: "message-circle",
    Waits.PRE_SALE: "user",
    Waits.AFTER_SALE: "receipt-refund",
    Waits.PRINTING: "printer",
    Waits.WAREHOUSE: "building-warehouse",
    Waits.FINANCE: "coin",
    Waits.PLATFORM: "external-link",
}


class Nudged(NamedTuple):
    """What became of one reminder."""

    step: str  # change-position
    words: str
    is_done: bool


@bp.get("/changes")
@needs(Permission.CHANGE_WATCH)
def changes() -> Page:
    return _page()


@bp.post("/changes/nudge")
@needs(Permission.CHANGE_NUDGE)
def nudge() -> Page:
    """Each reminder is a command of its own: what was reminded of a moment ago says so, the others go out."""
    form = NudgeForm()
    if not form.validate() or not form.steps():
        return _page(problem=_("Tick the changes first.")), 422
    key = form.command_key.data or new_key()
    found = [_nudge_one(change_id, position, key) for change_id, position in form.steps()]
    done = sum(one.is_done for one in found)
    if done:
        flash(ngettext("Reminded of %(num)s change.", "Reminded of %(num)s changes.", done), "success")
    return _page(nudged={one.step: one for one in found}), 200 if done == len(found) else 409


def _nudge_one(change_id: int, position: int, key: str) -> Nudged:
    name = f"{change_id}-{position}"

    def act() -> Outcome:
        service.nudge(change_id, position, actor=actor())
        return Outcome(200)

    try:
        once(f"{key}:{name}"[: idempotency.MAX_LENGTH], idempotency.fingerprint(request.path, name), act)
    except (Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation) as error:
        return Nudged(name, message_of(error), is_done=False)
    return Nudged(name, _("Reminded"), is_done=True)


def _page(*, nudged: Mapping[str, Nudged] | None = None, problem: str | None = None) -> str:
    wanted = _wanted()
    view = reads.watch(
        here(), wanted, after=_place("after"), before=None if request.args.get("after") else _place("before")
    )
    shown = {f"{row.waiting.change_id}-{row.waiting.position}" for row in view.rows}
    return render_template(
        "desk/changes.html",
        view=view,
        wanted=wanted,
        href=_href,
        counts=partial(_count, is_whole=view.is_whole),
        nudge_url=_href("desk.nudge", after=request.args.get("after"), before=request.args.get("before")),
        tiles=[(w, view.turns[w], WAITS_ICONS[w]) for w in Waits if w in view.turns],
        code_pills=_pills("step", Code, view.codes, wanted.code, is_whole=view.is_whole),
        kind_pills=_pills("kind", Kind, view.kinds, wanted.kind, is_whole=view.is_whole),
        icons=KIND_ICONS,
        shops={store.id: store for store in staff.stores_of(here())},
        shows_store=len({row.waiting.store_id for row in view.rows}) > 1,
        waited=waited,
        due=due,
        nudged=nudged or {},
        gone=[one.words for one in (nudged or {}).values() if one.step not in shown and not one.is_done],
        problem=problem,
        form=NudgeForm(formdata=None),
        may_nudge=here().has_anywhere(Permission.CHANGE_NUDGE),
        previous_url=_href(before=_cursor(view.older)) if view.older else None,
        next_url=_href(after=_cursor(view.newer)) if view.newer else None,
    )


def _count(figure: int, *, is_whole: bool) -> str:
    """A figure that stands for more than was counted says so."""
    return str(figure) if is_whole else f"{figure}+"


def _cursor(place: Position) -> str:
    return paging.encode(place[0].isoformat(), place[1])


def _place(name: str) -> Position | None:
    """Nonsense in the address is the first page."""
    try:
        return reads.place_of(request.args[name]) if request.args.get(name) else None
    except Malformed:
        return None


def _wanted() -> Filter:
    given = request.args
    return Filter(
        waits=Waits(given["role"]) if given.get("role") in set(Waits) else None,
        code=Code(given["step"]) if given.get("step") in set(Code) else None,
        kind=Kind(given["kind"]) if given.get("kind") in set(Kind) else None,
        asked_by_id=_number("asked_by") or None,
        mine=given.get("mine") == "1",
        overdue=given.get("overdue") == "1",
    )


def _number(name: str) -> int:
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _href(endpoint: str = "desk.changes", **changed: str | None) -> str:
    """This list with one filter changed; the page begins anew."""
    kept = {name: request.args[name] for name in ("role", "step", "kind", "asked_by", "mine", "overdue")
            if request.args.get(name)}  # fmt: skip
    address = url_for(endpoint)
    query = urlencode({name: value for name, value in {**kept, **changed}.items() if value})
    return f"{address}?{query}" if query else address


def _pills(
    name: str, codes: Iterable[Any], counts: Mapping[Any, int], chosen: Any, *, is_whole: bool
) -> list[dict[str, Any]]:
    found = [
        {"label": label(code), "count": _count(counts[code], is_whole=is_whole), "active": code is chosen,
         "href": _href("desk.changes", **{name: None if code is chosen else str(code)})}
        for code in codes
        if code in counts
    ]  # fmt: skip
    return found if len(found) > 1 or chosen else []
