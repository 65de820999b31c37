"""References typed by hand (of a refund, a claim): a place for a number, never for a name, a phone or a story."""

import re

from shopdesk.core.errors import RuleViolation
from shopdesk.core.phones import phone_key

MOST = 64  # characters
_SHAPE = re.compile(r"(?=.*\d)[A-Za-z0-9](?:[A-Za-z0-9 ._/#:-]*[A-Za-z0-9])?\Z", re.ASCII)
_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}\Z", re.ASCII)


def check_reference(text: str) -> None:
    """Raise RuleViolation for what is no reference: other characters, no digit, too long, a phone number.

    It stands in the step's evidence, where no personal text may be (trust.md rule 6).
    """
    if len(text) > MOST or not _SHAPE.match(text) or _is_phone(text):
        raise RuleViolation(
            "A reference has letters, digits and - . / # : only, at least one digit, at most %(most)d characters, and "
            "is no phone number.", code="bad_reference", most=MOST,
        )  # fmt: skip


def _is_phone(text: str) -> bool:
    digits = re.sub(r"[\s\-./]", "", text)
    return bool(_MOBILE.match(digits)) or (text.startswith("0") and phone_key(text) is not None)
