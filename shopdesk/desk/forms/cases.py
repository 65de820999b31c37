"""Forms of cases: an application, an outcome, a button."""

from __future__ import annotations

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from shopdesk.cases.states import CHOICES, MAX_OUTCOME, MAX_WISH, CaseKind, Goal, choice
from shopdesk.web.forms import DeskForm
from shopdesk.web.locale import label

NEEDED = _("Please fill this in.")
TOO_LONG = _("Too long: at most 2000 characters.")


def choices() -> list[SelectChoice]:
    """Every kind in words; an interception once for each of its goals."""
    return [SelectChoice(choice(kind, goal), words_of(kind, goal)) for kind, goal in CHOICES]


def words_of(kind: CaseKind, goal: Goal | None) -> str:
    return gettext("%(kind)s: %(goal)s", kind=label(kind), goal=label(goal)) if goal else label(kind)


class CaseForm(DeskForm):
    """What the customer wants of a parcel that has left."""

    kind = SelectField(_("Kind"), choices=choices)
    wish = TextAreaField(_("What the customer wants"), [InputRequired(NEEDED), Length(max=MAX_WISH, message=TOO_LONG)])
    parcel_id = HiddenField()

    def chosen(self) -> tuple[CaseKind, Goal | None]:
        kind, _colon, goal = (self.kind.data or "").partition(":")
        return CaseKind(kind), Goal(goal) if goal else None

    def parcel(self) -> int | None:
        given = self.parcel_id.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


class CloseForm(DeskForm):
    outcome = TextAreaField(_("How it ended"), [InputRequired(NEEDED), Length(max=MAX_OUTCOME, message=TOO_LONG)])


class AcceptForm(DeskForm):
    """Nothing but the token and the command key."""
