"""Personal values as one person may see them: clear where the role allows, the phone always masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shopdesk.core import masking
from shopdesk.core.addresses import place_line


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of a delivery address, ready to show; `is_clear` says whether name and street are."""

    name: str | None
    phone: str | None  # masked; `reveal` gives it
    province: str | None
    city: str | None
    district: str | None
    street: str | None
    zip: str | None
    is_clear: bool

    @property
    def line(self) -> str:
        """Region and street in one line."""
        return place_line(self.province, self.city, self.district, self.street)


def address_of(value: Mapping[str, Any], *, is_clear: bool) -> Address:
    """An address value (keys of Field.ADDRESS) for a person who may (`is_clear`) or may not see it."""
    name, street, phone = value.get("name"), value.get("street"), value.get("phone")
    return Address(
        name=name if is_clear or not name else masking.mask_name(name),
        phone=masking.mask_phone(phone) if phone else None,
        province=value.get("province"),
        city=value.get("city"),
        district=value.get("district"),
        street=street if is_clear or not street else "****",
        zip=value.get("zip") if is_clear else None,
        is_clear=is_clear,
    )
