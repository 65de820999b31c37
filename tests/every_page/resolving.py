"""Cases with everything that can stand on their page: ways, goods that go out, money, invoices, couriers, endings."""

from __future__ import annotations

from itertools import chain

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.models.settling import CourierWord
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Application, Claimed, Paid
from shopdesk.cases.states import (
    AmountPart,
    Appraisal,
    CaseKind,
    CasePhase,
    ClaimState,
    CourierOutcome,
    Ending,
    Fault,
    Goal,
    PaidTo,
    PhaseMove,
    Reason,
    Resolution,
)
from shopdesk.cases.states.told import PlatformWord
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor, Role
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.parcels.states import Stage
from shopdesk.replacements import service as replacements
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.service import LineWanted, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind, ReplacementState
from shopdesk.returns import queries as return_queries
from shopdesk.returns import service as returns
from shopdesk.returns.states import ReturnState
from tests import after_sale_made as made
from tests import make

WORDS = "请尽快发"  # what people wrote
PLATFORM = {PlatformWord.RUNNING: "待商家处理", PlatformWord.CLOSED: "退款关闭", PlatformWord.DONE: "退款成功"}
LINES = (make.line("n1", quantity=20), make.line("n2", title="围巾", sku="SCARF-02"))


def every_case(owner: Actor, colleague_id: int) -> list[int]:
    """The ids of the cases, all of one owner; the fourth is offered to a colleague."""
    shipped = make.order(lines=LINES, shipping_minor=1000, paid_minor=200_000)
    make.fact(shipped, Stage.SHIPPED)
    begun = _begun(shipped, owner, colleague_id)
    parts = (_ways, _goods_out, _money, _coming_back, _couriers, _ended)
    return [case.id for case in [*begun, *chain.from_iterable(part(shipped, owner) for part in parts)]]


def _taken(shipped: Order, owner: Actor, kind: CaseKind = CaseKind.RETURN, units: int = 1) -> Case:
    hats = orders.lines(shipped.id, shipped.store_id)[0].id
    goal = Goal.RETURN if kind is CaseKind.INTERCEPT else None
    named = () if kind is CaseKind.INTERCEPT else ((hats, units),)
    said = Application(kind, WORDS, goal, reason=Reason.QUALITY, wanted=(Resolution.REFUND,), units=named)
    case = cases.record(shipped.id, said, actor=owner)
    return cases.accept(case.id, actor=owner)


def _resolving(shipped: Order, owner: Actor, *kinds: Resolution, units: int = 1) -> Case:
    case = _taken(shipped, owner, units=units)
    cases.move(case, PhaseMove.DECIDE, actor=owner)
    for kind in kinds:
        cases.add_resolution(case.id, kind, actor=owner)
    return case


def _begun(shipped: Order, owner: Actor, colleague_id: int) -> list[Case]:
    """Nobody's, offered, appraised in each way; told of by the platform."""
    found = [_taken(shipped, owner, units=2) for _ in range(len(Appraisal) + 1)]
    for case, appraisal in zip(found, Appraisal, strict=False):
        cases.appraise(case.id, appraisal, actor=owner)
    cases.offer(found[-1].id, colleague_id, WORDS, actor=owner)
    nobodys = cases.record(shipped.id, Application(CaseKind.TRACE, WORDS), actor=owner)
    told = [_taken(shipped, owner) for _ in PLATFORM]
    for number, (case, word) in enumerate(zip(told, PLATFORM.values(), strict=True)):
        make._write(case, {"platform_number": f"SF900{number}", "platform_status": word, "platform_amount_minor": 100})
    cases.decline(told[0].id, WORDS, actor=owner)
    return [*found, nobodys, *told]


def _ways(shipped: Order, owner: Actor) -> list[Case]:
    """Each way decided and nothing done; all of them; none yet."""
    some = [kind for kind in Resolution if kind is not Resolution.NONE]
    return [_resolving(shipped, owner), *(_resolving(shipped, owner, kind) for kind in Resolution),
            _resolving(shipped, owner, *some)]  # fmt: skip


def _goods_out(shipped: Order, owner: Actor) -> list[Case]:
    """What goes out: every kind, every state, every way to settle a difference, late, voided, undone."""
    case = _resolving(shipped, owner, Resolution.EXCHANGE, Resolution.RESHIP, Resolution.SEND_BACK, units=20)
    hats = made.line_ids(case)[0]

    def out(**columns: object) -> Replacement:
        wanted = Wanted(ReplacementKind.EXCHANGE, [LineWanted(hats, 1)], waits_for_goods=False)
        row = replacements.make(case.id, wanted, actor=owner)
        make._write(row, columns)
        return row

    at = clock.now()
    out(state=ReplacementState.WAITING, waits_for_goods=True)
    out(state=ReplacementState.WAITING, difference_minor=500)
    for how in DifferenceSettled:
        out(difference_minor=500, settled_how=how, settled_at=at)
    gone = [out(kind=ReplacementKind.RESHIP, due_at=at, reminded_at=at), out(kind=ReplacementKind.SEND_BACK)]
    for row, stage in zip(gone, (Stage.PRINTED, Stage.SHIPPED), strict=True):
        make.fact(orders.order_by_id(row.outbound_id, row.store_id), stage)
    back = orders.lines(gone[1].outbound_id, case.store_id)[0]
    make._write(back, {"returned": 1})
    voided = out()
    make._write(orders.lines(voided.outbound_id, case.store_id)[0], {"cancelled": 1})
    ended = out()
    replacements.cancel(ended.id, WORDS, actor=owner)
    out(undone_at=at)
    return [case]


