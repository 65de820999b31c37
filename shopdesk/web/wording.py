"""The words of marshmallow, which checks what is sent to the API, in the person's language."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import lazy_gettext as _

#: marshmallow's own message, its parts in braces → ours.
MESSAGES: dict[str, Any] = {
    "Missing data for required field.": _("Please fill this in."),
    "Field may not be null.": _("This may not be null."),
    "Unknown field.": _("There is no such field."),
    "Invalid input type.": _("An object is wanted here."),
    "Invalid type.": _("An object is wanted here."),
    "Not a valid mapping type.": _("An object is wanted here."),
    "Not a valid list.": _("A list is wanted here."),
    "Not a valid string.": _("Text is wanted here."),
    "Not a valid integer.": _("A whole number is wanted here."),
    "Not a valid number.": _("A number is wanted here."),
    "Number too large.": _("A number is too large."),
    "Not a valid boolean.": _("Only true or false is wanted here."),
    "Not a valid date.": _("A day is wanted here, as 2026-11-30."),
    "Must be one of: {choices}.": _("One of these is wanted here: %(choices)s."),
    "Must be greater than or equal to {least} and less than or equal to {most}.": _(
        "A number from %(least)s to %(most)s is wanted here."
    ),
    "Shorter than minimum length {least}.": _("The shortest length here is %(least)s."),
    "Longer than maximum length {most}.": _("The longest length here is %(most)s."),
    "Length must be between {least} and {most}.": _("A length from %(least)s to %(most)s is wanted here."),
    "Length must be {exact}.": _("A length of exactly %(exact)s is wanted here."),
    "Invalid value.": _("This does not fit here."),
}
PATTERNS = [
    (re.compile(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(theirs)) + r"\Z", re.DOTALL), ours)
    for theirs, ours in MESSAGES.items()
]


def by_field(messages: Any) -> Any:
    """A refusal's messages worded, in the one shape that the API has: field → list of texts, or the same of its parts.

    The rows of a list go by their index; what is about the whole goes by `_schema`.
    """
    if isinstance(messages, dict):
        return {str(name): _texts(inner) for name, inner in messages.items()}
    return {"_schema": _texts(messages)} if messages else {}


def _texts(inner: Any) -> Any:
    if isinstance(inner, dict):
        return by_field(inner)
    many = inner if isinstance(inner, list | tuple) else [inner]
    return [str(worded(one)) for one in many]


def worded(messages: Any) -> Any:
    """A refusal's messages, by field, with every text of marshmallow's put into ours; others stay as they are."""
    if isinstance(messages, dict):
        return {name: worded(inner) for name, inner in messages.items()}
    if isinstance(messages, list | tuple):
        return [worded(inner) for inner in messages]
    text = str(messages)
    for pattern, ours in PATTERNS:
        if found := pattern.match(text):
            return str(ours) % found.groupdict() if pattern.groups else str(ours)
    return text
