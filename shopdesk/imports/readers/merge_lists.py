"""Order lists put together: the same order twice in a file, and in two files."""

from dataclasses import fields, replace
from typing import Any

from shopdesk.imports.readers.records import SaleRecord
from shopdesk.imports.readers.tally import FileRows, is_later

NOT_FROM_LIST = frozenset({"rows", "lines", "lines_complete", "has_list", "refunding", "currency", "number"})
COMPARED = tuple(f.name for f in fields(SaleRecord) if f.name not in NOT_FROM_LIST)
# Fields that mean something only together: taken whole from the one or the other.
TOGETHER = (
    ("address_text", "province", "city", "district", "street", "zip"),
    ("platform_status", "status"),
    ("waybills", "carrier"),
)
NOTHING = (None, ())


def merge_lists(files: list[FileRows]) -> dict[str, tuple[FileRows, SaleRecord]]:
    """One record per order with the file whose values it holds, in the order in which the files name them."""
    sales: dict[str, tuple[FileRows, SaleRecord]] = {}
    for source in files:
        for number, sale in _once_per_order(source).items():
            held = sales.get(number)
            if held is None:
                source.tally["accepted"] += 1
            sales[number] = _reconcile(held[0], held[1], source, sale) if held else (source, sale)
    return sales


def _once_per_order(source: FileRows) -> dict[str, SaleRecord]:
    """The first row of each order; the same again is a duplicate, something else under its number is refused."""
    first: dict[str, SaleRecord] = {}
    for row_no, sale in source.sales:
        held = first.setdefault(sale.number, sale)
        if held is sale:
            continue
        if _same(held, sale):
            source.tally["duplicates"] += 1
        else:
            source.refuse(row_no, "order_twice_in_file", number=sale.number, first_row=held.rows[0][1])
    return first


def _reconcile(held_in: FileRows, held: SaleRecord, source: FileRows, sale: SaleRecord) -> tuple[FileRows, SaleRecord]:
    """Two lists about one order: the later file's values win and the other fills gaps; undated ones are reported."""
    if _same(held, sale):
        source.tally["duplicates"] += 1
        return (source, replace(sale, rows=held.rows + sale.rows)) if is_later(source, held_in) else (held_in, held)
    source.tally["accepted"] += 1
    later = is_later(source, held_in)
    differing = [name for name in COMPARED if _differ(getattr(held, name), getattr(sale, name))]
    if later is None and differing:
        facts = {"number": sale.number, "other": held_in.name, "fields": differing, "taken": held_in.name}
        source.warn(sale.rows[0][1], "files_disagree", **facts)
    elif differing:
        older, newer, rows = (held_in, source, held.rows) if later else (source, held_in, sale.rows)
        row_no = next(row_no for file, row_no in rows if file == older.name)
        older.warn(row_no, "older_than_other_file", number=sale.number, other=newer.name, fields=differing)
    (winner_in, winner), loser = ((source, sale), held) if later else ((held_in, held), sale)
    return winner_in, replace(winner, **_gaps(winner, loser), rows=held.rows + sale.rows)


def _gaps(winner: SaleRecord, loser: SaleRecord) -> dict[str, Any]:
    grouped = {name for group in TOGETHER for name in group}
    gaps = {name: getattr(loser, name) for name in COMPARED if name not in grouped and getattr(winner, name) in NOTHING}
    for group in TOGETHER:
        if getattr(winner, group[0]) in NOTHING:
            gaps |= {name: getattr(loser, name) for name in group}
    return gaps


def _same(left: SaleRecord, right: SaleRecord) -> bool:
    return replace(left, rows=()) == replace(right, rows=())


def _differ(left: Any, right: Any) -> bool:
    return left not in NOTHING and right not in NOTHING and left != right
