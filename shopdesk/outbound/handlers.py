"""What each topic of the outbox does.  Handlers are idempotent: an item may come again after a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app

from shopdesk.core.permissions import Actor
from shopdesk.imports import service as imports
from shopdesk.staff import queries as staff


def run_import(*, store_id: int, run_id: int, person_id: int | None = None) -> None:
    """Import the files that a person handed in, in their name as their rights stand now."""
    person = staff.person_by_id(person_id) if person_id is not None else None
    actor = staff.actor_for(person, channel="file") if person else Actor.system([store_id])
    imports.run_queued(store_id, run_id, current_app.config["DATA"] / "imports", actor=actor)


HANDLERS: dict[str, Callable[..., Any]] = {
    "import.run": run_import,
}
