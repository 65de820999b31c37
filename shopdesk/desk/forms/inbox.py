"""Forms of the inbox: one answer, several at once, a void."""

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.validators import AnyOf, Length, Optional

from shopdesk.notices.models import Answer
from shopdesk.web.forms import DeskForm, TextField

CHOOSE = _("Choose one of the answers.")


class AnswerForm(DeskForm):
    """Its buttons carry the answer; the batch is asked for *already printed* and may be left out."""

    answer = TextField(_("Answer"), [AnyOf([str(a) for a in Answer], CHOOSE)])
    batch = TextField(_("Batch"), [Length(max=32, message=_("Too long: at most 32 characters."))])


class SelectedForm(DeskForm):
    """Several notices in one go: the ticked ones, or (`every`) all that match up to the newest one that was shown.

    `answer` is for those that ask how far the parcel is; without one only news is noted.
    """

    notice = SelectMultipleField(_("Notices"), validate_choice=False)
    answer = TextField(_("Answer"), [Optional(), AnyOf([str(a) for a in Answer], CHOOSE)])
    every = TextField(_("All that match"))
    up_to = TextField(_("Up to"))

    def ids(self) -> list[int]:
        """What was ticked, without what cannot be an id; one tick may stand for the same alarm to several roles."""
        given = (part for text in self.notice.data or [] for part in text.split(","))
        return list(dict.fromkeys(found for found in map(_id, given) if found))

    def given(self) -> Answer | None:
        """The answer for what asks about the stage; *noted* is none."""
        said = Answer(self.answer.data) if self.answer.data else Answer.NOT_PRINTED
        return None if said is Answer.NOTED else said

    def newest(self) -> int:
        """The newest notice that was shown, of all that match; 0 where only the ticked ones are meant."""
        return _id(self.up_to.data or "") if self.every.data else 0


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


class VoidForm(DeskForm):
    """Nothing but the token and the command key."""
