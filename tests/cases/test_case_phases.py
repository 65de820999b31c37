"""The first phase, and every phase against every command: what each role may do, and what is refused by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.models import Case
from shopdesk.cases.service import Application
from shopdesk.cases.states import (
    MOVES,
    OPEN,
    Appraisal,
    CaseKind,
    CasePhase,
    Detail,
    Ending,
    Goal,
    PhaseMove,
    Reason,
    WaitingFor,
)
from shopdesk.core import clock
from shopdesk.core.db import command
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import ASSIGNABLE, Actor, Role
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from tests import make

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def store(app):
    return make.store()


SHORTEST = {
    CasePhase.COMMUNICATE: (),
    CasePhase.RECEIVE: (PhaseMove.EXPECT_GOODS,),
    CasePhase.INSPECT: (PhaseMove.EXPECT_GOODS, PhaseMove.GOODS_ARRIVED),
    CasePhase.RESOLVE: (PhaseMove.DECIDE,),
    CasePhase.CLOSED: (PhaseMove.SOLVE,),
}


def left(**more):
    order = make.order(lines=(make.line(quantity=3),), **more)
    make.fact(order, Stage.SHIPPED)
    return order


def opened(order, phase=CasePhase.COMMUNICATE, *, owner: Actor | None = None, kind=CaseKind.RETURN, units=0):
    boss = make.actor(Role.SUPERVISOR)
    lines = [line.id for line in orders.lines(order.id, order.store_id)]
    goal = Goal.RETURN if kind is CaseKind.INTERCEPT else None
    meant = Application(kind, "不合适", goal, reason=Reason.UNWANTED, units=((lines[0], units),) if units else ())
    case = service.record(order.id, meant, actor=boss)
    if owner:
        service.assign(case.id, owner.id, actor=boss)
    for name in SHORTEST[phase]:
        service.move(case, name, actor=boss)
    return case


def code(call: Callable[[], Any]) -> str:
    try:
        call()
    except DomainError as error:
        return error.code
    return "ok"


@command
def moved(case: Case, name: PhaseMove, actor: Actor) -> None:
    service.move(case, name, actor=actor)


@pytest.mark.mission("M083")
@pytest.mark.parametrize("name", PhaseMove)
def test_each_move_starts_where_the_table_says_and_nowhere_else(name):
    order, agent = left(), make.actor(Role.AFTER_SALE)
    sources, target = MOVES[name]
    for phase in CasePhase:
        case = opened(order, phase, owner=agent)
        version = case.version
        said = code(lambda case=case: moved(case, name, agent))
        if phase in sources:
            assert (said, case.phase, case.version) == ("ok", target, version + 1)
            assert (case.closed_at is None) == (target is not CasePhase.CLOSED)
            continue
        assert said == ("case_closed" if phase is CasePhase.CLOSED else "wrong_phase"), phase
        assert (case.phase, case.version) == (phase, version)


#: command → the phases where its owner may give it; elsewhere it is refused as the table of moves refuses.
COMMANDS: dict[str, tuple[frozenset[CasePhase], Callable[[Case, Actor], Any]]] = {
    "appraise": (
        frozenset({CasePhase.COMMUNICATE}),
        lambda case, who: service.appraise(case.id, Appraisal.CANNOT_TELL, actor=who),
    ),
    "decide": (
        frozenset({CasePhase.COMMUNICATE}),
        lambda case, who: service.decide(case.id, actor=who),
    ),
    "close": (
        frozenset({CasePhase.COMMUNICATE}),
        lambda case, who: service.close(case.id, "教会了", actor=who),
    ),
    "decline": (
        frozenset({CasePhase.COMMUNICATE}),
        lambda case, who: service.decline(case.id, "超过七天", actor=who),
    ),
    "reopen": (frozenset({CasePhase.CLOSED}), lambda case, who: service.reopen(case.id, "又坏了", actor=who)),
    "set_due": (OPEN, lambda case, who: service.set_due(case.id, clock.now(), actor=who)),
    "wait_for": (OPEN, lambda case, who: service.set_waiting(case.id, WaitingFor.CUSTOMER, actor=who)),
    "split": (
        frozenset({CasePhase.COMMUNICATE}),
        lambda case, who: service.split(
            case.id, [(queries.lines_of(case)[0].line_id, 1)], CaseKind.RETURN, actor=who
        ),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_of_its_owner_goes_in_its_phases_and_is_refused_in_the_others(name):
    allowed, call = COMMANDS[name]
    order, agent = left(), make.actor(Role.AFTER_SALE)
    for phase in CasePhase:
        case = opened(order, phase, owner=agent, kind=CaseKind.DAMAGE, units=2)
        said = code(lambda case=case: call(case, agent))
        expected = "ok" if phase in allowed else "case_closed" if phase is CasePhase.CLOSED else "wrong_phase"
        assert said == expected, phase


#: role → what comes of working on a return that somebody of after-sale owns, for everybody of that role but the owner.
OTHERS = {
    Role.PRE_SALE: "not_allowed",
    Role.AFTER_SALE: "not_the_owner",
    Role.FINANCE: "other_role",
    Role.SUPERVISOR: "ok",
    **dict.fromkeys((Role.PRINTING, Role.WAREHOUSE, Role.MANAGER, Role.INTEGRATION), "not_allowed"),
}


#: Set by anybody of the role, for cases of colleagues and of nobody yet: the queue is sorted out together.
PLANNED = {"set_due", "wait_for"}


@pytest.mark.parametrize("name", COMMANDS)
def test_who_is_neither_its_owner_nor_a_supervisor_does_nothing_to_a_case(name):
    allowed, call = COMMANDS[name]
    order, owner, case = left(), make.actor(Role.AFTER_SALE), None
    for role in ASSIGNABLE:
        who, expected = make.actor(role), OTHERS[role]
        if (name, role) == ("close", Role.PRE_SALE):
            expected = "not_the_owner"
        if name in PLANNED and role is Role.AFTER_SALE:
            expected = "ok"
        case = case or opened(order, next(iter(sorted(allowed))), owner=owner, kind=CaseKind.DAMAGE, units=2)
        assert code(lambda case=case, who=who: call(case, who)) == expected, role
        if expected == "ok":  # a refusal leaves it for the next
            order, case = left(), None


def test_nobody_works_on_a_case_that_nobody_has_accepted_but_a_supervisor():
    order, agent = left(), make.actor(Role.AFTER_SALE)
    for name, (allowed, call) in COMMANDS.items():
        if CasePhase.COMMUNICATE in allowed:
            case = opened(order, units=2, kind=CaseKind.DAMAGE)
            said = code(lambda case=case, call=call: call(case, agent))
            assert said == ("ok" if name in PLANNED else "not_accepted"), name


@pytest.mark.mission("M090")
def test_a_product_defect_goes_on_to_the_resolution_at_once_without_goods():
    agent = make.actor(Role.AFTER_SALE)
    case = opened(left(), owner=agent)
    assert code(lambda: service.decide(case.id, actor=agent)) == "not_appraised"
    service.appraise(case.id, Appraisal.PRODUCT_DEFECT, actor=agent)
    assert (case.appraised_by_id, case.appraised_at is not None) == (agent.id, True)
    assert service.decide(case.id, actor=agent).phase is CasePhase.RESOLVE


@pytest.mark.mission("M091")
@pytest.mark.parametrize("said", [Appraisal.CANNOT_TELL, Appraisal.NO_DEFECT])
def test_what_cannot_be_told_from_here_needs_the_goods_and_only_a_supervisor_decides_without(said):
    agent, boss = make.actor(Role.AFTER_SALE), make.actor(Role.SUPERVISOR)
    case = opened(left(), owner=agent)
    service.appraise(case.id, said, actor=agent)
    assert code(lambda: service.decide(case.id, actor=agent)) == "goods_needed"
    assert service.decide(case.id, actor=boss).phase is CasePhase.RESOLVE


@pytest.mark.mission("M088", "M108")
def test_pre_sale_closes_what_it_recorded_and_solved_by_guidance_unless_it_is_about_money():
    order, asker, other = left(), make.actor(Role.PRE_SALE), make.actor(Role.PRE_SALE)
    meant = Application(CaseKind.RETURN, "挤不出来", reason=Reason.QUALITY, detail=Detail.NOT_WORKING)
    mine = service.record(order.id, meant, actor=asker)
    assert code(lambda: service.close(mine.id, "用力挤就好了", actor=other)) == "other_role"
    done = service.close(mine.id, "用力挤就好了", actor=asker)
    assert (done.phase, done.ending, done.owner_id) == (CasePhase.CLOSED, Ending.SOLVED, None)
    for kind in (CaseKind.REFUND_ONLY, CaseKind.COMPENSATION, CaseKind.DISPUTE):
        about_money = service.record(order.id, Application(kind, "要退差价"), actor=asker)
        assert code(lambda case=about_money: service.close(case.id, "算了", actor=asker)) == "other_role"
    taken = service.record(order.id, meant, actor=asker)
    service.accept(taken.id, actor=make.actor(Role.AFTER_SALE))
    assert code(lambda: service.close(taken.id, "好了", actor=asker)) == "not_the_owner"


def test_a_declined_case_says_why_and_one_that_is_opened_again_keeps_its_number_and_its_story():
    agent = make.actor(Role.AFTER_SALE)
    case = opened(left(), owner=agent)
    number = case.number
    assert code(lambda: service.decline(case.id, " ", actor=agent)) == "value_required"
    service.decline(case.id, "超过七天", actor=agent)
    assert (case.ending, case.outcome.reveal("test")) == (Ending.DECLINED, "超过七天")
    assert code(lambda: service.reopen(case.id, "", actor=agent)) == "value_required"
    service.reopen(case.id, "客户发来照片", actor=agent)
    assert (case.number, case.phase, case.ending, case.closed_at) == (number, CasePhase.RESOLVE, None, None)
    assert [note.text.reveal("test") for note in queries.notes_of(case)] == ["超过七天", "客户发来照片"]


def test_whoever_opens_a_case_again_that_nobody_owned_has_it_from_there_on():
    order, asker, agent = left(), make.actor(Role.PRE_SALE), make.actor(Role.AFTER_SALE)
    case = service.record(order.id, Application(CaseKind.TRACE, "三天没动静"), actor=asker)
    service.close(case.id, "已在派送", actor=asker)
    assert code(lambda: service.reopen(case.id, "还是没到", actor=asker)) == "not_allowed"
    assert service.reopen(case.id, "还是没到", actor=agent).owner_id == agent.id
