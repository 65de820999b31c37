"""Whether parcels may be split or merged, on plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shopdesk.core.errors import DomainError, IllegalMove, RuleViolation
from shopdesk.orders.states import Readiness
from shopdesk.parcels.states import Stage

MOST_MERGED = 20  # parcels at once


@dataclass(frozen=True, slots=True)
class RegroupStanding:
    """What of a parcel decides whether it may be regrouped."""

    parcel_id: int
    stage: Stage
    store_id: int
    warehouse_id: int
    has_open_change: bool
    is_held: bool  # by anything
    has_waybill: bool
    is_in_doubt: bool  # nobody knows well enough that it is unprinted
    is_empty: bool


@dataclass(frozen=True, slots=True)
class Whose:
    """Where the orders in a parcel want to go, and whose they are."""

    customers: frozenset[int | None]
    addresses: tuple[Mapping[str, Any], ...]
    readinesses: frozenset[Readiness]


def why_not_split(parcel: RegroupStanding) -> DomainError | None:
    """A stop does not keep a parcel whole: each part is held by the stops that match it."""
    return _why_not_here(parcel)


def why_not_merge(parcel: RegroupStanding) -> DomainError | None:
    found = _why_not_here(parcel)
    if found is None and parcel.is_held:
        return IllegalMove("This parcel is held. End the hold first.", code="held")
    return found


def _why_not_here(parcel: RegroupStanding) -> DomainError | None:
    if parcel.stage is not Stage.UNPRINTED:
        return IllegalMove("Only what is not printed yet can be split or merged.", code="not_unprinted")
    if parcel.has_open_change:
        return IllegalMove("A change of this parcel is open. Finish or withdraw it first.", code="open_change")
    if parcel.has_waybill:
        return IllegalMove("The parcel has a waybill: it seems to be printed.", code="has_waybill")
    if parcel.is_in_doubt:
        return IllegalMove(
            "Nobody knows well enough that it is not printed. Run the pre-print check first.", code="stale_stage"
        )
    if parcel.is_empty:
        return IllegalMove("Nothing is in this parcel.", code="nothing_left")
    return None


def why_not_together(home: RegroupStanding, other: RegroupStanding, ours: Whose, theirs: Whose) -> DomainError | None:
    """One buyer, one address, one store, one warehouse; what is masked proves nothing."""
    if home.store_id != other.store_id:
        return RuleViolation("Parcels of two stores cannot be merged.", code="other_store")
    if home.warehouse_id != other.warehouse_id:
        return RuleViolation("They ship from different warehouses.", code="other_warehouse")
    every = (*ours.addresses, *theirs.addresses)
    if any("*" in str(value) for address in every for value in address.values()):
        return RuleViolation("The address is masked, so nobody can tell that it is the same.", code="masked_address")
    if len({_bare(address) for address in every}) != 1:
        return RuleViolation("They go to different recipients or addresses.", code="other_address")
    people = ours.customers | theirs.customers
    if len(people) != 1 or (people == {None} and not _is_whole(every[0])):
        return RuleViolation("They are not known to be of the same buyer.", code="other_buyer")
    if Readiness.CLOSED in ours.readinesses | theirs.readinesses:
        return IllegalMove("The order is closed on the platform.", code="closed")
    return None


def _bare(address: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """A post code beside the same street makes no other address."""
    return tuple(sorted((k, "".join(str(v or "").split())) for k, v in address.items() if k != "zip"))


def _is_whole(address: Mapping[str, Any]) -> bool:
    """Of a buyer without an ID name, phone and street together say who it is."""
    return all(address.get(part) for part in ("name", "phone", "street"))


def check_units(there: Mapping[int, int], wanted: Mapping[int, int]) -> None:
    """What goes into the new parcel: something, no more than is there, and not everything.  Raises RuleViolation."""
    if not wanted or all(units == 0 for units in wanted.values()):
        raise RuleViolation("Say which units go into a parcel of their own.", code="value_required", missing="units")
    for line_id, units in wanted.items():
        if units < 0 or units > there.get(line_id, 0):
            raise RuleViolation("More units than are in the parcel.", code="more_than_there", units=units)
    if all(wanted.get(line_id, 0) == units for line_id, units in there.items()):
        raise RuleViolation("Some units have to stay.", code="nothing_stays")


def check_merged(parcel_ids: Sequence[int]) -> None:
    """Raises RuleViolation."""
    if len(parcel_ids) < 2:
        raise RuleViolation("Choose at least one other parcel.", code="value_required", missing="parcels")
    if len(parcel_ids) > MOST_MERGED:
        raise RuleViolation("At most %(most)d rows at once.", code="too_many_rows", most=MOST_MERGED)
