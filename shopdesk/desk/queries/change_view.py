"""Changes of an order with their wishes worded, their steps, and what this person may do with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from shopdesk.changes.models import Change, ChangeWish, Handover, RefundApplication, Step, SupplierMessage, Wish
from shopdesk.changes.playbook import CONTACT
from shopdesk.changes.queries import applications, supply
from shopdesk.changes.queries.expiry import on_expiry
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.queries.papers import may_amend, needs_new_waybill
from shopdesk.changes.queries.parts import PartView, part_views
from shopdesk.changes.states import (
    DONE_BY_PEOPLE,
    HANDED_TO,
    WORKING,
    ApplicationState,
    ChangeState,
    Code,
    Kind,
    StepState,
)
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.reading import Reading, columns, records
from shopdesk.core.scope import load
from shopdesk.desk.queries import order_rows
from shopdesk.notices.models import Notice, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Hold, Recall
from shopdesk.parcels.queries.stops import is_overdue
from shopdesk.parcels.states import OnExpiry, Stage
from shopdesk.staff import queries as staff


@dataclass(frozen=True, slots=True)
class WishView:
    wish: Wish
    old: str  # worded as this person may see it; of an amount ""
    new: str
    old_minor: int | None = None  # of a price or freight; None: nobody told it
    new_minor: int | None = None


@dataclass(frozen=True, slots=True)
class ChangeView:
    change: Change
    wishes: tuple[WishView, ...]
    steps: tuple[Step, ...]
    next_step: Step | None
    can_do_next: bool  # by this person, here and now
    can_withdraw: bool
    can_end: bool
    hold_expires_at: datetime | None
    on_expiry: OnExpiry | None  # what happens then
    is_hold_overdue: bool
    has_expired: bool  # and what was to happen then has
    recall: Recall | None  # its papers or parcel, as long as they are asked for or out
    holder: str | None  # the name of who holds them
    receivers: tuple[tuple[int, str], ...]  # (person id, name) whom the next step may name, for who does it
    needs_waybill: bool  # the next step, a re-print, needs a new number
    handovers: tuple[Handover, ...]  # who gave it to whom, oldest first
    nudges: tuple[Notice, ...]  # reminders, oldest first
    messages: tuple[SupplierMessage, ...]  # to a supplier, about its steps, oldest first
    refundable_minor: int | None  # of the open refund step; None where there is none or without money:read
    parts: tuple[PartView, ...] = ()  # a cancel of lines: what leaves its parcel; of a whole order nothing
    applications: tuple[RefundApplication, ...] = ()  # what the platform says of it


_IDS: Any = bindparam("ids", expanding=True)
_STEPS = Reading(
    select(*columns(Step))
    .where(Step.change_id.in_(_IDS), Step.state != StepState.REPLACED)
    .order_by(Step.change_id, Step.position),
    Step.store_id,
)
_WISHES = Reading(
    select(*columns(Wish), ChangeWish.change_id)
    .join(ChangeWish, ChangeWish.wish_id == Wish.id)
    .where(ChangeWish.change_id.in_(_IDS))
    .order_by(Wish.id),
    ChangeWish.store_id,
)
(_wish,) = records(Wish)
_HANDOVERS = Reading(
    select(*columns(Handover)).where(Handover.change_id.in_(_IDS)).order_by(Handover.id), Handover.store_id
)
_NUDGES = Reading(
    select(*columns(Notice)).where(Notice.change_id.in_(_IDS), Notice.kind == NoticeKind.NUDGE).order_by(Notice.id),
    Notice.store_id,
)


def change_views(order: Order, actor: Actor) -> list[ChangeView]:
    """The order's changes, newest first."""
    return _views(list(order_rows.CHANGES.in_store(order.store_id, order_id=order.id)), order.store_id, actor)


def change_view(change_id: int, actor: Actor) -> ChangeView:
    """One change.  Raises NotFound."""
    change = load(Change, change_id, actor, Permission.ORDER_READ)
    return _views([change], change.store_id, actor)[0]


