"""Orders with a story: exactly twelve open changes, one at each step of the way, and some that have ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from shopdesk.cases import service as cases
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, Goal
from shopdesk.changes import queries
from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence, Reply, Wished
from shopdesk.changes.states import Kind, SupplierAnswer, SupplierChannel
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Role
from shopdesk.demo.service import makers, refund_lists
from shopdesk.demo.service.buyers import street
from shopdesk.demo.service.desk import Desk, parcel_of, report, tell
from shopdesk.demo.service.goods import GOODS, STOPPED
from shopdesk.demo.service.plan import TEL, YUHE
from shopdesk.demo.service.refund_lists import WAITS, Applied
from shopdesk.demo.service.teller import Teller
from shopdesk.notices.models import Answer
from shopdesk.orders import queries as orders
from shopdesk.orders.service import Wanted
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels import service as parcels
from shopdesk.parcels.service import Criteria, StopWanted
from shopdesk.parcels.states import Source, Stage, StopReply, StopScope
from shopdesk.returns import service as returns
from shopdesk.returns.states import FreightPayer
from shopdesk.staff import queries as staff
from shopdesk.staff import service as staff_service
from shopdesk.staff.service.cut_offs import next_cut_off

PLATE, GLASS, BEDDING, LAMP, BASKET, TOWEL = GOODS[:6]


def tell_all(desk: Desk) -> None:
    teller = Teller(desk)
    for story in (*OPEN, *ENDED, *PARCELS, *WAITING, *CASES, *PEOPLE):
        story(teller)


def asked_while_stale(t: Teller) -> None:
    order, _ = t.new(slug=TEL, hours=11)
    t.ask(order, Kind.ADDRESS, t.address())


def waits_for_the_customer(t: Teller) -> None:
    order, _ = t.new((LAMP, 1), hours=5)
    t.ask(order, Kind.DELIVERY_TIME, {"text": "周六上午送"}, minutes=190)


def waits_for_printing(t: Teller) -> None:
    order, _ = t.new((TOWEL, 2))
    t.ask(order, Kind.ATTRIBUTE, {"attributes": "颜色分类:雾霾蓝"}, yes=True, line=0)


def waits_for_the_void(t: Teller) -> None:
    """The buyer applied for a refund on the platform, which waits two days for an answer."""
    order, sale = t.new((BASKET, 1), hours=4)
    due_at = t.desk.now + timedelta(hours=46)
    lines = [replace(line, refund_state="买家已经申请退款，等待卖家同意", refund_due_at=due_at) for line in sale.lines]
    tell(t.desk, YUHE, replace(sale, lines=tuple(lines), refunding=True), as_of=t.desk.ago(0.1))
    t.remind(queries.changes_of_order(order.id, order.store_id)[0], "void", minutes=4)


def papers_carry_the_old_courier(t: Teller) -> None:
    """Done, and then the system tells that it had been printed before: the change opens again, with an alarm."""
    order, _ = t.new((LAMP, 1), hours=8)
    change = t.ask(order, Kind.COURIER, {"text": "顺丰速运"}, yes=True, minutes=40)
    t.answer(change, Answer.NOT_PRINTED)
    report(t.desk, YUHE, parcel_of(order), Stage.PRINTED, t.desk.ago(0.9), batch="W229", as_of=t.desk.now)


def waits_for_a_new_waybill(t: Teller) -> None:
    """Printed already, as 敏敏 said; the papers are out, and the label has to be printed again."""
    order, _ = t.new((BEDDING, 1), hours=6)
    change = t.ask(order, Kind.ADDRESS, t.address(), yes=True, minutes=50)
    t.answer(change, Answer.PRINTED, batch="W230")
    t.hand_out(change, Role.PRINTING)


def two_wishes_in_one_change(t: Teller) -> None:
    """The parcel is fetched back; meanwhile the customer thinks of the towels too."""
    order, _ = t.new((PLATE, 1), (TOWEL, 1), hours=7)
    t.reach(order, Stage.PACKED, hours=2)
    change = t.ask(order, Kind.ATTRIBUTE, {"attributes": "颜色分类:月光白"}, yes=True, line=0, minutes=35)
    t.hand_out(change, Role.WAREHOUSE)
    t.ask(order, Kind.ATTRIBUTE, {"attributes": "颜色分类:抹茶绿"}, line=1, minutes=5)


def waits_for_the_papers_to_come_back(t: Teller) -> None:
    order, _ = t.new((GLASS, 2), hours=10)
    t.reach(order, Stage.PRINTED, hours=5, batch="W229")
    change = t.ask(order, Kind.GREETING_CARD, {"text": "新居快乐，岁岁平安"}, yes=True, minutes=65)
    t.hand_out(change, Role.WAREHOUSE)
    t.do(change, "amend_papers", Role.WAREHOUSE)
    t.do(change, "amend", Role.PRE_SALE)


def waits_to_be_packed_again(t: Teller) -> None:
    order, _ = t.new((GLASS, 4), hours=11)
    t.reach(order, Stage.PACKED, hours=6)
    change = t.ask(order, Kind.QUANTITY, {"quantity": 2}, yes=True, line=0, minutes=75)
    t.hand_out(change, Role.WAREHOUSE)
    t.do(change, "amend", Role.PRE_SALE)
    t.do(change, "reprint", Role.PRINTING)


def cancelled_after_printing(t: Teller) -> None:
    order, _ = t.new((PLATE, 2), hours=7.5)
    t.reach(order, Stage.PRINTED, hours=3, batch="W230")
    t.ask(order, Kind.CANCEL, {"text": "改买别的颜色"}, minutes=20)


def papers_wait_to_be_destroyed(t: Teller) -> None:
    """Voided and refunded; 阿禾 still has the papers."""
    order, sale = t.new((TOWEL, 2), hours=12.5)
    t.reach(order, Stage.PRINTED, hours=6, batch="W229")
    change = t.ask(order, Kind.CANCEL, {"text": "不需要了"}, minutes=90)
    t.hand_out(change, Role.AFTER_SALE, "hand_to_after_sale")
    t.do(change, "void", Role.PRINTING)
    t.do(change, "refund", Role.AFTER_SALE, Evidence(amount_minor=sale.paid_minor, reference="RF-20-121"))


def done_and_entered(t: Teller) -> None:
    order, sale = t.new((PLATE, 1), hours=12)
    value = t.address()
    t.answer(t.ask(order, Kind.ADDRESS, value, yes=True, minutes=90), Answer.NOT_PRINTED)
    seen = replace(sale, province=value["province"], city=value["city"], district=value["district"],
                   street_address=value["street"], zip=None)  # fmt: skip
    tell(t.desk, YUHE, seen, as_of=t.desk.ago(0.05))


def done_and_contradicted(t: Teller) -> None:
    """The platform then tells a third address."""
    order, sale = t.new((LAMP, 1), hours=13)
    t.answer(t.ask(order, Kind.ADDRESS, t.address(), yes=True, minutes=95), Answer.NOT_PRINTED)
    tell(t.desk, YUHE, replace(sale, street_address=street(t.desk.chance)), as_of=t.desk.ago(0.05))


def done_with_a_refund_to_make(t: Teller) -> None:
    order, _ = t.new((GLASS, 3), hours=14)
    t.answer(t.ask(order, Kind.QUANTITY, {"quantity": 1}, yes=True, line=0, minutes=80), Answer.NOT_PRINTED)


def refunded_and_ticked(t: Teller) -> None:
    order, _ = t.new((TOWEL, 3), hours=15)
    change = t.ask(order, Kind.QUANTITY, {"quantity": 2}, yes=True, line=0, minutes=85)
    t.answer(change, Answer.NOT_PRINTED)
    paid = Evidence(amount_minor=TOWEL.price_minor, reference="RF-20-118")
    t.do(change, "refund", Role.AFTER_SALE, paid)
    t.do(change, "enter_in_platform", Role.PRE_SALE)


def one_line_cancelled(t: Teller) -> None:
    """Taken out before anything was printed: the rest goes, and the money is still to be given back."""
    order, _ = t.new((PLATE, 1), (GLASS, 3), hours=10)
    glasses = orders.lines(order.id, order.store_id)[1]
    wish = {"text": "杯子只要一个", "lines": {glasses.id: 2}}
    t.do(t.ask(order, Kind.CANCEL, wish, minutes=45), "take_out", Role.PRINTING)


def cancelled_and_voided(t: Teller) -> None:
    order, _ = t.new((BASKET, 2), hours=16)
    t.do(t.ask(order, Kind.CANCEL, {"text": "重复下单"}, minutes=60), "void", Role.PRINTING)


def came_too_late(t: Teller) -> None:
    order, _ = t.new((LAMP, 1), hours=18)
    t.answer(t.ask(order, Kind.ADDRESS, t.address(), yes=True, minutes=100), Answer.GONE)


def withdrawn(t: Teller) -> None:
    order, _ = t.new((PLATE, 3), hours=17)
    change = t.ask(order, Kind.DELIVERY_TIME, {"text": "下周一之后再送"}, minutes=120)
    changes.withdraw(change.id, "客户又说照常送就行", actor=t.desk.person(Role.PRE_SALE))


def price_before_payment(t: Teller) -> None:
    order, _ = t.new((LAMP, 1), hours=1.5, status=OrderStatus.UNPAID)
    asker = t.desk.person(Role.PRE_SALE)
    line_id = orders.lines(order.id, order.store_id)[0].id
    changes.ask(order.id, Wished(Kind.PRICE, {"amount_minor": 23_900}, line_id=line_id), actor=asker)


def one_parcel_of_two_orders(t: Teller) -> None:
    buyer = t.buyers.pop()
    first, _ = t.new((PLATE, 1), hours=3, buyer=buyer)
    second, _ = t.new((GLASS, 2), hours=2.8, buyer=buyer)
    ids = [parcel_of(order).id for order in (first, second)]
    changes.merge_parcels(ids, actor=t.desk.person(Role.PRINTING))


def two_parcels_of_one_order(t: Teller) -> None:
    order, _ = t.new((BEDDING, 1), (LAMP, 1), hours=9)
    last = orders.lines(order.id, order.store_id)[-1]
    changes.split_parcel(parcel_of(order).id, {last.id: last.quantity}, actor=t.desk.person(Role.PRINTING))
    report(t.desk, YUHE, parcel_of(order), Stage.PRINTED, t.desk.ago(3), batch="W228")


def asked_after_it_left(t: Teller) -> None:
    """On its way already: the wish is a case, and 阿禾 has it."""
    order, _ = t.new((TOWEL, 1), hours=30)
    report(t.desk, YUHE, parcel_of(order), Stage.SHIPPED, t.desk.ago(20))
    wish = Application(CaseKind.INTERCEPT, "临时出差，改送到公司前台", Goal.REDIRECT)
    with clock.earlier(timedelta(minutes=75)):
        case = cases.record(order.id, wish, actor=t.desk.person(Role.PRE_SALE))
    with clock.earlier(timedelta(minutes=60)):
        cases.accept(case.id, actor=t.desk.person(Role.AFTER_SALE))


def goods_come_back(t: Teller) -> None:
    """Too large: the shop has agreed, the customer has told the waybill; the store says where to send to."""
    order, _ = t.new((TOWEL, 2), hours=130)
    report(t.desk, YUHE, parcel_of(order), Stage.SHIPPED, t.desk.ago(120))
    report(t.desk, YUHE, parcel_of(order), Stage.DELIVERED, t.desk.ago(50), source=Source.CARRIER)
    agent, boss = t.desk.person(Role.AFTER_SALE), t.desk.person(Role.SUPERVISOR)
    with clock.earlier(timedelta(days=20)):
        returns.set_policy(
            order.store_id, days=7, condition="未使用、配件齐全、吊牌完好", freight=FreightPayer.BY_REASON,
            receiver="屿禾售后部 0571-88000000\n浙江省杭州市滨江区云帆路66号3号仓退货组", actor=boss,
        )  # fmt: skip
    with clock.earlier(timedelta(hours=30)):
        case = cases.record(order.id, Application(CaseKind.RETURN, "毛巾太大了，想退一条"), actor=agent)
        cases.accept(case.id, actor=agent)
        line = orders.lines(order.id, order.store_id)[0]
        back = returns.confirm(case.id, {line.id: 1}, actor=agent)
    with clock.earlier(timedelta(hours=9)):
        returns.record_waybills(back.id, "YT7700112233445", actor=agent, carrier="圆通速递")


def one_article_is_stopped(t: Teller) -> None:
    """The supplier called an article back: its orders wait, and one customer has said that they will."""
    waiting = [t.new((STOPPED, 1), hours=2 + nth)[0] for nth in range(4)]
    store = t.desk.stores[YUHE]
    until = next_cut_off(t.desk.now, staff.warehouse(store.warehouse_id).cut_offs, store.zone)
    wanted = StopWanted(
        Criteria(StopScope.SKU, sku=STOPPED.sku), "供应商召回一批烛杯，等换货", until,
        phrase="您好，订单{order}里的香薰蜡烛要等一批新烛杯，大约三天。您愿意等一等，还是取消订单？",
    )  # fmt: skip
    made = parcels.stop(store.id, wanted, actor=t.desk.person(Role.SUPERVISOR))
    parcels.answer(made.id, [waiting[0].id], StopReply.WAIT, actor=t.desk.person(Role.PRE_SALE))


def printing_has_gone_home(t: Teller) -> None:
    """小雨 does what printing does until the evening, and 小禾 what pre-sale does: nobody who is shown a password."""
    store, boss = t.desk.stores[YUHE], t.desk.person(Role.SUPERVISOR)
    until = clock.now() + timedelta(hours=8)
    who = _colleague("xiaoyu", "小雨", Role.WAREHOUSE, boss)
    staff_service.stand_in(who, Role.PRINTING, store.id, until=until, reason="敏敏下午请假", actor=boss)
    after_sale = _colleague("xiaohe", "小禾", Role.AFTER_SALE, boss)
    staff_service.stand_in(after_sale, Role.PRE_SALE, store.id, until=until, reason="小满下午培训", actor=boss)


def _colleague(login: str, signature: str, role: Role, boss: Actor) -> int:
    """Somebody further, who has no password: what the accounts that are shown may do stays their role's."""
    person = staff_service.add_person(login, display=signature, signature=signature, actor=boss)
    staff_service.grant(person.id, role, store_id=None, actor=boss)
    return person.id


