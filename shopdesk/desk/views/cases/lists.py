"""售后单: the list of cases."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from shopdesk.cases import queries
from shopdesk.cases.queries import Whose
from shopdesk.cases.states import CaseKind
from shopdesk.core.permissions import Permission
from shopdesk.desk.forms.cases import words_of
from shopdesk.desk.views.cases.blueprint import bp
from shopdesk.staff import queries as staff
from shopdesk.web.guard import actor, here, needs
from shopdesk.web.locale import label

PAGE = 50
WHOSE = {
    Whose.ALL: lazy_gettext("Open"),
    Whose.MINE: lazy_gettext("Mine"),
    Whose.UNASSIGNED: lazy_gettext("Nobody's yet"),
    Whose.CLOSED: lazy_gettext("Ended"),
}


@bp.get("/cases")
@needs(Permission.CASE_READ)
def cases() -> str:
    whose, kind = _whose(), _kind()
    rows = queries.page(here(), whose, kind=kind, after=_after(), limit=PAGE + 1)
    shown, counts = rows[:PAGE], queries.counts(here(), whose)
    return render_template(
        "cases/cases.html",
        rows=shown,
        total=sum(counts.values()),
        whose=whose,
        kind=kind,
        tabs=[_tab(str(words), None, whose=each, on=each is whose) for each, words in WHOSE.items()],
        kinds=_kinds(counts, whose, kind),
        shops={store.id: store for store in staff.stores_of(actor())},
        shows_stores=len({row.store_id for row in shown}) > 1,
        words_of=words_of,
        next_url=url_for("cases.cases", whose=whose, kind=kind, after=shown[-1].id) if len(rows) > PAGE else None,
    )


def _tab(words: str, count: int | None, *, on: bool, **values: Any) -> dict[str, Any]:
    return {"label": words, "count": count, "active": on, "href": url_for("cases.cases", **values)}


def _kinds(counts: dict[CaseKind, int], whose: Whose, chosen: CaseKind | None) -> list[dict[str, Any]]:
    found = [_tab(_("All kinds"), sum(counts.values()), on=chosen is None, whose=whose)]
    for kind in CaseKind:
        if kind in counts or kind is chosen:
            found.append(_tab(label(kind), counts.get(kind, 0), on=kind is chosen, whose=whose, kind=kind))
    return found


def _whose() -> Whose:
    given = request.args.get("whose", "")
    return Whose(given) if given in set(Whose) else Whose.ALL


def _kind() -> CaseKind | None:
    given = request.args.get("kind", "")
    return CaseKind(given) if given in set(CaseKind) else None


def _after() -> int | None:
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
