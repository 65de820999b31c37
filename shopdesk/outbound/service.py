"""Commands of the worker's part: payouts are paused and resumed."""

from __future__ import annotations

from pathlib import Path

from shopdesk.core import audit, pausing
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor
from shopdesk.refunds import queries
from shopdesk.refunds import service as refunds
from shopdesk.staff import queries as staff


@command
def pause(folder: Path, *, actor: Actor) -> None:
    """Nothing is sent from now on, only asked, until a person resumes: before a backup is put back."""
    audit.record("payouts.paused", "desk", 0, actor)
    pausing.pause(folder, pausing.Why.BY_HAND)


def resume(folder: Path, *, actor: Actor) -> int:
    """Payouts go out again, those that waited at once; how many are due.  What the database has counts from here on."""
    _note_resumed(actor)
    pausing.resume(folder, queries.newest_attempt())
    return sum(refunds.look_again(store_id) for store_id in staff.all_store_ids())


@command
def _note_resumed(actor: Actor) -> None:
    audit.record("payouts.resumed", "desk", 0, actor)
