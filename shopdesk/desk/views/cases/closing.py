"""The card that ends a case which is still talked about."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.cases.states import SIMPLE, CasePhase
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.cases import CloseForm
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any] | None:
    if case.phase is not CasePhase.COMMUNICATE:
        return None
    held = who.roles.get(case.store_id, frozenset())
    is_free = case.owner_id is None or queries.owner_left(case)
    owns = not is_free and case.owner_id == who.id
    may_close = owns or Role.SUPERVISOR in held or (case.owner_id is None and case.kind in SIMPLE)
    may_accept = is_free and case.role in held
    if may_close and who.may(Permission.CASE_CLOSE, case.store_id):
        why = service.outstanding(case)
        return {
            "form": None if why else typed or CloseForm(formdata=None),
            "why": message_of(why) if why else None,
            "is_second": may_accept,
            "is_reminded": queries.open_reminder(case.id, case.store_id) is not None,
        }
    return None if may_accept else {"form": None}
