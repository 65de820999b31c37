"""One row under a profile to values by field, with every problem of its cells; nothing here knows a platform."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from shopdesk.imports.readers import cells
from shopdesk.imports.readers.cells import DAMAGE, MAX_CELL_CHARS, CellError
from shopdesk.imports.readers.profiles import Field, Match
from shopdesk.imports.readers.records import RowProblem, Severity
from shopdesk.imports.readers.tables import RawRow

EXCERPT_CHARS = 40
HARMLESS = re.compile(r"^[0-9A-Za-z .,:/+\-=元¥￥%#]*$", re.ASCII)
PLATFORM_WORDS = frozenset({"platform_status", "refund_state", "told_kind"})


@dataclass(slots=True)
class RowReading:
    """What one row gave: values by field name, and its problems; any refused one keeps the row out."""

    file: str
    row_no: int
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def is_refused(self) -> bool:
        """Whether the row may not be taken."""
        return any(problem.severity == "refused" for problem in self.problems)

    def add(
        self,
        severity: Severity,
        code: str,
        field_name: str | None = None,
        excerpt: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        """Note a problem of this row."""
        self.problems.append(RowProblem(self.file, self.row_no, severity, code, field_name, excerpt, facts or {}))


@dataclass(frozen=True, slots=True)
class Setting:
    """What a store says about its files: IANA zone of their local times, ISO currency of their amounts."""

    zone: str
    currency: str


def read_row(file: str, raw: RawRow, match: Match, setting: Setting) -> RowReading:
    """Read every field of the profile out of one row."""
    reading = RowReading(file, raw.row_no)
    for code in raw.warnings:
        reading.add("warning", code)
    used = {column for _, columns in match.columns for column in columns}
    refused: str | None = raw.refused
    facts: dict[str, Any] = {"cells": len(raw.cells), "columns": len(match.headers)}
    missing = [at[0] for spec, at in match.columns if at and not spec.tail and at[0] >= len(raw.cells)]
    if missing and not refused:
        refused, facts = "row_short_of_field", {"header": match.headers[min(missing)]}
    if refused:
        reading.add("refused", refused, facts=facts)
        _salvage_number(reading, raw, match)
        return reading
    for spec, columns in match.columns:
        _read_field(reading, spec, columns, raw, match, setting)
    for i, cell in enumerate(raw.cells[: len(match.headers)]):
        if DAMAGE in cell and i not in used:
            reading.add("warning", "damaged_text", facts={"header": match.headers[i]})
    return reading


def _salvage_number(reading: RowReading, raw: RawRow, match: Match) -> None:
    """The order a refused row most likely speaks of, so that its order is not called complete."""
    for spec, columns in match.columns:
        if spec.name != "number" or not columns or columns[0] >= len(raw.cells):
            continue
        try:
            reading.values["number"] = cells.read_id(
                raw.cells[columns[0]].strip().lstrip("='").replace('"', "").lstrip("=")
            )
        except CellError:
            return


def _read_field(
    reading: RowReading, spec: Field, columns: tuple[int, ...], raw: RawRow, match: Match, setting: Setting
) -> None:
    """Put one field's value, or the reason why it has none, into the reading."""
    text, header = None, ""
    for column in columns:
        cell = raw.cells[column] if column < len(raw.cells) else ""
        if cell and (text := cells.clean(cell, many_lines=spec.kind == "long")) is not None:
            header = match.headers[column]
            break
    if text is None:
        if spec.needed:
            reading.add("refused", "value_missing", spec.name, facts={"header": match.headers[columns[0]]})
        return
    if spec.kind == "waybill":
        text, is_hidden = cells.split_hidden(text)
        if is_hidden:
            reading.values["hides_waybill"] = True
            reading.add("warning", "waybill_masked", spec.name, facts={"header": header})
        if not text:
            return
    try:
        text = _check_text(reading, spec, text, header)
        reading.values[spec.name] = READERS[spec.kind](text, setting)
    except CellError as error:
        severity: Severity = "refused" if spec.refuse or error.code == "text_too_long" else "warning"
        reading.add(severity, error.code, spec.name, excerpt(spec, text), error.facts | {"header": header})


def _check_text(reading: RowReading, spec: Field, text: str, header: str) -> str:
    """Free text is kept as far as it goes, with a warning; any other field is refused when damaged or too long."""
    free = spec.kind == "long"
    if DAMAGE in text:
        if not free:
            raise CellError("damaged_text")
        reading.add("warning", "damaged_text", spec.name, facts={"header": header})
    if len(text) > MAX_CELL_CHARS:
        if not free:
            raise CellError("text_too_long", length=len(text), limit=MAX_CELL_CHARS)
        facts = {"header": header, "length": len(text), "limit": MAX_CELL_CHARS}
        reading.add("warning", "text_clipped", spec.name, facts=facts)
        return text[:MAX_CELL_CHARS]
    return text


def excerpt(spec: Field, text: str) -> str | None:
    """At most 40 characters of a bad value; nothing of personal fields, nor what a shifted column may have put here."""
    if spec.name in PLATFORM_WORDS and len(text) <= EXCERPT_CHARS and not re.search(r"\d{5}", text):
        return text
    if spec.personal or not HARMLESS.match(text):
        return None
    if spec.kind != "id" and re.search(r"\d{7}", text):
        return re.sub(r"\d{4,}", lambda run: run[0][:3] + "…", text)[:EXCERPT_CHARS]
    return text[:EXCERPT_CHARS] if spec.kind != "id" or not re.fullmatch(r"1\d{10}", text) else None


READERS: Mapping[str, Callable[[str, Setting], Any]] = {
    "id": lambda text, _: cells.read_id(text),
    "text": lambda text, _: text,
    "long": lambda text, _: text,
    "money": lambda text, setting: cells.read_money(text, exponent=cells.exponent_of(setting.currency)),
    "time": lambda text, setting: cells.read_moment(text, zone=setting.zone),
    "count": lambda text, _: cells.read_quantity(text),
    "quantity": lambda text, _: cells.read_quantity(text),
    "waybill": lambda text, _: cells.read_waybills(text),
}
