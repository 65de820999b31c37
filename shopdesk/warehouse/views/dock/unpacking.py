"""拆包验货 and 无主件: the lists of the dock, and the parcel that a scan means."""

from __future__ import annotations

from datetime import timedelta

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from shopdesk.core import clock
from shopdesk.core.permissions import Permission
from shopdesk.returns.queries import candidates, docks
from shopdesk.staff import queries as staff
from shopdesk.warehouse.views.dock import bp
from shopdesk.web.guard import actor, needs

OVERDUE_HOURS = 48  # signed in and not opened
SHOWN = 50  # rows of each list


@bp.get("/dock")
@needs(Permission.ARRIVAL_READ)
def unpack() -> str | Response:
    """What has to be opened and put away; with `q` what a slip or a label says.  One hit opens itself."""
    asked = request.args.get("q", "").strip()[:256]
    hits = candidates.find(asked, actor()) if asked else None
    if hits and len(hits.arrivals) == 1 and not hits.returns:
        return redirect(url_for("dock.parcel", arrival_id=hits.arrivals[0].id), code=303)
    late = docks.unopened(actor(), clock.now() - timedelta(hours=OVERDUE_HOURS), limit=SHOWN)
    waiting = docks.unopened(actor(), limit=SHOWN)
    late_ids = {arrival.id for arrival in late}
    return render_template(
        "dock/unpack.html",
        asked=asked,
        hits=hits,
        late=late,
        waiting=[arrival for arrival in waiting if arrival.id not in late_ids],
        undecided=docks.undecided(actor(), limit=SHOWN),
        houses={house.id: house.name for house in docks.warehouses_of(actor())},
        zone=staff.zone_for(actor()),
        hours=OVERDUE_HOURS,
        may_sign=actor().has_anywhere(Permission.ARRIVAL_SIGN),
    )


@bp.get("/dock/unknown")
@needs(Permission.ARRIVAL_READ)
def unknown() -> str:
    rows = docks.unknown(actor(), limit=SHOWN)
    best = {row.id: candidates.candidates(row, actor(), limit=1) for row in rows}
    return render_template(
        "dock/unknown.html",
        rows=rows,
        best={row_id: found[0] for row_id, found in best.items() if found},
        houses={house.id: house.name for house in docks.warehouses_of(actor())},
        zone=staff.zone_for(actor()),
    )
