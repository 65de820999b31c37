"""The order page's fast lane for one unit that comes back."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from shopdesk.cases.states import Reason
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.cases import EverydayForm
from shopdesk.desk.service import take_one_back
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import Answer, run
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import label


@bp.post(f"/orders/<{ID}:order_id>/everyday-return")
@needs(Permission.RETURN_CONFIRM)
def take_back(order_id: int) -> Answer:
    form = EverydayForm()

    def act() -> str:
        case = take_one_back(order_id, label(Reason.UNWANTED), exception=form.exception.data, actor=actor())
        return url_for("cases.case", case_id=case.id, _anchor="goods")

    return run(form, order_id, act, said=_("Confirmed: the goods may come back. Send the return slip."))
