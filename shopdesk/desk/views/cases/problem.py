"""The card of what the customer wants, and who has it."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import queries
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.permissions import Actor, Permission
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm

WHY = "shown on the open case"


def card(case: Case, who: Actor, _typed: DeskForm | None) -> dict[str, Any]:
    is_clear = queries.reads_wish(case, who)
    held = who.roles.get(case.store_id, frozenset())
    is_free = case.phase is not CasePhase.CLOSED and case.owner_id is None
    return {
        "wish": case.wish.reveal(WHY) if is_clear else str(case.wish),
        "outcome": (case.outcome.reveal(WHY) if is_clear else str(case.outcome)) if case.outcome else "",
        "names": staff.signatures({i for i in (case.opened_by_id, case.owner_id, case.closed_by_id) if i}),
        "may_accept": is_free and case.role in held and who.may(Permission.CASE_ACCEPT, case.store_id),
    }
