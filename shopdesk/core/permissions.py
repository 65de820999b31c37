"""Who may do what: the permissions, the roles, the grants table, the actor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from shopdesk.core.errors import NotAllowed


class Permission(StrEnum):
    """Named <thing>:<verb>; alphabetical.  Grep for `Permission.MEMO_WRITE` finds every use."""

    ARRIVAL_INSPECT = "arrival:inspect"
    ARRIVAL_MATCH = "arrival:match"
    ARRIVAL_READ = "arrival:read"
    ARRIVAL_SIGN = "arrival:sign"
    CASE_ACCEPT = "case:accept"
    CASE_ASSIGN = "case:assign"
    CASE_CLOSE = "case:close"
    CASE_COUNT = "case:count"
    CASE_END_OPEN = "case:end_open"
    CASE_EXPORT = "case:export"
    CASE_NOTE = "case:note"
    CASE_OPEN = "case:open"
    CASE_READ = "case:read"
    CASE_REMIND = "case:remind"
    CASE_RESOLVE = "case:resolve"
    CASE_SETTLE = "case:settle"
    CASE_WORK = "case:work"
    CHANGE_ASK = "change:ask"
    CHANGE_ASSIGN = "change:assign"
    CHANGE_END = "change:end"
    CHANGE_NUDGE = "change:nudge"
    CHANGE_WATCH = "change:watch"
    CHANGE_WITHDRAW = "change:withdraw"
    CLAIM_KEEP = "claim:keep"
    DISPATCH_CHECK = "dispatch:check"
    EVENT_READ = "event:read"
    FACTS_WRITE = "facts:write"
    FEED_READ = "feed:read"
    IMPORT_WRITE = "import:write"
    INVOICE_DO = "invoice:do"
    MEMO_WRITE = "memo:write"
    MONEY_READ = "money:read"
    NOTICE_ANSWER = "notice:answer"
    NOTICE_READ = "notice:read"
    ORDER_READ = "order:read"
    ORDER_READY = "order:ready"
    PARCEL_PACK = "parcel:pack"
    PARCEL_PRINT = "parcel:print"
    PARCEL_REGROUP = "parcel:regroup"
    PARCEL_SHIP = "parcel:ship"
    PARCEL_VOID = "parcel:void"
    PAYMENT_NOTE = "payment:note"
    PAYOUT_CONFIRM = "payout:confirm"
    PAYOUT_VERIFY = "payout:verify"
    PERSONAL_READ = "personal:read"
    PERSONAL_REVEAL = "personal:reveal"
    POLICY_WRITE = "policy:write"
    PRINT_CHECK = "print:check"
    REFUND_APPROVE = "refund:approve"
    REFUND_ASK = "refund:ask"
    REFUND_READ = "refund:read"
    REPLACEMENT_MAKE = "replacement:make"
    RETURN_CONFIRM = "return:confirm"
    RETURN_EXCEPT = "return:except"
    STAND_IN_GIVE = "stand_in:give"
    VIEW_SHARE = "view:share"
    STATEMENT_KEEP = "statement:keep"
    STEP_DO = "step:do"
    STOP_ANSWER = "stop:answer"
    STOP_WRITE = "stop:write"
    SUPPLIER_ASK = "supplier:ask"


class Role(StrEnum):
    """The roles of a membership (domain.md §1); `integration`: the shop's own systems; `system`: the desk itself."""

    PRE_SALE = "pre_sale"
    AFTER_SALE = "after_sale"
    PRINTING = "printing"
    WAREHOUSE = "warehouse"
    FINANCE = "finance"
    SUPERVISOR = "supervisor"
    MANAGER = "manager"
    INTEGRATION = "integration"
    SYSTEM = "system"


