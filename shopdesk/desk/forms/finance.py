"""Forms of finance's table."""

from __future__ import annotations

from enum import StrEnum

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import FileField, HiddenField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from shopdesk.core.text import strip_controls
from shopdesk.desk.forms.page import NEEDED
from shopdesk.refunds.states import FollowUp
from shopdesk.web.forms import DeskForm, MoneyField, TextField

MOST_AT_ONCE = 100
TOO_LONG = _("This is too long.")


class BulkAct(StrEnum):
    CONFIRM = "confirm"
    LOOK = "look"
    GIVE_UP = "give_up"


class PayoutForm(DeskForm):
    """The rows of a tray: `reference-ID`, `receipts-ID` and the ticked `payout`s."""

    def reference(self, payout_id: int) -> str:
        return strip_controls(request.form.get(f"reference-{payout_id}", "")).strip()

    @property
    def typed(self) -> dict[str, str]:
        """What was typed, to stand there again."""
        given = request.form.items()
        return {name: strip_controls(text)[:200] for name, text in given if name.startswith("reference-")}

    def chosen(self) -> list[int]:
        """The rows that are ticked, else those with a reference; what is no number is left out."""
        ticked = request.form.getlist("payout") or [n.removeprefix("reference-") for n, t in self.typed.items() if t]
        given = [text for text in ticked if text.isascii() and text.isdigit() and len(text) < 19]
        return list(dict.fromkeys(int(text) for text in given))[: MOST_AT_ONCE + 1]


class PayoutsForm(PayoutForm):
    act = SelectField(choices=lambda: [SelectChoice(str(act), str(act)) for act in BulkAct])


class VerifyForm(DeskForm):
    state = SelectField(
        _("Was it paid?"),
        choices=lambda: [SelectChoice("succeeded", str(_("yes"))), SelectChoice("failed", str(_("no")))],
    )
    evidence = TextField(
        _("Evidence (number of the statement or receipt)"), [InputRequired(NEEDED), Length(max=64, message=TOO_LONG)]
    )
    amount = MoneyField(_("How much, where it was not the whole amount"), [Optional()])


class FollowUpForm(DeskForm):
    answer = SelectField(choices=lambda: [SelectChoice(str(one), str(one)) for one in FollowUp])


class RecoveredForm(DeskForm):
    reference = TextField(
        _("Reference of the money that came back"), [InputRequired(NEEDED), Length(max=64, message=TOO_LONG)]
    )


class WriteOffForm(DeskForm):
    reason = TextField(
        _("Why it is given up"), [InputRequired(_("Please say why.")), Length(max=500, message=TOO_LONG)]
    )


class AnswerForm(DeskForm):
    key = HiddenField(validators=[InputRequired(NEEDED), Length(max=96, message=TOO_LONG)])
    day = HiddenField()
    note = TextField(_("What it is"), [InputRequired(_("Please say why.")), Length(max=500, message=TOO_LONG)])


class StatementForm(DeskForm):
    file = FileField(_("Statement (CSV)"))
