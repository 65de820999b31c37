"""Look-up: the one box, what was found, and on an empty box the newest orders and one's own open work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.core.permissions import Permission
from shopdesk.core.text import SCIENTIFIC
from shopdesk.desk import queries
from shopdesk.desk.queries.hits import Hit
from shopdesk.desk.queries.recent import newest, with_my_changes
from shopdesk.desk.views import bp
from shopdesk.desk.views.frame import here
from shopdesk.desk.views.words import FOUND_BY, Age, age_of, short_when, turn_of
from shopdesk.orders.states import Flag, KeyKind, Readiness
from shopdesk.parcels.states import IN_HOUSE, Stage
from shopdesk.web.guard import needs
from shopdesk.web.locale import label

PAGE = 50
FILTERED = 200  # hits that a filter looks through
MINE = 8
EXACT = frozenset({"parcel", *(str(kind) for kind in KeyKind)})


@dataclass(frozen=True, slots=True)
class Pill:
    """A filter of the list: its name in the address, its words, what it keeps."""

    name: str
    words: str
    icon: str | None
    keeps: Any


@bp.post("/")
@needs(Permission.ORDER_READ)
def look_up_long() -> Response | str:
    """The same for a text that is too long for an address; such a list has no filters and no further pages."""
    return _page(request.form.get("q", "").strip())


@bp.get("/")
@needs(Permission.ORDER_READ)
def look_up() -> Response | str:
    return _page(request.args.get("q", "").strip())


def _page(text: str) -> Response | str:
    chosen = request.args.get("show", "")
    before = _cursor(request.args.get("before", ""))
    limit = FILTERED if chosen else PAGE
    if text:
        found = queries.look_up(text, here(), limit=limit, before=before)
        if found.case_id is not None:
            return redirect(url_for("cases.case", case_id=found.case_id), code=303)
        if len(found.order_ids) == 1 and found.matched in EXACT and before is None:
            return redirect(url_for("desk.order", order_id=found.order_ids[0]), code=303)
    else:
        found = newest(here(), limit=limit, before=before)
    hits = queries.hits_of(found.order_ids, here())
    pills = _pills()
    shown = _kept(hits, pills, chosen)
    is_start = not text and not chosen and before is None
    mine = queries.hits_of(with_my_changes(here(), limit=MINE), here()) if is_start else []
    return render_template(
        "desk/look_up.html",
        text=text,
        found=found,
        found_by=FOUND_BY.get(found.matched or ""),
        hits=shown,
        mine=mine,
        mine_ages=_ages(mine),
        buyers=len({(hit.store_id, hit.buyer) for hit in hits if hit.buyer}),
        pills=_pill_items(pills, hits, chosen, text) if request.method == "GET" and (len(hits) > 1 or chosen) else [],
        counted=len(hits) if found.has_more or before is not None else 0,
        is_filtered_out=bool(hits) and not shown,
        stale=_stale_stores(hits),
        ages=_ages(hits),
        change_turn=turn_of,
        short_when=short_when,
        shows_stores=len(here().roles) > 1,
        sees_money=any(here().may(Permission.MONEY_READ, hit.store_id) for hit in hits),
        next_url=_next_url(found, text, chosen),
        has_store=bool(here().roles),
        is_destroyed=not hits and bool(SCIENTIFIC.match(text)),
    )


def _ages(hits: list[Hit]) -> dict[int, Age]:
    return {hit.order_id: age_of(hit.knowledge, hit.stage, hit.zone) for hit in hits}


def _cursor(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _pills() -> list[Pill]:
    stages = [Pill(str(stage), label(stage), None, lambda hit, stage=stage: hit.stage is stage) for stage in Stage]
    return [
        Pill("", _("All"), None, lambda _hit: True),
        *stages,
        Pill("changes", _("With an open change"), "replace", lambda hit: bool(hit.open_changes)),
        Pill("red", label(Flag.RED), "flag", lambda hit: hit.flag is Flag.RED),
    ]


def _kept(hits: list[Hit], pills: list[Pill], chosen: str) -> list[Hit]:
    pill = next((pill for pill in pills if pill.name == chosen), None)
    return [hit for hit in hits if pill.keeps(hit)] if pill else hits


def _pill_items(pills: list[Pill], hits: list[Hit], chosen: str, text: str) -> list[dict[str, Any]]:
    items = []
    for pill in pills:
        count = sum(1 for hit in hits if pill.keeps(hit))
        if count or not pill.name or pill.name == chosen:
            href = url_for("desk.look_up", q=text or None, show=pill.name or None)
            items.append(
                {"label": pill.words, "count": count, "href": href, "icon": pill.icon,
                 "active": pill.name == chosen}
            )  # fmt: skip
    return items


def _stale_stores(hits: list[Hit]) -> list[Hit]:
    """One hit of each store whose knowledge of a stage that still matters is stale."""
    found: dict[int, Hit] = {}
    for hit in hits:
        matters = hit.stage in IN_HOUSE and hit.readiness is not Readiness.CLOSED
        if matters and hit.knowledge is not None and hit.knowledge.is_stale:
            found.setdefault(hit.store_id, hit)
    return list(found.values())


def _next_url(found: queries.Found, text: str, chosen: str) -> str | None:
    if not found.has_more or request.method == "POST":
        return None
    return url_for("desk.look_up", q=text or None, show=chosen or None, before=found.order_ids[-1])
