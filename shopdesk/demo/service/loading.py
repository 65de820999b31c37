"""The ordinary orders of the demo: told by the store's system, moved by facts, with memos beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.core import flags
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.demo.service import makers
from shopdesk.demo.service.desk import Desk, lines_for, parcel_of, report, sale_of, tell
from shopdesk.demo.service.goods import GIFT
from shopdesk.demo.service.plan import YUHE, Planned, plan
from shopdesk.notices import queries as notices
from shopdesk.notices.models import Answer, NoticeState
from shopdesk.orders.models import Memo, Order
from shopdesk.orders.service import Sale, SaleLine, decide_readiness, tick_pasted
from shopdesk.orders.states import Flag, LineKind, OrderStatus, Readiness
from shopdesk.parcels.states import STAGE_RANK, Source, Stage
from shopdesk.staff import queries as staff

CARRIERS = (("SF", "顺丰速运"), ("YT", "圆通速递"), ("ZT", "中通快递"), ("JT", "极兔速递"))
MESSAGES = (
    "麻烦包装严实一点，送人的",
    "周末不在家，请放快递柜",
    "不要放价签，谢谢",
    "希望周五前能到",
    "门口有狗，请先打电话",
)
TITLES = ("棠梨文化传播有限公司", "云帆设计工作室", "半山读书会")
#: Set by people or other feeds: an order export knows nothing of them.
BY_HAND = (Readiness.AWAITING_REVIEW, Readiness.AWAITING_BALANCE, Readiness.PRE_SALE_UNTIL, Readiness.OUT_OF_STOCK,
           Readiness.ADDRESS_PROBLEM, Readiness.HALTED)  # fmt: skip
MEMOS = (
    ("老客户，送一份小样", Flag.GREEN), ("客户催发货，尽量今天发", Flag.YELLOW), ("礼物，不放价签", Flag.PURPLE),
    ("玻璃易碎，加两层气泡膜", Flag.RED), ("指定周六送货", Flag.BLUE), ("尺寸客户已确认，不用再问", Flag.CYAN),
    ("赠品发陶土色", Flag.ORANGE),
)  # fmt: skip


def load_orders(desk: Desk) -> None:
    """Every order of the plan, oldest first, so that newer ones have higher ids."""
    waiting: list[Order] = []
    for nth, planned in enumerate(plan(desk.chance)):
        order = _load(desk, planned, nth)
        if _gets_a_memo(planned, nth):
            waiting.append(order)
    _write_memos(desk, waiting)


def _gets_a_memo(planned: Planned, nth: int) -> bool:
    row = planned.row
    if row.stage is Stage.UNPRINTED:
        return row.readiness is Readiness.READY and nth % 3 == 0
    return row.stage in {Stage.PRINTED, Stage.SHIPPED} and nth % 9 == 0


def _load(desk: Desk, planned: Planned, nth: int) -> Order:
    row = planned.row
    lines = lines_for(desk)
    if nth % 7 == 3:
        gift = SaleLine(key="g1", quantity=1, title=GIFT.title, sku=GIFT.sku, unit_price_minor=0, kind=LineKind.GIFT)
        lines = (*lines, gift)
    placed_at = desk.ago(planned.age_hours)
    sale = sale_of(desk, row.store, planned.buyer, placed_at=placed_at, status=row.status, lines=lines)
    order = tell(desk, row.store, _with_details(desk, sale, planned, nth))
    if row.readiness in BY_HAND:
        in_ten_days = (desk.now + timedelta(days=10)).date() if row.readiness is Readiness.PRE_SALE_UNTIL else None
        decide_readiness(order, row.readiness, ready_on=in_ten_days, actor=desk.person(Role.PRE_SALE))
    _move(desk, planned, order, nth)
    return order


def _with_details(desk: Desk, sale: Sale, planned: Planned, nth: int) -> Sale:
    row = planned.row
    if planned.is_incomplete:
        units, titles = sum(line.quantity for line in sale.lines), "，".join(line.title or "" for line in sale.lines)
        sale = replace(sale, lines=(), lines_complete=False, unit_count=units, titles=titles)
    marked_at = None
    if sale.placed_at and row.status is OrderStatus.SHIPPED:
        marked_at = sale.placed_at + timedelta(hours=10)
    return replace(
        sale,
        status=OrderStatus.SHIPPED if planned.is_marked else sale.status,
        marked_shipped_at=desk.ago(0.5) if planned.is_marked else marked_at,
        refunding=row.readiness is Readiness.REFUNDING,
        buyer_message=MESSAGES[nth % len(MESSAGES)] if nth % 5 == 1 else None,
        invoice_title=TITLES[nth % len(TITLES)] if nth % 13 == 4 else None,
        platform_memo="预售款，客户知道要等" if nth % 19 == 6 else None,
    )


def _move(desk: Desk, planned: Planned, order: Order, nth: int) -> None:
    """The facts that brought the parcel where it stands, spread between the order's age and now."""
    row = planned.row
    parcel = parcel_of(order)
    if row.stage is Stage.UNPRINTED:
        return
    if row.stage is Stage.VOIDED:
        makers.void(parcel, order, actor=desk.person(Role.PRINTING))
        return
    reached = STAGE_RANK[row.stage]
    printed_at = desk.ago(planned.age_hours) + timedelta(hours=1.5)
    batch = f"W{100 + int(planned.age_hours // 6):03d}" if row.store == YUHE else None
    makers.keep_waybill(parcel, order, *_waybill(desk, nth), actor=desk.person(Role.INTEGRATION))
    report(desk, row.store, parcel, Stage.PRINTED, printed_at, batch=batch)
    if row.stage is Stage.PACKED:
        report(desk, row.store, parcel, Stage.PACKED, printed_at + timedelta(hours=1))
    if reached >= STAGE_RANK[Stage.SHIPPED]:
        report(desk, row.store, parcel, Stage.SHIPPED, printed_at + timedelta(hours=5))
    if row.stage is Stage.DELIVERED and row.status is not OrderStatus.DONE:
        report(desk, row.store, parcel, Stage.DELIVERED, printed_at + timedelta(hours=64), source=Source.CARRIER)


