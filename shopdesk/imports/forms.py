"""The form that takes exports."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, MultipleFileField, ValidationError

from shopdesk.web.forms import DeskForm, TextField

MOST_MS = 32_503_680_000_000  # the year 3000


class UploadForm(DeskForm):
    files = MultipleFileField(_("Files"))
    as_of = TextField(_("Exported at"))  # a local time of the store
    file_times = HiddenField()  # ms since 1970 of each file, as the browser knows them

    def validate_files(self, field: MultipleFileField) -> None:
        if not any(getattr(file, "filename", "") for file in field.data or []):
            raise ValidationError(gettext("Choose the exported files first."))

    def validate_as_of(self, field: TextField) -> None:
        if field.data and _parsed(field.data) is None:
            raise ValidationError(gettext("This is not a date and time, such as 2026-03-12 14:30."))

    def told_at(self, zone: str) -> datetime | None:
        """What was entered, as a moment; None where nothing was."""
        local = _parsed(self.as_of.data or "")
        return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if local else None

    def own_times(self) -> list[datetime | None]:
        """Each file's own time in the order of the files; None where the browser did not say."""
        given = (self.file_times.data or "").split()
        known = [int(ms) for ms in given if ms.isascii() and ms.isdigit() and len(ms) <= 14 and int(ms) < MOST_MS]
        files = self.files.data or []
        if len(known) != len(files):
            return [None] * len(files)
        return [datetime.fromtimestamp(ms / 1000, UTC) for ms in known]


def _parsed(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo is None and 2000 <= found.year <= 2100 else None
