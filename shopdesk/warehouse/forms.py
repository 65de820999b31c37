"""The one field of the scan page."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, StringField
from wtforms.validators import AnyOf, InputRequired, Length

from shopdesk.warehouse.states import Mode
from shopdesk.web.forms import FIRST_YEAR, LAST_YEAR, DeskForm, TextField


class ScanForm(DeskForm):
    code = TextField(
        _("Waybill, order number or parcel barcode"),
        [InputRequired(_("Scan or type a number.")), Length(max=256, message=_("This is too long for one number."))],
    )
    mode = StringField(_("What is being done"), [AnyOf(list(Mode))], default=str(Mode.PACK))
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
