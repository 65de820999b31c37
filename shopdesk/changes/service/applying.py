"""Carrying a wish out on an unprinted order: amend, memo, hold, and the notice that waits for the customer's yes.

One transaction with the submit (M030), or with printing's word where the stage was stale.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from shopdesk.changes import queries
from shopdesk.changes.models import Change, Wish
from shopdesk.changes.playbook import TEMPLATES, Code
from shopdesk.changes.queries import parts
from shopdesk.changes.service import copying, units, wording
from shopdesk.changes.states import ONLY_UNPAID, ChangeState, Kind
from shopdesk.core import audit, clock, memo_text
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.personal import unpack
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field, Flag, OrderStatus, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import HoldCause, Stage
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.staff.service.cut_offs import next_cut_off


def hold_parcel(change: Change, parcel: Parcel, store: Store) -> None:
    """Every open change but price and freight holds its parcel until the next cut-off; then it is overdue and stays."""
    cut_offs = staff.warehouse(parcel.warehouse_id).cut_offs
    expires_at = next_cut_off(clock.now(), cut_offs, store.zone)
    on_expiry = parcel_service.on_expiry_in(store)
    parcel_service.hold(parcel, HoldCause.CHANGE, change.id, expires_at=expires_at, on_expiry=on_expiry)


def ask_printing(change: Change, order: Order, actor: Actor) -> None:
    """Step 0: a notice at once, without confirmation; a former one of this change makes room.  Suppliers get none."""
    notices.withdraw(change.id, NoticeKind.STAGE, NoticeKind.CHANGE)
    if parcels.is_supplied(change.parcel_id, change.store_id):
        return
    notices.put(
        Role.PRINTING, NoticeKind.STAGE, order, actor=actor, parcel_id=change.parcel_id, change_id=change.id,
        change_kind=str(change.kind),
    )  # fmt: skip


def apply(wish: Wish, order: Order, store: Store, changes: Sequence[Change], *, actor: Actor, signed: str) -> None:
    """Amend, write the memo, send the notice; then record the confirmation if the wish brought it along."""
    if wish.kind is Kind.CANCEL:
        for change in changes:
            request_void(change, actor)
        return
    stage = changes[0].column
    amend(wish, order, changes, actor)
    for change in changes:
        copying.finish_step(change, Code.AMEND, actor)
        change.is_applied = True
        copying.follow_units(change, store, is_paid=orders.gives_money_back(order))
    if wish.kind in ONLY_UNPAID:
        _finish_unpaid(changes, wish, actor)
        return
    _write_memo(wish, order, store, TEMPLATES[wish.kind, stage], actor=actor, signed=signed)
    for change in changes:
        copying.finish_step(change, Code.MEMO_HOLD, actor)
        announce(change, order, actor)
        record_confirmation(change, order, actor)


def amend_here(change: Change, actor: Actor) -> None:
    """Carry the wishes of a change on printed or packed papers out; the memo is the next step."""
    for _, wish in queries.wishes_of([change.id], change.store_id):
        amend(wish, orders.order_by_id(wish.order_id, change.store_id), [change], actor)
    change.is_applied = True
    db.session.flush()
    follow_units(change)


def follow_units(change: Change) -> None:
    """A quantity change whose parcel has nothing left goes on to its void, and back where units return to it."""
    order = orders.order_by_id(change.order_id, change.store_id)
    is_paid = orders.gives_money_back(order)
    copying.follow_units(change, staff.store_by_id(change.store_id), is_paid=is_paid)


def write_memos(change: Change, actor: Actor) -> None:
    """The memo of the column for each wish that has none of these words yet; an earlier column may have written it.

    Signed by who amended just now, else by who asked.
    """
    store = staff.store_by_id(change.store_id)
    signed = actor.signature if actor.acts_as(Role.PRE_SALE, store.id) else change.asked_as
    for _, wish in queries.wishes_of([change.id], change.store_id):
        order = orders.order_by_id(wish.order_id, store.id)
        # Where the parcel is voided, nothing was amended on its papers.
        is_void = wish.kind is Kind.QUANTITY and copying.open_step(change, Code.VOID) is not None
        template = TEMPLATES[wish.kind, Stage.UNPRINTED if is_void else change.column]
        written = [m.template for m in orders.memos(order.id, store.id) if m.id == wish.memo_id]
        if template not in written:
            _write_memo(wish, order, store, template, actor=actor, signed=signed)


def amend(wish: Wish, order: Order, changes: Sequence[Change], actor: Actor) -> None:
    """Decide the field, move the units, bring the address onto the parcel."""
    if wish.amendment_id is None:
        _decide(wish, order, actor)
    if wish.kind is Kind.QUANTITY:
        decided = orders.amendment_by_id(wish.amendment_id or 0, order.store_id)
        why = "to count its units"
        wanted = unpack(decided.was, why)["quantity"] - unpack(decided.value, why)["quantity"]
        units.take_wished(wish, changes, wanted - units.taken(wish))
    if wish.kind is Kind.ADDRESS:
        parcel_service.readdress(order, also={c.parcel_id for c in changes})
    if wish.kind is Kind.COURIER:
        parcel_service.catch([change.parcel_id for change in changes], order.store_id)
    db.session.flush()


def _decide(wish: Wish, order: Order, actor: Actor) -> None:
    new = unpack(wish.new, "to carry the wish out")
    if wish.kind is Kind.QUANTITY:
        # Read again: an answer to step 0 may come after another wish about the same line.
        old = orders.effective_value(order, Field.QUANTITY, wish.line_id)["quantity"]
        new = {"quantity": old - units.most_to_take(wish, old - new["quantity"])}
    amendment = order_service.amend(order, Field(wish.kind), new, line_id=wish.line_id, actor=actor)
    wish.amendment_id = amendment.id
    db.session.flush()


def _finish_unpaid(changes: Sequence[Change], wish: Wish, actor: Actor) -> None:
    """Price and freight: no memo, notice or hold; an event with old → new; to be entered in the platform."""
    why = "to leave the amounts in the event"
    old, new = unpack(wish.old, why)["amount_minor"], unpack(wish.new, why)["amount_minor"]
    for change in changes:
        finish(change, ChangeState.DONE, actor, old_minor=old, new_minor=new, line=wish.line_id)


def _write_memo(wish: Wish, order: Order, store: Store, template: str, *, actor: Actor, signed: str) -> None:
    line = orders.line_of(order.id, wish.line_id, store.id) if wish.line_id else None
    slots = wording.slots(wish, line, language=store.memo_language)
    on = clock.now().astimezone(ZoneInfo(store.zone)).date()
    text = memo_text.render(template, store.memo_language, on, signed, **slots[template])
    memo = order_service.write_memo(order, text, flag=Flag.RED, on=on, signed=signed, actor=actor, template=template)
    wish.memo_id = memo.id
    audit.record(
        "memo.written", "memo", memo.id, actor, store_id=store.id, order_id=order.id, template=template, wish=wish.id
    )


#: How a memo names what takes an earlier one back.
TAKEN_BACK = {"withdraw": "W", "too_late": "L"}


def take_memo_back(wish: Wish, order: Order, code: str, actor: Actor) -> None:
    """Write a memo of its own that the wish's no longer holds, with what it said; nothing is unwritten."""
    store = staff.store_by_id(order.store_id)
    former = next((m for m in orders.memos(order.id, order.store_id) if m.id == wish.memo_id), None)
    said = former.text.reveal("to name what is taken back").rsplit("---", 1)[0] if former else str(wish.kind)
    on = clock.now().astimezone(ZoneInfo(store.zone)).date()
    text = memo_text.render(code, store.memo_language, on, actor.signature, text=said)
    order_service.write_memo(
        order, text, flag=Flag.RED, on=on, signed=actor.signature, actor=actor, template=TAKEN_BACK[code]
    )


