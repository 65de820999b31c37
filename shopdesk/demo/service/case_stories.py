"""Cases of the demo: over kinds, phases and owners, some overdue, some from yesterday, one that was reminded of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum

from sqlalchemy import select

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CourierOutcome, Goal, PhaseMove, WaitingFor
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.demo.service.coming_back import Returned, left_orders
from shopdesk.demo.service.desk import Desk
from shopdesk.demo.service.plan import TEL, YUHE

K, W = CaseKind, WaitingFor


class Comes(IntEnum):
    """How far the goods of a case have come."""

    AWAITED = 1
    SIGNED_IN = 2
    HALF_SEEN = 3  # in one of two parcels, of which the other is not opened yet


@dataclass(frozen=True, slots=True)
class Told:
    """One case: what is wished, how old it is, when it is due, whom it waits for, how far it has come."""

    kind: CaseKind
    wish: str
    hours: float  # ago
    due: float | None = None  # hours from now
    waits: WaitingFor | None = None
    is_owned: bool = True
    is_decided: bool = False  # nothing comes back
    comes: Comes | None = None  # one unit, this far
    outcome: str = ""  # closed
    goal: Goal | None = None
    slug: str = YUHE


TOLD = (
    Told(K.TRACE, "物流三天没有更新，麻烦查一下", 3, 21, W.COURIER),
    Told(K.TRACE, "显示已签收，家里没人收到", 29, -2, W.COURIER),
    Told(K.TRACE, "包裹到哪里了", 7, outcome="已告知客户，今天派送"),
    Told(K.EXTEND_RECEIPT, "出差，请延长收货七天", 5, is_owned=False),
    Told(K.EXTEND_RECEIPT, "快递慢，请延长收货", 20, outcome="平台已延长三天"),
    Told(K.DAMAGE, "盘子到手碎了两只", 2, 22, is_owned=False),
    Told(K.DAMAGE, "杯口有缺口，外箱也压扁了", 26, 4, W.CUSTOMER),
    Told(K.DAMAGE, "灯罩裂了，要求换新", 50, -6, is_decided=True),
    Told(K.RESHIP, "四只碗只收到三只", 6, 18, W.WAREHOUSE),
    Told(K.RESHIP, "赠品漏发", 30, is_decided=True),
    Told(K.EXCHANGE, "毛巾颜色发错，要换雾霾蓝", 28, 20, comes=Comes.AWAITED),
    Told(K.EXCHANGE, "四件套尺寸小了，换大一号", 74, 2, comes=Comes.SIGNED_IN),
    Told(K.RETURN, "不想要了，七天内退货", 4, 44, is_owned=False),
    Told(K.RETURN, "收纳筐有味道，退货，配件另寄一包", 98, -20, comes=Comes.HALF_SEEN),
    Told(K.REFUND_ONLY, "少发一只，申请退款", 9, 15, W.PLATFORM),
    Told(K.REFUND_ONLY, "降价了，要求退差价", 31, 1, is_owned=False),
    Told(K.DISPUTE, "平台介入：客户说未收到货", 33, 3, W.PLATFORM),
    Told(K.DISPUTE, "平台介入：描述不符", 60, -1),
    Told(K.COMPENSATION, "迟发，补偿五元", 8, is_owned=False),
    Told(K.TRACE, "电话订单，问到哪里了", 25, slug=TEL),
)


def tell_cases(desk: Desk) -> None:
    """Each on an order of its own that has left and that nothing else is told of."""
    back = Returned(desk)
    phone = left_orders(desk, TEL)
    for nth, told in enumerate(TOLD):
        if told.comes:
            _keep(desk, told, _comes(back, told, told.comes, f"YT{89_000_000 + nth}"))
        else:
            _tell(desk, told, phone.pop() if told.slug == TEL else back.free.pop())
    refused = back.turned_round(K.DELIVERY_FAILURE, "客户拒收，包裹在退回路上", 27, CourierOutcome.REFUSED, goal=None)
    cases.set_waiting(refused.id, W.COURIER, actor=back.agent)
    _remind(desk)


def _comes(back: Returned, told: Told, comes: Comes, waybill: str) -> int:
    """The case of a unit that comes back."""
    sent = [waybill, f"{waybill}B"] if comes is Comes.HALF_SEEN else [waybill]
    bills = "\n".join(sent) if comes > Comes.AWAITED else None
    made = back.back(told.wish, told.hours, bills, told.kind)
    there = [back.arrived(bill, told.hours * 0.4, "退货架 4") for bill in sent] if bills else []
    if comes is Comes.HALF_SEEN:
        back.inspected(made, there[0])
    return made.case_id


def _keep(desk: Desk, told: Told, case_id: int) -> None:
    """Whom it waits for, where a person said so, and until when."""
    agent = desk.person(Role.AFTER_SALE)
    if told.waits:
        cases.set_waiting(case_id, told.waits, actor=agent)
    if told.due is not None:
        cases.set_due(case_id, desk.now + timedelta(hours=told.due), actor=agent)


def _tell(desk: Desk, told: Told, order_id: int) -> None:
    agent = desk.person(Role.AFTER_SALE)
    with clock.earlier(timedelta(hours=told.hours)):
        case = cases.record(order_id, Application(told.kind, told.wish, told.goal), actor=agent)
    with clock.earlier(timedelta(hours=told.hours * 0.8)):
        if told.is_owned:
            cases.accept(case.id, actor=agent)
        _keep(desk, told, case.id)
        if told.is_decided:
            cases.move(_case(case.id, case.store_id), PhaseMove.DECIDE, actor=agent)
        if told.outcome:
            cases.close(case.id, told.outcome, actor=agent)


def _case(case_id: int, store_id: int) -> Case:
    return db.session.scalars(in_store(select(Case).where(Case.id == case_id), store_id, Case)).one()


def _remind(desk: Desk) -> None:
    """青禾 reminds of a dispute that is due; it is not answered yet."""
    statement = select(Case).where(Case.kind == CaseKind.DISPUTE).order_by(Case.id).limit(1)
    (case,) = db.session.scalars(in_store(statement, desk.stores[YUHE].id, Case))
    with clock.earlier(timedelta(minutes=20)):
        cases.remind(case.id, "平台今天要答复，先把凭证传上去", actor=desk.person(Role.SUPERVISOR))
