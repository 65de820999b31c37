"""Forms of goods that come back, of couriers and claims, of a store's policy."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, SelectField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from shopdesk.cases.states import MAX_SAID, ClaimState, CourierOutcome
from shopdesk.returns.states import FreightPayer
from shopdesk.web.forms import DeskForm, LocalTimeField, MoneyField, TextField
from shopdesk.web.locale import label

NEEDED = _("Please fill this in.")
MAX_REASON = 500
UNITS = "units_"  # and the id of the order line
MOST_UNITS = 9_999_999


def units_typed() -> dict[int, str]:
    """Line id → what was typed for its units."""
    found = {}
    for name, value in request.form.items():
        line_id = name.removeprefix(UNITS)
        if name.startswith(UNITS) and line_id.isascii() and line_id.isdigit() and len(line_id) < 19:
            found[int(line_id)] = value.strip()
    return found


F = TypeVar("F", bound=DeskForm)


def own_ids(form: F, suffix: object) -> F:
    """Give its fields ids of their own: several of one kind stand on a page."""
    for each in form:
        each.id = f"{each.short_name}-{suffix}"
        each.label.field_id = each.id
    return form


class UnitsForm(DeskForm):
    """Units per line, in fields named by the line; `typed` keeps them as they were typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = units_typed() if request.method == "POST" else {}

    def units(self) -> dict[int, int]:
        """Only lines with units; a figure that is none counts as -1, which every rule refuses."""
        found = {}
        for line_id, text in self.typed.items():
            if text and not (text.isascii() and text.isdigit() and not text.strip("0")):
                is_figure = text.isascii() and text.isdigit() and int(text) <= MOST_UNITS
                found[line_id] = int(text) if is_figure else -1
        return found


def _payers() -> list[tuple[str, str]]:
    payers = (FreightPayer.CUSTOMER, FreightPayer.SHOP)
    return [("", gettext("As the policy says")), *((str(payer), label(payer)) for payer in payers)]


class ConfirmForm(UnitsForm):
    freight = SelectField(_("Who pays for the way back"), choices=_payers, default="")
    until = LocalTimeField(_("To be sent by"), [Optional()])
    exception = TextAreaField(
        _("Exception from the policy, because"),
        [Length(max=MAX_REASON, message=_("Too long: at most 500 characters."))],
    )

    def payer(self) -> FreightPayer | None:
        return FreightPayer(self.freight.data) if self.freight.data else None


class ReturnForm(DeskForm):
    """A form of one return; `of` says which, so that what was typed is shown there only."""

    of = 0


class WaybillForm(ReturnForm):
    numbers = TextAreaField(_("Waybill, or several"), [InputRequired(NEEDED), Length(max=2000)])
    carrier = TextField(_("Courier"), [Length(max=64)])


class CancelForm(ReturnForm):
    reason = TextField(_("Reason"), [InputRequired(NEEDED), Length(max=MAX_REASON)])


class ExtendForm(ReturnForm):
    until = LocalTimeField(_("To be sent by"), [InputRequired(NEEDED)])
    reason = TextField(_("Reason"), [InputRequired(NEEDED), Length(max=MAX_REASON)])


class GiveUpForm(UnitsForm):
    of = 0
    reason = TextField(_("Why it does not come"), [InputRequired(NEEDED), Length(max=MAX_REASON)])


class CourierForm(DeskForm):
    outcome = SelectField(
        _("What the courier was asked or told"),
        [InputRequired(NEEDED)],
        choices=lambda: [(str(each), label(each)) for each in CourierOutcome],
    )
    said = TextAreaField(_("In words"), [Length(max=MAX_SAID, message=_("Too long: at most 2000 characters."))])
    parcel_id = HiddenField()

    def parcel(self) -> int | None:
        given = self.parcel_id.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


class ClaimForm(DeskForm):
    amount = MoneyField(_("Amount"), [InputRequired(NEEDED)])
    carrier = TextField(_("Courier"), [InputRequired(NEEDED), Length(max=64)])
    waybill = TextField(_("Waybill"), [Length(max=64)])
    due = LocalTimeField(_("To be answered by"), [Optional()])
    reference = TextField(_("Their reference"), [Length(max=64)])


class ClaimMoveForm(DeskForm):
    """What came of a claim; `of` says of which."""

    of = 0
    state = SelectField(_("What came of it"), choices=lambda: [(str(each), label(each)) for each in ClaimState])
    paid = MoneyField(_("Paid"), [Optional()])
    result = TextField(_("In words"), [Length(max=MAX_SAID)])


class PolicyForm(DeskForm):
    days = IntegerField(_("Days after delivery"), [InputRequired(NEEDED), NumberRange(0, 365)])
    condition = TextField(_("What the goods must be like"), [InputRequired(NEEDED), Length(max=200)])
    freight = SelectField(
        _("Who pays for the way back"), choices=lambda: [(str(each), label(each)) for each in FreightPayer]
    )
    receiver = TextAreaField(
        _("Where customers send to"), [Length(max=500, message=_("Too long: at most 500 characters."))]
    )
