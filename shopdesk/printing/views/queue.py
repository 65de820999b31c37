"""待打单: what is to be printed, changed orders first; tick, print, go on to the papers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from flask import render_template, request, session, url_for
from werkzeug.wrappers import Response

from shopdesk.changes.queries.batches import proposed_batch
from shopdesk.changes.states import CANCELLING, Code
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.orders.states import Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.printing import service
from shopdesk.printing.forms import PrintForm
from shopdesk.printing.queries import runs
from shopdesk.printing.queries.asked import count_asked
from shopdesk.printing.queries.queue import NO_COURIER, Asked, Queue, stores_waiting
from shopdesk.printing.queries.queue import queue as read_queue
from shopdesk.printing.states import Paper, Parts
from shopdesk.printing.views import bp
from shopdesk.printing.views.words import reasons_of, why_words
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.guard import actor, here, needs
from shopdesk.web.locale import label

Page = tuple[str, int] | str | Response
P = Permission.PARCEL_PRINT
SHOWN = 100  # parcels on a page
RUNS = 5
GROUPS = ("changed", "ready", "held")
MOST_ID = 19  # digits


@bp.get("/printing", endpoint="queue")
@needs(P)
def show_queue() -> Page:
    return _page(_form())


@bp.post("/printing")
@needs(P)
def print_batch() -> Page:
    """All of the ticked ones or none; a refusal names each that may not and offers to print the others."""
    form = PrintForm()
    if not form.validate():
        return _page(form), 422
    try:
        return submit(form, lambda: _printed(form))
    except RuleViolation as error:
        return _page(form, problem=message_of(error)), 422
    except (IllegalMove, Conflict) as error:
        form.command_key.data = new_key()
        why = cast(dict[str, list[str]], error.facts.get("parcels") or {})
        return _page(form, problem=message_of(error), refused=why), STATUS[type(error)]


def _printed(form: PrintForm) -> str:
    paper, parts = Paper(form.paper.data), Parts(form.parts.data)
    run = service.print_batch(_ticked(), form.batch.data, paper, parts, shown=_shown(), actor=actor())
    session["paper"], session["parts"] = str(paper), str(parts)
    return url_for("printing.papers", print_id=run.id)


def _ticked() -> list[int]:
    given = request.form.getlist("parcel")
    if not all(text.isascii() and text.isdigit() and len(text) < MOST_ID for text in given):
        raise NotFound("There is no such thing here.")
    return [int(text) for text in given]


def _shown() -> dict[int, str]:
    """What this page said of each parcel when it was made."""
    told = (text.split(":", 1) for text in request.form.getlist("shown") if ":" in text)
    return {int(i): what for i, what in told if i.isascii() and i.isdigit() and len(i) < MOST_ID}


def _form() -> PrintForm:
    form = PrintForm(formdata=None)
    form.paper.data, form.parts.data = last_paper()
    return form


def last_paper() -> tuple[str, str]:
    """What this person printed on last."""
    paper, parts = session.get("paper"), session.get("parts")
    return paper if paper in set(Paper) else str(Paper.A4), parts if parts in set(Parts) else str(Parts.BOTH)


def _page(form: PrintForm, *, problem: str | None = None, refused: dict[str, list[str]] | None = None) -> str:
    waiting = stores_waiting(actor())
    store = _store(waiting)
    if store is None:
        return render_template("printing/queue.html", view=None, shops=[], problem=problem)
    asked = _asked()
    view = read_queue(store, asked, actor(), size=SHOWN)
    if not form.batch.data and not form.is_submitted():
        form.batch.data = proposed_batch([store.id], actor())
    numbers = parcels.order_numbers([int(i) for i in refused], store.id) if refused else {}
    ticked = set(request.form.getlist("parcel"))
    shown = _shown()
    return render_template(
        "printing/queue.html",
        view=view,
        store=store,
        zone=store.zone,
        form=form,
        asked=asked,
        first=[row for row in view.rows if row.is_first],
        ready=[row for row in view.rows if row.may_go and not row.is_first],
        held=[row for row in view.rows if row.is_held],
        unready=[row for row in view.rows if not row.may_go and not row.is_held],
        reasons_of=reasons_of,
        tiles=_tiles(view),
        couriers=_couriers(view, asked),
        why_not=_why_not(view, asked),
        shops=_stores(waiting, store),
        voids=count_asked(CANCELLING, replace(here(), roles={store.id: actor().roles[store.id]})),
        reprints=count_asked({Code.REPRINT}, replace(here(), roles={store.id: actor().roles[store.id]})),
        last=runs.newest(actor(), store.id, limit=RUNS),
        problem=problem,
        refused=[(numbers.get(int(i), i), why_words(codes)) for i, codes in (refused or {}).items()],
        others=[(i, shown.get(int(i))) for i in sorted(ticked - refused.keys())] if refused else [],
        ticked=ticked - refused.keys() if refused else ticked,  # who ticks what has moved has seen it
        next_url=_url(after=view.next_after) if view.next_after else None,
        first_url=_url() if asked.after else None,
        this_url=_url(after=asked.after or None),
    )


def _store(waiting: dict[int, int]) -> Store | None:
    """The store that the address names, else the one that was chosen above, else the first with something to print."""
    mine = [store for store in staff.stores_of(actor()) if actor().may(P, store.id)]
    named = next((store for store in mine if store.slug == request.args.get("shop")), None)
    chosen = [store for store in mine if store.id in here().roles]
    return named or next((store for store in chosen if store.id in waiting), next(iter(chosen or mine), None))


def _asked() -> Asked:
    group, after = request.args.get("group"), request.args.get("after", "")
    known = {*GROUPS, *(str(one) for one in Readiness)}
    page = int(after) if after.isascii() and after.isdigit() and len(after) < MOST_ID else 0
    return Asked(group if group in known else None, request.args.get("courier") or None, page)


def _url(**changed: Any) -> str:
    kept = {name: request.args.get(name) for name in ("shop", "group", "courier")}
    return url_for("printing.queue", **{**kept, **changed})


def _tiles(view: Queue) -> dict[str, tuple[int, str, bool]]:
    """Group → count, where it leads, whether it is chosen."""
    now = _asked().group
    return {name: (view.groups[name], _url(group=None if now == name else name), now == name) for name in GROUPS}


def _couriers(view: Queue, asked: Asked) -> list[dict[str, Any]]:
    found = [
        {"label": name, "count": count, "href": _url(courier=name), "active": asked.courier == name}
        for name, count in view.couriers.most_common()
        if name != NO_COURIER
    ]
    if view.couriers[NO_COURIER]:
        found.append({"code": NO_COURIER, "count": view.couriers[NO_COURIER], "href": _url(courier=NO_COURIER),
                      "active": asked.courier == NO_COURIER})  # fmt: skip
    return found


def _why_not(view: Queue, asked: Asked) -> list[dict[str, Any]]:
    return [
        {"label": label(one), "count": count, "href": _url(group=str(one)), "active": asked.group == one}
        for one in Readiness
        if (count := view.groups[str(one)]) and one is not Readiness.READY
    ]


def _stores(waiting: dict[int, int], chosen: Store) -> list[dict[str, Any]]:
    mine = [store for store in staff.stores_of(actor()) if actor().may(P, store.id)]
    return [
        {"label": store.name, "count": waiting.get(store.id, 0), "active": store.id == chosen.id,
         "href": url_for("printing.queue", shop=store.slug)}
        for store in mine
    ]  # fmt: skip
