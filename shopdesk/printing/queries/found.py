"""A parcel whose papers are to be printed once more, found by what was scanned or typed."""

from __future__ import annotations

from dataclasses import dataclass

from shopdesk.changes.models import Change
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import load
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import LEFT, Named, Stage
from shopdesk.printing.queries.asked import step_of_parcel
from shopdesk.printing.queries.runs import Printing, history_of

P = Permission.PARCEL_PRINT


@dataclass(frozen=True, slots=True)
class Found:
    """What a code means; without a parcel `named` says why."""

    named: Named
    parcel: Parcel | None = None
    numbers: tuple[str, ...] = ()
    order_id: int | None = None
    batch: str | None = None
    history: tuple[Printing, ...] = ()
    is_asked: bool = False  # a change asks for it: it stands in the list of those

    @property
    def refusal(self) -> str | None:
        """The code why it may not be printed again now."""
        assert self.parcel is not None  # noqa: S101 asked for a parcel alone
        if self.parcel.stage is Stage.VOIDED:
            return "voided"
        if self.parcel.stage in LEFT:
            return "left"
        if self.parcel.holds:
            return "held"
        return "unprinted" if self.parcel.stage is Stage.UNPRINTED else None


def by_code(code: str, actor: Actor) -> Found:
    """Also by old papers or an old waybill: those are what one has in hand."""
    meant = parcels.resolve([code], actor, P)[code]
    if meant.parcel_id is None:
        return Found(meant.named)
    return by_id(meant.parcel_id, actor)


def by_id(parcel_id: int, actor: Actor) -> Found:
    """Raises NotFound, NotAllowed."""
    parcel = load(Parcel, parcel_id, actor, P)
    orders = parcels.orders_in_parcel(parcel.id, parcel.store_id)
    return Found(
        named=Named.PARCEL,
        parcel=parcel,
        numbers=tuple(order.number for order in orders),
        order_id=orders[0].id if orders else None,
        batch=parcels.batch_name(parcel),
        history=tuple(history_of([parcel.id], parcel.store_id).get(parcel.id, ())),
        is_asked=step_of_parcel(parcel.id, parcel.store_id) is not None,
    )


def nothing_to_void(change_id: int, actor: Actor) -> IllegalMove:
    """Why a change has no void left.  Raises NotFound where there is no such change."""
    load(Change, change_id, actor, Permission.PARCEL_VOID)
    return IllegalMove("There is nothing to void here any more.", code="step_done")
