"""Forms of the work on a case: appraise, end, note, date, hand over, put together."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from shopdesk.cases.states import MAX_OUTCOME, Appraisal, CaseKind, Goal, WaitingFor
from shopdesk.desk.forms.cases import NEEDED, TOO_LONG, as_member, choices, options, units_typed
from shopdesk.web.forms import DeskForm, LocalTimeField, TextField

WORDS = [InputRequired(NEEDED), Length(max=MAX_OUTCOME, message=TOO_LONG)]
MAY_BE_WORDS = [Length(max=MAX_OUTCOME, message=TOO_LONG)]
People = list[tuple[int, str]]


class AppraiseForm(DeskForm):
    appraisal = RadioField(_("What it looks like"), [InputRequired(NEEDED)], choices=lambda: options(Appraisal))

    def said(self) -> Appraisal:
        return Appraisal(self.appraisal.data)


class DeclineForm(DeskForm):
    reason = TextAreaField(_("Why it is declined"), WORDS)


class ReopenForm(DeskForm):
    reason = TextAreaField(_("Why it is opened again"), WORDS)


class NoteForm(DeskForm):
    text = TextAreaField(_("Internal note"), WORDS)
    people = SelectMultipleField(
        _("Who should look at it"), coerce=int, choices=list, widget=ListWidget(), option_widget=CheckboxInput()
    )

    def offer(self, people: People) -> NoteForm:
        self.people.choices = _people(people)
        return self


class DueForm(DeskForm):
    due = LocalTimeField(_("Due"), [InputRequired(NEEDED)])


class WaitForm(DeskForm):
    whom = SelectField(_("Waits for"), [Optional()], choices=lambda: options(WaitingFor, _("nobody but us")))

    def chosen(self) -> WaitingFor | None:
        return as_member(WaitingFor, self.whom.data)


class PersonForm(DeskForm):
    """A colleague who gets the case, asked first or not."""

    to = SelectField(_("To"), [InputRequired(NEEDED)], coerce=int, choices=list)
    words = TextAreaField(_("Words to it"), MAY_BE_WORDS)

    def offer(self, people: People) -> PersonForm:
        self.to.choices = _people(people)
        return self


class RefuseForm(DeskForm):
    words = TextAreaField(_("Why not"), MAY_BE_WORDS)


class MergeForm(DeskForm):
    number = TextField(_("Case no."), [InputRequired(NEEDED), Length(max=24, message=TOO_LONG)])


class LinkForm(MergeForm):
    """Likewise, of the case that this one follows from."""


class SplitForm(DeskForm):
    """Units that go into a case of their own; `units-<line>` stand beside the fields."""

    kind = SelectField(_("Kind of the new case"), choices=choices)

    def chosen(self) -> tuple[CaseKind, Goal | None]:
        kind, _colon, goal = (self.kind.data or "").partition(":")
        return CaseKind(kind), Goal(goal) if goal else None

    def units(self) -> tuple[tuple[int, int], ...]:
        return units_typed()


def _people(people: People) -> list[SelectChoice]:
    return [SelectChoice(person_id, name) for person_id, name in people]
