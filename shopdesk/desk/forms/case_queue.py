"""Forms of the queue of cases: what is done with the ticked ones, a view that is kept, a reminder and its answer."""

from __future__ import annotations

from datetime import UTC, datetime

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.validators import Length

from shopdesk.cases.states import MAX_OUTCOME, WaitingFor
from shopdesk.desk.rules import BulkWish, number_of
from shopdesk.desk.states import BulkAct
from shopdesk.web.forms import DeskForm, LocalTimeField, TextField

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
TOO_LONG = _("Too long: at most %(max)d characters.")


class BulkForm(DeskForm):
    """The ticked cases, or (`every`) those that match the list as it was shown; each button names its act."""

    case = SelectMultipleField(_("Cases"), validate_choice=False)
    every = TextField(_("All that match"))
    shown_at = TextField(_("Until"))
    act = TextField(_("What to do"))
    to = TextField(_("To"))
    waiting_for = TextField(_("Waiting for"))
    due = LocalTimeField(_("Due"))
    outcome = TextField(_("How it ended"), [Length(max=MAX_OUTCOME, message=TOO_LONG)])
    back = TextField(_("Back"))

    def ids(self) -> list[int]:
        found = (number_of(text) for text in self.case.data or [])
        return list(dict.fromkeys(one for one in found if one is not None))

    def seen_at(self) -> datetime:
        """When the list was shown; what says nothing useful is long ago."""
        try:
            found = datetime.fromisoformat(self.shown_at.data or "")
        except ValueError:
            return LONG_AGO
        return found if found.tzinfo else LONG_AGO

    def wish(self, zone: str) -> BulkWish | None:
        """None where no button of ours sent it."""
        if self.act.data not in set(BulkAct):
            return None
        party = self.waiting_for.data
        return BulkWish(
            BulkAct(self.act.data),
            to=number_of(self.to.data or ""),
            waiting_for=WaitingFor(party) if party in set(WaitingFor) else None,
            due_at=self.due.at(zone),
            outcome=self.outcome.data or "",
        )


class ViewForm(DeskForm):
    title = TextField(_("Name of the view"), [Length(max=40, message=TOO_LONG)])
    query = TextField(_("What it shows"), [Length(max=4000, message=TOO_LONG)])


class RenameViewForm(DeskForm):
    title = TextField(_("Name of the view"), [Length(max=40, message=TOO_LONG)])
    back = TextField(_("Back"))


class ShareViewForm(DeskForm):
    """With a store; empty: with nobody."""

    store = TextField(_("Store"))
    back = TextField(_("Back"))

    def store_id(self) -> int | None:
        return number_of(self.store.data or "")


class WordsForm(DeskForm):
    """A reminder, or what is answered to one."""

    words = TextField(_("Words"), [Length(max=500, message=TOO_LONG)])
    back = TextField(_("Back"))


class RegisterForm(DeskForm):
    """Which entries of a register are shown or taken out."""

    kind = TextField(_("Kind"))
    first = TextField(_("from"))
    last = TextField(_("until"))
    owner = TextField(_("Owner"))
    state = TextField(_("State"))
    after = TextField(_("After"))

    def owner_id(self) -> int | None:
        return number_of(self.owner.data or "")

    def after_id(self) -> int | None:
        return number_of(self.after.data or "")
