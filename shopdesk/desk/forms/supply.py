"""Forms of what a supplier is asked and answers, and of parcels that are split, merged or sent from elsewhere."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from shopdesk.changes.service import Reply
from shopdesk.changes.states import SupplierAnswer, SupplierChannel
from shopdesk.desk.forms.page import NEEDED
from shopdesk.web.forms import DeskForm, TextField
from shopdesk.web.locale import label

TOO_LONG = _("This is too long.")


def supplier_channels() -> list[SelectChoice]:
    return [SelectChoice(str(one), label(one)) for one in SupplierChannel]


def supplier_answers() -> list[SelectChoice]:
    return [SelectChoice(str(one), label(one)) for one in SupplierAnswer]


class SentForm(DeskForm):
    seen_version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    via = SelectField(_("How it was sent"), choices=supplier_channels)


class ReplyForm(DeskForm):
    seen_version = IntegerField(widget=HiddenInput(), validators=[Optional()])
    answer = SelectField(_("Their answer"), choices=supplier_answers)
    text = TextField(_("In their words"), [Length(max=2000, message=TOO_LONG)])
    waybill = TextField(_("New waybill number"), [Length(max=64, message=TOO_LONG)])
    grams = IntegerField(_("Weight in grams"), [Optional(), NumberRange(1, 1_000_000)])

    def reply(self) -> Reply:
        answer = SupplierAnswer(self.answer.data)
        return Reply(answer, self.text.data, waybill=self.waybill.data, grams=self.grams.data)


class MergeForm(DeskForm):
    """The parcels that come into this one."""

    parcel = SelectMultipleField(_("Parcels"), validate_choice=False)

    def ids(self) -> list[int]:
        given = self.parcel.data or []
        return list(dict.fromkeys(int(i) for i in given if i.isascii() and i.isdigit() and len(i) < 19))


class WarehouseForm(DeskForm):
    warehouse_id = IntegerField(_("Ships from"), [InputRequired(NEEDED), NumberRange(1, 2**62)])
