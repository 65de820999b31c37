"""Parcels split and merged by hand: units stay whole, addresses stay right, and what may not be is said in words."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.changes.queries import regroup
from shopdesk.changes.states import Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import DomainError, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer
from shopdesk.orders import queries as orders
from shopdesk.orders.models import OrderLink
from shopdesk.orders.states import LinkKind, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import Source, Stage, StopScope
from shopdesk.staff import service as staff
from shopdesk.staff.models import WarehouseKind
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
LINES = (make.line("a", quantity=3), make.line("b", sku="SCARF-02", quantity=2))


def units(parcel):
    rows = parcels.parcel_lines([parcel.id], parcel.store_id)
    return {orders.line_of(r.order_id, r.line_id, r.store_id).line_key: r.quantity for r in rows}


def links(store_id):
    rows = db.session.scalars(in_store(select(OrderLink).order_by(OrderLink.id), store_id, OrderLink))
    return [(row.kind, row.order_id, row.other_id, row.parcel_id) for row in rows]


def refused(call, code, kind=DomainError):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRE_SALE)


def test_units_go_into_a_parcel_of_their_own_with_the_same_address(clerk):
    order = make.order(lines=LINES)
    home = make.parcel(order)
    made = changes.split_parcel(home.id, {worlds.line(order, 1).id: 1, worlds.line(order, 2).id: 2}, actor=clerk)
    assert (units(home), units(made)) == ({"a": 2}, {"a": 1, "b": 2})
    assert worlds.street(made) == worlds.street(home) == "星澜街128号7幢1203室"
    assert made.stage is Stage.UNPRINTED
    assert made.stage_as_of == home.stage_as_of
    assert worlds.counters(order, 1) == (3, 0, 0, 3)
    assert links(order.store_id) == [(LinkKind.SPLIT, order.id, order.id, made.id)]
    assert invariants.broken(order.store_id) == []


def test_parcels_of_one_buyer_and_address_become_one_and_the_empty_one_is_voided(clerk):
    first, second = make.order(lines=LINES), make.order(lines=LINES)
    home, away = make.parcel(first), make.parcel(second)
    made = changes.merge_parcels([home.id, away.id], actor=clerk)
    assert made.id == home.id
    assert [o.id for o in parcels.orders_in_parcel(home.id, home.store_id)] == [first.id, second.id]
    gone = parcels.parcel_by_id(away.id, away.store_id)
    assert (gone.stage, gone.merged_into_id) == (Stage.VOIDED, home.id)
    assert [p.id for p in parcels.parcels_of_order(second.id, second.store_id)] == [home.id]
    assert [o.id for o in parcels.orders_in_parcel(away.id, away.store_id)] == [first.id, second.id]
    assert links(first.store_id) == [(LinkKind.MERGED, second.id, first.id, home.id)]
    assert invariants.broken(first.store_id) == []


def test_what_was_split_comes_together_again(clerk):
    order = make.order(lines=LINES)
    home = make.parcel(order)
    made = changes.split_parcel(home.id, {worlds.line(order, 1).id: 1}, actor=clerk)
    changes.merge_parcels([home.id, made.id], actor=clerk)
    assert units(home) == {"a": 3, "b": 2}
    assert worlds.counters(order, 1) == (3, 0, 0, 3)
    assert invariants.broken(order.store_id) == []


def test_an_order_that_leaves_a_merged_parcel_is_no_longer_told_of_by_the_others_facts(clerk):
    first, second = make.order(lines=LINES), make.order(lines=LINES)
    home = changes.merge_parcels([make.parcel(first).id, make.parcel(second).id], actor=clerk)
    mine = {r.line_id: r.quantity for r in parcels.parcel_lines([home.id], home.store_id) if r.order_id == second.id}
    made = changes.split_parcel(home.id, mine, actor=clerk)
    assert [p.id for p in parcels.parcels_of_order(second.id, second.store_id)] == [made.id]
    make.fact(first, Stage.SHIPPED)
    assert make.parcel(second).stage is Stage.UNPRINTED
    assert worlds.counters(second, 1) == (3, 0, 0, 3)


WRONG_UNITS = [
    ({}, "value_required"),
    ({1: 0}, "value_required"),
    ({1: 4}, "more_than_there"),
    ({1: -1, 2: 1}, "more_than_there"),
    ({1: 3, 2: 2}, "nothing_stays"),
]


@pytest.mark.parametrize(("wanted", "code"), WRONG_UNITS)
def test_more_than_is_there_and_everything_cannot_be_split_off(clerk, wanted, code):
    order = make.order(lines=LINES)
    ids = {number: worlds.line(order, number).id for number in (1, 2)}
    asked = {ids[number]: count for number, count in wanted.items()}
    refused(lambda: changes.split_parcel(make.parcel(order).id, asked, actor=clerk), code, RuleViolation)
    assert len(parcels.parcels_of_order(order.id, order.store_id)) == 1


def test_another_orders_line_cannot_be_split_off(clerk):
    order, other = make.order(lines=LINES), make.order(lines=LINES)
    asked = {worlds.line(other).id: 1}
    refused(lambda: changes.split_parcel(make.parcel(order).id, asked, actor=clerk), "more_than_there")


DIFFERENT = [
    ({"street_address": "第三条街9号"}, "other_address"),
    ({"recipient_name": "李强"}, "other_address"),
    ({"phone": "13900000000"}, "other_address"),
    ({"street_address": "星澜街****"}, "masked_address"),
    ({"buyer_id": "别人", "buyer_nick": "别人"}, "other_buyer"),
    ({"status": OrderStatus.CLOSED}, "closed"),
]


@pytest.mark.parametrize(("values", "code"), DIFFERENT)
def test_parcels_that_do_not_belong_together_stay_apart(clerk, values, code):
    first, second = make.order(), make.order(**values)
    ids = [make.parcel(first).id, make.parcel(second).id]
    refused(lambda: changes.merge_parcels(ids, actor=clerk), code)
    assert make.parcel(second).stage is Stage.UNPRINTED


def test_without_a_buyer_id_name_phone_and_address_say_who_it_is(clerk):
    first, second = (make.order(buyer_id=None, buyer_nick=None) for _ in range(2))
    changes.merge_parcels([make.parcel(first).id, make.parcel(second).id], actor=clerk)
    third, fourth = (make.order(buyer_id=None, buyer_nick=None, phone=None) for _ in range(2))
    ids = [make.parcel(third).id, make.parcel(fourth).id]
    refused(lambda: changes.merge_parcels(ids, actor=clerk), "other_buyer")


def test_two_stores_and_two_warehouses_are_not_merged(clerk):
    make.store("other-shop")
    clerk = make.actor(Role.PRE_SALE)
    first, second = make.order(), make.order()
    elsewhere = make.order(make.store("other-shop"))
    ids = [make.parcel(first).id, make.parcel(elsewhere).id]
    refused(lambda: changes.merge_parcels(ids, actor=clerk), "other_store")
    supplier = staff.add_warehouse("合作厂家", kind=WarehouseKind.SUPPLIER, serves=["my-shop"], actor=make.ROOT)
    changes.ship_from(make.parcel(second).id, supplier.id, actor=clerk)
    ids = [make.parcel(first).id, make.parcel(second).id]
    refused(lambda: changes.merge_parcels(ids, actor=clerk), "other_warehouse")


def test_printed_changing_held_and_doubtful_parcels_are_left_alone(clerk):
    first = make.order(lines=LINES)
    printed, changing, doubtful = make.order(lines=LINES), make.order(lines=LINES), make.order(lines=LINES)
    labelled = make.order(lines=LINES)
    make.fact(printed, Stage.PRINTED)
    make.change(changing, Kind.COURIER, {"text": "顺丰"}, by=clerk)
    worlds.know(make.parcel(doubtful), clock.now() - timedelta(days=2))
    _age(make.parcel(doubtful))
    _label(labelled)
    found = (
        (printed, "not_unprinted"),
        (changing, "open_change"),
        (doubtful, "stale_stage"),
        (labelled, "has_waybill"),
    )
    for order, code in found:
        parcel = make.parcel(order)
        refused(lambda p=parcel: changes.merge_parcels([make.parcel(first).id, p.id], actor=clerk), code, IllegalMove)
        asked = {worlds.line(order).id: 1}
        refused(lambda p=parcel, a=asked: changes.split_parcel(p.id, a, actor=clerk), code, IllegalMove)


@command
def _age(parcel):
    parcel.stage_source, parcel.stage_as_of = Source.API, clock.now() - timedelta(days=2)
    audit.record("test.aged", "parcel", parcel.id, make.ROOT, store_id=parcel.store_id)


@command
def _label(order):
    parcel_service.add_waybill(make.parcel(order), order, "SF1234567890", "顺丰", is_electronic=True)
    audit.record("test.labelled", "parcel", 1, make.ROOT, store_id=order.store_id)


def _stop(store_id, sku):
    boss = make.actor(Role.SUPERVISOR)
    wanted = StopWanted(Criteria(StopScope.SKU, sku=sku), "缝线会开", clock.now() + timedelta(hours=5))
    return parcel_service.stop(store_id, wanted, actor=boss)


def test_a_stopped_parcel_is_split_so_that_the_rest_may_go_and_is_not_merged(clerk):
    order, other = make.order(lines=LINES), make.order(lines=LINES[:1])
    _stop(order.store_id, "SCARF-02")
    home = make.parcel(order)
    assert home.holds == 1
    refused(lambda: changes.merge_parcels([home.id, make.parcel(other).id], actor=clerk), "held")
    made = changes.split_parcel(home.id, {worlds.line(order, 2).id: 2}, actor=clerk)
    db.session.refresh(home)
    assert (home.holds, made.holds) == (0, 1)
    assert invariants.broken(order.store_id) == []


def test_only_pre_sale_and_printing_regroup_and_nobody_elses_parcels(clerk):
    order = make.order(lines=LINES)
    asked = {worlds.line(order).id: 1}
    for role in (Role.AFTER_SALE, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER):
        who = make.actor(role)
        refused(lambda w=who: changes.split_parcel(make.parcel(order).id, asked, actor=w), "not_allowed", NotAllowed)
    stranger = make.actor(Role.PRE_SALE, store_id=make.store("theirs").id)
    refused(lambda: changes.split_parcel(make.parcel(order).id, asked, actor=stranger), "not_found", NotFound)
    changes.split_parcel(make.parcel(order).id, asked, actor=make.actor(Role.PRINTING))


def test_a_change_that_is_done_goes_with_its_order_and_a_late_fact_finds_it(clerk):
    """It was printed before the change, as becomes known after the parcel was split."""
    early = clock.now() - timedelta(hours=1)
    first, second = make.order(lines=LINES, as_of=early), make.order(lines=LINES, as_of=early)
    home = changes.merge_parcels([make.parcel(first).id, make.parcel(second).id], actor=clerk)
    change = make.change(second, Kind.COURIER, {"text": "顺丰"}, by=clerk, yes=True)
    printing = make.actor(Role.PRINTING)
    changes.answer_notice(make.notices(second)[0].id, Answer.NOT_PRINTED, actor=printing)
    mine = {r.line_id: r.quantity for r in parcels.parcel_lines([home.id], home.store_id) if r.order_id == second.id}
    made = changes.split_parcel(home.id, mine, actor=clerk)
    db.session.refresh(change)
    assert (change.parcel_id, str(change.state)) == (made.id, "done")
    make.fact(second, Stage.PRINTED, happened_at=clock.now() - timedelta(minutes=30))
    db.session.refresh(change)
    assert str(change.state) == "open"
    assert invariants.broken(first.store_id) == []


def test_candidates_are_the_buyers_other_unprinted_parcels_with_why_not(clerk):
    first, same, other = make.order(), make.order(), make.order(street_address="第三条街9号")
    make.order(buyer_id="别人", buyer_nick="别人")
    make.fact(make.order(), Stage.PRINTED)
    found = regroup.candidates(make.parcel(first))
    assert [(c.parcel.id, c.why_not and c.why_not.code) for c in found] == [
        (make.parcel(same).id, None), (make.parcel(other).id, "other_address"),
    ]  # fmt: skip


def test_without_the_look_at_open_changes_a_parcel_is_torn_from_its_change(clerk, monkeypatch):
    """The control: what the refusal keeps from happening."""
    order = make.order(lines=LINES)
    change = make.change(order, by=clerk)
    monkeypatch.setattr(regroup, "_is_changing", lambda _parcel: False)
    made = changes.split_parcel(make.parcel(order).id, {worlds.line(order).id: 1}, actor=clerk)
    assert made.holds == 0
    assert str(change.state) == "open"


def test_a_merged_away_parcel_is_never_printed_packed_or_found_again(clerk):
    first, second = make.order(), make.order()
    away = make.parcel(second)
    changes.merge_parcels([make.parcel(first).id, away.id], actor=clerk)
    _check, rows = changes.make_check([second.number], actor=make.actor(Role.PRINTING))
    assert [(str(row.group), row.parcel_id) for row in rows] == [("printable", make.parcel(first).id)]
    found = scan(parcels.barcode(away.id), Mode.PACK, actor=make.actor(Role.WAREHOUSE))
    assert (str(found.result), found.reasons) == ("stop", ("voided",))
    assert (
        db.session.scalar(in_store(select(Parcel.stage).where(Parcel.id == away.id), first.store_id, Parcel))
        == "voided"
    )
