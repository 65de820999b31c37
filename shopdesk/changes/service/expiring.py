"""What happens when a hold expires: each is dealt with once, whoever comes first (domain.md §3).

Kept, it is overdue and those concerned hear of it once.  A change that ships as changed goes on without the customer's
yes; one that ships as ordered is withdrawn.  A cancel wish, papers that exist already, and a wish that printing has
not answered for are always kept: nobody may ship those by letting time pass.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update

from shopdesk.changes import queries
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.rules.expiry import Expiring, on_expiry
from shopdesk.changes.service import applying, copying
from shopdesk.changes.service.ending import withdraw
from shopdesk.changes.states import HOLD_EXPIRED, ChangeState, StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import DomainError, IllegalMove
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Hold
from shopdesk.parcels.queries import stops
from shopdesk.parcels.states import HoldCause, OnExpiry


def expire_holds(store_id: int, *, actor: Actor) -> int:
    """Deal with everything of the store that has expired; returns how much that was."""
    now = clock.now()
    done = sum(_expire_stop(stop_id, store_id, actor=actor) for stop_id in stops.due_stops(store_id, now))
    for hold in [(h.id, h.cause_id, h.on_expiry) for h in stops.due_change_holds(store_id, now)]:
        done += _expire_change(*hold, store_id, actor=actor)
    return done


@command
def _expire_stop(stop_id: int, store_id: int, *, actor: Actor) -> bool:
    dealt = parcel_service.expire_stop(stop_id, store_id, actor=actor)
    if dealt is None:
        return False
    _stop, parcel_id = dealt
    if parcel_id is not None:
        order = parcels.orders_in_parcel(parcel_id, store_id)[0]
        notices.put(
            Role.SUPERVISOR, NoticeKind.ALARM, order, actor=actor, parcel_id=parcel_id, code="stop_overdue",
            stop=stop_id,
        )  # fmt: skip
    return True


def _expire_change(hold_id: int, change_id: int, act: OnExpiry, store_id: int, *, actor: Actor) -> bool:
    """As the hold says; where the change refuses that, it is kept."""
    try:
        return _carry_out(hold_id, change_id, act, store_id, actor=actor)
    except DomainError:
        return _carry_out(hold_id, change_id, OnExpiry.KEEP, store_id, actor=actor)


@command
def _carry_out(hold_id: int, change_id: int, act: OnExpiry, store_id: int, *, actor: Actor) -> bool:
    change = _locked(change_id, store_id)
    is_due = (Hold.id == hold_id, Hold.ended_at.is_(None), Hold.expired_at.is_(None), Hold.expires_at <= clock.now())
    due = db.session.scalar(in_store(select(Hold.id).where(*is_due), store_id, Hold))
    if due is None or change is None or change.state is not ChangeState.OPEN:
        return False  # another worker was first; its parcel was locked until it had done
    act = _what_it_does(change, act)
    rows_changed(in_store(update(Hold), store_id, Hold).where(*is_due).values(expired_at=clock.now(), on_expiry=act))
    if act is OnExpiry.KEEP:
        _mark_overdue(change, actor)
    elif act is OnExpiry.SHIP_AS_CHANGED:
        _go_on(change, actor)
    else:
        audit.record("change.expired", "change", change.id, actor, store_id=store_id, order_id=change.order_id)
        withdraw(change.id, HOLD_EXPIRED, actor=replace(actor, signature=change.asked_as))
        _tell_asker(change, actor)
    return True


def _locked(change_id: int, store_id: int) -> Change | None:
    """Orders and parcels before the change, as everywhere."""
    statement = in_store(select(Change).where(Change.id == change_id), store_id, Change)
    change = db.session.scalars(statement).one_or_none()
    if change is None:
        return None
    parcels.locked_with_orders([change.parcel_id], store_id)
    again = statement.with_for_update(key_share=True).execution_options(populate_existing=True)
    return db.session.scalars(again).one_or_none()


def _what_it_does(change: Change, act: OnExpiry) -> OnExpiry:
    asks = copying.open_step(change, Code.CONFIRM) is not None
    is_emptied = copying.open_step(change, Code.VOID) is not None
    return on_expiry(act, Expiring(change.kind, change.column, change.is_applied, asks, is_emptied))


def _go_on(change: Change, actor: Actor) -> None:
    """The customer was silent: printing hears of it now, and its acknowledgement ends the hold as always."""
    copying.finish_step(change, Code.CONFIRM, actor, via="expiry")
    change.version += 1
    db.session.flush()
    audit.record("change.went_on", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id)
    applying.open_notice(change, orders.order_by_id(change.order_id, change.store_id), actor)


def _tell_asker(change: Change, actor: Actor) -> None:
    """Who asked hears that it was taken back and the order goes out as it was; to the inbox of their role."""
    order = orders.order_by_id(change.order_id, change.store_id)
    notices.put(
        Role.PRE_SALE, NoticeKind.ALARM, order, actor=actor, parcel_id=change.parcel_id,
        person_id=change.follower_id or change.asked_by_id, code="withdrawn_by_expiry", change_kind=str(change.kind),
        change=change.id,
    )  # fmt: skip


def _mark_overdue(change: Change, actor: Actor) -> None:
    audit.record("change.overdue", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id)
    order = orders.order_by_id(change.order_id, change.store_id)
    notices.put(
        Role.PRE_SALE, NoticeKind.ALARM, order, actor=actor, parcel_id=change.parcel_id, change_id=change.id,
        code="hold_overdue", change_kind=str(change.kind),
    )  # fmt: skip


def refuse_late_yes(change: Change, position: int) -> None:
    """E83: a yes that comes after expiry let the order go finds what expiry did, and the next action.

    Raises IllegalMove; nothing where expiry only marked it overdue: then the yes counts as always.
    """
    asked = select(Step).where(Step.change_id == change.id, Step.position == position, Step.code == Code.CONFIRM)
    step = db.session.scalars(in_store(asked, change.store_id, Step)).one_or_none()
    if step is None:
        return
    if change.state is ChangeState.OPEN and step.state is StepState.OPEN:
        act = _due_act(change)  # a further wish of the customer opens this step again
    else:
        statement = (
            select(Hold.on_expiry)
            .where(Hold.cause == HoldCause.CHANGE, Hold.cause_id == change.id, Hold.expired_at.is_not(None))
            .order_by(Hold.id.desc())
            .limit(1)
        )
        act = db.session.scalar(in_store(statement, change.store_id, Hold))
    if act is OnExpiry.SHIP_AS_ORDERED:
        raise IllegalMove(
            "The hold expired before this: the order goes out as ordered. Ask for the change anew.",
            code="hold_expired", did=str(act), next="ask_again",
        )  # fmt: skip
    if act is OnExpiry.SHIP_AS_CHANGED:
        raise _goes_as_changed(change)


def _goes_as_changed(change: Change) -> IllegalMove:
    """What a yes after that finds, with who is next: printing has to note it, or has."""
    steps = queries.steps_of([change.id], change.store_id)
    first = next((s for s in steps if s.state is StepState.OPEN and s.code != Code.CONFIRM), None)
    done = {"code": "hold_expired", "did": str(OnExpiry.SHIP_AS_CHANGED)}
    if change.state is ChangeState.OPEN and first is not None and first.code == Code.ACKNOWLEDGE:
        return IllegalMove(
            "The hold expired before this: the order goes out as changed. Printing still has to note it.",
            next="printing", **done,
        )  # fmt: skip
    if change.state is ChangeState.DONE:
        return IllegalMove(
            "The hold expired before this: the order goes out as changed. Nothing more is to be done.",
            next="nothing", **done,
        )  # fmt: skip
    return IllegalMove(
        "The hold expired before this, and more has happened since. See what is to be done now.", next="look", **done
    )


def _due_act(change: Change) -> OnExpiry | None:
    """What the clock does within its next minute, where the hold ran out already: a yes must not be taken for that."""
    due = select(Hold.on_expiry).where(
        Hold.cause == HoldCause.CHANGE, Hold.cause_id == change.id, Hold.ended_at.is_(None), Hold.expired_at.is_(None),
        Hold.expires_at <= clock.now(),
    )  # fmt: skip
    act = db.session.scalar(in_store(due.order_by(Hold.id.desc()).limit(1), change.store_id, Hold))
    return _what_it_does(change, act) if act else None
