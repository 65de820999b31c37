"""The form of photos: files that were chosen, dropped or pasted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import MultipleFileField

from shopdesk.core import pictures
from shopdesk.core.errors import RuleViolation
from shopdesk.core.pictures import Picture
from shopdesk.web.errors import message_of
from shopdesk.web.forms import DeskForm, new_key


class PhotosForm(DeskForm):
    photos = MultipleFileField(_("Photos"))


def taken(form: DeskForm) -> list[Picture]:
    """The photos of the request, drawn anew; the command key counts together with them.

    Raises RuleViolation, which names the file that cannot be kept.
    """
    found = list(_drawn())
    if found:
        seen = hashlib.sha256("".join(picture.sha256 for picture in found).encode()).hexdigest()
        form.command_key.data = f"{(form.command_key.data or new_key())[:60]}:{seen[:40]}"
    return found


def _drawn() -> Iterable[Picture]:
    for file in request.files.getlist("photos"):
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
