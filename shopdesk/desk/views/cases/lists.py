"""售后单: the queue of cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shopdesk.cases.states import CaseKind, CasePhase, Reason, WaitingFor
from shopdesk.core import clock, paging
from shopdesk.core.errors import Malformed
from shopdesk.core.permissions import Permission, Role
from shopdesk.desk.forms.cases import words_of
from shopdesk.desk.queries.cases import queue
from shopdesk.desk.queries.cases.filters import DAYS, LISTS, WAITS, Filter, Sort, View, read
from shopdesk.desk.queries.cases.queue import Count
from shopdesk.desk.queries.cases.shapes import Position
from shopdesk.desk.service.case_bulk import MOST_AT_ONCE
from shopdesk.desk.views.cases import saved
from shopdesk.desk.views.cases.blueprint import bp
from shopdesk.staff import queries as staff
from shopdesk.web.forms import new_key
from shopdesk.web.guard import here, needs
from shopdesk.web.locale import label

PAGE = 50
VIEWS = {
    View.ALL: lazy_gettext("Open"),
    View.MINE: lazy_gettext("Mine"),
    View.UNASSIGNED: lazy_gettext("Nobody's yet"),
    View.LEFT: lazy_gettext("Owner left"),
    View.DUE_TODAY: lazy_gettext("Due today"),
    View.OVERDUE: lazy_gettext("Overdue"),
    View.ENDED: lazy_gettext("Ended"),
}
COLUMNS = {
    "kind": lazy_gettext("Kind"),
    "order": lazy_gettext("Order no."),
    "buyer": lazy_gettext("Buyer"),
    "reason": lazy_gettext("Reason"),
    "state": lazy_gettext("State"),
    "waiting": lazy_gettext("Waiting for"),
    "owner": lazy_gettext("Owner"),
    "due": lazy_gettext("Due"),
    "platform": lazy_gettext("On the platform"),
    "source": lazy_gettext("Source"),
    "since": lazy_gettext("Since"),
}
SHOWN = ("kind", "order", "state", "waiting", "owner", "due", "since")


@bp.get("/cases")
@needs(Permission.CASE_READ)
def cases() -> str:
    wanted = wanted_now()
    view = queue.page(here(), wanted, after=_after(wanted), limit=PAGE)
    counts = queue.counts(here(), wanted)
    shops = {store.id: store for store in staff.stores_of(here())}
    return render_template(
        "cases/cases.html",
        rows=view.rows,
        wanted=wanted,
        tabs=[*_views(wanted)],
        waits=[_pill(label(party), whose=str(view), on=view is wanted.view) for view, party in WAITS.items()],
        kinds=_kinds(counts, wanted),
        total=_total(counts),
        columns=_columns(),
        all_columns=COLUMNS,
        choices=_choices(wanted, shops),
        kept=parameters(),
        shops=shops,
        shows_stores=len({row.store_id for row in view.rows}) > 1,
        words_of=words_of,
        new_key=new_key,
        saved=saved.shown(here(), shops),
        sharing=saved.sharing(here(), shops),
        assignees=_assignees(),
        may=_rights(),
        next_url=_next(view.following),
        is_later="after" in request.args,
        shown_at=clock.now().isoformat(),
        most=MOST_AT_ONCE,
        first_url=href(),
    )


def wanted_now() -> Filter:
    return read(request.args.to_dict(flat=False))


def parameters() -> dict[str, list[str]]:
    """What of the address belongs to the view: without the place in the list."""
    given = request.args.to_dict(flat=False)
    return {name: values for name in ("whose", *LISTS, *DAYS, "sort", "column") if (values := given.get(name))}


def href(**changed: Any) -> str:
    """This list with some parameters changed; it begins anew.  None leaves one out."""
    kept = {name: values for name, values in {**parameters(), **changed}.items() if values}
    address = url_for("cases.cases")
    return f"{address}?{urlencode(kept, doseq=True)}" if kept else address


def _pill(words: str, *, on: bool, count: Any = None, **changed: Any) -> dict[str, Any]:
    return {"label": words, "count": count, "active": on, "href": href(**changed)}


def _views(wanted: Filter) -> Iterable[dict[str, Any]]:
    """Those whose owner has left only where somebody has."""
    hidden = set() if wanted.view is View.LEFT or staff.leavers() else {View.LEFT}
    for view, words in VIEWS.items():
        if view in hidden:
            continue
        yield _pill(str(words), on=view is wanted.view, whose=None if view is View.ALL else str(view))


def _kinds(counts: dict[CaseKind, Count], wanted: Filter) -> list[dict[str, Any]]:
    found = [_pill(_("All kinds"), on=not wanted.kinds, count=_total(counts), kind=None)]
    for kind in CaseKind:
        if kind in counts or kind in wanted.kinds or wanted.view is View.ENDED:
            count = counts.get(kind, 0) if wanted.view is not View.ENDED else None
            found.append(_pill(label(kind), on=wanted.kinds == (kind,), count=count, kind=[str(kind)]))
    return found


def _total(counts: dict[CaseKind, Count]) -> Count | None:
    if not counts:
        return None
    return Count(sum(count.found for count in counts.values()), any(count.is_more for count in counts.values()))


def _columns() -> list[str]:
    chosen = [name for name in COLUMNS if name in request.args.getlist("column")]
    return chosen or list(SHOWN)


def _choices(wanted: Filter, shops: dict[int, Any]) -> list[tuple[str, str, list[tuple[str, str, bool]]]]:
    """(name, words, [(value, words, is chosen)]) of each filter that is a list."""
    found = [
        ("kind", _("Kind"), [(str(one), label(one), one in wanted.kinds) for one in CaseKind]),
        ("phase", _("Phase"), [(str(p), label(p), p in wanted.phases) for p in CasePhase if p is not CasePhase.CLOSED]),
        ("reason", _("Reason"), [(str(one), label(one), one in wanted.reasons) for one in Reason]),
        ("waiting", _("Waiting for"), [(str(one), label(one), one in wanted.waiting) for one in WaitingFor]),
        ("owner", _("Owner"), [(str(i), name, i in wanted.owners) for i, name in _people()]),
    ]
    if len(shops) > 1:
        found.append(("shop", _("Store"), [(str(one.id), one.name, one.id in wanted.shops) for one in shops.values()]))
    return found


def _assignees() -> list[tuple[int, str]]:
    """To whom the reader may give cases of a list: a supervisor to anybody, others take what nobody has."""
    who = here()
    supervises = any(Role.SUPERVISOR in held for held in who.roles.values())
    return [(person_id, name) for person_id, name in _people() if supervises or person_id == who.id]


def _people() -> list[tuple[int, str]]:
    """Everybody who can have a case in the stores looked at."""
    return staff.people_of_stores(here().stores_with(Permission.CASE_READ), Role.AFTER_SALE, Role.FINANCE)


def _rights() -> dict[str, bool]:
    who = here()
    supervises = any(Role.SUPERVISOR in roles for roles in who.roles.values())
    return {
        "assign": who.has_anywhere(Permission.CASE_ASSIGN),
        "share": supervises and who.has_anywhere(Permission.CASE_ASSIGN),
        "plan": who.has_anywhere(Permission.CASE_WORK),
        "close": who.has_anywhere(Permission.CASE_CLOSE),
        "count": who.has_anywhere(Permission.CASE_COUNT),
        "export": who.has_anywhere(Permission.CASE_EXPORT),
        "remind": who.has_anywhere(Permission.CASE_REMIND),
        "confirm": who.has_anywhere(Permission.RETURN_CONFIRM),
        "policies": who.has_anywhere(Permission.POLICY_WRITE),
    }


def _next(following: Position | None) -> str | None:
    if following is None:
        return None
    due_at, case_id = following
    return href(after=[paging.encode(due_at.isoformat() if due_at else "", case_id)])


def _after(wanted: Filter) -> Position | None:
    """Where the page begins; an address that says nothing useful begins at the beginning."""
    given = request.args.get("after", "")
    if not given:
        return None
    try:
        due, case_id = paging.decode(given, (str, int))
        due_at = datetime.fromisoformat(due) if due else None
    except (Malformed, ValueError):
        return None
    if due_at is not None and due_at.tzinfo is None:
        return None
    is_by_due = wanted.sort is Sort.DUE and wanted.view is not View.ENDED
    return (due_at if is_by_due else None, case_id)


__all__ = ["cases", "href", "parameters", "wanted_now"]
