"""Codes as paths of an SVG: inline, so that the content policy has nothing to refuse, and small for fifty a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import segno
from barcode.codex import Code128
from barcode.errors import BarcodeError

QUIET_BARS = 10  # modules left white at each end of Code 128
QUIET_SQUARE = 2  # around a QR code; the paper is white as well


@dataclass(frozen=True, slots=True)
class Drawing:
    """A path in a box of `width` by `height` modules."""

    path: str
    width: int
    height: int


def bars(text: str) -> Drawing | None:
    """Code 128; None where the text has signs that it cannot carry."""
    if not text:
        return None
    try:
        modules = Code128(text).build()[0]
    except (BarcodeError, KeyError):
        return None
    path = "".join(f"M{start} 0h{length}v1h-{length}z" for start, length in _runs(modules, QUIET_BARS))
    return Drawing(path, len(modules) + 2 * QUIET_BARS, 1)


def square(text: str) -> Drawing:
    """A QR code that survives a smudge (level M)."""
    code = segno.make(text, micro=False, error="m", boost_error=False)
    rows = ["".join("1" if dark else "0" for dark in row) for row in code.matrix]
    parts = (
        f"M{start} {top}h{length}v1h-{length}z"
        for top, row in enumerate(rows, start=QUIET_SQUARE)
        for start, length in _runs(row, QUIET_SQUARE)
    )
    size = len(rows) + 2 * QUIET_SQUARE
    return Drawing("".join(parts), size, size)


def _runs(modules: Iterable[str], offset: int) -> Iterator[tuple[int, int]]:
    """(start, length) of each dark run."""
    at = offset
    for dark, group in groupby(modules):
        length = len(list(group))
        if dark == "1":
            yield at, length
        at += length
