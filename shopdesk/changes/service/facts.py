"""Stage facts: never refused, never lost; what they do to the changes they overtake (domain.md §3, §3a)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, ChangeWish
from shopdesk.changes.service import (
    applications,
    applying,
    carrying,
    casing,
    copying,
    entering,
    owing,
    recalling,
    stopped,
    undoing,
)
from shopdesk.changes.service.reporting import note_stage_feed
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor, Permission, Role, require
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Mirrored
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, StageFact, Waybill
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import (
    HANDED_OVER,
    IN_HOUSE,
    LEFT,
    OWN_HANDS,
    STAGE_RANK,
    FactEffect,
    HoldCause,
    RecallState,
    Stage,
)
from shopdesk.staff import queries as staff

#: Whom an alarm reaches: those who hold the papers, those who pack, those who asked.
ALARMED = (Role.PRINTING, Role.WAREHOUSE, Role.PRE_SALE)


@command
def take_report(
    store_id: int,
    report: Report,
    *,
    order_number: str | None,
    waybill: str | None,
    actor: Actor,
    notes_feed: bool = True,
) -> list[StageFact]:
    """A reported stage of the parcels of an order, or of the one with a waybill; never refused for a hold.

    What is told of the future counts as now (D1); the event keeps what was said.  With `notes_feed` False the caller
    notes the feed, once for many reports.  Raises NotFound when neither is known here.
    """
    require(actor, Permission.FACTS_WRITE, store_id)
    now = clock.now()
    report = replace(report, as_of=min(report.as_of, now))
    if report.happened_at is not None and report.happened_at > now:
        report = replace(report, happened_at=now, said_at=report.happened_at)
    ids = _parcels_named(store_id, order_number, waybill)
    found = [record_fact(parcel, report, actor=actor) for parcel in parcels.locked_with_orders(ids, store_id)]
    if notes_feed:
        note_stage_feed(store_id, report.origin or "api", as_of=report.as_of, covers="some", actor=actor)
    return found


def _parcels_named(store_id: int, order_number: str | None, waybill: str | None) -> list[int]:
    if waybill:
        statement = select(Waybill.parcel_id).where(Waybill.number.in_({waybill, parcels.scanned(waybill)}))
        ids = list(db.session.scalars(in_store(statement, store_id, Waybill)))
    else:
        order = orders.order_by_number(order_number or "", store_id)
        ids = [p.id for p in parcels.parcels_of_order(order.id, store_id)] if order else []
    if not ids:
        raise NotFound("No parcel here goes by that number.", code="unknown_parcel")
    return ids


@command
def record_fact(parcel: Parcel, report: Report, *, actor: Actor) -> StageFact:
    """Record a fact about a locked parcel and do what follows from it; the same fact again changes nothing."""
    before, known_before = parcel.stage, parcel.stage_as_of
    may_be_pulled_back = before is Stage.SHIPPED and parcel.stage_source in HANDED_OVER
    stops = stopped.stops_on(parcel)
    fact, is_new = parcel_service.record(parcel, report)
    if may_be_pulled_back and report.stage in LEFT:
        give_up_pull_back(parcel, report, actor)  # whoever says so: it is gone
    if not is_new:
        if parcel.stage_as_of != known_before:  # told again later: the stage is known for a newer moment
            audit.record(
                "fact.confirmed", "parcel", parcel.id, actor, store_id=parcel.store_id, stage=str(report.stage)
            )
        return fact
    audit.record(
        "fact.recorded", "parcel", parcel.id, actor, store_id=parcel.store_id, order_id=_an_order(parcel).id,
        stage=str(report.stage), effect=str(fact.effect), source=str(report.source), was=str(before),
        **({"said_at": report.said_at.isoformat()} if report.said_at else {}),
    )  # fmt: skip
    if fact.effect is FactEffect.MOVED:
        _overtake(parcel, before, report, known_before, actor)
        stopped.meet_stops(parcel, report, stops, actor)
    elif fact.effect is not FactEffect.KNOWN:
        _ask_about(parcel, report, fact.effect, actor)
    if report.happened_at is not None and (fact.effect is FactEffect.KNOWN or _is_behind(fact, parcel)):
        _overtake_done(parcel, report, known_before, actor)  # the stage is no news, but its moment may be
    return fact


def _is_behind(fact: StageFact, parcel: Parcel) -> bool:
    """Whether it speaks against the stage with one that the parcel has passed."""
    passed = fact.stage in IN_HOUSE and parcel.stage in STAGE_RANK and STAGE_RANK[fact.stage] < STAGE_RANK[parcel.stage]
    return fact.effect is FactEffect.CONTRADICTED and passed


def _an_order(parcel: Parcel) -> Order:
    return parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]


def _ask_about(parcel: Parcel, report: Report, effect: FactEffect, actor: Actor) -> None:
    """A reported void, or news against what our hands did or another source told: printing is asked, nothing moves
    (D7)."""
    code = "stage_contradicted" if parcel.stage_source in OWN_HANDS else "sources_disagree"
    notices.put(
        Role.PRINTING, NoticeKind.CONTRADICTION, _an_order(parcel), actor=actor, parcel_id=parcel.id,
        code="void_reported" if effect is FactEffect.ASKED else code,
        stage=str(parcel.stage), told=str(report.stage), source=str(report.source),
    )  # fmt: skip


def _overtake(parcel: Parcel, before: Stage, report: Report, known_before: datetime | None, actor: Actor) -> None:
    if before is Stage.VOIDED:
        _alarm(parcel, None, "voided_parcel_shipped", report, actor, roles=(*ALARMED, Role.AFTER_SALE))
    there = queries.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.OPEN)
    followed = [change for change in there if change.kind not in ONLY_UNPAID]
    for change in followed:
        _follow(change, parcel, report, actor)
    if parcel.stage in LEFT:
        recalling.give_up_ways_back(parcel, RecallState.TOO_LATE, actor)
    if before in IN_HOUSE:
        _overtake_done(parcel, report, known_before, actor)
        if not followed and _is_empty(parcel):
            _alarm(parcel, None, "empty_parcel_moved", report, actor)


def _is_empty(parcel: Parcel) -> bool:
    """Every unit was taken off, so nothing should have been printed or sent."""
    return not any(row.quantity for row in parcels.parcel_lines([parcel.id], parcel.store_id))


def _overtake_done(parcel: Parcel, report: Report, known_before: datetime | None, actor: Actor) -> None:
    """Changes that were carried out on papers which were printed before, as a late fact says."""
    for change in reversed(queries.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.DONE)):
        overtaken = rules.is_overtaken(
            released_at=change.released_at, happened_at=report.happened_at, last_known_before=known_before
        )
        if change.kind in ONLY_UNPAID or not overtaken or not rules.is_beyond(report.stage, change.column):
            continue
        there = queries.open_change(parcel.id, change.order_id, change.kind, parcel.store_id)
        if there is not None:
            _gather(change, there, parcel, report, actor)
            continue
        _reopen(change, parcel, actor)
        _follow(change, parcel, report, actor)


@command
def compare_late(parcel: Parcel, report: Report, *, known_before: datetime | None, actor: Actor) -> None:
    """A scan or list of our own that was told late: changes carried out after its moment are overtaken by it."""
    _overtake_done(parcel, report, known_before, actor)


def _follow(change: Change, parcel: Parcel, report: Report, actor: Actor) -> None:
    if parcel.stage in LEFT:
        _too_late(change, parcel, report, actor)
    else:
        _move_under(change, parcel, report, actor)
    carrying.carry_on(change, actor)  # its siblings in other parcels may have waited for this answer


def _gather(done: Change, there: Change, parcel: Parcel, report: Report, actor: Actor) -> None:
    """Only one change of a kind is open (I5): the open one takes the overtaken wishes too, and nothing is refused."""
    have = {wish.id for _, wish in queries.wishes_of([there.id], there.store_id)}
    for _, wish in queries.wishes_of([done.id], done.store_id):
        if wish.id not in have:
            db.session.add(ChangeWish(store_id=there.store_id, change_id=there.id, wish_id=wish.id))
    there.version += 1
    done.column, done.released_at = there.column, None  # the next late fact finds it in good hands
    db.session.flush()
    audit.record(
        "change.gathered", "change", there.id, actor, store_id=there.store_id, order_id=there.order_id,
        kind=str(there.kind), other=done.id,
    )  # fmt: skip
    _alarm(parcel, done, "overtaken", report, actor)


def reopen_gathered(withdrawn: Change, actor: Actor) -> None:
    """The change that carried the wishes of overtaken ones is gone: the papers are still without those (late facts)."""
    parcel = parcels.parcel_by_id(withdrawn.parcel_id, withdrawn.store_id)
    told = Report(
        stage=parcel.stage, happened_at=parcel.stage_at, as_of=parcel.stage_as_of or clock.now(),
        source=parcel.stage_source,
    )  # fmt: skip
    for change in reversed(queries.gathered(withdrawn)):
        if change.state is not ChangeState.DONE:
            continue
        there = queries.open_change(parcel.id, change.order_id, change.kind, parcel.store_id)
        if there is not None:
            _gather(change, there, parcel, told, actor)
            continue
        _reopen(change, parcel, actor)
        _move_under(change, parcel, told, actor)


def _reopen(change: Change, parcel: Parcel, actor: Actor) -> None:
    """A late fact: the papers carry the data from before this change."""
    rules.check_move(change.state, ChangeState.OPEN)
    change.state, change.ended_at, change.released_at = ChangeState.OPEN, None, None
    change.version += 1
    db.session.flush()
    applying.hold_parcel(change, parcel, staff.store_by_id(change.store_id))
    audit.record(
        "change.reopened", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        kind=str(change.kind),
    )  # fmt: skip


def _move_under(change: Change, parcel: Parcel, report: Report, actor: Actor) -> None:
    """The stage moved under an open change: its open steps become copies of that column's; the hold stays."""
    order = orders.order_by_id(change.order_id, change.store_id)
    store = staff.store_by_id(change.store_id)
    copying.move_column(change, parcel.stage, store, is_paid=orders.gives_money_back(order))
    notices.withdraw(change.id)
    change.version += 1
    recalling.call_off(change, actor)
    recalling.begin(change, actor)
    _alarm(parcel, change, "overtaken", report, actor)