def ships_in_december(t: Teller) -> None:
    """On pre-sale, with its day and why."""
    order, _ = t.new((PLATE, 1), hours=20)
    until = (t.desk.now + timedelta(days=9)).astimezone(ZoneInfo("Asia/Shanghai")).date()
    wanted = Wanted(Readiness.PRE_SALE_UNTIL, until, "第二批还在烧制")
    parcels.set_readiness(order.id, wanted, actor=t.desk.person(Role.PRE_SALE))


def nobody_has_called_yet(t: Teller) -> None:
    """Out of stock, as the warehouse found; the customer has still to be contacted."""
    order, _ = t.new((TOWEL, 1), hours=6)
    wanted = Wanted(Readiness.OUT_OF_STOCK, reason="货架上只剩样品")
    parcels.set_readiness(order.id, wanted, actor=t.desk.person(Role.WAREHOUSE))


def at_the_suppliers(t: Teller) -> None:
    """Sent by a supplier: they have stopped it, were asked to write it on the papers, and have not answered."""
    order, _ = t.new((PLATE, 2), hours=6.5)
    asker = t.desk.person(Role.PRE_SALE)
    supplier = staff.warehouse_named(makers.SUPPLIER)
    assert supplier is not None  # noqa: S101 opened with the stores
    changes.ship_from(parcel_of(order).id, supplier.id, actor=asker)
    report(t.desk, YUHE, parcel_of(order), Stage.PRINTED, t.desk.ago(2))
    change = t.ask(order, Kind.INVOICE, {"text": "棠梨文化传播有限公司"}, yes=True, minutes=30)
    with clock.earlier(timedelta(minutes=20)):
        changes.ask_supplier(change.id, 2, SupplierChannel.WECHAT, actor=asker)
        changes.note_reply(change.id, 2, Reply(SupplierAnswer.DONE, "拦下来了"), actor=asker)
        changes.ask_supplier(change.id, 3, SupplierChannel.WECHAT, actor=asker)


