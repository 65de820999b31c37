"""拦单 by scan: what is due with a recalled parcel, handed out to a named person, taken back or booked in.

The steps are those of the change (changes.service): order, role and version are enforced there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from shopdesk.changes import service as change_service
from shopdesk.changes.models import Step
from shopdesk.changes.queries.papers import expected_units
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import HANDED_TO, Code, StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.queries import Meant
from shopdesk.parcels.states import Named, RecallState
from shopdesk.warehouse.queries.recalls import Turn, receivers, turns
from shopdesk.warehouse.states import Mode, Result, Scan

NEEDED = Permission.PARCEL_PACK
#: The steps that each mode does.
STEPS = {
    Mode.HAND_OUT: frozenset({Code.HAND_OUT, Code.HAND_TO_AFTER_SALE}),
    Mode.TAKE_BACK: frozenset({Code.TAKE_BACK, Code.REPACK, Code.BOOK_IN}),
}
#: Codes that stand on a parcel which may be in hand for a recall, also where nothing may be shipped with them.
IN_HAND = frozenset({Named.PARCEL, Named.SUPERSEDED, Named.VOIDED})
#: What came off with a re-print; no scan takes it any more.
OLD = frozenset({Named.SUPERSEDED, Named.OLD_PAPERS})

Due = tuple[Turn, Step]


@dataclass(frozen=True, slots=True)
class Given:
    """What is said with the scan; each step takes its own part."""

    to: int | None = None  # id of the person who gets it
    grams: int | None = None
    counted: Mapping[int, int] | None = None  # line → units, when goods are booked in
    version: int | None = None  # of the change, as it was looked at


def look(text: str, *, actor: Actor) -> Scan:
    """What is due with what was scanned; nothing moves.  Raises RuleViolation where nothing was scanned."""
    code = _code(text)
    meant = parcels.resolve([code], actor, NEEDED)[code]
    base = Scan(code, Mode.RECALL, Result.UNKNOWN, clock.now(), reasons=("not_found",))
    if meant.named is Named.UNKNOWN:
        return base
    if meant.named not in IN_HAND | OLD or meant.parcel_id is None or meant.store_id is None:
        return Scan(code, Mode.RECALL, Result.STOP, base.at, reasons=(str(meant.named),))
    require(actor, NEEDED, meant.store_id)
    parcel = parcels.parcel_by_id(meant.parcel_id, meant.store_id)
    return _old(base, meant, parcel) if _is_old(meant, parcel) else seen(parcel, code)


def seen(parcel: Parcel, code: str) -> Scan:
    """The same of a parcel that was found already."""
    is_due = bool(turns(parcel))
    last = None if is_due else parcels.last_recall(parcel.id, parcel.store_id)
    reasons = () if is_due else ("recall_answered",) if last else ("nothing_recalled",)
    result = Result.DUE if is_due else Result.ALREADY
    return Scan(code, Mode.RECALL, result, clock.now(), reasons=reasons, parcel_id=parcel.id, store_id=parcel.store_id)


def gone(parcel: Parcel) -> Scan:
    """What *too late* came to: it has left, and whether somebody had found it before."""
    last = parcels.last_recall(parcel.id, parcel.store_id)
    before = ("found_before",) if last is not None and last.found_at is not None else ()
    return Scan(
        parcels.barcode(parcel.id), Mode.RECALL, Result.OK, clock.now(), reasons=before, parcel_id=parcel.id,
        store_id=parcel.store_id,
    )  # fmt: skip


@command
def hand(text: str, mode: Mode, given: Given, *, actor: Actor) -> Scan:
    """Hand out what was scanned to `given.to`, or take it back, for every change that waits for it.

    An old waybill or paper is a result (`stop`), as with every scan: nothing moves.

    Raises NotFound, IllegalMove (`recall_answered`: who did it when; `nothing_recalled`, `not_handed_out`,
    `step_out_of_order`), Conflict (`stale_version`), RuleViolation (the receiver, the count), NotAllowed.
    """
    code = _code(text)
    parcel = _in_hand(parcels.resolve([code], actor, NEEDED)[code], actor)
    meant = parcels.resolve([code], actor, NEEDED)[code]  # once more: a re-print may have come before the lock
    if _is_old(meant, parcel):
        return _refused(_old(Scan(code, mode, Result.STOP, clock.now()), meant, parcel), parcel, actor)
    there = turns(parcel)
    wanted = [turn for turn in there if mode is Mode.HAND_OUT or turn.recall.state is not RecallState.REQUESTED]
    due = [(turn, step) for turn in wanted for step in turn.steps if Code(step.code) in STEPS[mode]]
    due = _for(given.to, _one_act(due))
    if not due:
        raise _why_not(parcel, [turn for turn in there if turn.is_open], mode)
    _check_counted(due, given)
    for turn, step in due:
        if _is_done(step):
            continue  # the first did it for both: it is one piece of paper, one parcel
        change_service.do_step(
            turn.change.id, step.position, _evidence(step, given, parcel, turn), actor=actor,
            seen_version=given.version if len(due) == 1 else None,
        )  # fmt: skip
    return Scan(code, mode, Result.OK, clock.now(), parcel_id=parcel.id, store_id=parcel.store_id)


def _one_act(due: list[Due]) -> list[Due]:
    """What comes back is packed, or put back among the papers; goods beside it are booked in by another scan."""
    back = [(turn, step) for turn, step in due if Code(step.code) is not Code.BOOK_IN]
    return back or due


def _check_counted(due: list[Due], given: Given) -> None:
    """Goods are booked in by what lay on the table, as on the page: a scan too many counts nothing."""
    counts = [turn for turn, step in due if Code(step.code) is Code.BOOK_IN and turn.step is step]
    if given.counted is None and any(expected_units(turn.change) for turn in counts):
        raise RuleViolation("Count the goods that are booked in.", code="value_required", missing="counted")


def _for(to: int | None, due: list[Due]) -> list[Due]:
    """Of what is handed out the steps by which this person may get it; all, where it is nobody's: then it is refused.

    The papers of a cancel wish stay asked for until somebody of after-sale has them.
    """
    theirs = [
        (turn, step) for turn, step in due
        if Code(step.code) not in HANDED_TO or to in dict(receivers(turn.change.store_id, Code(step.code)))
    ]  # fmt: skip
    return theirs or due


def _is_done(step: Step) -> bool:
    db.session.refresh(step)
    return step.state is not StepState.OPEN


def _code(text: str) -> str:
    code = parcels.scanned(text)
    if not code:
        raise RuleViolation("Scan or type a number.", code="value_required", missing="code")
    return code


def _is_old(meant: Meant, parcel: Parcel) -> bool:
    """Whether it came off with a re-print.  A number that only an export replaced still sticks on the parcel."""
    return meant.named is Named.OLD_PAPERS or (meant.named is Named.SUPERSEDED and parcel.papers_version > 1)


def _old(base: Scan, meant: Meant, parcel: Parcel) -> Scan:
    return replace(
        base, result=Result.STOP, reasons=(str(meant.named),), parcel_id=parcel.id, store_id=parcel.store_id,
        valid_waybill=meant.valid_waybill,
    )  # fmt: skip


def _refused(scan: Scan, parcel: Parcel, actor: Actor) -> Scan:
    """Nothing moves; that somebody had it in hand stays on record."""
    audit.record(
        "scan.stopped", "parcel", parcel.id, actor, store_id=parcel.store_id,
        order_id=parcels.orders_in_parcel(parcel.id, parcel.store_id)[0].id, mode=str(scan.mode),
        reasons=list(scan.reasons), stage=str(parcel.stage), happened_at=scan.at.isoformat(),
    )  # fmt: skip
    return scan


def _in_hand(meant: Meant, actor: Actor) -> Parcel:
    if meant.named not in IN_HAND | OLD or meant.parcel_id is None or meant.store_id is None:
        raise NotFound("No parcel here goes by that number.", code="unknown_parcel", named=str(meant.named))
    require(actor, NEEDED, meant.store_id)
    return parcels.locked_with_orders([meant.parcel_id], meant.store_id)[0]


def _evidence(step: Step, given: Given, parcel: Parcel, turn: Turn) -> Evidence:
    """Of goods that several orders share each change counts its own lines."""
    counted = given.counted
    if Code(step.code) is not Code.BOOK_IN:
        counted = None
    if counted is not None:
        rows = parcels.parcel_lines([parcel.id], parcel.store_id)
        others = {row.line_id for row in rows if row.order_id != turn.change.order_id}
        counted = {line_id: units for line_id, units in counted.items() if line_id not in others}
    return Evidence(to=given.to, grams=given.grams, counted=counted)


def _why_not(parcel: Parcel, there: list[Turn], mode: Mode) -> DomainError:
    """Why nothing of it can be handed out or taken back now."""
    if not there:
        return change_service.why_not_answered(parcel)
    if any(turn.code is Code.PULL_BACK for turn in there):
        return IllegalMove("Say first whether it was found or is gone.", code="not_found_yet")
    out = [turn.recall for turn in there if turn.recall.state is RecallState.HANDED_OUT]
    if mode is Mode.HAND_OUT and out:
        return change_service.answered(out[-1])
    if mode is Mode.TAKE_BACK and not out:
        return IllegalMove("It was not handed out yet.", code="not_handed_out")
    return IllegalMove("This is not for the warehouse to do now: see the change.", code="step_not_available")
