"""Forms of refunds: the calculator, what is decided about one, what a store sets."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from shopdesk.cases.states import PaidTo
from shopdesk.desk.forms.page import NEEDED
from shopdesk.desk.forms.resolving import TOO_LONG, LinesForm
from shopdesk.refunds.states import CouponPolicy, RefundKind
from shopdesk.web.forms import DeskForm, MoneyField, TextField
from shopdesk.web.locale import label

#: The kinds in the order in which they are offered.
KINDS = (RefundKind.GOODWILL, RefundKind.PRICE_ADJUSTMENT, RefundKind.DUPLICATE_PAYMENT)


def _words(codes: Iterable[StrEnum]) -> list[SelectChoice]:
    return [SelectChoice(str(code), label(code)) for code in codes]


def paid_to() -> list[SelectChoice]:
    """Where a refund may go, in words."""
    return _words(PaidTo)


class TargetForm(LinesForm):
    """Where money goes."""

    destination = SelectField(_("Where it goes"), choices=lambda: _words(PaidTo))
    account = TextField(_("Account (bank, Alipay, transfer)"), [Length(max=120, message=TOO_LONG)])


def invoice_answers() -> list[SelectChoice]:
    """Whether an invoice was sent with the order: nobody has to know it yet."""
    words = {"": gettext("Not known yet"), "yes": gettext("Yes"), "no": gettext("No")}
    return [SelectChoice(value, said) for value, said in words.items()]


class WithoutCaseForm(TargetForm):
    invoice = SelectField(_("Was an invoice sent with the order?"), choices=invoice_answers, default="")

    @property
    def invoice_sent(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.invoice.data)


class DirectForm(WithoutCaseForm):
    kind = SelectField(_("What for"), choices=lambda: _words(KINDS))
    amount = MoneyField(_("Amount"), [InputRequired(NEEDED)])
    reason = TextField(_("Why"), [InputRequired(NEEDED), Length(max=500, message=TOO_LONG)])


class CaseForm(TargetForm):
    """`units-ID` by line; `seen` is the total that was looked at."""

    shipping = MoneyField(_("Freight back"), [Optional()])
    compensation = MoneyField(_("Compensation"), [Optional()])
    fee = MoneyField(_("Kept by the shop"), [Optional()])
    fee_reason = TextField(_("Why it is kept"), [Length(max=500, message=TOO_LONG)])
    coupon_from = MoneyField(_("Coupon: from"), [Optional()])
    coupon_off = MoneyField(_("Coupon: off"), [Optional()])
    reason = TextField(_("Note"), [Length(max=500, message=TOO_LONG)])
    exception = TextField(_("Why an exception"), [Length(max=500, message=TOO_LONG)])
    seen = IntegerField(validators=[Optional()])


class ChangeRefundForm(WithoutCaseForm):
    amount = MoneyField(_("Amount"), [Optional()])


class WhyForm(DeskForm):
    reason = TextField(_("Reason"), [InputRequired(_("Please say why.")), Length(max=500, message=TOO_LONG)])


class TakeBackForm(WhyForm):
    payout = IntegerField(validators=[InputRequired(NEEDED)])


class SettingsForm(DeskForm):
    limit = MoneyField(_("Limit of an order"), [Optional()])
    days = IntegerField(_("Over how many days"), [InputRequired(NEEDED), NumberRange(1, 366)])
    coupons = SelectField(_("Coupons"), choices=lambda: _words(CouponPolicy))

    @classmethod
    def with_places(cls, known: Iterable[str]) -> type[SettingsForm]:
        """A field for each destination: who pays it out."""
        choices = [SelectChoice("", gettext("as usual")), *(SelectChoice(name, label_of(name)) for name in known)]
        fields = {f"place_{where}": SelectField(label(where), choices=choices) for where in PaidTo}
        return type("SettingsForm", (cls,), fields)


def label_of(place: str) -> str:
    """Who pays, in words."""
    return {
        "platform": gettext("the platform itself"),
        "manual": gettext("finance, by hand"),
        "fake": gettext("the stand-in of the demo"),
    }.get(place, place)
