"""The card that ends a case which is still talked about."""

from __future__ import annotations

from typing import Any

from shopdesk.cases.models import Case
from shopdesk.cases.states import SIMPLE, CasePhase
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.cases import CloseForm
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any] | None:
    if case.phase is not CasePhase.COMMUNICATE:
        return None
    held = who.roles.get(case.store_id, frozenset())
    is_free = case.owner_id is None
    owns = not is_free and case.owner_id == who.id
    may_close = owns or Role.SUPERVISOR in held or (is_free and case.kind in SIMPLE)
    may_accept = is_free and case.role in held
    if may_close and who.may(Permission.CASE_CLOSE, case.store_id):
        return {"form": typed or CloseForm(formdata=None), "is_second": may_accept}
    return None if may_accept else {"form": None}
