"""Forms of stand-ins."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField
from wtforms.validators import InputRequired, Length

from shopdesk.core.permissions import STANDING
from shopdesk.web.forms import DeskForm, LocalTimeField, TextField
from shopdesk.web.locale import label


class StandInForm(DeskForm):
    """Who, for which role, where, until when, why."""

    store_id = SelectField(_("Store"), coerce=int)
    person_id = SelectField(_("Person"), coerce=int)
    role = SelectField(_("Stands in for"), choices=lambda: [(str(role), label(role)) for role in STANDING])
    until = LocalTimeField(_("Until"), [InputRequired(_("Please say until when."))])
    reason = TextField(
        _("Reason"),
        [InputRequired(_("Please say why.")), Length(max=200, message=_("Too long: at most 200 characters."))],
    )
