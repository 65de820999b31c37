"""Detail rows put together: the lines of each order, in a file and over several."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shopdesk.imports.readers.records import LineRecord, SaleStatus
from shopdesk.imports.readers.tally import DetailRow, FileRows, is_later


@dataclass(frozen=True, slots=True)
class LineSet:
    """The lines of one order. `numbered`: by the platform, else n1, n2 … in file order."""

    source: FileRows
    lines: tuple[LineRecord, ...]
    rows: tuple[tuple[str, int], ...]
    statuses: frozenset[tuple[str | None, SaleStatus | None]]
    numbered: bool

    @property
    def row_no(self) -> int:
        """The row of `source` that a warning about the whole set names."""
        return next(row_no for file, row_no in self.rows if file == self.source.name)


def merge_lines(files: list[FileRows], unit_counts: Mapping[str, int | None]) -> dict[str, LineSet]:
    """The lines per order number. `unit_counts`: how many units the order lists give for an order."""
    merged: dict[str, LineSet] = {}
    for source in files:
        for number, found in _line_sets(source, unit_counts).items():
            held = merged.get(number)
            merged[number] = _join(number, held, found) if held else found
    return merged


def _line_sets(source: FileRows, unit_counts: Mapping[str, int | None]) -> dict[str, LineSet]:
    grouped: dict[str, list[DetailRow]] = {}
    for row in source.details:
        grouped.setdefault(row.number, []).append(row)
    return {number: _line_set(source, rows, unit_counts.get(number)) for number, rows in grouped.items()}


def _line_set(source: FileRows, rows: list[DetailRow], units: int | None) -> LineSet:
    kept = _distinct(source, rows, units)
    numbered = all(row.line.key for row in kept)
    lines = [
        replace(row.line, key=row.line.key if numbered else f"n{i}", row=(source.name, row.row_no))
        for i, row in enumerate(kept, 1)
    ]
    return LineSet(
        source,
        tuple(lines),
        tuple((source.name, row.row_no) for row in kept),
        frozenset((row.platform_status, row.status) for row in kept),
        numbered,
    )


def _distinct(source: FileRows, rows: list[DetailRow], units: int | None) -> list[DetailRow]:
    """The rows that are lines. Without sub-order numbers equal rows may be two lines: when the list's count says so."""
    has_keys = any(row.line.key for row in rows)
    are_twins = not has_keys and units == sum(row.line.quantity for row in rows)
    kept: list[DetailRow] = []
    seen: dict[LineRecord | str, LineRecord] = {}
    for row in rows:
        held = seen.get(row.line.key or row.line)
        if held is not None and held != row.line:
            source.refuse(row.row_no, "line_twice_in_file", number=row.number, key=row.line.key)
            source.incomplete.add(row.number)
        elif held is not None and not are_twins:
            source.tally["duplicates"] += 1
        else:
            source.tally["accepted"] += 1
            seen[row.line.key or row.line] = row.line
            kept.append(row)
    return kept


def _join(number: str, held: LineSet, found: LineSet) -> LineSet:
    """Two detail files about one order: numbered lines are joined, else one file's lines stand whole.

    The later file wins; of undated ones the numbered, else the first, with a warning when they differ.
    """
    later = is_later(found.source, held.source)
    wins = found.numbered and not held.numbered if later is None else later
    winner, loser = (found, held) if wins else (held, found)
    if held.numbered and found.numbered:
        mine = {line.key: line for line in winner.lines}
        differing = any(mine.get(line.key, line) != line for line in loser.lines)
        lines = (*winner.lines, *(line for line in loser.lines if line.key not in mine))
    else:
        differing = _contents(held) != _contents(found)
        lines = winner.lines
    known = set(held.lines)
    repeated = sum(line in known for line in found.lines)
    found.source.tally["accepted"] -= repeated
    found.source.tally["duplicates"] += repeated
    if later is None and differing:
        found.source.warn(found.row_no, "files_disagree", number=number, other=held.source.name, fields=["lines"])
    return replace(winner, lines=lines, rows=held.rows + found.rows)


def _contents(lines: LineSet) -> list[tuple[str, str | None, int]]:
    return sorted(((line.title, line.attributes, line.quantity) for line in lines.lines), key=repr)
