"""Couriers: what they were asked and told, who has the parcel, claims."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext

from shopdesk.cases import queries as cases
from shopdesk.cases import service as case_service
from shopdesk.cases.models import Case, CourierClaim
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.service import Claimed
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Permission
from shopdesk.orders import queries as orders
from shopdesk.returns import queries, schemas, service
from shopdesk.returns.api.returning import words
from shopdesk.web.api import DeskBlueprint, answer, at_text, money
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_courier", __name__, tag="cases")


@bp.route("/cases/<id:case_id>/courier")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.CourierOut)
def show_courier(case_id: int) -> Response:
    """Words, custody, what may be told next, claims."""
    case = cases.case_by_id(case_id, actor())
    return answer(_whole(case, is_clear=cases.reads_wish(case, actor())))


@bp.route("/cases/<id:case_id>/courier", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.CourierWordIn)
@keyed()
@bp.response(201, schemas.CourierOut)
def tell(body: dict[str, Any], case_id: int) -> Response:
    """Note what was asked or told.  409 `wrong_outcome`: it does not follow what is known;
    `parcel_is_here`: the dock has signed it in.
    """
    service.tell(case_id, body["outcome"], actor=actor(), said=body["said"], parcel_id=body["parcel_id"])
    return answer(_whole(cases.case_by_id(case_id, actor()), is_clear=False), 201)


def _whole(case: Case, *, is_clear: bool) -> dict[str, Any]:
    custody = queries.custody(case)
    return {
        "custody": str(custody) if custody else None,
        "possible": [str(outcome) for outcome in queries.next_outcomes(case)],
        "words": [
            {
                "outcome": str(word.outcome), "parcel_id": str(word.parcel_id),
                "return_id": str(word.return_id) if word.return_id else None,
                "said": words(word.said, is_clear=is_clear), "told_at": at_text(word.told_at),
            }
            for word in reads.words_of_case(case.id, case.store_id)
        ],
        "claims": [_claim(row, case, is_clear=is_clear) for row in reads.claims_of_case(case.id, case.store_id)],
    }  # fmt: skip


def _claim(claim: CourierClaim, case: Case, *, is_clear: bool) -> dict[str, Any]:
    currency = orders.order_by_id(case.order_id, case.store_id).currency
    sees = actor().may(Permission.MONEY_READ, case.store_id)
    return {
        "id": str(claim.id), "case_id": str(claim.case_id), "carrier": claim.carrier, "waybill": claim.waybill,
        "state": str(claim.state), "amount": money(claim.amount_minor, currency, visible=sees),
        "paid": money(claim.paid_minor or None, currency, visible=sees), "due_at": at_text(claim.due_at),
        "reference": claim.reference, "result": words(claim.result, is_clear=is_clear),
        "filed_at": at_text(claim.filed_at), "ended_at": at_text(claim.ended_at),
    }  # fmt: skip


@bp.route("/cases/<id:case_id>/claims", methods=["POST"])
@needs(Permission.CLAIM_KEEP)
@bp.arguments(schemas.ClaimIn)
@keyed()
@bp.response(201, schemas.ClaimOut)
def file_claim(body: dict[str, Any], case_id: int) -> Response:
    """File a claim against a courier, in the order's currency; one open claim for each waybill."""
    case = cases.case_by_id(case_id, actor(), Permission.CLAIM_KEEP)
    claimed = Claimed(
        _minor(body["amount"], case) or 0, body["carrier"], body["waybill"], body["due_at"], body["reference"]
    )
    return answer(_claim(case_service.file_claim(case_id, claimed, actor=actor()), case, is_clear=False), 201)


@bp.route("/claims/<id:claim_id>/state", methods=["POST"])
@needs(Permission.CLAIM_KEEP)
@bp.arguments(schemas.ClaimMoveIn)
@keyed()
@bp.response(200, schemas.ClaimOut)
def move_claim(body: dict[str, Any], claim_id: int) -> Response:
    """Accepted, refused, paid (with the amount), withdrawn, or filed once more."""
    claim = reads.claim_by_id(claim_id, actor())
    case = cases.case_by_id(claim.case_id, actor(), Permission.CLAIM_KEEP)
    done = case_service.move_claim(
        claim_id, body["state"], actor=actor(), paid_minor=_minor(body["paid"], case), result=body["result"]
    )
    return answer(_claim(done, case, is_clear=False))


def _minor(amount: dict[str, Any] | None, case: Case) -> int | None:
    """Minor units; another currency than the order's is a mistake."""
    if amount is None:
        return None
    if amount["currency"] != orders.order_by_id(case.order_id, case.store_id).currency:
        raise Malformed(
            "The request cannot be understood.",
            fields={"amount": {"currency": [gettext("Not the currency of the order.")]}},
        )
    minor: int = amount["amount_minor"]
    return minor
