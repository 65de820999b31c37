"""A recipient's address in parts, its one line, and what differs between two."""

from dataclasses import dataclass

FIELDS = ("name", "phone", "province", "city", "district", "street", "zip")


@dataclass(frozen=True, slots=True)
class ParsedAddress:
    """The parts of an address; `unsure` names the fields that were guessed or stayed open: a person looks at them."""

    name: str = ""
    phone: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    zip: str = ""
    unsure: tuple[str, ...] = ()


def address_line(parts: ParsedAddress) -> str:
    """Write the parts the Chinese way: `name,phone,province+city+district+street`; a municipality is named once."""
    regions = dict.fromkeys(part for part in (parts.province, parts.city, parts.district) if part)
    glue = "" if not parts.street or not parts.street[0].isascii() or parts.street[0].isdigit() else " "
    place = "".join(regions) + (glue if regions else "") + parts.street
    if parts.zip:
        place += f"({parts.zip})"
    return ",".join(part for part in (parts.name, parts.phone, place) if part)


def address_diff(old: ParsedAddress, new: ParsedAddress) -> list[tuple[str, str, str]]:
    """Return (field, old, new) of every part that differs in more than blanks, in the order of FIELDS."""
    pairs = ((field, getattr(old, field), getattr(new, field)) for field in FIELDS)
    return [(field, was, now) for field, was, now in pairs if was.split() != now.split()]
