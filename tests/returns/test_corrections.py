"""An inspection is written down anew: what follows it goes back, and a decision stands on what was found."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.states import CasePhase, Resolution
from shopdesk.core import clock
from shopdesk.core.db import db, housekeeping
from shopdesk.core.errors import Conflict, IllegalMove, Stale
from shopdesk.core.permissions import Role
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.service import Decided
from shopdesk.returns.states import ArrivalState, Disposal, Grade, Identity, ReturnState
from tests import make
from tests.returns import rows
from tests.returns.table import arrival_of, missing, order_of, right, standing, state, strange

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = ReturnState


def test_a_correction_moves_the_counters_back_and_forth_and_keeps_what_was_said(world, clerk):
    done = service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk)
    again = [right(world.line, 1), strange(2, Identity.WRONG, world.line)]
    service.correct(world.arrival.id, again, seen_version=done.version, actor=clerk)
    assert (rows.units(world.back), rows.order_units(world.order)) == ([(3, 1, 0)], [(3, 2, 1)])
    assert state(world.back) is R.PARTLY_ARRIVED
    assert standing(world.arrival) == [("right", 1, "A"), ("wrong", 2, "C")]
    case = rows.case_of(world.back)
    assert (case.phase, case.waiting_for) == (CasePhase.RECEIVE, "warehouse"), "two are awaited again"
    assert {notice.body["code"] for notice in make.notices(world.order)} == {"goods_inspected", "inspection_corrected"}
    service.correct(world.arrival.id, [right(world.line, 3)], seen_version=done.version, actor=clerk)
    assert (rows.units(world.back), state(world.back)) == ([(3, 3, 0)], R.INSPECTED)
    assert rows.case_of(world.back).phase is CasePhase.RESOLVE


def test_a_return_of_which_nothing_is_left_after_a_correction_ends_when_the_rest_is_given_up(world, clerk):
    seen = service.inspect(world.arrival.id, [right(world.line, 1)], actor=clerk).version
    service.correct(world.arrival.id, [missing(world.line, 3)], seen_version=seen, actor=clerk)
    case = rows.case_of(world.back)
    owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    cases.accept(case.id, actor=owner)
    service.give_up(world.back.id, "nothing came", actor=owner)
    assert (state(world.back), rows.order_units(world.order)) == (R.CANCELLED, [(3, 0, 0)])


def test_a_correction_of_a_version_that_is_not_the_newest_is_refused(world, clerk):
    seen = service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk).version
    service.correct(world.arrival.id, [right(world.line, 2)], seen_version=seen, actor=clerk)
    with pytest.raises(Stale):
        service.correct(world.arrival.id, [right(world.line, 1)], seen_version=seen, actor=clerk)
    assert rows.units(world.back) == [(3, 2, 0)]


def test_an_inspection_edited_after_the_decision_is_refused(world, clerk):
    done = service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk)
    (row,) = docks.findings(done)
    service.dispose(done.id, [Decided(row.id, Disposal.RESTOCK, 1)], actor=clerk)
    with pytest.raises(IllegalMove) as refused:
        service.correct(done.id, [right(world.line, 1)], seen_version=done.version, actor=clerk)
    assert refused.value.code == "put_away_already"
    assert rows.units(world.back) == [(3, 3, 0)]


def test_an_inspection_on_which_after_sale_has_decided_stands_until_the_decision_is_taken_back(world, clerk):
    seen = service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk).version
    case = rows.case_of(world.back)
    owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    cases.accept(case.id, actor=owner)
    cases.add_resolution(case.id, Resolution.REFUND, actor=owner)
    with pytest.raises(IllegalMove) as refused:
        service.correct(world.arrival.id, [right(world.line, 1)], seen_version=seen, actor=clerk)
    assert (refused.value.code, refused.value.facts["case"]) == ("decided_already", case.number)
    assert rows.units(world.back) == [(3, 3, 0)]
    cases.take_back(case.id, Resolution.REFUND, is_used=False, actor=owner)
    service.correct(world.arrival.id, [right(world.line, 1)], seen_version=seen, actor=clerk)
    assert (rows.units(world.back), rows.case_of(world.back).phase) == ([(3, 1, 0)], CasePhase.RECEIVE)


def test_what_is_said_of_one_case_is_corrected_while_the_other_case_of_the_parcel_is_decided(clerk):
    one, other = rows.back(rows.shipped()), rows.back(rows.shipped())
    arrival = arrival_of(clerk, one, other)
    lines = [rows.lines(back)[0].id for back in (one, other)]
    seen = service.inspect(arrival.id, [right(line) for line in lines], actor=clerk).version
    owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    cases.accept(one.case_id, actor=owner)
    cases.add_resolution(one.case_id, Resolution.REFUND, actor=owner)
    first = docks.findings(arrival)[0].id
    again = [right(lines[0]), right(lines[1], 1, Grade.D, defect=True)]
    service.correct(arrival.id, again, seen_version=seen, actor=clerk)
    assert [row.grade for row in docks.findings(arrival)] == [Grade.A, Grade.D]
    assert docks.findings(arrival)[0].id == first, "nothing was said anew of the decided one"
    told = [notice.body["code"] for back in (one, other) for notice in make.notices(order_of(back))]
    assert told == ["goods_inspected", "goods_inspected", "inspection_corrected"]


def test_an_inspection_of_a_case_that_is_closed_stands(world, clerk):
    done = service.inspect(world.arrival.id, [right(world.line, 3)], actor=clerk)
    _close(world.back)
    with pytest.raises(IllegalMove) as refused:
        service.correct(done.id, [right(world.line, 1)], seen_version=done.version, actor=clerk)
    assert refused.value.code == "case_closed"


@housekeeping
def _close(back):
    case = rows.case_of(back)
    case.phase, case.closed_at = CasePhase.CLOSED, clock.now()
    db.session.flush()


@pytest.mark.parametrize("wanted", list(ArrivalState))
@pytest.mark.parametrize("act", ["open", "inspect", "correct"])
def test_every_state_of_a_parcel_allows_its_own_acts(clerk, wanted, act):
    back = rows.back(rows.shipped())
    line = rows.lines(back)[0].id
    house = docks.warehouses_of(clerk)[0].id
    arrival = service.sign_in("SF1", house, actor=clerk).arrival
    service.match(arrival.id, back.id, actor=clerk)
    if wanted is not ArrivalState.SIGNED_IN:
        service.open_arrival(arrival.id, actor=clerk)
    if wanted is ArrivalState.INSPECTED:
        service.inspect(arrival.id, [right(line)], actor=clerk)
    acts = {
        "open": lambda: service.open_arrival(arrival.id, actor=clerk),
        "inspect": lambda: service.inspect(arrival.id, [right(line)], actor=clerk),
        "correct": lambda: service.correct(arrival.id, [right(line)], seen_version=arrival.version, actor=clerk),
    }
    refused = {("inspect", ArrivalState.INSPECTED): Conflict} | {
        ("correct", before): IllegalMove for before in (ArrivalState.SIGNED_IN, ArrivalState.OPENED)
    }
    db.session.refresh(arrival)
    if (act, wanted) in refused:
        with pytest.raises(refused[act, wanted]):
            acts[act]()
        return
    acts[act]()
    db.session.refresh(arrival)
    expected = (
        ArrivalState.INSPECTED if act != "open" else max(wanted, ArrivalState.OPENED, key=list(ArrivalState).index)
    )
    assert arrival.state is expected
