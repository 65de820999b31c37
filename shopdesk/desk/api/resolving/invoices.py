"""Documents that finance issues for cases."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.cases import service
from shopdesk.cases.queries import settling
from shopdesk.core import paging
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
    after = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else 0
    limit = asked["limit"]
    rows = settling.open_invoice_tasks(actor(), after=after, limit=limit + 1)
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    items = [
        {
            "id": str(row.id), "store": slugs[row.store_id], "kind": str(row.kind), "case_number": row.case_number,
            "order_id": str(row.order_id), "order_number": row.order_number, "opened_at": at_text(row.opened_at),
        }
        for row in rows[:limit]
    ]  # fmt: skip
    return answer({"items": items, "next": paging.encode(rows[limit - 1].id) if len(rows) > limit else None})


@bp.route("/invoices/<id:task_id>", methods=["POST"])
@needs(P.INVOICE_DO)
@bp.arguments(schemas.InvoiceDocumentIn)
@keyed()
@bp.response(200, schemas.InvoiceTaskOut)
def do_invoice(body: dict[str, Any], task_id: int) -> Response:
    """Note the number of the document that was issued."""
    return answer(task_out(service.do_invoice(task_id, body["reference"], actor=actor())))
