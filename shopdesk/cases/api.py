"""Cases: listed, opened, shown, accepted, closed."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_babel import gettext

from shopdesk.cases import queries, schemas, service
from shopdesk.cases.models import Case
from shopdesk.cases.queries import CaseRow, Whose
from shopdesk.cases.service import Application
from shopdesk.cases.states import CasePhase, platform_word
from shopdesk.core import paging
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text, money
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import labels
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_cases", __name__, tag="cases")
#: Columns of a case that are codes.
CODES = ("reason", "detail", "inquiry", "appraisal", "waiting_for", "due_source", "ending")
OWNERS = {None: Whose.ALL, "me": Whose.MINE, "none": Whose.UNASSIGNED, "left": Whose.LEFT}


@bp.route("/cases")
@needs(Permission.CASE_READ)
@bp.arguments(schemas.CasesPage, location="query")
@bp.response(200, schemas.Cases)
def list_cases(asked: dict[str, Any]) -> Response:
    """Cases in all stores of the caller, as far as their roles see them."""
    is_closed = asked["phase"] is CasePhase.CLOSED
    if is_closed and asked["owner"]:
        raise Malformed("The request cannot be understood.", fields={"owner": [gettext("Only of open cases.")]})
    whose = Whose.CLOSED if is_closed else OWNERS[asked["owner"]]
    after = paging.decode(asked["cursor"], (int,))[0] if asked["cursor"] else None
    limit = asked["limit"]
    rows = queries.page(
        actor(), whose, kind=asked["kind"], phase=asked["phase"], waiting=asked["waiting"], due_before=asked["due"],
        after=after, limit=limit + 1,
    )  # fmt: skip
    slugs = {store.id: store.slug for store in staff.stores_of(actor())}
    following = paging.encode(rows[limit - 1].id) if len(rows) > limit else None
    return answer({"items": [_row(row, slugs[row.store_id]) for row in rows[:limit]], "next": following})


def _row(row: CaseRow, store: str) -> dict[str, Any]:
    return {
        "id": str(row.id), "number": row.number, "store": store, "order_id": str(row.order_id),
        "order_number": row.order_number, "kind": str(row.kind), "goal": str(row.goal) if row.goal else None,
        "source": str(row.source), "phase": str(row.phase), "role": str(row.role), "owner": row.owner,
        "opened_at": at_text(row.opened_at), "accepted_at": at_text(row.accepted_at),
        "closed_at": at_text(row.closed_at), "waiting_for": str(row.waiting_for) if row.waiting_for else None,
        "due_at": at_text(row.due_at),
    }  # fmt: skip


@bp.route("/cases", methods=["POST"])
@needs(Permission.CASE_OPEN)
@bp.arguments(schemas.CaseIn)
@keyed()
@bp.response(201, schemas.CaseOut)
def open_case(body: dict[str, Any]) -> Response:
    """Record an application on an order of which something has left; what has not left is changed instead."""
    load(Order, body["order_id"], actor(), Permission.CASE_OPEN)
    meant = Application(
        body["kind"], body["wish"] or labels(body["reason"], body["detail"]), body["goal"], body["parcel_id"],
        reason=body["reason"], detail=body["detail"], wanted=tuple(body["wanted"]), inquiry=body["inquiry"],
        units=tuple((each["line_id"], each["quantity"]) for each in body["units"]),
        answers={each["question"]: each["answer"] for each in body["answers"]},
    )  # fmt: skip
    made = service.record(body["order_id"], meant, actor=actor())
    return answer(whole(made, is_clear=False), 201, location=f"/cases/{made.id}")


@bp.route("/cases/<id:case_id>")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.CaseOut)
def show_case(case_id: int) -> Response:
    """One case, with the wish in clear for who may read it."""
    found = queries.case_by_id(case_id, actor())
    return answer(whole(found, is_clear=queries.reads_wish(found, actor())))


def whole(case: Case, *, is_clear: bool) -> dict[str, Any]:
    (row,) = [row for row in queries.of_order(case.order_id, case.store_id, actor()) if row.id == case.id]
    why = "told to who may read it"
    return {
        **_row(row, staff.store_by_id(case.store_id).slug),
        "parcel_id": str(case.parcel_id) if case.parcel_id else None,
        "change_id": str(case.change_id) if case.change_id else None,
        "wish": case.wish.reveal(why) if is_clear else str(case.wish),
        "outcome": (case.outcome.reveal(why) if is_clear else str(case.outcome)) if case.outcome else None,
        "wanted": case.wanted or [],
        **{name: code_of(getattr(case, name)) for name in CODES},
        "due_at": at_text(case.due_at),
        "parent_id": str(case.parent_id) if case.parent_id else None,
        "merged_into_id": str(case.merged_into_id) if case.merged_into_id else None,
        "units": [
            {"line_id": str(line.line_id), "quantity": line.quantity, "sku": line.sku, "title": line.title,
             "attributes": line.attributes}
            for line in queries.lines_of(case)
        ],
        "answers": [
            {"question": row.question, "answer": row.answer.reveal(why) if is_clear else str(row.answer)}
            for row in queries.answers_of(case)
        ],
        "platform": _platform(case),
    }  # fmt: skip


def code_of(value: object) -> str | None:
    return None if value is None else str(value)


def _platform(case: Case) -> dict[str, Any] | None:
    if case.platform_number is None:
        return None
    sees, currency = actor().may(Permission.MONEY_READ, case.store_id), staff.store_by_id(case.store_id).currency
    return {
        "number": case.platform_number, "status": case.platform_status,
        "word": str(platform_word(case.platform_status)),
        "amount": money(case.platform_amount_minor, currency, visible=sees),
        "due_at": at_text(case.platform_due_at), "as_of": at_text(case.platform_as_of),
    }  # fmt: skip


@bp.route("/cases/<id:case_id>/acceptance", methods=["POST"])
@needs(Permission.CASE_ACCEPT)
@bp.arguments(schemas.Nothing)
@keyed()
@bp.response(200, schemas.CaseOut)
def accept(_body: dict[str, Any], case_id: int) -> Response:
    """Become its owner.  409 `case_taken` says who was quicker."""
    return answer(whole(service.accept(case_id, actor=actor()), is_clear=False))


@bp.route("/cases/<id:case_id>/closing", methods=["POST"])
@needs(Permission.CASE_CLOSE)
@bp.arguments(schemas.ClosingIn)
@keyed()
@bp.response(200, schemas.CaseOut)
def close(body: dict[str, Any], case_id: int) -> Response:
    """End it and say how it ended."""
    return answer(whole(service.close(case_id, body["outcome"], actor=actor()), is_clear=False))
