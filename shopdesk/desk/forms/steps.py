"""One form per step that asks for more than a tick; `evidence()` is what is recorded with it."""

from __future__ import annotations

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional
from wtforms.widgets import HiddenInput

from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Code, ConfirmChannel, Destination
from shopdesk.desk.forms.page import NEEDED, channels
from shopdesk.web.forms import DeskForm, MoneyField, TextField
from shopdesk.web.locale import label

MOST_GRAMS = 1_000_000


def destinations() -> list[SelectChoice]:
    """Where a refund may have gone, in words."""
    return [SelectChoice(str(one), label(one)) for one in Destination]


class StepForm(DeskForm):
    """A tick.  `seen_version` is the change's version on the page that was looked at."""

    seen_version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def evidence(self) -> Evidence:
        return Evidence()


class ConfirmForm(StepForm):
    """The customer's yes, in their words."""

    text = TextField(_("What the customer answered"), [InputRequired(NEEDED)])
    via = SelectField(_("How it came"), choices=channels, default=str(ConfirmChannel.CHAT))

    def evidence(self) -> Evidence:
        return Evidence(text=self.text.data, via=ConfirmChannel(self.via.data))


class RefundForm(StepForm):
    amount = MoneyField(_("Amount refunded"), [InputRequired(NEEDED)])
    reference = TextField(_("Reference of the refund"))
    destination = SelectField(_("Where it went"), choices=destinations, default=str(Destination.PLATFORM))

    def evidence(self) -> Evidence:
        where = Destination(self.destination.data)
        return Evidence(amount_minor=self.amount.data, reference=self.reference.data, destination=where)


class HandForm(StepForm):
    """Whom the papers or the parcel are handed to; the command knows who may take them."""

    to = IntegerField(_("To whom"), [InputRequired(NEEDED), NumberRange(1, 2**62)])

    def evidence(self) -> Evidence:
        return Evidence(to=self.to.data)


class ReprintForm(StepForm):
    waybill = TextField(_("New waybill number"))

    def evidence(self) -> Evidence:
        return Evidence(waybill=self.waybill.data)


class RepackForm(StepForm):
    grams = IntegerField(_("Weight in grams"), [Optional(), NumberRange(1, MOST_GRAMS)])

    def evidence(self) -> Evidence:
        return Evidence(grams=self.grams.data)


class BookInForm(StepForm):
    """What came back, counted by line: `counted-<line>`; empty is not counted."""

    def evidence(self) -> Evidence:
        found: dict[int, int] = {}
        for name, text in request.form.items():
            line_id, said = name.removeprefix("counted-"), text.strip()
            if name.startswith("counted-") and line_id.isascii() and line_id.isdigit() and len(line_id) < 19 and said:
                found[int(line_id)] = int(said) if said.isascii() and said.isdigit() and len(said) < 9 else -1
        return Evidence(counted=found or None)


FORMS: dict[Code, type[StepForm]] = {
    Code.CONFIRM: ConfirmForm,
    Code.REFUND: RefundForm,
    Code.HAND_OUT: HandForm,
    Code.HAND_TO_AFTER_SALE: HandForm,
    Code.REPRINT: ReprintForm,
    Code.REPACK: RepackForm,
    Code.BOOK_IN: BookInForm,
}
