"""Addresses of our own and the packages' files, with a hash for far-future caching."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, url_for

YEAR_SECONDS = 365 * 86400


@cache
def _digest(path: Path, changed_ns: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The URL of a static file; a missing one (set-up not run) still gets a URL."""
    path = Path(current_app.static_folder or "") / name
    if not path.is_file():
        return url_for("static", filename=name)
    return url_for("static", filename=name, v=_digest(path, path.stat().st_mtime_ns))


def init_app(app: Flask) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR_SECONDS
    app.jinja_env.globals["asset"] = asset
