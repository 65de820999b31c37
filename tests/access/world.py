"""One store with a row of each kind, made when an address first asks for it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as case_service
from shopdesk.cases.models import Case, CaseSettlement, CourierClaim, InvoiceTask
from shopdesk.cases.queries import settling as case_settling
from shopdesk.cases.service import Application, Claimed, Paid
from shopdesk.cases.states import AmountPart, CaseKind, PaidTo, PhaseMove, Resolution
from shopdesk.changes import queries as changes
from shopdesk.changes import service as change_service
from shopdesk.changes.models import Change
from shopdesk.changes.states import Purpose
from shopdesk.core import clock, pictures
from shopdesk.core.permissions import Actor, Role
from shopdesk.imports.models import ImportRun
from shopdesk.imports.service import InputFile, queue
from shopdesk.notices.models import Notice
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.orders.states import Flag
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, Stop
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import Stage, StopScope
from shopdesk.printing import service as printing
from shopdesk.reconciling import service as reconciling_service
from shopdesk.reconciling.queries import books, told
from shopdesk.reconciling.queries import payouts as reconciling_payouts
from shopdesk.refunds import queries as refund_queries
from shopdesk.refunds import service as refund_service
from shopdesk.refunds.models import Refund, RefundPayment
from shopdesk.refunds.service import Wish
from shopdesk.refunds.states import RefundKind
from shopdesk.replacements import service as replacement_service
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service import LineWanted, Wanted
from shopdesk.replacements.states import ReplacementKind
from shopdesk.returns import service as return_service
from shopdesk.returns import service as returns
from shopdesk.returns.models import Arrival, Finding, Return
from shopdesk.returns.queries import docks
from shopdesk.returns.service import Found
from shopdesk.returns.states import Grade, Identity, Whose
from shopdesk.staff import service as staff_service
from shopdesk.staff.models import REFUND_LIMIT, Person, SavedView, StandIn, Store, Warehouse, WarehouseKind
from tests import make
from tests.reconciling.platform import tell
from tests.returns import rows

_next = itertools.count(1)


class World:
    """A store and what is in it; what people own (a pre-print check) is `owner`'s."""

    def __init__(self, store: Store, owner: Person, folder: Path) -> None:
        self.store, self.owner, self.folder = store, owner, folder

    @property
    def actor(self) -> Actor:
        """The owner, with every right in this store for as long as the world is built."""
        return Actor(self.owner.id, "owner", "owner", {self.store.id: frozenset({Role.SYSTEM})})

    @cached_property
    def order(self) -> Order:
        return make.order(self.store)

    @cached_property
    def refund(self) -> Refund:
        """Of an order of its own, asked for by a colleague; it waits for approval."""
        order = make.order(self.store)
        asker = Actor(self.colleague.id, "c", "c", {self.store.id: frozenset({Role.SYSTEM})})
        before = dict(self.store.settings)
        make._set(self.store, {"settings": before | {REFUND_LIMIT: 0}})
        wish = Wish(RefundKind.GOODWILL, 100, PaidTo.ORIGINAL, reason="来晚了")
        made = refund_service.request(order.id, wish, actor=asker)
        make._set(self.store, {"settings": before})
        return made

    @cached_property
    def line(self) -> OrderLine:
        return orders.lines(self.order.id, self.store.id)[0]

    @cached_property
    def parcel(self) -> Parcel:
        return make.parcel(self.order)

    @cached_property
    def change(self) -> Change:
        return make.change(self.order, by=self.actor, yes=True)

    @cached_property
    def step_position(self) -> int:
        steps = changes.steps_of([self.change.id], self.store.id)
        return next(s.position for s in steps if s.state == "open")

    @cached_property
    def notice(self) -> Notice:
        assert self.change
        return make.notices(self.order)[0]

    @cached_property
    def amendment(self) -> Amendment:
        assert self.change
        return orders.active_amendments(self.order.id, self.store.id)[0]

    @cached_property
    def memo(self) -> Memo:
        return change_service.write_note(self.order.id, "请尽快", flag=Flag.RED, actor=self.actor)

    @cached_property
    def left_order(self) -> Order:
        made = make.order(self.store)
        make.fact(made, Stage.SHIPPED)
        return made

    @cached_property
    def case(self) -> Case:
        return case_service.record(self.left_order.id, Application(CaseKind.TRACE, "where is it"), actor=self.actor)

    @cached_property
    def other_case(self) -> Case:
        return case_service.record(self.left_order.id, Application(CaseKind.TRACE, "and this"), actor=self.actor)

    @cached_property
    def photo_id(self) -> int:
        taken = pictures.tidy(make.photo())
        return case_queries.photos_of(case_service.add_photos(self.case.id, [taken], actor=self.actor))[0].id

    @cached_property
    def resolving(self) -> Case:
        """The case, where it is resolved: with goodwill, a reship and an invoice to endorse."""
        case = self.case
        case_service.move(case, PhaseMove.DECIDE, actor=self.actor)
        for kind in (Resolution.COMPENSATION, Resolution.EXCHANGE):
            case_service.add_resolution(case.id, kind, actor=self.actor)
        case_service.answer_invoice(case.id, is_sent=True, actor=self.actor)
        case_service.expect(case.id, AmountPart.COMPENSATION, 500, actor=self.actor)
        return case

    @cached_property
    def settlement(self) -> CaseSettlement:
        paid = Paid(100, PaidTo.PLATFORM)
        return case_service.settle(self.resolving.id, AmountPart.COMPENSATION, paid, actor=self.actor)

    @cached_property
    def replacement(self) -> Replacement:
        line = orders.lines(self.left_order.id, self.store.id)[0]
        wanted = Wanted(ReplacementKind.EXCHANGE, [LineWanted(line.id, 1, price_minor=13_800)])
        return replacement_service.make(self.resolving.id, wanted, actor=self.actor)

    @cached_property
    def invoice_task(self) -> InvoiceTask:
        return case_settling.tasks_of(self.resolving)[0]

    @cached_property
    def asked_back(self) -> Refund:
        """One by hand to a bank account, approved."""
        asked = Wish(RefundKind.GOODWILL, 500, PaidTo.BANK, account="6222020200112233445", reason="晚到三天")
        return refund_service.request(self.order.id, asked, actor=self.actor)

    @cached_property
    def payout(self) -> RefundPayment:
        return refund_queries.payouts_of([self.asked_back.id], self.store.id)[0]

    @cached_property
    def recovery_id(self) -> int:
        """Of an order that the platform paid back twice."""
        tell(self.order, f"T{self.order.id}", 99_900, 0)
        return told.recoveries_of(self.order.id, self.store.id)[0].id

    @cached_property
    def extra_key(self) -> str:
        """Of what a statement names and our books do not."""
        line = b"date,reference,amount\n2026-01-05,A-0,1.00\n"
        reconciling_service.take_statement(self.store.id, "a.csv", line, PaidTo.ALIPAY, actor=self.actor)
        (day,) = books.days(self.store, PaidTo.ALIPAY, date(2026, 1, 5), date(2026, 1, 5))
        return day.found[0].key

    @cached_property
    def receipt_id(self) -> int:
        taken = pictures.tidy(make.photo())
        reconciling_service.add_receipts(self.payout.id, [taken], actor=self.actor)
        return reconciling_payouts.receipts_of([self.payout.id], self.actor)[self.payout.id][0].id

    @cached_property
    def reminder_id(self) -> int:
        return case_service.remind(self.case.id, "请尽快", actor=self.actor).id

    @cached_property
    def view(self) -> SavedView:
        return staff_service.save_view("cases", "mine", {}, actor=Actor(self.owner.id, "owner", "owner"))

    @cached_property
    def left_line(self) -> OrderLine:
        return orders.lines(self.left_order.id, self.store.id)[0]

    @cached_property
    def back(self) -> Return:
        """A return of the case's order."""
        return return_service.confirm(self.case.id, {self.left_line.id: 1}, actor=self.actor)

    @cached_property
    def claim(self) -> CourierClaim:
        return case_service.file_claim(self.case.id, Claimed(1250, "顺丰"), actor=self.actor)

    @cached_property
    def run(self) -> ImportRun:
        file = InputFile("orders.csv", b"", datetime.now(UTC))
        return queue(self.store, [file], self.folder, as_of=None, actor=self.actor)

    @cached_property
    def stop(self) -> Stop:
        assert self.order
        wanted = StopWanted(Criteria(StopScope.SKU, sku="HAT-01"), "缝线会开", clock.now() + timedelta(hours=5))
        return parcel_service.stop(self.store.id, wanted, actor=self.actor)

    @cached_property
    def colleague(self) -> Person:
        return make.person(Role.PRE_SALE, store_id=self.store.id, signature="阿禾")

    @cached_property
    def return_waybill(self) -> str:
        return f"SF9000{next(_next)}"

    @cached_property
    def coming(self) -> Return:
        """A return that waits for its parcel."""
        return rows.back(self.left_order, None, self.return_waybill)

    @cached_property
    def arrival(self) -> Arrival:
        """Its parcel at the dock, matched by the waybill."""
        assert self.coming
        made = returns.sign_in(self.return_waybill, self.store.warehouse_id, actor=self.actor).arrival
        assert made
        return made

    @cached_property
    def picture_id(self) -> int:
        """A photo of that parcel."""
        taken = pictures.tidy(make.photo())
        return docks.photos(returns.add_photos(self.arrival.id, [taken], actor=self.actor))[0].id

    @cached_property
    def finding(self) -> Finding:
        """What was found in that parcel."""
        found = [Found(Identity.UNEXPECTED, 1, grade=Grade.C, title="旧雨伞", whose=Whose.MORE)]
        return docks.findings(returns.inspect(self.arrival.id, found, actor=self.actor))[0]

    @property
    def tonight(self) -> str:
        return (clock.now() + timedelta(hours=10)).strftime("%Y-%m-%dT%H:%M")

    @cached_property
    def stand_in(self) -> StandIn:
        until = clock.now() + timedelta(hours=3)
        boss = Actor(self.owner.id, "owner", "owner", {self.store.id: frozenset({Role.SUPERVISOR})})
        return staff_service.stand_in(
            self.colleague.id, Role.PRINTING, self.store.id, until=until, reason="午休", actor=boss
        )

    @cached_property
    def print_id(self) -> int:
        parcel = make.parcel(make.order(self.store))
        return printing.print_batch([parcel.id], None, actor=self.actor).id

    @cached_property
    def supplier(self) -> Warehouse:
        """A supplier's warehouse that serves the store."""
        kind, serves = WarehouseKind.SUPPLIER, [self.store.slug]
        return staff_service.add_warehouse(f"supplier-{next(_next)}", kind=kind, serves=serves, actor=make.ROOT)

    @cached_property
    def other_order(self) -> Order:
        """Of the same buyer, to the same address."""
        return make.order(self.store)

    @cached_property
    def check_id(self) -> int:
        return change_service.make_check([self.order.number], actor=self.actor)[0].id

    @cached_property
    def load_id(self) -> int:
        numbers = [self.order.number]
        return change_service.make_check(numbers, actor=self.actor, purpose=Purpose.DISPATCH)[0].id


