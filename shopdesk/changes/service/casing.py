"""A change that came too late goes on as a case, in the same transaction (domain.md §3)."""

from __future__ import annotations

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseSource
from shopdesk.changes import queries
from shopdesk.changes.models import Change, Wish
from shopdesk.changes.playbook import case_of
from shopdesk.changes.queries import parts
from shopdesk.changes.states import ON_LINE, Kind
from shopdesk.core.money import format_minor
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import Personal, unpack
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field
from shopdesk.parcels.models import Parcel
from shopdesk.staff import queries as staff

CANCEL = {"zh": "取消订单", "en": "Cancel the order"}  # in the language of the store's memos


def open_too_late(change: Change, order: Order, parcel: Parcel, actor: Actor) -> Case:
    """The case of a change whose parcel has left, with its wishes as the text; one per change."""
    kind, goal = case_of(change.kind, parcel.stage)
    wishes = [wish for _, wish in queries.wishes_of([change.id], change.store_id)]
    language = staff.store_by_id(change.store_id).memo_language
    text = "\n".join(_said(wish, language) for wish in wishes)
    application = Application(kind, text, goal, parcel.id)
    return cases.open_case(order, application, source=CaseSource.TOO_LATE, actor=actor, change_id=change.id)


def _lines(wish: Wish) -> list[str]:
    found = [(orders.line_of(wish.order_id, i, wish.store_id), n) for i, n in parts.lines_wished(wish).items()]
    return [f"{line.title or line.sku} × {units}" for line, units in found]


def _worded(field: Field, value: Personal, wish: Wish, language: str) -> str:
    minor = orders.minor_in(field, value)
    if minor is None:
        return orders.worded(field, value, is_clear=True)
    return format_minor(minor, staff.store_by_id(wish.store_id).currency, language)


def _said(wish: Wish, language: str) -> str:
    """Old → new in clear: the case keeps it as a personal value."""
    if wish.kind is Kind.CANCEL:
        why = unpack(wish.new, "to carry it into the case").get("text")
        return " · ".join(part for part in (CANCEL[language], *_lines(wish), why) if part)
    field = Field(wish.kind)
    old, new = (_worded(field, value, wish, language) for value in (wish.old, wish.new))
    said = f"{old} → {new}" if old else new
    if wish.kind not in ON_LINE or wish.line_id is None:
        return said
    line = orders.line_of(wish.order_id, wish.line_id, wish.store_id)
    return " · ".join(part for part in (line.title or line.sku, said) if part)
