"""What a reader of the queue wants to see, on plain values; a saved view is the same in an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from shopdesk.cases.states import CaseKind, CasePhase, Reason, WaitingFor
from shopdesk.desk.rules import number_of

MOST_IDS = 50  # of one filter


class View(StrEnum):
    """Whose and which cases; all but the last are open ones."""

    ALL = "all"
    MINE = "mine"
    UNASSIGNED = "unassigned"
    LEFT = "left"  # with an owner who is shut out
    DUE_TODAY = "due_today"
    OVERDUE = "overdue"
    FOR_CUSTOMER = "customer"
    FOR_WAREHOUSE = "warehouse"
    FOR_FINANCE = "finance"
    FOR_PLATFORM = "platform"
    FOR_COURIER = "courier"
    ENDED = "closed"


#: The views that are a party the case waits for.
WAITS = {View(str(party)): party for party in WaitingFor}


class Sort(StrEnum):
    DUE = "due"  # oldest due first, then those without a due time by age
    AGE = "age"


@dataclass(frozen=True, slots=True)
class Filter:
    """Every list is "any of these"; an empty one asks nothing."""

    view: View = View.ALL
    kinds: tuple[CaseKind, ...] = ()
    phases: tuple[CasePhase, ...] = ()
    reasons: tuple[Reason, ...] = ()
    waiting: tuple[WaitingFor, ...] = ()
    shops: tuple[int, ...] = ()
    owners: tuple[int, ...] = ()
    due_from: date | None = None  # days in the reader's zone, both included
    due_to: date | None = None
    sort: Sort = Sort.DUE

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tabs is chosen."""
        lists = (self.phases, self.reasons, self.waiting, self.shops, self.owners)
        return any(lists) or len(self.kinds) > 1 or bool(self.due_from or self.due_to)


#: Name in the address → (attribute, the codes it knows); None: ids.
LISTS: dict[str, tuple[str, type[StrEnum] | None]] = {
    "kind": ("kinds", CaseKind),
    "phase": ("phases", CasePhase),
    "reason": ("reasons", Reason),
    "waiting": ("waiting", WaitingFor),
    "shop": ("shops", None),
    "owner": ("owners", None),
}
DAYS = ("due_from", "due_to")
NAMES = ("whose", *LISTS, *DAYS, "sort", "column")


def read(given: Mapping[str, list[str]]) -> Filter:
    """The filter that an address asks for; what nobody knows is left out."""
    values: dict[str, Any] = {name: _codes(given.get(key, []), kind) for key, (name, kind) in LISTS.items()}
    for key in DAYS:
        values[key] = _day(_first(given, key))
    view, sort = _first(given, "whose"), _first(given, "sort")
    values["view"] = View(view) if view in set(View) else View.ALL
    values["sort"] = Sort(sort) if sort in set(Sort) else Sort.DUE
    return Filter(**values)


def _first(given: Mapping[str, list[str]], key: str) -> str:
    found = given.get(key) or [""]
    return found[0]


def _codes(texts: list[str], kind: type[StrEnum] | None) -> tuple[Any, ...]:
    if kind is None:
        found: list[Any] = [number for text in texts if (number := number_of(text)) is not None]
    else:
        known = set(kind)
        found = [kind(text) for text in texts if text in known]
    return tuple(sorted(set(found)))[:MOST_IDS]


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
