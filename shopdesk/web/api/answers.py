"""Answers: plain JSON, with the tag of what was shown."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Any, cast

from flask import Response, current_app, request

#: The age of a stage rises with every second; a tag that showed it would never be met again.
AGEING = re.compile(rb'"age_seconds":\s*\d+')


def answer(body: Any, status: int = 200, *, location: str | None = None, tag: str | None = None) -> Response:
    """A JSON answer; `location` is a path below the API's prefix."""
    response = cast(Response, current_app.json.response(body))
    response.status_code = status
    if location:
        response.headers["Location"] = f"/api/v1{location}"
    if tag:
        response.set_etag(tag)
    return response


def at_text(at: datetime | None) -> str | None:
    """ISO 8601 with offset."""
    return at.isoformat() if at else None


def money(amount_minor: int | None, currency: str, *, visible: bool = True) -> dict[str, Any] | None:
    """The money object; None without a figure or without `money:read`."""
    if amount_minor is None or not visible:
        return None
    return {"amount_minor": amount_minor, "currency": currency}


def add_tag(response: Response) -> Response:
    """Give every resource that was read its ETag, and answer 304 to who has it already."""
    if request.method not in {"GET", "HEAD"} or response.status_code != 200 or not response.is_json:
        return response
    shown = AGEING.sub(b"", response.get_data())
    response.set_etag(hashlib.sha256(shown).hexdigest()[:32])
    if "If-None-Match" in request.headers:
        response.make_conditional(request)
    return response
