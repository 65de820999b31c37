"""What the platforms paid back, told by the shop's own systems; what was overpaid and is recovered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response

from shopdesk.core import clock, paging
from shopdesk.core.errors import DomainError, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.schemas import finance as schemas
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import credit_notes
from shopdesk.reconciling.queries import recoveries as queries
from shopdesk.reconciling.queries.recoveries import RecoveryRow
from shopdesk.reconciling.service import Refunded
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.api import DeskBlueprint, answer, at_text, money
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed, keyed_rows, once_per_part

bp = DeskBlueprint("api_recoveries", __name__, tag="refunds")
P = Permission
IS_PAID = {"paid": True, "closed": False, "running": None}


@bp.route("/recoveries")
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.RecoveriesPage, location="query")
@bp.response(200, schemas.Recoveries)
def list_recoveries(asked: dict[str, Any]) -> Response:
    """What customers got beyond what they paid, and nobody answered yet."""
    after = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else 0
    limit = asked["limit"]
    rows = queries.open_ones(actor(), after=after, limit=limit + 1)
    following = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return answer({"items": [_shown(row) for row in rows[:limit]], "next": following})


@bp.route("/recoveries/<id:recovery_id>/recovered", methods=["POST"])
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.RecoveredIn)
@keyed(required=True)
@bp.response(200, schemas.RecoveryOut)
def note_recovered(body: dict[str, Any], recovery_id: int) -> Response:
    """The customer paid it back."""
    return answer(_shown(_row(service.recovered(recovery_id, body["reference"], actor=actor()).id)))


@bp.route("/recoveries/<id:recovery_id>/write-off", methods=["POST"])
@needs(P.PAYOUT_VERIFY)
@bp.arguments(schemas.WriteOffIn)
@keyed(required=True)
@bp.response(200, schemas.RecoveryOut)
def write_off(body: dict[str, Any], recovery_id: int) -> Response:
    """A supervisor gives it up, with a reason."""
    return answer(_shown(_row(service.write_off(recovery_id, body["reason"], actor=actor()).id)))


def _row(recovery_id: int) -> RecoveryRow:
    return queries.row_of(recovery_id, actor())


def _shown(row: RecoveryRow) -> dict[str, Any]:
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    return {
        "id": str(row.id), "store": slugs[row.store_id], "order_id": str(row.order_id),
        "order_number": row.order_number, "state": str(row.state),
        "amount": money(row.amount_minor, row.currency, visible=actor().may(P.MONEY_READ, row.store_id)),
        "opened_at": at_text(row.opened_at), "reference": row.reference, "ended_at": at_text(row.ended_at),
    }  # fmt: skip


@bp.route("/credit-notes")
@needs(P.PAYOUT_CONFIRM)
@bp.arguments(schemas.CreditNotesPage, location="query")
@bp.response(200, schemas.CreditNotes)
def list_credit_notes(asked: dict[str, Any]) -> Response:
    """One for each payout that was confirmed, a counter note for one that came back; the newest first."""
    before = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else 0
    limit = asked["limit"]
    rows = credit_notes.notes(actor(), before=before, limit=limit + 1)
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    items = [
        {
            "id": str(row.id), "store": slugs[row.store_id], "number": row.number, "takes_back": row.counters,
            "amount": money(row.amount_minor, row.currency, visible=actor().may(P.MONEY_READ, row.store_id)),
            "order_id": str(row.order_id), "order_number": row.order_number, "payout": row.payout_number,
            "destination": str(row.destination), "issued_at": at_text(row.issued_at),
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return answer({"items": items, "next": paging.encode(rows[limit - 1].id) if len(rows) > limit else None})


@bp.route("/stores/<word:store>/platform-refunds", methods=["POST"])
@needs(P.FACTS_WRITE)
@bp.arguments(schemas.PlatformRefundsIn)
@keyed_rows
@bp.response(200, schemas.PlatformRefundsOut)
def report_platform_refunds(body: dict[str, Any], store: str) -> Response:
    """Refunds as the platform's own list tells them, up to 500, each in a transaction of its own.

    A refund that we asked the platform for is confirmed, any other one is booked as outside, once by its number.
    """
    where = staff.store_by_slug(store, actor(), P.FACTS_WRITE)
    as_of = min(body["as_of"], clock.now())
    rows = [_told(where, index, row, as_of) for index, row in enumerate(body["items"])]
    if body["covers"] == "store":
        service.note_list(where.id, body["origin"] or "api refunds", as_of=as_of, actor=actor())
    return answer({"as_of": at_text(as_of), "items": rows})


def _told(store: Store, index: int, row: dict[str, Any], as_of: datetime) -> dict[str, Any]:
    found: dict[str, Any] = {"index": index, "is_news": False, "refused": None}
    amount = row["amount"]

    def act() -> dict[str, Any]:
        if amount and amount["currency"] != store.currency:
            raise RuleViolation("This is another currency than the store's.", code="other_currency")
        if row["state"] == "paid" and not (amount and amount["amount_minor"]):
            raise RuleViolation("Say the amount.", code="value_required", missing="amount")
        refunded = Refunded(row["number"], amount["amount_minor"] if amount else None, IS_PAID[row["state"]])
        is_news = service.report_refund(store.id, row["order"], refunded, as_of=as_of, actor=actor())
        return {"is_news": is_news}

    try:
        found |= once_per_part(index, act)
    except DomainError as error:
        found["refused"] = {"error": error.code, "message": message_of(error), "facts": dict(error.facts)}
    return found
