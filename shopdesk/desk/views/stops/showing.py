"""停发: the list, and one stop with the orders it is about."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from flask import flash, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from shopdesk.changes import service as changes
from shopdesk.core import idempotency
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.stops import AnswerForm, EndForm
from shopdesk.desk.views.stops import ID, bp
from shopdesk.parcels import service
from shopdesk.parcels.models import Stop
from shopdesk.parcels.queries import stops as queries
from shopdesk.parcels.states import StopReply
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import submit, submit_in_parts
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import once_per_part

Page = tuple[str, int] | str | Response
ONE = f"/stops/<{ID}:stop_id>"
SHOWN = 100  # stops on a page
ROWS = 100  # orders on a page
NAMED = 5  # orders that a refusal names
OPEN = "open"  # the filter: whose customer has said nothing yet


@bp.get("/stops")
@needs(Permission.ORDER_READ)
def stops() -> Page:
    rows = queries.stops_for(actor(), limit=SHOWN)
    return render_template(
        "stops/stops.html",
        rows=rows,
        shops={store.id: store for store in staff.stores_of(actor())},
        names=staff.signatures({row.stop.made_by_id for row in rows if row.stop.made_by_id}),
        may_stop=actor().has_anywhere(Permission.STOP_WRITE),
    )


@bp.get(ONE)
@needs(Permission.ORDER_READ)
def stop(stop_id: int) -> Page:
    return _page(queries.stop_by_id(stop_id, actor()))


@bp.post(f"{ONE}/end")
@needs(Permission.STOP_WRITE)
def end(stop_id: int) -> Page:
    form = EndForm()
    found = queries.stop_by_id(stop_id, actor())
    if not form.validate():
        return _page(found), 422
    try:
        return submit(form, lambda: _ended(stop_id))
    except IllegalMove as error:
        return _page(found, problem=message_of(error)), STATUS[type(error)]


def _ended(stop_id: int) -> str:
    service.end_stop(stop_id, actor=actor())
    return url_for("stops.stop", stop_id=stop_id)


@bp.post(f"{ONE}/answers")
@needs(Permission.STOP_ANSWER)
def answer(stop_id: int) -> Page:
    form = AnswerForm()
    found = queries.stop_by_id(stop_id, actor())
    if not form.validate():
        return _page(found), 422
    try:
        return submit_in_parts(form, lambda: _answered(stop_id, form))
    except RuleViolation as error:
        return _page(found, problem=message_of(error)), 422


def _answered(stop_id: int, form: AnswerForm) -> str:
    reply = StopReply(form.reply.data)
    noted, refused, left = 0, dict[int, str](), 0
    parts, until = changes.parts_of(_meant(stop_id, form), reply), time.monotonic() + changes.SECONDS
    for index, ids in enumerate(parts):
        if index and time.monotonic() > until:
            left = sum(map(len, parts[index:]))
            break
        # Under a key of what it is about: a repeat may mean fewer orders, and its parts begin elsewhere.
        done = once_per_part(idempotency.fingerprint(ids)[:32], partial(_part, stop_id, ids, reply))
        noted += done["noted"]
        refused |= {int(order_id): why for order_id, why in done["refused"].items()}
    if noted:
        flash(ngettext("Noted for %(num)s order.", "Noted for %(num)s orders.", noted), "success")
    for why, numbers in _by_reason(stop_id, refused).items():
        flash(f"{why} {numbers}", "warning")
    if left:
        flash(ngettext("%(num)s order is left: tick it again.", "%(num)s orders are left: tick them again.", left),
              "warning")  # fmt: skip
    return _here(stop_id)


def _part(stop_id: int, ids: list[int], reply: StopReply) -> dict[str, Any]:
    done = changes.answer_stop(stop_id, ids, reply, actor=actor())
    return {"noted": done.noted, "refused": {order_id: message_of(why) for order_id, why in done.refused.items()}}


def _meant(stop_id: int, form: AnswerForm) -> list[int]:
    """The ids of the ticked orders, or of all that the filter matches, further pages too.

    Of all, those that have this answer already are left out: what is left of many is the next submit's.
    """
    if form.every.data:
        found, reply = queries.stop_by_id(stop_id, actor()), StopReply(form.reply.data)
        up_to, is_open = _number(form.up_to.data), _only() is not None
        ids = queries.affected_ids(found, up_to=up_to, unanswered=is_open, but=reply)
        if not ids:
            raise RuleViolation("All of these orders have this answer already.", code="answered_so")
        return ids
    given = [_number(text) for text in request.form.getlist("order")]
    if not all(given):
        raise NotFound("There is no such thing here.")
    return given


def _by_reason(stop_id: int, refused: dict[int, str]) -> dict[str, str]:
    """Each reason once, with how many it is about and the first of them."""
    numbers = queries.numbers_of(stop_id, list(refused), actor())
    there: dict[str, list[str]] = {}
    for order_id, why in refused.items():
        there.setdefault(why, []).append(numbers[order_id])
    return {
        why: ngettext("%(num)s order: %(numbers)s", "%(num)s orders: %(numbers)s", len(found),
                      numbers=", ".join(found[:NAMED]) + ("…" if len(found) > NAMED else ""))
        for why, found in there.items()
    }  # fmt: skip


def _here(stop_id: int, **more: Any) -> str:
    """The same part of the list, with the same filter."""
    there: dict[str, Any] = {"after": _after() or None, "only": _only()} | more
    return url_for("stops.stop", stop_id=stop_id, **there)


def _only() -> str | None:
    return OPEN if request.args.get("only") == OPEN else None


def _after() -> int:
    return _number(request.args.get("after"))


def _number(text: str | None) -> int:
    """An id as it was sent; 0 for anything else."""
    given = text or ""
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0


def _page(found: Stop, *, problem: str | None = None) -> str:
    store = staff.store_by_id(found.store_id)
    rows = queries.affected(found, limit=ROWS + 1, after=_after(), unanswered=_only() is not None)
    total, replies = queries.affected_count(found), queries.reply_counts(found)
    people = {found.made_by_id, found.ended_by_id, *(row.answered_by_id for row in rows)}
    return render_template(
        "stops/stop.html",
        row=queries.stop_rows([found], actor())[0],
        stop=found,
        store=store,
        zone=store.zone,
        problem=problem,
        rows=rows[:ROWS],
        phrases=_phrases(found, store, rows[:ROWS]),
        total=total,
        matching=total - sum(replies.values()) if _only() else total,
        replies=replies,
        names=staff.signatures({person for person in people if person}),
        next_url=_here(found.id, after=rows[ROWS - 1].order_id) if len(rows) > ROWS else None,
        first_url=_here(found.id, after=None) if _after() else None,
        only=_only(),
        answer_url=url_for("stops.answer", stop_id=found.id, after=_after() or None, only=_only()),
        open_url=url_for("stops.stop", stop_id=found.id, only=OPEN),
        may_stop=actor().may(Permission.STOP_WRITE, store.id),
        may_answer=actor().may(Permission.STOP_ANSWER, store.id),
        may_ask=actor().may(Permission.CHANGE_ASK, store.id),
        form=_form(found, may_ask=actor().may(Permission.CHANGE_ASK, store.id)),
        ending=EndForm(formdata=None),
    )


def _form(found: Stop, *, may_ask: bool) -> AnswerForm:
    """Who may not ask for changes is not offered *cancels*."""
    form = AnswerForm(formdata=None, up_to=queries.newest_hold(found))
    if not may_ask:
        form.reply.choices = [choice for choice in form.reply.choices or () if choice[0] != StopReply.CANCEL]
    return form


def _phrases(found: Stop, store: Store, rows: Sequence[queries.Affected]) -> dict[int, str]:
    goods = queries.goods_in(found, [row.order_id for row in rows], store.memo_language)
    return {
        row.order_id: service.written(found.phrase, order=row.number, store=store.name, goods=goods[row.order_id])
        for row in rows
    }
