"""The card of couriers: what was asked and told of the parcel, who has it, claims."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case, CourierClaim
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.states import CLAIM_MOVES, COURIER_KINDS, CasePhase, ClaimState, CourierOutcome
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.returns import ClaimForm, ClaimMoveForm, CourierForm, own_ids
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import WAYBILLS_VALID
from shopdesk.returns import queries as returns
from shopdesk.staff import queries as staff
from shopdesk.web.forms import DeskForm, with_currency
from shopdesk.web.locale import label

WHY = "shown on the open case"


def card(case: Case, who: Actor, typed: DeskForm | None) -> dict[str, Any] | None:
    """None: nothing of this case is a courier's matter."""
    words = reads.words_of_case(case.id, case.store_id)
    claims = reads.claims_of_case(case.id, case.store_id)
    may_claim = who.may(Permission.CLAIM_KEEP, case.store_id)
    is_decided = may_claim and case.phase is CasePhase.RESOLVE
    if not (case.kind in COURIER_KINDS or words or claims or is_decided):
        return None
    currency = orders.order_by_id(case.order_id, case.store_id).currency
    left = cases.left_parcels(case.order_id, case.store_id)
    bills = [bill for bill in parcels.waybills([p.id for p in left], case.store_id) if bill.state in WAYBILLS_VALID]
    bill = next((b for b in bills if case.parcel_id in (None, b.parcel_id)), None)
    is_claimed = any(claim.state in reads.CLAIM_OPEN for claim in claims)
    tell = _tell_form(case, who, typed)
    people = {word.told_by_id for word in words} | {claim.filed_by_id for claim in claims}
    return {
        "words": words,
        "last": words[-1].outcome if words else None,
        "custody": returns.custody(case),
        "form": tell,
        "is_done": not is_claimed and (tell is None or (case.phase is CasePhase.RESOLVE and not words)),
        "parcels": left if case.parcel_id is None and len(left) > 1 else [],
        "claims": [_shown(claim, typed, may_claim, currency) for claim in claims],
        "claim_form": _claim_form(typed, currency, bill) if may_claim else None,
        "is_claiming": type(typed).__name__ == ClaimForm.__name__,
        "shows_money": who.may(Permission.MONEY_READ, case.store_id),
        "currency": currency,
        "names": staff.signatures({person for person in people if person}),
        "why": WHY,
    }


def _tell_form(case: Case, who: Actor, typed: DeskForm | None) -> CourierForm | None:
    """With what may be told next; None for who decides nothing here."""
    if not who.may(Permission.RETURN_CONFIRM, case.store_id):
        return None
    held = who.roles.get(case.store_id, frozenset())
    if not (held & {Role.SUPERVISOR, Role.SYSTEM} or (case.owner_id is not None and case.owner_id == who.id)):
        return None
    possible = returns.next_outcomes(case)
    if not possible:
        return None
    form = typed if isinstance(typed, CourierForm) else CourierForm(formdata=None)
    form.outcome.choices = [(str(each), label(each)) for each in possible]
    if possible[0] is not CourierOutcome.ASKED:  # what is told ends or turns things: never by a click too early
        form.outcome.choices = [("", _("Please choose")), *form.outcome.choices]
    return own_ids(form, "courier")


def _claim_form(typed: DeskForm | None, currency: str, bill: Any) -> DeskForm:
    if type(typed).__name__ == ClaimForm.__name__ and typed is not None:
        return own_ids(typed, "claim")
    form = with_currency(ClaimForm, currency)(formdata=None)
    if bill:
        form.waybill.data, form.carrier.data = bill.number, bill.carrier
    return own_ids(form, "claim")


def _shown(claim: CourierClaim, typed: DeskForm | None, may_claim: bool, currency: str) -> dict[str, Any]:  # noqa: FBT001
    targets = [to for to in ClaimState if (claim.state, to) in CLAIM_MOVES]
    form: Any = typed if getattr(typed, "of", 0) == claim.id and hasattr(typed, "paid") else None
    if may_claim and targets and form is None:
        form = with_currency(ClaimMoveForm, currency)(formdata=None)
    if form is not None:
        form.state.choices = [(str(to), label(to)) for to in targets]
        own_ids(form, claim.id)
    return {
        "claim": claim,
        "short_minor": claim.amount_minor - claim.paid_minor if claim.state is ClaimState.PAID else 0,
        "form": form if may_claim and targets else None,
        "is_overdue": claim.state in reads.CLAIM_OPEN and claim.due_at <= clock.now(),
    }
