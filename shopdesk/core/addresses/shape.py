"""A recipient's address in parts, its one line, and what differs between two."""

import unicodedata
from dataclasses import dataclass

FIELDS = ("name", "phone", "province", "city", "district", "street", "zip")


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """The parts of an address; `unsure` names the fields that were guessed or stayed open: a person looks at them.

    `not_known` has the places, as they were written, that are not known where they stand: 苏州市 in 浙江省.
    """

    name: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    zip: str = ""
    unsure: tuple[str, ...] = ()
    not_known: tuple[str, ...] = ()


def place_line(*parts: str | None) -> str:
    """Regions and street in one line, each named once: Chinese without a gap, Latin with one."""
    line = ""
    for part in dict.fromkeys(part for part in parts if part):
        line += (" " if line and _has_gap(line[-1], part[0]) else "") + part
    return line


def _has_gap(last: str, first: str) -> bool:
    """A house number follows a Chinese name at once."""
    return not (_is_wide(first) or (_is_wide(last) and (first.isdigit() or first == "*")))


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in {"W", "F"}


def address_line(parts: ParsedAddress) -> str:
    """Write the parts the Chinese way: `name,phone,province+city+district+street`; a municipality is named once."""
    place = place_line(parts.province, parts.city, parts.district, parts.street)
    if parts.zip:
        place += f"({parts.zip})"
    return ",".join(part for part in (parts.name, parts.phone, place) if part)


def address_diff(old: ParsedAddress, new: ParsedAddress) -> list[tuple[str, str, str]]:
    """Return (field, old, new) of every part that differs in more than blanks, in the order of FIELDS."""
    pairs = ((field, getattr(old, field), getattr(new, field)) for field in FIELDS)
    return [(field, was, now) for field, was, now in pairs if was.split() != now.split()]
