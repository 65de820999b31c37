"""More than was expected: asked about before it is written down, told to after-sale, agreed to or put away."""

from __future__ import annotations

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.states import CasePhase
from shopdesk.core.db import db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.returns import queries, service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service import Decided
from shopdesk.returns.states import Disposal, Grade, Identity, ReturnState, Whose
from tests import make
from tests.returns import rows
from tests.returns.table import arrival_of, more, right, standing, state, strange

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
R = ReturnState


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
