"""Parcels on their way: intercepted, refused, not delivered, lost, found again, signed for and not received."""

from __future__ import annotations

import pytest

from shopdesk.cases.queries import courier as reads
from shopdesk.cases.rules.courier import check_outcome
from shopdesk.cases.states import OUTCOMES, CaseKind, CasePhase, CourierOutcome, Custody, Goal, WaitingFor
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.returns import queries, service
from shopdesk.returns.states import ReturnOrigin, ReturnState
from tests import make
from tests.racing import race
from tests.returns.world import agent, case_now, case_of, confirmed, counters, line_of

W = CourierOutcome
#: outcome → after which it may be told, of which kinds: written out once more ("-": as the first).
TABLE = {
    "asked": ("-", "intercept delivery_failure trace not_received"),
    "turned_round": ("- asked", "intercept delivery_failure trace"),
    "refused": ("- asked too_late", "intercept delivery_failure trace"),
    "not_delivered": ("- asked too_late", "intercept delivery_failure trace"),
    "too_late": ("- asked", "intercept"),
    "done": ("- asked", "intercept"),
    "lost": (
        "- asked too_late proof_asked turned_round refused not_delivered came_back",
        "intercept delivery_failure trace not_received",
    ),
    "proof_asked": ("- asked", "not_received trace"),
    "proved": ("proof_asked", "not_received trace"),
    "disproved": ("proof_asked", "not_received trace"),
    "delivered_after_all": (
        "lost disproved turned_round refused not_delivered",
        "intercept delivery_failure trace not_received",
    ),
    "came_back": ("lost disproved", "intercept delivery_failure trace not_received"),
}


def code(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value.code


def on_its_way(units=2, waybills=("SF1234567890123",)):
    order = make.order(lines=(make.line(quantity=units),), waybills=[(number, "顺丰") for number in waybills])
    make.fact(order, Stage.SHIPPED)
    return order


def intercept(goal=Goal.RETURN, units=2):
    owner, order = agent(), on_its_way(units)
    return owner, order, case_of(order, owner, CaseKind.INTERCEPT, goal=goal)


def test_the_table_is_the_one_that_the_desk_follows():
    assert {
        str(o): (
            {"-" if after is None else str(after) for after in rule.after},
            {str(kind) for kind in rule.kinds},
        )
        for o, rule in OUTCOMES.items()
    } == {o: (set(after.split()), set(kinds.split())) for o, (after, kinds) in TABLE.items()}


def heard(kind, last, outcome):
    goal = Goal.PHONE if kind is CaseKind.INTERCEPT else None
    try:
        check_outcome(kind, goal, CasePhase.COMMUNICATE, last, outcome)
    except DomainError as error:
        return error.code
    return "ok"


@pytest.mark.parametrize("outcome", list(W))
def test_each_outcome_is_told_after_its_own_and_of_its_kinds_only(outcome):
    after, kinds = TABLE[outcome]
    for kind in CaseKind:
        for last in (None, *W):
            allowed = (str(last) if last else "-") in after.split() and kind in kinds.split()
            assert heard(kind, last, outcome) == ("ok" if allowed else "wrong_outcome"), (kind, last)


@pytest.mark.usefixtures("app")
def test_an_intercepted_parcel_comes_back_whole_without_a_refund():
    owner, order, case = intercept(units=2)
    service.tell(case.id, W.ASKED, actor=owner, said="已联系网点")
    assert case_now(case).waiting_for is WaitingFor.COURIER
    word = service.tell(case.id, W.TURNED_ROUND, actor=owner)
    (back,) = queries.of_case(case.id, case.store_id)
    assert (back.origin, back.state, back.parcel_id) == (ReturnOrigin.INTERCEPT, ReturnState.SENT, word.parcel_id)
    assert (word.return_id, back.freight) == (back.id, "shop")
    assert counters(order) == (2, 2, 0)
    assert [row.number for row in queries.waybills_of([back.id], back.store_id)] == ["SF1234567890123"]
    found = case_now(case)
    assert (found.phase, found.waiting_for, found.ending) == (CasePhase.RECEIVE, WaitingFor.COURIER, None)
    assert reads.custody(case.id, case.store_id) is Custody.ON_ITS_WAY_BACK
    line = line_of(order)
    assert (line.refunded_minor, line.reserved_minor) == (0, 0)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("outcome", "origin"), [(W.REFUSED, ReturnOrigin.REFUSAL), (W.NOT_DELIVERED, ReturnOrigin.FAILED_DELIVERY)]
)
def test_e53_a_parcel_refused_at_the_door_or_not_delivered_comes_back(outcome, origin):
    owner, order = agent(), on_its_way()
    case = case_of(order, owner, CaseKind.DELIVERY_FAILURE)
    service.tell(case.id, outcome, actor=owner)
    (back,) = queries.of_case(case.id, case.store_id)
    assert (back.origin, back.state) == (origin, ReturnState.SENT)
    assert case_now(case).phase is CasePhase.RECEIVE


