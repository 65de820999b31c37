"""What is done with many cases at once, on plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from shopdesk.cases.states import WaitingFor
from shopdesk.core.errors import RuleViolation
from shopdesk.desk.states import BulkAct

MOST_AT_ONCE = 500  # cases


@dataclass(frozen=True, slots=True)
class BulkWish:
    """What is to be done with each; only what the act needs is given."""

    act: BulkAct
    to: int | None = None
    waiting_for: WaitingFor | None = None
    due_at: datetime | None = None
    outcome: str = ""


def check_bulk(wish: BulkWish) -> None:
    """Refuse what says too little.  Raises RuleViolation."""
    if wish.act is BulkAct.ASSIGN and wish.to is None:
        raise RuleViolation("Choose a person.", code="value_required", missing="to")
    if wish.act is BulkAct.CLOSE and not wish.outcome.strip():
        raise RuleViolation("Say how it ended.", code="value_required", missing="outcome")


def number_of(text: str) -> int | None:
    """An id as an address or a form carries it; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
