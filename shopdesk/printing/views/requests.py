"""What changes ask of printing: papers once more, parcels to void; and a re-print by one's own choice."""

from __future__ import annotations

from flask import flash, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import CANCELLING, Code
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, RuleViolation
from shopdesk.core.permissions import Permission
from shopdesk.parcels import queries as parcels
from shopdesk.printing import service
from shopdesk.printing.forms import ReprintForm, VoidForm
from shopdesk.printing.queries import found as finding
from shopdesk.printing.queries.asked import asked, void_of
from shopdesk.printing.states import Paper, Parts, Why
from shopdesk.printing.views import ID, bp
from shopdesk.printing.views.queue import last_paper
from shopdesk.staff import queries as staff
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import new_key, submit
from shopdesk.web.guard import actor, here, needs

Page = tuple[str, int] | str | Response
REFUSED = (Conflict, IllegalMove, RuleViolation)


@bp.get("/printing/reprints")
@needs(Permission.PARCEL_PRINT)
def reprints() -> Page:
    return _reprints(parcel_id=None)


@bp.post(f"/printing/parcels/<{ID}:parcel_id>/reprint")
@needs(Permission.PARCEL_PRINT)
def reprint(parcel_id: int) -> Page:
    """Where a change's turn it is, its step; else by choice, with why."""
    form = ReprintForm()
    if not form.validate():
        words = " ".join(str(e) for field in form for e in field.errors)
        return _reprints(parcel_id=parcel_id, problem=words, typed=form), 422
    try:
        return submit(form, lambda: _reprinted(parcel_id, form))
    except REFUSED as error:
        return _reprints(parcel_id=parcel_id, problem=message_of(error), typed=form), STATUS[type(error)]


def _reprinted(parcel_id: int, form: ReprintForm) -> str:
    paper, parts = Paper(form.paper.data), Parts(form.parts.data)
    seen = form.seen_version.data or ""
    run = service.reprint(
        parcel_id, Why(form.why.data), paper, parts, waybill=form.waybill.data,
        seen_version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None, actor=actor(),
    )  # fmt: skip
    session["paper"], session["parts"] = str(paper), str(parts)
    return url_for("printing.papers", print_id=run.id)


def _reprints(*, parcel_id: int | None, problem: str | None = None, typed: ReprintForm | None = None) -> str:
    code = parcels.scanned(request.args.get("code", ""))
    found = finding.by_id(parcel_id, actor()) if parcel_id else finding.by_code(code, actor()) if code else None
    form = ReprintForm(formdata=None)
    form.paper.data, form.parts.data = last_paper()
    if typed is not None:
        for name in ("why", "paper", "parts", "waybill"):
            getattr(form, name).data = getattr(typed, name).data
    rows = asked({Code.REPRINT}, here())
    return render_template(
        "printing/reprints.html",
        rows=[row for row in rows if row.is_turn],
        later=[row for row in rows if not row.is_turn],
        code=code,
        found=found,
        form=form,
        problem=problem,
        new_key=new_key,
        zone=staff.zone_for(actor()),
    )


@bp.get("/printing/voids")
@needs(Permission.PARCEL_VOID)
def voids() -> Page:
    return _voids()


@bp.post(f"/printing/voids/<{ID}:change_id>")
@needs(Permission.PARCEL_VOID)
def void(change_id: int) -> Page:
    form = VoidForm()
    try:
        return submit(form, lambda: _voided(change_id, form))
    except REFUSED as error:
        return _voids(problem=error), STATUS[type(error)]


def _voided(change_id: int, form: VoidForm) -> str:
    position = void_of(change_id, actor())
    if position is None:
        raise finding.nothing_to_void(change_id, actor())
    seen = form.seen_version.data or ""
    version = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    changes.do_step(change_id, position, Evidence(), actor=actor(), seen_version=version)
    flash(_("Voided. After-sale is asked to refund what was paid."), "success")
    return url_for("printing.voids")


def _voids(*, problem: DomainError | None = None) -> str:
    rows = asked(CANCELLING, here())
    return render_template(
        "printing/voids.html",
        rows=[row for row in rows if row.is_turn],
        later=[row for row in rows if not row.is_turn],
        problem=message_of(problem) if problem else None,
        new_key=new_key,
    )
