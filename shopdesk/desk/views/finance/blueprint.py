"""The blueprint that finance's pages hang on, and how a command of theirs is run."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, request
from werkzeug.wrappers import Response

from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.web.errors import STATUS, message_of
from shopdesk.web.forms import DeskForm, new_key, submit

bp = Blueprint("finance", __name__)
ID = "int(max=9223372036854775807)"  # a path part that fits a row's id
Page = str | tuple[str, int] | Response
SHOWN_HERE = (Conflict, IllegalMove, RuleViolation)
Refused = Callable[[int, str], Page]


def run(form: DeskForm, act: Callable[[], str], refused: Refused, *, said: str) -> Page:
    """Run a command; what is refused stands on its page again, with all that was typed."""
    if not form.validate_on_submit():
        return refused(422, "")
    try:
        answer = submit(form, act)
    except SHOWN_HERE as error:
        form.command_key.data = new_key()
        return refused(STATUS[type(error)], message_of(error))
    flash(said, "success")
    return answer


def after_given() -> int:
    """The row that a page goes on from."""
    given = request.args.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else 0
