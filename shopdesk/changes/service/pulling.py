"""拦单 answered: found, too late, and the 15 minutes in which what was handed over may be pulled back (domain.md §3).

Of found, too late, time over and the courier's word exactly one counts: each locks the parcel first, and the row count
of an UPDATE decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from shopdesk.changes import queries
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import PLAYBOOK
from shopdesk.changes.service import applying, copying, facts, recalling
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import load
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, Recall
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import LEFT, RecallKind, RecallState, Source, Stage
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store


def reachable(affected: Sequence[Parcel], kind: Kind, store: Store) -> dict[int, datetime]:
    """Parcel → until when it may be pulled back for a wish of this kind."""
    if (kind, Stage.PACKED) not in PLAYBOOK:
        return {}
    there = {parcel.id: parcels.pull_back_until(parcel, store) for parcel in affected}
    return {parcel_id: until for parcel_id, until in there.items() if until is not None}


def begin(change: Change, until: datetime | None, actor: Actor) -> None:
    """Ask the warehouse for a parcel that was handed over.  A further wish joins the one that is asked for."""
    if change.column is not Stage.SHIPPED or change.state is not ChangeState.OPEN:
        return
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    recall, is_new = parcel_service.recall(parcel, RecallKind.PARCEL, change.id, until=until)
    if not is_new:
        return
    audit.record(
        "recall.pull_back", "recall", recall.id, actor, store_id=change.store_id, order_id=change.order_id,
        change=change.id, parcel=parcel.id, until=recall.until.isoformat() if recall.until else None,
    )  # fmt: skip
    notices.put(
        Role.WAREHOUSE, NoticeKind.RECALL, orders.order_by_id(change.order_id, change.store_id), actor=actor,
        parcel_id=parcel.id, change_id=change.id, code="pull_back", batch=parcels.batch_name(parcel),
        position=parcel.position, change_kind=str(change.kind),
    )  # fmt: skip


@command
def found(parcel_id: int, *, actor: Actor) -> Parcel:
    """What is recalled of the parcel is in the warehouse's hands; a parcel that was handed over is packed again.

    Raises NotFound, NotAllowed, IllegalMove (`recall_answered`: who did it when; `nothing_recalled`; `time_over`),
    Conflict (`not_pulled_back`: the courier has it).
    """
    parcel = _locked(parcel_id, Permission.PARCEL_PACK, actor)
    there = [recall for recall in _open(parcel) if parcel_service.mark_found(recall, by_id=actor.id)]
    if not there:
        raise why_not_answered(parcel)
    if parcel.stage in LEFT:
        _pull_back(parcel, actor)
    for recall in there:
        notices.withdraw(recall.change_id, NoticeKind.RECALL)
    audit.record(
        "recall.found", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=_an_order(parcel),
        recalls=[recall.id for recall in there],
    )  # fmt: skip
    return parcel


def _pull_back(parcel: Parcel, actor: Actor) -> None:
    """Packed again in this transaction, and held: each wish goes the way of a packed parcel, its recall in hand."""
    parcel_service.pull_back(parcel, person_id=actor.id)
    store = staff.store_by_id(parcel.store_id)
    for change in queries.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.OPEN):
        if change.column is not Stage.SHIPPED:
            continue
        order = orders.order_by_id(change.order_id, store.id)
        copying.move_column(change, parcel.stage, store, is_paid=orders.gives_money_back(order))
        applying.hold_parcel(change, parcel, store)
        change.version += 1
        notices.withdraw(change.id)
        recalling.begin(change, actor)
        audit.record(
            "change.pulled_back", "change", change.id, actor, store_id=store.id, order_id=order.id,
            kind=str(change.kind), parcel=parcel.id,
        )  # fmt: skip
    db.session.flush()


@command
def too_late(parcel_id: int, *, actor: Actor) -> Parcel:
    """It is gone: a fact, never refused for what holds it; each open wish goes on as a case.

    Nobody asks a courier by this.  Raises NotFound, NotAllowed, IllegalMove where nothing was left to answer.
    """
    parcel = _locked(parcel_id, Permission.PARCEL_SHIP, actor)
    if parcel.stage in LEFT and not _open(parcel):
        raise why_not_answered(parcel)
    now = clock.now()
    told = Report(stage=Stage.SHIPPED, happened_at=None, as_of=now, source=Source.PAGE, person_id=actor.id)
    facts.record_fact(parcel, told, actor=actor)
    audit.record("recall.gone", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=_an_order(parcel))
    db.session.refresh(parcel)
    return parcel


def expire_pull_backs(store_id: int, *, actor: Actor) -> int:
    """What nobody answered in time is too late; how many parcels."""
    due = parcels.due_pull_backs(store_id, clock.now())
    return sum(_expire(parcel_id, store_id, actor=actor) for parcel_id in due)


@command
def _expire(parcel_id: int, store_id: int, *, actor: Actor) -> bool:
    parcel = parcels.locked_with_orders([parcel_id], store_id)[0]
    if parcel_id not in parcels.due_pull_backs(store_id, clock.now()):
        return False  # answered while this one waited for the parcel
    told = Report(
        stage=parcel.stage, happened_at=parcel.stage_at, as_of=parcel.stage_as_of or clock.now(),
        source=parcel.stage_source,
    )  # fmt: skip
    return facts.give_up_pull_back(parcel, told, actor) > 0


def _locked(parcel_id: int, permission: Permission, actor: Actor) -> Parcel:
    parcel = load(Parcel, parcel_id, actor, permission)
    parcels.locked_with_orders([parcel.id], parcel.store_id)
    return load(Parcel, parcel_id, actor, permission)


def _open(parcel: Parcel) -> list[Recall]:
    return parcels.open_recalls([parcel.id], parcel.store_id)


def _an_order(parcel: Parcel) -> int:
    return parcels.orders_in_parcel(parcel.id, parcel.store_id)[0].id


def why_not_answered(parcel: Parcel) -> IllegalMove:
    """Who answered it and when, or that nobody wants it, or that the time is over."""
    last = parcels.last_recall(parcel.id, parcel.store_id)
    if last is None:
        return IllegalMove("Nothing is recalled here.", code="nothing_recalled")
    if last.state is RecallState.REQUESTED and last.found_at is None:
        return IllegalMove("The time to pull it back is over: it goes on as a case.", code="time_over")
    return answered(last)


FOUND = IllegalMove("%(who)s found it at %(at)s already.")
BY_ITSELF = IllegalMove("At %(at)s it became too late by itself: nobody answered in time, or somebody outside has it.")
#: What somebody did with a recall, by its state.
ANSWERED = {
    RecallState.HANDED_OUT: IllegalMove("%(who)s handed it out at %(at)s already."),
    RecallState.TAKEN_BACK: IllegalMove("%(who)s took it back at %(at)s already."),
    RecallState.DESTROYED: IllegalMove("%(who)s destroyed the papers at %(at)s already."),
    RecallState.BOOKED_IN: IllegalMove("%(who)s booked it in at %(at)s already."),
    RecallState.CALLED_OFF: IllegalMove("It was called off at %(at)s: nothing has to be fetched any more."),
    RecallState.TOO_LATE: IllegalMove("%(who)s said at %(at)s that it is too late."),
}


def answered(recall: Recall) -> IllegalMove:
    """The refusal of a second answer: who gave the first and when, in the store's zone."""
    who, at = recall.ended_by_id, recall.ended_at
    if recall.state is RecallState.REQUESTED:
        who, at = recall.found_by_id, recall.found_at
    elif recall.state is RecallState.HANDED_OUT:
        who, at = recall.handed_out_by_id, recall.handed_out_at
    words = ANSWERED.get(recall.state, FOUND)
    if recall.state is RecallState.TOO_LATE and who is None:
        words = BY_ITSELF
    zone = ZoneInfo(staff.store_by_id(recall.store_id).zone)
    named = staff.signatures({who})[who] if who else "—"
    said_at = at.astimezone(zone).strftime("%m-%d %H:%M") if at else "—"
    return IllegalMove(words.message, code="recall_answered", outcome=str(recall.state), who=named, at=said_at)
