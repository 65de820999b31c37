"""What the notes of a run say: a msgid of the readers, or of an order that could not be applied, with what fills it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shopdesk.imports.models import ImportNote
from shopdesk.imports.readers.asof import as_of_from_name
from shopdesk.imports.readers.messages import MESSAGES, N_
from shopdesk.imports.readers.records import FileProblem, RowProblem

#: Codes that are not of the readers.
OF_APPLYING = {
    "older_than_known": N_("This file is older than what is known of the order; only gaps were filled."),
    "same_time": N_(
        "Told for the same time as what is known: what differs was not taken (%(headers)s). "
        "Give a later time if this file is the newer one."
    ),
    "orders_without_details": N_(
        "Orders without details: %(count)s. Their lines are incomplete. Import the detail file too."
    ),
    "order_not_here": N_("Order %(number)s is not here yet; import the order list first."),
    "refund_of_other_order": N_("This application is known on another order. Compare both with the platform."),
    "older_than_case": N_("This file is older than what is known of the application; only gaps were filled."),
    "wish_clipped": N_("The platform's words have %(length)s characters; the first %(limit)s were taken."),
    "waybill_in_use": N_(
        "“%(header)s” holds the waybill %(value)s, which a parcel of order %(other)s has too. Both are kept; look at "
        "the label to see whose it is."
    ),
    "not_stored": N_("This order cannot be stored. The other orders were taken."),
}
#: Why a run ended that is no fault of a file.
OF_STOPPING = {
    "may_no_longer_import": N_(
        "Who handed these files in may no longer import. %(handled)s of %(total)s orders were taken before; "
        "somebody who may has to hand the files in again."
    ),
    "broken_off": N_("The import was broken off. What it had taken stays; import the same files again."),
}
OTHER = N_("This order was not taken (%(code)s). The other orders were.")
NOT_READ = N_("%(file)s could not be read (%(code)s). Export it again.")


def note_message(note: ImportNote) -> tuple[str, Mapping[str, Any]]:
    """(English msgid, what fills it) of a row that needs a word."""
    problem = RowProblem(
        file=note.file, row_no=note.row_no or 0, severity=note.severity.value, code=note.code, field=note.field,
        value_excerpt=note.excerpt, facts=note.facts,
    )  # fmt: skip
    msgid = MESSAGES.get(note.code) or OF_APPLYING.get(note.code, OTHER)
    return msgid, {**problem.params, "code": note.code, "number": note.facts.get("number", note.order_number or "")}


def failure_message(failure: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """The same for the file that made a run fail (ImportRun.failure)."""
    problem = FileProblem(failure["code"], failure["file"], failure.get("facts") or {})
    code = problem.code
    words = MESSAGES.get(code) or OF_STOPPING.get(code, NOT_READ)
    return words, {**problem.params, "code": code}


def time_in_name(name: str, zone: str) -> datetime | None:
    """When the export was made, if its name tells it (D1)."""
    return as_of_from_name(name, zone=zone)
