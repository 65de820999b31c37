"""Payouts as finance meets them: to be paid, looked up, verified; failed; done."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.core import paging, pictures
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.schemas import finance as schemas
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import payouts as queries
from shopdesk.reconciling.queries.payouts import PayoutRow
from shopdesk.refunds import service as refunds
from shopdesk.refunds.states import PayoutState
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, Nothing, answer, at_text, money
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed
from shopdesk.web.photos import BINARY, body_of, sent
from shopdesk.web.pictures import picture

bp = DeskBlueprint("api_finance", __name__, tag="refunds")
P = Permission


@bp.route("/payouts")
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.PayoutsPage, location="query")
@bp.response(200, schemas.Payouts)
def list_payouts(asked: dict[str, Any]) -> Response:
    """What lies on one of finance's trays, the longest waiting first; of what is done the newest first."""
    after = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else 0
    limit = asked["limit"]
    rows = queries.on_desk(asked["tab"], actor(), after=after, limit=limit + 1)
    following = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return answer({"items": _shown(rows[:limit]), "next": following})


@bp.route("/payouts/<id:payout_id>/confirmation", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.PayoutConfirmIn)
@keyed(required=True)
@bp.response(200, schemas.PayoutOut)
def confirm_payout(body: dict[str, Any], payout_id: int) -> Response:
    """Paid by hand; the reference of the transfer is the proof."""
    service.confirm(payout_id, body["reference"], actor=actor())
    return _one(payout_id)


@bp.route("/payouts/<id:payout_id>/given-up", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.PayoutOut)
def give_up_payout(_body: dict[str, Any], payout_id: int) -> Response:
    """It cannot be paid by hand: the money is free again."""
    refunds.give_up(payout_id, actor=actor())
    return _one(payout_id)


@bp.route("/payouts/<id:payout_id>/paid-otherwise", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(Nothing)
@keyed(required=True)
@bp.response(200, schemas.PayoutOut)
def end_paid_otherwise(_body: dict[str, Any], payout_id: int) -> Response:
    """The platform paid another amount for it, as its list says (`told_otherwise`): ended, and nothing follows."""
    service.end_paid_otherwise(payout_id, actor=actor())
    return _one(payout_id)


@bp.route("/payouts/<id:payout_id>/verification", methods=["POST"])
@needs(P.PAYOUT_VERIFY)
@bp.arguments(schemas.PayoutVerifyIn)
@keyed(required=True)
@bp.response(200, schemas.PayoutOut)
def verify_payout(body: dict[str, Any], payout_id: int) -> Response:
    """Say with evidence whether a payout happened that its place tells nothing sure about."""
    paid = body["paid"]
    if paid and paid["currency"] != queries.row_of(payout_id, actor()).currency:
        raise RuleViolation("This is another currency than the payout's.", code="other_currency")
    paid_minor = paid["amount_minor"] if paid else None
    refunds.verify(payout_id, PayoutState(body["state"]), body["evidence"], paid_minor=paid_minor, actor=actor())
    return _one(payout_id)


@bp.route("/payouts/<id:payout_id>/taken-back", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.PayoutTakeBackIn)
@keyed(required=True)
@bp.response(200, schemas.PayoutOut)
def take_back_payout(body: dict[str, Any], payout_id: int) -> Response:
    """What people said was paid came back, or never went out: its money is free, and what it settled is open again."""
    refunds.take_back(payout_id, body["reason"], actor=actor())
    return _one(payout_id)


@bp.route("/payouts/<id:payout_id>/follow-up", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.PayoutFollowUpIn)
@keyed()
@bp.response(200, schemas.PayoutOut)
def follow_up_payout(body: dict[str, Any], payout_id: int) -> Response:
    """Say what follows a payout that failed or came back."""
    refunds.follow_up(payout_id, body["answer"], actor=actor())
    return _one(payout_id)


@bp.route("/refunds/<id:refund_id>/look", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(Nothing)
@keyed()
@bp.response(200, schemas.RefundLookOut)
def note_look(_body: dict[str, Any], refund_id: int) -> Response:
    """Somebody looked at the platform's list of refunds: it has not paid this itself."""
    refund = refunds.note_look(refund_id, actor=actor())
    return answer({"refund_id": str(refund.id), "state": str(refund.state), "looked_at": at_text(refund.looked_at)})


@bp.route("/payouts/<id:payout_id>/account", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(Nothing)
@keyed(private=True)
@bp.response(200, schemas.PayoutAccountOut)
def reveal_account(_body: dict[str, Any], payout_id: int) -> Response:
    """The account in clear; each look leaves a trace."""
    return answer({"account": service.reveal_account(payout_id, actor=actor())})


@bp.route("/payouts/<id:payout_id>/receipts", methods=["POST"])
@bp.doc(requestBody=body_of(service.MOST_RECEIPTS))
@needs(P.PAYOUT_CONFIRM)
@keyed()
@bp.response(200, schemas.PayoutOut)
def add_receipts(payout_id: int) -> Response:
    """Add receipts: parts named `photos`, or one alone as the body; drawn anew, at most 3 a payout."""
    queries.payout_by_id(payout_id, actor())
    found = [pictures.tidy(content) for content in sent(service.MOST_RECEIPTS)]
    service.add_receipts(payout_id, found, actor=actor())
    return _one(payout_id)


@bp.route("/receipts/<id:receipt_id>")
@needs(P.PAYOUT_CONFIRM)
@bp.response(200, BINARY, content_type="image/jpeg")
def show_receipt(receipt_id: int) -> Response:
    """One receipt, as a JPEG."""
    return picture(queries.receipt_by_id(receipt_id, actor()).sha256)


def _one(payout_id: int) -> Response:
    return answer(_shown([queries.row_of(payout_id, actor())])[0])


def _shown(rows: list[PayoutRow]) -> list[dict[str, Any]]:
    receipts = queries.receipts_of([row.id for row in rows], actor())
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    return [
        {
            "id": str(row.id), "number": row.number, "store": slugs[row.store_id], "refund_id": str(row.refund_id),
            "order_id": str(row.order_id), "order_number": row.order_number, "destination": str(row.destination),
            "account": str(row.account) if row.account else None,
            "amount": money(row.amount_minor, row.currency, visible=actor().may(P.MONEY_READ, row.store_id)),
            "state": str(row.state), "follow_up": str(row.follow_up) if row.follow_up else None,
            "code": row.code, "reference": row.reference,
            "receipts": [str(one.id) for one in receipts.get(row.id, ())], "asked_at": at_text(row.asked_at),
            "decided_at": at_text(row.decided_at), "ended_at": at_text(row.ended_at),
        }
        for row in rows
    ]  # fmt: skip
