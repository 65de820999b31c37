"""Detail rows put together: the lines of each order, in a file and over several."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shopdesk.core.articles import Article, better_key, free_key, key_rank, pair, plain
from shopdesk.imports.readers.records import LineRecord, SaleStatus
from shopdesk.imports.readers.tally import DetailRow, FileRows, is_later

#: What one file of an order's lines may tell and the other not.
FILLED = ("sku", "item_code", "attributes", "unit_price_minor", "paid_share_minor", "refund_state")


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
            merged[number] = _join(number, held, found, unit_counts.get(number)) if held else found
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


def _join(number: str, held: LineSet, found: LineSet, units: int | None) -> LineSet:
    """Two detail files about one order: what is the same line is one, under the platform's number where one gives it.

    The later file's values win and the other fills gaps; of undated ones the numbered, else the first, with a warning
    when they differ.  What only the other one has is a line too, where it can be no line of the winner.
    """
    later = is_later(found.source, held.source)
    wins = found.numbered and not held.numbered if later is None else later
    winner, loser = (found, held) if wins else (held, found)
    pairs = pair(_articles(loser), _articles(winner))
    lines = [_with_gaps(line, loser.lines[pairs[at]]) if at in pairs else line for at, line in enumerate(winner.lines)]
    paired = set(pairs.values())
    rest = [line for at, line in enumerate(loser.lines) if at not in paired]
    if rest and not _are_others(winner, loser, rest, len(pairs), units):
        _refuse_rest(number, loser, rest)
        rest = []
    keys = {line.key for line in lines}
    for line in rest:
        lines.append(replace(line, key=free_key(line.key, keys)))
        keys.add(lines[-1].key)
    differing = any(not _agree(loser.lines[h], winner.lines[t]) for t, h in pairs.items())
    differing = differing or (not (held.numbered and found.numbered) and len(held.lines) != len(found.lines))
    repeated = len(set(held.lines) & set(found.lines))
    found.source.tally["accepted"] -= repeated
    found.source.tally["duplicates"] += repeated
    if later is None and differing:
        facts = {"number": number, "other": held.source.name, "fields": ["lines"], "taken": winner.source.name}
        found.source.warn(found.row_no, "files_disagree", **facts)
    numbered = all(key_rank(line.key) > 0 for line in lines)
    return replace(winner, lines=tuple(lines), rows=held.rows + found.rows, numbered=numbered)


def _are_others(winner: LineSet, loser: LineSet, rest: list[LineRecord], same: int, units: int | None) -> bool:
    """Whether the loser's further lines are no line of the winner's under another key."""
    if winner.numbered and loser.numbered:
        return True
    total = sum(line.quantity for line in (*winner.lines, *rest))
    return same == len(winner.lines) and (units is None or total <= units)


def _refuse_rest(number: str, loser: LineSet, rest: list[LineRecord]) -> None:
    for line in rest:
        loser.source.tally["accepted"] -= 1
        row_no = line.row[1] if line.row else loser.row_no
        loser.source.refuse(row_no, "line_not_matched", number=number, title=line.title[:60])


def _with_gaps(line: LineRecord, other: LineRecord) -> LineRecord:
    gaps = {name: getattr(other, name) for name in FILLED if getattr(line, name) is None}
    refunding = other.refunding if line.refund_state is None else line.refunding
    return replace(line, key=better_key(line.key, other.key), refunding=refunding, **gaps)


def _articles(lines: LineSet) -> list[Article]:
    return [
        Article(ln.key, at, ln.quantity, ln.title, ln.sku, ln.item_code, ln.attributes, ln.unit_price_minor)
        for at, ln in enumerate(lines.lines, start=1)
    ]


def _agree(left: LineRecord, right: LineRecord) -> bool:
    """Whether title, attributes and units are the same; files differ in the width of their signs."""
    return left.quantity == right.quantity and all(
        plain(getattr(left, name)) == plain(getattr(right, name)) for name in ("title", "attributes")
    )
