"""How an import goes: progress while it runs, then the account of every file and row."""

from __future__ import annotations

from flask import render_template, request, url_for

from shopdesk.core.permissions import Permission
from shopdesk.imports import queries, service
from shopdesk.imports.models import ImportNote, ImportRun, RunState
from shopdesk.imports.views import ID, bp
from shopdesk.staff import queries as staff
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import filled

NOTES = 100  # on a page
TONES = {
    RunState.QUEUED: ("mute", "clock"),
    RunState.RUNNING: ("info", "refresh"),
    RunState.DONE: ("ok", "circle-check"),
    RunState.FAILED: ("bad", "alert-circle"),
}


@bp.get("/imports")
@needs(Permission.IMPORT_WRITE)
def runs() -> str:
    found = queries.recent_runs(actor(), limit=50)
    shops = {store.id: store for store in staff.stores_of(actor())}
    names = staff.signatures({r.started_by_id for r in found if r.started_by_id})
    return render_template("imports/runs.html", runs=found, shops=shops, names=names, tones=TONES,
                           refused=queries.refused_rows(found, actor()))  # fmt: skip


@bp.get(f"/imports/<{ID}:run_id>")
@needs(Permission.IMPORT_WRITE)
def run(run_id: int) -> str:
    found = queries.run_by_id(run_id, actor())
    notes = queries.notes_of(found, after=_after(), limit=NOTES + 1)
    refused, warned = queries.row_counts(found)
    files = queries.files_of(found)
    return render_template(
        "imports/run.html",
        run=found,
        store=staff.store_by_id(found.store_id),
        who=staff.signatures({found.started_by_id or 0}).get(found.started_by_id or 0),
        is_going=found.state in {RunState.QUEUED, RunState.RUNNING},
        handled=found.handled,
        files=files,
        holds=queries.holds(files),
        tone=TONES[found.state],
        failure=filled(*service.failure_message(found.failure)) if found.failure else None,
        notes=[(note, _words(note)) for note in notes[:NOTES]],
        refused=refused,
        warnings=warned,
        next_url=_next(found, notes),
        previous_url=_previous(found),
    )


def _after() -> int:
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _next(found: ImportRun, notes: list[ImportNote]) -> str | None:
    return url_for("imports.run", run_id=found.id, after=notes[NOTES - 1].id) if len(notes) > NOTES else None


def _previous(found: ImportRun) -> str | None:
    if not _after():
        return None
    return url_for("imports.run", run_id=found.id, after=queries.note_before(found, _after(), back=NOTES) or None)


def _words(note: ImportNote) -> str:
    return filled(*service.note_message(note))
