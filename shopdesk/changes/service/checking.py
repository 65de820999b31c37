"""打单核对, 发货核对: what of a pasted list may be printed or leave, and the button that says it was printed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import update

from shopdesk.changes import queries
from shopdesk.changes.models import PrintCheck, PrintCheckRow
from shopdesk.changes.queries import CheckedRow
from shopdesk.changes.queries.sight import moved as moved_since
from shopdesk.changes.service.carrying import acknowledge
from shopdesk.changes.states import ChangeState, Group, Purpose
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.many import insert_many
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.text import typed_name
from shopdesk.notices import queries as notice_queries
from shopdesk.notices import service as notices
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Source, Stage

MOST_ROWS = 2000
MOST_NAME = 32
MOST_NUMBER = 128  # characters; no order number is longer
KEPT = ("check_id", "position", "pasted", "parcel_id", "order_id", "group_shown", "shown")
GO = (Group.PRINTABLE, Group.CHANGED)


@command
def make_check(
    numbers: Sequence[str], *, actor: Actor, purpose: Purpose = Purpose.PRINT
) -> tuple[PrintCheck, list[CheckedRow]]:
    """Check a list of order numbers or waybills (cleaned, in the clerk's order) in all the actor's stores.

    Looking is knowing: every unprinted parcel in the list that printing is about to print is known unprinted now.
    At the truck looking tells nothing of the stage: what is loaded is said by the button.
    Raises RuleViolation for an empty list or one over MOST_ROWS.
    """
    wanted = list(dict.fromkeys(number[:MOST_NUMBER] for number in numbers if number))
    if not wanted:
        raise RuleViolation("Paste the order numbers of a batch.", code="value_required", missing="numbers")
    if len(wanted) > MOST_ROWS:
        raise RuleViolation("At most %(most)d rows at once.", code="too_many_rows", most=MOST_ROWS)
    rows = queries.look_for(purpose, wanted, actor)
    check = PrintCheck(purpose=purpose, made_by_id=actor.id, made_at=clock.now())
    db.session.add(check)
    db.session.flush()
    insert_many(PrintCheckRow, KEPT, [_kept(check.id, row) for row in rows])
    if purpose is Purpose.PRINT:
        _know_unprinted(rows, actor)
    counts = Counter(str(row.group) for row in rows)
    is_load = purpose is Purpose.DISPATCH
    audit.record(
        "dispatch_check.made" if is_load else "check.made", "dispatch_check" if is_load else "print_check", check.id,
        actor, **counts,
    )  # fmt: skip
    return check, rows


def _kept(check_id: int, row: CheckedRow) -> tuple[int | str | None, ...]:
    return check_id, row.position, row.pasted, row.parcel_id, row.order_id, row.group, row.shown


def _know_unprinted(rows: list[CheckedRow], actor: Actor) -> None:
    ids = sorted({row.parcel_id for row in rows if row.parcel_id is not None})
    if ids:
        parcel_service.look_at(ids, clock.now(), actor=actor)


def _lock_with_orders(rows: Iterable[CheckedRow], actor: Actor) -> None:
    """A memo takes its order's lock alone: with that, none comes between looking and acknowledging."""
    ids = sorted({row.parcel_id for row in rows if row.parcel_id is not None})
    parcels.lock_orders(ids, actor, Permission.PRINT_CHECK)
    parcels.lock(ids, actor, Permission.PRINT_CHECK)


@command
def mark_printed(check_id: int, batch: str, *, actor: Actor) -> PrintCheck:
    """The button *printed, batch …*: acknowledge the changed ones, end their holds, print all that may be, or nothing.

    Raises Conflict when a row is not what the clerk was shown (somebody asked for a change meanwhile, or for something
    else, or wrote a memo), IllegalMove when the list was printed already, RuleViolation for a batch without a name.
    """
    check = queries.own_check(check_id, actor)
    name = typed_name(batch)
    if not name or len(name) > MOST_NAME:
        raise RuleViolation("A batch needs a name of at most %(most)d characters.", code="bad_batch", most=MOST_NAME)
    if not claim(check, name):
        raise IllegalMove("This list was printed already.", code="already_printed")
    _lock_with_orders(queries.look(pasted(check), actor), actor)
    now, moved = as_it_stands(check, actor)
    if moved:
        raise Conflict(
            "%(count)d rows have changed since you looked; nothing was printed. Please check the list again.",
            code="list_changed", count=len(moved), rows=moved[:20],
        )  # fmt: skip
    go = [row for row in now if row.group in GO]
    if not go:
        raise RuleViolation("Nothing in this list may be printed.", code="nothing_to_print")
    for row in go:
        assert row.parcel_id is not None  # noqa: S101 only found rows go
        assert row.store_id is not None  # noqa: S101
        acknowledge_printing(row.parcel_id, row.store_id, actor=actor)
    _print(go, name, check, actor)
    return check


def claim(check: PrintCheck, name: str | None) -> bool:
    """Whether this press of the button is the one that counts."""
    taken = rows_changed(
        update(PrintCheck)
        .where(PrintCheck.id == check.id, PrintCheck.printed_at.is_(None))
        .values(printed_at=clock.now(), batch=name)
    )
    return taken == 1


def pasted(check: PrintCheck) -> list[str]:
    return list(dict.fromkeys(row.pasted for row in queries.check_rows(check.id)))


def as_it_stands(check: PrintCheck, actor: Actor) -> tuple[list[CheckedRow], list[str]]:
    """The rows under the lock (what was seen before it decides nothing), and what is not as the clerk was shown it."""
    now = queries.look_for(check.purpose, pasted(check), actor)
    return now, [pasted for pasted, _parcel in moved_since(queries.check_rows(check.id), now)]


@command
def acknowledge_printing(parcel_id: int, store_id: int, *, actor: Actor) -> None:
    """Printing the flagged ones acknowledges them as not printed until now; their holds end.

    The caller holds the parcel locked, and goes on to print it.
    """
    parcel = parcels.parcel_by_id(parcel_id, store_id)
    parcel_service.mark_known(parcel, clock.now(), source=Source.CHECK, origin=None, only_if=Stage.UNPRINTED)
    for notice in notice_queries.open_for_parcel(parcel.id, store_id, NoticeKind.CHANGE, NoticeKind.MEMO):
        notices.answer(notice.id, Answer.NOT_PRINTED, actor=actor)
    for change in queries.changes_of_parcel(parcel.id, store_id, ChangeState.OPEN):
        acknowledge(change, actor)


def _print(go: list[CheckedRow], name: str, check: PrintCheck, actor: Actor) -> None:
    by_store: dict[int, list[int]] = defaultdict(list)
    for row in go:
        assert row.parcel_id is not None  # noqa: S101 only found rows go
        assert row.store_id is not None  # noqa: S101
        if row.parcel_id not in by_store[row.store_id]:
            by_store[row.store_id].append(row.parcel_id)
    for store_id, ids in sorted(by_store.items()):
        if not actor.may(Permission.PARCEL_PRINT, store_id):
            raise Conflict("Part of this list is no longer yours to print.", code="list_changed")
        parcel_service.print_parcels(ids, store_id=store_id, batch=name, person_id=actor.id)
        audit.record("check.printed", "print_check", check.id, actor, store_id=store_id, batch=name, parcels=len(ids))
