"""The name that is proposed for the next batch."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import within
from shopdesk.parcels.models import Batch

FIRST = "W1"
LOOKED_AT = 50  # newest batches of the stores
MOST = 32  # characters of a name
_NUMBERED = re.compile(r"(.*?)([0-9]+)\Z", re.DOTALL)


def proposed_batch(store_ids: Sequence[int], actor: Actor) -> str:
    """One after the newest batch of these stores, not used in any of them lately."""
    statement = select(Batch.name).where(Batch.store_id.in_(store_ids)).order_by(Batch.id.desc()).limit(LOOKED_AT)
    return next_name(list(db.session.scalars(within(statement, actor, Permission.PRINT_CHECK, Batch))))


def next_name(newest_first: Sequence[str]) -> str:
    """The prefix of the newest numbered name with the number after the highest; its zeros are kept."""
    found = [match.groups() for match in map(_NUMBERED.match, newest_first) if match]
    if not found:
        return FIRST
    prefix, digits = found[0]
    highest = max(int(number) for front, number in found if front == prefix)
    name = f"{prefix}{highest + 1:0{len(digits)}d}"
    return name if len(name) <= MOST else FIRST
