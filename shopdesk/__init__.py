"""ShopDesk: the after-sales desk of an online shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import Migrate
from flask_wtf import CSRFProtect

import config
from shopdesk.cli import commands
from shopdesk.core.db import db, end_request
from shopdesk.core.secrets import secret_key
from shopdesk.routes import API, HOOKS, PAGES
from shopdesk.tables import MODULES
from shopdesk.warehouse.views import board_shortcut
from shopdesk.web import api, assets, errors, frame, guard, locale, logs, security, selfcheck
from shopdesk.web.api import limit

__all__ = ["MODULES", "create_app"]
ROOT = Path(__file__).resolve().parent.parent
csrf = CSRFProtect()


class Desk(Flask):
    """Flask, without asking of every hook and view at every request whether it is a coroutine: none is."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application.  Raises RuntimeError for unsafe settings, ValueError for malformed ones."""
    app = Desk(__name__, template_folder=str(ROOT / "templates"))
    app.config.from_mapping(config.load(overrides))
    app.config.update({k: v for k, v in (overrides or {}).items() if k not in config.DEFAULTS})
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secret_key(app.config["DATA"])
    app.config.setdefault("WTF_CSRF_ENABLED", True)
    app.session_interface = guard.Sessions()
    selfcheck.check_config(app)

    logs.init_app(app)  # first, so that every request has its id
    board_shortcut.init_app(app)  # behind the proxies that the next line trusts, before everything else
    security.init_app(app)
    db.init_app(app)
    app.teardown_appcontext(end_request)  # before the extension's own, which removes the session
    Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    csrf.init_app(app)
    guard.login_manager.init_app(app, add_context_processor=False)  # an error page must not ask the database
    locale.init_app(app)
    frame.init_app(app)
    assets.init_app(app)
    errors.register(app)
    app.before_request(lambda: guard.keep_session_limits(app))
    app.before_request(guard.set_actor)
    app.teardown_request(guard.end_reading)
    app.before_request(limit.Limit().count)

    for blueprint in PAGES:
        app.register_blueprint(blueprint)
    for blueprint in HOOKS:
        app.register_blueprint(blueprint)
        csrf.exempt(blueprint)
    api.init_app(app, csrf, API)
    app.cli.add_command(commands)
    guard.check_routes(app)
    return app
