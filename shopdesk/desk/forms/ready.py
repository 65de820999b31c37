"""Forms of readiness: why an order waits, how the talk with its customer ended, what was paid."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _
from wtforms import DateField, HiddenField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from shopdesk.changes.service import Contacted
from shopdesk.desk.forms.page import NEEDED
from shopdesk.orders.service import DECISIONS, MOST_REASON, Payment, Wanted
from shopdesk.orders.states import ContactOutcome, PayMethod, Readiness
from shopdesk.parcels.service import BY_SKU
from shopdesk.web.forms import DeskForm, MoneyField, TextField
from shopdesk.web.locale import label

TOO_LONG = _("This is too long.")


def _words(codes) -> list[SelectChoice]:
    return [SelectChoice(str(code), label(code)) for code in codes]


def decided() -> list[SelectChoice]:
    """What people may say, in words."""
    return _words(DECISIONS)


class ReadinessForm(DeskForm):
    readiness = SelectField(_("Why it waits"), choices=decided)
    until = DateField(_("Ships from (pre-sale)"), [Optional()])
    reason = TextField(_("Reason"), [Length(max=MOST_REASON, message=TOO_LONG)])

    def wanted(self) -> Wanted:
        return Wanted(Readiness(self.readiness.data), self.until.data, self.reason.data)


class LiftForm(DeskForm):
    """What the person saw is what is lifted."""

    readiness = HiddenField()

    def seen(self) -> Readiness | None:
        known = set(DECISIONS)
        return Readiness(self.readiness.data) if self.readiness.data in known else None


class ContactForm(DeskForm):
    outcome = SelectField(_("How it ended"), choices=lambda: _words(ContactOutcome))
    text = TextField(_("What the customer said"), [Length(max=2000, message=TOO_LONG)])
    line_id = IntegerField(_("Line"), [Optional()])
    attributes = TextField(_("Attributes wanted instead"), [Length(max=500, message=TOO_LONG)])

    def contacted(self) -> Contacted:
        outcome = ContactOutcome(self.outcome.data)
        return Contacted(outcome, self.text.data, self.line_id.data, self.attributes.data)


class PaymentForm(DeskForm):
    amount = MoneyField(_("Amount paid"), [InputRequired(NEEDED)])
    method = SelectField(_("How it was paid"), choices=lambda: _words(PayMethod))
    reference = TextField(_("Reference of the payment"), [Length(max=64, message=TOO_LONG)])

    def payment(self) -> Payment:
        return Payment(self.amount.data or 0, PayMethod(self.method.data), self.reference.data)


class SkuForm(DeskForm):
    """Every order with a SKU at once."""

    store_id = SelectField(_("Store"), coerce=int)
    sku = TextField(_("SKU"), [InputRequired(NEEDED), Length(max=128, message=TOO_LONG)])
    readiness = SelectField(_("Why it waits"), choices=lambda: _words(sorted(BY_SKU)))
    until = DateField(_("Ships from (pre-sale)"), [Optional()])
    reason = TextField(_("Reason"), [Length(max=MOST_REASON, message=TOO_LONG)])

    def wanted(self) -> Wanted:
        until: date | None = self.until.data
        return Wanted(Readiness(self.readiness.data), until, self.reason.data)
