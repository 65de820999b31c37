"""What somebody had typed into a form whose token has expired, to be sent again as it is."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request
from flask_login import current_user

MOST_FIELDS = 300
MOST_CHARACTERS = 100_000  # of all values together
#: Fields that the desk fills in or whose values are its own codes: nobody typed them.
_OURS = frozenset({
    "action", "answer", "back", "command_key", "confirmed_via", "csrf_token", "destination", "flag", "file_times",
    "happened_at", "kind", "line_id", "method", "mode", "next", "on_expiry", "others", "outcome", "paper", "parcel",
    "parcel_id", "parts", "person_id", "previewed", "pulls_back", "readiness", "reply", "role", "scope",
    "seen_change", "seen_stage", "seen_version", "shown", "store_id", "to", "up_to", "via", "why",
})  # fmt: skip


def typed_again() -> list[tuple[str, str]]:
    """The fields of one of the desk's own forms, as they came; empty where they are not to be offered again.

    Not from another site, which could put its own words behind our button; not where a password or a file would be
    missing; not for a part of a page, which stays as it is.
    """
    if request.method != "POST" or not _is_ours() or request.files or not current_user.is_authenticated:
        return []
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != "csrf_token"]
    if any("password" in name for name, _ in fields) or len(fields) > MOST_FIELDS:
        return []
    return fields if sum(len(name) + len(value) for name, value in fields) <= MOST_CHARACTERS else []


def readable(fields: list[tuple[str, str]]) -> list[str]:
    """What a person may have typed, to be seen before it is sent."""
    return list(dict.fromkeys(value for name, value in fields if name not in _OURS and value.strip()))


def _is_ours() -> bool:
    """A page of this desk held the form, as the browser says."""
    if request.headers.get("HX-Request") or request.endpoint is None:
        return False
    return urlsplit(request.headers.get("Referer", "")).netloc == request.host