def _money(shipped: Order, owner: Actor) -> list[Case]:
    """Decided and open; paid to everybody, one taken back; documents to issue and issued; even; one click."""
    every = (Resolution.REFUND, Resolution.COMPENSATION, Resolution.EXCHANGE)
    open_, paid = (_resolving(shipped, owner, *every, units=2) for _ in range(2))
    for case in (open_, paid):
        cases.decide_refund(case.id, {made.line_ids(case)[0]: 1}, actor=owner)
        cases.expect(case.id, AmountPart.COMPENSATION, 700, actor=owner)
    cases.expect(open_.id, AmountPart.FREIGHT, 100, actor=owner)
    cases.answer_invoice(paid.id, is_sent=True, actor=owner)
    for to in PaidTo:
        last = cases.settle(paid.id, AmountPart.COMPENSATION, Paid(100, to, "62220001", "REF7"), actor=owner)
    cases.take_back_settlement(paid.id, last.id, WORDS, actor=owner)
    finance = make.actor(Role.FINANCE)
    cases.do_invoice(settling.tasks_of(paid)[0].id, "REF7", actor=finance)
    even, click = _resolving(shipped, owner, Resolution.NONE), _resolving(shipped, owner)
    made.came_back(click, {made.line_ids(click)[0]: 1})
    return [open_, paid, even, click]


def _coming_back(shipped: Order, owner: Actor) -> list[Case]:
    """A return in each state."""
    found = []
    for state in ReturnState:
        case = _taken(shipped, owner)
        back = made.expected_back(case, {made.line_ids(case)[0]: 1})
        make._write(back, {"state": state})
        cases.move(case, PhaseMove.EXPECT_GOODS, actor=owner)
        found.append(case)
    cases.move(found[-1], PhaseMove.GOODS_ARRIVED, actor=owner)
    return found


def _couriers(shipped: Order, owner: Actor) -> list[Case]:
    """Every kind that is a courier's matter, every outcome told, a claim in each state."""
    kinds = (CaseKind.INTERCEPT, CaseKind.DELIVERY_FAILURE, CaseKind.TRACE, CaseKind.NOT_RECEIVED)
    found = [_taken(shipped, owner, kind) for kind in kinds]
    for outcome in CourierOutcome:
        case = _taken(shipped, owner, CaseKind.TRACE)
        _told(case, outcome)
        found.append(case)
    for number, state in enumerate(ClaimState):
        claim = cases.file_claim(found[0].id, Claimed(1250, "顺丰", f"SF900{number}"), actor=owner)
        make._write(claim, {"state": state})
    return [*found, _here_again(owner)]


def _here_again(owner: Actor) -> Case:
    """A parcel that turned round, and that the dock has signed in."""
    order = make.order(waybills=[("SF9001112223334", "顺丰")])
    make.fact(order, Stage.SHIPPED)
    case = _taken(order, owner, CaseKind.INTERCEPT)
    returns.tell(case.id, CourierOutcome.TURNED_ROUND, actor=owner)
    (back,) = return_queries.of_case(case.id, case.store_id)
    clerk = make.actor(Role.WAREHOUSE, store_id=case.store_id)
    returns.sign_in("SF9001112223334", back.warehouse_id, actor=clerk)
    return case


@command
def _told(case: Case, outcome: CourierOutcome) -> None:
    parcel_id = make.parcel(orders.order_by_id(case.order_id, case.store_id)).id
    db.session.add(
        CourierWord(
            store_id=case.store_id, case_id=case.id, parcel_id=parcel_id, outcome=outcome, said=WORDS,
            told_at=clock.now(),
        )
    )  # fmt: skip
    audit.record("test.set", "case", case.id, make.ROOT)


def _ended(shipped: Order, owner: Actor) -> list[Case]:
    """Each ending, each cause, a person with their answer."""
    found = []
    for ending, fault in zip(Ending, Fault, strict=True):
        case = _resolving(shipped, owner, Resolution.NONE)
        person = {"fault_person_id": owner.id, "fault_said": WORDS} if fault is Fault.WAREHOUSE else {}
        cases.move(case, PhaseMove.CLOSE, actor=owner, outcome=WORDS, ending=ending, fault=fault, **person)
        found.append(case)
    assert all(case.phase is CasePhase.CLOSED for case in found)
    return found