def announce(change: Change, order: Order, actor: Actor) -> None:
    """The notice with old → new, born waiting; an unacknowledged one of this change makes room for it (M031).

    Of what a supplier sends our printing hears nothing: they are told by a message.
    """
    notices.withdraw(change.id, NoticeKind.CHANGE, NoticeKind.STAGE)
    if parcels.is_supplied(change.parcel_id, change.store_id) or copying.open_step(change, Code.VOID):
        return  # of what is to be voided printing hears with the request, once the customer has confirmed
    notices.put(
        Role.PRINTING, NoticeKind.CHANGE, order, actor=actor, parcel_id=change.parcel_id, change_id=change.id,
        waiting=True, change_kind=str(change.kind),
    )  # fmt: skip


def record_confirmation(change: Change, order: Order, actor: Actor) -> bool:
    """Tick *customer confirms* when every wish of the change carries a confirmation; then the notice opens."""
    wishes = [wish for _, wish in queries.wishes_of([change.id], change.store_id)]
    if not wishes or any(wish.confirmed_at is None for wish in wishes):
        return False
    last = max((w for w in wishes if w.confirmed_at), key=lambda w: w.id)
    if copying.finish_step(change, Code.CONFIRM, actor, via=str(last.confirmed_via)) is None:
        return False
    audit.record(
        "change.confirmed", "change", change.id, actor, store_id=change.store_id, order_id=order.id,
        via=str(last.confirmed_via),
    )  # fmt: skip
    open_notice(change, order, actor)
    if change.kind is Kind.ADDRESS:
        _lift_address_problem(change, actor)
    return True


