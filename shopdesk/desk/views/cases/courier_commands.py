"""What the card of couriers sends: what was told, a claim, what came of it."""

from __future__ import annotations

from flask_babel import gettext as _

from shopdesk.cases import queries as cases
from shopdesk.cases import service as case_service
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.service import Claimed
from shopdesk.cases.states import ClaimState, CourierOutcome
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.returns import ClaimForm, ClaimMoveForm, CourierForm
from shopdesk.desk.views.cases.blueprint import ID, Page, bp
from shopdesk.desk.views.cases.page import run
from shopdesk.orders import queries as orders
from shopdesk.returns import service
from shopdesk.staff import queries as staff
from shopdesk.web.forms import with_currency
from shopdesk.web.guard import actor, needs


@bp.post(f"/cases/<{ID}:case_id>/courier")
@needs(Permission.RETURN_CONFIRM)
def tell_courier(case_id: int) -> Page:
    cases.case_by_id(case_id, actor(), Permission.RETURN_CONFIRM)
    form = CourierForm()

    def command() -> None:
        outcome = CourierOutcome(form.outcome.data)
        service.tell(case_id, outcome, actor=actor(), said=form.said.data, parcel_id=form.parcel())

    return run(case_id, "courier", form, command, said=_("Noted."))


@bp.post(f"/cases/<{ID}:case_id>/claims")
@needs(Permission.CLAIM_KEEP)
def file_claim(case_id: int) -> Page:
    case = cases.case_by_id(case_id, actor(), Permission.CLAIM_KEEP)
    zone = staff.store_by_id(case.store_id).zone
    form = with_currency(ClaimForm, orders.order_by_id(case.order_id, case.store_id).currency)()

    def command() -> None:
        claimed = Claimed(
            form.amount.data, form.carrier.data or "", form.waybill.data, form.due.at(zone), form.reference.data
        )
        case_service.file_claim(case_id, claimed, actor=actor())

    return run(case_id, "courier", form, command, said=_("The claim is filed."))


@bp.post(f"/claims/<{ID}:claim_id>/state")
@needs(Permission.CLAIM_KEEP)
def move_claim(claim_id: int) -> Page:
    claim = reads.claim_by_id(claim_id, actor())
    case = cases.case_by_id(claim.case_id, actor(), Permission.CLAIM_KEEP)
    form = with_currency(ClaimMoveForm, orders.order_by_id(case.order_id, case.store_id).currency)()
    form.of = claim_id

    def command() -> None:
        to = ClaimState(form.state.data)
        paid = form.paid.data if to is ClaimState.PAID else None
        case_service.move_claim(claim_id, to, actor=actor(), paid_minor=paid, result=form.result.data)

    return run(case.id, "courier", form, command, said=_("Noted."))
