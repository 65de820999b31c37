"""拆包验货: what was in a parcel, by quantity; counters, returns and cases follow, and follow a correction."""

from __future__ import annotations

import pytest

from shopdesk.cases.states import CasePhase
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Grade, Identity, ReturnState
from tests import make
from tests.returns import rows
from tests.returns.table import arrival_of, missing, more, right, standing, state, strange

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = ReturnState


@pytest.mark.mission("M095", "M121")
def test_everything_right_moves_the_counters_the_return_and_the_case_and_tells_its_owner(world, clerk):
    service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk)
    assert (rows.units(world.back), rows.order_units(world.order)) == ([(3, 3, 0)], [(3, 0, 3)])
    assert state(world.back) is R.INSPECTED
    case = rows.case_of(world.back)
    assert (case.phase, case.waiting_for) == (CasePhase.RESOLVE, None)
    (told,) = make.notices(world.order, NoticeKind.ALARM)
    assert (told.body["code"], told.role) == ("goods_inspected", Role.AFTER_SALE)
    (row,) = docks.findings(world.arrival)
    assert (row.found_by_id, row.has_defect, row.sku, row.title) == (clerk.id, False, "HAT-01", "羊毛帽")


def test_e25_two_of_three_arrive_one_of_them_used_the_third_is_missing_and_stays_awaited(world, clerk):
    found = [right(world.line), right(world.line, 1, Grade.C, defect=True), missing(world.line)]
    service.inspect(world.arrival.id, found, actor=clerk)
    assert rows.units(world.back) == [(3, 2, 0)]
    assert rows.order_units(world.order) == [(3, 1, 2)]
    assert (state(world.back), rows.case_of(world.back).phase) == (R.PARTLY_ARRIVED, CasePhase.RECEIVE)
    assert standing(world.arrival) == [("right", 1, "A"), ("right", 1, "C"), ("missing", 1, None)]


def test_e26_two_parcels_days_apart_add_up(world, clerk):
    service.inspect(world.arrival.id, [right(world.line, 1)], actor=clerk)
    assert state(world.back) is R.PARTLY_ARRIVED
    second = arrival_of(clerk, world.back, waybill="SF2")
    service.inspect(second.id, [right(world.line, 2)], actor=clerk)
    assert (rows.units(world.back), state(world.back)) == ([(3, 3, 0)], R.INSPECTED)
    assert rows.case_of(world.back).phase is CasePhase.RESOLVE


def test_all_here_while_another_parcel_of_it_is_unopened_is_arrived_and_not_inspected(world, clerk):
    second = arrival_of(clerk, world.back, waybill="SF2")
    service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk)
    assert (state(world.back), rows.case_of(world.back).phase) == (R.ARRIVED, CasePhase.INSPECT)
    service.inspect(second.id, [strange()], actor=clerk)
    assert (state(world.back), rows.case_of(world.back).phase) == (R.INSPECTED, CasePhase.RESOLVE)


def test_a_parcel_with_goods_of_three_cases_and_one_stranger(clerk):
    orders = [rows.shipped() for _ in range(3)]
    backs = [rows.back(order) for order in orders]
    arrival = arrival_of(clerk, *backs)
    found = [right(rows.lines(back)[0].id) for back in backs] + [strange()]
    service.inspect(arrival.id, found, actor=clerk)
    assert [state(back) for back in backs] == [R.INSPECTED] * 3
    assert [rows.case_of(back).phase for back in backs] == [CasePhase.RESOLVE] * 3
    assert standing(arrival) == [("right", 1, "A")] * 3
    assert [standing(each) for each in docks.unknown(clerk)] == [[("unexpected", 1, "C")]], "goods of their own"


@pytest.mark.mission("M121")
def test_more_than_expected_is_unexpected_and_no_counter_goes_over(world, clerk):
    service.inspect(world.arrival.id, [more(world.line, 5)], actor=clerk)
    assert standing(world.arrival) == [("right", 3, "A"), ("unexpected", 2, "A")]
    assert (rows.units(world.back), rows.order_units(world.order)) == ([(3, 3, 0)], [(3, 0, 3)])
    event = db.session.query(Event).filter_by(action="arrival.inspected").one()
    assert event.body["units"] == {"right": 3, "unexpected": 2}


