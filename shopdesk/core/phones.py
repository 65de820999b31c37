"""Phone numbers as keys: two writings of one number give one key, a masked number gives none."""

import re
import unicodedata

import phonenumbers

from shopdesk.core.masking import is_masked, split_extension

_LABEL = re.compile(r"\s*[^\d+*(（]{0,16}?[:：]\s*")
_CN_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})\Z", re.ASCII)
_LAST_FOUR = re.compile(r"(?:\A|[\d*])(\d{4})\Z", re.ASCII)
_PUNCTUATION = re.compile(r"[\s\-()./'\u2010-\u2015]+")
_LONGEST = 64


def phone_key(text: str | None, region: str = "CN") -> str | None:
    """Return the key of a phone number, or None for a masked value or no number.

    Mainland mobiles are their 11 digits, other mainland numbers their national digits (`057188880000`), all others
    `+` and the full number. A virtual number's extension belongs to the key (`13812345678-1234`): strangers share
    the number before it. `region` is the store's country: how a number without a country code is read.
    """
    if not text or len(text) > _LONGEST or is_masked(text):
        return None
    key = _key(text, region)
    return key if key and _key(key, "CN") == key else None  # what is not read as itself again is no key


def _key(text: str, region: str) -> str | None:
    base, extension = split_extension(_plain(text))
    key = _mobile_key(base) or _number_key(base, region)
    return f"{key}-{extension}" if key and extension else key


def tail4(text: str | None) -> str | None:
    """Return the last four digits before an extension, also of `138****5678`; None where they are not known."""
    if not text or len(text) > _LONGEST:
        return None
    base, _extension = split_extension(_plain(text))
    digits = _PUNCTUATION.sub("", base)
    found = _LAST_FOUR.search(digits)
    if not found or not re.fullmatch(r"\+?[\d*]+", digits, re.ASCII):
        return None
    return found[1]


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).strip().strip("'\"=")
    label = _LABEL.match(plain)
    return (plain[label.end() :] if label else plain).strip()


def _mobile_key(number: str) -> str | None:
    found = _CN_MOBILE.match(_PUNCTUATION.sub("", number))
    return found[1] if found else None


def _number_key(number: str, region: str) -> str | None:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    # With a country code a well-formed number will do; without one, order numbers must not pass for phones.
    is_number = phonenumbers.is_possible_number if number.startswith("+") else phonenumbers.is_valid_number
    if not is_number(parsed) or len(_PUNCTUATION.sub("", number)) > len("+") + 17:
        return None
    if parsed.country_code == phonenumbers.country_code_for_region("CN"):
        national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
        return "".join(char for char in national if char.isdecimal())
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