def _lift_address_problem(change: Change, actor: Actor) -> None:
    """The customer has confirmed where it goes, so what was wrong with the address is no more."""
    for order_id in {wish.order_id for _, wish in queries.wishes_of([change.id], change.store_id)}:
        order = orders.order_by_id(order_id, change.store_id)
        if order.readiness_decided is Readiness.ADDRESS_PROBLEM:
            order_service.decide_readiness(order, None, actor=actor, by="change")


def open_notice(change: Change, order: Order, actor: Actor) -> None:
    """The waiting notice opens once confirmed and paid (domain.md §2 Readiness)."""
    if copying.open_step(change, Code.CONFIRM) is not None or copying.open_step(change, Code.ASK_STAGE) is not None:
        return  # while the stage is asked printing has that question; its answer carries the wish on
    if change.column is Stage.UNPRINTED and copying.open_step(change, Code.VOID) is not None:
        _put_void(change, actor)
    elif order.status is not OrderStatus.UNPAID:
        notices.open_waiting(change.id)


def request_void(change: Change, actor: Actor) -> None:
    """A cancel wish goes to printing, and once; the refund task appears only after the void (M049)."""
    if change.is_applied and change.column is Stage.UNPRINTED:
        return  # a sibling's answer carries the wish on again: printing has its notice
    change.is_applied = True
    _put_void(change, actor)


def _put_void(change: Change, actor: Actor) -> None:
    notices.withdraw(change.id, NoticeKind.STAGE, NoticeKind.VOID)
    if parcels.is_supplied(change.parcel_id, change.store_id):
        return  # the supplier voids it, and is asked by a message
    goes_on: dict[str, Any] = {"code": "take_out"} if parts.leaves_some(change) else {}
    notices.put(
        Role.PRINTING, NoticeKind.VOID, orders.order_by_id(change.order_id, change.store_id), actor=actor,
        parcel_id=change.parcel_id, change_id=change.id, change_kind=str(change.kind), **goes_on,
    )  # fmt: skip


def finish(change: Change, state: ChangeState, actor: Actor, **body: Any) -> None:
    """The one place where a change ends: state, time, trace.  Its hold is the caller's to end."""
    change.state = state
    change.ended_at = clock.now()
    change.version += 1
    db.session.flush()
    audit.record(
        f"change.{state}", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        kind=str(change.kind), **body,
    )  # fmt: skip


def release(change: Change, actor: Actor) -> None:
    """Every step up to the end of the hold is done: the parcel is free, the change is done."""
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    parcel_service.end_hold(parcel, HoldCause.CHANGE, change.id)
    change.released_at = clock.now()
    finish(change, ChangeState.DONE, actor)
