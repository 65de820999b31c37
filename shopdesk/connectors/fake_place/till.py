"""What the fake place decides: once for each number it remembers, never more than was captured."""

from __future__ import annotations

import threading
import time
from dataclasses import asdict, dataclass

from shopdesk.connectors.fake_place.book import Book, Entry

REMEMBERS_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Request:
    number: str
    amount_minor: int
    currency: str
    payment_reference: str | None = None
    account: str | None = None
    captured_minor: int | None = None

    def __post_init__(self) -> None:
        if not self.number or type(self.amount_minor) is not int or self.amount_minor <= 0 or not self.currency:
            raise ValueError("a refund has a number, an amount and a currency")


class Reused(Exception):
    """The number was used for another refund."""


class Till:
    def __init__(self, book: Book, *, remembers_s: float = REMEMBERS_S) -> None:
        self._book, self._remembers_s = book, remembers_s
        self._lock = threading.RLock()
        self.ahead_s = (
            0.0  # how far its clock is ahead when it forgets and when a time comes; times are written as they are
        )

    def now(self) -> float:
        return time.time() + self.ahead_s

    def pay(
        self, asked: Request, *, status: str = "succeeded", code: str | None = None, then_s: float | None = None
    ) -> tuple[Entry, bool]:
        """The refund of that number, and whether it was made now: a remembered one is only shown.  Raises Reused."""
        with self._lock:
            if known := self.find(asked.number):
                if (known.amount_minor, known.currency) != (asked.amount_minor, asked.currency):
                    raise Reused
                return known, False
            if status != "failed" and self._is_too_much(asked):
                status, code = "failed", "AMOUNT_EXCEEDS_PAYMENT"
            return self._made(asked.number, asked, status, code, then_s), True

    def outside(self, payment_reference: str | None, amount_minor: int, currency: str) -> Entry:
        """A refund made in the place's own console."""
        with self._lock:
            return self._made(None, Request("console", amount_minor, currency, payment_reference), "succeeded")

    def settle(self, reference: str) -> Entry:
        """What was pending is paid."""
        return self._changed(reference, "pending", "succeeded", None)

    def take_back(self, reference: str) -> Entry:
        """What was paid comes back."""
        return self._changed(reference, "succeeded", "failed", "RETURNED")

    def forget(self, number: str) -> None:
        """From now on the place does not know the number; its list still has the refund."""
        with self._lock:
            for entry in self._of(number):
                self._book.write({"kind": "forgotten", "reference": entry.reference})

    def find(self, number: str) -> Entry | None:
        with self._lock:
            pages, oldest = self._book.pages, self.now() - self._remembers_s
            known = [e for e in self._of(number) if e.reference not in pages.forgotten and e.at >= oldest]
            return known[-1] if known else None

    def latest(self, number: str) -> Entry:
        """Also one that is forgotten.  Raises LookupError."""
        with self._lock:
            return self._of(number)[-1]

    def due(self) -> list[Entry]:
        with self._lock:
            waiting = [self._book.pages.entries[reference] for reference in self._book.pages.waiting]
            return [e for e in waiting if e.then_at is not None and e.then_at <= self.now()]

    def listed(self, since: float, after: str, most: int) -> list[Entry]:
        """Those that changed since then; `after` is the last reference of the page before."""
        with self._lock:
            found = [e for e in self._book.pages.entries.values() if e.changed_at >= since and e.reference > after]
            return found[:most]

    def _of(self, number: str) -> list[Entry]:
        pages = self._book.pages
        return [pages.entries[reference] for reference in pages.by_number.get(number, ())]

    def _is_too_much(self, asked: Request) -> bool:
        payment = asked.payment_reference
        if payment is None:
            return False
        pages = self._book.pages
        if asked.captured_minor is not None and payment not in pages.captured:
            self._book.write({"kind": "payment", "payment_reference": payment, "captured_minor": asked.captured_minor})
        if payment not in pages.captured:
            return False
        before = [pages.entries[reference] for reference in pages.by_payment.get(payment, ())]
        taken = sum(entry.amount_minor for entry in before if entry.status != "failed")
        return taken + asked.amount_minor > pages.captured[payment]

    def _made(
        self, number: str | None, asked: Request, status: str, code: str | None = None, then_s: float | None = None
    ) -> Entry:
        now = time.time()
        entry = Entry(
            reference=f"FP{len(self._book.pages.entries) + 1:09}",
            number=number,
            payment_reference=asked.payment_reference,
            amount_minor=asked.amount_minor,
            currency=asked.currency,
            status=status,
            at=now,
            changed_at=now,
            code=code,
            then_at=None if then_s is None or status == "failed" else now + then_s,
        )
        self._book.write({"kind": "refund", **asdict(entry)})
        return entry

    def _changed(self, reference: str, before: str, status: str, code: str | None) -> Entry:
        """Only from the state it is in now; else nothing happens."""
        with self._lock:
            entry = self._book.pages.entries[reference]
            if entry.status == before:
                change = {"status": status, "code": code, "changed_at": time.time(), "then_at": None}
                self._book.write({"kind": "change", "reference": reference, **change})
            return self._book.pages.entries[reference]
