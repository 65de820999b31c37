"""Goods of the demo that come back: on their way, at the dock in every state, unknown; what waits for money."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import Claimed
from shopdesk.cases.states import CaseKind, CourierOutcome, Goal, PhaseMove, Resolution, WaitingFor
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.demo.service.coming_back import Returned
from shopdesk.demo.service.desk import Desk
from shopdesk.desk.service import closing_case
from shopdesk.orders import queries as orders
from shopdesk.replacements import service as replacements
from shopdesk.replacements.service import LineWanted, Wanted
from shopdesk.replacements.states import ReplacementKind
from shopdesk.returns import service
from shopdesk.returns.models import Arrival, Return

ON_ITS_WAY, SIGNED, OPENED, FOUND, PUT_AWAY, UNKNOWN, LATE = (f"YT{88_000_000 + nth}" for nth in range(7))
SHELF = "退货架"


def tell_returns(desk: Desk) -> None:
    """Also a parcel that the courier turned round on its way: the dock awaits it under our own waybill."""
    told = Returned(desk)
    asked, back = CourierOutcome.ASKED, CourierOutcome.TURNED_ROUND
    told.turned_round(CaseKind.INTERCEPT, "地址填错了，拦下退回重发", 26, asked, back, goal=Goal.RETURN)
    told.back("颜色不喜欢，七天无理由", 30, ON_ITS_WAY)
    _at_the_dock(told)
    _exchange(told)
    _claim(told)


def _at_the_dock(told: Returned) -> None:
    for wish, hours, code in (("尺寸拿小了", 90, LATE), ("和家里不搭", 28, SIGNED), ("重复下单，退一件", 26, OPENED)):
        told.back(wish, hours, code)
    found, away = told.back("手感不合适", 40, FOUND), told.back("不想要了，没拆封", 46, PUT_AWAY)
    told.arrived(LATE, 53, f"{SHELF} 1")
    told.arrived(SIGNED, 3, f"{SHELF} 2")
    service.open_arrival(told.arrived(OPENED, 2, f"{SHELF} 2").id, actor=told.clerk)
    told.inspected(found, told.arrived(FOUND, 5, f"{SHELF} 3"))
    _put_away(told, away, told.arrived(PUT_AWAY, 8, f"{SHELF} 3"))
    unknown = told.arrived(UNKNOWN, 6, "无主件 1")
    waiting = told.back("杯子颜色偏深", 50)
    name = orders.order_by_id(waiting.order_id, waiting.store_id).recipient_name
    sender = name.reveal("told of the demo's own customer") if name else None
    service.describe(unknown.id, sender=sender, inside="杯子一只，没有字条", actor=told.clerk)


def _put_away(told: Returned, back: Return, there: Arrival) -> None:
    """Its refund is decided, and an invoice was sent: finance has it on the list."""
    told.put_away(back, there)
    closing_case.decide_resolution(back.case_id, Resolution.REFUND, actor=told.agent)
    cases.answer_invoice(back.case_id, is_sent=True, actor=told.agent)
    cases.set_waiting(back.case_id, WaitingFor.FINANCE, actor=told.agent)


def _exchange(told: Returned) -> None:
    """A dearer one is to go out; the customer still owes the difference."""
    line = told.line()
    case = told.case(CaseKind.EXCHANGE, "要换大一号，差价客户补", 20, line)
    cases.move(_fresh(case), PhaseMove.DECIDE, actor=told.agent)
    closing_case.decide_resolution(case.id, Resolution.EXCHANGE, actor=told.agent)
    dearer = (line.share_minor or 0) // line.quantity + 2_000
    wanted = LineWanted(line.id, 1, line.sku, line.title, "大号", dearer)
    due_at = told.desk.now + timedelta(days=5)
    made = Wanted(ReplacementKind.EXCHANGE, [wanted], waits_for_goods=False, due_at=due_at)
    replacements.make(case.id, made, actor=told.agent)


def _claim(told: Returned) -> None:
    """The courier has to answer by tomorrow."""
    case = told.case(CaseKind.TRACE, "外箱破损，里面少一只", 70)
    with clock.earlier(timedelta(hours=60)):
        claimed = Claimed(3_500, "圆通速递", None, told.desk.now + timedelta(hours=20), "理赔 20881")
        cases.file_claim(case.id, claimed, actor=told.agent)


def _fresh(case: Case) -> Case:
    return db.session.scalars(in_store(select(Case).where(Case.id == case.id), case.store_id, Case)).one()
