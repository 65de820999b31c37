"""Waybills of returns; what does not come any more; nothing of the original order moves by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.cases.states import CasePhase
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.orders.models import Order
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, StageFact, Waybill
from shopdesk.returns import queries, service
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Identity, ReturnState
from shopdesk.staff import queries as staff
from tests import make
from tests.racing import race
from tests.returns.world import agent, boss, case_now, case_of, confirmed, counters, line_of, sent

pytestmark = pytest.mark.usefixtures("app")


def code(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value.code


def ready(units=3):
    owner = agent()
    order = sent(units=units)
    case = case_of(order, owner)
    return owner, order, case, confirmed(case, owner, units)


@pytest.mark.mission("M092")
def test_e26_several_waybills_for_one_return_are_cleaned_and_it_is_on_its_way():
    owner, _order, case, back = ready()
    service.record_waybills(back.id, ' 运单号:sf1234567890123 \n="YT9876543210987"', actor=owner, carrier="顺丰")
    service.record_waybills(back.id, "SF1234567890123", actor=owner)
    found = queries.waybills_of([back.id], back.store_id)
    assert [row.number for row in found] == ["SF1234567890123", "YT9876543210987"]
    assert (back.state, back.sent_at is not None) == (ReturnState.SENT, True)
    assert case_now(case).phase is CasePhase.RECEIVE


def test_one_waybill_may_serve_returns_of_several_cases():
    owner, _order, _case, back = ready()
    _owner, _order, _case, other = ready()
    for each in (back, other):
        service.record_waybills(each.id, "SF1234567890123", actor=boss())
    assert [row.id for row in queries.by_waybill("sf1234567890123", owner)] == [back.id, other.id]
    stranger = make.actor(Role.AFTER_SALE, store_id=make.store("other").id)
    assert queries.by_waybill("SF1234567890123", stranger) == []


@pytest.mark.parametrize("text", ["", "  ", "客户说已寄出", "<script>alert(1)</script>", "ABCDEFGH", "1" * 65])
def test_what_is_no_waybill_is_refused(text):
    owner, _order, _case, back = ready()
    assert code(service.record_waybills, back.id, text, actor=owner) == "bad_waybill"


def test_the_number_of_a_case_is_no_waybill():
    owner, _order, case, back = ready()
    assert code(service.record_waybills, back.id, case.number, actor=owner) == "not_a_waybill"


def test_any_colleague_of_after_sale_notes_a_waybill_others_do_not():
    _owner, order, _case, back = ready()
    service.record_waybills(back.id, "SF1234567890123", actor=agent())
    for role in (Role.PRE_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER, Role.INTEGRATION):
        who = make.actor(role, store_id=order.store_id)
        assert code(service.record_waybills, back.id, "SF1234567890123", actor=who) in {"not_allowed", "not_found"}
        assert code(service.give_up, back.id, "lost", actor=who) in {"not_allowed", "not_found"}
        assert code(service.cancel, back.id, "lost", actor=who) in {"not_allowed", "not_found"}
    stranger = make.actor(Role.SUPERVISOR, store_id=make.store("other").id)
    for call in (service.record_waybills, service.give_up, service.cancel):
        assert code(call, back.id, "SF1234567890123", actor=stranger) == "not_found"


def test_what_was_to_be_sent_by_now_is_overdue_until_it_is():
    owner, _order, _case, back = ready()
    assert queries.overdue(owner, clock.now()) == []
    make._write(back, {"until": clock.now() - timedelta(hours=1)})
    assert [row.id for row in queries.overdue(owner, clock.now())] == [back.id]
    service.record_waybills(back.id, "SF1234567890123", actor=owner)
    assert queries.overdue(owner, clock.now()) == []


def test_nothing_comes_so_the_units_are_free_and_the_case_goes_on():
    owner, order, case, back = ready()
    service.give_up(back.id, "客户不寄了", actor=owner)
    assert back.state is ReturnState.CANCELLED
    assert back.ended_why.reveal("test") == "客户不寄了"
    assert counters(order) == (3, 0, 0)
    assert case_now(case).phase is CasePhase.RESOLVE
    assert queries.goods(case.id, case.store_id).is_balanced


def test_e25_the_third_unit_that_does_not_come_is_decided_and_the_return_is_closed_short():
    owner, order, case, back = ready(units=3)
    service.record_waybills(back.id, "SF1234567890123", actor=owner)
    (line,) = queries.lines_of([back.id], back.store_id)
    make._write(line, {"arrived": 2})
    make._write(back, {"state": "partly_arrived"})
    make._write(line_of(order), {"in_return": 1, "returned": 2})
    assert code(service.give_up, back.id, "", actor=owner) == "value_required"
    assert code(service.give_up, back.id, "lost", actor=owner, units={line.line_id: 2}) == "more_than_awaited"
    service.give_up(back.id, "快递丢了一件", actor=owner, units={line.line_id: 1})
    (line,) = queries.lines_of([back.id], back.store_id)
    assert (line.expected, line.arrived, line.given_up) == (3, 2, 1)
    assert counters(order) == (3, 0, 2)
    assert queries.goods(case.id, case.store_id).outstanding == 0
    assert case_now(case).phase is CasePhase.RESOLVE


def test_a_part_is_given_up_and_the_rest_is_awaited_still():
    owner, order, case, back = ready(units=3)
    line_id = line_of(order).id
    service.give_up(back.id, "one stays", actor=owner, units={line_id: 1})
    assert (back.state, counters(order)) == (ReturnState.CONFIRMED, (3, 2, 0))
    assert case_now(case).phase is CasePhase.RECEIVE
    for units in ({}, {line_id: 0}):
        assert code(service.give_up, back.id, "x", actor=owner, units=units) == "units_required"
    assert code(service.give_up, back.id, "x", actor=owner, units={line_id + 999: 1}) == "no_such_line"
    service.cancel(back.id, "kept", actor=owner)
    assert counters(order) == (3, 0, 0)


def test_e60_the_original_order_its_parcel_and_tracking_are_never_altered_by_a_return():
    owner, order, _case, _back = ready(units=3)
    order_id, store_id = order.id, order.store_id

    def seen():
        db.session.rollback()
        parcel = make.parcel(order)
        tables = (
            select(Order).where(Order.id == order_id),
            select(Parcel).where(Parcel.id == parcel.id),
            select(StageFact).where(StageFact.parcel_id == parcel.id),
            select(Waybill).where(Waybill.parcel_id == parcel.id),
        )
        models = (Order, Parcel, StageFact, Waybill)
        rows = [
            db.session.scalars(in_store(each, store_id, model)).all()
            for each, model in zip(tables, models, strict=True)
        ]
        return [
            [{c.name: str(getattr(row, c.key)) for c in row.__table__.columns} for row in found] for found in rows
        ], [(line.line_id, line.quantity) for line in parcels.parcel_lines([parcel.id], store_id)]

    before = seen()
    other = case_of(order, owner)
    service.cancel(_back.id, "again", actor=owner)
    again = confirmed(other, owner, 2)
    service.record_waybills(again.id, "SF1234567890123", actor=owner)
    service.give_up(again.id, "lost", actor=owner)
    assert seen() == before


@pytest.mark.both_engines
def test_of_cancelling_giving_up_and_sending_at_once_the_units_are_freed_once(app):
    store_id = make.store().id
    owner = make.actor(Role.AFTER_SALE, store_id=store_id)
    for _ in range(3):
        order = sent(units=2)
        back_id = confirmed(case_of(order, owner), owner, 2).id
        outcomes = race(
            app,
            lambda back_id=back_id: service.cancel(back_id, "kept", actor=owner),
            lambda back_id=back_id: service.give_up(back_id, "lost", actor=owner),
        )
        assert "ok" in outcomes
        assert set(outcomes) <= {"ok", "wrong_state", "return_moved", "more_than_awaited", "units_moved", "case_moved"}
        assert outcomes.count("ok") == 1
        assert counters(order) == (2, 0, 0)


def test_a_waybill_under_which_anothers_order_went_out_is_refused_and_its_own_or_a_linked_ones_is_not():
    owner = agent()
    order = sent(waybills=[("SF1111111111111", "顺丰")], buyer_id="雪人一号", buyer_nick="雪人一号")
    sent(number="41000777", waybills=[("SF2222222222222", "顺丰")], buyer_id="雪人二号", buyer_nick="雪人二号")
    sent(number="41000778", waybills=[("SF3333333333333", "顺丰")], buyer_id="雪人一号", buyer_nick="雪人一号")
    back = confirmed(case_of(order, owner), owner)
    with pytest.raises(DomainError) as caught:
        service.record_waybills(back.id, "SF1231231231231\nsf2222222222222", actor=owner)
    assert (caught.value.code, caught.value.facts["order"]) == ("others_waybill", "41000777")
    assert queries.waybills_of([back.id], back.store_id) == []
    service.record_waybills(back.id, "SF1111111111111", actor=owner)  # refused at the door after all: the same box
    service.record_waybills(back.id, "SF3333333333333", actor=owner)  # the same customer's
    assert len(queries.waybills_of([back.id], back.store_id)) == 2


def test_a_number_that_couriers_gave_out_again_long_after_is_nobody_elses():
    owner = agent()
    other = sent(number="41000779", waybills=[("SF4444444444444", "顺丰")], buyer_id="雪人二号", buyer_nick="雪人二号")
    (bill,) = parcels.waybills([make.parcel(other).id], other.store_id)
    make._write(bill, {"known_at": clock.now() - timedelta(days=120)})
    back = confirmed(case_of(sent(buyer_id="雪人一号", buyer_nick="雪人一号"), owner), owner)
    service.record_waybills(back.id, "SF4444444444444", actor=owner)
    assert [row.number for row in queries.waybills_of([back.id], back.store_id)] == ["SF4444444444444"]


def test_what_lies_at_the_dock_is_neither_on_its_way_nor_overdue_although_nobody_told_its_waybill(api):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    owner, call = staff.actor_for(person, channel="page"), api(person)
    back = confirmed(case_of(sent(), owner), owner)
    make._write(back, {"until": clock.now() - timedelta(hours=1)})
    assert call("GET", f"/returns/{back.id}").json["stands"] == "confirmed"
    dock = make.actor(Role.WAREHOUSE, store_id=back.store_id)
    arrival = service.sign_in("SF9000000002", back.warehouse_id, actor=dock).arrival
    service.match(arrival.id, back.id, actor=dock)
    assert queries.overdue(owner, clock.now()) == []
    told = call("GET", f"/returns/{back.id}").json
    assert (told["state"], told["stands"]) == ("confirmed", "at_dock")
    assert call("GET", f"/arrivals/{arrival.id}").json["returns"][0]["stands"] == "at_dock"
    service.unmatch(arrival.id, back.id, actor=dock)
    assert call("GET", f"/returns/{back.id}").json["stands"] == "confirmed"


def test_a_parcel_in_which_everything_was_missing_keeps_its_return_overdue():
    owner = agent()
    back = confirmed(case_of(sent(), owner), owner)
    make._write(back, {"until": clock.now() - timedelta(hours=1)})
    dock = make.actor(Role.WAREHOUSE, store_id=back.store_id)
    arrival = service.sign_in("SF9000000002", back.warehouse_id, actor=dock).arrival
    service.match(arrival.id, back.id, actor=dock)
    assert queries.overdue(owner, clock.now()) == []
    (line,) = queries.lines_of([back.id], back.store_id)
    service.inspect(arrival.id, [Found(Identity.MISSING, line.expected, line_id=line.id)], actor=dock)
    assert [row.id for row in queries.overdue(owner, clock.now())] == [back.id]
