"""Refunds of the demo: one to agree to on the platform, one that finance pays, one above the limit of its store."""

from __future__ import annotations

from shopdesk.cases.states import PaidTo
from shopdesk.core.permissions import Role
from shopdesk.demo.service.case_stories import left_orders
from shopdesk.demo.service.desk import Desk
from shopdesk.demo.service.plan import TEL, YUHE
from shopdesk.refunds import service
from shopdesk.refunds.service import RefundSettings, Wish
from shopdesk.refunds.states import RefundKind
from shopdesk.staff.models import REFUND_PLACES

LIMIT_MINOR = 5_000
K = RefundKind
#: (store, which of the orders that have left, what is asked for)
ASKED = (
    (YUHE, 0, Wish(K.GOODWILL, 500, PaidTo.PLATFORM, reason="晚到三天，客户同意小额补偿")),
    (TEL, 0, Wish(K.PRICE_ADJUSTMENT, 1_000, PaidTo.BANK, "6222 0210 0000 0000 123", "七天内降价，补差价")),
    (TEL, 1, Wish(K.GOODWILL, 6_000, PaidTo.TRANSFER, "王女士", "破损商品补偿，客户不退货")),
)


def tell_refunds(desk: Desk) -> None:
    """The second store has a limit, which the desk itself has not (M098)."""
    boss, agent = desk.person(Role.SUPERVISOR), desk.person(Role.AFTER_SALE)
    store = desk.stores[TEL]
    places = {PaidTo(where): place for where, place in store.settings[REFUND_PLACES].items()}
    settings = RefundSettings(limit_minor=LIMIT_MINOR, limit_days=7, places=places)
    service.set_refund_settings(store.id, settings, known=frozenset(places.values()), actor=boss)
    for slug, place, wish in ASKED:
        there = left_orders(desk, slug)
        if place < len(there):
            service.request(there[place], wish, actor=agent)
