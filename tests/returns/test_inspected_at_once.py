"""Two at the table at the same moment: no unit counts twice, and a decision and a correction exclude each other."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.states import Resolution
from shopdesk.core.permissions import Role
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.states import ReturnState
from tests import make
from tests.racing import outcomes, race
from tests.returns import rows
from tests.returns.table import arrival_of, more, right, standing

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = ReturnState


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