def _waybill(desk: Desk, nth: int) -> tuple[str, str]:
    prefix, carrier = CARRIERS[nth % len(CARRIERS)]
    while (made := f"{prefix}{desk.chance.randrange(10**13):013d}") in desk.used:
        pass
    desk.used.add(made)
    return made, carrier


def _write_memos(desk: Desk, orders: list[Order]) -> None:
    """Memos of every colour, some in the platform already, some acknowledged by printing."""
    writer, clerk = desk.person(Role.PRE_SALE), desk.person(Role.PRINTING)
    for nth, order in enumerate(orders):
        text, flag = MEMOS[nth % len(MEMOS)]
        offered = flags.offered(str(staff.store_by_id(order.store_id).platform))
        changes.write_note(order.id, text, flag=flag if flag in offered else Flag.YELLOW, actor=writer)
        if nth % 2:
            tick_pasted(order.id, actor=writer)
        asked = [n for n in notices.of_order(order.id, order.store_id) if n.state is NoticeState.OPEN]
        if nth % 3 == 0 and asked and parcel_of(order).stage is Stage.UNPRINTED:
            changes.answer_notice(asked[0].id, Answer.NOT_PRINTED, actor=clerk)


def paste_all_but(desk: Desk, left: int) -> None:
    """The memos of all orders but the newest few stand in the platform already, as on a desk that keeps up."""
    writer = desk.person(Role.PRE_SALE)
    waiting: list[int] = []
    for store in desk.stores.values():
        statement = select(Memo.order_id).where(Memo.pasted_at.is_(None)).distinct()
        waiting += db.session.scalars(in_store(statement, store.id, Memo))
    for order_id in sorted(waiting)[:-left]:
        tick_pasted(order_id, actor=writer)


def print_a_batch(desk: Desk, orders: list[Order]) -> None:
    """A pre-print check and its button: these stages the desk knows first-hand."""
    clerk = desk.person(Role.PRINTING)
    check, _rows = changes.make_check([order.number for order in orders], actor=clerk)
    changes.mark_printed(check.id, "W231", actor=clerk)
