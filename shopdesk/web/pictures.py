"""A kept picture as an answer: shown in place, run as nothing, kept by nobody between us and the reader."""

from __future__ import annotations

from flask import Response

from shopdesk.core import pictures
from shopdesk.core.errors import NotFound

HEADERS = {
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=86400, immutable",
}


def picture(sha256: str) -> Response:
    """The file of that hash, which the caller found in a row that the reader may see.  Raises NotFound."""
    path = pictures.path_of(sha256)
    if not path.is_file():
        raise NotFound("There is no such thing here.")
    response = Response(path.read_bytes(), mimetype="image/jpeg")
    response.headers.update(HEADERS)
    response.headers["Content-Disposition"] = f'inline; filename="{sha256[:12]}.jpg"'
    return response
