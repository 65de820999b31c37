"""What a payout needs before it leaves, and what is issued once it is confirmed."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from shopdesk.core import clock
from shopdesk.core.db import db, part, rows_changed
from shopdesk.core.scope import in_store
from shopdesk.feeds import queries as feeds
from shopdesk.refunds import queries
from shopdesk.refunds.models import CreditNote, CreditNoteCount, Refund, RefundPayment
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Platform

#: Stores whose platform pays nothing back by itself.
WITHOUT_PLATFORM = frozenset({Platform.PHONE, Platform.OTHER})


def is_clear_of_platform(refund: Refund, payout: RefundPayment) -> bool:
    """Whether nobody has to fear that the platform pays the same: its list of refunds is newer, or finance looked.

    domain.md §5: a payout outside the platform needs a refund feed newer than its request, or a recorded look.
    """
    store = staff.store_by_id(refund.store_id)
    if store.platform in WITHOUT_PLATFORM or payout.place == "platform":
        return True
    told_at = feeds.refunds_as_of(refund.store_id)
    return refund.looked_at is not None or (told_at is not None and told_at > refund.requested_at)


def issue_credit_note(payout: RefundPayment) -> CreditNote:
    """The next number of the store, taken in the transaction that confirms: what is rolled back leaves no gap."""
    return queries.credit_note_of(payout) or _issued(payout, counters=None)


def issue_counter_note(payout: RefundPayment) -> CreditNote | None:
    """The same the other way round, once: what was credited came back.  None where nothing was credited."""
    note = queries.credit_note_of(payout)
    return queries.counter_note_of(payout) or (note and _issued(payout, counters=note))


def _issued(payout: RefundPayment, *, counters: CreditNote | None) -> CreditNote:
    made = CreditNote(
        store_id=payout.store_id, payout_id=payout.id, counters_id=counters.id if counters else None,
        number=_next_number(payout.store_id), amount_minor=payout.settled_minor, currency=payout.currency,
        issued_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _next_number(store_id: int) -> int:
    counted = in_store(update(CreditNoteCount), store_id, CreditNoteCount).values(last=CreditNoteCount.last + 1)
    if rows_changed(counted) != 1:
        try:
            with part():
                db.session.add(CreditNoteCount(store_id=store_id, last=1))
        except IntegrityError:  # another one was first a moment ago
            rows_changed(counted)
    return int(db.session.scalar(in_store(select(CreditNoteCount.last), store_id, CreditNoteCount)) or 0)
