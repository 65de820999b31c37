"""What is done with many cases at once, and what came of each."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from shopdesk.core import idempotency
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.idempotency import Answer
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.case_queue import BulkForm
from shopdesk.desk.queries.cases import filters, loads, queue
from shopdesk.desk.service import case_bulk
from shopdesk.desk.views.cases.blueprint import Page, bp
from shopdesk.staff import queries as staff
from shopdesk.web.errors import message_of
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import once


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row."""

    id: int
    number: str | None
    is_done: bool
    words: str = ""


@bp.post("/cases/bulk")
@needs(Permission.CASE_READ)
def bulk() -> Page:
    """Each row is a command of its own: what may not be done says why, on top; the others are done."""
    form = BulkForm()
    back = list_url(form.back.data)
    ids = _chosen(form)
    problem = _problem(form, ids)
    wish = None if problem else form.wish(staff.zone_for(actor()))
    if problem or wish is None:
        return _refused(problem or _("Choose what to do."), back)
    try:
        case_bulk.check_bulk(wish)
    except RuleViolation as error:
        return _refused(message_of(error), back)
    act, key = case_bulk.of_each(wish, ids, actor()), form.command_key.data or new_key()
    known = loads.numbers(ids, actor())
    results = [_one(case_id, known.get(case_id), key, act) for case_id in ids]
    return render_template(
        "cases/bulk.html",
        results=sorted(results, key=lambda result: result.is_done),
        done=sum(result.is_done for result in results),
        back_url=back,
    )


def _chosen(form: BulkForm) -> list[int]:
    """The same cases for the same submit: those that were done have left the list when it comes again."""
    if not form.every.data:
        return form.ids()
    wanted = filters.read(parse_qs(form.back.data or ""))
    shown_at = form.seen_at()

    def look() -> Answer:
        return Answer(200, queue.ids(actor(), wanted, shown_at=shown_at, limit=case_bulk.MOST_AT_ONCE))

    name = f"{form.command_key.data or new_key()}:every"[-idempotency.MAX_LENGTH :]
    found: list[int] = once(
        name, idempotency.fingerprint(request.path, form.back.data, shown_at.isoformat()), look
    ).body
    return found


def _problem(form: BulkForm, ids: list[int]) -> str:
    if not ids:
        return _("Tick the cases first.")
    if len(ids) > case_bulk.MOST_AT_ONCE:
        return _("At most %(most)s cases at once.", most=case_bulk.MOST_AT_ONCE)
    return "" if form.validate_on_submit() else " ".join(str(e) for errors in form.errors.values() for e in errors)


def _refused(words: str, back: str) -> Page:
    flash(words, "error")
    return redirect(back, code=303)


def _one(case_id: int, number: str | None, key: str, act: case_bulk.Act) -> Result:
    def run() -> Answer:
        return Answer(200, {"answered_reminder": act(case_id)})

    name = f"{key}:{case_id}"[-idempotency.MAX_LENGTH :]
    try:
        answer = once(name, idempotency.fingerprint(request.path, str(case_id), request.form.get("act", "")), run)
    except (Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation) as error:
        return Result(case_id, number, is_done=False, words=message_of(error))
    words = _("The reminder is answered with these words.") if answer.body["answered_reminder"] else ""
    return Result(case_id, number, is_done=True, words=words)


def list_url(query: str | None, endpoint: str = "cases.cases") -> str:
    """The list as it was: whatever came back, it is an address of ours."""
    kept = urlencode(parse_qsl(query or ""))
    return f"{url_for(endpoint)}?{kept}" if kept else url_for(endpoint)
