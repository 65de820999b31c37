"""Personal values leave masked form here, and always on the record (domain.md §1)."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from shopdesk.changes.models import Change
from shopdesk.changes.queries.turns import FOLLOWER
from shopdesk.changes.states import ChangeState
from shopdesk.core import audit, clock, memo_text
from shopdesk.core.audit import Event
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation, TooMany
from shopdesk.core.memo_text import Measure
from shopdesk.core.money import plain
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store, load
from shopdesk.desk.queries import supplier_view
from shopdesk.desk.service.supplier_words import message_text
from shopdesk.desk.states import Revealable, RevealReason
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Order
from shopdesk.orders.states import Field
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Person

ACTION = "personal.revealed"
DAY = timedelta(hours=24)


@command
def reveal(order_id: int, what: Revealable, *, reason: RevealReason | None, quota: int, actor: Actor) -> str | None:
    """The clear value, None where there is none.  One click in one's own open work, else a reason is chosen.

    Raises NotFound, NotAllowed, RuleViolation (`reason_needed`), TooMany when the person's day has used up `quota`.
    """
    order = load(Order, order_id, actor, Permission.PERSONAL_REVEAL)
    if reason is None and not _is_own_work(order, actor):
        raise RuleViolation("Choose why you need to see this.", code="reason_needed")
    if _count_today(actor) >= quota:
        raise TooMany(
            "You have looked at %(quota)d values within a day. Ask a supervisor.", quota=quota, retry_after_seconds=3600
        )
    audit.record(
        ACTION,
        "order",
        order.id,
        actor,
        store_id=order.store_id,
        order_id=order.id,
        what=str(what),
        reason=str(reason) if reason else "own_work",
    )
    return _value(order, what)


def _is_own_work(order: Order, actor: Actor) -> bool:
    statement = select(Change.id).where(
        Change.order_id == order.id, Change.state == ChangeState.OPEN, actor.id == FOLLOWER
    )
    return db.session.scalar(in_store(statement.limit(1), order.store_id, Change)) is not None


def _count_today(actor: Actor) -> int:
    # The person's row is locked first: on PostgreSQL two reveals at once would both count one too few.
    db.session.execute(select(Person.id).where(Person.id == actor.id).with_for_update(key_share=True))
    since = clock.now() - DAY
    counted = select(func.count(Event.id)).where(Event.actor_id == actor.id, Event.action == ACTION, Event.at > since)
    return int(db.session.scalar(counted) or 0)


def _value(order: Order, what: Revealable) -> str | None:
    why = f"revealed: {what}"
    address = orders.effective_value(order, Field.ADDRESS, None)
    if what is Revealable.NAME:
        return address["name"]
    if what is Revealable.PHONE:
        return address["phone"]
    if what is Revealable.ADDRESS:
        return orders.address_text({**address, "name": None, "phone": None}, is_clear=True)
    kept = {
        Revealable.BUYER: order.buyer_nick,
        Revealable.MESSAGE: order.buyer_message,
        Revealable.INVOICE: order.invoice_title,
    }[what]
    return kept.reveal(why) if kept else None


@command
def copy_memo(order_id: int, *, shorter: bool = False, actor: Actor) -> tuple[str, Measure]:
    """The whole text for the platform's one memo field, personal values written out; the copy is on record.

    With `shorter` the text that fits, where the whole is more than the platform takes: chosen, never done by itself.
    Also how much of the field the text takes.
    """
    order = load(Order, order_id, actor, Permission.MEMO_WRITE)
    cut = {"shorter": True} if shorter else {}
    audit.record("memo.copied", "order", order.id, actor, store_id=order.store_id, order_id=order.id, **cut)
    make = orders.shorter_memo if shorter else orders.whole_memo
    text = make(order, clear="copied for the platform")
    return text, memo_text.measure(text, str(staff.store_by_id(order.store_id).platform))


@command
def copy_amendment(amendment_id: int, *, actor: Actor) -> str:
    """The amended value written out, to be entered in the platform; the copy is on record.

    Raises NotFound, NotAllowed.
    """
    amendment = load(Amendment, amendment_id, actor, Permission.CHANGE_ASK)
    audit.record(
        "amendment.copied", "amendment", amendment.id, actor, store_id=amendment.store_id,
        order_id=amendment.order_id, field=str(amendment.field),
    )  # fmt: skip
    return _as_text(amendment)


@command
def copy_supplier_message(change_id: int, position: int, *, actor: Actor) -> str:
    """The message to a supplier with its personal values written out; the copy is on record.

    Raises NotFound, NotAllowed.
    """
    asked = supplier_view.asked_of(change_id, position, actor, Permission.SUPPLIER_ASK)
    audit.record(
        "supplier.copied", "change", change_id, actor, store_id=asked.store.id, order_id=asked.order.id,
        step=str(asked.code),
    )  # fmt: skip
    return message_text(asked, is_clear=True)


def _as_text(amendment: Amendment) -> str:
    value = orders.value_of(amendment)
    if amendment.field is Field.ADDRESS:
        return orders.address_text(value, is_clear=True)
    if "amount_minor" in value:
        order = orders.order_by_id(amendment.order_id, amendment.store_id)
        return plain(value["amount_minor"], order.currency)
    return str(next(iter(value.values())))
