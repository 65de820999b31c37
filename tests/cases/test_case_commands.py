"""Recording, accepting and closing cases: what is refused, by role and by store."""

from __future__ import annotations

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.queries import Whose
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, CourierOutcome, Goal, WaitingFor
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.parcels.states import Stage
from shopdesk.returns import service as returns
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")
RETURN = Application(CaseKind.RETURN, "尺寸不合适")
INVOICE = Application(CaseKind.INVOICE, "抬头:云帆贸易公司")


def left(stage: Stage = Stage.SHIPPED):
    order = make.order()
    make.fact(order, stage)
    return order


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


@pytest.mark.mission("M038")
def test_pre_sale_records_what_the_customer_of_a_shipped_order_wants_for_after_sale_to_accept():
    order, recorder = left(), make.actor(Role.PRE_SALE)
    case = service.record(order.id, Application(CaseKind.INTERCEPT, "寄错了,退回", Goal.RETURN), actor=recorder)
    assert (case.source, case.role, case.owner_id) == (CaseSource.ASKED, Role.AFTER_SALE, None)
    assert (case.parcel_id, case.opened_by_id) == (make.parcel(order).id, recorder.id)
    assert code(service.accept, case.id, actor=recorder) == "not_allowed"
    agent = make.actor(Role.AFTER_SALE)
    assert service.accept(case.id, actor=agent).owner_id == agent.id
    assert service.accept(case.id, actor=agent).version == 2, "again changes nothing"
    service.set_waiting(case.id, WaitingFor.COURIER, actor=agent)
    returns.tell(case.id, CourierOutcome.TOO_LATE, actor=agent)
    closed = service.close(case.id, "已签收,按退货处理", actor=agent)
    assert (closed.phase, closed.closed_by_id, closed.waiting_for) == (CasePhase.CLOSED, agent.id, None)
    assert code(service.close, case.id, "once more", actor=agent) == "case_closed"
    assert code(service.accept, case.id, actor=agent) == "case_closed"


@pytest.mark.parametrize("stage", [None, Stage.PRINTED, Stage.PACKED, Stage.VOIDED])
def test_while_nothing_has_left_a_change_is_asked_for_instead(stage):
    order = make.order()
    if stage:
        make.fact(order, stage)
    with pytest.raises(IllegalMove) as refused:
        service.record(order.id, RETURN, actor=make.actor(Role.AFTER_SALE))
    assert refused.value.code == "not_left"
    make._write(make.parcel(order), {"stage": "voided"})
    with pytest.raises(IllegalMove) as refused:
        service.record(order.id, RETURN, actor=make.actor(Role.AFTER_SALE))
    assert refused.value.code == "order_voided", "nothing of it is changed either"


def test_of_several_parcels_the_case_is_about_one_that_has_left():
    order = make.order(lines=(make.line(quantity=2),))
    home = make.parcel(order)
    second = worlds.split(order, 1, 1)
    agent = make.actor(Role.AFTER_SALE)
    make.fact(order, Stage.SHIPPED)
    assert service.record(order.id, RETURN, actor=agent).parcel_id == home.id
    meant = Application(CaseKind.RETURN, "尺寸不合适", parcel_id=second.id)
    assert code(service.record, order.id, meant, actor=agent) == "not_left"


def test_an_order_of_another_store_does_not_exist_for_cases_either():
    here, there = make.store(), make.store("other")
    order = make.order(there)
    make.fact(order, Stage.SHIPPED)
    boss = make.actor(Role.SUPERVISOR, store_id=there.id)
    case = service.record(order.id, RETURN, actor=boss)
    agent = make.actor(Role.AFTER_SALE, store_id=here.id)
    for call in (
        lambda: service.record(order.id, RETURN, actor=agent),
        lambda: service.accept(case.id, actor=agent),
        lambda: service.close(case.id, "solved", actor=agent),
        lambda: queries.case_by_id(case.id, agent),
    ):
        with pytest.raises(NotFound):
            call()
    assert queries.page(agent, Whose.ALL) == []
    assert queries.counts(agent, Whose.ALL) == {}
    assert queries.by_number(case.number or "", agent) is None
    assert queries.by_number(case.number or "", boss) == (case.id, order.id)


