"""Wishes about unshipped orders: asked, confirmed and done step by step, withdrawn, ended."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response

from shopdesk.changes import service
from shopdesk.changes.models import Change
from shopdesk.changes.service import Confirmation, Evidence, Wished
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.desk.api.showing import change_json, masked, option_json, step_json
from shopdesk.desk.queries import change_view, order_view
from shopdesk.desk.schemas import changes as schemas
from shopdesk.desk.service import refunding_case
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.web.api import DeskBlueprint, answer
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_changes", __name__, tag="changes")
View = Callable[..., Any]


def _says_what_is_possible(now: Callable[[int], dict[str, Any]]) -> Callable[[View], View]:
    """Put what is possible now into the facts of a 409; outside the command, whose writes are undone by then."""

    def mark(view: View) -> View:
        @wraps(view)
        def run(*args: Any, **ids: int) -> Any:
            try:
                return view(*args, **ids)
            except (Conflict, IllegalMove) as error:
                db.session.rollback()
                possible = now(next(iter(ids.values())))
                raise type(error)(error.message, code=error.code, **{**error.facts, **possible}) from error

        return run

    return mark


def _options_now(order_id: int) -> dict[str, Any]:
    view = order_view(order_id, actor())
    return {"now": {"stage": str(view.stage), "kinds": [option_json(option) for option in view.options]}}


def _change_now(change_id: int) -> dict[str, Any]:
    view = change_view(change_id, masked(actor()))
    following = step_json(view.next_step) if view.next_step else None
    return {"now": {"state": str(view.change.state), "next_step": following, "can_withdraw": view.can_withdraw}}


@bp.route("/orders/<id:order_id>/changes", methods=["POST"])
@needs(Permission.CHANGE_ASK)
@bp.arguments(schemas.AskIn)
@_says_what_is_possible(_options_now)
@keyed()
@bp.response(201, schemas.ChangesOut)
def ask(body: dict[str, Any], order_id: int) -> Response:
    """Ask for a change.  One change for each parcel concerned; a further wish of its kind joins the open one.

    An address of a parcel with units of other orders says what becomes of them (`others`, else 422 `others_wanted`).
    """
    order = load(Order, order_id, actor(), Permission.CHANGE_ASK)
    told = body["confirmation"]
    said = Confirmation(**{**told, "at": told["at"] or clock.now()}) if told else None
    wished = Wished(
        body["kind"], _value(body, order), body["line_id"], body["seen_stage"], said,
        pulls_back=body["pull_back"], others=body["others"],
    )  # fmt: skip
    made = [change.id for change in service.ask(order_id, wished, actor=actor())]
    items = [shown(change_id) for change_id in made]
    return answer({"items": items}, 201, location=f"/changes/{made[0]}")


def _value(body: dict[str, Any], order: Order) -> dict[str, Any]:
    value = {name: part for name, part in body["value"].items() if part is not None}
    if body["kind"] in {Kind.PRICE, Kind.FREIGHT}:
        return {"amount_minor": _minor(value.get("amount"), order.currency)}
    if "lines" in value:
        value["lines"] = {one["line_id"]: one["units"] for one in value["lines"]}
    return value


def _minor(amount: dict[str, Any] | None, currency: str) -> int | None:
    if amount is None:
        return None
    if amount["currency"] != currency:
        raise RuleViolation("This order counts in %(currency)s.", code="wrong_currency", currency=currency)
    minor: int = amount["amount_minor"]
    return minor


def shown(change_id: int) -> dict[str, Any]:
    """A change as a POST answers it: without clear personal values."""
    view = change_view(change_id, masked(actor()))
    return change_json(view, _currency(view.change), actor())


def _currency(change: Change) -> str:
    return orders.order_by_id(change.order_id, change.store_id).currency


@bp.route("/changes/<id:change_id>")
@needs(Permission.ORDER_READ)
@bp.response(200, schemas.ChangeOut)
def show_change(change_id: int) -> Response:
    """One change with its wishes and steps."""
    view = change_view(change_id, actor())
    return answer(change_json(view, _currency(view.change), actor()))


@bp.route("/changes/<id:change_id>/steps/<id:n>/done", methods=["POST"])
@needs(Permission.STEP_DO)
@bp.arguments(schemas.DoneIn)
@_says_what_is_possible(_change_now)
@keyed(required=True)
@bp.response(200, schemas.ChangeOut)
def do_step(body: dict[str, Any], change_id: int, n: int) -> Response:
    """Do a step, with what its code asks for; most ask for nothing but the tick."""
    change = load(Change, change_id, actor(), Permission.STEP_DO)
    amount_minor = _minor(body["amount"], _currency(change))
    said = {name: body[name] for name in ("text", "via", "at", "reference", "destination", "to", "waybill", "grams")}
    counted = body["counted"]
    units = None if counted is None else {line["line_id"]: line["quantity"] for line in counted}
    evidence = Evidence(amount_minor=amount_minor, counted=units, **said)
    refunding_case.do_step(change_id, n, evidence, actor=actor(), seen_version=body["version"])
    return answer(shown(change_id))


@bp.route("/changes/<id:change_id>/withdrawal", methods=["POST"])
@needs(Permission.CHANGE_WITHDRAW)
@bp.arguments(schemas.Because)
@_says_what_is_possible(_change_now)
@keyed()
@bp.response(200, schemas.ChangeOut)
def withdraw(body: dict[str, Any], change_id: int) -> Response:
    """Take an open change back: former value, memo, notices withdrawn, hold ended."""
    service.withdraw(change_id, body["reason"], actor=actor())
    return answer(shown(change_id))


@bp.route("/changes/<id:change_id>/ending", methods=["POST"])
@needs(Permission.CHANGE_END)
@bp.arguments(schemas.Because)
@_says_what_is_possible(_change_now)
@keyed()
@bp.response(200, schemas.ChangeOut)
def end(body: dict[str, Any], change_id: int) -> Response:
    """A supervisor says that a change on printed or packed papers was carried through outside the desk."""
    service.end_by_hand(change_id, body["reason"], actor=actor())
    return answer(shown(change_id))
