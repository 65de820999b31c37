"""The queue of cases: what each view and filter finds, its pages, its counts, how many statements it needs."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from shopdesk.cases import queries as cases
from shopdesk.cases import service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CasePhase, DueSource, Reason, WaitingFor
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.cases import queue
from shopdesk.desk.queries.cases.filters import Filter, Sort, View, read
from shopdesk.parcels.states import Stage
from tests import make
from tests.statements import seen_statements

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
NOW = clock.now()


def sent(store=None):
    order = make.order(store)
    make.fact(order, Stage.SHIPPED)
    return order


def case_of(order, kind=CaseKind.RETURN, *, due=None, owner=None, by, **values) -> int:
    made = service.record(order.id, Application(kind, "尺寸不合适"), actor=by)
    if due is not None:
        values |= {"due_at": NOW + timedelta(hours=due), "due_source": DueSource.STORE}
    elif "due_at" not in values:  # as before the store had a deadline
        values |= {"due_at": None, "due_source": None}
    if owner is not None:
        values |= {"owner_id": owner.id, "accepted_at": NOW}
    if values:
        make._write(made, values)
    return made.id


@pytest.fixture
def agent():
    make.store()
    make.store("other")  # before the person: an actor knows the stores of its moment
    return make.actor(Role.AFTER_SALE, signature="阿禾")


def found(actor, limit=50, **values):
    return [row.id for row in queue.page(actor, Filter(**values), limit=limit).rows]


def test_the_oldest_due_comes_first_and_what_has_no_due_time_by_age(agent):
    order = sent()
    late, none, later, none_too, soon = (case_of(order, due=due, by=agent) for due in (-5, None, 90, None, 1))
    assert found(agent) == [late, soon, later, none, none_too]
    assert found(agent, sort=Sort.AGE) == [late, none, later, none_too, soon]


def test_every_page_goes_on_where_the_last_one_ended_in_every_order_and_view(agent):
    order = sent()
    for number in range(9):
        case_of(order, due=number % 3 if number % 2 else None, by=agent)
    for wanted in (Filter(), Filter(sort=Sort.AGE), Filter(view=View.ENDED)):
        if wanted.view is View.ENDED:
            for case_id in found(agent)[:5]:
                service.close(case_id, "solved", actor=make.actor(Role.SUPERVISOR))
        whole = [row.id for row in queue.page(agent, wanted).rows]
        assert len(whole) == (5 if wanted.view is View.ENDED else 9)
        seen, after = [], None
        while True:
            page = queue.page(agent, wanted, after=after, limit=2)
            seen += [row.id for row in page.rows]
            if (after := page.following) is None:
                break
        assert seen == whole


def test_views_are_whose_it_is_when_it_is_due_and_whom_it_waits_for(agent):
    order, other = sent(), make.actor(Role.AFTER_SALE)
    mine = case_of(order, owner=agent, by=agent, due=-30)
    free = case_of(order, by=agent, waiting_for=WaitingFor.COURIER)
    theirs = case_of(order, owner=other, by=agent, waiting_for=WaitingFor.CUSTOMER, due=24 * 9)
    expected = {
        View.ALL: [mine, theirs, free], View.MINE: [mine], View.UNASSIGNED: [free], View.OVERDUE: [mine],
        View.FOR_COURIER: [free], View.FOR_CUSTOMER: [theirs], View.FOR_FINANCE: [], View.ENDED: [],
    }  # fmt: skip
    assert {view: found(agent, view=view) for view in expected} == expected
    today = case_of(order, by=agent, due_at=clock.now(), due_source=DueSource.STORE)
    assert found(agent, view=View.DUE_TODAY) == [today]


def test_filters_are_any_of_a_list_and_all_of_the_lists(agent):
    order, elsewhere = sent(), sent(make.store("other"))
    late = case_of(order, CaseKind.RETURN, by=agent, reason=Reason.LATE, due=1)
    broken = case_of(order, CaseKind.DAMAGE, by=agent, reason=Reason.DAMAGED, owner=agent)
    far = case_of(elsewhere, CaseKind.DAMAGE, by=agent, reason=Reason.LATE, waiting_for=WaitingFor.PLATFORM)
    assert found(agent, kinds=(CaseKind.DAMAGE,)) == [broken, far]
    assert found(agent, kinds=(CaseKind.DAMAGE, CaseKind.RETURN)) == [late, broken, far]
    assert found(agent, reasons=(Reason.LATE,)) == [late, far]
    assert found(agent, reasons=(Reason.LATE, Reason.DAMAGED), kinds=(CaseKind.DAMAGE,)) == [broken, far]
    assert found(agent, shops=(elsewhere.store_id,)) == [far]
    assert found(agent, owners=(agent.id,)) == [broken]
    assert found(agent, owners=(agent.id, 999)) == [broken]
    assert found(agent, waiting=(WaitingFor.PLATFORM, WaitingFor.COURIER)) == [far]
    assert found(agent, phases=(CasePhase.COMMUNICATE,)) == [late, broken, far]
    assert found(agent, phases=(CasePhase.RESOLVE, CasePhase.INSPECT)) == []
    day = (NOW + timedelta(hours=1)).date()
    assert found(agent, due_from=day - timedelta(days=1), due_to=day + timedelta(days=1)) == [late]
    assert found(agent, due_from=day + timedelta(days=3)) == []


def test_counts_are_of_each_kind_within_the_other_filters(agent):
    order = sent()
    for kind, owner in ((CaseKind.RETURN, agent), (CaseKind.RETURN, None), (CaseKind.TRACE, None)):
        case_of(order, kind, by=agent, owner=owner)

    def counted(**values):
        return {kind: str(count) for kind, count in queue.counts(agent, Filter(**values)).items()}

    both = {CaseKind.RETURN: "2", CaseKind.TRACE: "1"}
    assert counted() == both
    assert counted(kinds=(CaseKind.TRACE,)) == both, "the tabs stand beside each other"
    assert counted(view=View.MINE) == {CaseKind.RETURN: "1"}
    assert counted(view=View.UNASSIGNED) == {CaseKind.RETURN: "1", CaseKind.TRACE: "1"}
    assert counted(view=View.ENDED) == {}
    assert counted(reasons=(Reason.LATE,)) == {}


def test_beyond_what_is_looked_at_a_count_says_so(agent, monkeypatch):
    order = sent()
    for _ in range(4):
        case_of(order, by=agent, owner=agent)
    monkeypatch.setattr(queue, "LOOKED_AT", 3)
    assert str(queue.counts(agent, Filter())[CaseKind.RETURN]) == "3+"
    assert str(queue.counts(agent, Filter(reasons=(Reason.LATE,)))[CaseKind.RETURN]) == "0+"
    assert str(queue.counts(agent, Filter(view=View.MINE))[CaseKind.RETURN]) == "4", "one's own are all counted"


def test_finance_sees_its_own_and_another_store_is_not_there(agent):
    order, far = sent(), sent(make.store("other"))
    boss = make.actor(Role.SUPERVISOR)
    case_of(order, by=agent)
    theirs = case_of(order, CaseKind.INVOICE, by=boss)
    away = case_of(far, CaseKind.INVOICE, by=boss)
    finance = make.actor(Role.FINANCE)
    assert found(finance) == [theirs, away]
    assert list(queue.counts(finance, Filter())) == [CaseKind.INVOICE]
    narrow = make.actor(Role.AFTER_SALE, store_id=far.store_id)
    assert found(narrow) == [away]
    assert found(narrow, shops=(order.store_id,)) == []
    assert {kind: str(count) for kind, count in queue.counts(narrow, Filter()).items()} == {CaseKind.INVOICE: "1"}
    assert found(make.actor(Role.WAREHOUSE)) == []


@pytest.mark.postgres_in_ci
def test_the_queue_needs_the_same_few_statements_for_one_case_and_for_many(agent):
    order = sent()

    def needed(wanted):
        queue.page(agent, wanted)
        queue.counts(agent, wanted)
        db.session.rollback()
        with seen_statements() as seen:
            queue.page(agent, wanted)
            queue.counts(agent, wanted)
        return len(seen)

    filters = (Filter(), Filter(view=View.MINE), Filter(view=View.OVERDUE), Filter(reasons=(Reason.LATE, Reason.OTHER)))
    case_of(order, by=agent, due=-1, owner=agent, reason=Reason.LATE)
    few = [needed(wanted) for wanted in filters]
    for _ in range(30):
        case_of(order, by=agent, due=-1, owner=agent, reason=Reason.LATE)
    assert [needed(wanted) for wanted in filters] == few
    assert max(few) <= 6


def test_the_navigation_counts_ones_own_and_what_nobody_has(agent):
    order = sent()
    for owner in (agent, None, make.actor(Role.AFTER_SALE)):
        case_of(order, by=agent, owner=owner)
    assert cases.count_waiting(agent) == 2
    assert cases.count_waiting(make.actor(Role.FINANCE)) == 0


def test_an_address_is_read_as_far_as_it_says_something():
    given = {
        "whose": ["mine"], "kind": ["trace", "nonsense", "damage"], "owner": ["7", "x"], "due_from": ["2026-11-03"],
        "due_to": ["never"], "sort": ["sideways"],
    }  # fmt: skip
    assert read(given) == Filter(
        view=View.MINE, kinds=(CaseKind.DAMAGE, CaseKind.TRACE), owners=(7,), due_from=date(2026, 11, 3)
    )
