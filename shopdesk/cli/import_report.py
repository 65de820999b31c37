"""What an import says on the terminal: files, orders, then the notes of a kind together, with a few examples."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from flask_babel import gettext as _
from flask_babel import ngettext

from shopdesk.imports import queries
from shopdesk.imports.models import ImportNote, ImportRun
from shopdesk.imports.service import failure_message, note_message
from shopdesk.web.locale import filled, label

EXAMPLES = 5
PAGE = 1000  # notes read at once


def report(run: ImportRun) -> Iterator[str]:
    """The lines of the report; rows = accepted + refused + duplicates for every file."""
    for file in queries.files_of(run):
        yield ngettext(
            "%(file)s: %(num)s row = %(accepted)s accepted + %(refused)s refused + %(duplicates)s duplicates",
            "%(file)s: %(num)s rows = %(accepted)s accepted + %(refused)s refused + %(duplicates)s duplicates",
            file.rows, file=file.name, accepted=file.accepted, refused=file.refused, duplicates=file.duplicates,
        )  # fmt: skip
    if queries.holds(queries.files_of(run)) != "orders":
        yield ngettext(
            "%(num)s order or application: %(created)s new, %(updated)s updated, %(unchanged)s as before, "
            "%(refused)s refused",
            "%(num)s orders and applications: %(created)s new, %(updated)s updated, %(unchanged)s as before, "
            "%(refused)s refused",
            run.orders_total, created=run.created, updated=run.updated, unchanged=run.unchanged, refused=run.refused,
        )  # fmt: skip
        yield from _notes(run)
        return
    yield ngettext(
        "%(num)s order: %(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused",
        "%(num)s orders: %(created)s created, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused",
        run.orders_total, created=run.created, updated=run.updated, unchanged=run.unchanged, refused=run.refused,
    )  # fmt: skip
    yield from _notes(run)


def failure_of(run: ImportRun) -> str:
    """Why nothing was imported, in one sentence."""
    return filled(*failure_message(run.failure)) if run.failure else ""


def _notes(run: ImportRun) -> Iterator[str]:
    by_code: dict[tuple[str, str], list[ImportNote]] = defaultdict(list)
    counts: dict[tuple[str, str], int] = defaultdict(int)
    after = 0
    while page := queries.notes_of(run, after=after, limit=PAGE):
        after = page[-1].id
        for note in page:
            key = (str(note.severity), note.code)
            counts[key] += 1
            if len(by_code[key]) < EXAMPLES:
                by_code[key].append(note)
    for key in sorted(by_code):
        severity = label(by_code[key][0].severity)
        yield ngettext(
            "%(severity)s in %(num)s place:", "%(severity)s in %(num)s places:", counts[key], severity=severity
        )
        yield from (f"  {_where(note)}{filled(*note_message(note))}" for note in by_code[key])
        if counts[key] > EXAMPLES:
            yield "  " + _("… and %(count)s more", count=counts[key] - EXAMPLES)


def _where(note: ImportNote) -> str:
    row = _(", row %(row)s", row=note.row_no) if note.row_no else ""
    order = f", {note.order_number}" if note.order_number else ""
    return f"{note.file}{row}{order}: "
