"""登记表: eight registers, one for each kind; looked at, narrowed, taken out as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, redirect, render_template, request, send_file, url_for

from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.case_queue import RegisterForm
from shopdesk.desk.queries.cases import following
from shopdesk.desk.queries.cases import registers as reads
from shopdesk.desk.queries.cases.registers import Asked
from shopdesk.desk.service import registers as service
from shopdesk.desk.states import REGISTERS
from shopdesk.desk.views.cases import register_words as words
from shopdesk.desk.views.cases.blueprint import Page, bp
from shopdesk.desk.views.cases.register_words import Reader
from shopdesk.staff import queries as staff
from shopdesk.web.guard import here, needs
from shopdesk.web.locale import label

PAGE = 50
NAMES = ("kind", "first", "last", "owner", "state")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/cases/registers")
@needs(Permission.CASE_READ)
def registers() -> str:
    form = RegisterForm(formdata=request.args, meta={"csrf": False})
    asked = _asked(form)
    found = reads.entries(here(), asked, limit=PAGE + 1)
    kept = {name: request.args[name] for name in NAMES if request.args.get(name)}
    more: dict[str, Any] | None = {**kept, "after": str(found[PAGE - 1].case.id)} if len(found) > PAGE else None
    return render_template(
        "cases/registers.html",
        entries=found[:PAGE],
        asked=asked,
        form=form,
        kinds=[
            {"label": label(kind), "active": kind is asked.kind, "href": url_for("cases.registers", kind=kind)}
            for kind in REGISTERS
        ],
        people=staff.people_of_stores(here().stores_with(Permission.CASE_READ), Role.AFTER_SALE, Role.FINANCE),
        phases=list(CasePhase),
        reader=(reader := Reader.of(here())),
        shops=reader.shops,
        kept=kept,
        may_export=here().has_anywhere(Permission.CASE_EXPORT),
        next_url=url_for("cases.registers", **more) if more else None,
    )


@bp.post("/cases/registers/export")
@needs(Permission.CASE_EXPORT)
def export_register() -> Page | Response:
    """The whole register as it is narrowed, up to 50,000 entries; masked as the page masks it."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return redirect(url_for("cases.registers"), code=303)
    asked = _asked(form)
    who = here()
    found = reads.every(_exporter(), asked, most=service.MOST_ROWS)
    file, count = service.table(label(asked.kind), words.columns(), words.rows(found, Reader.of(who)))
    service.note_export(str(asked.kind), count, actor=who)
    name = f"{label(asked.kind)}_{following.day_of(who):%Y%m%d}.xlsx"
    return send_file(file, mimetype=XLSX, as_attachment=True, download_name=name)


def _exporter() -> Actor:
    """The person in the stores where they may export."""
    who = here()
    return replace(who, roles={i: who.roles[i] for i in who.stores_with(Permission.CASE_EXPORT)})


def _asked(form: RegisterForm) -> Asked:
    kind, state = form.kind.data, form.state.data
    return Asked(
        CaseKind(kind) if kind in REGISTERS else REGISTERS[0],
        first=_day(form.first.data),
        last=_day(form.last.data),
        owner_id=form.owner_id(),
        state=CasePhase(state) if state in set(CasePhase) else None,
        is_open=state == "open",
        after=form.after_id(),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