def _on_expiry(change: Change, steps: Sequence[Step], hold: Hold) -> OnExpiry:
    codes = {step.code for step in steps if step.state is StepState.OPEN}
    return on_expiry(change, codes, hold.on_expiry)


def _views(changes: list[Change], store_id: int, actor: Actor) -> list[ChangeView]:
    ids = [change.id for change in changes]
    if not ids:
        return []
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in _STEPS.in_store(store_id, ids=ids):
        steps[step.change_id].append(step)
    wishes: dict[int, list[WishView]] = defaultdict(list)
    is_clear = actor.may(Permission.PERSONAL_READ, store_id)
    for row in _WISHES.in_store(store_id, ids=ids):
        wishes[row[-1]].append(wish_view(_wish(row), is_clear=is_clear))
    holds = {h.cause_id: h for h in parcels.open_holds([c.parcel_id for c in changes], store_id)}
    recalls = _open_recalls(changes, store_id)
    messages = _messages([s for some in steps.values() for s in some if s.by_message], store_id)
    views = [
        _view(c, wishes[c.id], steps[c.id], holds.get(c.id), recalls.get(c.id), messages.get(c.id, []), actor)
        for c in changes
    ]
    return _with_hands(_with_cancels(views, store_id, actor), store_id)


def _with_hands(views: list[ChangeView], store_id: int) -> list[ChangeView]:
    """With what went from person to person and who was reminded; nothing is read where nothing of it happened."""
    handed = [v.change.id for v in views if v.change.follower_id or any(s.person_id for s in v.steps)]
    nudged = [v.change.id for v in views if any(s.nudges for s in v.steps)]
    given = _HANDOVERS.in_store(store_id, ids=handed) if handed else ()
    sent = _NUDGES.in_store(store_id, ids=nudged) if nudged else ()
    if not (given or sent):
        return views
    return [
        replace(
            view,
            handovers=tuple(row for row in given if row.change_id == view.change.id),
            nudges=tuple(row for row in sent if row.change_id == view.change.id),
        )
        for view in views
    ]


def _with_cancels(views: list[ChangeView], store_id: int, actor: Actor) -> list[ChangeView]:
    """Cancel wishes with their lines and what the platform says of them; whoever may, withdraws what it let go."""
    ids = [view.change.id for view in views if view.change.kind is Kind.CANCEL]
    if not ids:
        return views
    parts, told = part_views(ids, store_id), applications.of_changes(ids, store_id)
    may_withdraw = actor.may(Permission.CHANGE_WITHDRAW, store_id)
    found = []
    for view in views:
        mine = tuple(row for row in told if row.change_id == view.change.id)
        is_let_go = bool(mine) and all(row.state is ApplicationState.WITHDRAWN for row in mine)
        can = view.can_withdraw or (is_let_go and may_withdraw and view.change.state is ChangeState.OPEN)
        of_lines = tuple(part for part in parts if part.change_id == view.change.id)
        found.append(replace(view, parts=of_lines, applications=mine, can_withdraw=can))
    return found


def _messages(steps: list[Step], store_id: int) -> dict[int, list[SupplierMessage]]:
    """By change."""
    found: dict[int, list[SupplierMessage]] = defaultdict(list)
    ids = sorted({step.change_id for step in steps})
    for message in supply.messages_of(ids, store_id) if ids else ():
        found[message.change_id].append(message)
    return found


def _open_recalls(changes: list[Change], store_id: int) -> dict[int, Recall]:
    """Change → what of it is being fetched or in somebody's hands; the newest."""
    ids = [c.parcel_id for c in changes if c.column in {Stage.PRINTED, Stage.PACKED, Stage.SHIPPED}]
    return {recall.change_id: recall for recall in parcels.open_recalls(ids, store_id)} if ids else {}


def wish_view(wish: Wish, *, is_clear: bool) -> WishView:
    """Old → new in words.  A cancel wish has no values, only perhaps a reason."""
    if wish.kind is Kind.CANCEL:
        return WishView(wish, "", orders.worded(None, wish.new, is_clear=is_clear))
    field = Field(wish.kind)
    return WishView(
        wish, orders.worded(field, wish.old, is_clear=is_clear), orders.worded(field, wish.new, is_clear=is_clear),
        orders.minor_in(field, wish.old), orders.minor_in(field, wish.new),
    )  # fmt: skip


