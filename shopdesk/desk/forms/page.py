"""Small forms on an order page: a memo, a step, a reason."""

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from shopdesk.changes.states import ConfirmChannel
from shopdesk.orders.states import Flag
from shopdesk.web.forms import DeskForm, MoneyField, TextField
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


class ConfirmForm(DeskForm):
    """The customer's yes, in their words."""

    text = TextField(_("What the customer answered"), [InputRequired(NEEDED)])
    via = SelectField(_("How it came"), choices=channels, default=str(ConfirmChannel.CHAT))


class RefundForm(DeskForm):
    amount = MoneyField(_("Amount refunded"), [InputRequired(NEEDED)])
    reference = TextField(_("Reference of the refund"))


class ReasonForm(DeskForm):
    reason = TextField(_("Reason"), [InputRequired(NEEDED)])
