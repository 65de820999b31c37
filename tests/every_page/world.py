"""A desk with an order of every kind, with changes, cases and papers at every stage."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from shopdesk.cases import queries as cases
from shopdesk.cases import service as case_service
from shopdesk.cases.service import Application, Claimed
from shopdesk.cases.states import CHOICES, CaseKind, CourierOutcome
from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Actor, Role
from shopdesk.imports.service import InputFile, queue, run_files
from shopdesk.notices.models import Answer
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Flag, OrderStatus
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.queries import stops
from shopdesk.parcels.rules import paper_code
from shopdesk.parcels.rules.stops import PHRASES, Criteria
from shopdesk.parcels.states import Stage, StopReply, StopScope
from shopdesk.printing import service as printing
from shopdesk.printing.states import Paper, Parts, Why
from shopdesk.returns import service as return_service
from shopdesk.staff.models import Store
from tests import make, worlds
from tests.every_page.cases import worked_on
from tests.every_page.dock import parcels_at_the_dock
from tests.every_page.refunds import in_every_state
from tests.imports.readers import reader_exports as exports

PRODUCT = {"title": "羊毛帽", "attributes": "颜色分类:黑色"}
WISHES: dict[Kind, dict[str, Any]] = {
    Kind.ADDRESS: make.NEW_ADDRESS,
    Kind.ATTRIBUTE: {"attributes": "颜色分类:白色"},
    Kind.QUANTITY: {"quantity": 1},
    Kind.COURIER: {"text": "顺丰"},
    Kind.INVOICE: {"text": "云帆贸易公司"},
    Kind.GREETING_CARD: {"text": "生日快乐"},
    Kind.DELIVERY_TIME: {"text": "周末送"},
    Kind.CANCEL: {"text": "拍错了"},
}
#: What people and the shop wrote; not words of the product.
DATA = [
    *(str(value) for wish in WISHES.values() for value in wish.values() if not isinstance(value, int)),
    *("雨天晒被子_07", "张伟", "张**", "张*", "江苏省", "苏州市", "虎丘区", "星澜街128号7幢1203室", "星澜街****"),
    *("羊毛帽", "颜色分类:黑色", "HAT-01", "围巾", "SCARF-02", "第三条街9号", "ERP", "test", "W229", "SF100200300"),
    *("对的,就这样", "对的,就这个地址", "改主意了", "请尽快发", "小满", "敏敏", "青禾", "my-shop", "second-shop"),
    *("云上的猫", "王**", "样品茶壶", "POT-9", "颜色分类：青花；容量：500ml", "gb18030", "photo.csv", "list.csv"),
    *("details.csv", "waiting.csv", "不要放发票", "公司抬头", "平台上已有的话", "圆通速递", "nobody", "ZZ404"),
    *(
        "雨**",
        "生***",
        "云**",
        "订单编号",
        "取消订单",
        "浙江省",
        "杭州市",
        "滨江区",
    ),  # masked buyers, and a column's name in the platform's file
]


@dataclass
class Filled:
    """What the pages show; `data` is every value that is the shop's and not the product's."""

    store: Store
    folder: Path
    orders: list[Order] = field(default_factory=list)
    unprinted: Order | None = None
    runs: list[int] = field(default_factory=list)
    cases: list[int] = field(default_factory=list)
    arrivals: list[int] = field(default_factory=list)
    returns: list[tuple[int, int]] = field(default_factory=list)  # (case, return)
    refunds: list[int] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)
    prints: list[int] = field(default_factory=list)
    data: list[str] = field(default_factory=lambda: list(DATA))


def new_order(store: Store, **values: Any) -> Order:
    lines = (make.line(quantity=2), make.line("n2", title="围巾", sku="SCARF-02"))
    return make.order(store, **{"lines": lines, **values})


def filled(folder: Path) -> Filled:
    """Two stores; orders at every stage, changes at every kind of step, notices, runs."""
    world = Filled(make.store(), folder)
    make.store("second-shop", platform="phone")
    asker = make.actor(Role.PRE_SALE, signature="小满")
    clerk = make.actor(Role.PRINTING, signature="敏敏")
    boss = make.actor(Role.SUPERVISOR, signature="青禾")
    _unprinted(world, asker)
    _answered(world, asker, clerk, boss)
    _stages(world)
    _incomplete(world)
    _contradicted(world, asker, clerk)
    _runs(world, asker)
    _cases(world, asker)
    world.arrivals = parcels_at_the_dock(world.store, at_stage(world, Stage.SHIPPED), world.data)
    _stops(world, asker, boss)
    _printing(world, asker, clerk)
    world.refunds = in_every_state(_add(world), world.data)
    for order in world.orders:
        changes.write_note(order.id, "请尽快发", flag=Flag.RED, actor=asker)
        world.data += orders.memo_lines(order)
    return world


def _add(world: Filled, **values: Any) -> Order:
    world.orders.append(new_order(world.store, **values))
    return world.orders[-1]


def _wish(order: Order, kind: Kind, by: Actor, *, yes: bool = False) -> Any:
    on_line = kind in {Kind.ATTRIBUTE, Kind.QUANTITY}
    more = {"line_id": worlds.line(order).id} if on_line else {}
    return make.change(order, kind, WISHES[kind], by=by, yes=yes, **more)


def _unprinted(world: Filled, asker: Actor) -> None:
    world.unprinted = _add(world, buyer_message="不要放发票", platform_memo="平台上已有的话", invoice_title="公司抬头")
    for kind in WISHES:
        _wish(_add(world), kind, asker)
        _wish(_add(world), kind, asker, yes=kind is not Kind.CANCEL)


def _answered(world: Filled, asker: Actor, clerk: Actor, boss: Actor) -> None:
    for given in (Answer.NOT_PRINTED, Answer.PRINTED, Answer.GONE):
        for kind in (Kind.ADDRESS, Kind.QUANTITY, Kind.COURIER):
            order = _add(world)
            _wish(order, kind, asker, yes=True)
            batch = "W229" if given is Answer.PRINTED else None
            changes.answer_notice(make.notices(order)[0].id, given, batch=batch, actor=clerk)
    back, ended = _add(world), _add(world)
    changes.withdraw(_wish(back, Kind.COURIER, asker).id, "改主意了", actor=asker)
    change = _wish(ended, Kind.ADDRESS, asker, yes=True)
    changes.answer_notice(make.notices(ended)[0].id, Answer.PRINTED, actor=clerk)
    changes.end_by_hand(change.id, "改主意了", actor=boss)
    late = _add(world, as_of=clock.now() - timedelta(minutes=40))
    _wish(late, Kind.ADDRESS, asker, yes=True)
    changes.answer_notice(make.notices(late)[0].id, Answer.NOT_PRINTED, actor=clerk)
    make.fact(late, Stage.PRINTED, happened_at=clock.now() - timedelta(minutes=20))  # alarms


def _stages(world: Filled) -> None:
    for stage in (Stage.PRINTED, Stage.PACKED, Stage.SHIPPED, Stage.DELIVERED, Stage.VOIDED):
        make.fact(_add(world), stage, happened_at=clock.now())
    _add(world, waybills=[("SF100200300", "圆通速递")])
    _add(world, status=OrderStatus.UNPAID, paid_at=None, paid_minor=None)
    _add(world, status=OrderStatus.CLOSED)
    _add(world, status=OrderStatus.DONE)
    _add(world, refunding=True)
    worlds.split(_add(world), 1, 1)
    worlds.merge(_add(world), _add(world))


def _incomplete(world: Filled) -> None:
    _add(world, lines=(), lines_complete=False, unit_count=2, titles="羊毛帽")
    stale = clock.now() - timedelta(days=2)
    masked = {"recipient_name": "张*", "phone": "138****5678", "street_address": "星澜街****"}
    _add(world, as_of=stale, placed_at=stale, paid_at=stale, **masked)
    _add(world, buyer_id=None, buyer_nick=None, recipient_name=None, phone=None, street_address=None)


def _contradicted(world: Filled, asker: Actor, clerk: Actor) -> None:
    order = _add(world)
    _wish(order, Kind.ADDRESS, asker, yes=True)
    changes.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)
    new_order(world.store, number=order.number, street_address="第三条街9号")


def at_stage(world: Filled, stage: Stage) -> Order:
    return next(order for order in world.orders if make.parcel(order).stage == stage)


def _cases(world: Filled, asker: Actor) -> None:
    """One of every kind, one accepted, one closed; what came too late made its own above."""
    shipped = at_stage(world, Stage.SHIPPED)
    agent = make.actor(Role.AFTER_SALE, signature="小满")
    made = [case_service.record(shipped.id, Application(kind, "请尽快发", goal), actor=asker) for kind, goal in CHOICES]
    mine = [case for case in made if case.kind is not CaseKind.INVOICE][:2]
    for case in mine:
        case_service.accept(case.id, actor=agent)
    case_service.decline(mine[1].id, "改主意了", actor=agent)
    _coming_back(world, agent)
    worked_on(shipped, asker, agent)
    boss = make.actor(Role.SUPERVISOR)
    listed = [row for whose in (cases.Whose.ALL, cases.Whose.CLOSED) for row in cases.page(boss, whose, limit=200)]
    world.cases = [row.id for row in listed]


def _left(world: Filled) -> Order:
    """One more that has left, so that enough units can come back."""
    made = _add(world)
    make.fact(made, Stage.SHIPPED)
    return made


def _coming_back(world: Filled, agent: Actor) -> None:
    """An order of its own, of which one unit is on its way back; what the courier was asked, and a claim."""
    order = _add(world)
    make.fact(order, Stage.SHIPPED)
    case = case_service.record(order.id, Application(CaseKind.TRACE, "请尽快发"), actor=agent)
    case_service.accept(case.id, actor=agent)
    return_service.tell(case.id, CourierOutcome.ASKED, actor=agent, said="请退回")
    back = return_service.confirm(case.id, {orders.lines(order.id, order.store_id)[0].id: 1}, actor=agent)
    return_service.record_waybills(back.id, "SF7700112233445", actor=agent, carrier="顺丰")
    case_service.file_claim(case.id, Claimed(1250, "顺丰"), actor=agent)
    world.returns = [(case.id, back.id)]
    world.data += ["SF7700112233445", "请退回", "顺丰", "未使用、配件齐全、吊牌完好"]
    world.data += ["退货组（地址请向客服索取）", "由您承担（请勿发到付）", "由本店承担（请先垫付，勿发到付）"]


def _stops(world: Filled, asker: Actor, boss: Actor) -> None:
    """Of every scope; one ended, one overdue, with every answer."""
    until = clock.now() + timedelta(hours=5)
    batch = Criteria(StopScope.BATCH, batch_id=stops.batch_id_of("W229", world.store.id))
    area = Criteria(StopScope.REGION, carrier="圆通", region="江苏省")
    for _ in StopReply:
        make.order(world.store, lines=(make.line(sku="POT-9"),))
    for criteria in (Criteria(StopScope.SKU, sku="POT-9"), area, batch):
        wanted = parcel_service.StopWanted(criteria, "缝线会开", until, phrase="订单{order}请等几天")
        world.stops.append(parcel_service.stop(world.store.id, wanted, actor=boss).id)
    found = stops.stop_by_id(world.stops[0], boss)
    held = stops.affected(found, limit=3)
    for order, reply in zip(held, StopReply, strict=True):
        parcel_service.answer(found.id, [order.order_id], reply, actor=asker)
    with clock.earlier(timedelta(hours=-6)):
        changes.expire_holds(world.store.id, actor=Actor.system([world.store.id]))
    for stop_id in world.stops[1:]:
        parcel_service.end_stop(stop_id, actor=boss)
    world.data += [
        "main",
        "平台退款申请",
        "平台",
    ]  # a warehouse; who asks where the platform does, in the shop's language
    world.data.append(PHRASES["zh"])  # to customers, in the shop's language
    world.data += ["缝线会开", "订单{order}请等几天", "江苏省", "圆通", "{order}", "{store}", "{goods}"]
    world.data += [f"订单{order.number}请等几天" for order in world.orders]


def _printing(world: Filled, asker: Actor, clerk: Actor) -> None:
    """A batch on either paper, one printed again, held or voided since; asked for a re-print now and later."""
    placed = [_add(world, buyer_message="不要放发票", platform_memo="平台上已有的话") for _ in range(6)]
    for order in placed[:2]:
        for kind in (Kind.ADDRESS, Kind.GREETING_CARD):
            _wish(order, kind, asker, yes=True)
    parcels = [make.parcel(order).id for order in placed]
    first = printing.print_batch(parcels[:3], "W229", actor=clerk)
    second = printing.print_batch(parcels[3:], "W229", Paper.LABEL, Parts.NOTE, actor=clerk)
    made = [first.id, second.id]
    for why, parcel_id in zip(Why, parcels, strict=False):
        made.append(printing.reprint(parcel_id, why, actor=clerk).id)
    packer = make.actor(Role.WAREHOUSE)
    for order in placed[3:5]:
        asked = _wish(order, Kind.COURIER, asker)
        if order is placed[3]:
            worlds.do(asked, "hand_out", packer, Evidence(to=make.person(Role.PRINTING, signature="敏敏").id))
    cancelled = _wish(placed[5], Kind.CANCEL, asker)
    worlds.do(cancelled, "hand_to_after_sale", packer, Evidence(to=make.person(Role.AFTER_SALE, signature="小满").id))
    world.prints = made
    world.data += [paper_code(i, version) for i in parcels for version in (1, 2, 3)]
    world.data += ["POT-9-BLUE", *(str(row.number) for row in placed)]
    world.data += [line for order in placed for line in orders.memo_lines(order, clear="to know it again")]


def _runs(world: Filled, actor: Actor) -> None:
    now = clock.now()
    row, bad = exports.order(), exports.order(订单编号="4.1E+18")
    waiting = InputFile("waiting.csv", exports.order_list(row), now)
    good = [
        InputFile("list.csv", exports.order_list(row, bad, row), now),
        InputFile("details.csv", exports.details(exports.LINE_OLD), now),
    ]
    started = [
        run_files(world.store, good, as_of=now, actor=actor),
        run_files(world.store, [InputFile("photo.csv", b"\x89PNG\r\n", now)], as_of=now, actor=actor),
        queue(world.store, [waiting], world.folder, as_of=None, actor=actor),
    ]
    world.runs = [run.id for run in started]
