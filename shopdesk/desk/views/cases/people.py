"""The card of the people: who has the case, until when, whom it waits for."""

from __future__ import annotations

from typing import Any

from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.permissions import Actor, Permission
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, _typed: DeskForm | None) -> dict[str, Any]:
    held = who.roles.get(case.store_id, frozenset())
    is_free = case.phase is not CasePhase.CLOSED and case.owner_id is None
    return {
        "owner": staff.signatures({case.owner_id}).get(case.owner_id) if case.owner_id else None,
        "may_accept": is_free and case.role in held and who.may(Permission.CASE_ACCEPT, case.store_id),
    }
