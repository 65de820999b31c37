"""Rows of all files to one record per order: lists first, then their lines, then what the two say of each other."""

from dataclasses import replace

from shopdesk.imports.readers.merge_lines import LineSet, merge_lines
from shopdesk.imports.readers.merge_lists import merge_lists
from shopdesk.imports.readers.records import SaleRecord, SaleStatus
from shopdesk.imports.readers.tally import FileRows, is_later

LEAST_FIRST: tuple[SaleStatus, ...] = ("unpaid", "paid")  # of rows that do not agree, the least advanced


def merge(files: list[FileRows], *, currency: str) -> list[SaleRecord]:
    """One record per order of all files, those of the lists first; fills each file's tally and problems."""
    sales = merge_lists(files)
    details = merge_lines(files, {number: sale.unit_count for number, (_, sale) in sales.items()})
    broken = {number for source in files for number in source.incomplete}
    merged = []
    for number, (source, sale) in sales.items():
        found = details.get(number)
        merged.append(_with_lines(source, sale, found, broken) if found else sale)
    merged += [
        _without_list(number, found, broken, currency) for number, found in details.items() if number not in sales
    ]
    return merged


def _with_lines(source: FileRows, sale: SaleRecord, found: LineSet, broken: set[str]) -> SaleRecord:
    """The order of a list with its lines. Fewer units than the list counts means that lines are missing."""
    units = sum(line.quantity for line in found.lines)
    wanted = sale.unit_count
    if wanted is not None and units != wanted:
        found.source.warn(found.row_no, "units_do_not_match_list", number=sale.number, units=units, list_units=wanted)
    is_complete = sale.number not in broken and (wanted is None or units >= wanted)
    _warn_of_shares(sale, found)
    return replace(
        _with_status(source, sale, found, is_complete=is_complete),
        lines=found.lines,
        lines_complete=is_complete,
        refunding=any(line.refunding for line in found.lines),
        rows=sale.rows + found.rows,
    )


def _with_status(source: FileRows, sale: SaleRecord, found: LineSet, *, is_complete: bool) -> SaleRecord:
    """The later file's status. A detail file counts only where all lines of the order agree: it gives one per line."""
    said = {text for text, _ in found.statuses if text}
    if not said or sale.platform_status in said or sale.status == "part_shipped":
        return sale
    later = is_later(found.source, source)
    if later is None and sale.platform_status:
        facts = {"number": sale.number, "other": source.name, "fields": ["platform_status"], "taken": source.name}
        found.source.warn(found.row_no, "files_disagree", **facts)
    if not later or not is_complete or len(found.statuses) != 1:
        return sale
    ((platform_status, status),) = found.statuses
    return replace(sale, platform_status=platform_status, status=status)


def _status_of_rows(found: LineSet) -> tuple[str | None, SaleStatus | None]:
    """What the rows say of the order where no list does.  Lines that were closed leave it to the others."""
    said = {(text, status) for text, status in found.statuses if text}
    said = {(text, status) for text, status in said if status != "closed"} or said
    meanings = {status for _, status in said}
    words = " / ".join(sorted(text for text, _ in said if text)) or None
    if len(meanings) <= 1:
        return words, next(iter(meanings), None)
    if meanings & {"part_shipped", "shipped", "done"}:
        return words, "part_shipped"
    return words, next((status for status in LEAST_FIRST if status in meanings), None)


def _warn_of_shares(sale: SaleRecord, found: LineSet) -> None:
    shares = sum(line.paid_share_minor or 0 for line in found.lines)
    if sale.paid_minor is not None and shares > sale.paid_minor:
        facts = {"number": sale.number, "shares_minor": shares, "paid_minor": sale.paid_minor}
        found.source.warn(found.row_no, "shares_exceed_paid", **facts)


def _without_list(number: str, found: LineSet, broken: set[str], currency: str) -> SaleRecord:
    """Lines of an order that no list of this read names: kept, with a warning unless the desk knows the list."""
    found.source.warn(found.row_no, "detail_without_list", number=number)
    platform_status, status = _status_of_rows(found)
    return SaleRecord(
        number=number,
        currency=currency,
        platform_status=platform_status,
        status=status,
        lines=found.lines,
        lines_complete=number not in broken,
        refunding=any(line.refunding for line in found.lines),
        has_list=False,
        rows=found.rows,
    )