#: name in an address → its value in a world.  A new name is one line.
PARAMS: dict[str, Callable[[World], Any]] = {
    "arrival_id": lambda w: w.arrival.id,
    "amendment_id": lambda w: w.amendment.id,
    "case_id": lambda w: w.case.id,
    "claim_id": lambda w: w.claim.id,
    "change_id": lambda w: w.change.id,
    "check_id": lambda w: w.check_id,
    "kind": lambda w: "courier",
    "load_id": lambda w: w.load_id,
    "line_id": lambda w: w.line.id,
    "memo_id": lambda w: w.memo.id,
    "n": lambda w: w.step_position,
    "notice_id": lambda w: w.notice.id,
    "number": lambda w: w.order.number,
    "order_id": lambda w: w.order.id,
    "place": lambda _w: "nowhere",
    "parcel_id": lambda w: w.parcel.id,
    "photo_id": lambda w: w.photo_id,
    "payout_id": lambda w: w.payout.id,
    "picture_id": lambda w: w.picture_id,
    "print_id": lambda w: w.print_id,
    "position": lambda w: w.step_position,
    "receipt_id": lambda w: w.receipt_id,
    "recovery_id": lambda w: w.recovery_id,
    "refund_id": lambda w: w.refund.id,
    "return_id": lambda w: w.back.id,
    "reminder_id": lambda w: w.reminder_id,
    "run_id": lambda w: w.run.id,
    "replacement_id": lambda w: w.replacement.id,
    "secret": lambda w: "not-a-secret",
    "settlement_id": lambda w: w.settlement.id,
    "slug": lambda w: w.store.slug,
    "stand_in_id": lambda w: w.stand_in.id,
    "stop_id": lambda w: w.stop.id,
    "store": lambda w: w.store.slug,
    "store_id": lambda w: w.store.id,
    "task_id": lambda w: w.invoice_task.id,
    "view_id": lambda w: w.view.id,
    "what": lambda w: "phone",
}
