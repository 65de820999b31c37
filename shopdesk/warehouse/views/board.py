"""仓库看板: full screen, live, read from three metres.

A board asks again and again with the mark of what it shows.  Each process keeps what it made last for each set of
stores and language; one read by key says whether that still stands, and then the answer is 304 and nothing else.
"""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_babel import get_locale

from shopdesk.changes import service as changes
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission
from shopdesk.staff import queries as staff
from shopdesk.warehouse import queries
from shopdesk.warehouse.queries import Board
from shopdesk.warehouse.queries.board import MOST_CARDS, MOST_ROWS
from shopdesk.warehouse.views import bp
from shopdesk.warehouse.views.board_words import shown_card, shown_stop, shown_watch
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import when

MOST_KEPT = 64  # boards of a process
Version = tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True)
class Kept:
    version: Version
    mark: str  # of what is on it; the ETag
    html: str
    next_until: datetime | None  # then a pull-back is out of time, though nobody wrote anything


_kept: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()
_lock = threading.Lock()


@bp.get("/warehouse/board")
@needs(Permission.PARCEL_PACK)
def board() -> str:
    who = actor()
    stores = [store for store in staff.stores_of(who) if who.may(Permission.PARCEL_PACK, store.id)]
    now, zone = clock.now(), stores[0].zone if stores else "UTC"
    found = _now(who)
    return render_template(
        "warehouse/board.html",
        **_parts(queries.board(who), now),
        mark=found.mark,
        stores=stores,
        warehouses=sorted({staff.warehouse(store.warehouse_id).name for store in stores}),
        now=now.isoformat(),
        clock=when(now, zone),
        zone=zone,
        with_keys=True,
    )


@bp.get("/warehouse/board/now")
@needs(Permission.PARCEL_PACK)
def board_now() -> Response:
    """The part that changes; 304 while it stands as the board shows it.  Cards have no keys: the page's module adds."""
    found = _now(actor())
    is_same = request.headers.get("If-None-Match") == f'"{found.mark}"'
    response = make_response("" if is_same else found.html, 304 if is_same else 200)
    response.headers["ETag"] = f'"{found.mark}"'
    response.headers["X-Now"] = clock.now().isoformat()
    return response


def _now(who: Actor) -> Kept:
    """What the board shows now: kept, where nothing was written since; a pull-back out of time is ended first."""
    stores = who.stores_with(Permission.PARCEL_PACK)
    database = current_app.config["SQLALCHEMY_DATABASE_URI"]
    key = (database, stores, str(get_locale()))
    version = queries.version(stores) if stores else ()
    with _lock:
        found = _kept.get(key)
    if found is not None and found.next_until is not None and found.next_until <= clock.now():
        for store_id in stores:
            changes.expire_pull_backs(store_id, actor=Actor.system([store_id]))
        found, version = None, queries.version(stores)
    if found is None or found.version != version:
        found = _made(who, version, found)
        with _lock:
            _kept[key] = found
            _kept.move_to_end(key)
            while len(_kept) > MOST_KEPT:
                _kept.popitem(last=False)
    return found


def _made(who: Actor, version: Version, former: Kept | None) -> Kept:
    """Read after the version: what is written in between makes the next look read once more."""
    there = queries.board(who)
    mark = hashlib.sha256(repr((there, str(get_locale()))).encode()).hexdigest()[:24]
    if former is not None and former.mark == mark:
        return Kept(version, mark, former.html, there.next_until)
    html = render_template("warehouse/_board.html", **_parts(there, clock.now()), with_keys=False)
    return Kept(version, mark, html, there.next_until)


def _parts(there: Board, now: datetime) -> dict[str, Any]:
    """The lists as the page shows them, each with how many there are in all."""
    return {
        "cards": [shown_card(card, now) for card in there.cards[:MOST_CARDS]],
        "cards_all": len(there.cards),
        "stops": [shown_stop(stop) for stop in there.stops],
        "held": [shown_watch(row) for row in there.held[:MOST_ROWS]],
        "held_all": len(there.held) + len(there.stops),
        "flagged": [shown_watch(row) for row in there.flagged[:MOST_ROWS]],
        "flagged_all": len(there.flagged),
    }
