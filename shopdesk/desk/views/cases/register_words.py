"""What stands in a register, on the page and in the table that leaves the desk: the same words, masked alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from shopdesk.cases import queries as cases
from shopdesk.cases.states import (
    AmountPart,
    Appraisal,
    CaseKind,
    CasePhase,
    CourierOutcome,
    Ending,
    Fault,
    InvoiceTaskKind,
    Resolution,
    WaitingFor,
)
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.desk.queries.cases.registers import Entry, FollowUp
from shopdesk.desk.views.event_words import EVENTS
from shopdesk.staff import queries as staff
from shopdesk.web.locale import label, money_text

WHY = "shown in the register"
TIME = "%Y-%m-%d %H:%M"
#: Event → (member of its body, the codes that stand there): the word that tells more than the event's own.
CODES: dict[str, tuple[str, type[StrEnum]]] = {
    "case.opened": ("case_kind", CaseKind),
    "case.moved": ("phase", CasePhase),
    "case.appraised": ("appraisal", Appraisal),
    "case.closed": ("ending", Ending),
    "case.ended": ("fault", Fault),
    "case.resolved": ("resolution", Resolution),
    "case.resolution_taken_back": ("resolution", Resolution),
    "case.kind_followed": ("after", CaseKind),
    "case.amount_decided": ("part", AmountPart),
    "case.settled": ("part", AmountPart),
    "case.settlement_taken_back": ("part", AmountPart),
    "case.invoice_done": ("task", InvoiceTaskKind),
    "case.waiting_set": ("party", WaitingFor),
    "courier.told": ("outcome", CourierOutcome),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a register is put into words."""

    who: Actor
    shops: dict[int, Any]

    @classmethod
    def of(cls, who: Actor) -> Reader:
        return cls(who, {store.id: store for store in staff.stores_of(who)})

    def zone(self, entry: Entry) -> str:
        return str(self.shops[entry.case.store_id].zone)

    def words(self, entry: Entry, value: Personal | None) -> str:
        """In clear for whoever reads it on the case, too."""
        if value is None:
            return ""
        return value.reveal(WHY) if cases.reads_wish(entry.case, self.who) else str(value)

    def wish(self, entry: Entry) -> str:
        return self.words(entry, entry.case.wish)

    def buyer(self, entry: Entry) -> str:
        return str(entry.case.buyer_nick or entry.case.recipient_name or "")

    def sentence(self, entry: Entry, one: FollowUp) -> str:
        """Who did what, and what it came to."""
        _icon, what = EVENTS.get(one.action, ("", one.action))
        more = " · ".join(part for part in self._more(entry, one) if part)
        said = _("%(what)s: %(more)s", what=what, more=more) if more else str(what)
        who = one.who or _("The desk")
        return f"{who} · {said}"

    def _more(self, entry: Entry, one: FollowUp) -> Iterable[str]:
        body = one.body
        if one.action in CODES:
            name, codes = CODES[one.action]
            if body.get(name) in set(codes):
                yield label(codes(body[name]))
            elif one.action == "case.waiting_set":
                yield _("waits for nobody")
        if one.action == "case.due_set":
            at = datetime.fromisoformat(body["due_at"]) if body.get("due_at") else None
            yield time_text(at, self.zone(entry)) if at else _("no due time")
        yield one.to or ""
        if "amount_minor" in body and self.who.may(Permission.MONEY_READ, entry.case.store_id):
            yield money_text(body["amount_minor"], entry.case.currency)
        yield self.words(entry, one.said)


def time_text(at: datetime | None, zone: str) -> str:
    """The day is named today, too: the table is read later."""
    return at.astimezone(ZoneInfo(zone)).strftime(TIME) if at else ""


Cell = Callable[[Entry, Reader], str]


def columns() -> dict[str, Cell]:
    """Head of a column → its text."""
    return {
        _("Case no."): lambda entry, _reader: entry.case.number,
        _("Store"): lambda entry, reader: reader.shops[entry.case.store_id].name,
        _("Order no."): lambda entry, _reader: entry.case.order_number,
        _("Buyer"): lambda entry, reader: reader.buyer(entry),
        _("Kind"): lambda entry, _reader: label(entry.case.kind),
        _("Reason"): lambda entry, _reader: _code(entry.case.reason),
        _("Details"): lambda entry, _reader: _code(entry.case.detail),
        _("What the customer wants"): lambda entry, reader: reader.wish(entry),
        _("State"): lambda entry, _reader: label(entry.case.phase),
        _("Owner"): lambda entry, _reader: entry.case.owner or "",
        _("Waiting for"): lambda entry, _reader: _code(entry.case.waiting_for),
        _("Due"): lambda entry, reader: time_text(entry.case.due_at, reader.zone(entry)),
        _("Platform's number"): lambda entry, _reader: entry.case.platform_number or "",
        _("On the platform"): lambda entry, _reader: entry.case.platform_status or "",
        _("Recorded on"): lambda entry, reader: time_text(entry.case.opened_at, reader.zone(entry)),
        _("Ended"): lambda entry, reader: time_text(entry.case.closed_at, reader.zone(entry)),
        _("How it ended"): lambda entry, reader: reader.words(entry, entry.case.outcome),
        _("Follow-up"): _history,
    }


def rows(entries: Iterable[Entry], reader: Reader) -> Iterable[dict[str, str]]:
    made = columns()
    for entry in entries:
        yield {head: cell(entry, reader) for head, cell in made.items()}


def _code(code: StrEnum | None) -> str:
    return label(code) if code else ""


def _history(entry: Entry, reader: Reader) -> str:
    zone = reader.zone(entry)
    return "\n".join(f"{time_text(one.at, zone)} {reader.sentence(entry, one)}" for one in entry.history)
