"""A list of numbers as a page sends it: pasted, or in a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from werkzeug.wrappers import Response

from shopdesk.changes.forms import CheckForm, DispatchForm, take_file
from shopdesk.core.errors import RuleViolation
from shopdesk.core.text import clean_listed
from shopdesk.web.errors import message_of
from shopdesk.web.forms import submit

Form = TypeVar("Form", CheckForm, DispatchForm)
Page = tuple[str, int] | str | Response


def list_posted(
    form: Form, columns: Sequence[str], checked: Callable[[list[str]], str], page: Callable[[Form], str]
) -> Page:
    """Check the numbers and go where `checked` says; what does not fit is said at the field, with what was typed."""
    try:
        take_file(form, columns)
        if form.validate():
            return submit(form, lambda: checked(clean_listed(form.numbers.data or "")))
    except RuleViolation as error:
        form.validate()
        form.numbers.errors = [message_of(error)]
    return page(form), 422
