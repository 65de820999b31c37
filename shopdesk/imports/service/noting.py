"""The notes of a run: rows that need a word or were not taken, texts that did not fit, orders without details."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import func, select

from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.imports.models import ImportFile, ImportNote, ImportRun, Severity
from shopdesk.imports.readers.profiles import PROFILES
from shopdesk.imports.readers.records import RowProblem, SaleRecord
from shopdesk.orders.models import Order
from shopdesk.orders.service import Cut, Mirrored

AT_ONCE = 500  # order numbers in one statement
MOST_TITLE = 60  # characters of an article's title in a note
LINE_NOT_MATCHED, WITHOUT_LIST = "line_not_matched", "detail_without_list"
#: Fields of an order that come out of a column of another name.
OUT_OF = {
    "status_given": "platform_status", "province": "address_text", "city": "address_text",
    "district": "address_text", "zip": "address_text",
    "street_address": "address_text", "buyer_nick": "buyer_id",
}  # fmt: skip

#: Fields whose reader has another name for them.
OF_READER = {"status": "platform_status", "share_given_minor": "paid_share_minor", "marked_shipped_at": "shipped_at"}


def note(run: ImportRun, file: str, row_no: int | None, severity: Severity, code: str, field: str | None = None,
         excerpt: str | None = None, facts: dict[str, object] | None = None,
         order_number: str | None = None) -> None:  # fmt: skip
    """Write one down; the caller's command commits it."""
    db.session.add(
        ImportNote(
            store_id=run.store_id, run_id=run.id, file=file[:255], row_no=row_no, severity=severity, code=code,
            field=field, excerpt=excerpt, facts=plain(facts or {}), order_number=order_number,
        )
    )  # fmt: skip


def plain(facts: dict[str, object]) -> dict[str, object]:
    return {k: v if isinstance(v, str | int | list) else str(v) for k, v in facts.items()}


def note_cuts(run: ImportRun, sale: SaleRecord, cuts: Sequence[Cut], profiles: dict[str, str]) -> None:
    """A warning for each text that was longer than its field; `profiles` are the files' by name."""
    rows = {line.key: line.row for line in sale.lines}
    for cut in cuts:
        file, row_no = rows.get(cut.line_key or "") or sale.rows[0]
        facts: dict[str, object] = {"length": cut.length, "limit": cut.kept}
        facts["header"] = header_of(profiles.get(file), OUT_OF.get(cut.field, cut.field))
        note(run, file, row_no, Severity.WARNING, "text_clipped", cut.field, None, facts, sale.number)


def note_left(run: ImportRun, sale: SaleRecord, done: Mirrored, profiles: dict[str, str]) -> None:
    """A warning where the file tells other values for the very time of those that stand."""
    if not done.left:
        return
    rows = (*sale.rows, *(line.row for line in sale.lines if line.row))
    files = list(dict.fromkeys(file for file, _ in rows))
    headers = dict.fromkeys(_header_in(files, profiles, OUT_OF.get(name, name)) for name in done.left)
    file, row_no = sale.rows[0]
    facts: dict[str, object] = {"headers": ", ".join(headers)}
    note(run, file, row_no, Severity.WARNING, "same_time", None, None, facts, sale.number)


def note_not_waybills(run: ImportRun, sale: SaleRecord, done: Mirrored, profiles: dict[str, str]) -> None:
    """A warning for each of an order's."""
    files = list(dict.fromkeys(file for file, _ in sale.rows))
    file, row_no = sale.rows[0]
    for number in done.not_waybills:
        note_not_waybill(run, (file, row_no), _header_in(files, profiles, "waybills"), number, sale.number)


def note_shared_waybills(run: ImportRun, sale: SaleRecord, done: Mirrored, profiles: dict[str, str]) -> None:
    """A warning for each of an order's that another order's parcel has too."""
    files = list(dict.fromkeys(file for file, _ in sale.rows))
    for number, other in done.shared_waybills.items():
        facts: dict[str, object] = {"header": _header_in(files, profiles, "waybills"), "value": number, "other": other}
        note(run, *sale.rows[0], Severity.WARNING, "waybill_in_use", "waybills", None, facts, sale.number)


def note_not_waybill(run: ImportRun, row: tuple[str, int], header: str, number: str, order_number: str) -> None:
    """A number that stands for something else on the desk was left out."""
    facts: dict[str, object] = {"header": header, "value": number}
    note(run, *row, Severity.WARNING, "not_a_waybill", "waybills", None, facts, order_number)


def _header_in(files: Sequence[str], profiles: dict[str, str], field: str) -> str:
    found = [header_of(profiles.get(file), OF_READER.get(field, field)) for file in files]
    return next((header for header in found if header not in {field, OF_READER.get(field)}), field)


def note_lines(run: ImportRun, sale: SaleRecord, done: Mirrored, files: Mapping[str, ImportFile]) -> None:
    """What became of lines beyond the plain account: rows that were not taken, units that the list counts otherwise."""
    rows = {line.key: line.row for line in sale.lines}
    for line in done.refused_lines:
        file, row_no = rows.get(line.key) or sale.rows[0]
        facts: dict[str, object] = {"number": sale.number, "title": (line.title or "")[:MOST_TITLE]}
        note(run, file, row_no, Severity.REFUSED, LINE_NOT_MATCHED, None, None, facts, sale.number)
        files[file].accepted -= 1
        files[file].refused += 1
    if done.units:
        units, list_units = done.units
        file, row_no = sale.rows[0]
        facts = {"number": sale.number, "units": units, "list_units": list_units}
        note(run, file, row_no, Severity.WARNING, "units_do_not_match_list", None, None, facts, sale.number)


def account_refused(sale: SaleRecord, files: Mapping[str, ImportFile]) -> None:
    """The files' account follows: no row of an order that was not taken is an accepted one."""
    for file, _row_no in {*sale.rows, *(line.row for line in sale.lines if line.row)}:
        files[file].accepted -= 1
        files[file].refused += 1


def forget_known_lists(store_id: int, problems: Sequence[RowProblem]) -> list[RowProblem]:
    """The problems without "in no order list" for orders that an earlier list has told."""
    alone = [str(found.facts["number"]) for found in problems if found.code == WITHOUT_LIST]
    known: set[str] = set()
    for at in range(0, len(alone), AT_ONCE):
        statement = select(Order.number).where(Order.number.in_(alone[at : at + AT_ONCE]), Order.has_list.is_(True))
        known |= set(db.session.scalars(in_store(statement, store_id, Order)))
    return [found for found in problems if found.code != WITHOUT_LIST or found.facts["number"] not in known]


def header_of(profile: str | None, field: str) -> str:
    """What the shop's file calls a field."""
    fields = next((p.fields for p in PROFILES if p.name == profile), ())
    return next((f.headers[0] for f in fields if f.name == field), field)


def note_incomplete(run: ImportRun, file: str, sales: Sequence[SaleRecord]) -> None:
    """One warning with the number of orders of which no details are known, from this run or an earlier one."""
    numbers = [sale.number for sale in sales]
    count = 0
    for at in range(0, len(numbers), AT_ONCE):
        statement = select(func.count(Order.id)).where(
            Order.number.in_(numbers[at : at + AT_ONCE]), Order.lines_complete.is_(False)
        )
        count += db.session.scalar(in_store(statement, run.store_id, Order)) or 0
    if count:
        note(run, file, None, Severity.WARNING, "orders_without_details", facts={"count": count})
