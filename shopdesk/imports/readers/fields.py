"""What a known export is made of: its fields, the headers that feed them, how a header is compared."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from shopdesk.imports.readers.records import SaleStatus

Kind = Literal["id", "text", "long", "money", "time", "count", "quantity", "waybill"]
BRACKETS = str.maketrans({"（": "(", "）": ")", "【": "[", "】": "]"})


@dataclass(frozen=True, slots=True)
class Field:
    """One field: headers in order of trust (the first that holds a value wins), and what a bad cell of it does."""

    name: str
    kind: Kind
    headers: tuple[str, ...]
    needed: bool = False  # without it the row is refused
    refuse: bool = True  # an unreadable value refuses the row; else it is left out with a warning
    personal: bool = True  # its value is never repeated in a message
    tail: bool = False  # mostly empty at the end of a row, where a spreadsheet may have cut it off


@dataclass(frozen=True, slots=True)
class Profile:
    """One kind of export. `statuses` and `no_refund` are the platform's own words, normalised as headers are."""

    name: str
    grain: Literal["list", "detail", "whole", "refunds"]
    required: tuple[str, ...]
    fields: tuple[Field, ...]
    statuses: Mapping[str, SaleStatus]
    no_refund: frozenset[str] = frozenset()


def normal(text: str) -> str:
    """A header or status word as it is compared: NFKC, no blanks or BOM, half-width brackets, no colon at the end."""
    folded = unicodedata.normalize("NFKC", text.translate(BRACKETS)).replace("\ufeff", "")
    return "".join(folded.split()).rstrip(":").removeprefix("'")
