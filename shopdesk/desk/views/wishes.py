"""What is done with an open change from the order page: its next step, taking it back, ending it by hand."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from shopdesk.changes import service as changes
from shopdesk.changes.states import Code
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms import STEP_FORMS, ReasonForm, StepForm
from shopdesk.desk.queries.change_view import ChangeView, change_view
from shopdesk.desk.service import refunding_case
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import Answer, run
from shopdesk.orders import queries as orders
from shopdesk.web.forms import with_currency
from shopdesk.web.guard import actor, needs

GONE = Conflict("This step is not there any more. See what is possible now.", code="step_gone")


@bp.post(f"/changes/<{ID}:change_id>/steps/<int(max=100000):position>")
@needs(Permission.STEP_DO)
def do_step(change_id: int, position: int) -> Answer:
    view = change_view(change_id, actor())
    order_id = view.change.order_id
    if position not in {step.position for step in view.steps}:
        # A step that expiry or another column took away: the command says what became of it and what is next.
        form = STEP_FORMS[Code.CONFIRM]()
        return run(form, order_id, lambda: _no_longer(change_id, position))
    form = _form_of(view, position)

    def act() -> str:
        seen = form.seen_version.data
        refunding_case.do_step(change_id, position, form.evidence(), actor=actor(), seen_version=seen)
        return url_for("desk.order", order_id=order_id, _anchor=f"change-{change_id}")

    return run(form, order_id, act, said=_("Noted."))


def _no_longer(change_id: int, position: int) -> str:
    changes.do_step(change_id, position, changes.Evidence(), actor=actor())
    raise GONE


def _form_of(view: ChangeView, position: int) -> StepForm:
    code = next(Code(step.code) for step in view.steps if step.position == position)
    form = STEP_FORMS.get(code, StepForm)
    if code is Code.REFUND:
        order = orders.order_by_id(view.change.order_id, view.change.store_id)
        form = with_currency(form, order.currency)
    return form()


@bp.post(f"/changes/<{ID}:change_id>/withdraw")
@needs(Permission.CHANGE_WITHDRAW)
def withdraw(change_id: int) -> Answer:
    form, order_id = ReasonForm(), change_view(change_id, actor()).change.order_id

    def act() -> str:
        changes.withdraw(change_id, form.reason.data or "", actor=actor())
        return url_for("desk.order", order_id=order_id)

    return run(form, order_id, act, said=_("The change is withdrawn; the former value holds again."))


@bp.post(f"/changes/<{ID}:change_id>/end")
@needs(Permission.CHANGE_END)
def end_by_hand(change_id: int) -> Answer:
    form, order_id = ReasonForm(), change_view(change_id, actor()).change.order_id

    def act() -> str:
        changes.end_by_hand(change_id, form.reason.data or "", actor=actor())
        return url_for("desk.order", order_id=order_id)

    return run(form, order_id, act, said=_("The change is ended by hand."))