def _view(
    change: Change,
    wishes: list[WishView],
    steps: list[Step],
    hold: Hold | None,
    recall: Recall | None,
    messages: list[SupplierMessage],
    actor: Actor,
) -> ChangeView:
    store_id = change.store_id
    following = next((s for s in steps if s.state is StepState.OPEN), None)
    is_open = change.state is ChangeState.OPEN
    holder_id = recall.handed_to_id if recall else None
    can_do = following is not None and _can_do(following, change, holder_id, actor)
    is_supervisor = actor.acts_as(Role.SUPERVISOR, store_id)
    may_withdraw = actor.may(Permission.CHANGE_WITHDRAW, store_id)
    return ChangeView(
        change=change,
        wishes=tuple(wishes),
        steps=tuple(steps),
        next_step=following,
        can_do_next=can_do,
        can_withdraw=is_open and may_withdraw and (is_supervisor or _has_it(change, actor)),
        can_end=is_open and _may_be_ended(change) and actor.may(Permission.CHANGE_END, store_id),
        hold_expires_at=hold.expires_at if hold else None,
        on_expiry=_on_expiry(change, steps, hold) if hold else None,
        is_hold_overdue=hold is not None and is_overdue(hold),
        has_expired=hold is not None and hold.expired_at is not None,
        recall=recall,
        holder=staff.signatures({holder_id}).get(holder_id) if holder_id else None,
        needs_waybill=_needs_waybill(change, following) if can_do else False,
        receivers=_receivers(following, store_id) if can_do else (),
        handovers=(),
        nudges=(),
        messages=tuple(messages),
        refundable_minor=_refundable(change, steps, actor),
    )


def _has_it(change: Change, actor: Actor) -> bool:
    return actor.id is not None and actor.id in {change.asked_by_id, change.follower_id}


def _may_be_ended(change: Change) -> bool:
    return change.column is not Stage.UNPRINTED and change.kind is not Kind.CANCEL


def _can_do(step: Step, change: Change, holder_id: int | None, actor: Actor) -> bool:
    """Whether this person has the button; the command decides again."""
    by_people = step.by_message or Code(step.code) in DONE_BY_PEOPLE
    works = step.column in WORKING and by_people and not _comes_with_submit(step)
    needed = Permission.SUPPLIER_ASK if step.by_message else Permission.STEP_DO
    may = actor.may(needed, change.store_id) and _is_theirs(step, change, holder_id, actor)
    goes_on = change.state in {ChangeState.OPEN, ChangeState.WITHDRAWN} or step.after_hold
    return works and may and goes_on


def _comes_with_submit(step: Step) -> bool:
    return step.code == Code.AMEND and step.column is Stage.UNPRINTED


def _is_theirs(step: Step, change: Change, holder_id: int | None, actor: Actor) -> bool:
    if step.by_message:
        return any(actor.acts_as(role, change.store_id) for role in CONTACT)
    if step.code != Code.AMEND_PAPERS:
        return actor.acts_as(step.role, change.store_id)
    return may_amend(change, holder_id, actor)


def _receivers(step: Step | None, store_id: int) -> tuple[tuple[int, str], ...]:
    code = Code(step.code) if step and not step.by_message else None
    return tuple(staff.people_of_store(store_id, *HANDED_TO[code])) if code in HANDED_TO else ()


def _needs_waybill(change: Change, step: Step | None) -> bool:
    if step is None or step.code != Code.REPRINT:
        return False
    return needs_new_waybill(change)


def _refundable(change: Change, steps: list[Step], actor: Actor) -> int | None:
    is_due = any(s.code == Code.REFUND and s.state is StepState.OPEN for s in steps)
    if not is_due or not actor.may(Permission.MONEY_READ, change.store_id):
        return None
    return sum(refundable(change).values())
