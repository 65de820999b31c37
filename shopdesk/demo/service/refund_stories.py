"""Refunds of the demo: on each of finance's trays, one above the limit of its store, one that the platform overpaid."""

from __future__ import annotations

from shopdesk.cases.states import PaidTo
from shopdesk.core.permissions import Actor, Role
from shopdesk.demo.service.coming_back import left_orders
from shopdesk.demo.service.desk import Desk
from shopdesk.demo.service.plan import TEL, YUHE
from shopdesk.orders import queries as orders
from shopdesk.reconciling import service as reconciling
from shopdesk.reconciling.service import Refunded
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import RefundSettings, Wish
from shopdesk.refunds.states import Answer, Outcome, PlaceRules, RefundKind
from shopdesk.staff.models import REFUND_PLACES

LIMIT_MINOR = 5_000
K = RefundKind
#: (store, which of the orders that have left, what is asked for)
ASKED = (
    (YUHE, 0, Wish(K.GOODWILL, 500, PaidTo.PLATFORM, reason="晚到三天，客户同意小额补偿")),
    (TEL, 0, Wish(K.PRICE_ADJUSTMENT, 1_000, PaidTo.BANK, "6222 0210 0000 0000 123", "七天内降价，补差价")),
    (TEL, 1, Wish(K.GOODWILL, 6_000, PaidTo.TRANSFER, "王女士", "破损商品补偿，客户不退货")),
    (YUHE, 1, Wish(K.GOODWILL, 800, PaidTo.BANK, "6222 0210 0000 0000 456", "平台退款窗口已过，客户要求打到银行卡")),
)
PAID = (TEL, 2, Wish(K.GOODWILL, 300, PaidTo.BANK, "6222 0210 0000 0000 789", "少发赠品，折现", invoice_sent=True))
NOT_PAID = (TEL, 3, Wish(K.GOODWILL, 400, PaidTo.BANK, "6222 0210 0000 0000 012", "运费险之外的运费"))
UNSURE = (TEL, 4, Wish(K.GOODWILL, 600, PaidTo.ALIPAY, "138****6621", "晚发赠品，客户同意折现"))
REFERENCE = "ICBC-20261120-0007"
OVERPAID = (YUHE, 2, 1_000)  # so much more than was paid


def tell_refunds(desk: Desk) -> None:
    """The second store has a limit, which the desk itself has not (M098)."""
    boss = desk.person(Role.SUPERVISOR)
    store = desk.stores[TEL]
    places = {PaidTo(where): place for where, place in store.settings[REFUND_PLACES].items()}
    settings = RefundSettings(limit_minor=LIMIT_MINOR, limit_days=7, places=places)
    service.set_refund_settings(store.id, settings, known=frozenset(places.values()), actor=boss)
    for slug, place, wish in ASKED:
        _ask(desk, slug, place, wish)
    finance = desk.person(Role.FINANCE)
    for payout_id in _ask(desk, *PAID):
        service.confirm(payout_id, REFERENCE, actor=finance)
    for payout_id in _ask(desk, *NOT_PAID):
        service.give_up(payout_id, actor=finance)
    _answer_otherwise(desk)
    _overpay(desk)


def _answer_otherwise(desk: Desk) -> None:
    """The place was sent a payout and answered with another amount: only a person can tell what became of it."""
    rules = PlaceRules()
    said = Answer(Outcome.UNKNOWN, "desk.other_amount", look=True)
    store = desk.stores[UNSURE[0]]
    machine = Actor.system([store.id])
    for payout_id in _ask(desk, *UNSURE):
        task = service.begin(payout_id, store.id, {"fake": rules}, actor=machine)
        if task is not None:
            service.settle(task, said, rules, actor=machine)


def _ask(desk: Desk, slug: str, place: int, wish: Wish) -> list[int]:
    """A refund of one of the orders that have left; its payouts, none where it waits for approval."""
    refund = service.request(left_orders(desk, slug)[place], wish, actor=desk.person(Role.AFTER_SALE))
    return [payout.id for payout in queries.payouts_of([refund.id], refund.store_id)]


def _overpay(desk: Desk) -> None:
    """The platform paid more back than it took, without the desk."""
    slug, place, more_minor = OVERPAID
    store = desk.stores[slug]
    order = orders.order_by_id(left_orders(desk, slug)[place], store.id)
    told = Refunded(f"29{order.number[-16:]}", (order.paid_minor or 0) + more_minor, is_paid=True)
    as_of = desk.told_at(slug)
    reconciling.report_refund(store.id, order.number, told, as_of=as_of, actor=desk.person(Role.INTEGRATION))
