"""Which units a cancel wish is about: the whole order, or lines of it out of the parcels that have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change
from shopdesk.changes.queries import parts
from shopdesk.changes.rules.cancelling import LineLeft, is_all_chosen
from shopdesk.changes.states import CANCELLING, Kind, StepState
from shopdesk.core.errors import Conflict, IllegalMove
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import NOT_PACKED
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel

Shares = dict[int, dict[int, int]]  # parcel → line → units


def share(order: Order, chosen: Mapping[int, int], alive: Sequence[Parcel]) -> Shares | None:
    """Which parcel gives how many units of the chosen lines, the least advanced ones first; None: all that is left.

    Raises NotFound (another order's line), IllegalMove (lines not known yet), RuleViolation (`nothing_chosen`,
    `line_cancelled`, `units_shipped`, `more_than_left`).
    """
    if not order.lines_complete:
        raise IllegalMove(rules.INCOMPLETE.message, code=rules.INCOMPLETE.code)
    for line_id in chosen:
        orders.line_of(order.id, line_id, order.store_id)
    there = _free_units(order, alive)
    left = _by_line(there)
    lines = {
        line.id: LineLeft(left[line.id], line.shipped, line.quantity - line.shipped - left[line.id])
        for line in orders.lines(order.id, order.store_id)
        if line.kind not in NOT_PACKED
    }
    if is_all_chosen(chosen, lines):
        return None
    found: Shares = {}
    for line_id, units in chosen.items():
        supply = [rules.Supply(p.id, p.stage, there[p.id, line_id]) for p in alive]
        for parcel_id, part in rules.share_out(units, supply).items():
            found.setdefault(parcel_id, {})[line_id] = part
    return found


def free_units(order: Order, alive: Sequence[Parcel]) -> Counter[int]:
    """Line → units in these parcels that nobody cancels yet."""
    return _by_line(_free_units(order, alive))


def units_in_house(order: Order, alive: Sequence[Parcel]) -> dict[int, int]:
    """Line → units that stand in these parcels."""
    rows = [r for r in parcels.parcel_lines([p.id for p in alive], order.store_id) if r.order_id == order.id]
    return dict(_by_line({(row.parcel_id, row.line_id): row.quantity for row in rows}))


def _by_line(there: Mapping[tuple[int, int], int]) -> Counter[int]:
    found: Counter[int] = Counter()
    for (_, line_id), units in there.items():
        found[line_id] += units
    return found


def _free_units(order: Order, alive: Sequence[Parcel]) -> Counter[tuple[int, int]]:
    """(parcel, line) → units that no open cancel wish is about yet."""
    ids = [parcel.id for parcel in alive]
    taken = parts.waiting(ids, order.store_id)
    whole = {c.parcel_id for c in _open_cancels(order, ids) if parts.cancels_whole(c.id, c.store_id)}
    found: Counter[tuple[int, int]] = Counter()
    for row in parcels.parcel_lines(ids, order.store_id):
        if row.order_id == order.id and row.parcel_id not in whole:
            found[row.parcel_id, row.line_id] += max(0, row.quantity - taken[row.parcel_id, row.line_id])
    return found


def _open_cancels(order: Order, parcel_ids: Sequence[int]) -> list[Change]:
    found = [queries.open_change(i, order.id, Kind.CANCEL, order.store_id) for i in parcel_ids]
    return [change for change in found if change is not None]


def check_join(change: Change) -> None:
    """A further wish joins as long as printing has not carried the first one out.  Raises Conflict."""
    if parts.cancels_whole(change.id, change.store_id):
        raise Conflict("This order is being cancelled already.", code="already_there")
    steps = queries.steps_of([change.id], change.store_id)
    if any(step.code in CANCELLING and step.state is StepState.DONE for step in steps):
        raise Conflict(
            "Lines of this order are being taken out of the parcel just now. Ask again when that is done.",
            code="being_taken_out",
        )
