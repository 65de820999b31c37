"""Mirrored orders: one, or many with a result per row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Response, request
from flask_babel import gettext
from werkzeug.datastructures import ETags

from shopdesk.core import clock
from shopdesk.core.errors import DomainError, Malformed, RuleViolation
from shopdesk.core.masking import hides_number
from shopdesk.core.permissions import Permission
from shopdesk.imports import schemas, service
from shopdesk.orders.models import Order
from shopdesk.orders.service import Mirrored, Sale, SaleLine
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed_rows, once_per_part

bp = DeskBlueprint("api_feed", __name__, tag="orders")
AMOUNTS = ("goods", "shipping", "total", "paid", "received")
COPIED = (
    "status", "status_given", "buyer_id", "buyer_nick", "placed_at", "paid_at", "marked_shipped_at", "carrier",
    "invoice_title", "buyer_message", "platform_memo", "platform_flag", "refunding",
)  # fmt: skip
#: Parts of the recipient, in the words of Sale.
PARTS = {
    "name": "recipient_name", "phone": "phone", "province": "province", "city": "city", "district": "district",
    "street": "street_address", "zip": "zip",
}  # fmt: skip


@bp.route("/stores/<word:store>/orders/<word:number>", methods=["PUT"])
@needs(Permission.IMPORT_WRITE)
@bp.arguments(schemas.PutOrder)
@bp.response(201, schemas.PutReceipt, description="created")
@bp.alt_response(200, schema=schemas.PutReceipt, description="updated, unchanged, or told by an older source")
def put_order(body: dict[str, Any], store: str, number: str) -> Response:
    """Create or update a mirrored order.  Idempotent; If-Match refuses (412) when the order has moved on."""
    where = staff.store_by_slug(store, actor(), Permission.IMPORT_WRITE)
    if not schemas.is_number(number):
        raise Malformed("This is not an order number.", fields={"number": [gettext("This is not an order number.")]})
    match, late = request.if_match, _warnings(body["as_of"])
    done = _put(where, number, body, body, is_expected=lambda order: not match or _is_tagged(order, match))
    status = 201 if done.outcome == "created" else 200
    location = f"/orders/{done.order.id}" if status == 201 else None
    receipt = _receipt(done, body)
    return answer({**receipt, "warnings": late + receipt["warnings"]}, status, location=location, tag=_tag(done.order))


def _put(
    store: Store,
    number: str,
    body: dict[str, Any],
    told: dict[str, Any],
    *,
    is_expected: Callable[[Order | None], bool] = lambda _: True,
) -> Mirrored:
    waybills = [(w["number"], w.get("carrier")) for w in body["waybills"] if not hides_number(w["number"])]
    return service.put_order_if(
        store, _sale(store, number, body), waybills, is_expected=is_expected,
        hides_waybill=len(waybills) < len(body["waybills"]), as_of=min(told["as_of"], clock.now()),
        origin=told["origin"] or "api", actor=actor(),
    )  # fmt: skip


def _is_tagged(order: Order | None, match: ETags) -> bool:
    return order is not None and match.contains(_tag(order))


def _tag(order: Order) -> str:
    return f"{order.id}-{order.version}-{order.as_of.timestamp():.6f}"


def _receipt(done: Mirrored, body: dict[str, Any]) -> dict[str, Any]:
    order = done.order
    return {
        "id": str(order.id), "number": order.number, "outcome": done.outcome, "as_of": at_text(order.as_of),
        "lines_not_taken": [line.key for line in done.refused_lines],
        "values_not_taken": [name.removesuffix("_minor") for name in done.left],
        "warnings": [_in_use(number, other) for number, other in done.shared_waybills.items()]
        + [_masked(w["number"]) for w in body["waybills"] if hides_number(w["number"])],
    }  # fmt: skip


def _in_use(number: str, other: str) -> dict[str, Any]:
    message = gettext("A parcel of order %(order)s has this waybill too; it was kept for both.", order=other)
    return {"code": "waybill_in_use", "message": message, "said": None, "waybill": number, "order": other}


def _masked(number: str) -> dict[str, Any]:
    message = gettext("This waybill number is masked. It was left out; that there is one counts.")
    return {"code": "waybill_masked", "message": message, "said": None, "waybill": number, "order": None}


def _warnings(said: datetime) -> list[dict[str, Any]]:
    """A time in the future counts as now (D1)."""
    if said <= clock.now():
        return []
    message = gettext("The time that was told lies in the future; it counts as now.")
    return [{"code": "as_of_in_future", "message": message, "said": at_text(said), "waybill": None, "order": None}]


def _sale(store: Store, number: str, body: dict[str, Any]) -> Sale:
    told: dict[str, Any] = {name: body[name] for name in COPIED if name in body}
    told |= {f"{name}_minor": _minor(body.get(name), store) for name in AMOUNTS}
    told |= {PARTS[name]: part for name, part in body["recipient"].items()}
    lines = tuple(_line(line, store) for line in body["lines"])
    return Sale(number=number, lines=lines, lines_complete=bool(lines), **told)


def _line(line: dict[str, Any], store: Store) -> SaleLine:
    return SaleLine(
        key=line["key"], quantity=line["quantity"], title=line.get("title"), sku=line.get("sku"),
        attributes=line.get("attributes"), unit_price_minor=_minor(line.get("unit_price"), store),
        share_given_minor=_minor(line.get("share"), store), refund_state=line.get("refund_state"),
        refund_due_at=line.get("refund_due_at"), kind=line["kind"],
    )  # fmt: skip


def _minor(money: dict[str, Any] | None, store: Store) -> int | None:
    if money is None:
        return None
    if money["currency"] != store.currency:
        raise RuleViolation("This store counts in %(currency)s.", code="wrong_currency", currency=store.currency)
    amount: int = money["amount_minor"]
    return amount


@bp.route("/stores/<word:store>/orders/batch", methods=["POST"])
@needs(Permission.IMPORT_WRITE)
@bp.arguments(schemas.Batch)
@keyed_rows
@bp.response(200, schemas.BatchAnswer)
def put_batch(body: dict[str, Any], store: str) -> Response:
    """Up to 500 mirrored orders, each in a transaction of its own, with a result per row in the given order."""
    where = staff.store_by_slug(store, actor(), Permission.IMPORT_WRITE)
    warnings = _warnings(body["as_of"])
    rows = [_batch_row(where.id, index, row, body) for index, row in enumerate(body["items"])]
    if body["covers"] == "store":
        service.note_orders_feed(
            staff.store_by_id(where.id), body["origin"] or "api", as_of=body["as_of"], actor=actor()
        )
    return answer({"warnings": warnings, "items": rows})


def _batch_row(store_id: int, index: int, row: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"index": index, "number": row["number"], "receipt": None, "refused": None}

    def act() -> dict[str, Any]:
        return _receipt(_put(staff.store_by_id(store_id), row["number"], row, told), row)

    try:
        found["receipt"] = once_per_part(index, act)
    except DomainError as error:
        found["refused"] = {"error": error.code, "message": message_of(error), "facts": dict(error.facts)}
    return found
