"""Notices with what words them: order, kind and wishes of the change, memo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change, Wish
from shopdesk.changes.states import Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import in_store
from shopdesk.desk.queries.change_view import WishView, wish_view
from shopdesk.notices.models import Notice
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field
from shopdesk.staff import queries as staff

#: Values that name or address a person: the warehouse's inbox shows none.
PERSONAL = frozenset({Field.ADDRESS, Field.INVOICE, Field.GREETING_CARD})


def shows_clear(notice: Notice, actor: Actor) -> bool:
    """Whether old → new stands in clear (the phone masked): in what is asked of printing, for who may read it (§1)."""
    return notice.role is Role.PRINTING and actor.may(Permission.PERSONAL_READ, notice.store_id)


def hides_personal(notice: Notice, actor: Actor) -> bool:
    """Whether a value that names a person is left out: in the warehouse's inbox, and without `personal:read`."""
    return notice.role is Role.WAREHOUSE or not actor.may(Permission.PERSONAL_READ, notice.store_id)


@dataclass(frozen=True, slots=True)
class NoticeView:
    notice: Notice
    store: str  # its short name
    order_number: str
    change_kind: Kind | None
    wishes: tuple[WishView, ...]
    memo: str | None  # references shown masked
    currency: str


def notice_views(notices: Sequence[Notice], actor: Actor) -> list[NoticeView]:
    """In the given order; a handful of statements for each store."""
    by_store: dict[int, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_store[notice.store_id].append(notice)
    views: dict[int, NoticeView] = {}
    for store_id, mine in by_store.items():
        views |= _of_store(store_id, mine, actor)
    return [views[notice.id] for notice in notices]


def _of_store(store_id: int, notices: list[Notice], actor: Actor) -> dict[int, NoticeView]:
    store = staff.store_by_id(store_id)
    ids = sorted({n.order_id for n in notices})
    found = db.session.scalars(in_store(select(Order).where(Order.id.in_(ids)), store_id, Order))
    numbers = {order.id: order for order in found}
    change_ids = sorted({n.change_id for n in notices if n.change_id})
    kinds = kinds_of(change_ids, store_id)
    wishes: dict[int, list[Wish]] = defaultdict(list)
    for change_id, wish in changes.wishes_of(change_ids, store_id):
        wishes[change_id].append(wish)
    memos = {oid: _memos(numbers[oid]) for oid in {n.order_id for n in notices if n.memo_id}}
    return {
        n.id: NoticeView(
            n, store.slug, numbers[n.order_id].number, kinds.get(n.change_id or 0),
            _shown(n, wishes[n.change_id or 0], actor),
            memos[n.order_id].get(n.memo_id) if n.memo_id and n.role is not Role.WAREHOUSE else None,
            store.currency,
        )
        for n in notices
    }  # fmt: skip


def _shown(notice: Notice, wishes: list[Wish], actor: Actor) -> tuple[WishView, ...]:
    """The wishes as the inbox's page shows them to this person."""
    is_clear, hides = shows_clear(notice, actor), hides_personal(notice, actor)
    return tuple(wish_view(wish, is_clear=is_clear) for wish in wishes if not (hides and _is_personal(wish)))


def _is_personal(wish: Wish) -> bool:
    return wish.kind is Kind.CANCEL or Field(wish.kind) in PERSONAL


def kinds_of(change_ids: list[int], store_id: int) -> dict[int, Kind]:
    statement = in_store(select(Change).where(Change.id.in_(change_ids)), store_id, Change)
    return {change.id: change.kind for change in db.session.scalars(statement)}


def wishes_by_change(change_ids: list[int], store_id: int, actor: Actor) -> dict[int, list[WishView]]:
    """Change → its wishes, worded as this person may see them."""
    is_clear = actor.may(Permission.PERSONAL_READ, store_id)
    found: dict[int, list[WishView]] = defaultdict(list)
    for change_id, wish in changes.wishes_of(change_ids, store_id):
        found[change_id].append(wish_view(wish, is_clear=is_clear))
    return found


def _memos(order: Order) -> dict[int, str]:
    rows = orders.memos(order.id, order.store_id)
    return {memo.id: text for memo, text in zip(rows, orders.memo_lines(order), strict=True)}