P = Permission
_LOOK = {P.ORDER_READ, P.FEED_READ, P.NOTICE_READ}
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.PRE_SALE: frozenset(
        _LOOK
        | {P.CHANGE_ASK, P.CHANGE_WITHDRAW, P.STEP_DO, P.MEMO_WRITE, P.MONEY_READ, P.PERSONAL_READ, P.PERSONAL_REVEAL}
        | {P.IMPORT_WRITE, P.NOTICE_ANSWER, P.STOP_ANSWER}
        | {P.CHANGE_ASSIGN, P.CHANGE_NUDGE, P.CHANGE_WATCH}
        | {P.ORDER_READY, P.PAYMENT_NOTE, P.PARCEL_REGROUP, P.SUPPLIER_ASK}
        | {P.CASE_READ, P.CASE_OPEN, P.CASE_CLOSE, P.CASE_NOTE}  # closing: only what moves no money (cases.rules)
    ),
    Role.AFTER_SALE: frozenset(
        _LOOK
        | {P.STEP_DO, P.MEMO_WRITE, P.MONEY_READ, P.PERSONAL_READ, P.PERSONAL_REVEAL, P.IMPORT_WRITE, P.NOTICE_ANSWER}
        | {P.CASE_READ, P.CASE_OPEN, P.CASE_ACCEPT, P.CASE_CLOSE, P.CASE_NOTE, P.CASE_WORK}
        | {P.CHANGE_ASSIGN, P.CHANGE_NUDGE, P.STOP_ANSWER, P.ORDER_READY, P.SUPPLIER_ASK}
        | {P.RETURN_CONFIRM, P.CLAIM_KEEP}  # of one's own cases (returns.rules)
        | {P.ARRIVAL_READ, P.ARRIVAL_MATCH}  # inspecting is the warehouse's
        | {P.CASE_RESOLVE, P.CASE_SETTLE, P.REPLACEMENT_MAKE}  # refund and exchange directly (M098)
        | {P.REFUND_ASK, P.REFUND_READ}
        | {P.CASE_ASSIGN, P.CASE_EXPORT}  # assigning: to oneself what nobody has (cases.service.assigning)
        | {P.STOP_ANSWER, P.CHANGE_ASSIGN, P.CHANGE_NUDGE}
        | {P.STOP_ANSWER, P.ORDER_READY, P.SUPPLIER_ASK}
    ),
    Role.PRINTING: frozenset(
        _LOOK
        | {P.STEP_DO, P.NOTICE_ANSWER, P.PRINT_CHECK, P.PARCEL_PRINT, P.PARCEL_VOID, P.IMPORT_WRITE}
        | {P.PERSONAL_READ, P.PERSONAL_REVEAL, P.STOP_WRITE}
        | {P.ORDER_READY, P.PARCEL_REGROUP}  # readiness: which of them is decided by orders.rules.deciding
    ),
    Role.WAREHOUSE: frozenset(
        _LOOK
        | {P.STEP_DO, P.NOTICE_ANSWER, P.PARCEL_PACK, P.PARCEL_SHIP, P.DISPATCH_CHECK}
        | {P.ORDER_READY}  # out of stock, halted
        | {P.ARRIVAL_READ, P.ARRIVAL_SIGN, P.ARRIVAL_INSPECT, P.ARRIVAL_MATCH}
    ),
    Role.FINANCE: frozenset(
        _LOOK
        | {P.MONEY_READ, P.STEP_DO, P.NOTICE_ANSWER, P.PAYMENT_NOTE}
        | {P.CASE_READ, P.CASE_ACCEPT, P.CASE_CLOSE, P.CASE_NOTE, P.CASE_WORK}  # of invoices (cases.queries)
        | {P.CASE_ASSIGN, P.INVOICE_DO}
        | {P.PAYOUT_CONFIRM, P.REFUND_READ}  # it pays and confirms, it decides no refund
        | {P.STATEMENT_KEEP}
    ),
    Role.SUPERVISOR: frozenset(Permission),
    Role.MANAGER: frozenset(_LOOK | {P.MONEY_READ, P.EVENT_READ, P.CHANGE_WATCH, P.CASE_COUNT, P.REFUND_READ}),
    Role.INTEGRATION: frozenset({P.ORDER_READ, P.FEED_READ, P.IMPORT_WRITE, P.FACTS_WRITE, P.MONEY_READ}),
    Role.SYSTEM: frozenset(Permission),
}
#: Roles that a person can be given; `system` is the desk itself.
ASSIGNABLE = tuple(role for role in Role if role is not Role.SYSTEM)
#: Roles that a person can stand in for: those of people.
STANDING = tuple(role for role in ASSIGNABLE if role is not Role.INTEGRATION)


