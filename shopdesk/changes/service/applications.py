"""A platform's refund application: on what has not left it is a cancel wish with a hold at once (domain.md §3).

A feed may hold, never void or release: an application that the platform closes again leaves its change to people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as cases
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CaseSource
from shopdesk.changes import queries
from shopdesk.changes.models import Change, RefundApplication
from shopdesk.changes.queries import parts
from shopdesk.changes.queries.applications import newest_of
from shopdesk.changes.service import asking, cancelling
from shopdesk.changes.service.mark_ages import due_at
from shopdesk.changes.states import CANCELLING, ApplicationState, ChangeState, Kind, StepState
from shopdesk.core import audit, clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Mirrored
from shopdesk.orders.states import OrderStatus, RefundWord, refund_word
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import IN_HOUSE, LEFT
from shopdesk.staff import queries as staff

PLATFORM = {"zh": "平台", "en": "platform"}  # who asked, in the language of the store's memos
APPLIED = {"zh": "平台退款申请", "en": "Refund applied for on the platform"}
MOST_TOLD = 64
#: Who hears that money went back for a parcel which may still leave.
STOPPERS = (Role.WAREHOUSE, Role.PRINTING)


@dataclass(frozen=True, slots=True)
class Told:
    """What the feed says of one line's refund; `line_id` None: of the order as a whole."""

    line_id: int | None
    word: RefundWord
    said: str | None
    due_at: datetime | None
    as_of: datetime
    number: str | None = None  # the platform's own, where its list of refunds tells it
    amount_minor: int | None = None


def follow(done: Mirrored, actor: Actor) -> None:
    """Note what a feed told of refunds and hold what they are about; the same news again changes nothing."""
    if not done.tells_refunds:
        return
    order = done.order
    house, gone = places(order)
    there = cancelling.units_in_house(order, house)
    rows = []
    for told in _told(done):
        row, is_news = note(told, order, has_units=has_units(told.line_id, there), is_new=done.outcome == "created")
        if row is None:
            continue
        if is_news:
            leave_a_trace(row, order, actor)
        if is_news and row.state is not ApplicationState.WITHDRAWN:
            rows.append(row)
    if rows:
        stop(order, rows, house, actor)
        _after_sale(order, [row for row in rows if row.state is ApplicationState.APPLIED], gone, there, actor)
        alarm(order, [row for row in rows if row.state is ApplicationState.REFUNDED], there, actor)


def _told(done: Mirrored) -> list[Told]:
    lines = orders.lines(done.order.id, done.order.store_id)
    as_of = max(done.order.as_of, done.order.lines_as_of or done.order.as_of)
    found = [
        Told(line.id, refund_word(line.refund_state), line.refund_state, done.refund_due.get(line.line_key), as_of)
        for line in lines
    ]
    is_by_line = any(one.word is not RefundWord.NONE for one in found)
    if done.refunding is None or (done.refunding and is_by_line):
        return found  # the lines say more than the order does
    word = RefundWord.APPLIED if done.refunding else RefundWord.NONE
    return [*found, Told(None, word, None, max(done.refund_due.values(), default=None), as_of)]


def note(told: Told, order: Order, *, has_units: bool, is_new: bool) -> tuple[RefundApplication | None, bool]:
    """(the application, whether this is news).  None: nothing was applied for, or long refunded and gone."""
    return judge(newest_of(order.id, told.line_id, order.store_id), told, order, has_units=has_units, is_new=is_new)


def judge(
    row: RefundApplication | None, told: Told, order: Order, *, has_units: bool, is_new: bool
) -> tuple[RefundApplication | None, bool]:
    """As `note`, of the application that was found for it; an older word changes nothing (D2)."""
    if row is not None and told.as_of < row.as_of:
        return row, False
    runs = row is not None and row.state is ApplicationState.APPLIED
    if row is not None and runs:
        row.told, row.as_of = (told.said or row.told), told.as_of
        row.due_at = told.due_at or row.due_at
    if told.word is RefundWord.NONE:
        return (end(row, ApplicationState.WITHDRAWN), True) if row is not None and runs else (row, False)
    if told.word is RefundWord.APPLIED:
        return (row, False) if runs else (begin(told, order, ApplicationState.APPLIED), True)
    if row is not None and row.state is ApplicationState.REFUNDED:
        return row, False
    if row is not None and runs:
        return end(row, ApplicationState.REFUNDED), True
    is_history = is_new and order.status is OrderStatus.CLOSED  # over before the desk heard of it
    if not has_units or is_history:
        return None, False
    return begin(told, order, ApplicationState.REFUNDED), True


