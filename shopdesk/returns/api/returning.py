"""Returns of a case: listed, confirmed, sent, given up, cancelled; the slip."""

from __future__ import annotations

from collections import Counter
from typing import Any

from flask import Response

from shopdesk.cases import queries as cases
from shopdesk.core.permissions import Permission
from shopdesk.core.personal import Personal
from shopdesk.orders import queries as orders
from shopdesk.returns import queries, schemas, service
from shopdesk.returns.models import Return
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_returns", __name__, tag="returns")
WHY = "told to who may read it"


@bp.route("/cases/<id:case_id>/returns")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.Returns)
def list_returns(case_id: int) -> Response:
    """The returns of a case, oldest first, where their units are, and until when more may come back."""
    case = cases.case_by_id(case_id, actor())
    is_clear = cases.reads_wish(case, actor())
    window = queries.window_of(orders.order_by_id(case.order_id, case.store_id))
    goods = queries.goods(case.id, case.store_id)
    return answer(
        {
            "goods": {
                "expected": goods.expected, "arrived": goods.arrived, "given_up": goods.given_up,
                "found": goods.found, "disposed": goods.disposed,
            },
            "last_day": str(window.last_day) if window.last_day else None,
            "is_estimated": window.is_estimated,
            "items": [_whole(view, is_clear=is_clear) for view in queries.views_of_case(case.id, case.store_id)],
        }
    )  # fmt: skip


def _whole(view: queries.ReturnView, *, is_clear: bool) -> dict[str, Any]:
    back = view.back
    return {
        "id": str(back.id), "case_id": str(back.case_id), "order_id": str(back.order_id),
        "parcel_id": str(back.parcel_id) if back.parcel_id else None, "origin": str(back.origin),
        "state": str(back.state), "stands": str(view.stands),
        "freight": str(back.freight), "policy_days": back.policy_days,
        "policy_condition": back.policy_condition, "exception": words(back.exception, is_clear=is_clear),
        "ended_why": words(back.ended_why, is_clear=is_clear), "confirmed_at": at_text(back.confirmed_at),
        "until": at_text(back.until), "extended": queries.extended(back.id),
        "sent_at": at_text(back.sent_at), "arrived_at": at_text(back.arrived_at),
        "ended_at": at_text(back.ended_at),
        "lines": [
            {
                "line_id": str(line.line_id), "sku": line.sku, "title": line.title, "attributes": line.attributes,
                "expected": line.expected, "arrived": line.arrived, "given_up": line.given_up,
            }
            for line in view.lines
        ],
        "waybills": [
            {"number": row.number, "carrier": row.carrier, "told_at": at_text(row.told_at)} for row in view.waybills
        ],
    }  # fmt: skip


def words(text: Personal | None, *, is_clear: bool) -> str | None:
    if text is None:
        return None
    return text.reveal(WHY) if is_clear else str(text)


def _told(back: Return, status: int = 200) -> Response:
    shown = _whole(queries.view_of(back), is_clear=False)
    return answer(shown, status, location=f"/returns/{back.id}" if status == 201 else None)


@bp.route("/cases/<id:case_id>/returns", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.ReturnIn)
@keyed()
@bp.response(201, schemas.ReturnOut)
def confirm(body: dict[str, Any], case_id: int) -> Response:
    """Agree that units come back.  422 `more_than_left` says how many still can; 409 `outside_policy`: a supervisor."""
    made = service.confirm(
        case_id, _units(body["lines"]), actor=actor(), freight=body["freight"], exception=body["exception"],
        until=body["until"],
    )  # fmt: skip
    return _told(made, 201)


def _units(lines: list[dict[str, Any]]) -> dict[int, int]:
    """The same line twice counts together, and is refused together (edge case E24)."""
    found: Counter[int] = Counter()
    for line in lines:
        found[line["line_id"]] += line["units"]
    return dict(found)


@bp.route("/returns/<id:return_id>")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.ReturnOut)
def show_return(return_id: int) -> Response:
    """One return, with its words in clear for who may read them."""
    back = queries.return_by_id(return_id, actor())
    case = cases.case_by_id(back.case_id, actor())
    return answer(_whole(queries.view_of(back), is_clear=cases.reads_wish(case, actor())))


@bp.route("/returns/<id:return_id>/waybills", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.WaybillsIn)
@keyed()
@bp.response(200, schemas.ReturnOut)
def add_waybills(body: dict[str, Any], return_id: int) -> Response:
    """Note the waybills under which it comes; it is sent from then on."""
    return _told(service.record_waybills(return_id, body["numbers"], actor=actor(), carrier=body["carrier"]))


@bp.route("/returns/<id:return_id>/cancellation", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.CancellationIn)
@keyed()
@bp.response(200, schemas.ReturnOut)
def cancel(body: dict[str, Any], return_id: int) -> Response:
    """Take it back before anything arrived; its units are free again."""
    return _told(service.cancel(return_id, body["reason"], actor=actor()))


@bp.route("/returns/<id:return_id>/extension", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.ExtensionIn)
@keyed()
@bp.response(200, schemas.ReturnOut)
def extend(body: dict[str, Any], return_id: int) -> Response:
    """Give the customer longer to send.  409 `extended_before`: as often as allowed, a supervisor may once more."""
    return _told(service.extend(return_id, body["until"], body["reason"], actor=actor()))


@bp.route("/returns/<id:return_id>/giving-up", methods=["POST"])
@needs(Permission.RETURN_CONFIRM)
@bp.arguments(schemas.GivingUpIn)
@keyed()
@bp.response(200, schemas.ReturnOut)
def give_up(body: dict[str, Any], return_id: int) -> Response:
    """Decide that units do not come any more."""
    units = _units(body["lines"]) if body["lines"] else None
    return _told(service.give_up(return_id, body["reason"], actor=actor(), units=units))


@bp.route("/returns/<id:return_id>/slip", methods=["POST"])
@needs(Permission.CASE_READ)
@bp.arguments(schemas.Nothing)
@keyed(private=True)
@bp.response(200, schemas.SlipOut)
def open_slip(_body: dict[str, Any], return_id: int) -> Response:
    """The text for the customer; each look is an event."""
    return answer({"text": service.open_slip(return_id, actor=actor()).text})
