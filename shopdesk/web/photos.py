"""Photos that are sent: files that were chosen, dropped or pasted, or parts of an API request."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import MultipleFileField

from shopdesk.core import pictures
from shopdesk.core.errors import Malformed, RuleViolation
from shopdesk.core.pictures import Picture
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm, new_key


class PhotosForm(DeskForm):
    photos = MultipleFileField(_("Photos"))


def taken(form: DeskForm, name: str = "photos") -> list[Picture]:
    """The photos of the request, drawn anew; the command key counts together with them.

    Raises RuleViolation, which names the file that cannot be kept.
    """
    found = list(drawn(name))
    if found:
        seen = hashlib.sha256("".join(picture.sha256 for picture in found).encode()).hexdigest()
        form.command_key.data = f"{(form.command_key.data or new_key())[:60]}:{seen[:40]}"
    return found


def drawn(field: str) -> Iterable[Picture]:
    """Each file of that field, drawn anew.  Raises RuleViolation, which names the file that cannot be kept."""
    for file in request.files.getlist(field):
        content = file.stream.read(pictures.MOST_BYTES + 1)
        if not content and not file.filename:
            continue
        try:
            yield pictures.tidy(content)
        except RuleViolation as error:
            name = (file.filename or "")[:80]
            raise RuleViolation(
                "%(file)s: %(why)s", code=error.code, file=name or "?", why=message_of(error)
            ) from error


def sent(most: int) -> list[bytes]:
    """The pictures of an API request: parts named `photos`, at most so many, or one alone as the body."""
    if request.mimetype != "multipart/form-data":
        return [request.get_data(cache=True)]
    files = request.files.getlist("photos")
    if set(request.files) - {"photos"} or request.form or not 1 <= len(files) <= most:
        words = gettext("The parts are named photos, 1 to %(most)s of them.", most=most)
        raise Malformed("The request cannot be understood.", fields={"photos": [words]})
    return [file.stream.read(pictures.MOST_BYTES + 1) for file in files]


BINARY = {"type": "string", "format": "binary"}


def body_of(most: int) -> dict[str, Any]:
    """The same in the description of the API."""
    photos = {"type": "array", "minItems": 1, "maxItems": most, "items": BINARY}
    shape = {"type": "object", "additionalProperties": False, "required": ["photos"], "properties": {"photos": photos}}
    return {"required": True, "content": {"multipart/form-data": {"schema": shape}}}
