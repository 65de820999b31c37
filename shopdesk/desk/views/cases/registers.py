"""登记表: eight registers, one for each kind; looked at, narrowed, taken out as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _

from shopdesk.cases import queries as cases
from shopdesk.cases.states import CaseKind, CasePhase
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.desk.forms.case_queue import RegisterForm
from shopdesk.desk.queries.cases import registers as reads
from shopdesk.desk.queries.cases.registers import Asked, Entry, FollowUp
from shopdesk.desk.service import registers as service
from shopdesk.desk.states import REGISTERS
from shopdesk.desk.views.cases.blueprint import Page, bp
from shopdesk.desk.views.event_words import EVENTS
from shopdesk.staff import queries as staff
from shopdesk.web.guard import here, needs
from shopdesk.web.locale import label

PAGE = 50
NAMES = ("kind", "first", "last", "owner", "state")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHY = "shown in the register"


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
        shops={store.id: store for store in staff.stores_of(here())},
        wish=_wish,
        words=_words,
        kept=kept,
        may_export=here().has_anywhere(Permission.CASE_EXPORT),
        next_url=url_for("cases.registers", **more) if more else None,
    )


@bp.post("/cases/registers/export")
@needs(Permission.CASE_EXPORT)
def export_register() -> Page | Response:
    """The whole register as it is narrowed, up to 50,000 entries; personal values masked."""
    form = RegisterForm()
    if not form.validate_on_submit():
        return redirect(url_for("cases.registers"), code=303)
    asked = _asked(form)
    who = here()
    zones = {store.id: store for store in staff.stores_of(who)}
    rows = (_cells(entry, zones) for entry in reads.every(_exporter(), asked, most=service.MOST_ROWS))
    file, count = service.table(label(asked.kind), _heads(), rows)
    service.note_export(str(asked.kind), count, actor=who)
    name = f"{label(asked.kind)}_{clock.now():%Y%m%d}.xlsx"
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


def _wish(entry: Entry) -> str:
    """In clear for whoever reads it on the case, too."""
    return entry.case.wish.reveal(WHY) if cases.reads_wish(entry.case, here()) else str(entry.case.wish)


def _words(one: FollowUp) -> str:
    known = EVENTS.get(one.action)
    return str(known[1]) if known else one.action


def _heads() -> list[str]:
    return [_head for _head, _cell in _columns(None, {})]


def _cells(entry: Entry, shops: dict[int, Any]) -> dict[str, str]:
    return dict(_columns(entry, shops))


def _columns(entry: Entry | None, shops: dict[int, Any]) -> list[tuple[str, str]]:
    """(head, cell) of each column; without an entry only the heads."""
    case = entry.case if entry else None
    zone = shops[case.store_id].zone if case else "UTC"
    history = "\n".join(_line(one, zone) for one in entry.history) if entry else ""
    return [
        (_("Case no."), case.number if case else ""),
        (_("Store"), shops[case.store_id].name if case else ""),
        (_("Order no."), case.order_number if case else ""),
        (_("Buyer"), str(case.buyer_nick or case.recipient_name or "") if case else ""),
        (_("Kind"), label(case.kind) if case else ""),
        (_("Reason"), label(case.reason) if case and case.reason else ""),
        (_("Details"), label(case.detail) if case and case.detail else ""),
        (_("What the customer wants"), str(case.wish) if case else ""),
        (_("State"), label(case.phase) if case else ""),
        (_("Owner"), (case.owner or "") if case else ""),
        (_("Waiting for"), label(case.waiting_for) if case and case.waiting_for else ""),
        (_("Due"), _time(case.due_at, zone) if case else ""),
        (_("Platform's number"), (case.platform_number or "") if case else ""),
        (_("On the platform"), (case.platform_status or "") if case else ""),
        (_("Recorded on"), _time(case.opened_at, zone) if case else ""),
        (_("Ended"), _time(case.closed_at, zone) if case else ""),
        (_("How it ended"), str(case.outcome or "") if case else ""),
        (_("Follow-up"), history),
    ]


def _line(one: FollowUp, zone: str) -> str:
    return f"{_time(one.at, zone)} {one.who or ''} {_words(one)}"


def _time(at: datetime | None, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M") if at else ""
