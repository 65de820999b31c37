"""Documents that finance issues for cases and for refunds without one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response

from shopdesk.cases import service
from shopdesk.cases.queries import settling
from shopdesk.core import paging
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Permission
from shopdesk.desk.api.resolving.blueprint import bp
from shopdesk.desk.api.resolving.showing import task_out
from shopdesk.desk.schemas import resolving as schemas
from shopdesk.staff import queries as staff
from shopdesk.web.api import answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

P = Permission


@bp.route("/invoices")
@needs(P.INVOICE_DO)
@bp.arguments(schemas.InvoicesPage, location="query")
@bp.response(200, schemas.Invoices)
def invoices(asked: dict[str, Any]) -> Response:
    """Documents that finance has to issue."""
    limit, after = asked["limit"], _after(asked["cursor"])
    rows = settling.open_invoice_tasks(actor(), after=after, limit=limit + 1)
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    items = [
        {
            "id": str(row.id), "store": slugs[row.store_id], "kind": str(row.kind), "case_number": row.case_number,
            "refund_id": str(row.refund_id) if row.refund_id else None,
            "order_id": str(row.order_id), "order_number": row.order_number, "opened_at": at_text(row.opened_at),
            "confirmation": row.confirmation, "confirm_by": at_text(row.confirm_by),
        }
        for row in rows[:limit]
    ]  # fmt: skip
    last = rows[limit - 1] if len(rows) > limit else None
    following = paging.encode(last.turn_at.isoformat(), last.id) if last else None
    return answer({"items": items, "next": following})


def _after(cursor: str | None) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    at, task_id = paging.decode(cursor, (str, int))
    try:
        return datetime.fromisoformat(at).astimezone(UTC), task_id
    except (ValueError, OverflowError) as error:
        raise Malformed("That is not a cursor of this list.", code="bad_cursor") from error


@bp.route("/invoices/<id:task_id>/confirmation", methods=["POST"])
@needs(P.INVOICE_DO)
@bp.arguments(schemas.InvoiceFormIn)
@keyed()
@bp.response(200, schemas.InvoiceTaskOut)
def ask_buyer(body: dict[str, Any], task_id: int) -> Response:
    """The buyer was sent a form for a red-letter invoice, and has 72 hours to confirm it."""
    return answer(task_out(service.ask_buyer(task_id, body["number"], actor=actor())))


@bp.route("/invoices/<id:task_id>", methods=["POST"])
@needs(P.INVOICE_DO)
@bp.arguments(schemas.InvoiceDocumentIn)
@keyed()
@bp.response(200, schemas.InvoiceTaskOut)
def do_invoice(body: dict[str, Any], task_id: int) -> Response:
    """Note the number of the document that was issued."""
    return answer(task_out(service.do_invoice(task_id, body["reference"], actor=actor())))
