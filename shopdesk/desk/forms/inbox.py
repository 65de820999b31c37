"""Forms of the inbox: one answer, several at once, a void."""

from flask_babel import lazy_gettext as _
from wtforms import SelectMultipleField
from wtforms.validators import AnyOf, Length

from shopdesk.notices.models import Answer
from shopdesk.web.forms import DeskForm, TextField

CHOOSE = _("Choose one of the answers.")


class AnswerForm(DeskForm):
    """Its buttons carry the answer; the batch is asked for *already printed* and may be left out."""

    answer = TextField(_("Answer"), [AnyOf([str(a) for a in Answer], CHOOSE)])
    batch = TextField(_("Batch"), [Length(max=32, message=_("Too long: at most 32 characters."))])


class SelectedForm(DeskForm):
    """The notices that are acknowledged as *not printed* in one go."""

    notice = SelectMultipleField(_("Notices"), validate_choice=False)

    def ids(self) -> list[int]:
        """What was ticked, without what cannot be an id."""
        given = self.notice.data or []
        return list(dict.fromkeys(int(i) for i in given if i.isascii() and i.isdigit() and len(i) < 19))


class VoidForm(DeskForm):
    """Nothing but the token and the command key."""
