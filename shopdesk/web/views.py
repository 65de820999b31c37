"""Signing in and out, the language, and what a load balancer asks."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Blueprint, current_app, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from shopdesk.core import clock
from shopdesk.core.errors import NotFound, NotSignedIn, RuleViolation, TooMany
from shopdesk.staff import queries, service
from shopdesk.staff.models import Person
from shopdesk.staff.service import PASSWORD_MIN
from shopdesk.web.errors import message_of
from shopdesk.web.guard import SignedIn, actor, forget_session, needs, public
from shopdesk.web.health import readiness
from shopdesk.web.locale import LOCALES
from shopdesk.web.sign_in import PasswordForm, SignInForm

bp = Blueprint("web", __name__)
OWN_PATH = re.compile(r"/(?![/\\])[^\\]*\Z")


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Response:
    if g.person is not None and request.method == "GET":
        return redirect(safe_next(request.args.get("next")), code=303)
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, 422 if form.errors else 200)
    limits = {
        "tries": current_app.config["SIGN_IN_TRIES"],
        "window_minutes": current_app.config["SIGN_IN_WINDOW_MINUTES"],
    }
    try:
        person = service.sign_in(form.login.data, form.password.data, address=request.remote_addr or "?", **limits)
    except (NotSignedIn, TooMany) as error:
        form.password.errors = [message_of(error)]
        answer = _sign_in_page(form, 429 if isinstance(error, TooMany) else 422)
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.facts["retry_after_seconds"])
        return answer
    begin_session(person)
    return redirect(safe_next(request.args.get("next")), code=303)


def _sign_in_page(form: SignInForm, status: int) -> Response:
    wanted = request.args.get("next")
    page = render_template("sign_in.html", form=form, next_path=wanted if safe_next(wanted) == wanted else None)
    return make_response(page, status)


def begin_session(person: Person) -> None:
    forget_session()  # nothing of an earlier person on this browser survives
    login_user(SignedIn(person, secrets.token_urlsafe(32)))
    session["since"] = session["seen"] = clock.now().timestamp()
    session.permanent = False


def safe_next(wanted: str | None) -> str:
    """Only a path of our own; anything else leads home."""
    home = url_for("desk.look_up")
    if not wanted or len(wanted) > 2000 or not OWN_PATH.match(wanted) or not wanted.isprintable():
        return home
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return home
    # What a browser or a proxy decodes or tidies must not become "//host" either.
    path = unquote(unquote(parts.path))
    odd = "//" in path or "\\" in path or not path.isprintable() or "/." in path
    return home if parts.scheme or parts.netloc or odd else wanted


@bp.post("/sign-out")
@needs(None, scope="own")
def sign_out() -> Response:
    """Ends this session in every browser that holds a copy of its cookie; the person's other sessions go on."""
    longest = timedelta(hours=current_app.config["SESSION_MAX_HOURS"])
    until = datetime.fromtimestamp(session["since"], UTC) + longest
    service.sign_out(current_user.secret, until=until, actor=actor())
    logout_user()
    forget_session()
    return redirect(url_for("web.sign_in"), code=303)


@bp.route("/welcome/<secret>", methods=["GET", "POST"])
@public
def welcome(secret: str) -> Response:
    """A one-time link: choose a password."""
    if request.method == "GET" and not queries.is_link_open(secret):
        raise NotFound("This link is not valid any more.", code="link_invalid")
    form = PasswordForm()
    if not form.validate_on_submit():
        return _welcome_page(form, 422 if form.errors else 200)
    try:
        person = service.redeem_link(secret, form.password.data)
    except (NotFound, RuleViolation) as error:
        form.password.errors = [message_of(error)]
        return _welcome_page(form, 404 if isinstance(error, NotFound) else 422)
    begin_session(person)
    flash(_("Welcome. Your password is set."))
    return redirect(url_for("desk.look_up"), code=303)


def _welcome_page(form: PasswordForm, status: int) -> Response:
    return make_response(render_template("welcome.html", form=form, least=PASSWORD_MIN), status)


@bp.post("/language")
@public
def language() -> Response:
    """Works before signing in too; a signed-in person keeps the choice."""
    wanted = request.form.get("language", "")
    if wanted in LOCALES:
        session["locale"] = wanted
        if g.person is not None:
            service.set_locale(g.person.id, wanted, actor=actor())
    return redirect(safe_next(request.form.get("next")), code=303)


@bp.get("/healthz")
@public
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@bp.get("/readyz")
@public
def readyz() -> tuple[dict[str, Any], int]:
    """The process can work: 503 where the database or the data directory is not as it must be."""
    state, is_ready = readiness()
    return state, 200 if is_ready else 503
