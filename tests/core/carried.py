"""After-sale's part of a day: everything that is typed while cases are carried holds the same words."""

from __future__ import annotations

from shopdesk.cases import service as cases
from shopdesk.cases.service import Application, Claimed, Ended, Paid
from shopdesk.cases.states import (
    AmountPart,
    CaseKind,
    ClaimState,
    CourierOutcome,
    Fault,
    PaidTo,
    PhaseMove,
    Question,
    Reason,
    Resolution,
)
from shopdesk.core.permissions import Actor, Role
from shopdesk.desk.service import closing_case
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.parcels.states import Stage
from shopdesk.replacements import service as replacements
from shopdesk.replacements.service import LineWanted, Wanted
from shopdesk.replacements.states import ReplacementKind
from shopdesk.returns import service as returns
from shopdesk.returns.states import FreightPayer
from shopdesk.staff.models import Store
from tests import make


def carry(shop: Store, words: str, name: str, phone: str) -> None:
    """A box that nobody expected, a return, an exchange with money, a lost parcel, a talk: each with these words."""
    boss, agent = make.actor(Role.SUPERVISOR), make.actor(Role.AFTER_SALE)
    returns.set_policy(
        shop.id, days=7, condition="unused", freight=FreightPayer.CUSTOMER, receiver=f"{name} {phone}", actor=boss
    )
    box = returns.sign_in("ZZ4711", shop.warehouse_id, actor=make.actor(Role.WAREHOUSE)).arrival
    returns.describe(box.id, sender=name, phone=phone, actor=make.actor(Role.WAREHOUSE))
    _talked_about(_sent(shop), words, boss, agent)
    _sent_back(_sent(shop), words, boss)
    _resolved(_sent(shop), words, name, boss)
    _lost(_sent(shop), words, boss)


def _sent(shop: Store) -> Order:
    order = make.order(shop, lines=(make.line(quantity=3, price_minor=1000),))
    make.fact(order, Stage.SHIPPED)
    return order


def _line(order: Order) -> int:
    return orders.lines(order.id, order.store_id)[0].id


def _talked_about(order: Order, words: str, boss: Actor, agent: Actor) -> None:
    told = Application(CaseKind.DAMAGE, "看一下", reason=Reason.DAMAGED, answers={Question.BOX_STATE: words})
    case = cases.record(order.id, told, actor=boss)
    cases.accept(case.id, actor=agent)
    cases.note(case.id, words, actor=agent)
    reminder = cases.remind(case.id, words, actor=boss)
    cases.answer_reminder(reminder.id, words, actor=agent)
    cases.offer(case.id, make.person(Role.AFTER_SALE).id, words, actor=agent)


def _sent_back(order: Order, words: str, boss: Actor) -> None:
    case = cases.record(order.id, Application(CaseKind.RETURN, "想退"), actor=boss)
    units = {_line(order): 1}
    for back in [returns.confirm(case.id, units, exception=words, actor=boss) for _ in range(2)]:
        returns.give_up(back.id, words, actor=boss)
    returns.cancel(returns.confirm(case.id, units, exception=words, actor=boss).id, words, actor=boss)


def _resolved(order: Order, words: str, account: str, boss: Actor) -> None:
    case = cases.record(order.id, Application(CaseKind.EXCHANGE, "想换"), actor=boss)
    cases.move(case, PhaseMove.DECIDE, actor=boss)
    cases.add_resolution(case.id, Resolution.EXCHANGE, is_sound=True, exception=words, actor=boss)
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=boss)
    out = replacements.make(case.id, Wanted(ReplacementKind.EXCHANGE, [LineWanted(_line(order), 1)]), actor=boss)
    replacements.cancel(out.id, words, actor=boss)
    cases.answer_invoice(case.id, is_sent=False, actor=boss)
    cases.expect(case.id, AmountPart.COMPENSATION, 500, actor=boss)
    paid = cases.settle(case.id, AmountPart.COMPENSATION, Paid(100, PaidTo.ALIPAY, account), actor=boss)
    cases.take_back_settlement(case.id, paid.id, words, actor=boss)
    ended = Ended(words, Fault.WAREHOUSE, make.person(Role.WAREHOUSE).id, words)
    closing_case.close_open_case(case.id, ended, actor=boss)


def _lost(order: Order, words: str, boss: Actor) -> None:
    case = cases.record(order.id, Application(CaseKind.TRACE, "没有动静"), actor=boss)
    returns.tell(case.id, CourierOutcome.LOST, said=words, actor=boss)
    claim = cases.file_claim(case.id, Claimed(1000, "顺丰"), actor=boss)
    cases.move_claim(claim.id, ClaimState.REFUSED, result=words, actor=boss)
