"""The reviewed table: one row per endpoint and method.  A route without a row fails, and so does a row without a route.

A new route is one line:  row("desk.order", "GET", P.ORDER_READ)
An unsafe one with an id in its address also needs a body that is well formed, so that the id is what decides:
    row("api.withdraw_change", "POST", P.CHANGE_WITHDRAW, body={"reason": "changed her mind"})
    row("desk.write_memo", "POST", P.MEMO_WRITE, form={"text": "hello", "flag": "red"})
Bodies and forms may be functions of the world (tests/access/world.py): body=lambda w: {"order_id": str(w.order.id)}.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from shopdesk.core.permissions import Permission
from tests.access.world import World

P = Permission
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


# -- web: signing in, the language, what a load balancer asks ---------------------------------------------------------
public("web.sign_in", "GET")
public("web.sign_in", "POST", form={"login": "nobody", "password": "nothing at all"})
public("web.welcome", "GET")
public("web.welcome", "POST", form={"password": "a long new password", "again": "a long new password"})
public("web.language", "POST", form={"language": "en"})
own("web.sign_out", "POST")
public("web.healthz", "GET")
public("web.readyz", "GET")
public("api_docs", "GET")
public("api-docs.openapi_json", "GET")

# -- desk -------------------------------------------------------------------------------------------------------------
row("desk.look_up", "GET", P.ORDER_READ)
row("desk.inbox", "GET", P.NOTICE_READ)
row("desk.answer_notice", "POST", P.NOTICE_ANSWER, form={"answer": "not_printed"}, is_personal=True)
row("desk.answer_many", "POST", P.NOTICE_ANSWER, form=lambda w: {"notice": str(w.notice.id)})
row("desk.void", "POST", P.PARCEL_VOID)
row("desk.feeds", "GET", P.FEED_READ)

# -- changes: the pre-print check -------------------------------------------------------------------------------------
row("changes.print_check", "GET", P.PRINT_CHECK)
row("changes.make_check", "POST", P.PRINT_CHECK, form=lambda w: {"numbers": w.order.number})
own("changes.check", "GET", P.PRINT_CHECK)
own("changes.mark_printed", "POST", P.PRINT_CHECK, form={"batch": "W1"})
own("changes.check_again", "POST", P.PRINT_CHECK)

# -- imports ----------------------------------------------------------------------------------------------------------
row("imports.upload_page", "GET", P.IMPORT_WRITE)
row("imports.upload", "POST", P.IMPORT_WRITE)
row("imports.runs", "GET", P.IMPORT_WRITE)
row("imports.run", "GET", P.IMPORT_WRITE)