def _too_late(change: Change, parcel: Parcel, report: Report, actor: Actor) -> None:
    """The parcel has left with the old data: the wish goes on as a case, to which a notice points."""
    for step in queries.steps_of([change.id], change.store_id):
        if step.state is StepState.OPEN:
            step.state = StepState.REPLACED
    notices.withdraw(change.id)
    recalling.end(change, RecallState.TOO_LATE, actor)
    parcel_service.end_hold(parcel, HoldCause.CHANGE, change.id)
    rules.check_move(change.state, ChangeState.TOO_LATE)
    applying.finish(change, ChangeState.TOO_LATE, actor)
    undoing.undo(change, parcel, actor)
    undoing.correct_memos(change, actor)
    order = orders.order_by_id(change.order_id, change.store_id)
    case = casing.open_too_late(change, order, parcel, actor)
    notices.put(
        case.role, NoticeKind.TOO_LATE, order, actor=actor, parcel_id=parcel.id, change_id=change.id,
        change_kind=str(change.kind), case=case.id, case_number=case.number,
    )  # fmt: skip
    if change.column is Stage.SHIPPED:
        _alarm(parcel, change, "not_pulled_back", report, actor, roles=(Role.PRE_SALE,))
    else:
        _alarm(parcel, change, "left_while_held", report, actor)


