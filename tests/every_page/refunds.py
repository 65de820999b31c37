"""Refunds in every state that a page of them shows."""

from __future__ import annotations

from typing import Any

from shopdesk.cases.states import PaidTo
from shopdesk.core.permissions import Role
from shopdesk.orders.models import Order
from shopdesk.refunds import queries, service
from shopdesk.refunds.service import Wish
from shopdesk.refunds.states import Answer, Outcome, PayoutState, RefundKind
from shopdesk.staff.models import REFUND_LIMIT
from tests import make
from tests.refunds.scenes import hear

WORDS = "请尽快发"  # what people wrote


def in_every_state(order: Order, data: list[str]) -> list[int]:
    """Ids; what belongs to the shop in them is added to `data`."""
    store = make.store()
    asker, boss = (make.actor(role, store_id=store.id, signature="小满") for role in (Role.AFTER_SALE, Role.SUPERVISOR))
    pays = make.actor(Role.FINANCE, store_id=store.id, signature="小满")

    def ask(where: PaidTo = PaidTo.ORIGINAL, account: str | None = None) -> Any:
        return service.request(order.id, Wish(RefundKind.GOODWILL, 10, where, account, WORDS), actor=asker)

    ask(PaidTo.PLATFORM)
    ask(PaidTo.BANK, "6222 0000 0000 1234")
    paid, failed, back = ask(PaidTo.PLATFORM), ask(), ask(PaidTo.PLATFORM)
    for refund in (paid, back):
        service.note_agreed(refund.id, actor=asker)
    service.answer_invoice(paid.id, is_sent=True, actor=asker)
    (payout,) = queries.payouts_of([failed.id], store.id)
    service.give_up(payout.id, actor=pays)
    hear(back, Answer(Outcome.FAILED, "RETURNED"))
    make._set(store, {"settings": {**store.settings, REFUND_LIMIT: 0}})
    ask()
    for end in (service.reject, service.withdraw):
        end(ask().id, WORDS, actor=boss)
    make._set(store, {"settings": {k: v for k, v in store.settings.items() if k != REFUND_LIMIT}})
    there = queries.refunds_of_order(order.id, store.id)
    payouts = queries.payouts_of([refund.id for refund in there], store.id)
    assert PayoutState.REVERSED in {one.state for one in payouts}
    data += [one.number for one in payouts]
    data += [str(refund.account) for refund in there if refund.account]
    data += ["RETURNED"]
    return [refund.id for refund in there]
