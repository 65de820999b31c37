"""What must not go on, or stay: a run whose person lost the right, files that no run waits for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.imports.models import ImportFile, ImportRun, RunState
from shopdesk.staff import queries as staff

NO_RIGHT = "may_no_longer_import"
GRACE_SECONDS = 120  # a file is written before the row that names it is committed


def may_go_on(store_id: int, actor: Actor) -> bool:
    """Whether who handed the files in may still import there."""
    person = staff.person_by_id(actor.id) if actor.id is not None else None
    is_disabled = person is not None and person.disabled_at is not None
    return not is_disabled and actor.may(Permission.IMPORT_WRITE, store_id)


@command
def refuse_run(store_id: int, run_id: int, file: str, *, actor: Actor) -> None:
    """End a run that must not go on; what was applied before stays, and the report says how much that is."""
    run = db.session.scalars(in_store(select(ImportRun).where(ImportRun.id == run_id), store_id, ImportRun)).one()
    run.state, run.done_at = RunState.FAILED, clock.now()
    run.failure = {"code": NO_RIGHT, "file": file, "facts": {"handled": run.handled, "total": run.orders_total}}
    audit.record(
        "import.refused", "import", run.id, Actor.system([store_id]), store_id=store_id, code=NO_RIGHT, person=actor.id
    )


def sweep(folder: Path, store_ids: Sequence[int]) -> int:
    """Remove files that no unfinished run waits for: of commands that were rolled back, of runs that ended; how many.

    An export is personal data and does not outlive its import.
    """
    if not folder.is_dir():
        return 0
    before = clock.now().timestamp() - GRACE_SECONDS
    there = [path for path in folder.iterdir() if path.is_file() and path.stat().st_mtime < before]
    kept = {name for store_id in store_ids for name in _waiting(store_id)} if there else set()
    gone = [path for path in there if path.name not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)


def _waiting(store_id: int) -> set[str]:
    statement = (
        select(ImportFile.stored_as)
        .join(ImportRun, ImportRun.id == ImportFile.run_id)
        .where(ImportRun.state.in_([RunState.QUEUED, RunState.RUNNING]), ImportFile.stored_as.is_not(None))
    )
    return {name for name in db.session.scalars(in_store(statement, store_id, ImportFile)) if name}