def give_up_pull_back(parcel: Parcel, report: Report, actor: Actor) -> int:
    """What was to be pulled back is gone: each wish goes on as a case; how many.  The parcel is locked."""
    there = queries.changes_of_parcel(parcel.id, parcel.store_id, ChangeState.OPEN)
    waiting = [change for change in there if change.column is Stage.SHIPPED]
    for change in waiting:
        _follow(change, parcel, report, actor)
    return len(waiting)


def _alarm(
    parcel: Parcel,
    change: Change | None,
    code: str,
    report: Report,
    actor: Actor,
    *,
    roles: tuple[Role, ...] = ALARMED,
) -> None:
    order = orders.order_by_id(change.order_id, change.store_id) if change else _an_order(parcel)
    for role in roles:
        notices.put(
            role, NoticeKind.ALARM, order, actor=actor, parcel_id=parcel.id,
            change_id=change.id if change else None, code=code, stage=str(parcel.stage),
            happened_at=report.happened_at.isoformat() if report.happened_at else None, source=str(report.source),
            change_kind=str(change.kind) if change else None,
        )  # fmt: skip


@command
def after_mirroring(done: Mirrored, *, actor: Actor) -> None:
    """What a feed's new values mean for changes: paid orders open their notices, pre-sale hears of third values."""
    order = done.order
    for contradiction in done.contradictions:
        notices.put(
            Role.PRE_SALE, NoticeKind.CONTRADICTION, order, actor=actor, code="third_value",
            amendment=contradiction.amendment_id, field=contradiction.field,
        )  # fmt: skip
    applications.follow(done, actor)
    if done.outcome == "created" and not done.tells_refunds:
        return  # nobody has wished anything of it yet
    if done.became_paid:
        for change in queries.changes_of_order(order.id, order.store_id):
            if change.state is ChangeState.OPEN:
                applying.open_notice(change, order, actor)
        owing.owe_refunds(order, actor)
    entering.tick_seen(order, actor)
    entering.forget_third_values(order)
