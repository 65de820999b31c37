"""What a change that came too late had decided holds no longer: values, units, ship-to and memos go back."""

from __future__ import annotations

from collections.abc import Sequence

from shopdesk.changes import queries
from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.service import applying, parting, units
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import unpack
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.states import Field
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel

HOLDING = frozenset({ChangeState.OPEN, ChangeState.DONE})


def undo(change: Change, parcel: Parcel, actor: Actor) -> None:
    """The parcel has left as its papers said: what its change decided goes back, as a withdrawal takes it back.

    Where the change of another parcel keeps to a wish, the decision stands for that one; this parcel alone carries the
    old.  The case keeps the wish as its text.
    """
    _take_units_along(change, parcel, actor)
    _restore_values(change, parcel, actor)


def correct_memos(change: Change, actor: Actor) -> None:
    """The memos say "changed", which is true of no parcel: say so behind them, or the platform keeps a false word."""
    for _, wish in queries.wishes_of([change.id], change.store_id):
        if wish.memo_id is not None and not _holds_elsewhere(wish, change):
            applying.take_memo_back(wish, orders.order_by_id(wish.order_id, wish.store_id), "too_late", actor)


def _holds_elsewhere(wish: Wish, change: Change) -> bool:
    """A done change of the same parcel that this one had gathered carried the wish out on no paper either."""
    return any(c.state in HOLDING and c.parcel_id != change.parcel_id for c in queries.changes_of_wish(wish))


def _restore_values(change: Change, parcel: Parcel, actor: Actor) -> None:
    made = [wish for _, wish in queries.wishes_of([change.id], change.store_id) if wish.amendment_id is not None]
    made = [wish for wish in made if wish.kind is not Kind.QUANTITY]
    decisions: dict[tuple[int, int | None], list[int]] = {}
    for wish in made:
        if not _holds_elsewhere(wish, change):
            decisions.setdefault((wish.order_id, wish.line_id), []).append(wish.amendment_id or 0)
    for ids in decisions.values():
        order_service.restore(*ids, store_id=change.store_id, actor=actor)
    if change.kind is Kind.ADDRESS and made:
        _send_as_before(change, parcel, made)


def _send_as_before(change: Change, parcel: Parcel, made: Sequence[Wish]) -> None:
    """The ship-to of the papers: what held before, or what stood there before the first wish where that still holds."""
    for order_id in sorted({wish.order_id for wish in made}):
        parcel_service.readdress(orders.order_by_id(order_id, change.store_id), also={parcel.id})
    if any(_holds_elsewhere(wish, change) for wish in made):
        first = orders.amendment_by_id(min(wish.amendment_id or 0 for wish in made), change.store_id)
        parcel_service.send_to(parcel, unpack(first.was, "to say where the parcel went"))
    db.session.flush()


def _take_units_along(change: Change, parcel: Parcel, actor: Actor) -> None:
    """Units that the wish took off went along: from `cancelled` to `shipped` in this transaction (domain.md §5)."""
    went: dict[int, int] = {}
    decisions: dict[int, list[Wish]] = {}
    taken: dict[int, list[ChangeWish]] = {}
    here = {change.id, *(c.id for c in queries.gathered(change))}  # what those took off this parcel went along too
    for wish in reversed([wish for _, wish in queries.links_of(change)]):
        if wish.kind is Kind.QUANTITY and wish.line_id is not None and wish.amendment_id is not None:
            links = [link for link in queries.links_of_wish(wish) if link.change_id in here]
            taken.setdefault(wish.line_id, []).extend(links)
            decisions.setdefault(wish.line_id, []).append(wish)
    for line_id, links in taken.items():
        went[line_id] = units.put_all_back(links, line_id, parcel)
        order_service.ship_units(line_id, went[line_id])
    if change.kind is Kind.CANCEL:
        _ship_cancelled(here, parcel, actor)
    for line_id, wishes in decisions.items():
        _undecide(change, line_id, wishes, went[line_id], actor)


def _ship_cancelled(change_ids: set[int], parcel: Parcel, actor: Actor) -> None:
    """Lines that were taken out on paper only."""
    for change in queries.changes_of_parcel(parcel.id, parcel.store_id):
        if change.id in change_ids:
            for line_id, back in parting.give_back(change, parcel, actor).items():
                order_service.ship_units(line_id, back)


def _undecide(change: Change, line_id: int, wishes: Sequence[Wish], went: int, actor: Actor) -> None:
    """What was decided about the line no longer holds; where other parcels keep to it, less of it holds."""
    if not any(units.taken(wish) for wish in wishes):
        ids = [wish.amendment_id for wish in wishes if wish.amendment_id is not None]
        order_service.restore(*ids, store_id=change.store_id, actor=actor)
    elif went:
        order = orders.order_by_id(wishes[0].order_id, change.store_id)
        now = orders.effective_value(order, Field.QUANTITY, line_id)["quantity"]
        order_service.amend(order, Field.QUANTITY, {"quantity": now + went}, line_id=line_id, actor=actor)
