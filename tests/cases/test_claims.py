"""Claims against couriers: filed with a day to answer by, every move allowed or refused, overdue, by whom."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import service
from shopdesk.cases.models import Case
from shopdesk.cases.queries import courier as reads
from shopdesk.cases.service import Claimed
from shopdesk.cases.states import CLAIM_MOVES, CaseKind, ClaimState
from shopdesk.core import clock
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from tests import make
from tests.racing import race
from tests.returns.world import agent, case_of, sent

TABLE = {
    "filed": "accepted refused paid withdrawn",
    "accepted": "paid refused",
    "refused": "filed",
    "paid": "",
    "withdrawn": "",
}
CLAIMED = Claimed(12_800, "顺丰", "sf1234567890123")


def code(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value.code


@pytest.fixture
def case(app) -> Case:
    return case_of(sent(), agent(), CaseKind.TRACE)


def test_a_claim_has_a_day_to_be_answered_by(case):
    made = service.file_claim(case.id, CLAIMED, actor=agent())
    assert (made.state, made.amount_minor, made.waybill) == ("filed", 12_800, "SF1234567890123")
    assert timedelta(days=14) < made.due_at - clock.now() <= timedelta(days=16)
    assert reads.overdue_claims(agent(), clock.now()) == []
    make._write(made, {"due_at": clock.now() - timedelta(minutes=1)})
    assert [claim.id for claim in reads.overdue_claims(agent(), clock.now())] == [made.id]
    assert reads.overdue_claims(make.actor(Role.AFTER_SALE, store_id=make.store("other").id), clock.now()) == []
    service.move_claim(made.id, ClaimState.PAID, actor=agent(), paid_minor=10_000, result="赔了一百")
    assert (made.state, made.paid_minor, made.ended_at is not None) == ("paid", 10_000, True)
    assert made.result.reveal("test") == "赔了一百"
    assert reads.overdue_claims(agent(), clock.now()) == []


@pytest.mark.parametrize("target", list(ClaimState))
@pytest.mark.parametrize("state", list(ClaimState))
def test_each_move_is_allowed_or_refused_as_the_table_says(case, state, target):
    made = service.file_claim(case.id, CLAIMED, actor=agent())
    make._write(made, {"state": state})

    def go():
        return service.move_claim(made.id, target, actor=agent(), paid_minor=100).state

    if target in TABLE[state].split():
        assert go() == target
    else:
        assert code(go) == "wrong_state"


def test_the_table_names_every_move():
    assert {(s, t) for s, targets in TABLE.items() for t in targets.split()} == CLAIM_MOVES


@pytest.mark.parametrize(
    ("claimed", "why"),
    [
        (Claimed(0, "顺丰"), "amount_required"),
        (Claimed(-5, "顺丰"), "amount_required"),
        (Claimed(5, "  "), "value_required"),
        (Claimed(5, "顺丰", due_at=clock.now() - timedelta(days=1)), "bad_due"),
        (Claimed(5, "顺丰", due_at=clock.now() + timedelta(days=400)), "bad_due"),
    ],
)
def test_a_claim_that_makes_no_sense_is_refused(case, claimed, why):
    assert code(service.file_claim, case.id, claimed, actor=agent()) == why


def test_more_than_was_claimed_or_nothing_is_no_payment(case):
    made = service.file_claim(case.id, CLAIMED, actor=agent())
    for paid, why in ((None, "amount_required"), (0, "amount_required"), (12_801, "more_than_claimed")):
        assert code(service.move_claim, made.id, ClaimState.PAID, actor=agent(), paid_minor=paid) == why


def test_after_sale_and_supervisors_keep_claims_others_do_not(case):
    made = service.file_claim(case.id, CLAIMED, actor=make.actor(Role.SUPERVISOR, store_id=case.store_id))
    for role in (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER, Role.INTEGRATION):
        who = make.actor(role, store_id=case.store_id)
        assert code(service.file_claim, case.id, CLAIMED, actor=who) in {"not_allowed", "not_found"}, role
        assert code(service.move_claim, made.id, ClaimState.ACCEPTED, actor=who) in {"not_allowed", "not_found"}, role
    stranger = make.actor(Role.SUPERVISOR, store_id=make.store("other").id)
    assert code(service.file_claim, case.id, CLAIMED, actor=stranger) == "not_found"
    assert code(service.move_claim, made.id, ClaimState.ACCEPTED, actor=stranger) == "not_found"


@pytest.mark.both_engines
def test_of_two_who_file_the_same_claim_or_answer_it_at_once_one_wins(app):
    store_id = make.store().id
    people = [make.actor(Role.AFTER_SALE, store_id=store_id) for _ in range(2)]
    for _ in range(3):
        case_id = case_of(sent(), people[0], CaseKind.TRACE).id
        filed = race(app, *(lambda who=who, c=case_id: service.file_claim(c, CLAIMED, actor=who) for who in people))
        assert sorted(filed) == ["claim_open", "ok"]
        (claim,) = reads.claims_of_case(case_id, store_id)
        claim_id = claim.id
        moved = race(
            app,
            lambda i=claim_id: service.move_claim(i, ClaimState.PAID, actor=people[0], paid_minor=9),
            lambda i=claim_id: service.move_claim(i, ClaimState.WITHDRAWN, actor=people[1]),
        )
        assert moved.count("ok") == 1
        assert set(moved) <= {"ok", "wrong_state", "already_there"}
