"""Two sources disagree about a stage, and somebody has looked: one of the told stages stands (domain.md §3a D7)."""

from __future__ import annotations

from typing import Any

from shopdesk.changes import queries
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import Code
from shopdesk.changes.service import applying, carrying, copying, facts, recalling
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, StageFact
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import STAGE_RANK, Source, Stage
from shopdesk.staff import queries as staff


@command
def confirm_stage(parcel_id: int, seen: Stage, *, chosen: Stage | None = None, actor: Actor) -> Parcel:
    """Somebody has looked: the parcel stands as it was shown (`seen`), or as a source told against it (`chosen`).

    Ends the disagreement.  On, it is a fact as any other; back it goes only where nothing that our own hands or the
    courier did speaks against it.  Raises NotFound, NotAllowed, Conflict (`stage_moved`), IllegalMove
    (`not_contradicted`, `not_told`: nobody tells that stage, `own_hands`: it was in our hands further on,
    `goods_came_back`).
    """
    parcel = load(Parcel, parcel_id, actor, Permission.PRINT_CHECK)
    parcels.locked_with_orders([parcel.id], parcel.store_id)
    parcel = load(Parcel, parcel_id, actor, Permission.PRINT_CHECK)
    if parcel.stage is not seen:
        raise Conflict("The stage has moved meanwhile. Please look again.", code="stage_moved", stage=str(parcel.stage))
    against = parcels.contradictions([parcel.id], parcel.store_id)
    if not against:
        raise IllegalMove("Nothing speaks against this stage any more.", code="not_contradicted")
    if chosen is None or chosen is seen:
        parcel_service.confirm(parcel, clock.now(), person_id=actor.id, source=Source.PAGE)
        audit.record("parcel.confirmed", "parcel", parcel.id, actor, **_trace(parcel))
    else:
        _choose(parcel, chosen, against, actor)
    notices.withdraw_about(parcel.id, NoticeKind.CONTRADICTION, store_id=parcel.store_id)
    return parcel


def _choose(parcel: Parcel, chosen: Stage, against: list[StageFact], actor: Actor) -> None:
    was = parcel.stage
    told = next((fact for fact in reversed(against) if fact.stage is chosen), None)
    if told is None:
        raise IllegalMove("Nobody tells this stage of the parcel.", code="not_told", stage=str(was))
    if chosen not in parcels.stage_choices(parcel, against):
        raise IllegalMove(
            "Our own hands had this parcel further on. A scan, or taking that step back, decides.",
            code="own_hands", stage=str(was),
        )  # fmt: skip
    if STAGE_RANK[chosen] > STAGE_RANK[was]:
        report = Report(
            stage=chosen, happened_at=told.happened_at, as_of=clock.now(), source=Source.PAGE, person_id=actor.id
        )
        facts.record_fact(parcel, report, actor=actor)
    else:
        parcel_service.put_back(parcel, chosen, person_id=actor.id)
        _take_changes_back(parcel, actor)
    audit.record(
        "parcel.decided", "parcel", parcel.id, actor, **_trace(parcel), was=str(was), source=str(told.source),
        origin=told.origin,
    )  # fmt: skip


def _trace(parcel: Parcel) -> dict[str, Any]:
    order = parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]
    return {"store_id": parcel.store_id, "order_id": order.id, "stage": str(parcel.stage)}


def _take_changes_back(parcel: Parcel, actor: Actor) -> None:
    """The open changes that followed the false news go the way of the stage that holds."""
    for change in queries.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.OPEN):
        if change.kind in ONLY_UNPAID or STAGE_RANK[change.column] <= STAGE_RANK[parcel.stage]:
            continue
        order = orders.order_by_id(change.order_id, change.store_id)
        store = staff.store_by_id(change.store_id)
        copying.move_column(change, parcel.stage, store, is_paid=orders.gives_money_back(order))
        notices.withdraw(change.id)
        change.version += 1
        recalling.call_off(change, actor)
        if parcel.stage is Stage.UNPRINTED:
            _carry_out(change, actor)
        recalling.begin(change, actor)
        audit.record(
            "change.taken_back", "change", change.id, actor, store_id=store.id, order_id=order.id,
            kind=str(change.kind), parcel=parcel.id, stage=str(parcel.stage),
        )  # fmt: skip
        carrying.carry_on(change, actor)


def _carry_out(change: Change, actor: Actor) -> None:
    """No papers exist: as if it had been asked for on an unprinted parcel; what was done before counts."""
    order = orders.order_by_id(change.order_id, change.store_id)
    if change.kind is Kind.CANCEL:
        change.is_applied = False
        applying.request_void(change, actor)
        return
    if not change.is_applied:
        applying.amend_here(change, actor)
    copying.finish_step(change, Code.AMEND, actor)
    applying.write_memos(change, actor)
    copying.finish_step(change, Code.MEMO_HOLD, actor)
    applying.announce(change, order, actor)
    if not applying.record_confirmation(change, order, actor):
        applying.open_notice(change, order, actor)
    db.session.flush()
