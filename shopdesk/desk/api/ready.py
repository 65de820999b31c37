"""Readiness said and lifted, of one order or of every order with a SKU; the talk with a customer; a payment by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response

from shopdesk.changes import service as changes
from shopdesk.changes.models import Change
from shopdesk.changes.service import Contacted
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.desk.api.showing import code_text, id_text
from shopdesk.desk.schemas import ready as schemas
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Payment, Wanted
from shopdesk.parcels import service as parcels
from shopdesk.parcels.service import Many
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer
from shopdesk.web.errors import message_of
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_readiness", __name__, tag="readiness")


@bp.route("/orders/<id:order_id>/readiness", methods=["POST"])
@needs(Permission.ORDER_READY)
@bp.arguments(schemas.ReadinessIn)
@keyed()
@bp.response(200, schemas.ReadinessOut)
def set_readiness(body: dict[str, Any], order_id: int) -> Response:
    """Say why the order may not be printed yet; which role may say what is in docs/domain.md."""
    return answer(_shown(parcels.set_readiness(order_id, Wanted(**body), actor=actor())))


@bp.route("/orders/<id:order_id>/readiness/lifting", methods=["POST"])
@needs(Permission.ORDER_READY)
@bp.arguments(schemas.LiftIn)
@keyed()
@bp.response(200, schemas.ReadinessOut)
def lift_readiness(body: dict[str, Any], order_id: int) -> Response:
    """Lift what people said; a refund or a closed order goes on standing before it."""
    return answer(_shown(parcels.lift_readiness(order_id, only=body["readiness"], actor=actor())))


@bp.route("/orders/<id:order_id>/contact", methods=["POST"])
@needs(Permission.ORDER_READY)
@bp.arguments(schemas.ContactIn)
@keyed()
@bp.response(200, schemas.ReadinessOut)
def end_contact(body: dict[str, Any], order_id: int) -> Response:
    """Close the task to contact the customer with what came of it."""
    contacted = Contacted(body["outcome"], body["text"], body["line_id"], body["attributes"])
    made = changes.end_contact(order_id, contacted, actor=actor())
    return answer(_shown(load(Order, order_id, actor(), Permission.ORDER_READY), made))


@bp.route("/orders/<id:order_id>/payments", methods=["POST"])
@needs(Permission.PAYMENT_NOTE)
@bp.arguments(schemas.PaymentIn)
@keyed()
@bp.response(200, schemas.ReadinessOut)
def mark_paid(body: dict[str, Any], order_id: int) -> Response:
    """Note a payment on an order of a phone or other store, whose platform tells none."""
    order = load(Order, order_id, actor(), Permission.PAYMENT_NOTE)
    amount = body["amount"]
    if amount["currency"] != order.currency:
        raise RuleViolation("This order counts in %(currency)s.", code="wrong_currency", currency=order.currency)
    payment = Payment(amount["amount_minor"], body["method"], body["reference"])
    return answer(_shown(changes.mark_paid(order_id, payment, actor=actor())))


def _shown(order: Order, made: Sequence[Change] = ()) -> dict[str, Any]:
    zone = staff.store_by_id(order.store_id).zone
    now = orders.readiness_now(order.readiness, order.ready_on, order.status, zone)
    return {
        "order_id": str(order.id), "number": order.number, "status": str(order.status), "readiness": str(now),
        "decided": code_text(order.readiness_decided), "until": order.ready_on.isoformat() if order.ready_on else None,
        "reason": order.readiness_reason,
        "contact_is_open": orders.open_contact(order.id, order.store_id) is not None,
        "changes": [str(change.id) for change in made],
    }  # fmt: skip


@bp.route("/stores/<word:store>/readiness", methods=["POST"])
@needs(Permission.ORDER_READY)
@bp.arguments(schemas.OfSku)
@keyed()
@bp.response(200, schemas.ManyOut)
def mark_sku(body: dict[str, Any], store: str) -> Response:
    """Say it of up to 500 orders with units of the SKU that are not packed, with a result per order."""
    where = staff.store_by_slug(store, actor(), Permission.ORDER_READY)
    wanted = Wanted(body["readiness"], body["until"], body["reason"])
    return answer(_many(parcels.mark_sku(where.id, body["sku"], wanted, after=body["after"], actor=actor())))


@bp.route("/stores/<word:store>/readiness/lifting", methods=["POST"])
@needs(Permission.ORDER_READY)
@bp.arguments(schemas.LiftSku)
@keyed()
@bp.response(200, schemas.ManyOut)
def lift_sku(body: dict[str, Any], store: str) -> Response:
    """Lift this one readiness from up to 500 orders with the SKU, with a result per order."""
    where = staff.store_by_slug(store, actor(), Permission.ORDER_READY)
    found = parcels.lift_sku(where.id, body["sku"], body["readiness"], after=body["after"], actor=actor())
    return answer(_many(found))


def _many(many: Many) -> dict[str, Any]:
    rows = []
    for row in many.rows:
        why = row.refusal
        refused = {"error": why.code, "message": message_of(why), "facts": dict(why.facts)} if why else None
        rows.append(
            {"order_id": str(row.order_id), "number": row.number, "readiness": str(row.readiness), "refused": refused}
        )
    return {"items": rows, "next": id_text(many.following)}
