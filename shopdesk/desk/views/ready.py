"""Why an order waits: said and lifted on its page, the talk with its customer, a payment noted by hand."""

from __future__ import annotations

from flask import flash, url_for
from flask_babel import gettext as _

from shopdesk.changes import service as changes
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.ready import ContactForm, LiftForm, PaymentForm, ReadinessForm
from shopdesk.desk.queries import order_view
from shopdesk.desk.views import ID, bp
from shopdesk.desk.views.order import Answer, run
from shopdesk.parcels import service as parcels
from shopdesk.web.forms import with_currency
from shopdesk.web.guard import actor, needs

ORDER = f"/orders/<{ID}:order_id>"


def _back(order_id: int) -> str:
    return url_for("desk.order", order_id=order_id, _anchor="ready")


@bp.post(f"{ORDER}/readiness")
@needs(Permission.ORDER_READY)
def set_readiness(order_id: int) -> Answer:
    form = ReadinessForm()

    def act() -> str:
        parcels.set_readiness(order_id, form.wanted(), actor=actor())
        return _back(order_id)

    return run(form, order_id, act, said=_("Noted: it is not printed until this is lifted."))


@bp.post(f"{ORDER}/readiness/lift")
@needs(Permission.ORDER_READY)
def lift_readiness(order_id: int) -> Answer:
    form = LiftForm()

    def act() -> str:
        parcels.lift_readiness(order_id, only=form.seen(), actor=actor())
        return _back(order_id)

    return run(form, order_id, act, said=_("Lifted."))


@bp.post(f"{ORDER}/contact")
@needs(Permission.ORDER_READY)
def end_contact(order_id: int) -> Answer:
    form = ContactForm()

    def act() -> str:
        made = changes.end_contact(order_id, form.contacted(), actor=actor())
        if made:
            flash(_("The change is open; go on with its next step."), "success")
        return _back(order_id)

    return run(form, order_id, act, said=_("Noted."))


@bp.post(f"{ORDER}/payment")
@needs(Permission.PAYMENT_NOTE)
def mark_paid(order_id: int) -> Answer:
    form = with_currency(PaymentForm, order_view(order_id, actor()).order.currency)()

    def act() -> str:
        changes.mark_paid(order_id, form.payment(), actor=actor())
        return url_for("desk.order", order_id=order_id)

    return run(form, order_id, act, said=_("The payment is noted."))
