"""Commands on notices: put into an inbox, opened, withdrawn.  Answering one is a command of changes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store, of_found
from shopdesk.notices.models import Answer, Notice, NoticeKind, NoticeState
from shopdesk.orders.models import Order


@command
def put(
    role: Role,
    kind: NoticeKind,
    order: Order,
    *,
    actor: Actor,
    parcel_id: int | None = None,
    change_id: int | None = None,
    memo_id: int | None = None,
    person_id: int | None = None,
    waiting: bool = False,
    **body: Any,
) -> Notice:
    """Send a message to a role's inbox, or to one person of it; `waiting` ones open later.

    The caller records the event.
    """
    at = clock.now()
    notice = Notice(
        store_id=order.store_id, role=role, person_id=person_id, kind=kind, order_id=order.id, parcel_id=parcel_id,
        change_id=change_id, memo_id=memo_id, body=body, made_at=at, made_by_id=actor.id,
        state=NoticeState.WAITING if waiting else NoticeState.OPEN, opened_at=None if waiting else at,
    )  # fmt: skip
    db.session.add(notice)
    db.session.flush()
    return notice


@command
def open_waiting(change_id: int) -> int:
    """Open the waiting notices of a change."""
    return rows_changed(
        of_found(update(Notice))
        .where(Notice.change_id == change_id, Notice.state == NoticeState.WAITING)
        .values(state=NoticeState.OPEN, opened_at=clock.now())
    )


@command
def withdraw(change_id: int, *kinds: NoticeKind) -> int:
    """Withdraw what nobody has answered yet, of the given kinds or all."""
    statement = of_found(update(Notice)).where(
        Notice.change_id == change_id, Notice.state.in_([NoticeState.WAITING, NoticeState.OPEN])
    )
    if kinds:
        statement = statement.where(Notice.kind.in_(kinds))
    return rows_changed(statement.values(state=NoticeState.WITHDRAWN, answered_at=clock.now()))


@command
def withdraw_third_values(order: Order, *, still: Collection[int]) -> None:
    """Nobody need look any more at a third value that a feed took back, or that was settled by hand.

    `still`: amendments of the order that are contradicted as things stand.
    """
    asked = select(Notice).where(
        Notice.order_id == order.id, Notice.kind == NoticeKind.CONTRADICTION, Notice.state == NoticeState.OPEN
    )
    found = db.session.scalars(in_store(asked, order.store_id, Notice))
    ids = [n.id for n in found if n.body.get("code") == "third_value" and n.body.get("amendment") not in still]
    if ids:
        gone = update(Notice).where(Notice.id.in_(ids), Notice.state == NoticeState.OPEN)
        gone = gone.values(state=NoticeState.WITHDRAWN, answered_at=clock.now())
        rows_changed(in_store(gone, order.store_id, Notice))


def withdraw_about(parcel_id: int, kind: NoticeKind, *, store_id: int) -> int:
    """Withdraw what is still open of that kind about a parcel and no change."""
    statement = update(Notice).where(
        Notice.parcel_id == parcel_id, Notice.kind == kind, Notice.change_id.is_(None), Notice.state == NoticeState.OPEN
    )
    return rows_changed(
        in_store(statement.values(state=NoticeState.WITHDRAWN, answered_at=clock.now()), store_id, Notice)
    )


def withdraw_saying(role: Role, kind: NoticeKind, order_id: int, *, store_id: int, **body: Any) -> int:
    """Withdraw what is still open of that kind to a role about an order, whose body says all of this."""
    asked = select(Notice).where(
        Notice.role == role, Notice.state == NoticeState.OPEN, Notice.order_id == order_id, Notice.kind == kind
    )
    found = db.session.scalars(in_store(asked, store_id, Notice))
    ids = [one.id for one in found if body.items() <= one.body.items()]
    if not ids:
        return 0
    gone = update(Notice).where(Notice.id.in_(ids), Notice.state == NoticeState.OPEN)
    gone = gone.values(state=NoticeState.WITHDRAWN, answered_at=clock.now())
    return rows_changed(in_store(gone, store_id, Notice))


@command
def answer(notice_id: int, given: Answer, *, actor: Actor) -> None:
    """Mark an open notice answered; the row count decides between two clerks.  Raises Conflict for the second."""
    done = rows_changed(
        of_found(update(Notice))
        .where(Notice.id == notice_id, Notice.state == NoticeState.OPEN)
        .values(state=NoticeState.ACKNOWLEDGED, answer=given, answered_at=clock.now(), answered_by_id=actor.id)
    )
    if done != 1:
        raise Conflict("This notice was answered or withdrawn meanwhile.", code="notice_closed")


@command
def settle_nudges(change_id: int, position: int, *, store_id: int, actor: Actor) -> None:
    """The step was done: whoever was reminded of it need not answer any more."""
    reminders = select(Notice).where(
        Notice.change_id == change_id, Notice.kind == NoticeKind.NUDGE, Notice.state == NoticeState.OPEN
    )
    found = db.session.scalars(in_store(reminders, store_id, Notice))
    ids = [notice.id for notice in found if notice.body.get("at_step") == position]
    answered = {"answered_at": clock.now(), "answered_by_id": actor.id}
    done = update(Notice).where(Notice.id.in_(ids), Notice.state == NoticeState.OPEN)
    done = done.values(state=NoticeState.ACKNOWLEDGED, answer=Answer.NOTED, **answered)
    rows_changed(in_store(done, store_id, Notice))
