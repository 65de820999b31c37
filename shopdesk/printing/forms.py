"""Forms of printing."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, SelectField
from wtforms.validators import Length

from shopdesk.printing.states import Paper, Parts, Why
from shopdesk.web.forms import DeskForm, TextField
from shopdesk.web.locale import label

TOO_LONG = _("This is too long.")


def _words(codes) -> list[tuple[str, str]]:
    return [(str(code), label(code)) for code in codes]


class _OnPaper(DeskForm):
    paper = SelectField(_("Paper"), choices=lambda: _words(Paper), default=str(Paper.A4))
    parts = SelectField(_("Which papers"), choices=lambda: _words(Parts), default=str(Parts.BOTH))


class PrintForm(_OnPaper):
    """The ticked parcels come as `parcel`, as often as needed; without a name the batch gets the next one."""

    batch = TextField(_("Batch"), [Length(max=32, message=TOO_LONG)])


class ReprintForm(_OnPaper):
    why = SelectField(_("Why once more"), choices=lambda: _words(Why), default=str(Why.TORN))
    waybill = TextField(_("New waybill number"), [Length(max=64, message=TOO_LONG)])
    seen_version = HiddenField()  # of the change whose step it is


class VoidForm(DeskForm):
    seen_version = HiddenField()
