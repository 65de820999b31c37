"""Who has a parcel, once the dock is asked too: what was signed in is here, whatever a courier says after that."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.cases.models import Case
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.states import CourierOutcome, Custody
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.returns.models import ArrivalMatch


def is_here(case: Case) -> bool:
    """Whether the parcel that the courier's last word brought back was signed in."""
    words = reads.words_of_case(case.id, case.store_id)
    if not words or words[-1].return_id is None:
        return False
    statement = select(ArrivalMatch.id).where(ArrivalMatch.return_id == words[-1].return_id).limit(1)
    return db.session.scalar(in_store(statement, case.store_id, ArrivalMatch)) is not None


def custody(case: Case) -> Custody | None:
    return Custody.SHOP if is_here(case) else reads.custody(case.id, case.store_id)


def next_outcomes(case: Case) -> list[CourierOutcome]:
    """What may be told of it now; nothing of what is here."""
    return [] if is_here(case) else reads.next_outcomes(case)