def applied_for_on_the_platform(t: Teller) -> None:
    """The platform's list of refunds: one waits for an answer until tonight, one was refunded by the platform."""
    basket, _ = t.new((BASKET, 1), hours=60)
    lamp, _ = t.new((LAMP, 1), hours=90)
    for order, hours in ((basket, 44), (lamp, 70)):
        report(t.desk, YUHE, parcel_of(order), Stage.SHIPPED, t.desk.ago(hours))
    tonight = t.desk.now.astimezone(ZoneInfo("Asia/Shanghai")).replace(hour=23, minute=59, second=0)
    refund_lists.bring(
        t.desk,
        Applied(basket, "退货退款", WAITS, "做工粗糙/有瑕疵", "提手开线", BASKET, tonight),
        Applied(lamp, "仅退款", "退款成功", "快递一直未送达", "快递五天没有动静", LAMP),
    )  # fmt: skip


#: One at each of twelve steps, in the order in which a parcel moves on.
OPEN = (
    asked_while_stale, waits_for_the_customer, waits_for_printing, waits_for_the_void, papers_carry_the_old_courier,
    waits_for_a_new_waybill, at_the_suppliers, two_wishes_in_one_change, waits_for_the_papers_to_come_back,
    waits_to_be_packed_again, cancelled_after_printing, papers_wait_to_be_destroyed,
)  # fmt: skip
ENDED = (
    done_and_entered, done_and_contradicted, done_with_a_refund_to_make, refunded_and_ticked, one_line_cancelled,
    cancelled_and_voided,
    came_too_late, withdrawn, price_before_payment,
)  # fmt: skip
PARCELS = (one_parcel_of_two_orders, two_parcels_of_one_order, one_article_is_stopped)
PEOPLE = (printing_has_gone_home,)
WAITING = (ships_in_december, nobody_has_called_yet)
CASES = (
    asked_after_it_left,
    applied_for_on_the_platform,
    goods_come_back,
)  # beside the one of `came_too_late`, which nobody has accepted