@lru_cache(maxsize=1024)
def _granted(roles: frozenset[Role], limit: frozenset[Permission] | None) -> frozenset[Permission]:
    granted: frozenset[Permission] = frozenset().union(*(GRANTS[r] for r in roles))
    return granted if limit is None else granted & limit


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: read afresh on every request, so that rights end when they are taken away."""

    id: int | None
    name: str
    signature: str  # the name on memos (花名)
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)  # by store id
    limit: frozenset[Permission] | None = None  # scopes of the token; None = all that the roles give
    channel: str = "page"  # page, api, cli, file, system
    everywhere: frozenset[Role] = frozenset()  # held in all stores; read only while there is no store at all
    standing: Mapping[int, Mapping[Role, datetime]] = field(default_factory=dict)  # store → stood in for, until when

    @staticmethod
    def system(store_ids: Iterable[int]) -> Actor:
        """The desk itself, within the given stores."""
        return Actor(None, "system", "system", {i: frozenset({Role.SYSTEM}) for i in store_ids}, channel="system")

    def permissions(self, store_id: int) -> frozenset[Permission]:
        return _granted(self.roles.get(store_id, frozenset()), self.limit)

    def may(self, permission: Permission, store_id: int) -> bool:
        return permission in self.permissions(store_id)

    def stores_with(self, permission: Permission) -> tuple[int, ...]:
        return tuple(sorted([i for i, held in self.roles.items() if permission in _granted(held, self.limit)]))

    def has_anywhere(self, permission: Permission) -> bool:
        """Whether some store grants it; on a desk without a store, whether a role in all stores would."""
        return any(self.may(permission, i) for i in self.roles) or permission in _granted(self.everywhere, self.limit)

    def acts_as(self, role: Role, store_id: int) -> bool:
        """Whether the actor may do what is `role`'s to do; a supervisor acts for any role, under their own name."""
        return bool(self.roles.get(store_id, frozenset()) & {role, Role.SUPERVISOR, Role.SYSTEM})

    def role_for(self, permission: Permission, store_id: int) -> Role | None:
        """The role that the act is recorded under: the first that grants the permission, one's own before others'."""
        granting = [r for r in Role if r in self.roles.get(store_id, ()) and permission in GRANTS[r]]
        return min(granting, key=lambda role: self.stands_in(role, store_id), default=None)

    def stands_in(self, role: Role, store_id: int) -> bool:
        """Whether the role is held there only as a stand-in."""
        return role in self.standing.get(store_id, ())


_let_in: ContextVar[tuple[Actor, int, Role | None] | None] = ContextVar("let_in", default=None)


def require(actor: Actor, permission: Permission, store_id: int) -> None:
    """Raise NotAllowed unless the actor holds the permission in that store."""
    if not actor.may(permission, store_id):
        raise NotAllowed("Your roles do not allow this.", permission=str(permission))
    _let_in.set((actor, store_id, actor.role_for(permission, store_id)))


def require_role(actor: Actor, role: Role, store_id: int) -> None:
    """Raise NotAllowed unless the actor has the role there, or stands above it."""
    if not actor.acts_as(role, store_id):
        raise NotAllowed("This is for %(role)s to do.", code="other_role", role=str(role))
    held = actor.roles[store_id]
    _let_in.set((actor, store_id, next(r for r in (role, Role.SUPERVISOR, Role.SYSTEM) if r in held)))


def acting_role(actor: Actor, store_id: int) -> Role | None:
    """The role that the last check let the actor in by, which the trail names; without a check the first one held."""
    let_in = _let_in.get()
    if let_in and let_in[0] is actor and let_in[1] == store_id:
        return let_in[2]
    return next((role for role in Role if role in actor.roles.get(store_id, ())), None)
