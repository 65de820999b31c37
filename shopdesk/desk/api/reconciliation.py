"""Our books of each day against statements: lines in, differences out, answers in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response

from shopdesk.core import clock
from shopdesk.core.permissions import Permission
from shopdesk.desk.schemas import finance as schemas
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import books
from shopdesk.reconciling.queries.books import Day, Difference
from shopdesk.reconciling.service import StatementRow, Taken
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_reconciliation", __name__, tag="refunds")
P = Permission.STATEMENT_KEEP
DAYS = 7


@bp.route("/stores/<word:store>/reconciliation")
@needs(P)
@bp.arguments(schemas.ReconciliationQuery, location="query")
@bp.response(200, schemas.Reconciliation)
def show_reconciliation(asked: dict[str, Any], store: str) -> Response:
    """The days of a destination that have anything to say, the latest first; at most 31 of them."""
    where = staff.store_by_slug(store, actor(), P)
    last = asked["last"] or clock.now().astimezone(ZoneInfo(where.zone)).date()
    first = asked["first"] or last - timedelta(days=DAYS - 1)
    found = books.days(where, asked["destination"], first, last)
    return answer({"items": [_day(of_day) for of_day in found]})


def _day(of_day: Day) -> dict[str, Any]:
    return {
        "day": of_day.day.isoformat(), "booked_minor": of_day.booked_minor, "told_minor": of_day.told_minor,
        "open": of_day.open, "differences": [_difference(one, of_day) for one in of_day.found],
    }  # fmt: skip


def _difference(one: Difference, of_day: Day) -> dict[str, Any]:
    ours, theirs = one.booked, one.line
    currency = ours.currency if ours else theirs.currency if theirs else ""
    return {
        "key": one.key, "kind": str(one.kind), "order_id": str(ours.order_id) if ours else None,
        "booked_minor": ours.amount_minor if ours else None, "told_minor": theirs.amount_minor if theirs else None,
        "currency": currency,
        "reference": theirs.reference if theirs else None, "is_answered": one.key in of_day.answers,
    }  # fmt: skip


@bp.route("/stores/<word:store>/reconciliation/answers", methods=["POST"])
@needs(P)
@bp.arguments(schemas.DifferenceAnswerIn)
@keyed()
@bp.response(200, schemas.DifferenceAnswerOut)
def answer_difference(body: dict[str, Any], store: str) -> Response:
    """Say what a difference is; said again, the last word stands."""
    where = staff.store_by_slug(store, actor(), P)
    row = service.answer_difference(
        where.id, body["destination"], body["day"], body["key"], body["note"], actor=actor()
    )
    return answer({"key": row.key, "at": at_text(row.at)})


@bp.route("/stores/<word:store>/statements", methods=["POST"])
@needs(P)
@bp.arguments(schemas.StatementIn)
@keyed()
@bp.response(200, schemas.StatementOut)
def take_statement(body: dict[str, Any], store: str) -> Response:
    """Lines of a statement, up to 500, each once by its reference; brought again they change nothing."""
    where = staff.store_by_slug(store, actor(), P)
    rows = [
        StatementRow(n, one["day"], one["reference"], one["number"], one["amount_minor"], one["currency"], None)
        for n, one in enumerate(body["items"])
    ]
    done = Taken(refused={row.row_no: "bad_amount" for row in rows if not row.amount_minor})
    service.keep_lines(where, "api", body["destination"], [n for n in rows if n.amount_minor], done, actor=actor())
    return answer({"kept": done.kept, "known": done.known, "refused": sorted(done.refused)})
