"""售后单: the list of cases, one case, and the form that opens one on an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from shopdesk.cases import queries, service
from shopdesk.cases.forms import AcceptForm, CaseForm, CloseForm, words_of
from shopdesk.cases.models import Case
from shopdesk.cases.queries import CaseRow, Whose
from shopdesk.cases.service import Application
from shopdesk.cases.states import SIMPLE, CaseKind, CasePhase
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import load
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.frame import shown_at
from shopdesk.web.guard import actor, here, needs
from shopdesk.web.locale import label

bp = Blueprint("cases", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id
PAGE = 50
Page = str | tuple[str, int] | Response
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation)
NOT_YOURS = frozenset({"other_role", "not_the_owner", "serves_no_customer"})
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


@bp.get(f"/cases/<{ID}:case_id>")
@needs(Permission.CASE_READ)
def case(case_id: int) -> Page:
    return _show(case_id, CloseForm())


@dataclass(frozen=True, slots=True)
class Buttons:
    """What this person may do with a case; the commands decide again."""

    accept: bool
    close: bool


def _buttons(found: Case, who: Actor) -> Buttons:
    held = who.roles.get(found.store_id, frozenset())
    is_open, is_free = found.phase is not CasePhase.CLOSED, found.owner_id is None
    owns = not is_free and found.owner_id == who.id
    may_close = owns or Role.SUPERVISOR in held or (is_free and found.kind in SIMPLE)
    return Buttons(
        accept=is_open and is_free and found.role in held and who.may(Permission.CASE_ACCEPT, found.store_id),
        close=is_open and may_close and who.may(Permission.CASE_CLOSE, found.store_id),
    )


def _show(case_id: int, form: CloseForm, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    found = queries.case_by_id(case_id, actor())
    shown_at(url_for("cases.case", case_id=case_id))
    names = staff.signatures({i for i in (found.opened_by_id, found.owner_id, found.closed_by_id) if i})
    is_clear = queries.reads_wish(found, actor())
    why = "shown on the open case"
    html = render_template(
        "cases/case.html",
        case=found,
        order=orders.order_by_id(found.order_id, found.store_id),
        store=staff.store_by_id(found.store_id),
        heading=words_of(found.kind, found.goal),
        wish=found.wish.reveal(why) if is_clear else str(found.wish),
        outcome=(found.outcome.reveal(why) if is_clear else str(found.outcome)) if found.outcome else "",
        names=names,
        may=_buttons(found, actor()),
        form=form,
        problem=problem,
        new_key=new_key,
    )
    return html, status


@bp.post(f"/cases/<{ID}:case_id>/accept")
@needs(Permission.CASE_ACCEPT)
def accept(case_id: int) -> Page:
    def act() -> str:
        service.accept(case_id, actor=actor())
        return url_for("cases.case", case_id=case_id)

    return _run(case_id, AcceptForm(), act, said=_("The case is yours."))


@bp.post(f"/cases/<{ID}:case_id>/close")
@needs(Permission.CASE_CLOSE)
def close(case_id: int) -> Page:
    form = CloseForm()

    def act() -> str:
        service.close(case_id, form.outcome.data or "", actor=actor())
        return url_for("cases.case", case_id=case_id)

    return _run(case_id, form, act, said=_("The case is closed."))


def _run(case_id: int, form: AcceptForm | CloseForm, act: Any, *, said: str) -> Page:
    """Run the command once; what is refused shows the case as it is now, with everything typed."""
    typed = form if isinstance(form, CloseForm) else CloseForm(formdata=None)
    if not form.validate_on_submit():
        return _show(case_id, typed, status=422)
    try:
        answer = submit(form, act)
    except DomainError as error:
        if not isinstance(error, SHOWN_HERE) and error.code not in NOT_YOURS:
            raise
        form.command_key.data = new_key()
        return _show(case_id, typed, status=STATUS[type(error)], problem=message_of(error))
    flash(said, "success")
    return answer


@bp.get(f"/orders/<{ID}:order_id>/cases/new")
@needs(Permission.CASE_OPEN)
def new_case(order_id: int) -> Page:
    form = CaseForm(formdata=None)
    wanted = request.args.get("kind", "")
    form.kind.data = wanted if wanted in {choice.value for choice in form.kind.choices or ()} else None
    return _form_page(order_id, form)


@bp.post(f"/orders/<{ID}:order_id>/cases")
@needs(Permission.CASE_OPEN)
def open_case(order_id: int) -> Page:
    form = CaseForm()
    load(Order, order_id, actor(), Permission.CASE_OPEN)
    if not form.validate_on_submit():
        return _form_page(order_id, form, status=422)
    kind, goal = form.chosen()

    def act() -> str:
        made = service.record(order_id, Application(kind, form.wish.data or "", goal, form.parcel()), actor=actor())
        return url_for("cases.case", case_id=made.id)

    try:
        answer = submit(form, act)
    except SHOWN_HERE as error:
        form.command_key.data = new_key()
        return _form_page(order_id, form, status=STATUS[type(error)], problem=message_of(error))
    flash(_("The case is open."), "success")
    return answer


def _form_page(order_id: int, form: CaseForm, *, status: int = 200, problem: str = "") -> tuple[str, int]:
    order = load(Order, order_id, actor(), Permission.CASE_OPEN)
    shown_at(url_for("cases.new_case", order_id=order_id))
    there: list[CaseRow] = queries.of_order(order_id, order.store_id, actor())
    has_left = bool(queries.left_parcels(order_id, order.store_id))
    html = render_template(
        "cases/new_case.html",
        order=order,
        form=form,
        problem=problem,
        has_left=has_left,
        open_cases=[row for row in there if row.phase is not CasePhase.CLOSED],
        words_of=words_of,
    )
    return html, status
