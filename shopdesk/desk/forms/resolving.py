"""Forms of how a case is resolved: ways, goods that go out, money, invoice, its end."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from flask import request
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from shopdesk.cases.states import MAX_OUTCOME, AmountPart, Fault, PaidTo, Resolution
from shopdesk.core import money
from shopdesk.core.errors import RuleViolation
from shopdesk.core.text import strip_controls
from shopdesk.desk.forms.page import NEEDED
from shopdesk.replacements.states import DifferenceSettled, NotBack, ReplacementKind
from shopdesk.web.forms import DeskForm, LocalTimeField, MoneyField, TextField
from shopdesk.web.locale import label

TOO_LONG = _("This is too long.")
LONGEST_NUMBER = 10  # digits
MOST_TYPED = 500  # characters of one typed field of a line


def _words(codes: Iterable[StrEnum]) -> list[SelectChoice]:
    return [SelectChoice(str(code), label(code)) for code in codes]


class WayForm(DeskForm):
    """A way in which the case is resolved."""

    resolution = SelectField(_("How it is resolved"), choices=lambda: _words(Resolution))
    exception = TextField(_("Why an exception"), [Length(max=500, message=TOO_LONG)])


class WayBackForm(DeskForm):
    resolution = SelectField(choices=lambda: _words(Resolution))


class InvoiceForm(DeskForm):
    sent = SelectField(choices=lambda: [SelectChoice("yes", "yes"), SelectChoice("no", "no")])


class DocumentForm(DeskForm):
    reference = TextField(_("Number of the document"), [InputRequired(NEEDED), Length(max=64, message=TOO_LONG)])


class LinesForm(DeskForm):
    """Figures and texts by line, in fields named after it; what was typed is kept in `typed`."""

    @property
    def typed(self) -> dict[str, str]:
        return {name: strip_controls(text)[:MOST_TYPED] for name, text in request.form.items() if "-" in name}

    def number(self, name: str, line_id: int) -> int:
        """0 where nothing was typed.  Raises RuleViolation for what is no number of units."""
        text = self.typed.get(f"{name}-{line_id}", "").strip() or "0"
        if not (text.isascii() and text.isdigit() and len(text) < LONGEST_NUMBER):
            raise RuleViolation("Say how many units.", code="value_required", missing="quantity")
        return int(text)

    def text(self, name: str, line_id: int) -> str | None:
        return self.typed.get(f"{name}-{line_id}", "").strip() or None

    def amount(self, name: str, line_id: int, currency: str) -> int | None:
        """Raises ValueError for what is no amount."""
        text = self.text(name, line_id)
        return None if text is None else money.parse_minor(text, currency)


class RefundForm(LinesForm):
    amount = MoneyField(_("Amount, where less than was paid"), [Optional()])


class OutForm(LinesForm):
    """An exchange, a reship, goods sent back: `units-ID`, `sku-ID`, `title-ID`, `attributes-ID`, `price-ID`."""

    kind = SelectField(_("What goes out"), choices=lambda: _words(ReplacementKind))
    address = TextAreaField(_("To another address"), [Length(max=400, message=TOO_LONG)])
    waits = SelectField(
        _("When"),
        choices=lambda: [
            SelectChoice("wait", gettext("when the goods were inspected")),
            SelectChoice("now", gettext("now")),
        ],
        default="wait",
    )
    due_at = LocalTimeField(_("Sent ahead: the goods are expected back by"))


class OfReplacement(DeskForm):
    """About one of the goods that go out (`of`: its id): a case may have several, each with its forms."""

    of: int = 0


class AheadForm(OfReplacement):
    due_at = LocalTimeField(_("The goods are expected back by"), [InputRequired(NEEDED)])


class OutWaybillForm(OfReplacement):
    number = TextField(_("Waybill no."), [InputRequired(NEEDED), Length(max=128, message=TOO_LONG)])
    carrier = TextField(_("Courier"), [Length(max=64, message=TOO_LONG)])


class NotBackForm(OfReplacement):
    how = SelectField(_("What is decided"), choices=lambda: _words(NotBack))
    amount = MoneyField(_("Amount, where less than was paid"), [Optional()])
    reason = TextField(_("Reason"), [InputRequired(_("Please say why.")), Length(max=500, message=TOO_LONG)])


class DifferenceForm(OfReplacement):
    how = SelectField(_("How the difference was settled"), choices=lambda: _words(DifferenceSettled))
    order_number = TextField(_("Number of the difference order"), [Length(max=64, message=TOO_LONG)])
    reference = TextField(_("Reference"), [Length(max=64, message=TOO_LONG)])
    reason = TextField(_("Reason"), [Length(max=500, message=TOO_LONG)])


class WhyForm(OfReplacement):
    reason = TextField(_("Reason"), [InputRequired(_("Please say why.")), Length(max=500, message=TOO_LONG)])


class ExpectForm(DeskForm):
    part = SelectField(_("What for"), choices=lambda: _words((AmountPart.FREIGHT, AmountPart.COMPENSATION)))
    amount = MoneyField(_("Amount"), [InputRequired(NEEDED)])


class SettleForm(DeskForm):
    part = SelectField(_("What for"), choices=lambda: _words(AmountPart))
    amount = MoneyField(_("Amount"), [InputRequired(NEEDED)])
    destination = SelectField(_("Paid to"), choices=lambda: _words(PaidTo))
    account = TextField(_("Account (bank, Alipay)"), [Length(max=120, message=TOO_LONG)])
    reference = TextField(_("Reference"), [Length(max=64, message=TOO_LONG)])


class EndForm(DeskForm):
    outcome = TextAreaField(_("How it ended"), [InputRequired(NEEDED), Length(max=MAX_OUTCOME, message=TOO_LONG)])
    fault = SelectField(_("Caused by"), choices=lambda: _words(Fault))
    fault_person = SelectField(_("Person"), validate_choice=False, choices=())
    fault_said = TextField(_("What that person answered"), [Length(max=500, message=TOO_LONG)])
    exception = TextField(_("Why it is refunded all the same"), [Length(max=500, message=TOO_LONG)])
    how = HiddenField()

    def person(self) -> int | None:
        given = self.fault_person.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


F = TypeVar("F", bound=DeskForm)


def placed(form: F, place: str) -> F:
    """The form with ids of its own: several stand on one page."""
    for one in form:
        one.id = one.label.field_id = f"{place}-{one.id}"
    return form
