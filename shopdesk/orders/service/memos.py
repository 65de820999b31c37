"""Memos: written once, never edited; ticked when they stand in the platform."""

from datetime import date

from sqlalchemy import update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store, load
from shopdesk.orders.models import Memo, Order
from shopdesk.orders.states import Flag


@command
def write_memo(
    order: Order, text: str, *, flag: Flag, on: date, signed: str, actor: Actor, template: str | None = None
) -> Memo:
    """Add one line and set the order's flag.  `text` is whole, ending in ---date name; the caller records the event."""
    memo = Memo(
        store_id=order.store_id, order_id=order.id, text=Personal(text, "text"), template=template, flag=flag,
        written_on=on, signed=signed, made_at=clock.now(), made_by_id=actor.id,
    )  # fmt: skip
    db.session.add(memo)
    order.flag = flag
    order.version += 1
    db.session.flush()
    return memo


@command
def tick_pasted(order_id: int, *, actor: Actor) -> int:
    """Remember that the whole text was pasted into the platform; returns how many memos that covers."""
    order = load(Order, order_id, actor, Permission.MEMO_WRITE, lock="update")
    ticked = rows_changed(
        in_store(update(Memo), order.store_id, Memo)
        .where(Memo.order_id == order.id, Memo.pasted_at.is_(None))
        .values(pasted_at=clock.now(), pasted_by_id=actor.id)
    )
    order.version += 1
    audit.record("memo.pasted", "order", order.id, actor, store_id=order.store_id, order_id=order.id, memos=ticked)
    return ticked
