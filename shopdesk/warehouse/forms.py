"""The one field of the scan page, and the answers to a recall."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from shopdesk.warehouse.states import OFFERED, Mode
from shopdesk.web.forms import FIRST_YEAR, LAST_YEAR, DeskForm, TextField

MOST_GRAMS = 1_000_000
COUNTED = "counted-"


class ScanForm(DeskForm):
    code = TextField(
        _("Waybill, order number or parcel barcode"),
        [InputRequired(_("Scan or type a number.")), Length(max=256, message=_("This is too long for one number."))],
    )
    mode = StringField(_("What is being done"), [AnyOf(list(OFFERED))], default=str(Mode.PACK))
    happened_at = HiddenField()  # of a scan that was kept while the line was gone

    @property
    def at(self) -> datetime | None:
        """None also for what is no time: then the scan counts from now."""
        try:
            found = datetime.fromisoformat(self.happened_at.data or "")
        except ValueError:
            return None
        is_sound = found.tzinfo is not None and FIRST_YEAR <= found.year <= LAST_YEAR
        return found.astimezone(UTC) if is_sound else None


class AnswerForm(DeskForm):
    """Found, or too late; `back` is where one came from."""

    back = HiddenField()


class RecallStepForm(DeskForm):
    """Handing out, taking back, booking in; counted units come as `counted-<line>`."""

    seen_version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    to = IntegerField(_("To whom"), [Optional(), NumberRange(1, 2**62)])
    grams = IntegerField(_("Weight in grams"), [Optional(), NumberRange(1, MOST_GRAMS)])

    def counted(self) -> dict[int, int] | None:
        """Line → units, as far as somebody counted; None where nothing was asked."""
        return counted_in(request.form)


def counted_in(given: Mapping[str, str]) -> dict[int, int] | None:
    """`counted-<line>` fields of a form; what is no number is left to the command to refuse."""
    found: dict[int, int] = {}
    for name, text in given.items():
        line_id = name.removeprefix(COUNTED)
        if name.startswith(COUNTED) and line_id.isascii() and line_id.isdigit() and len(line_id) < 19:
            number = unicodedata.normalize("NFKC", text).strip()
            found[int(line_id)] = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else -1
    return found or None
