"""处置: every unit goes somewhere once; a return is disposed when everything found of it did (I4)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found, finding_of, label_code
from shopdesk.returns.service import Decided
from shopdesk.returns.states import Disposal, Grade, Identity, ReturnState, Whose
from tests import make
from tests.racing import race
from tests.returns import rows

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


@pytest.fixture
def clerk():
    return make.actor(Role.WAREHOUSE, store_id=make.store().id)


def inspected(clerk, *found, units=3, waybill="SF1"):
    """A return of so many hats, with what was found of it."""
    order = rows.shipped(lines=(make.line(quantity=units),))
    back = rows.back(order, {1: units}, waybill)
    line = rows.lines(back)[0].id
    house = docks.warehouses_of(clerk)[0].id
    arrival = service.sign_in(waybill, house, actor=clerk).arrival
    what = [Found(one.identity, one.quantity, line if one.identity is not Identity.UNEXPECTED else None, one.grade,
                  one.has_defect, title=one.title, whose=one.whose) for one in found]  # fmt: skip
    arrival = service.inspect(arrival.id, what, actor=clerk)
    return SimpleNamespace(order=order, back=back, arrival=arrival, rows=docks.findings(arrival))


def good(units=3, grade=Grade.A, *, defect=False):
    return Found(Identity.RIGHT, units, None, grade, defect)


def state(back):
    db.session.refresh(back)
    return back.state


@pytest.mark.mission("M096", "M129")
def test_a_return_is_disposed_only_when_every_unit_went_somewhere(clerk):
    world = inspected(clerk, good(2), good(1, Grade.C, defect=True))
    sound, used = world.rows
    service.dispose(world.arrival.id, [Decided(sound.id, Disposal.RESTOCK, 1, "A-3")], actor=clerk)
    service.dispose(world.arrival.id, [Decided(sound.id, Disposal.B_STOCK, 1)], actor=clerk)
    assert state(world.back) is ReturnState.INSPECTED
    assert [(each.finding.id, each.units) for each in docks.undecided(clerk)] == [(used.id, 1)]
    service.dispose(world.arrival.id, [Decided(used.id, Disposal.SUPPLIER, 1)], actor=clerk)
    assert (state(world.back), docks.undecided(clerk)) == (ReturnState.DISPOSED, [])
    placed = docks.dispositions([sound.id, used.id])
    assert [(str(d.place), d.quantity, d.shelf) for d in placed] == [
        ("restock", 1, "A-3"), ("b_stock", 1, None), ("supplier", 1, None),
    ]  # fmt: skip


def test_wrong_and_unexpected_units_have_to_be_decided_as_well(clerk):
    inspected(clerk, good(3), Found(Identity.UNEXPECTED, 2, None, Grade.B, title="伞", whose=Whose.OTHERS))
    assert sum(each.units for each in docks.undecided(clerk)) == 5


@pytest.mark.mission("M120")
@pytest.mark.parametrize(("grade", "defect"), [(Grade.C, False), (Grade.D, False), (Grade.A, True), (Grade.B, True)])
def test_what_is_not_sound_is_not_sold_again(clerk, grade, defect):
    world = inspected(clerk, good(1, grade, defect=defect), units=1)
    with pytest.raises(RuleViolation) as refused:
        service.dispose(world.arrival.id, [Decided(world.rows[0].id, Disposal.RESTOCK, 1)], actor=clerk)
    assert refused.value.code == "not_sound"
    for place in [place for place in Disposal if place is not Disposal.RESTOCK][:1]:
        service.dispose(world.arrival.id, [Decided(world.rows[0].id, place, 1)], actor=clerk)
    assert state(world.back) is ReturnState.DISPOSED


def test_more_than_is_there_nothing_and_what_is_missing_go_nowhere(clerk):
    world = inspected(clerk, good(2), Found(Identity.MISSING, 1))
    first, gone = world.rows
    for decided, error, code in [
        ([], RuleViolation, "nothing_decided"),
        ([Decided(first.id, Disposal.SCRAP, 0)], RuleViolation, "bad_quantity"),
        ([Decided(gone.id, Disposal.SCRAP, 1)], RuleViolation, "not_there"),
        ([Decided(first.id, Disposal.SCRAP, 3)], IllegalMove, "put_away_already"),
        ([Decided(first.id, Disposal.SCRAP, 2), Decided(first.id, Disposal.SCRAP, 1)], IllegalMove, "put_away_already"),
        ([Decided(999, Disposal.SCRAP, 1)], NotFound, "not_found"),
    ]:
        with pytest.raises(error) as refused:
            service.dispose(world.arrival.id, decided, actor=clerk)
        assert refused.value.code == code
    assert [row.disposed for row in docks.findings(world.arrival)] == [0, 0]


def test_a_finding_of_another_parcel_is_not_there(clerk):
    one, other = inspected(clerk, good()), inspected(clerk, good(), waybill="SF2")
    with pytest.raises(NotFound):
        service.dispose(one.arrival.id, [Decided(other.rows[0].id, Disposal.SCRAP, 1)], actor=clerk)


def test_of_two_who_put_the_last_unit_away_one_wins(app, clerk):
    other = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    for number in range(4):
        world = inspected(clerk, good(1), units=1, waybill=f"SF{number}")
        arrival_id, finding_id = world.arrival.id, world.rows[0].id
        acts = [
            lambda a=arrival_id, f=finding_id, p=place, w=who: service.dispose(a, [Decided(f, p, 1)], actor=w)
            for place, who in ((Disposal.RESTOCK, clerk), (Disposal.SCRAP, other))
        ]
        assert sorted(race(app, *acts)) == ["ok", "put_away_already"]
        assert (len(docks.dispositions([finding_id])), state(world.back)) == (1, ReturnState.DISPOSED)


def test_of_a_correction_and_a_disposal_at_once_exactly_one_is_refused(app, clerk):
    for number in range(4):
        world = inspected(clerk, good(2), units=2, waybill=f"SF{number}")
        arrival, row, line = world.arrival.id, world.rows[0].id, world.rows[0].return_line_id
        version = world.arrival.version
        came = race(
            app,
            lambda a=arrival, v=version, n=line: service.correct(
                a, [Found(Identity.RIGHT, 1, n, Grade.B, has_defect=False)], seen_version=v, actor=clerk
            ),
            lambda a=arrival, r=row: service.dispose(a, [Decided(r, Disposal.RESTOCK, 2)], actor=clerk),
        )
        assert sorted(came) in (["not_found", "ok"], ["ok", "put_away_already"])
        expected = (2, 1, 0) if came[0] == "ok" else (2, 2, 0)
        assert rows.units(world.back) == [expected]


@pytest.mark.mission("M120")
def test_e77_what_was_signed_in_and_not_opened_for_48_hours_is_overdue_with_its_place(clerk):
    house = docks.warehouses_of(clerk)[0].id
    service.sign_in("SF-OLD", house, place="退货架 2", actor=clerk, happened_at=clock.now() - timedelta(hours=49))
    service.sign_in("SF-NEW", house, actor=clerk)
    opened = service.sign_in("SF-OPEN", house, actor=clerk, happened_at=clock.now() - timedelta(hours=60)).arrival
    service.open_arrival(opened.id, actor=clerk)
    late = docks.unopened(clerk, clock.now() - timedelta(hours=48))
    assert [(arrival.waybill, arrival.place) for arrival in late] == [("SF-OLD", "退货架 2")]
    assert len(docks.unopened(clerk)) == 2


def test_a_label_is_read_back_and_a_misread_one_is_not():
    assert [finding_of(label_code(number)) for number in (1, 97, 123_456)] == [1, 97, 123_456]
    for wrong in ("GD1-02", "GD-00", "PK15", "", "GDx-01", "GD1"):
        assert finding_of(wrong) is None
