"""Forms of the pre-print check and the pre-dispatch check."""

from collections.abc import Sequence

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import TextAreaField, TimeField
from wtforms.validators import InputRequired, Length

from shopdesk.core.listed import MOST_BYTES, numbers_in
from shopdesk.web.forms import DeskForm, TextField

MOST_TEXT = 400_000  # characters: 2,000 rows with whatever was copied beside the number


def take_file(form: DeskForm, columns: Sequence[str]) -> None:
    """Put what a chosen file lists into the field of numbers, behind what was typed.  Raises RuleViolation."""
    given = request.files.get("file")
    if given is None or not given.filename:
        return
    told = numbers_in(given.read(MOST_BYTES + 1), columns)
    text = "\n".join(part for part in (form.numbers.data, told) if part)
    form.numbers.data, form.numbers.raw_data = text, [text]


class CheckForm(DeskForm):
    numbers = TextAreaField(
        _("Order numbers or waybill numbers"),
        [
            InputRequired(_("Paste the order numbers of a batch.")),
            Length(max=MOST_TEXT, message=_("This is too long for one list.")),
        ],
    )


class PrintedForm(DeskForm):
    batch = TextField(_("Batch"), [InputRequired(_("A batch needs a name."))])


class DispatchForm(DeskForm):
    numbers = TextAreaField(
        _("Waybill numbers or order numbers"),
        [
            InputRequired(_("Paste the waybill numbers of a load.")),
            Length(max=MOST_TEXT, message=_("This is too long for one list.")),
        ],
    )


class ShippedForm(DeskForm):
    left = TimeField(_("Left at"), [InputRequired(_("Say when the truck left."))])


class AgainForm(DeskForm):
    """Nothing but the token and the command key: check the same list once more."""