@pytest.mark.usefixtures("app")
def test_e55_too_late_to_intercept_offers_a_return_at_delivery():
    owner, order, case = intercept()
    service.tell(case.id, W.TOO_LATE, actor=owner)
    found = case_now(case)
    assert (found.phase, found.waiting_for) == (CasePhase.COMMUNICATE, WaitingFor.CUSTOMER)
    assert queries.of_case(case.id, case.store_id) == []
    assert confirmed(case, owner, 2).origin is ReturnOrigin.CUSTOMER
    assert counters(order) == (2, 2, 0)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("goal", [Goal.REDIRECT, Goal.PHONE, Goal.HOLD_AT_STATION])
def test_what_was_reached_without_a_return_closes_the_case_with_its_outcome(goal):
    owner, _order, case = intercept(goal)
    assert code(service.tell, case.id, W.DONE, actor=owner) == "value_required"
    service.tell(case.id, W.DONE, actor=owner, said="改派到网点自提")
    found = case_now(case)
    assert (found.phase, found.outcome.reveal("test")) == (CasePhase.CLOSED, "改派到网点自提")


@pytest.mark.usefixtures("app")
def test_done_is_no_end_of_an_interception_that_is_to_bring_the_parcel_back():
    owner, _order, case = intercept(Goal.RETURN)
    assert code(service.tell, case.id, W.DONE, actor=owner, said="x") == "wrong_outcome"


@pytest.mark.usefixtures("app")
def test_a_parcel_lost_on_its_way_back_frees_its_units_and_the_case_is_to_be_decided():
    owner, order, case = intercept()
    service.tell(case.id, W.TURNED_ROUND, actor=owner)
    service.tell(case.id, W.LOST, actor=owner, said="网点查无")
    (back,) = queries.of_case(case.id, case.store_id)
    assert (back.state, counters(order)) == (ReturnState.CANCELLED, (2, 0, 0))
    assert case_now(case).phase is CasePhase.RESOLVE
    assert reads.custody(case.id, case.store_id) is Custody.UNKNOWN


@pytest.mark.usefixtures("app")
def test_a_lost_parcel_that_comes_back_is_awaited_again_even_if_the_case_was_closed():
    owner, order, case = intercept()
    service.tell(case.id, W.LOST, actor=owner)
    assert case_now(case).phase is CasePhase.RESOLVE
    make._write(case, {"phase": "closed", "closed_at": make.clock.now(), "closed_by_id": owner.id})
    assert code(service.tell, case.id, W.ASKED, actor=owner) == "case_closed"
    service.tell(case.id, W.CAME_BACK, actor=owner)
    found = case_now(case)
    assert (found.phase, found.closed_at, found.closed_by_id) == (CasePhase.RECEIVE, None, None)
    assert counters(order) == (2, 2, 0)


