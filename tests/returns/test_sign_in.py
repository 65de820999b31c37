"""退件签收: one scan, one arrival; what is known of it is said, what should not be here is stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.errors import NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Permission, Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.returns import service
from shopdesk.returns.queries import docks
from shopdesk.returns.rules.findings import Found
from shopdesk.returns.states import Disposal, Grade, Identity, SignIn
from shopdesk.staff import service as staff
from shopdesk.staff.models import WarehouseKind
from tests import make
from tests.racing import outcomes
from tests.returns import rows

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]


@pytest.fixture
def clerk():
    return make.actor(Role.WAREHOUSE, store_id=make.store().id)


def signed(waybill, clerk, warehouse_id=None, **more):
    house = warehouse_id or docks.warehouses_of(clerk)[0].id
    done = service.sign_in(waybill, house, actor=clerk, **more)
    return done.result, done.reason


@pytest.mark.mission("M094")
def test_a_return_waybill_is_known_and_matched_by_itself_and_its_case_waits_for_the_warehouse(clerk):
    order = rows.shipped()
    back = rows.back(order, None, "SF1020304050")
    assert signed("SF1020304050", clerk) == (SignIn.OK, "return")
    (arrival,) = rows.all_arrivals()
    assert (arrival.is_matched, [m.return_id for m in docks.matches([arrival.id], clerk)]) == (True, [back.id])
    assert rows.case_of(back).waiting_for == "warehouse"


def test_one_parcel_may_be_for_several_returns(clerk):
    backs = [rows.back(rows.shipped(), None, "SF77") for _ in range(3)]
    assert signed("SF77", clerk) == (SignIn.OK, "return")
    (arrival,) = rows.all_arrivals()
    assert [m.return_id for m in docks.matches([arrival.id], clerk)] == [back.id for back in backs]


@pytest.mark.mission("M129")
def test_our_own_parcel_that_comes_back_is_known_by_its_waybill_and_by_our_barcode(clerk):
    order = rows.shipped(waybills=(("YT5566778899", "圆通"),))
    parcel = make.parcel(order)
    back = rows.back(order, parcel_id=parcel.id)
    assert signed("yt5566778899", clerk) == (SignIn.OK, "return")
    assert signed(parcels.barcode(parcel.id), clerk) == (SignIn.ALREADY, "signed_in")
    (arrival,) = rows.all_arrivals()
    assert [m.return_id for m in docks.matches([arrival.id], clerk)] == [back.id]


def test_our_own_parcel_without_a_return_is_known_and_matched_with_nothing(clerk):
    rows.shipped(waybills=(("YT5566778899", "圆通"),))
    assert signed("YT5566778899", clerk) == (SignIn.OK, "own_parcel")
    assert [arrival.is_matched for arrival in rows.all_arrivals()] == [False]


@pytest.mark.parametrize("stage", [None, Stage.PRINTED, Stage.PACKED, Stage.VOIDED])
def test_a_parcel_of_ours_that_never_left_is_a_stop_and_no_arrival(clerk, stage):
    order = make.order(waybills=(("YT1", "圆通"),))
    if stage:
        make.fact(order, stage)
    expected = "voided" if make.parcel(order).stage is Stage.VOIDED else "not_left"
    assert signed("YT1", clerk) == (SignIn.STOP, expected)
    assert rows.all_arrivals() == []


def test_what_nobody_knows_is_signed_in_all_the_same(clerk):
    assert signed("ZZ900", clerk, place="退货架 3") == (SignIn.UNKNOWN, "nobody")
    assert [(a.waybill, a.place, a.is_matched) for a in rows.all_arrivals()] == [("ZZ900", "退货架 3", False)]
    assert [arrival.waybill for arrival in docks.unknown(clerk)] == ["ZZ900"]


@pytest.mark.parametrize("again", ["sf1020", "ＳＦ１０２０", " SF 10 20 ", "*SF1020*", "SF\u200b1020", "]C1SF1020"])
def test_the_same_parcel_in_any_writing_is_one_arrival_and_says_since_when(clerk, again):
    assert signed("SF1020", clerk) == (SignIn.UNKNOWN, "nobody")
    assert signed(again, clerk) == (SignIn.ALREADY, "signed_in")
    assert len(rows.all_arrivals()) == 1


def test_a_parcel_that_was_opened_before_is_a_stop(clerk):
    signed("SF1", clerk)
    service.open_arrival(rows.all_arrivals()[0].id, actor=clerk)
    assert signed("SF1", clerk) == (SignIn.STOP, "opened")


@pytest.mark.parametrize("text", ["", "   ", "\u200b", "X" * 65])
def test_what_is_no_number_is_refused(clerk, text):
    with pytest.raises(RuleViolation):
        signed(text, clerk)
    assert rows.all_arrivals() == []


def test_a_scan_that_was_kept_has_its_moment_and_none_lies_in_the_future(clerk):
    at = clock.now() - timedelta(minutes=30)
    signed("SF1", clerk, happened_at=at)
    signed("SF2", clerk, happened_at=clock.now() + timedelta(days=3))
    first, second = rows.all_arrivals()
    assert (first.signed_in_at, second.signed_in_at <= clock.now()) == (at, True)


def test_the_same_number_may_come_to_two_warehouses(clerk):
    store = make.store()
    other = staff.add_warehouse("east", kind=WarehouseKind.OWN, serves=[store.slug], actor=make.ROOT)
    back = rows.back(rows.shipped(), None, "SF1")
    assert back.warehouse_id != other.id
    assert signed("SF1", clerk, other.id) == (SignIn.OK, "return"), "E56: accepted where it came"
    assert signed("SF1", clerk, back.warehouse_id) == (SignIn.OK, "return")
    assert len(rows.all_arrivals()) == 2


def test_of_two_who_sign_one_parcel_in_at_once_both_hear_of_one_arrival(app, clerk):
    other = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    house = docks.warehouses_of(clerk)[0].id
    for number in range(4):
        found = []

        def sign(who, number=number, found=found):
            found.append(service.sign_in(f"SF{number}", house, actor=who).result)

        assert outcomes(app, lambda s=sign: s(clerk), lambda s=sign: s(other)) == ["ok", "ok"]
        assert sorted(found) == ["already", "unknown"]
    assert len(rows.all_arrivals()) == 4


# -- who sees a parcel -------------------------------------------------------------------------------------------------


def test_a_warehouse_that_serves_none_of_ones_stores_does_not_exist(clerk):
    theirs = staff.add_warehouse("theirs", kind=WarehouseKind.OWN, actor=make.ROOT)
    with pytest.raises(NotFound):
        service.sign_in("SF1", theirs.id, actor=clerk)
    supplier = staff.add_warehouse("supplier", kind=WarehouseKind.SUPPLIER, serves=["my-shop"], actor=make.ROOT)
    with pytest.raises(NotFound):
        service.sign_in("SF1", supplier.id, actor=clerk)


def test_a_known_parcel_is_seen_by_the_people_of_its_store_only_also_in_a_shared_warehouse(clerk):
    theirs = make.store("theirs")
    stranger = make.actor(Role.WAREHOUSE, store_id=theirs.id)
    assert [w.id for w in docks.warehouses_of(stranger)] == [w.id for w in docks.warehouses_of(clerk)]
    back = rows.back(rows.shipped(), None, "SF1")
    signed("SF1", clerk)
    signed("ZZ1", clerk)
    known, unknown = rows.all_arrivals()
    for act in (
        lambda: docks.load_arrival(known.id, stranger),
        lambda: service.open_arrival(known.id, actor=stranger),
        lambda: service.match(known.id, back.id, actor=stranger),
        lambda: service.match(unknown.id, back.id, actor=stranger),
        lambda: service.unmatch(known.id, back.id, actor=stranger),
        lambda: service.describe(known.id, sender="x", actor=stranger),
        lambda: service.inspect(known.id, [rows_found()], actor=stranger),
        lambda: service.correct(known.id, [rows_found()], seen_version=1, actor=stranger),
        lambda: service.dispose(known.id, [service.Decided(1, Disposal.SCRAP, 1)], actor=stranger),
        lambda: service.open_for_goods(unknown.id, back.order_id, actor=stranger),
    ):
        with pytest.raises(NotFound):
            act()
    assert docks.load_arrival(unknown.id, stranger).id == unknown.id
    assert [a.id for a in docks.arrivals(stranger)] == [unknown.id]
    assert [a.id for a in docks.arrivals(clerk)] == [known.id, unknown.id]


def rows_found():
    return Found(Identity.UNEXPECTED, 1, grade=Grade.A, title="?")


@pytest.mark.parametrize("role", [Role.AFTER_SALE, Role.PRINTING, Role.PRE_SALE, Role.FINANCE])
def test_signing_in_is_the_warehouses(clerk, role):
    other = make.actor(role, store_id=make.store().id)
    with pytest.raises(NotAllowed):
        service.sign_in("SF1", docks.warehouses_of(clerk)[0].id, actor=other)
    assert bool(docks.warehouses_of(other, Permission.ARRIVAL_READ)) == (role is Role.AFTER_SALE)
