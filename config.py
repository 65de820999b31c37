"""Every setting: its unit, its default, one comment each.

Settings come from the environment, named SHOPDESK_<NAME>; `create_app` takes a dict that wins over both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent

DEFAULTS: dict[str, Any] = {
    "DATA": "var",  # folder that everything is written to; relative to the project
    "DATABASE_URL": "",  # empty = sqlite file DATA/shopdesk.db; else postgresql+psycopg://…
    "SECRET_KEY": "",  # ≥ 32 bytes; empty = DATA/secret_key, made at the first start (0600)
    "ENV": "production",  # production, development or test; decides cookie flags and the self-check
    "LOOPBACK": "1",  # 1 = served on a loopback address without TLS: cookie "sd", not Secure
    "TRUSTED_HOSTS": "",  # comma list; empty on loopback = 127.0.0.1, localhost
    "PROXY_HOPS": "0",  # how many reverse proxies set X-Forwarded-*; 0 = trust none
    "BASE_URL": "",  # where the desk is reached; used in one-time links
    "SESSION_IDLE_MINUTES": "720",  # signed out after so long without a request
    "SESSION_MAX_HOURS": "168",  # signed out after so long in any case
    "SIGN_IN_TRIES": "8",  # failed sign-ins per account and per address …
    "SIGN_IN_WINDOW_MINUTES": "15",  # … within this window before a pause
    "MAX_UPLOAD_MB": "64",  # largest import file
    "API_PER_MINUTE": "1200",  # requests of one token within a minute
    "REVEALS_PER_DAY": "200",  # personal values a person may reveal in a day
    "HUEY_URL": "",  # empty = SQLite file DATA/jobs.db; redis://… (needs the package redis, see docs/operations.md)
    "FAKE_PLACE_URL": "",  # http://127.0.0.1:PORT of a place that pays nobody (docs/places.md); empty = none
    "FAKE_PLACE_SECRET": "",  # shared with that place: its key, and what its webhooks are signed with
    "PLACE_DEADLINE_MS": "10000",  # a place to pay that has not answered by then may have paid or not
    "PLACE_REST_SECONDS": "30",  # a place that did not answer five times in a row is left alone so long
    "LOG_LEVEL": "INFO",
}


def load(overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Flask's config.  Raises ValueError for a value that is not of its unit."""
    given = {name: os.environ.get(f"SHOPDESK_{name}", default) for name, default in DEFAULTS.items()}
    given.update(overrides or {})
    data = Path(given["DATA"])
    data = data if data.is_absolute() else ROOT / data
    url = given["DATABASE_URL"] or f"sqlite:///{data / 'shopdesk.db'}"
    loopback = _flag(given["LOOPBACK"])
    hosts = [h.strip() for h in str(given["TRUSTED_HOSTS"]).split(",") if h.strip()]
    if not hosts and loopback:
        hosts = ["127.0.0.1", "localhost"]  # an IPv6 address cannot be named: Werkzeug cuts it at its first colon
    return {
        "ENV_NAME": given["ENV"],
        "TESTING": given["ENV"] == "test",
        "DATA": data,
        "SECRET_KEY": given["SECRET_KEY"],
        "SQLALCHEMY_DATABASE_URI": psycopg3(url),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(url),
        "LOOPBACK": loopback,
        "TRUSTED_HOSTS": hosts,
        "PROXY_HOPS": _count(given["PROXY_HOPS"]),
        "BASE_URL": given["BASE_URL"],
        "SESSION_COOKIE_NAME": "sd" if loopback else "__Host-sd",
        "SESSION_COOKIE_SECURE": not loopback,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "SESSION_IDLE_MINUTES": _count(given["SESSION_IDLE_MINUTES"]),
        "SESSION_MAX_HOURS": _count(given["SESSION_MAX_HOURS"]),
        "SIGN_IN_TRIES": _count(given["SIGN_IN_TRIES"]),
        "SIGN_IN_WINDOW_MINUTES": _count(given["SIGN_IN_WINDOW_MINUTES"]),
        "MAX_CONTENT_LENGTH": (_count(given["MAX_UPLOAD_MB"]) * 2 + 1) * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 2 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        "MAX_UPLOAD_BYTES": _count(given["MAX_UPLOAD_MB"]) * 1024 * 1024,
        "API_PER_MINUTE": _count(given["API_PER_MINUTE"]),
        "REVEALS_PER_DAY": _count(given["REVEALS_PER_DAY"]),
        "HUEY_URL": given["HUEY_URL"],
        "FAKE_PLACE_URL": given["FAKE_PLACE_URL"],
        "FAKE_PLACE_SECRET": given["FAKE_PLACE_SECRET"],
        "PLACE_DEADLINE_MS": _count(given["PLACE_DEADLINE_MS"]),
        "PLACE_REST_SECONDS": _count(given["PLACE_REST_SECONDS"]),
        "LOG_LEVEL": given["LOG_LEVEL"],
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "BABEL_DEFAULT_LOCALE": "zh_Hans_CN",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Shanghai",
        "API_TITLE": "ShopDesk",
        "API_VERSION": "v1",
        "OPENAPI_VERSION": "3.1.0",
    }


def psycopg3(url: str) -> str:
    """The same address, with the driver that is installed."""
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url


def engine_options(url: str) -> dict[str, Any]:
    # hide_parameters: an error's text may reach a log, and parameters are people's names and phones
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": 5}, "hide_parameters": True}
    # The connection used last comes first: it holds the prepared statements of the hot paths.  core.db asks it whether
    # it is there; pool_pre_ping would do so at several times the cost.
    return {"pool_size": 8, "max_overflow": 8, "pool_use_lifo": True, "hide_parameters": True}


def _flag(value: Any) -> bool:
    return str(value).lower() in {"1", "true", "yes", "on"}


def _count(value: Any) -> int:
    number = int(value)
    if number < 0:
        raise ValueError(f"{value} is negative")
    return number
