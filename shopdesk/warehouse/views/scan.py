"""The scan page: one field, three modes, each scan answered in one round trip by green, amber or a red STOP."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from shopdesk.core import idempotency
from shopdesk.core.errors import RuleViolation
from shopdesk.core.idempotency import Answer
from shopdesk.core.permissions import Permission
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.forms import ScanForm
from shopdesk.warehouse.states import OFFERED, Mode
from shopdesk.warehouse.views import bp
from shopdesk.warehouse.views.parts import PART, page
from shopdesk.warehouse.views.recall_words import with_answers
from shopdesk.warehouse.views.words import shown
from shopdesk.web.errors import message_of
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import once


@bp.get("/warehouse/scan")
@needs(Permission.PARCEL_PACK)
def scan() -> str:
    wanted = request.args.get("mode", "")
    form = ScanForm(formdata=None, mode=wanted if wanted in OFFERED else str(Mode.PACK))
    return page(form, None)


@bp.post("/warehouse/scan")
@needs(Permission.PARCEL_PACK)
def take_scan() -> Response:
    """Answers with the result itself: a reload sends the same command key and gets the same answer."""
    form = ScanForm()
    problem = None
    found = None
    if form.validate():
        try:
            told = _once(form)
            found = with_answers(shown(told), told, actor())
        except RuleViolation as error:
            problem = message_of(error)
    else:
        problem = next((str(text) for texts in form.errors.values() for text in texts), _("Scan or type a number."))
    status = 422 if problem else 200
    if request.headers.get(PART):
        return make_response(
            render_template("warehouse/_result.html", found=found, problem=problem, mode=form.mode.data), status
        )
    return make_response(page(ScanForm(formdata=None, mode=form.mode.data), found, problem), status)


def _once(form: ScanForm) -> dict[str, Any]:
    """The scan behind its command key: where the answer was lost, the same key brings it again, also told late."""
    print_ = idempotency.fingerprint(request.method, request.path, form.code.data, form.mode.data)
    return dict(once(form.command_key.data or new_key(), print_, lambda: Answer(200, _scanned(form))).body)


def _scanned(form: ScanForm) -> dict[str, Any]:
    text, mode = form.code.data or "", Mode(form.mode.data)
    if mode is Mode.RECALL:
        return queries.told(service.look(text, actor=actor()))
    return queries.told(service.scan(text, mode, happened_at=form.at, actor=actor()))
