"""The rules of the heart that hold after every step, whoever did what in which order; read straight from the tables."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.turns import next_steps
from shopdesk.changes.states import ONLY_UNPAID, PER_PARCEL, ChangeState, StepState
from shopdesk.core import audit
from shopdesk.core.db import db
from shopdesk.core.personal import unpack
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Notice, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Order, OrderLine
from shopdesk.orders.states import Field, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Hold, Parcel, ParcelLine, Recall, StageFact, Stop
from shopdesk.parcels.queries import matching
from shopdesk.parcels.states import (
    LEFT,
    OWN_HANDS,
    RECALLS_OPEN,
    FactEffect,
    HoldCause,
    RecallKind,
    RecallState,
    Source,
    Stage,
)
from shopdesk.payments.models import LedgerEntry, Payment
from shopdesk.payments.states import Account


def rows(model: Any, store_id: int) -> list[Any]:
    statement = in_store(select(model), store_id, model).order_by(model.id).execution_options(populate_existing=True)
    return list(db.session.scalars(statement))


def broken(store_id: int) -> list[str]:
    """Every rule that does not hold, in words, and every break of the trail; empty is good."""
    return [*rules_broken(store_id), *(f"audit: {found}" for found in audit.verify()[1])]


def rules_broken(store_id: int) -> list[str]:
    """The same without the trail, whose every link is read again each time."""
    db.session.rollback()
    return [
        *_holds(store_id),
        *_stops(store_id),
        *_open_changes(store_id),
        *_steps(store_id),
        *_turns(store_id),
        *_recalls(store_id),
        *_notices(store_id),
        *_prints(store_id),
        *_pull_backs(store_id),
        *_units(store_id),
        *_addresses(store_id),
        *_payments(store_id),
    ]


def _holds(store_id: int) -> Iterator[str]:
    count = Counter(hold.parcel_id for hold in rows(Hold, store_id) if hold.ended_at is None)
    for parcel in rows(Parcel, store_id):
        if parcel.holds != count[parcel.id]:
            yield f"parcel {parcel.id} counts {parcel.holds} holds, has {count[parcel.id]}"
        if parcel.stage in LEFT and parcel.holds:
            yield f"parcel {parcel.id} has left and is held"


def _payments(store_id: int) -> Iterator[str]:
    """The ledger is the counters of each payment (and sums to zero by its shape)."""
    entries: dict[int, Counter[Account]] = defaultdict(Counter)
    for entry in rows(LedgerEntry, store_id):
        entries[entry.payment_id][entry.source] -= entry.amount_minor
        entries[entry.payment_id][entry.target] += entry.amount_minor
    for payment in rows(Payment, store_id):
        told = entries[payment.id]
        counted = {
            Account.CUSTOMER: -payment.captured_minor, Account.RESERVED: payment.reserved_minor,
            Account.REFUNDED: payment.settled_minor, Account.OUTSIDE: payment.outside_minor,
        }  # fmt: skip
        yield from (f"payment {payment.id}: {a} is {n}, the ledger says {told[a]}" for a, n in counted.items()
                    if told[a] != n)  # fmt: skip


def _stops(store_id: int) -> Iterator[str]:
    """Every stop that goes on holds exactly what it matches; one that has ended holds nothing."""
    held = {
        (hold.parcel_id, hold.cause_id)
        for hold in rows(Hold, store_id)
        if hold.ended_at is None and hold.cause is HoldCause.STOP
    }
    going = [stop for stop in rows(Stop, store_id) if stop.ended_at is None]
    meant = {(parcel, s.id) for s in going for parcel in matching.matching(matching.criteria_of(s), store_id)}
    stages = {parcel.id: parcel.stage for parcel in rows(Parcel, store_id)}
    yield from (f"stop {stop} does not hold parcel {parcel}" for parcel, stop in meant - held)
    extra = {(parcel, stop) for parcel, stop in held - meant if stages[parcel] is not Stage.VOIDED}
    yield from (f"stop {stop} holds parcel {parcel}, which it does not match" for parcel, stop in extra)


def _open_changes(store_id: int) -> Iterator[str]:
    ours = [hold for hold in rows(Hold, store_id) if hold.ended_at is None and hold.cause is HoldCause.CHANGE]
    held = {(hold.parcel_id, hold.cause_id) for hold in ours}
    stages = {parcel.id: parcel.stage for parcel in rows(Parcel, store_id)}
    changes = [change for change in rows(Change, store_id) if change.state is ChangeState.OPEN]
    for change in changes:
        if change.kind in ONLY_UNPAID:
            yield f"change {change.id} about money stays open"
        elif (change.parcel_id, change.id) not in held and stages[change.parcel_id] not in LEFT:
            yield f"open change {change.id} does not hold its parcel"
    back = {c.id for c in rows(Change, store_id) if c.state is ChangeState.WITHDRAWN} & _papers_out(store_id)
    for _, cause in held - {(change.parcel_id, change.id) for change in changes}:
        if cause in back:
            continue  # withdrawn, and its papers are still out
        yield f"change {cause} is not open and holds"
    keys = [(c.parcel_id, None if c.kind in PER_PARCEL else c.order_id, c.kind) for c in changes]
    yield from (f"I5: {n} open changes {key}" for key, n in Counter(keys).items() if n > 1)


def _papers_out(store_id: int) -> set[int]:
    """Changes whose papers or parcel somebody holds."""
    return {recall.change_id for recall in rows(Recall, store_id) if recall.state is RecallState.HANDED_OUT}


def _recalls(store_id: int) -> Iterator[str]:
    """Papers are asked for as long as their change is open; nothing is fetched for nobody."""
    changes = {change.id: change for change in rows(Change, store_id)}
    fetched = {Stage.PRINTED: RecallKind.PAPERS, Stage.PACKED: RecallKind.PARCEL, Stage.SHIPPED: RecallKind.PARCEL}
    open_ones = [recall for recall in rows(Recall, store_id) if recall.state in RECALLS_OPEN]
    for recall in open_ones:
        change = changes[recall.change_id]
        is_out = recall.state is RecallState.HANDED_OUT
        if change.state is not ChangeState.OPEN and not (is_out and change.state is ChangeState.WITHDRAWN):
            yield f"recall {recall.id} is {recall.state} for a change that is {change.state}"
    for change in changes.values():
        there = [recall for recall in open_ones if recall.change_id == change.id]
        wanted = fetched.get(change.column)
        if change.state is ChangeState.OPEN and wanted and wanted not in {recall.kind for recall in there}:
            yield f"open change {change.id} in {change.column} fetches nothing"


def _steps(store_id: int) -> Iterator[str]:
    steps, out = [step for step in rows(Step, store_id) if step.state is StepState.OPEN], _papers_out(store_id)
    for change in rows(Change, store_id):
        mine = [step for step in steps if step.change_id == change.id]
        ends = sum(step.ends_hold for step in mine)
        wanted = 0 if change.column is Stage.SHIPPED else 1  # what is being pulled back is not held yet
        if change.state is ChangeState.OPEN and ends != wanted:
            yield f"open change {change.id} has {ends} steps that end its hold"
        is_back = change.state is ChangeState.WITHDRAWN and change.id in out
        if is_back and ends != 1:
            yield f"withdrawn change {change.id} has {ends} steps that bring its papers back"
        if change.state is not ChangeState.OPEN and not is_back and not all(step.after_hold for step in mine):
            yield f"{change.state} change {change.id} has open steps"


def _turns(store_id: int) -> Iterator[str]:
    """Since when a step waits stands on those that are next, and on no other."""
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in sorted(rows(Step, store_id), key=lambda step: step.position):
        steps[step.change_id].append(step)
    for change in rows(Change, store_id):
        mine = [step for step in steps[change.id] if step.state is not StepState.REPLACED]
        done = [step.done_at for step in mine if step.state is StepState.DONE and step.done_at]
        following = {step.id for step in next_steps(change, mine)}
        for step in steps[change.id]:
            since = (max(done, default=None) or change.opened_at) if step.id in following else None
            if step.waits_since != since:
                yield f"step {step.position} of change {change.id} waits since {step.waits_since}, not {since}"


def _notices(store_id: int) -> Iterator[str]:
    """Whoever has the next step of an open change has heard of it, or will when the customer has said yes."""
    told: dict[int, set[tuple[NoticeKind, NoticeState]]] = defaultdict(set)
    for notice in rows(Notice, store_id):
        told[notice.change_id or 0].add((notice.kind, notice.state))
    steps: dict[int, list[Step]] = defaultdict(list)
    for step in rows(Step, store_id):
        if step.state is StepState.OPEN:
            steps[step.change_id].append(step)
    unpaid = {order.id for order in rows(Order, store_id) if order.status is OrderStatus.UNPAID}
    in_hand = {recall.change_id for recall in rows(Recall, store_id) if recall.found_at is not None}
    for change in rows(Change, store_id):
        heard = told[change.id] | ({(NoticeKind.RECALL, NoticeState.ACKNOWLEDGED)} if change.id in in_hand else set())
        if change.state is ChangeState.TOO_LATE and not {kind for kind, _ in heard} & {NoticeKind.TOO_LATE}:
            yield f"change {change.id} came too late and after-sale does not know"
        if change.state is not ChangeState.OPEN or not steps[change.id]:
            continue
        code = steps[change.id][0].code
        kind, states = WHO_HEARS.get(Code(code), (None, frozenset()))
        if code == Code.ACKNOWLEDGE and change.order_id in unpaid:
            states = frozenset({NoticeState.WAITING})
        if kind and not any((kind, state) in heard for state in states):
            yield f"open change {change.id} waits at {code} and nobody was told: {sorted(map(str, heard))}"


#: First open step → the notice that must be there.  Void requests and recalls may be noted before they are done.
WHO_HEARS = {
    Code.ASK_STAGE: (NoticeKind.STAGE, frozenset({NoticeState.OPEN})),
    Code.ACKNOWLEDGE: (NoticeKind.CHANGE, frozenset({NoticeState.OPEN})),
    Code.VOID: (NoticeKind.VOID, frozenset({NoticeState.OPEN, NoticeState.ACKNOWLEDGED})),
    Code.HAND_OUT: (NoticeKind.RECALL, frozenset({NoticeState.OPEN, NoticeState.ACKNOWLEDGED})),
    Code.HAND_TO_AFTER_SALE: (NoticeKind.RECALL, frozenset({NoticeState.OPEN, NoticeState.ACKNOWLEDGED})),
}


def _prints(store_id: int) -> Iterator[str]:
    """No command printed, packed or shipped a held parcel."""
    holds = rows(Hold, store_id)
    for fact in rows(StageFact, store_id):
        is_print = fact.source is Source.PAGE and fact.stage is Stage.PRINTED  # a void is of a held parcel, rightly
        if not (is_print or fact.source in {Source.CHECK, Source.SCAN}) or fact.effect is not FactEffect.MOVED:
            continue
        for hold in holds:
            began_before = hold.parcel_id == fact.parcel_id and hold.opened_at < fact.known_at
            if began_before and (hold.ended_at is None or hold.ended_at > fact.known_at):
                yield f"parcel {fact.parcel_id} was {fact.stage} while {hold.cause} {hold.cause_id} held it"


def _pull_backs(store_id: int) -> Iterator[str]:
    """In the shipped column a change waits only while its parcel can be pulled back; no courier gives one back.

    What files and other systems alone called shipped may lie here after all: our own hands never gave it away.
    """
    parcels_by_id = {parcel.id: parcel for parcel in rows(Parcel, store_id)}
    for change in rows(Change, store_id):
        stage = parcels_by_id[change.parcel_id].stage
        if change.state is ChangeState.OPEN and (change.column is Stage.SHIPPED) != (stage in LEFT):
            yield f"change {change.id} is open in {change.column}, its parcel is {stage}"
    for recall in rows(Recall, store_id):
        if recall.until and recall.found_at and recall.found_at >= recall.until:
            yield f"recall {recall.id} was found after its time was over"
    for parcel in parcels_by_id.values():
        collected = given = False
        for fact in [fact for fact in rows(StageFact, store_id) if fact.parcel_id == parcel.id]:
            outside, has_left = fact.source not in OWN_HANDS, fact.stage in LEFT
            given = given or (has_left and not outside) or fact.stage is Stage.DELIVERED
            if fact.effect is FactEffect.MOVED and fact.stage is Stage.PACKED and collected:
                yield f"parcel {parcel.id} was pulled back from a courier who had it"
            heard = has_left and outside and fact.effect is not FactEffect.CONTRADICTED
            collected = collected or (heard and (given or fact.source is Source.CARRIER))


def _units(store_id: int) -> Iterator[str]:
    packed: Counter[int] = Counter()
    for row in rows(ParcelLine, store_id):
        packed[row.line_id] += row.quantity
    for line in rows(OrderLine, store_id):
        if packed[line.id] != line.in_parcels or line.in_parcels > line.quantity:
            yield f"I12: line {line.id} has {packed[line.id]} in parcels, counts {line.in_parcels} of {line.quantity}"
        if min(line.cancelled, line.shipped) < 0 or line.cancelled + line.shipped > line.quantity:
            yield f"line {line.id} counts {line.cancelled} + {line.shipped} of {line.quantity}"
        if line.reserved_minor + line.refunded_minor > (line.share_minor or 0):
            yield f"line {line.id} was refunded more than was paid"


def _addresses(store_id: int) -> Iterator[str]:
    amendments = [a for a in rows(Amendment, store_id) if a.field is Field.ADDRESS and a.ended_at is None]
    for order in rows(Order, store_id):
        mine = [a for a in amendments if a.order_id == order.id]
        if len(mine) > 1:
            yield f"order {order.id} has {len(mine)} addresses that were decided"
        newest = unpack(mine[-1].value, "to compare it") if mine else orders.mirrored_address(order)
        if orders.effective_value(order, Field.ADDRESS, None) != newest:
            yield f"order {order.id}: what holds is not what was decided last"
        for parcel in parcels.parcels_of_order(order.id, store_id):
            alone = [o.id for o in parcels.orders_in_parcel(parcel.id, store_id)] == [order.id]
            if parcel.stage is Stage.UNPRINTED and alone and _street(parcel) != newest["street"]:
                yield f"parcel {parcel.id} goes to {_street(parcel)}, decided is {newest['street']}"


def _street(parcel: Parcel) -> str | None:
    return parcel.ship_address.reveal("to compare it") if parcel.ship_address else None
