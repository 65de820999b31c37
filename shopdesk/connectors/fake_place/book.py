"""The file that is the truth: one JSON line for each thing that happened, on the disk before anybody hears of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from shopdesk.connectors.fake_place.faults import Fault, Faults


class BookBroken(Exception):
    """A line that is not the last cannot be read: the file was not written by this alone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One refund as the place knows it.  Times are Unix seconds."""

    reference: str
    number: str | None  # None: made in the place's own console
    payment_reference: str | None
    amount_minor: int
    currency: str
    status: str  # pending, succeeded, failed
    at: float
    changed_at: float
    code: str | None = None
    then_at: float | None = None  # when what is pending is paid, or what was paid comes back, by itself

    @property
    def moved_minor(self) -> int:
        """What the payee has of it."""
        return self.amount_minor if self.status == "succeeded" else 0


@dataclass(slots=True)
class Pages:
    """What the lines of a book add up to."""

    entries: dict[str, Entry] = field(default_factory=dict)
    captured: dict[str, int] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    by_number: dict[str, list[str]] = field(default_factory=dict)  # → references, as made
    by_payment: dict[str, list[str]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)  # references with a `then_at`

    def turn(self, line: dict[str, Any]) -> None:
        kind, values = line["kind"], {name: value for name, value in line.items() if name != "kind"}
        if kind == "payment":
            self.captured[values["payment_reference"]] = values["captured_minor"]
        elif kind == "refund":
            self._enter(Entry(**values))
        elif kind == "change":
            reference = values.pop("reference")
            self.entries[reference] = replace(self.entries[reference], **values)
            self.waiting.discard(reference)
        elif kind == "forgotten":
            self.forgotten.add(values["reference"])

    def _enter(self, entry: Entry) -> None:
        self.entries[entry.reference] = entry
        if entry.number is not None:
            self.by_number.setdefault(entry.number, []).append(entry.reference)
        if entry.payment_reference is not None:
            self.by_payment.setdefault(entry.payment_reference, []).append(entry.reference)
        if entry.then_at is not None:
            self.waiting.add(entry.reference)


class Book:
    """The open file.  One process writes it; the caller's lock keeps its threads apart."""

    def __init__(self, path: Path, faults: Faults) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        self._faults = faults
        lines, whole = _whole_lines(path.read_bytes())
        os.ftruncate(self._file, whole)  # half a line is nothing that happened
        os.fsync(self._file)
        self.pages = _added(lines)

    def write(self, line: dict[str, Any]) -> None:
        """Returns when it is on the disk."""
        data = json.dumps(line, ensure_ascii=False).encode() + b"\n"
        self._faults.reach(Fault.BEFORE_WRITE)
        if self._faults.is_due(Fault.TORN):
            os.write(self._file, data[: len(data) // 2])
            self._faults.reach(Fault.TORN)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._file, rest) :]
        self._faults.reach(Fault.WRITTEN)
        os.fsync(self._file)
        self.pages.turn(line)
        self._faults.reach(Fault.COMMITTED)


def read(path: Path) -> list[Entry]:
    """All refunds of a book, also of one that is being written, in the order in which they were made."""
    lines, _ = _whole_lines(path.read_bytes() if path.exists() else b"")
    return list(_added(lines).entries.values())


def moved_minor(path: Path) -> dict[str, int]:
    """Our number → what its payee has, over all refunds under that number: twice the amount where it was paid twice."""
    moved: dict[str, int] = {}
    for entry in read(path):
        if entry.number is not None:
            moved[entry.number] = moved.get(entry.number, 0) + entry.moved_minor
    return moved


def _whole_lines(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """The lines, and how many bytes they take; what follows the last line's end was torn."""
    *whole, torn = data.split(b"\n")
    try:
        return [json.loads(line) for line in whole], len(data) - len(torn)
    except ValueError as error:
        raise BookBroken(str(error)) from error


def _added(lines: Iterable[dict[str, Any]]) -> Pages:
    pages = Pages()
    for line in lines:
        pages.turn(line)
    return pages
