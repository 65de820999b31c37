"""仓库看板: full screen, live, read from three metres.

A board asks again and again with the mark of what it shows.  Each process keeps what it made last for each set of
stores and language (`board_kept`); most looks are answered before they come here (`board_shortcut`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_babel import get_locale

from shopdesk.changes import service as changes
from shopdesk.core import clock
from shopdesk.core.audit import DESK
from shopdesk.core.permissions import Actor, Permission
from shopdesk.staff import queries as staff
from shopdesk.warehouse import queries
from shopdesk.warehouse.queries import Board
from shopdesk.warehouse.queries.board import MOST_CARDS, MOST_ROWS
from shopdesk.warehouse.views import board_kept, bp
from shopdesk.warehouse.views.board_kept import Kept
from shopdesk.warehouse.views.board_mark import Mark, digest, written
from shopdesk.warehouse.views.board_shortcut import PATH
from shopdesk.warehouse.views.board_words import shown_card, shown_stop, shown_watch
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import when

P = Permission.PARCEL_PACK


@bp.get("/warehouse/board")
@needs(P)
def board() -> str:
    who = actor()
    stores = [store for store in staff.stores_of(who) if who.may(P, store.id)]
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


@bp.get(PATH)
@needs(P)
def board_now() -> Response:
    """The part that changes; 304 while it stands as the board shows it.  Cards have no keys: the page's module adds."""
    who = actor()
    found = _now(who)
    is_same = digest(request.headers.get("If-None-Match", "")) == found.mark
    response = make_response("" if is_same else found.html, 304 if is_same else 200)
    response.headers["ETag"] = f'"{_signed(found, who)}"'
    response.headers["X-Now"] = clock.now().isoformat()
    return response


def _signed(found: Kept, who: Actor) -> str:
    """The mark with which this browser is answered by the shortcut for a while."""
    desk_seq = next((seq for chain, seq, _link in found.version if chain == DESK), 0)
    mark = Mark(found.mark, who.stores_with(P), str(get_locale()), desk_seq, clock.now().timestamp())
    return written(mark, current_app.config["SECRET_KEY"], request.headers.get("Cookie", ""))


def _now(who: Actor) -> Kept:
    """What the board shows now: kept, where nothing was written since; a pull-back out of time is ended first."""
    stores = who.stores_with(P)
    key = (current_app.config["SQLALCHEMY_DATABASE_URI"], stores, str(get_locale()))
    found = board_kept.kept(key)
    if found is not None and found.is_out_of_time:
        for store_id in stores:
            changes.expire_pull_backs(store_id, actor=Actor.system([store_id]))
    return board_kept.at_version(key, queries.version(stores), lambda: queries.board(who), _drawn)


def _drawn(there: Board) -> str:
    return render_template("warehouse/_board.html", **_parts(there, clock.now()), with_keys=False)


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
