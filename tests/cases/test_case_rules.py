"""What may happen to a case, and by whom: the tables written out once more."""

from __future__ import annotations

import pytest

from shopdesk.cases import rules
from shopdesk.cases.rules import Who
from shopdesk.cases.states import CHOICES, MOVES, CaseKind, CasePhase, Goal, PhaseMove, role_of
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role

CLOSED = CasePhase.CLOSED
OWNER, OTHER = 1, 2
AFTER_SALE = Who(OWNER, holds_role=True, is_supervisor=False)
PRE_SALE = Who(3, holds_role=False, is_supervisor=False)
BOSS = Who(4, holds_role=False, is_supervisor=True)
BOTH = Who(5, holds_role=True, is_supervisor=True)
DESK = Who(None, holds_role=True, is_supervisor=True)


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


#: (move, phases it starts from, phase it leads to): domain.md §4, written out once more.
TABLE = [
    ("solve", "communicate", "closed"),
    ("decline", "communicate", "closed"),
    ("decide", "communicate", "resolve"),
    ("expect_goods", "communicate resolve", "receive"),
    ("goods_arrived", "receive", "inspect"),
    ("goods_inspected", "inspect", "resolve"),
    ("nothing_comes", "receive", "resolve"),
    ("close", "resolve", "closed"),
    ("close_open", "communicate receive inspect resolve", "closed"),
    ("merge", "communicate receive inspect resolve", "closed"),
    ("reopen", "closed", "resolve"),
]


@pytest.mark.mission("M083")
@pytest.mark.parametrize("phase", list(CasePhase))
@pytest.mark.parametrize(("name", "sources", "target"), TABLE, ids=[row[0] for row in TABLE])
def test_each_move_starts_from_its_phases_only_and_leads_to_one(name, sources, target, phase):
    refused = "case_closed" if phase is CLOSED else "wrong_phase"
    assert code(rules.check_move, phase, PhaseMove(name)) == ("ok" if phase in sources.split() else refused)
    assert MOVES[PhaseMove(name)][1] == target


def test_the_table_has_every_move():
    assert {row[0] for row in TABLE} == set(PhaseMove) == set(MOVES)


@pytest.mark.mission("M003")
@pytest.mark.mission("M078")
@pytest.mark.parametrize(
    ("who", "wanted"),
    [
        (AFTER_SALE, "ok"),
        (BOTH, "ok"),
        (PRE_SALE, "other_role"),
        (BOSS, "serves_no_customer"),
        (DESK, "serves_no_customer"),
    ],
)
def test_only_a_named_person_of_the_role_accepts_and_a_supervisor_serves_no_customer(who, wanted):
    assert code(rules.check_accept, who, Role.AFTER_SALE) == wanted


@pytest.mark.parametrize(
    ("who", "kind", "owner", "wanted"),
    [
        (AFTER_SALE, CaseKind.RETURN, OWNER, "ok"),
        (AFTER_SALE, CaseKind.RETURN, OTHER, "not_the_owner"),
        (AFTER_SALE, CaseKind.RETURN, None, "not_accepted"),
        (AFTER_SALE, CaseKind.TRACE, None, "ok"),
        (PRE_SALE, CaseKind.TRACE, None, "ok"),
        (PRE_SALE, CaseKind.EXTEND_RECEIPT, None, "ok"),
        (PRE_SALE, CaseKind.TRACE, OTHER, "not_the_owner"),
        *((PRE_SALE, kind, None, "other_role") for kind in CaseKind if kind not in {"trace", "extend_receipt"}),
        (BOSS, CaseKind.RETURN, OTHER, "ok"),
        (BOSS, CaseKind.RETURN, None, "ok"),
    ],
)
def test_who_closes_a_case(who, kind, owner, wanted):
    assert code(rules.check_close, who, Role.AFTER_SALE, kind=kind, owner_id=owner) == wanted


@pytest.mark.parametrize(
    ("kind", "goal", "wish", "wanted"),
    [
        (CaseKind.INTERCEPT, Goal.RETURN, "send it back", "ok"),
        (CaseKind.INTERCEPT, None, "send it back", "value_required"),
        (CaseKind.TRACE, Goal.RETURN, "where is it", "goal_without_intercept"),
        (CaseKind.TRACE, None, "where is it", "ok"),
        (CaseKind.TRACE, None, "   ", "value_required"),
        (CaseKind.TRACE, None, "x" * 2001, "too_long"),
    ],
)
def test_an_application_has_words_and_an_interception_its_goal(kind, goal, wish, wanted):
    assert code(rules.check_application, kind, goal, wish) == wanted


def test_only_an_interception_is_chosen_with_a_goal_and_only_an_invoice_is_for_finance():
    assert all((kind is CaseKind.INTERCEPT) == (goal is not None) for kind, goal in CHOICES)
    assert {goal for _, goal in CHOICES if goal} == set(Goal)
    assert {kind for kind, _ in CHOICES} == set(CaseKind)
    assert {kind for kind in CaseKind if role_of(kind) is Role.FINANCE} == {CaseKind.INVOICE}