def test_only_wrong_goods_leave_the_return_awaited(world, clerk):
    service.inspect(world.arrival.id, [strange(3, Identity.WRONG, world.line), missing(world.line, 3)], actor=clerk)
    assert (rows.units(world.back), state(world.back)) == ([(3, 0, 0)], R.SENT)
    assert rows.case_of(world.back).phase is CasePhase.RECEIVE


def test_units_that_were_given_up_and_turn_up_after_all_count_as_arrived(world, clerk):
    service.inspect(world.arrival.id, [right(world.line, 2)], actor=clerk)
    rows.give_up(world.back)
    late = arrival_of(clerk, world.back, waybill="SF2")
    service.inspect(late.id, [right(world.line, 1)], actor=clerk)
    assert (rows.units(world.back), rows.order_units(world.order)) == ([(3, 3, 0)], [(3, 0, 3)])


def test_a_cancelled_return_that_comes_nevertheless(world, clerk):
    rows.cancel(world.back)
    assert rows.order_units(world.order) == [(3, 0, 0)]
    service.inspect(world.arrival.id, [right(world.line, 2)], actor=clerk)
    assert (rows.units(world.back), rows.order_units(world.order)) == ([(3, 2, 1)], [(3, 0, 2)])
    assert state(world.back) is R.INSPECTED


def test_a_cancelled_return_whose_units_come_back_by_another_one_takes_no_unit_from_it(world, clerk):
    rows.cancel(world.back)
    other = rows.back(world.order, {1: 3})
    service.inspect(world.arrival.id, [more(world.line, 2)], actor=clerk)
    assert standing(world.arrival) == [("unexpected", 2, "A")]
    assert (rows.units(other), rows.order_units(world.order)) == ([(3, 0, 0)], [(3, 3, 0)])


def test_an_inspection_of_nothing_and_lines_that_cannot_be_are_refused(world, clerk):
    other = rows.lines(rows.back(rows.shipped()))[0].id
    for found, code in [
        ([], "nothing_found"),
        ([right(world.line, 0)], "bad_quantity"),
        ([right(None)], "line_required"),
        ([Found(Identity.RIGHT, 1, world.line, None, has_defect=False)], "grade_required"),
        ([Found(Identity.RIGHT, 1, world.line, Grade.A)], "defect_required"),
        ([Found(Identity.MISSING, 1, world.line, Grade.A)], "grade_of_nothing"),
        ([Found(Identity.UNEXPECTED, 1, None, Grade.A)], "words_required"),
        ([Found(Identity.UNEXPECTED, 1, world.line, Grade.A, title="x")], "line_not_wanted"),
        ([right(world.line, 2), missing(world.line, 2)], "too_many_missing"),
        ([strange()] * 201, "too_many_findings"),
    ]:
        with pytest.raises(RuleViolation) as refused:
            service.inspect(world.arrival.id, found, actor=clerk)
        assert refused.value.code == code
    with pytest.raises(NotFound):
        service.inspect(world.arrival.id, [right(other)], actor=clerk)
    assert (standing(world.arrival), rows.units(world.back)) == ([], [(3, 0, 0)])


@pytest.mark.mission("M133")
def test_who_inspects_gives_the_first_verdict_and_after_sale_reads_it_and_writes_none(world, clerk):
    service.inspect(world.arrival.id, [right(world.line, 3, Grade.B, defect=True)], actor=clerk)
    agent = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    (row,) = docks.findings(docks.load_arrival(world.arrival.id, agent))
    assert (row.has_defect, row.found_by_id) == (True, clerk.id)
    with pytest.raises(NotAllowed):
        service.correct(world.arrival.id, [right(world.line, 3)], seen_version=2, actor=agent)
    assert rows.case_of(world.back).phase is CasePhase.RESOLVE, "the decision is after-sale's"
