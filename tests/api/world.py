"""A small desk with every kind of thing in it, and the ids by which the API's paths reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as cases
from shopdesk.cases.models import Case, CaseSettlement
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Application, Claimed, Paid
from shopdesk.cases.states import AmountPart, CaseKind, PaidTo, PhaseMove, Resolution
from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind, Purpose
from shopdesk.core import clock, pictures
from shopdesk.core.permissions import Actor, Role
from shopdesk.imports.service import InputFile, run_files
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import Stage, StopScope
from shopdesk.printing import service as printing
from shopdesk.reconciling import service as reconciling
from shopdesk.reconciling.queries import payouts, told
from shopdesk.refunds import queries as refund_queries
from shopdesk.refunds import service as refunds
from shopdesk.refunds.models import Refund
from shopdesk.refunds.service import Wish
from shopdesk.refunds.states import RefundKind
from shopdesk.replacements import service as replacements
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service import LineWanted, Wanted
from shopdesk.replacements.states import ReplacementKind
from shopdesk.returns import service as returns
from shopdesk.returns.queries import docks
from shopdesk.staff import queries
from shopdesk.staff.models import REFUND_LIMIT, Person, Store
from tests import make
from tests.reconciling.platform import tell
from tests.returns import rows

EXPORT = (
    "订单编号,买家会员名,总金额,买家应付货款,买家实际支付金额,订单状态,收货人姓名,"
    "收货地址 ,联系手机,订单创建时间,订单付款时间 \n"
)


@dataclass(frozen=True, slots=True)
class World:
    boss: Person
    paths: dict[str, list[str]]  # parameter of a path → values that exist


def seed() -> World:
    """Two orders, a change that waits for the customer, one that waits for printing, a check, a run, notices, cases."""
    shop = make.store()
    boss = make.person(Role.SUPERVISOR, Role.PRE_SALE, Role.PRINTING, Role.AFTER_SALE, Role.INTEGRATION)
    asker, clerk = make.actor(Role.PRE_SALE), _actor(boss)
    first = make.order(lines=(make.line(quantity=3),))
    second, third = make.order(), make.order(lines=(make.line("a"), make.line("b")))
    fourth = make.order(lines=(make.line("a", quantity=2),))
    asked = make.change(first, by=asker)
    ready = make.change(second, Kind.COURIER, {"text": "顺丰"}, by=asker, yes=True)
    changes.write_note(third.id, "包装用礼盒", flag=orders.order_by_id(third.id, shop.id).flag, actor=asker)
    check, _ = changes.make_check([first.number, second.number, third.number, "nobody"], actor=clerk)
    load, _ = changes.make_check([first.number, "nobody"], actor=clerk, purpose=Purpose.DISPATCH)
    until = clock.now() + timedelta(hours=5)
    reach = StopWanted(Criteria(StopScope.SKU, sku="POT-9"), "缝线会开", until, phrase="请等几天")
    stop = parcel_service.stop(shop.id, reach, actor=clerk)
    run = run_files(shop, [InputFile("空.csv", EXPORT.encode("gb18030"))], as_of=clock.now(), actor=clerk)
    sent = make.order()
    make.fact(sent, Stage.SHIPPED)
    wish = Application(CaseKind.TRACE, "三天没有物流")
    traced, lost = (cases.record(sent.id, wish, actor=asker) for _ in range(2))
    cases.accept(lost.id, actor=clerk)
    (gone,) = orders.lines(sent.id, shop.id)
    back = returns.confirm(lost.id, {gone.id: 1}, actor=clerk)
    claim = cases.file_claim(lost.id, Claimed(1250, "顺丰"), actor=clerk)
    resolved, entry, out = _resolving(sent.id, clerk)
    taken = cases.add_photos(traced.id, [pictures.tidy(make.photo())], actor=clerk)
    notice = make.notices(second, NoticeKind.CHANGE)[0]
    amendment = orders.active_amendments(first.id, shop.id)[0]
    awaited = rows.back(rows.shipped(), None, "SF1020304050")
    house = shop.warehouse_id
    here = [returns.sign_in(code, house, actor=_actor(boss)).arrival for code in ("SF1020304050", "ZZ900")]
    asker_of_money = make.actor(Role.AFTER_SALE, store_id=shop.id)
    again = make.order()
    printed = printing.print_batch([make.parcel(again).id], None, actor=clerk)
    asked_back = Wish(RefundKind.GOODWILL, 500, PaidTo.BANK, account="6222020200112233445", reason="晚到三天")
    refund = refunds.request(again.id, asked_back, actor=clerk)
    payout = refund_queries.payouts_of([refund.id], shop.id)[0]
    return World(
        boss,
        {
            "print_id": [str(printed.id)],
            "payout_id": [str(payout.id)],
            "recovery_id": [str(_overpaid(again.id, shop.id))],
            "receipt_id": [_receipt(payout.id, clerk)],
            "arrival_id": [str(arrival.id) for arrival in here if arrival],
            "refund_id": [str(_asked(shop, asker_of_money).id), str(refund.id)],
            "return_id": [str(back.id), str(awaited.id)],
            "claim_id": [str(claim.id)],
            "case_id": [str(traced.id), str(lost.id), str(resolved.id)],
            "settlement_id": [str(entry.id)],
            "replacement_id": [str(out.id)],
            "task_id": [str(settling.tasks_of(resolved)[0].id), _red_letter(shop, asker_of_money)],
            "reminder_id": [str(cases.remind(lost.id, "请尽快", actor=_actor(boss)).id)],
            "photo_id": [str(case_queries.photos_of(taken)[0].id)],
            "picture_id": [_shot(here[0].id, _actor(boss)) if here[0] else ""],
            "parcel_id": [str(make.parcel(o).id) for o in (third, fourth, again)],
            "order_id": [str(o.id) for o in (first, second, third)],
            "change_id": [str(asked.id), str(ready.id)],
            "n": ["3", "4"],
            "amendment_id": [str(amendment.id)],
            "notice_id": [str(notice.id)],
            "check_id": [str(check.id)],
            "load_id": [str(load.id)],
            "stop_id": [str(stop.id)],
            "run_id": [str(run.id)],
            "store": [shop.slug],
            "number": [first.number, "NEW-1"],
        },
    )


def _resolving(order_id: int, who: Actor) -> tuple[Case, CaseSettlement, Replacement]:
    """A case with goodwill that was paid, an exchange that waits, an invoice to endorse."""
    case = cases.record(order_id, Application(CaseKind.EXCHANGE, "想换一件"), actor=who)
    cases.accept(case.id, actor=who)
    cases.move(case, PhaseMove.DECIDE, actor=who)
    for kind in (Resolution.EXCHANGE, Resolution.COMPENSATION):
        cases.add_resolution(case.id, kind, actor=who)
    cases.answer_invoice(case.id, is_sent=True, actor=who)
    cases.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    entry = cases.settle(case.id, AmountPart.COMPENSATION, Paid(100, PaidTo.PLATFORM), actor=who)
    line = settling.lines_of(case)[0].line_id
    wanted = Wanted(ReplacementKind.EXCHANGE, [LineWanted(line, 1, price_minor=13_000)])
    return case, entry, replacements.make(case.id, wanted, actor=who)


def _asked(shop: Store, who: Actor) -> Refund:
    """A refund that waits for approval."""
    kept = dict(shop.settings)
    make._set(shop, {"settings": {**kept, REFUND_LIMIT: 0}})
    wish = Wish(RefundKind.GOODWILL, 100, PaidTo.ORIGINAL, reason="来晚了")
    made = refunds.request(make.order().id, wish, actor=who)
    make._set(shop, {"settings": kept})
    return made


def _red_letter(shop: Store, who: Actor) -> str:
    """What finance has to issue for a refund without a case."""
    wish = Wish(RefundKind.GOODWILL, 100, PaidTo.PLATFORM, reason="来晚了", invoice_sent=True)
    paid = refunds.note_agreed(refunds.request(make.order().id, wish, actor=who).id, actor=who)
    task = settling.task_of_refund(paid.id, shop.id)
    return str(task.id) if task else ""


def _shot(arrival_id: int, who: Actor) -> str:
    """A photo of a parcel at the dock."""
    return str(docks.photos(returns.add_photos(arrival_id, [pictures.tidy(make.photo())], actor=who))[0].id)


def _overpaid(order_id: int, store_id: int) -> int:
    """Of an order that the platform paid back beyond what was paid."""
    tell(orders.order_by_id(order_id, store_id), "T1", 99_900, 0)
    return told.recoveries_of(order_id, store_id)[0].id


def _receipt(payout_id: int, who: Actor) -> str:
    """A receipt of a payout by hand."""
    reconciling.add_receipts(payout_id, [pictures.tidy(make.photo())], actor=who)
    return str(payouts.receipts_of([payout_id], who)[payout_id][0].id)


def _actor(person: Person) -> Actor:
    return queries.actor_for(person, channel="page")