#: role → what came of recording, seeing, accepting and closing a return, and of the last three on an invoice.
MATRIX = {
    Role.PRE_SALE: ("ok", "ok", "not_allowed", "other_role", "ok", "not_allowed", "other_role"),
    Role.AFTER_SALE: ("ok", "ok", "ok", "ok", "ok", "other_role", "other_role"),
    Role.FINANCE: ("not_allowed", "other_role", "other_role", "other_role", "ok", "ok", "ok"),
    Role.SUPERVISOR: ("ok", "ok", "serves_no_customer", "ok", "ok", "serves_no_customer", "ok"),
    **dict.fromkeys((Role.PRINTING, Role.WAREHOUSE, Role.MANAGER, Role.INTEGRATION), ("not_allowed",) * 7),
}


@pytest.mark.parametrize("role", ASSIGNABLE)
def test_each_role_does_what_is_its_to_do_and_no_more(role):
    order, boss, who = left(), make.actor(Role.SUPERVISOR), make.actor(role)
    found = [code(service.record, order.id, RETURN, actor=who)]
    for application in (RETURN, INVOICE):
        case = service.record(order.id, application, actor=boss)
        found += [
            code(queries.case_by_id, case.id, who),
            code(service.accept, case.id, actor=who),
            code(service.close, case.id, "solved", actor=who),
        ]
    assert tuple(found) == MATRIX[role]


def test_finance_finds_only_its_own_in_the_lists():
    order, boss, finance = left(), make.actor(Role.SUPERVISOR), make.actor(Role.FINANCE)
    service.record(order.id, RETURN, actor=boss)
    theirs = service.record(order.id, INVOICE, actor=boss)
    assert [row.id for row in queries.page(finance, Whose.ALL)] == [theirs.id]
    assert queries.counts(finance, Whose.ALL) == {CaseKind.INVOICE: 1}
    assert [row.id for row in queries.of_order(order.id, order.store_id, finance)] == [theirs.id]
    assert [queries.count_waiting(who) for who in (finance, boss, make.actor(Role.AFTER_SALE))] == [1, 0, 1]
    assert queries.reads_wish(theirs, finance)


def test_lists_know_mine_nobodys_and_closed_ones_and_go_on_page_by_page():
    order, agent, other = left(), make.actor(Role.AFTER_SALE), make.actor(Role.AFTER_SALE)
    made = [service.record(order.id, RETURN, actor=agent).id for _ in range(5)]
    service.accept(made[0], actor=agent)
    service.accept(made[1], actor=other)
    for case_id in made[3:]:
        service.accept(case_id, actor=agent)
        service.close(case_id, "solved", actor=agent)

    def listed(whose, **more):
        return [row.id for row in queries.page(agent, whose, **more)]

    assert listed(Whose.ALL) == made[:3]
    assert listed(Whose.MINE) == made[:1]
    assert listed(Whose.UNASSIGNED) == made[2:3]
    assert listed(Whose.CLOSED) == made[:2:-1]
    assert listed(Whose.ALL, after=made[0], limit=1) == made[1:2]
    assert listed(Whose.CLOSED, after=made[4]) == made[3:4]
    assert listed(Whose.ALL, kind=CaseKind.TRACE) == []
    assert queries.count_waiting(agent) == 2


def test_somebody_elses_case_is_taken_and_only_a_supervisor_ends_it():
    order, agent, other = left(), make.actor(Role.AFTER_SALE, signature="阿禾"), make.actor(Role.AFTER_SALE)
    case = service.record(order.id, RETURN, actor=agent)
    with pytest.raises(IllegalMove):
        service.close(case.id, "solved", actor=agent)
    service.accept(case.id, actor=agent)
    with pytest.raises(Conflict) as taken:
        service.accept(case.id, actor=other)
    assert taken.value.facts["who"] == "阿禾"
    with pytest.raises(NotAllowed):
        service.close(case.id, "solved", actor=other)
    with pytest.raises(RuleViolation):
        service.close(case.id, "  ", actor=agent)
    assert service.close(case.id, "solved", actor=make.actor(Role.SUPERVISOR)).owner_id == agent.id


def test_pre_sale_closes_a_question_after_the_parcel_that_nobody_took():
    order, recorder = left(), make.actor(Role.PRE_SALE)
    case = service.record(order.id, Application(CaseKind.TRACE, "三天没动静"), actor=recorder)
    assert service.close(case.id, "已在派送", actor=recorder).phase is CasePhase.CLOSED
