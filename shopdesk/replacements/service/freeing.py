"""Units of a replacement that a change took off its order: they are free for the case again, with their money."""

from __future__ import annotations

from sqlalchemy import update

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.core import audit
from shopdesk.core.db import db, part, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders import service as order_service
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement, ReplacementLine
from shopdesk.replacements.rules import Priced
from shopdesk.replacements.states import DifferenceSettled

PAID = frozenset({DifferenceSettled.LINKED_ORDER, DifferenceSettled.PAYMENT})


def free_cancelled(found: Replacement, case: Case, *, actor: Actor) -> int:
    """Give back the units that were taken off the order that goes out; how many.  What is off whole is ended by hand.

    Not while a change still holds the parcel: it may be taken back.  A difference that was paid for them goes back;
    where a credit for them was settled already nothing moves.  The caller holds the locks of case and replacement.
    """
    off = queries.taken_off(found)
    if not off or queries.standing(found).is_held or queries.out(found).is_voided:
        return 0
    cases.lock_order(case)
    lines = [line for line in queries.lines_of([found.id], found.store_id) if line.id in off]
    try:
        with part():
            owed_minor = sum(_free(case, line, off[line.id]) for line in lines)
            _lower(found, case, owed_minor)
    except IllegalMove:  # settled already: whoever settles it takes the entry back first
        return 0
    audit.record(
        "replacement.units_freed", "replacement", found.id, actor, store_id=found.store_id, order_id=found.order_id,
        outbound=found.outbound_id, units=sum(off.values()),
    )  # fmt: skip
    return sum(off.values())


def _free(case: Case, line: ReplacementLine, units: int) -> int:
    """Give units of a line back; what the customer owed for them beyond what they had paid (minor units)."""
    kept = rules.kept_of(Priced(line.share_minor + line.credited_minor, line.price_minor), line.quantity, units)
    credited = rules.kept_minor(line.credited_minor, line.quantity, units)
    if line.credited_minor > credited:
        cases.credit(case, line.line_id, credited - line.credited_minor)
    before = Priced(line.share_minor + line.credited_minor, line.price_minor)
    cases.give_back_units(case, line.line_id, units, before.share_minor - kept.share_minor)
    paid_more = line.worth_minor != before.share_minor
    line.share_minor, line.credited_minor = kept.share_minor - credited, credited
    line.price_minor, line.worth_minor = kept.price_minor, kept.worth_minor if paid_more else kept.share_minor
    if units == line.quantity:
        line.is_claimed = False
    else:
        line.quantity -= units
    db.session.flush()
    return rules.difference_minor([before]) - rules.difference_minor([kept])


def _lower(found: Replacement, case: Case, owed_minor: int) -> None:
    """The difference is that of the units that still go out."""
    if not owed_minor:
        return
    if owed_minor > 0 and found.settled_how in PAID:
        cases.owe(case, owed_minor)
    credited = found.credited_minor + owed_minor if found.credited_minor else 0
    statement = (
        update(Replacement)
        .where(Replacement.id == found.id, Replacement.version == found.version)
        .values(
            difference_minor=Replacement.difference_minor - owed_minor, credited_minor=max(0, credited),
            version=Replacement.version + 1,
        )
    )  # fmt: skip
    done = rows_changed(in_store(statement, found.store_id, Replacement))
    db.session.refresh(found)
    if done != 1:
        raise Conflict("This has moved on meanwhile. Please look again.", code="replacement_moved")


def tell_worth(line: ReplacementLine) -> bool:
    """Say on the order that goes out what the line is worth; there units that were taken off keep their part."""
    sold = queries.outbound_line(line)
    worth_minor = rules.worth_of_all(line.worth_minor, sold.quantity, sold.quantity - line.quantity)
    return order_service.set_worth(line.outbound_line_id, worth_minor, line.store_id)
