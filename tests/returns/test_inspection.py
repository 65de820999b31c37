"""拆包验货: what was in a parcel, by quantity; counters, returns and cases follow, and follow a correction."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.states import CasePhase, Resolution
from shopdesk.core import clock
from shopdesk.core.audit import Event
from shopdesk.core.db import db, housekeeping
from shopdesk.core.errors import Conflict, IllegalMove, NotAllowed, NotFound, RuleViolation, Stale
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.returns import queries, service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service import Decided
from shopdesk.returns.states import ArrivalState, Disposal, Grade, Identity, ReturnState, Whose
from tests import make
from tests.racing import outcomes, race
from tests.returns import rows

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = ReturnState


@pytest.fixture
def clerk():
    return make.actor(Role.WAREHOUSE, store_id=make.store().id)


def arrival_of(clerk, *backs, waybill="SF1"):
    house = docks.warehouses_of(clerk)[0].id
    arrival = service.sign_in(waybill, house, actor=clerk).arrival
    for back in backs:
        service.match(arrival.id, back.id, actor=clerk)
    return service.open_arrival(arrival.id, actor=clerk)


@pytest.fixture
def world(clerk):
    """An order of three hats of which all come back, and the parcel on the table."""
    order = rows.shipped(lines=(make.line(quantity=3),))
    back = rows.back(order, {1: 3}, sent=True)
    return SimpleNamespace(order=order, back=back, line=rows.lines(back)[0].id, arrival=arrival_of(clerk, back))


def right(line, units=1, grade=Grade.A, *, defect=False, **more):
    return Found(Identity.RIGHT, units, line, grade, defect, **more)


def missing(line, units=1):
    return Found(Identity.MISSING, units, line)


def strange(units=1, identity=Identity.UNEXPECTED, line=None, whose=Whose.OTHERS):
    return Found(identity, units, line, Grade.C, title="旧雨伞", whose=whose)


def more(line, units):
    """Right ones, some of them more than awaited: the clerk was asked, and has counted again."""
    return Found(Identity.RIGHT, units, line, Grade.A, has_defect=False, whose=Whose.MORE)


def standing(arrival):
    found = docks.findings(arrival)
    for row in found:
        db.session.refresh(row)
    return [(str(row.identity), row.quantity, str(row.grade) if row.grade else None) for row in found]


def state(back):
    db.session.refresh(back)
    return back.state


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
    assert len([f for f in standing(arrival) if f[0] == "unexpected"]) == 1


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


# -- more than was expected --------------------------------------------------------------------------------------------


def test_more_than_expected_and_other_goods_are_asked_about_before_anything_is_written(world, clerk):
    for found, lines in [
        ([right(world.line, 5)], [world.line]),
        ([right(world.line, 3), right(world.line, 2, Grade.B)], [world.line]),
        ([right(world.line, 3), strange(2, whose=None)], [0]),
    ]:
        with pytest.raises(RuleViolation) as asked:
            service.inspect(world.arrival.id, found, actor=clerk)
        assert (asked.value.code, asked.value.facts) == ("surplus", {"units": 2, "lines": lines})
        db.session.rollback()
        assert (standing(world.arrival), rows.units(world.back)) == ([], [(3, 0, 0)])


def test_nobody_is_asked_about_a_parcel_of_which_nothing_was_expected(clerk):
    arrival = arrival_of(clerk)
    service.inspect(arrival.id, [strange(2, whose=None)], actor=clerk)
    assert standing(arrival) == [("unexpected", 2, "C")]


def test_more_of_the_same_customer_is_told_to_after_sale_and_keeps_the_case_open_until_it_is_put_away(world, clerk):
    service.inspect(world.arrival.id, [more(world.line, 4)], actor=clerk)
    (told,) = make.notices(world.order, NoticeKind.ALARM)
    assert told.body["code"] == "goods_unexpected"
    (row,) = queries.surplus([world.back.id], world.back.store_id)
    assert (row.quantity, row.sku) == (1, "HAT-01")
    assert not queries.goods(world.back.case_id, world.back.store_id).is_balanced
    for each in docks.findings(world.arrival):
        service.dispose(world.arrival.id, [Decided(each.id, Disposal.SEND_BACK, each.quantity)], actor=clerk)
    assert queries.surplus([world.back.id], world.back.store_id) == []
    assert queries.goods(world.back.case_id, world.back.store_id).is_balanced


def test_what_belongs_to_somebody_else_is_not_the_cases(world, clerk):
    other = Found(Identity.RIGHT, 4, world.line, Grade.A, has_defect=False, whose=Whose.OTHERS)
    service.inspect(world.arrival.id, [other, strange()], actor=clerk)
    assert queries.surplus([world.back.id], world.back.store_id) == []
    assert sorted(each.units for each in docks.undecided(clerk)) == [1, 1, 3]
    assert {notice.body["code"] for notice in make.notices(world.order)} == {"goods_inspected"}


def test_other_goods_of_the_same_customer_stand_beside_their_return(world, clerk):
    second = rows.back(rows.shipped())
    service.inspect(world.arrival.id, [right(world.line, 3), strange(whose=Whose.MORE)], actor=clerk)
    (row,) = queries.surplus([world.back.id], world.back.store_id)
    assert (row.title, row.quantity) == ("旧雨伞", 1)
    both = arrival_of(clerk, world.back, second, waybill="SF9")
    with pytest.raises(RuleViolation) as refused:
        service.inspect(both.id, [strange(whose=Whose.MORE)], actor=clerk)
    assert refused.value.code == "line_required"
    line = rows.lines(second)[0].id
    service.inspect(both.id, [strange(whose=Whose.MORE, line=line)], actor=clerk)
    assert [row.title for row in queries.surplus([second.id], second.store_id)] == ["旧雨伞"]


def test_a_further_return_that_after_sale_confirms_takes_the_surplus_that_is_here(clerk):
    order = rows.shipped(lines=(make.line(quantity=3),))
    back = rows.back(order, {1: 1})
    line = rows.lines(back)[0].id
    arrival = arrival_of(clerk, back)
    service.inspect(arrival.id, [more(line, 3), strange(whose=Whose.MORE)], actor=clerk)
    case = rows.case_of(back)
    owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    cases.accept(case.id, actor=owner)
    (sold,) = orders.lines(order.id, order.store_id)
    second = service.confirm(case.id, {sold.id: 1}, actor=owner)
    assert (rows.units(second), state(second)) == ([(1, 1, 0)], R.INSPECTED)
    assert rows.order_units(order) == [(3, 0, 2)]
    assert rows.case_of(back).phase is CasePhase.RESOLVE
    left = [(row.quantity, row.title) for row in queries.surplus([back.id], back.store_id)]
    assert sorted(left) == [(1, "旧雨伞"), (1, "羊毛帽")], "one hat more than agreed, and what is no hat"
    third = service.confirm(case.id, {sold.id: 1}, actor=owner)
    assert (rows.units(third), rows.order_units(order)) == ([(1, 1, 0)], [(3, 0, 3)])


# -- corrections -------------------------------------------------------------------------------------------------------


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


def order_of(back):
    return orders.order_by_id(back.order_id, back.store_id)


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


# -- two at once -------------------------------------------------------------------------------------------------------


def test_of_two_who_inspect_one_parcel_at_once_one_wins_and_no_unit_counts_twice(app, clerk):
    other = make.actor(Role.WAREHOUSE, store_id=make.store().id, signature="阿禾")
    for number in range(4):
        back = rows.back(rows.shipped(lines=(make.line(quantity=2),)), {1: 2})
        line = rows.lines(back)[0].id
        arrival_id = arrival_of(clerk, back, waybill=f"SF{number}").id
        found = [right(line, 2)]
        came = outcomes(
            app,
            lambda a=arrival_id, f=found: service.inspect(a, f, actor=clerk),
            lambda a=arrival_id, f=found: service.inspect(a, f, actor=other),
        )
        (lost,) = [one for one in came if one != "ok"]
        assert (lost.code, lost.facts["who"]) == ("inspected_already", "小满" if came[0] == "ok" else "阿禾")
        assert rows.units(back) == [(2, 2, 0)]


def test_two_parcels_of_one_return_inspected_at_once_add_up_to_what_was_expected(app, clerk):
    for number in range(4):
        order = rows.shipped(lines=(make.line(quantity=3),))
        back = rows.back(order, {1: 3})
        line = rows.lines(back)[0].id
        ids = [arrival_of(clerk, back, waybill=f"SF{number}-{each}").id for each in (1, 2)]
        acts = [lambda a=a, line=line: service.inspect(a, [right(line, 2)], actor=clerk) for a in ids]
        came = race(app, *acts)
        assert sorted(came) == ["ok", "surplus"], "the second is asked: three were awaited in all"
        service.inspect(ids[came.index("surplus")], [more(line, 2)], actor=clerk)
        assert (rows.units(back), rows.order_units(order)) == ([(3, 3, 0)], [(3, 0, 3)])
        arrivals = [docks.load_arrival(a, clerk) for a in ids]
        units = [row for arrival in arrivals for row in standing(arrival)]
        assert sum(row[1] for row in units) == 4
        assert sum(row[1] for row in units if row[0] == "unexpected") == 1


def test_of_two_who_correct_one_inspection_at_once_one_wins(app, clerk):
    other = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    for number in range(3):
        back = rows.back(rows.shipped(lines=(make.line(quantity=3),)), {1: 3})
        line = rows.lines(back)[0].id
        arrival_id = arrival_of(clerk, back, waybill=f"SF{number}").id
        seen = service.inspect(arrival_id, [right(line, 3)], actor=clerk).version
        acts = [
            lambda a=arrival_id, n=line, v=seen, u=units, w=who: service.correct(
                a, [right(n, u)], seen_version=v, actor=w
            )
            for units, who in ((2, clerk), (1, other))
        ]
        came = race(app, *acts)
        assert sorted(came) == ["ok", "stale_version"]
        assert rows.units(back) == [(3, 2 if came[0] == "ok" else 1, 0)]


def test_of_a_decision_and_a_correction_at_once_the_decision_stands_on_what_was_found(app, clerk):
    owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    for number in range(4):
        back = rows.back(rows.shipped(lines=(make.line(quantity=2),)), {1: 2})
        line = rows.lines(back)[0].id
        arrival_id = arrival_of(clerk, back, waybill=f"SF{number}").id
        seen = service.inspect(arrival_id, [right(line, 2)], actor=clerk).version
        cases.accept(back.case_id, actor=owner)
        came = race(
            app,
            lambda a=arrival_id, n=line, v=seen: service.correct(a, [right(n, 1)], seen_version=v, actor=clerk),
            lambda c=back.case_id: cases.add_resolution(c, Resolution.REFUND, actor=owner),
        )
        assert sorted(came) in (["decided_already", "ok"], ["ok", "wrong_phase"])
        corrected = came[0] == "ok"
        assert (came[1] == "ok") is not corrected
        assert rows.units(back) == [(2, 1 if corrected else 2, 0)]
