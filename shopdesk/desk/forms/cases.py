"""Forms of cases: an application, an outcome, a button."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeVar

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from shopdesk.cases.service import Application
from shopdesk.cases.states import (
    CHOICES,
    DETAILS,
    KIND_OF,
    MAX_OUTCOME,
    MAX_WISH,
    QUESTIONS,
    CaseKind,
    Detail,
    Goal,
    Inquiry,
    Question,
    Reason,
    Resolution,
    choice,
)
from shopdesk.web.forms import DeskForm
from shopdesk.web.locale import label, labels

NEEDED = _("Please fill this in.")
TOO_LONG = _("Too long: at most 2000 characters.")
MOST_UNITS = 6  # digits of a number of units
E = TypeVar("E", bound=StrEnum)


class EverydayForm(DeskForm):
    """The fast lane of the order page; the field stands there where the unit comes back out of time."""

    exception = StringField(_("Why it comes back all the same"), [Length(max=500, message=TOO_LONG)])


def choices() -> list[SelectChoice]:
    """Every kind in words; an interception once for each of its goals."""
    return [SelectChoice(choice(kind, goal), words_of(kind, goal)) for kind, goal in CHOICES]


def kinds() -> list[SelectChoice]:
    """The same, or as the reason says."""
    return [SelectChoice("", gettext("By the reason")), *choices()]


def words_of(kind: CaseKind, goal: Goal | None) -> str:
    return gettext("%(kind)s: %(goal)s", kind=label(kind), goal=label(goal)) if goal else label(kind)


def options(kind: type[E], none: Any = None) -> list[SelectChoice]:
    """The members of an enumeration in words, behind the choice of none of them."""
    first = [SelectChoice("", str(none))] if none is not None else []
    return [*first, *(SelectChoice(str(each), label(each)) for each in kind)]


def as_member(kind: type[E], given: str | None) -> E | None:
    return kind(given) if given and given in set(kind) else None


class CaseForm(DeskForm):
    """What the customer wants of a parcel that has left.

    `units-<line>`, `detail-<reason>` and `answer-<question>` stand beside the fields: which of them there are, the
    order and the reason decide.
    """

    kind = SelectField(_("Kind"), choices=kinds)
    reason = RadioField(_("Reason"), [Optional()], choices=lambda: options(Reason))
    inquiry = SelectField(_("The question is about"), [Optional()], choices=lambda: options(Inquiry, "—"))
    wanted = SelectMultipleField(
        _("What the customer would like"), choices=lambda: options(Resolution), widget=ListWidget(),
        option_widget=CheckboxInput(),
    )  # fmt: skip
    wish = TextAreaField(_("What the customer wants"), [Length(max=MAX_WISH, message=TOO_LONG)])
    parcel_id = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """A reason or words; without a reason also a kind."""
        is_valid: bool = super().validate(extra_validators)
        if not self.reason.data and not (self.wish.data or "").strip():
            self.wish.errors = [*self.wish.errors, gettext("Choose a reason, or say what the customer wants.")]
            return False
        if not self.reason.data and not self.kind.data:
            self.kind.errors = [*self.kind.errors, gettext("Please fill this in.")]
            return False
        return is_valid

    def application(self) -> Application:
        """Of a valid form; what was typed for another reason than the chosen one is left out."""
        reason = as_member(Reason, self.reason.data)
        kind, goal = self._chosen(reason)
        detail = self._detail(reason)
        return Application(
            kind, (self.wish.data or "").strip() or labels(reason, detail), goal, self._parcel(), reason=reason,
            detail=detail, wanted=tuple(Resolution(each) for each in self.wanted.data or ()),
            inquiry=as_member(Inquiry, self.inquiry.data), units=units_typed(), answers=self._answers(reason),
        )  # fmt: skip

    def _chosen(self, reason: Reason | None) -> tuple[CaseKind, Goal | None]:
        if not self.kind.data and reason is not None:
            return KIND_OF[reason], None
        kind, _colon, goal = (self.kind.data or "").partition(":")
        return CaseKind(kind), Goal(goal) if goal else None

    def _detail(self, reason: Reason | None) -> Detail | None:
        given = as_member(Detail, request.form.get(f"detail-{reason}"))
        return given if reason is not None and given in DETAILS[reason] else None

    def _answers(self, reason: Reason | None) -> dict[Question, str]:
        asked: Sequence[Question] = QUESTIONS[reason] if reason is not None else ()
        typed = {question: request.form.getlist(f"answer-{reason}-{question}") for question in asked}
        return {question: values[0] for question, values in typed.items() if values}

    def _parcel(self) -> int | None:
        given = self.parcel_id.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def units_typed() -> tuple[tuple[int, int], ...]:
    """(line, units) of the fields `units-<line>`; a line that stands in the form twice comes twice."""
    found = []
    for name, values in request.form.lists():
        line_id = name.removeprefix("units-")
        if name.startswith("units-") and line_id.isascii() and line_id.isdigit() and len(line_id) < 19:
            found += [(int(line_id), int(value)) for value in values if _is_count(value.strip())]
    return tuple(found)


def _is_count(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= MOST_UNITS


class CloseForm(DeskForm):
    outcome = TextAreaField(_("How it ended"), [InputRequired(NEEDED), Length(max=MAX_OUTCOME, message=TOO_LONG)])


class AcceptForm(DeskForm):
    """Nothing but the token and the command key."""
