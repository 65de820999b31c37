"""Rows of the edge cases about goods on their way back that cross several features, named by their ids."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.returns import queries, service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.service import Decided
from shopdesk.returns.states import Disposal, FreightPayer, Grade, Identity, ReturnState
from shopdesk.staff import queries as people
from shopdesk.staff import service as staff
from shopdesk.staff.models import WarehouseKind
from tests import invariants, make
from tests.racing import race
from tests.returns.world import agent, case_now, case_of, confirmed, counters, line_of, sent

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]


def test_e36_a_return_that_is_confirmed_twice_by_one_button_is_one_return(sign_in):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id)
    order = sent(units=2)
    case = case_of(order, people.actor_for(person, channel="page"))
    browser = sign_in(person)
    page = f"/cases/{case.id}"
    typed = {
        "csrf_token": make.token(browser.get(page)), "command_key": "one-click", f"units_{line_of(order).id}": "1"
    }  # fmt: skip
    answers = [browser.post(f"{page}/returns", data=typed) for _ in range(2)]
    assert [(one.status_code, one.location) for one in answers] == [(303, page)] * 2
    assert (len(queries.of_case(case.id, case.store_id)), counters(order)) == (1, (2, 1, 0))


def test_e56_goods_that_come_to_another_warehouse_are_inspected_and_put_away_there():
    owner, order = agent(), sent(units=1)
    store = make.store()
    east = staff.add_warehouse("east", kind=WarehouseKind.OWN, serves=[store.slug], actor=make.ROOT)
    case = case_of(order, owner)
    back = confirmed(case, owner)
    service.record_waybills(back.id, "SF1234567890123", actor=owner)
    clerk = make.actor(Role.WAREHOUSE, store_id=store.id)
    arrival = service.sign_in("SF1234567890123", east.id, actor=clerk).arrival
    service.open_arrival(arrival.id, actor=clerk)
    (line,) = queries.lines_of([back.id], back.store_id)
    right = Found(Identity.RIGHT, 1, line_id=line.id, grade=Grade.A, has_defect=False)
    service.inspect(arrival.id, [right], actor=clerk)
    (finding,) = docks.findings(arrival)
    service.dispose(arrival.id, [Decided(finding.id, Disposal.RESTOCK, 1, "E-01")], actor=clerk)
    (found,) = queries.of_case(case.id, case.store_id)
    assert (found.state, found.warehouse_id != east.id, counters(order)) == (ReturnState.DISPOSED, True, (1, 0, 1))
    assert invariants.broken(store.id) == []


def test_e59_a_label_that_has_run_out_gets_a_new_one_a_later_day_and_its_cost_is_on_the_case():
    owner, order = agent(), sent(units=1)
    case = case_of(order, owner)
    back = confirmed(case, owner, freight=FreightPayer.SHOP)
    later = clock.now() + timedelta(days=14)
    service.extend(back.id, later, "寄件码过期，重新下单", actor=owner)
    service.record_waybills(back.id, "SF1234567890123", actor=owner, carrier="顺丰")
    service.record_waybills(back.id, "YT1234567890123", actor=owner, carrier="圆通")
    (found,) = queries.of_case(case.id, case.store_id)
    assert (found.until, found.freight) == (later, FreightPayer.SHOP)
    assert [row.number for row in queries.waybills_of([back.id], back.store_id)] == [
        "SF1234567890123", "YT1234567890123",
    ]  # fmt: skip
    service.give_up(back.id, "寄丢了", actor=owner)
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=owner)
    cases.expect(case.id, AmountPart.COMPENSATION, 2300, actor=owner)
    cases.answer_invoice(case.id, is_sent=False, actor=owner)
    cases.settle(case.id, AmountPart.COMPENSATION, Paid(2300, PaidTo.PLATFORM), actor=owner)
    paid = settling.amounts_of(case_now(case))[AmountPart.COMPENSATION]
    assert (paid.expected_minor, paid.settled_minor) == (2300, 2300)


@pytest.mark.both_engines
def test_e23_the_same_units_in_two_returns_at_once_by_two_people_are_one_return(app):
    first, second = agent(), agent(signature="阿丙")
    for _ in range(3):
        order = sent(units=2)
        one, other = case_of(order, first).id, case_of(order, second).id
        line_id = line_of(order).id
        found = race(
            app,
            lambda c=one, i=line_id: service.confirm(c, {i: 2}, actor=first),
            lambda c=other, i=line_id: service.confirm(c, {i: 2}, actor=second),
        )
        assert sorted(found) == ["more_than_left", "ok"]
        assert counters(order) == (2, 2, 0)


@pytest.mark.both_engines
@pytest.mark.parametrize("is_on_its_way", [False, True])
def test_e26_one_waybill_that_two_people_note_at_once_stands_once(app, is_on_its_way):
    owner, colleague = agent(), agent(signature="阿丙")
    for _ in range(4):
        back = confirmed(case_of(sent(), owner), owner)
        if is_on_its_way:
            service.record_waybills(back.id, "YT1234567890123", actor=owner)
        found = race(
            app,
            lambda i=back.id: service.record_waybills(i, "SF1234567890123", actor=owner),
            lambda i=back.id: service.record_waybills(i, "SF1234567890123", actor=colleague),
        )
        assert found == ["ok", "ok"]
        numbers = [row.number for row in queries.waybills_of([back.id], back.store_id)]
        assert numbers.count("SF1234567890123") == 1
