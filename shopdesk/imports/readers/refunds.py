"""Rows of refund and after-sale lists to records, and the same application twice in a file."""

import re
from typing import Any

from shopdesk.imports.readers.cells import is_perhaps_rounded
from shopdesk.imports.readers.goods import has_left
from shopdesk.imports.readers.reasons import kind_of, reason_of
from shopdesk.imports.readers.records import RefundRecord
from shopdesk.imports.readers.rows import RowReading
from shopdesk.imports.readers.tally import FileRows

MOST_WORD = 64  # characters of a status, a kind, a courier's name


def refund_of(reading: RowReading) -> RefundRecord:
    """The application in one row; what is odd but not wrong is noted as a warning."""
    values = reading.values
    for name in ("number", "key"):
        if is_perhaps_rounded(values[name]):
            reading.add("warning", "id_perhaps_rounded", name, values[name])
    status = _clipped(reading, "platform_status") or ""
    told_kind = _clipped(reading, "told_kind")
    kind, goal, is_known = kind_of(told_kind, values.get("needs_return"), values.get("stepped_in"), status)
    if not is_known:
        value = told_kind if told_kind and len(told_kind) <= 40 and not re.search(r"\d{5}", told_kind) else None
        reading.add("warning", "refund_kind_unknown", "told_kind", value)
    reason, detail = reason_of(values.get("said_reason"))
    carrier = _clipped(reading, "carrier")
    copied: dict[str, Any] = {
        name: values.get(name)
        for name in (
            "amount_minor",
            "due_at",
            "applied_at",
            "ended_at",
            "said_reason",
            "explanation",
            "title",
            "item_code",
        )
    }
    return RefundRecord(
        number=values["number"],
        key=values["key"],
        platform_status=status,
        kind=kind,
        goal=goal,
        told_kind=told_kind,
        reason=reason,
        detail=detail,
        has_left=has_left(values, values.get("waybills", ())),
        waybills=tuple((number, carrier) for number in values.get("waybills", ())),
        row=(reading.file, reading.row_no),
        **copied,
    )


def _clipped(reading: RowReading, name: str) -> str | None:
    text: str | None = reading.values.get(name)
    if text is None or len(text) <= MOST_WORD:
        return text
    facts = {"header": name, "length": len(text), "limit": MOST_WORD}
    reading.add("warning", "text_clipped", name, facts=facts)
    return text[:MOST_WORD]


def merge_refunds(files: list[FileRows]) -> list[RefundRecord]:
    """Each file's applications once; what two files say of one is settled by their times when they are applied."""
    taken: list[RefundRecord] = []
    for source in files:
        first: dict[str, RefundRecord] = {}
        for record in source.refunds:
            held = first.setdefault(record.key, record)
            if held is record:
                source.tally["accepted"] += 1
                taken.append(record)
            elif held == record:
                source.tally["duplicates"] += 1
            else:
                source.refuse(record.row[1], "refund_twice_in_file", key=record.key, first_row=held.row[1])
    return taken
