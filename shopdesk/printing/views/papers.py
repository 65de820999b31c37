"""The papers of a run: one document for the browser's printer, a page for each parcel."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import render_template

from shopdesk.core.permissions import Permission
from shopdesk.printing import service
from shopdesk.printing.queries.drawing import bars, square
from shopdesk.printing.views import ID, bp
from shopdesk.web.guard import actor, needs


@bp.get(f"/printing/runs/<{ID}:print_id>")
@needs(Permission.PARCEL_PRINT)
def papers(print_id: int) -> str:
    """In clear, as the carrier needs it, so that each opening is an event."""
    found = service.open_papers(print_id, actor=actor())
    return render_template(
        "printing/papers.html",
        papers=found,
        run=found.run,
        store=found.store,
        zone=found.store.zone,
        on_paper=found.run.made_at.astimezone(ZoneInfo(found.store.zone)).strftime("%Y-%m-%d %H:%M"),
        bars=bars,
        square=square,
    )
