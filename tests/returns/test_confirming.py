"""The shop agrees that goods come back: which units, by whom, in time or as an exception; and takes it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.service import move as move_case
from shopdesk.cases.states import CasePhase, PhaseMove, Reason, WaitingFor
from shopdesk.core import clock
from shopdesk.core.db import command
from shopdesk.core.errors import DomainError, NotFound
from shopdesk.core.permissions import Role
from shopdesk.returns import queries, service
from shopdesk.returns.rules import freight_of
from shopdesk.returns.states import FreightPayer, ReturnOrigin, ReturnState
from tests import make
from tests.racing import race
from tests.returns.world import agent, boss, case_now, case_of, confirmed, counters, line_of, sent

pytestmark = pytest.mark.usefixtures("app")


def refused(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value


@pytest.mark.mission("M092")
def test_a_confirmed_return_takes_its_units_keeps_their_names_and_moves_the_case():
    owner = agent()
    order = sent(units=3)
    case = case_of(order, owner)
    made = confirmed(case, owner, 2)
    assert (made.state, made.origin, made.policy_days) == ("confirmed", "customer", 7)
    assert made.until > clock.now() + timedelta(days=6)
    assert counters(order) == (3, 2, 0)
    found = case_now(case)
    assert (found.phase, found.waiting_for) == (CasePhase.RECEIVE, WaitingFor.CUSTOMER)
    (line,) = queries.lines_of([made.id], made.store_id)
    assert (line.expected, line.title, line.sku, line.attributes) == (2, "羊毛帽", "HAT-01", "颜色分类:黑色")
    make._write(line_of(order), {"title": "renamed", "sku": "X"})
    (line,) = queries.lines_of([made.id], made.store_id)
    assert (line.title, line.sku) == ("羊毛帽", "HAT-01")


def test_a_case_may_have_several_returns():
    owner = agent()
    order = sent(units=3)
    case = case_of(order, owner)
    confirmed(case, owner, 1)
    confirmed(case, owner, 2)
    assert counters(order) == (3, 3, 0)
    assert queries.goods(case.id, case.store_id).expected == 3


def test_e23_more_than_was_shipped_or_of_what_has_not_left_is_refused():
    owner = agent()
    order = sent(units=2)
    case = case_of(order, owner)
    error = refused(confirmed, case, owner, 3)
    assert (error.code, error.facts["left"]) == ("more_than_left", 2)
    confirmed(case, owner, 1)
    assert refused(confirmed, case, owner, 2).facts["left"] == 1
    make._write(line_of(order), {"shipped": 0, "in_return": 0})
    assert refused(confirmed, case, owner, 1).code == "not_left"


def test_e34_what_was_cancelled_before_it_left_cannot_come_back():
    owner = agent()
    order = sent(units=3)
    make._write(line_of(order), {"shipped": 2, "cancelled": 1})
    case = case_of(order, owner)
    assert refused(confirmed, case, owner, 3).facts["left"] == 2


def test_a_voided_order_has_nothing_to_send_back():
    owner = agent()
    order = sent()
    case = case_of(order, owner)
    make._write(make.parcel(order), {"stage": "voided"})
    assert refused(confirmed, case, owner, 1).code == "order_voided"


@pytest.mark.parametrize("lines", [{}, {"own": 0}, {"own": -1}])
def test_nothing_and_negative_units_are_refused(lines):
    owner = agent()
    order = sent()
    case = case_of(order, owner)
    meant = {line_of(order).id: units for units in lines.values()}
    assert refused(service.confirm, case.id, meant, actor=owner).code == "units_required"


def test_a_line_of_another_order_is_unknown():
    owner = agent()
    case, other = case_of(sent(), owner), sent()
    assert refused(service.confirm, case.id, {line_of(other).id: 1}, actor=owner).code == "no_such_line"


def test_only_its_owner_or_a_supervisor_confirms():
    owner, order = agent(), sent()
    case, free = case_of(order, owner), case_of(order, None)
    assert refused(confirmed, case, agent(), 1).code == "not_the_owner"
    assert refused(confirmed, free, owner, 1).code == "not_accepted"
    for role in (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER, Role.INTEGRATION):
        stranger = make.actor(role, store_id=order.store_id)
        assert refused(confirmed, case, stranger, 1).code in {"not_allowed", "not_found"}, role
    assert confirmed(free, boss(), 1).state is ReturnState.CONFIRMED
    assert confirmed(case, boss(), 1).state is ReturnState.CONFIRMED


def test_a_case_of_another_store_does_not_exist():
    case = case_of(sent(), agent())
    stranger = make.actor(Role.SUPERVISOR, store_id=make.store("other").id)
    with pytest.raises(NotFound):
        service.confirm(case.id, {1: 1}, actor=stranger)


def test_a_closed_case_and_one_that_is_inspected_take_no_further_return():
    owner = agent()
    closed = case_of(sent(), owner)
    cases.close(closed.id, "solved", actor=owner)
    assert refused(confirmed, closed, owner, 1).code == "case_closed"
    case = case_of(sent(), owner)
    confirmed(case, owner, 1)
    move(case, PhaseMove.GOODS_ARRIVED, owner)
    assert refused(confirmed, case, owner, 1).code == "wrong_phase"


def move(case, name, who):
    command(lambda: move_case(case_now(case), name, actor=who))()


@pytest.mark.parametrize(
    ("policy", "reason", "given", "payer"),
    [
        ("by_reason", Reason.QUALITY, None, "shop"),
        ("by_reason", Reason.DAMAGED, None, "shop"),
        ("by_reason", Reason.SHORT, None, "shop"),
        ("by_reason", Reason.WRONG_ITEM, None, "shop"),
        ("by_reason", Reason.NOT_AS_DESCRIBED, None, "shop"),
        ("by_reason", Reason.UNWANTED, None, "customer"),
        ("by_reason", None, None, "customer"),
        ("by_reason", Reason.UNWANTED, FreightPayer.SHOP, "shop"),
        ("shop", Reason.UNWANTED, None, "shop"),
        ("customer", Reason.QUALITY, None, "customer"),
    ],
)
def test_who_pays_for_the_way_back_is_decided_for_each_return(policy, reason, given, payer):
    assert freight_of(ReturnOrigin.CUSTOMER, FreightPayer(policy), reason, given) == payer
    assert freight_of(ReturnOrigin.REFUSAL, FreightPayer(policy), reason, None) == "shop"


def test_by_reason_is_no_answer_to_who_pays():
    owner = agent()
    case = case_of(sent(), owner)
    assert refused(confirmed, case, owner, 1, freight=FreightPayer.BY_REASON).code == "value_required"


def test_a_day_to_send_by_lies_ahead():
    owner = agent()
    case = case_of(sent(), owner)
    for until in (clock.now() - timedelta(hours=1), clock.now() + timedelta(days=91)):
        assert refused(confirmed, case, owner, 1, until=until).code == "bad_until"
    by = clock.now() + timedelta(days=3)
    assert confirmed(case, owner, 1, until=by).until == by


def test_cancelling_frees_the_units_and_the_case_goes_on():
    owner = agent()
    order = sent(units=2)
    case = case_of(order, owner)
    made = confirmed(case, owner, 2)
    assert refused(service.cancel, made.id, " ", actor=owner).code == "value_required"
    service.cancel(made.id, "客户留下了", actor=owner)
    assert counters(order) == (2, 0, 0)
    assert case_now(case).phase is CasePhase.RESOLVE
    assert refused(service.cancel, made.id, "again", actor=owner).code == "wrong_state"
    again = confirmed(case, owner, 2)
    assert case_now(case).phase is CasePhase.RECEIVE
    assert [back.state for back in queries.of_case(case.id, case.store_id)] == ["cancelled", "confirmed"]
    assert again.id != made.id


def test_while_another_return_is_awaited_cancelling_one_leaves_the_case_where_it_is():
    owner = agent()
    case = case_of(sent(units=2), owner)
    made, _other = confirmed(case, owner, 1), confirmed(case, owner, 1)
    service.cancel(made.id, "kept", actor=owner)
    assert case_now(case).phase is CasePhase.RECEIVE


@pytest.mark.both_engines
def test_of_two_who_confirm_the_same_units_at_once_one_wins_and_the_other_hears_what_is_left(app):
    store_id = make.store().id
    people = [make.actor(Role.AFTER_SALE, store_id=store_id, signature=name) for name in ("阿禾", "小棠")]
    for _ in range(3):
        order = sent(units=3)
        line_id = line_of(order).id
        ids = [case_of(order, who).id for who in people]
        outcomes = race(
            app,
            *(
                lambda who=who, case_id=case_id, line_id=line_id: service.confirm(case_id, {line_id: 2}, actor=who)
                for who, case_id in zip(people, ids, strict=True)
            ),
        )
        assert sorted(outcomes) == ["more_than_left", "ok"]
        assert counters(order) == (3, 2, 0)
