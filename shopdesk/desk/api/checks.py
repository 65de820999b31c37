"""Pre-print checks: a list in, three groups out; then the batch as printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flask import Response

from shopdesk.changes import queries, service
from shopdesk.changes.models import PrintCheck
from shopdesk.changes.queries import CheckedRow
from shopdesk.changes.queries.check_changes import CheckedMemo, memos_on
from shopdesk.changes.queries.check_view import kept_rows
from shopdesk.changes.states import Group
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import touch
from shopdesk.core.text import clean_listed
from shopdesk.desk.api.showing import id_text, masked, wish_json
from shopdesk.desk.queries import kinds_of, wishes_by_change
from shopdesk.desk.schemas import checks as schemas
from shopdesk.staff import queries as staff
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_checks", __name__, tag="print checks")


@bp.route("/print-checks", methods=["POST"])
@needs(Permission.PRINT_CHECK)
@bp.arguments(schemas.CheckIn)
@keyed()
@bp.response(201, schemas.CheckOut)
def make_check(body: dict[str, Any]) -> Response:
    """Check the numbers that are about to be printed, in the given order."""
    numbers = [found[:128] for text in body["numbers"] for found in clean_listed(text)]
    check, rows = service.make_check(numbers, actor=actor())
    return answer(check_json(check, rows, masked(actor())), 201, location=f"/print-checks/{check.id}")


@bp.route("/print-checks/<id:check_id>")
@needs(Permission.PRINT_CHECK, scope="own")
@bp.response(200, schemas.CheckOut)
def show_check(check_id: int) -> Response:
    """A check of one's own as it stands now, once printed as it was printed, with old → new of what has changed."""
    check = queries.own_check(check_id, actor())
    return answer(check_json(check, kept_rows(check, queries.check_rows(check.id), actor()), actor()))


@bp.route("/print-checks/<id:check_id>/printed", methods=["POST"])
@needs(Permission.PARCEL_PRINT, scope="own")
@bp.arguments(schemas.PrintedIn)
@keyed(required=True)
@bp.response(200, schemas.CheckOut)
def mark_printed(body: dict[str, Any], check_id: int) -> Response:
    """What may be printed was printed as this batch: stages move, notices are acknowledged; all or nothing (409)."""
    check = service.mark_printed(check_id, body["batch"], actor=actor())
    return answer(check_json(check, kept_rows(check, queries.check_rows(check.id), actor()), masked(actor())))


def check_json(check: PrintCheck, rows: Sequence[CheckedRow], reader: Actor) -> dict[str, Any]:
    changes = _changes(rows, reader)
    # Of a list not yet printed, a row that is plainly printable has no memo that printing has to see.
    told = [row for row in rows if check.printed_at or row.group is not Group.PRINTABLE]
    parcel_ids = sorted({row.parcel_id for row in told if row.parcel_id is not None})
    memos = memos_on(parcel_ids, reader, printed_at=check.printed_at)
    return {
        "id": str(check.id), "made_at": at_text(check.made_at), "printed_at": at_text(check.printed_at),
        "batch": check.batch, "left_at": at_text(check.left_at),
        "rows": [_row(row, changes, memos.get(row.parcel_id or 0, ())) for row in rows],
    }  # fmt: skip


def _row(row: CheckedRow, changes: dict[int, dict[str, Any]], memos: Sequence[CheckedMemo]) -> dict[str, Any]:
    return {
        "position": row.position, "number": row.pasted, "group": str(row.group), "reasons": list(row.reasons),
        "order_id": id_text(row.order_id), "parcel_id": id_text(row.parcel_id),
        "changes": [changes[change_id] for change_id in row.change_ids],
        "memos": [
            {"order_id": str(m.order_id), "text": m.text, "signed": m.signed, "made_at": at_text(m.made_at)}
            for m in memos
        ],
    }  # fmt: skip


def _changes(rows: Sequence[CheckedRow], reader: Actor) -> dict[int, dict[str, Any]]:
    """The open changes of the rows, worded; two statements for each store."""
    by_store: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        if row.store_id is not None:
            touch(row.store_id)
            by_store[row.store_id].update(row.change_ids)
    found: dict[int, dict[str, Any]] = {}
    for store_id, ids in by_store.items():
        if not ids:
            continue
        wishes = wishes_by_change(sorted(ids), store_id, reader)
        currency = staff.store_by_id(store_id).currency
        for change_id, kind in kinds_of(sorted(ids), store_id).items():
            shown = [wish_json(wish, currency, reader) for wish in wishes[change_id]]
            found[change_id] = {"id": str(change_id), "kind": str(kind), "wishes": shown}
    return found
