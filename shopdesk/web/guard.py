"""The only door from a request to an Actor, and the word on each view who may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any, Literal

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user

from shopdesk.core import beside, clock
from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed, NotSignedIn
from shopdesk.core.permissions import Actor, Permission
from shopdesk.staff import queries
from shopdesk.staff.models import Person

Scope = Literal["public", "own", "store"]
login_manager = LoginManager()
READING = {"GET", "HEAD"}  # methods that only read
#: Endpoints of libraries that carry no view of ours.
OPEN_ENDPOINTS = {"static"}


class SignedIn:
    """Flask-Login's view of a person in one session.

    The person's epoch is in the id, so that rights and passwords revoke at once; the session's own secret is in it
    too, so that signing out ends this session and every copy of its cookie, and no other.
    """

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, person: Person, secret: str) -> None:
        self.person, self.secret = person, secret

    def get_id(self) -> str:
        return f"{self.person.id}.{self.person.epoch}.{self.secret}"


@login_manager.user_loader
def _load(user_id: str) -> SignedIn | None:
    person_id, _, rest = user_id.partition(".")
    epoch, _, secret = rest.partition(".")
    person = queries.person_in_session(int(person_id), secret) if person_id.isdigit() and secret else None
    if person is None or person.disabled_at or str(person.epoch) != epoch:
        return None
    return SignedIn(person, secret)


def in_api() -> bool:
    return request.path.startswith("/api/")


class Sessions(SecureCookieSessionInterface):
    """Flask's own; a request without a cookie, as every one of the API, makes no signer to read it with."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if "HTTP_COOKIE" not in request.environ or self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """The API keeps no session: only the word that its language may have come from one."""
        if in_api() and not session.modified:
            response.headers.add("Vary", "Cookie")
            return
        super().save_session(app, session, response)


def set_actor() -> None:
    """Pages know people by their session, the API by its bearer token; neither accepts the other's."""
    g.actor = None
    g.person = None
    if request.endpoint in OPEN_ENDPOINTS:
        return
    if in_api():
        _set_by_token()
    elif current_user.is_authenticated:
        g.person = current_user.person
        g.actor = queries.actor_for(g.person, channel="page")


def _set_by_token() -> None:
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not secret:
        return
    if request.method in READING:
        beside.begin(db.engine)
    held = queries.token_holder(secret.strip())
    if held:
        g.person, g.actor = held


def end_reading(_error: BaseException | None) -> None:
    """Whatever came of the request, its connection goes back."""
    beside.end()


def actor() -> Actor:
    """The actor of this request.  Raises NotSignedIn."""
    if g.actor is None:
        raise NotSignedIn("Please sign in.")
    found: Actor = g.actor
    return found


def here() -> Actor:
    """The actor of this request, narrowed to the store that was chosen in the switcher."""
    who = actor()
    store_id = int(session.get("store") or 0)
    return replace(who, roles={store_id: who.roles[store_id]}) if store_id in who.roles else who


def needs(
    permission: Permission | None, *, scope: Scope = "store"
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """State on a view who may see it: a permission held in some store, or (None) anybody signed in.

    `scope` says how its rows are found: `store` = through the store scope, `own` = the person's own things.
    """

    def mark(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def run(*args: Any, **kwargs: Any) -> Any:
            who = actor()
            if permission and not who.has_anywhere(permission):
                if not who.roles:
                    raise NotAllowed("No store is open to you yet.", code="no_store", permission=str(permission))
                raise NotAllowed("Your roles do not allow this.", permission=str(permission))
            return view(*args, **kwargs)

        run.needs = (permission, scope)  # type: ignore[attr-defined]
        return run

    return mark


def public(view: Callable[..., Any]) -> Callable[..., Any]:
    """State on a view that it needs nobody: sign-in, health, API documents."""
    view.needs = (None, "public")  # type: ignore[attr-defined]
    return view


def check_routes(app: Flask) -> None:
    """Deny by default: an app with a route that says nothing does not start."""
    bare = [e for e, view in app.view_functions.items() if e not in OPEN_ENDPOINTS and not hasattr(view, "needs")]
    if bare:
        raise RuntimeError(f"views without @needs: {', '.join(sorted(bare))}")


def forget_session() -> None:
    """Empty the session but for the language that this browser chose."""
    locale = g.person.locale if g.get("person") else None
    locale = locale or session.get("locale")
    session.clear()
    if locale:
        session["locale"] = locale


def keep_session_limits(app: Flask) -> None:
    """Sign out after the idle and the absolute limit."""
    if in_api() or "_user_id" not in session:
        return
    at = clock.now().timestamp()
    idle = timedelta(minutes=app.config["SESSION_IDLE_MINUTES"]).total_seconds()
    whole = timedelta(hours=app.config["SESSION_MAX_HOURS"]).total_seconds()
    if at - session.get("seen", 0) > idle or at - session.get("since", 0) > whole:
        forget_session()
        return
    if at - session["seen"] > 60:  # not on every request: the cookie is sent only when it changes
        session["seen"] = at
