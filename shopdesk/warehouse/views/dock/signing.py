"""退件签收: scan after scan, each answered in one round trip by known, unknown, already or STOP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from shopdesk.core import clock, idempotency
from shopdesk.core.errors import RuleViolation
from shopdesk.core.idempotency import Answer
from shopdesk.core.permissions import Permission
from shopdesk.parcels.states import Stage
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.states import SignIn
from shopdesk.warehouse.forms import SignInForm
from shopdesk.warehouse.queries import docking
from shopdesk.warehouse.views.dock import bp
from shopdesk.warehouse.views.parts import PART
from shopdesk.warehouse.views.words import moment
from shopdesk.web.errors import message_of
from shopdesk.web.forms import new_key
from shopdesk.web.guard import actor, needs
from shopdesk.web.locale import label, when
from shopdesk.web.once import once


@dataclass(frozen=True, slots=True)
class Shown:
    """One scan as the page shows it; `result` is the sound."""

    result: str
    title: str
    code: str
    what: str
    line: str
    rows: list[tuple[str, str]]
    is_late: bool = False


@bp.get("/dock/sign-in")
@needs(Permission.ARRIVAL_SIGN)
def sign_in() -> str:
    return _page(SignInForm(formdata=None), None)


@bp.post("/dock/sign-in")
@needs(Permission.ARRIVAL_SIGN)
def take_in() -> Response:
    """Answers with the result itself: a reload sends the same command key and gets the same answer."""
    form = SignInForm()
    problem, found = None, None
    if form.validate():
        try:
            found = shown(_once(form))
        except RuleViolation as error:
            problem = message_of(error)
    else:
        problem = next((str(text) for texts in form.errors.values() for text in texts), _("Scan or type a number."))
    status = 422 if problem else 200
    if request.headers.get(PART):
        return make_response(render_template("dock/_signed.html", found=found, problem=problem), status)
    kept = SignInForm(formdata=None, warehouse=form.warehouse.data, place=form.place.data)
    return make_response(_page(kept, found, problem), status)


def _once(form: SignInForm) -> dict[str, Any]:
    """The scan behind its command key: where the answer was lost, the same key brings it again, also told late."""
    print_ = idempotency.fingerprint(request.method, request.path, form.code.data, form.warehouse.data)
    return dict(once(form.command_key.data or new_key(), print_, lambda: Answer(200, _signed(form))).body)


def _signed(form: SignInForm) -> dict[str, Any]:
    done = service.sign_in(
        form.code.data or "", form.warehouse.data or 0, place=form.place.data, happened_at=form.at, actor=actor()
    )
    return docking.signed(done, actor())


def _page(form: SignInForm, found: Shown | None, problem: str | None = None) -> str:
    return render_template(
        "dock/sign_in.html",
        form=form,
        found=found,
        problem=problem,
        houses=docks.warehouses_of(actor(), Permission.ARRIVAL_SIGN),
        now=clock.now().isoformat(),
        who=actor().id,
    )


def shown(told: dict[str, Any]) -> Shown:
    result, reason = SignIn(told["result"]), told["reason"]
    title, what = _words(told, result, reason)
    rows = _stop_rows(told, reason) if result is SignIn.STOP else []
    line = " · ".join((told["code"], title, what))
    return Shown(str(result), title, told["code"], what, line, rows, told["is_late"])


def _words(told: dict[str, Any], result: SignIn, reason: str) -> tuple[str, str]:
    if result is SignIn.UNKNOWN:
        return _("Unknown"), _("Signed in. Put it with the unknown parcels.")
    if result is SignIn.ALREADY:
        return _("Signed in already"), _("since %(at)s. Nothing to do.", at=_since(told))
    if result is SignIn.STOP:
        return _("STOP"), _("This parcel should not be here")
    if told["elsewhere"]:
        return _("Signed in"), _("It was expected at %(house)s: it stays here.", house=told["elsewhere"])
    if reason == "own_parcel":
        return _("Signed in"), _("Our own parcel comes back, nobody announced it: put it with the unknown parcels.")
    return _("Signed in"), _("To the inspection")


def _since(told: dict[str, Any]) -> str:
    there = told["arrival"]
    at = when(moment(there["signed_in_at"]), told["zone"])
    return f"{at} · {there['place']}" if there["place"] else at


def _stop_rows(told: dict[str, Any], reason: str) -> list[tuple[str, str]]:
    if reason == "opened":
        opened = when(moment(told["arrival"]["opened_at"]), told["zone"])
        return [
            (_("Why"), _("signed in %(at)s and opened %(opened)s", at=_since(told), opened=opened)),
            (_("What to do"), _("Look whether the box is empty; if not, put it aside and tell the supervisor.")),
        ]
    why = _("one of our own parcels: %(stage)s", stage=label(Stage(told["stage"])))
    return [(_("Why"), why), (_("What to do"), _("It never left. Bring it back to where parcels are packed."))]
