"""Addresses of our own and the packages' files, with a hash for far-future caching."""

import hashlib
import os
from functools import cache
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask, current_app, request, url_for
from servestatic import ServeStatic
from servestatic.responders import StaticFile

from shopdesk.web import security

YEAR_SECONDS = 365 * 86400


@cache
def _digest(path: str, changed_ns: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:12]


def asset(name: str) -> str:
    """The URL of a static file; a missing one (set-up not run) still gets a URL."""
    path = os.path.join(current_app.static_folder or "", name)  # not a Path: a page asks for dozens of them
    try:
        changed_ns = os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return url_for("static", filename=name)
    return _url(request.script_root, name, _digest(path, changed_ns))


@cache
def _url(_script_root: str, name: str, digest: str) -> str:
    """The same for every page below one root: each icon of a page asks for it."""
    return url_for("static", filename=name, v=digest)


class Assets(ServeStatic):
    """Static files as they lay there at the start, compressed for browsers that take it; the rest is the desk's."""

    def get_static_file(self, path: str, url: str, stat_cache: dict[str, os.stat_result] | None = None) -> StaticFile:
        """The file without variants that are older than it: set-up did not run since it was changed."""
        if stat_cache is not None:
            changed_ns = stat_cache[path].st_mtime_ns
            stat_cache = {
                name: stat_cache[name]
                for name in (path, f"{path}.gz")
                if name in stat_cache and stat_cache[name].st_mtime_ns >= changed_ns
            }
        return super().get_static_file(path, url, stat_cache=stat_cache)


def serve_compressed(app: Flask) -> None:
    """Put the static files in front of the application: they ask neither the database nor who is there."""
    fixed = security.FIXED | ({} if app.config["LOOPBACK"] else security.STRICT_TRANSPORT)

    def add_headers(headers: Headers, _path: str, _url: str) -> None:
        for name, value in {"Content-Security-Policy": "default-src 'none'", **fixed}.items():
            headers[name] = value

    app.wsgi_app = Assets(  # type: ignore[method-assign]
        app.wsgi_app, root=app.static_folder, prefix=app.static_url_path, max_age=YEAR_SECONDS,
        allow_all_origins=False, add_headers_function=add_headers,
    )  # fmt: skip


def init_app(app: Flask) -> None:
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = YEAR_SECONDS
    app.jinja_env.globals["asset"] = asset
