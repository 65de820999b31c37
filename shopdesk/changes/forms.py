"""Forms of the pre-print check."""

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from shopdesk.web.forms import DeskForm, TextField

MOST_TEXT = 400_000  # characters: 2,000 rows with whatever was copied beside the number


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


class AgainForm(DeskForm):
    """Nothing but the token and the command key: check the same list once more."""
