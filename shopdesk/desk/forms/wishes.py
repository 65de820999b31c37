"""One form per kind of change.  `value()` is what was asked for, with the keys of orders.states.Field."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, StopValidation, ValidationError

from shopdesk.changes.states import ConfirmChannel, Kind, Others
from shopdesk.core.addresses import FIELDS
from shopdesk.desk.forms.page import NEEDED, channels
from shopdesk.web.forms import MAX_TEXT, DeskForm, LocalTimeField, MoneyField, TextField
from shopdesk.web.locale import label

MOST_DIGITS = 8


class WishForm(DeskForm):
    """What every wish carries: the stage and the open change that were seen, and perhaps the customer's yes."""

    seen_stage = HiddenField()
    seen_change = HiddenField()
    pulls_back = HiddenField()  # the page offered to pull the parcel back
    line_id = HiddenField()
    confirmed_text = TextField(_("What the customer wrote"))
    confirmed_via = SelectField(_("How it came"), choices=channels, default=str(ConfirmChannel.CHAT))
    confirmed_at = LocalTimeField(_("When"), description=_("Empty is now."))

    def value(self) -> dict[str, Any]:
        return {}

    def fill(self, old: dict[str, Any]) -> None:
        """Put the value that holds now where it helps to begin from it."""


class AddressForm(WishForm):
    """One pasted line, taken apart; the parts can be typed too.  `shown` marks the diff that was looked at."""

    pasted = TextAreaField(_("Paste the new address in one line"), [Length(max=MAX_TEXT)])
    name = TextField(_("Recipient"))
    phone = TextField(_("Phone"))
    province = TextField(_("Province"))
    city = TextField(_("City"))
    district = TextField(_("District"))
    street = TextField(_("Street and house number"))
    zip = TextField(_("Post code"))
    others = SelectField(
        _("The other orders of the parcel"),
        choices=lambda: [("", _("Choose")), *((str(one), label(one)) for one in Others)],
        validators=[Optional()],
    )
    shown = HiddenField()

    def value(self) -> dict[str, Any]:
        return {part: getattr(self, part).data for part in FIELDS}


class AttributeForm(WishForm):
    attributes = TextField(_("New attributes"), [InputRequired(NEEDED)])

    def value(self) -> dict[str, Any]:
        return {"attributes": self.attributes.data}

    def fill(self, old: dict[str, Any]) -> None:
        self.attributes.data = old.get("attributes")


def stop_unread(_form: Any, field: Any) -> None:
    """What could not be read has its message: no further check of it."""
    if field.errors:
        raise StopValidation


class QuantityForm(WishForm):
    quantity = IntegerField(
        _("Units that remain"), [InputRequired(_("Please give a number.")), stop_unread, NumberRange(0, 10**6)]
    )

    def value(self) -> dict[str, Any]:
        return {"quantity": self.quantity.data}


class AmountForm(WishForm):
    amount = MoneyField(_("New amount"), [InputRequired(NEEDED)])

    def value(self) -> dict[str, Any]:
        return {"amount_minor": self.amount.data}


class CourierForm(WishForm):
    text = TextField(_("Which courier?"), [InputRequired(NEEDED)])

    def value(self) -> dict[str, Any]:
        return {"text": self.text.data}


class InvoiceForm(CourierForm):
    text = TextField(_("Invoice title"), [InputRequired(NEEDED)], description=_("And the tax number of a company."))


class CardForm(CourierForm):
    text = TextField(_("Text of the card"), [InputRequired(NEEDED)])


class TimeForm(CourierForm):
    text = TextField(_("When shall it be delivered?"), [InputRequired(NEEDED)])


WHOLE, LINES = "whole", "lines"


class CancelForm(WishForm):
    """The whole order, or ticked lines (`line`), each with its units (`units-ID`)."""

    text = TextField(_("Why? (may stay empty)"), [Optional()])
    scope = HiddenField(_("What is cancelled"), default=WHOLE)

    def value(self) -> dict[str, Any]:
        if self.scope.data != LINES:
            return {"text": self.text.data}
        return {"text": self.text.data, "lines": self.ticked()}

    def validate_scope(self, field: HiddenField) -> None:
        if field.data != LINES and self.ticked():
            raise ValidationError(gettext("Lines are ticked: choose “Only what is ticked here”, or untick them."))

    def ticked(self) -> dict[int, int]:
        """Line → units; 0 where no number was given, which the rules refuse."""
        found = [str(line) for line in request.form.getlist("line")]
        return {int(line): _number(request.form.get(f"units-{line}", "")) for line in found if line.isdecimal()}


def _number(text: str) -> int:
    """Full-width digits count as digits; anything else is none."""
    text = text.strip()
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else 0


FORMS: dict[Kind, type[WishForm]] = {
    Kind.ADDRESS: AddressForm,
    Kind.ATTRIBUTE: AttributeForm,
    Kind.QUANTITY: QuantityForm,
    Kind.COURIER: CourierForm,
    Kind.INVOICE: InvoiceForm,
    Kind.GREETING_CARD: CardForm,
    Kind.DELIVERY_TIME: TimeForm,
    Kind.PRICE: AmountForm,
    Kind.FREIGHT: AmountForm,
    Kind.CANCEL: CancelForm,
}
