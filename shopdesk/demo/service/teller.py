"""The moves that the demo's stories are told with."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from shopdesk.changes import queries
from shopdesk.changes import service as changes
from shopdesk.changes.models import Change
from shopdesk.changes.service import Confirmation, Evidence, Wished
from shopdesk.changes.states import ConfirmChannel, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.demo.service.buyers import Buyer, make_buyers, street
from shopdesk.demo.service.desk import Desk, lines_for, parcel_of, report, sale_of, tell
from shopdesk.demo.service.goods import GOODS
from shopdesk.demo.service.plan import YUHE
from shopdesk.notices import queries as notices
from shopdesk.notices.models import Answer, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.service import Sale
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels.states import Stage

IMPORTED_AFTER = timedelta(minutes=5)  # an order comes onto the desk so long after it was placed
YES = "对的，就按这个改，谢谢"


class Teller:
    """Tells the stories of one demo desk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.buyers = make_buyers(desk.chance, 40)
        self.asked: dict[int, timedelta] = {}  # change id → how long ago

    def new(self, *items: Any, slug: str = YUHE, hours: float = 2.0, status: OrderStatus = OrderStatus.PAID,
            buyer: Buyer | None = None) -> tuple[Order, Sale]:  # fmt: skip
        """An order made for a story, of a buyer of its own."""
        sale = sale_of(
            self.desk, slug, buyer or self.buyers.pop(), placed_at=self.desk.ago(hours), status=status,
            lines=lines_for(self.desk, *(items or ((GOODS[0], 1),))),
        )  # fmt: skip
        with clock.earlier(timedelta(hours=hours) - IMPORTED_AFTER):
            return tell(self.desk, slug, sale), sale

    def ask(self, order: Order, kind: Kind, value: dict[str, Any], *, yes: bool = False, line: int | None = None,
            minutes: int = 25) -> Change:  # fmt: skip
        """小满 asks for a change; with `yes` the customer's word comes in the same submit."""
        asker = self.desk.person(Role.PRE_SALE)
        line_id = orders.lines(order.id, order.store_id)[line].id if line is not None else None
        said = Confirmation(YES, ConfirmChannel.CHAT, self.desk.ago(minutes / 60)) if yes else None
        with clock.earlier(timedelta(minutes=minutes)):
            change = changes.ask(order.id, Wished(kind, value, line_id=line_id, confirmation=said), actor=asker)[0]
        self.asked.setdefault(change.id, timedelta(minutes=minutes))
        return change

    def address(self) -> dict[str, str]:
        return {"province": "浙江省", "city": "宁波市", "district": "鄞州区", "street": street(self.desk.chance)}

    def answer(self, change: Change, given: Answer, *, batch: str | None = None) -> None:
        """敏敏 answers the notice of a change."""
        kinds = {NoticeKind.CHANGE, NoticeKind.STAGE, NoticeKind.VOID}
        found = notices.of_change(change.id, change.store_id)
        notice = next(n for n in found if n.state is NoticeState.OPEN and n.kind in kinds)
        with clock.earlier(self.asked[change.id] / 2):
            changes.answer_notice(notice.id, given, batch=batch, actor=self.desk.person(Role.PRINTING))

    def do(self, change: Change, code: str, role: Role, evidence: Evidence | None = None) -> None:
        steps = queries.steps_of([change.id], change.store_id)
        step = next(s for s in steps if s.code == code and s.state is StepState.OPEN)
        with clock.earlier(self.asked[change.id] / 3):
            changes.do_step(change.id, step.position, evidence or Evidence(), actor=self.desk.person(role))

    def reach(self, order: Order, stage: Stage, *, hours: float, batch: str | None = None) -> None:
        """The store's system tells a stage of the order, right after it happened."""
        at = self.desk.ago(hours)
        with clock.earlier(timedelta(hours=hours)):
            report(self.desk, YUHE, parcel_of(order), stage, at, batch=batch, as_of=at)

    def hand_out(self, change: Change, to: Role, code: str = "hand_out") -> None:
        """大壮 gives papers or parcel to somebody."""
        self.do(change, code, Role.WAREHOUSE, Evidence(to=self.desk.person(to).id))

    def remind(self, change: Change, code: str, *, minutes: int) -> None:
        """青禾 reminds whose turn it is."""
        step = next(s for s in queries.steps_of([change.id], change.store_id) if s.code == code)
        with clock.earlier(timedelta(minutes=minutes)):
            changes.nudge(change.id, step.position, actor=self.desk.person(Role.SUPERVISOR))
