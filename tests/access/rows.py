"""What a row of the table says, and how one is added."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shopdesk.core.permissions import Permission
from tests.access.world import World

Sent = Mapping[str, Any] | Callable[[World], Mapping[str, Any]] | None


@dataclass(frozen=True, slots=True)
class Row:
    endpoint: str
    method: str
    permission: Permission | None  # None: nobody (public) or anybody signed in (own)
    scope: str  # public, own or store
    body: Sent = None  # JSON
    form: Sent = None
    is_personal: bool = False  # a role that may do it may still be refused: somebody else's step or wish
    ids_in_body: bool = False  # what belongs to a store is named in the body, not in the address

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


NOW = "2026-01-05T10:00:00+08:00"
TABLE: dict[tuple[str, str], Row] = {}


def row(endpoint: str, method: str, permission: Permission, **sent: Any) -> None:
    """Needs the permission; its rows are found through the store scope."""
    _add(Row(endpoint, method, permission, "store", **sent))


def own(endpoint: str, method: str, permission: Permission | None = None, **sent: Any) -> None:
    """Anybody signed in (or who holds the permission), for their own things."""
    _add(Row(endpoint, method, permission, "own", **sent))


def public(endpoint: str, method: str, **sent: Any) -> None:
    """Nobody needs to be signed in."""
    _add(Row(endpoint, method, None, "public", **sent))


def _add(new: Row) -> None:
    key = (new.endpoint, new.method)
    assert key not in TABLE, f"{new} has two rows"
    TABLE[key] = new
