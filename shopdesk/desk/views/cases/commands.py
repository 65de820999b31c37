"""The buttons of a case: accept, close."""

from __future__ import annotations

from flask_babel import gettext as _

from shopdesk.cases import service
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.cases import AcceptForm, CloseForm
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import run
from shopdesk.web.guard import actor, needs


@bp.post(f"/cases/<{ID}:case_id>/accept")
@needs(Permission.CASE_ACCEPT)
def accept(case_id: int) -> Page:
    return run(
        case_id, "people", AcceptForm(), lambda: service.accept(case_id, actor=actor()), said=_("The case is yours.")
    )


@bp.post(f"/cases/<{ID}:case_id>/close")
@needs(Permission.CASE_CLOSE)
def close(case_id: int) -> Page:
    form = CloseForm()
    return run(
        case_id,
        "closing",
        form,
        lambda: service.close(case_id, form.outcome.data or "", actor=actor()),
        said=_("The case is closed."),
    )
