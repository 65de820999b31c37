"""What this person may do with an order now, per kind, and why not otherwise (docs/api.md#look-up-change-confirm)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from shopdesk.changes import rules
from shopdesk.changes.playbook import PLAYBOOK
from shopdesk.changes.states import ONLY_UNPAID, Kind
from shopdesk.core.permissions import Actor, Permission
from shopdesk.orders.models import Order
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.states import IN_HOUSE, Stage

NOT_YOURS = rules.Refusal("not_allowed", "Your roles do not allow this.")
NO_PARCEL = rules.Refusal("no_parcel", "The order has no parcel.")


@dataclass(frozen=True, slots=True)
class Option:
    """One kind of change: possible, or the code and English msgid why not."""

    kind: Kind
    is_allowed: bool
    code: str | None = None
    message: str | None = None
    stage: Stage | None = None  # what the asker sees; sent back with the wish
    asks_printing_first: bool = False  # step 0: the stage is stale
    open_change_id: int | None = None  # a further wish of this kind joins it
    pull_back_until: datetime | None = None  # it has left, but the warehouse can still be asked to pull it back


def options(
    order: Order,
    parcels: Sequence[Parcel],
    actor: Actor,
    *,
    stale: Sequence[int],
    open_changes: dict[Kind, int],
    reachable: Mapping[int, datetime] | None = None,
    is_gone: bool = False,
) -> list[Option]:
    """Every kind of change for this order and person.

    `parcels` are those in which units of it stand; `is_gone`: it had some, and without any all of it is cancelled.
    `stale` are the ids of parcels whose stage is stale, `reachable` those that can be pulled back, and until when.
    """
    if is_gone and not parcels and actor.may(Permission.CHANGE_ASK, order.store_id):
        why = rules.CANCELLED
        return [
            Option(k, is_allowed=False, code=why.code, message=why.message, stage=Stage.VOIDED,
                   open_change_id=open_changes.get(k))
            for k in Kind
        ]  # fmt: skip
    found = [_option(kind, order, parcels, actor, stale=stale, open_id=open_changes.get(kind)) for kind in Kind]
    return [_with_pull_back(option, parcels, reachable or {}) for option in found]


def _with_pull_back(option: Option, parcels: Sequence[Parcel], reachable: Mapping[int, datetime]) -> Option:
    """What has left can be asked back as long as all of it is within reach."""
    there = [parcel.id for parcel in parcels if parcel.stage is not Stage.VOIDED]
    is_left = option.code == rules.AFTER_SALE.code and (option.kind, Stage.PACKED) in PLAYBOOK
    if not is_left or not there or any(parcel_id not in reachable for parcel_id in there):
        return option
    return replace(option, pull_back_until=min(reachable[parcel_id] for parcel_id in there))


def _option(
    kind: Kind, order: Order, parcels: Sequence[Parcel], actor: Actor, *, stale: Sequence[int], open_id: int | None
) -> Option:
    if not actor.may(Permission.CHANGE_ASK, order.store_id):
        return Option(kind, is_allowed=False, code=NOT_YOURS.code, message=NOT_YOURS.message)
    alive = [p for p in parcels if p.stage in IN_HOUSE] or list(parcels)
    if not alive:
        return Option(kind, is_allowed=False, code=NO_PARCEL.code, message=NO_PARCEL.message)
    stage = min((p.stage for p in alive), key=list(Stage).index)
    if kind is Kind.QUANTITY:  # the least advanced ones give the units
        alive = [p for p in alive if p.stage is stage]
    for parcel in alive:
        why = rules.refusal(
            kind,
            parcel.stage,
            status=order.status,
            readiness=order.readiness,
            is_incomplete=not order.lines_complete,
        )
        if why:
            return Option(kind, is_allowed=False, code=why.code, message=why.message, stage=stage)
    asks = kind not in ONLY_UNPAID and any(p.id in stale and p.stage is Stage.UNPRINTED for p in alive)
    return Option(kind, is_allowed=True, stage=stage, asks_printing_first=asks, open_change_id=open_id)
