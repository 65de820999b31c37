"""Notices with what words them: order, kind and wishes of the change, memo."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from shopdesk.changes import queries as changes
from shopdesk.changes.models import Change
from shopdesk.changes.states import Kind
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.desk.queries.change_view import WishView, wish_view
from shopdesk.notices.models import Notice
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.staff import queries as staff


@dataclass(frozen=True, slots=True)
class NoticeView:
    notice: Notice
    store: str  # its short name
    order_number: str
    change_kind: Kind | None
    wishes: tuple[WishView, ...]
    memo: str | None  # references shown masked


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
    slug = staff.store_by_id(store_id).slug
    ids = sorted({n.order_id for n in notices})
    found = db.session.scalars(in_store(select(Order).where(Order.id.in_(ids)), store_id, Order))
    numbers = {order.id: order for order in found}
    change_ids = sorted({n.change_id for n in notices if n.change_id})
    kinds = kinds_of(change_ids, store_id)
    wishes = wishes_by_change(change_ids, store_id, actor)
    memos = {oid: _memos(numbers[oid]) for oid in {n.order_id for n in notices if n.memo_id}}
    return {
        n.id: NoticeView(
            n, slug, numbers[n.order_id].number, kinds.get(n.change_id or 0), tuple(wishes.get(n.change_id or 0, ())),
            memos[n.order_id].get(n.memo_id) if n.memo_id else None,
        )
        for n in notices
    }  # fmt: skip


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