def begin(told: Told, order: Order, state: ApplicationState) -> RefundApplication:
    at = clock.now()  # its clocks are the desk's; as_of is the source's
    row = RefundApplication(
        store_id=order.store_id, order_id=order.id, line_id=told.line_id, state=state,
        told=(told.said or "")[:MOST_TOLD] or None, as_of=told.as_of, due_at=told.due_at, first_told_at=at,
        ended_at=None if state is ApplicationState.APPLIED else at, platform_number=told.number,
        amount_minor=told.amount_minor,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row


def end(row: RefundApplication, state: ApplicationState) -> RefundApplication:
    row.state, row.ended_at = state, clock.now()
    db.session.flush()
    return row


def leave_a_trace(row: RefundApplication, order: Order, actor: Actor) -> None:
    is_applied, is_refunded = row.state is ApplicationState.APPLIED, row.state is ApplicationState.REFUNDED
    audit.record(
        "refund.applied_for" if is_applied else "refund.made" if is_refunded else "refund.closed",
        "order", order.id, actor, store_id=order.store_id, order_id=order.id, application=row.id, line=row.line_id,
    )  # fmt: skip


def places(order: Order) -> tuple[list[Parcel], list[Parcel]]:
    """The order's parcels in the house, and those that have left; locked.

    With an old shipped mark it counts as gone, though the hour that says so has not struck yet (domain.md §8).
    """
    ids = [parcel.id for parcel in parcels.parcels_of_order(order.id, order.store_id)]
    there = parcels.locked_parcels(ids, order.store_id)
    house = [p for p in there if p.stage in IN_HOUSE and not _is_marked_away(p, order)]
    return house, [p for p in there if p.stage in LEFT or (p.stage in IN_HOUSE and p not in house)]


def _is_marked_away(parcel: Parcel, order: Order) -> bool:
    if order.marked_shipped_at is None:
        return False
    cut_offs, zone = staff.warehouse(parcel.warehouse_id).cut_offs, staff.store_by_id(order.store_id).zone
    return due_at(order.marked_shipped_at, cut_offs, zone) <= clock.now()


def has_units(line_id: int | None, there: dict[int, int]) -> bool:
    return any(there.values()) if line_id is None else bool(there.get(line_id))


def stop(order: Order, rows: Sequence[RefundApplication], house: Sequence[Parcel], actor: Actor) -> None:
    """A cancel wish about what nobody cancels yet; what is being cancelled already goes on with the clock beside it."""
    under_way = _open_cancels(order, house)
    able = [p for p in house if p.id not in under_way or not _is_decided(under_way[p.id])]
    free = cancelling.free_units(order, able)
    wanted = free if any(row.line_id is None for row in rows) else {r.line_id or 0: free[r.line_id or 0] for r in rows}
    chosen = {line_id: units for line_id, units in wanted.items() if units}
    found = _ask(order, chosen, able, actor, said=rows[-1].told) if chosen else []
    covering = found or list(under_way.values())
    for row in rows:
        row.change_id = covering[0].id if covering else None
    db.session.flush()


def _ask(order: Order, chosen: dict[int, int], able: list[Parcel], actor: Actor, *, said: str | None) -> list[Change]:
    language = staff.store_by_id(order.store_id).memo_language
    text = " · ".join(part for part in (APPLIED[language], said) if part)
    new = {"text": text, **({"lines": sorted(chosen.items())} if order.lines_complete else {})}
    desk = replace(Actor.system([order.store_id]), channel="platform", signature=PLATFORM[language])
    wished = asking.Wished(Kind.CANCEL, {"text": text})
    here = able if order.lines_complete else [p for p in able if not _open_cancels(order, [p])]
    if not here:
        return []
    return asking.open_changes(order, wished, here, {"text": None}, new, {}, actor=desk)


def _open_cancels(order: Order, house: Sequence[Parcel]) -> dict[int, Change]:
    found = {p.id: queries.open_change(p.id, order.id, Kind.CANCEL, order.store_id) for p in house}
    return {parcel_id: change for parcel_id, change in found.items() if change is not None}


def _is_decided(change: Change) -> bool:
    """Nothing joins it any more: the whole order, or taken out already."""
    steps = queries.steps_of([change.id], change.store_id)
    is_out = any(step.code in CANCELLING and step.state is StepState.DONE for step in steps)
    return is_out or parts.cancels_whole(change.id, change.store_id)


def _after_sale(
    order: Order, rows: Sequence[RefundApplication], gone: Sequence[Parcel], there: dict[int, int], actor: Actor
) -> None:
    """What has left is a case, once for each application."""
    left = {
        row.line_id: row.parcel_id
        for row in parcels.parcel_lines([p.id for p in gone], order.store_id)
        if row.order_id == order.id and row.quantity
    }
    language = staff.store_by_id(order.store_id).memo_language
    for row in rows:
        parcel_id = next(iter(left.values()), None) if row.line_id is None else left.get(row.line_id)
        if parcel_id is None or has_units(row.line_id, there):
            continue
        if listed := _listed_case(row, order):
            row.case_id = listed
            continue
        wish = " · ".join(part for part in (APPLIED[language], _title(row, order), row.told) if part)
        told = Application(CaseKind.REFUND_ONLY, wish, None, parcel_id)
        row.case_id = cases.open_case(order, told, source=CaseSource.PLATFORM, actor=actor).id
    db.session.flush()


def _listed_case(row: RefundApplication, order: Order) -> int | None:
    """The case that the platform's list of refunds opened for it before."""
    used = queries.applications.cases_of_order(order.id, order.store_id)
    found = case_queries.told_by_platform(order.id, row.line_id, order.store_id)
    return next((case.id for case in found if case.id not in used), None)


def _title(row: RefundApplication, order: Order) -> str | None:
    if row.line_id is None:
        return None
    line = orders.line_of(order.id, row.line_id, order.store_id)
    return line.title or line.sku


def alarm(order: Order, rows: Sequence[RefundApplication], there: dict[int, int], actor: Actor) -> None:
    """The money went back and the parcel may still leave.  No task: somebody runs."""
    running = [row for row in rows if row.alarmed_at is None and has_units(row.line_id, there)]
    if not running:
        return
    change = queries.change_by_id(running[0].change_id, order.store_id) if running[0].change_id else None
    for role in STOPPERS:
        notices.put(
            role, NoticeKind.ALARM, order, actor=actor, parcel_id=change.parcel_id if change else None,
            change_id=change.id if change and change.state is ChangeState.OPEN else None, code="refunded_not_stopped",
            change_kind=str(Kind.CANCEL),
        )  # fmt: skip
    for row in running:
        row.alarmed_at = clock.now()
    db.session.flush()
