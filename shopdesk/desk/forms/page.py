"""Small forms on an order page: a memo, a button, a reason."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from shopdesk.changes.states import ConfirmChannel
from shopdesk.orders.states import Flag
from shopdesk.web.forms import DeskForm, TextField
from shopdesk.web.locale import label

NEEDED = _("Please fill this in.")


def channels() -> list[SelectChoice]:
    """How a customer may have answered, in words."""
    return [SelectChoice(str(channel), label(channel)) for channel in ConfirmChannel]


class KeyForm(DeskForm):
    """Nothing but the token and the command key: a button."""


class MemoForm(DeskForm):
    text = TextField(_("Memo"), [InputRequired(NEEDED)])
    flag = SelectField(_("Flag"), choices=[SelectChoice(str(flag)) for flag in Flag], default=str(Flag.RED))


class ReasonForm(DeskForm):
    reason = TextField(_("Reason"), [InputRequired(NEEDED)])
