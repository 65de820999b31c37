"""Forms of the warehouse: the scan page, the answers to a recall, the dock."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime

from flask import request
from flask_babel import lazy_gettext as _
from wtforms import HiddenField, IntegerField, StringField
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from shopdesk.core.text import strip_controls
from shopdesk.returns.service import Decided, Found
from shopdesk.returns.states import Disposal, Grade, Identity, Whose
from shopdesk.warehouse.states import OFFERED, Mode
from shopdesk.web.forms import FIRST_YEAR, LAST_YEAR, DeskForm, TextField

MOST_GRAMS = 1_000_000
COUNTED = "counted-"
ROW = re.compile(r"f-\d{1,4}-quantity\Z", re.ASCII)


class ScanForm(DeskForm):
    code = TextField(
        _("Waybill, order number or parcel barcode"),
        [InputRequired(_("Scan or type a number.")), Length(max=256, message=_("This is too long for one number."))],
    )
    mode = StringField(_("What is being done"), [AnyOf(list(OFFERED))], default=str(Mode.PACK))
    happened_at = HiddenField()  # of a scan that was kept while the line was gone

    @property
    def at(self) -> datetime | None:
        """None also for what is no time: then the scan counts from now."""
        try:
            found = datetime.fromisoformat(self.happened_at.data or "")
        except ValueError:
            return None
        is_sound = found.tzinfo is not None and FIRST_YEAR <= found.year <= LAST_YEAR
        return found.astimezone(UTC) if is_sound else None


class AnswerForm(DeskForm):
    """Found, or too late; `back` is where one came from."""

    back = HiddenField()


class RecallStepForm(DeskForm):
    """Handing out, taking back, booking in; counted units come as `counted-<line>`."""

    seen_version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    to = IntegerField(_("To whom"), [Optional(), NumberRange(1, 2**62)])
    grams = IntegerField(_("Weight in grams"), [Optional(), NumberRange(1, MOST_GRAMS)])

    def counted(self) -> dict[int, int] | None:
        """Line → units, as far as somebody counted; None where nothing was asked."""
        return counted_in(request.form)


def counted_in(given: Mapping[str, str]) -> dict[int, int] | None:
    """`counted-<line>` fields of a form; what is no number is left to the command to refuse."""
    found: dict[int, int] = {}
    for name, text in given.items():
        line_id = name.removeprefix(COUNTED)
        if name.startswith(COUNTED) and line_id.isascii() and line_id.isdigit() and len(line_id) < 19:
            number = unicodedata.normalize("NFKC", text).strip()
            found[int(line_id)] = int(number) if number.isascii() and number.isdigit() and len(number) < 9 else -1
    return found or None


class SignInForm(DeskForm):
    """One scan at the dock; warehouse and place are chosen once for a series."""

    code = TextField(
        _("Waybill of the returned parcel"),
        [InputRequired(_("Scan or type a number.")), Length(max=256, message=_("This is too long for one number."))],
    )
    warehouse = IntegerField(_("Warehouse"), [InputRequired(), NumberRange(1, 2**62)])
    place = TextField(_("Shelf"), [Optional(), Length(max=64)])
    happened_at = HiddenField()

    at = ScanForm.at


class FindingsForm(DeskForm):
    """What was in a parcel: rows `f-<n>-…`; a row without a quantity says nothing."""

    seen_version = IntegerField(widget=HiddenInput(), validators=[Optional()])

    def found(self) -> list[Found]:
        return found_in(request.form)


def found_in(given: Mapping[str, str]) -> list[Found]:
    """The rows of an inspection; a number that is none is left to the command to refuse."""
    numbers = sorted({name.split("-")[1] for name in given if ROW.match(name)}, key=int)
    return [_found(f"f-{number}-", given) for number in numbers if given.get(f"f-{number}-quantity", "").strip()]


def _found(head: str, given: Mapping[str, str]) -> Found:
    def of(name: str) -> str:
        return strip_controls(given.get(head + name, "")).strip()

    line, identity = of("line"), of("identity")
    whose, _colon, beside = of("whose").partition(":")  # more:<line>: it lay beside the goods of that return
    kind = Identity(identity) if identity in set(Identity) else Identity.UNEXPECTED
    is_gone = kind is Identity.MISSING
    return Found(
        identity=kind,
        quantity=units_of(of("quantity")),
        line_id=_id(line or beside),
        whose=Whose(whose) if whose in set(Whose) else None,
        grade=None if is_gone or of("grade") not in set(Grade) else Grade(of("grade")),
        has_defect=None if is_gone or of("defect") not in {"yes", "no"} else of("defect") == "yes",
        title=of("words")[:200] or None,
        note=of("note")[:500] or None,
    )


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def units_of(text: str) -> int:
    number = unicodedata.normalize("NFKC", text).strip()
    return int(number) if number.isascii() and number.isdigit() and len(number) < 7 else -1


class PutAwayForm(DeskForm):
    """Where units of one finding go."""

    finding = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**62)])
    place = StringField(_("Where it goes"), [AnyOf(list(Disposal), message=_("Say where the units go."))])
    quantity = StringField(_("Units"), [InputRequired()])
    shelf = TextField(_("Shelf"), [Optional(), Length(max=64)])

    def decided(self) -> Decided:
        place = Disposal(self.place.data)
        return Decided(self.finding.data, place, units_of(self.quantity.data or ""), self.shelf.data)


class MatchForm(DeskForm):
    return_id = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, 2**62)])


class BoxForm(DeskForm):
    """What stands on a box and lies in it."""

    sender = TextField(_("Name on the box"), [Optional(), Length(max=64)])
    phone = TextField(_("Phone, or its last four digits"), [Optional(), Length(max=32)])
    inside = TextField(
        _("What is inside (SKU, words, or the case or order number on a slip)"), [Optional(), Length(max=500)]
    )
    place = TextField(_("Shelf"), [Optional(), Length(max=64)])


class CaseForGoodsForm(DeskForm):
    number = TextField(_("Order number, or waybill"), [InputRequired(_("Scan or type a number.")), Length(max=256)])
