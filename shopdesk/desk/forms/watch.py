"""Forms of the open changes: reminding, handing on, handing everything over."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired, Length

from shopdesk.changes.states import HANDED_ROLES
from shopdesk.web.forms import DeskForm, TextField

STEP = re.compile(r"(\d{1,18})-(\d{1,9})", re.ASCII)
MOST = 500  # reminders at once


class NudgeForm(DeskForm):
    """The ticked steps, each as change-position."""

    step = SelectMultipleField(_("Changes"), validate_choice=False)

    def steps(self) -> list[tuple[int, int]]:
        """What was ticked, without what names no step."""
        found = (STEP.fullmatch(text) for text in self.step.data or [])
        return list(dict.fromkeys((int(match[1]), int(match[2])) for match in found if match))[:MOST]


class AssignForm(DeskForm):
    """Who has it from now on, and why; a task that nobody has is taken without a reason."""

    to = TextField(_("To"), [InputRequired(_("Choose a person."))])
    role = TextField(_("As"))
    reason = TextField(_("Reason"), [Length(max=500, message=_("Too long: at most %(max)d characters."))])

    def validate_role(self, field: TextField) -> None:
        if field.data not in {None, *map(str, HANDED_ROLES)}:
            field.data = None


class HandOverForm(DeskForm):
    """Everything of mine to one person."""

    to = RadioField(_("To whom"), coerce=int, validators=[InputRequired(_("Choose a person."))])
    reason = TextField(
        _("Reason"),
        [InputRequired(_("Please say why.")), Length(max=500, message=_("Too long: at most %(max)d characters."))],
    )