@pytest.mark.usefixtures("app")
def test_a_lost_parcel_that_was_delivered_after_all_opens_the_case_to_be_decided():
    owner, order, case = intercept()
    service.tell(case.id, W.TURNED_ROUND, actor=owner)
    service.tell(case.id, W.DELIVERED_AFTER_ALL, actor=owner)
    assert (case_now(case).phase, counters(order)) == (CasePhase.RESOLVE, (2, 0, 0))
    assert reads.custody(case.id, case.store_id) is Custody.CUSTOMER


@pytest.mark.usefixtures("app")
def test_signed_for_and_not_received_proof_is_asked_and_without_one_it_counts_as_lost():
    owner, order = agent(), on_its_way()
    case = case_of(order, owner, CaseKind.NOT_RECEIVED)
    assert code(service.tell, case.id, W.PROVED, actor=owner) == "wrong_outcome"
    service.tell(case.id, W.PROOF_ASKED, actor=owner)
    assert reads.custody(case.id, case.store_id) is Custody.COURIER
    service.tell(case.id, W.DISPROVED, actor=owner)
    assert case_now(case).phase is CasePhase.RESOLVE
    assert reads.next_outcomes(case_now(case)) == [W.DELIVERED_AFTER_ALL, W.CAME_BACK]


@pytest.mark.usefixtures("app")
def test_only_the_owner_or_a_supervisor_tells_and_only_of_parcels_of_the_order():
    owner, order, case = intercept()
    assert code(service.tell, case.id, W.ASKED, actor=agent()) == "not_the_owner"
    for role in (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER, Role.INTEGRATION):
        who = make.actor(role, store_id=order.store_id)
        assert code(service.tell, case.id, W.ASKED, actor=who) in {"not_allowed", "not_found"}
    stranger = make.actor(Role.SUPERVISOR, store_id=make.store("other").id)
    assert code(service.tell, case.id, W.ASKED, actor=stranger) == "not_found"
    other = make.parcel(on_its_way(waybills=())).id
    assert code(service.tell, case.id, W.ASKED, actor=owner, parcel_id=other) == "not_left"
    assert code(service.tell, case.id, W.ASKED, actor=owner, said="x" * 2001) == "too_long"


@pytest.mark.postgres_in_ci
@pytest.mark.both_engines
def test_of_two_who_tell_different_ends_at_once_one_is_heard(app):
    store_id = make.store().id
    owner = make.actor(Role.AFTER_SALE, store_id=store_id)
    for _ in range(3):
        order = on_its_way(waybills=())
        case_id = case_of(order, owner, CaseKind.INTERCEPT, goal=Goal.RETURN).id
        told = race(
            app,
            lambda i=case_id: service.tell(i, W.TURNED_ROUND, actor=owner),
            lambda i=case_id: service.tell(i, W.TOO_LATE, actor=owner),
        )
        assert sorted(told) == ["ok", "wrong_outcome"]


@pytest.mark.usefixtures("app")
def test_what_the_dock_has_signed_in_is_here_and_no_courier_loses_it_any_more():
    owner, _order, case = intercept()
    service.tell(case.id, W.TURNED_ROUND, actor=owner)
    assert queries.next_outcomes(case_now(case)) == [W.LOST, W.DELIVERED_AFTER_ALL]
    clerk = make.actor(Role.WAREHOUSE, store_id=case.store_id)
    (back,) = queries.of_case(case.id, case.store_id)
    assert service.sign_in("SF1234567890123", back.warehouse_id, actor=clerk).result == "ok"
    found = case_now(case)
    assert (queries.custody(found), queries.next_outcomes(found)) == (Custody.SHOP, [])
    assert code(service.tell, case.id, W.LOST, actor=owner) == "parcel_is_here"
    (back,) = queries.of_case(case.id, case.store_id)
    assert back.state is ReturnState.SENT, "nothing was given up"
