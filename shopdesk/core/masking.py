"""How personal values are shown to people who have not revealed them. Pure text in, masked text out."""

import re
import unicodedata

_STARS = frozenset("*＊∗•●")
_CIPHERTEXT = re.compile(r"\s*(?:##|\$\$|~.+~\d*~?\s*\Z)", re.DOTALL)
_X_FOR_DIGITS = re.compile(r"\d[xX]{3,}|[xX]{3,}\d")
_MOBILE = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})\Z")
_EXTENSION = re.compile(r"(.*\d)\s*(转|分机|ext\.?|x|#|-|,)\s*(\d{1,6})\s*\Z", re.IGNORECASE | re.DOTALL)
_VIRTUAL = re.compile(r"(?:\+?86|0086)?1(?:\d{10}|[\d*]*\*[\d*]*)\Z", re.ASCII)
_DIGIT_RUN = re.compile(r"\d{5,}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\Z")
_SHORTEST_BASE = 11  # digits before an extension; "138-1234-5678" has none
HIDDEN = "****"


def is_masked(value: str | None) -> bool:
    """Tell whether a source hid this value (stars, ciphertext, x for digits): shown as given, never matched on."""
    if not value:
        return False
    return bool(_STARS.intersection(value) or _CIPHERTEXT.match(value) or _X_FOR_DIGITS.search(value))


def hides_number(code: str) -> bool:
    """Whether a source hid a number or a part of it; the star that a barcode's font puts at each end hides nothing."""
    bare = code.strip().removeprefix("*").removesuffix("*")
    return is_masked(bare) or (not bare and is_masked(code))


def split_extension(phone: str) -> tuple[str, str]:
    """Split `13812345678-1234` (a virtual number) into number and extension; the extension is empty without one."""
    found = _EXTENSION.match(phone)
    if not found or _count_places(found[1]) < _SHORTEST_BASE:
        return phone, ""
    # A dash may also stand within a number; it begins an extension only after a whole mobile number.
    if found[2] in "-," and not _VIRTUAL.match(_compact(found[1])):
        return phone, ""
    return found[1], found[3]


def _compact(text: str) -> str:
    return re.sub(r"[\s\-()]", "", text)


def _count_places(text: str) -> int:
    return sum(char.isdecimal() or char in _STARS for char in text)


def mask_phone(value: str | None) -> str:
    """Show `13812345678` as `138****5678`; what came masked stays as given, ciphertext becomes `****`."""
    phone = unicodedata.normalize("NFKC", value or "").strip()
    if not phone:
        return ""
    if _CIPHERTEXT.match(phone):
        return HIDDEN
    # A star at the edge of a whole number hides nothing: that one is masked by us.
    if _STARS.intersection(phone) and not _DIGIT_RUN.search(phone) and _digits(phone) <= 11:
        return phone
    base, extension = split_extension(phone)
    shown = _mask_digits("".join(char for char in base if char in "+0123456789"))
    return f"{shown}-{extension}" if extension else shown


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _mask_digits(number: str) -> str:
    mobile = _MOBILE.match(number)
    if mobile:
        return f"{mobile[1][:3]}{HIDDEN}{mobile[1][-4:]}"
    digits = number.replace("+", "")
    tail = 4 if len(digits) >= 8 else 0
    head = max(0, min(3, len(digits) - tail - 4)) if tail else 0
    plus = "+" if number.startswith("+") and head else ""
    return f"{plus}{digits[:head]}{HIDDEN}{digits[len(digits) - tail :]}"


def mask_name(value: str | None) -> str:
    """Show the first character and `**`: `张伟` as `张**`, `Alex Sample` as `A**`; a masked name stays as given."""
    name = (value or "").strip()
    if not name:
        return ""
    if _CIPHERTEXT.match(name):
        return "**"
    shown = [char for char in name if char not in _STARS and not char.isspace()]
    if _STARS.intersection(name) and len(shown) <= 2:
        return name
    return f"{shown[0] if shown else ''}**"


def mask_address(street: str | None, *, province: str = "", city: str = "", district: str = "") -> str:
    """Show province, city and district where they are known and `****` for the rest; nothing known is `****`."""
    regions = [part.strip() for part in dict.fromkeys((province, city, district)) if part.strip()]
    if not regions and not (street or "").strip():
        return ""
    is_latin = any(part.isascii() for part in regions)
    return (", " if is_latin else "").join([*regions, HIDDEN]) if is_latin else "".join([*regions, HIDDEN])


def mask_account(value: str | None) -> str:
    """Show an account: e-mail `d***@example.test`, phone as a phone, a card's last four digits, else one character."""
    account = unicodedata.normalize("NFKC", value or "").strip()
    if not account:
        return ""
    if _CIPHERTEXT.match(account):
        return HIDDEN
    if _EMAIL.match(account):
        local, _, host = account.partition("@")
        return f"{local[0]}***@{host}"
    compact = _compact(account)
    if _MOBILE.match(compact):
        return mask_phone(account)
    if compact.isdecimal():
        return f"{HIDDEN}{compact[-4:]}" if len(compact) >= 8 else HIDDEN
    if _STARS.intersection(account) and not _DIGIT_RUN.search(account) and len(account.replace("*", "")) <= 7:
        return account
    return f"{account[0] if account[0] not in _STARS else ''}***"
