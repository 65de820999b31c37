"""The card of the first phase: what it looks like, on to the resolution, or declined; opened again once closed."""

from __future__ import annotations

from typing import Any

from shopdesk.cases import service
from shopdesk.cases.models import Case
from shopdesk.cases.states import CasePhase
from shopdesk.core.permissions import Actor
from shopdesk.desk.forms.case_work import AppraiseForm, DeclineForm, ReopenForm
from shopdesk.desk.views.cases.may import may_reopen, may_work
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any] | None:
    if case.phase is CasePhase.CLOSED:
        if not may_reopen(case, who):
            return None
        return {"reopen": typed if isinstance(typed, ReopenForm) else ReopenForm(formdata=None)}
    is_here = case.phase is CasePhase.COMMUNICATE and may_work(case, who)
    if not is_here and case.appraisal is None:
        return None
    form = typed if isinstance(typed, AppraiseForm) else AppraiseForm(formdata=None, appraisal=case.appraisal)
    names = staff.signatures({case.appraised_by_id}) if case.appraised_by_id else {}
    return {
        "form": form if is_here else None,
        "decline": (typed if isinstance(typed, DeclineForm) else DeclineForm(formdata=None)) if is_here else None,
        "may_decide": is_here and service.may_decide(case, who),
        "by": names.get(case.appraised_by_id or 0),
    }
