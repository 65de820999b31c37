"""Papers are opened for the printer: they carry name, address and phone in clear, so it is recorded."""

from __future__ import annotations

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.printing.queries import papers, runs
from shopdesk.printing.queries.papers import Papers


@command
def open_papers(run_id: int, *, actor: Actor) -> Papers:
    """The papers of a run that still count, in clear; an event each time.  Raises NotFound, NotAllowed."""
    run = runs.run_by_id(run_id, actor)
    found = papers.papers_of(run)
    audit.record(
        "papers.shown", "print_run", run.id, actor, store_id=run.store_id, parcels=len(found.sheets),
        left_out=len(found.left_out),
    )  # fmt: skip
    return found
