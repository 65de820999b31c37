"""Forms of stops."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length

from shopdesk.parcels.service import MOST_PHRASE, MOST_REASON
from shopdesk.parcels.states import STOP_EXPIRY, StopReply, StopScope
from shopdesk.web.forms import DeskForm, LocalTimeField, TextField
from shopdesk.web.locale import label

TOO_LONG = _("This is too long.")


def _words(codes) -> list[tuple[str, str]]:
    return [(str(code), label(code)) for code in codes]


class StopForm(DeskForm):
    """`previewed` marks what the count beside the button was made of: a stop is made of nothing else."""

    store_id = SelectField(_("Store"), coerce=int)
    scope = RadioField(_("What to stop"), choices=lambda: _words(StopScope), default=str(StopScope.SKU))
    sku = TextField(_("SKU"), [Length(max=128, message=TOO_LONG)])
    carrier = TextField(_("Courier"), [Length(max=64, message=TOO_LONG)])
    region = TextField(_("Province or city"), [Length(max=200, message=TOO_LONG)])
    batch = TextField(_("Batch"), [Length(max=32, message=TOO_LONG)])
    reason = TextField(_("Reason"), [InputRequired(_("Please say why.")), Length(max=MOST_REASON, message=TOO_LONG)])
    expires_at = LocalTimeField(_("Until"))
    on_expiry = SelectField(_("Then"), choices=lambda: _words(STOP_EXPIRY), default=str(STOP_EXPIRY[0]))
    phrase = TextAreaField(_("What is said to the customers"), [Length(max=MOST_PHRASE, message=TOO_LONG)])
    previewed = HiddenField()


class AnswerForm(DeskForm):
    """The ticked orders come as `order`, as often as needed; `every`: all that match, by the holds that were shown."""

    every = TextField(_("All that match"))
    up_to = HiddenField()
    reply = SelectField(_("The customer"), choices=lambda: _words(StopReply))


class EndForm(DeskForm):
    """Nothing but the token and the command key."""
