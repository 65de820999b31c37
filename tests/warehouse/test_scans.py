"""Scans: what a code means, what it moves, and every bad one."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from shopdesk.changes import service as changes
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import command, rows_changed
from shopdesk.core.errors import NotAllowed, RuleViolation
from shopdesk.core.permissions import Permission, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Waybill
from shopdesk.parcels.states import HoldCause, Named, Source, Stage, WaybillState
from shopdesk.staff import queries as staff
from shopdesk.staff import service as staff_service
from shopdesk.warehouse import queries, service
from shopdesk.warehouse.states import MOVING, Mode, Result
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app"), pytest.mark.both_engines]


@pytest.fixture
def packer():
    make.store()
    return make.actor(Role.WAREHOUSE, signature="大力")


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


@command
def waybill(order, number, state=WaybillState.ISSUED):
    """A waybill on the order's parcel."""
    parcel = make.parcel(order)
    parcel_service.add_waybill(parcel, order, number, "顺丰", is_electronic=True)
    this = in_store(update(Waybill), order.store_id, Waybill).where(Waybill.parcel_id == parcel.id)
    rows_changed(this.where(Waybill.number == number).values(state=state))
    audit.record("test.waybill", "parcel", parcel.id, make.ROOT, store_id=order.store_id)
    return order


def scanned(code, actor, mode=Mode.PACK, **more):
    done = service.scan(code, mode, actor=actor, **more)
    return str(done.result), *done.reasons


def stage(order):
    parcel = make.parcel(order)
    worlds.refresh(parcel)
    return parcel.stage


def test_a_printed_parcel_is_packed_then_shipped_each_with_a_fact_and_an_event(packer):
    order = waybill(make.order(), "SF100200301")
    make.fact(order, Stage.PRINTED)
    assert scanned("SF100200301", packer) == ("ok",)
    assert scanned("SF100200301", packer, Mode.SHIP) == ("ok",)
    parcel = make.parcel(order)
    facts = parcels.facts([parcel.id], order.store_id)
    assert [(f.stage, f.source, f.person_id) for f in facts[1:]] == [
        (Stage.PACKED, Source.SCAN, packer.id),
        (Stage.SHIPPED, Source.SCAN, packer.id),
    ]
    assert worlds.counters(order) == (1, 0, 1, 1)
    assert invariants.broken(order.store_id) == []


def test_a_scan_in_hand_proves_the_papers_where_the_erp_is_behind(packer):
    order = make.order()
    assert scanned(order.number, packer, Mode.SHIP) == ("ok",)
    assert stage(order) is Stage.SHIPPED


@pytest.mark.mission("M119")
@pytest.mark.parametrize("mode", MOVING)
def test_no_scan_moves_a_held_parcel_and_the_stop_says_who_asked(packer, asker, mode):
    order = waybill(make.order(), "SF1")
    change = make.change(order, by=asker)
    assert scanned("SF1", packer, mode) == ("stop", "open_change")
    assert stage(order) is Stage.UNPRINTED
    told = queries.told(service.scan("SF1", mode, actor=packer))["parcel"]["changes"]
    assert [(c["id"], c["kind"], c["asked_as"], c["next"]["code"]) for c in told] == [
        (str(change.id), "address", "小满", "confirm")
    ]
    late = {"happened_at": clock.now() - timedelta(hours=1)}
    assert scanned("SF1", packer, mode, **late) == ("stop", "open_change")  # held by now, whenever it was scanned
    assert [f.stage for f in parcels.facts([make.parcel(order).id], order.store_id)] == []
    assert invariants.broken(order.store_id) == []


def test_a_stop_holds_as_a_change_does(packer):
    order = make.order()

    @command
    def stop():
        parcel_service.hold(make.parcel(order), HoldCause.STOP, 1, expires_at=clock.now() + timedelta(hours=1))
        audit.record("test.stopped", "parcel", make.parcel(order).id, make.ROOT, store_id=order.store_id)

    stop()
    assert scanned(order.number, packer) == ("stop", "stopped")


def test_scanned_twice_is_no_mistake_and_leaves_one_fact(packer):
    order = make.order()
    assert [scanned(order.number, packer) for _ in range(2)] == [("ok",), ("already", "stage_packed")]
    assert [scanned(order.number, packer, Mode.SHIP) for _ in range(2)] == [("ok",), ("already", "stage_shipped")]
    assert scanned(order.number, packer) == ("already", "stage_shipped")
    assert len(parcels.facts([make.parcel(order).id], order.store_id)) == 2


@pytest.mark.parametrize(
    "spelled",
    [
        "SF100200302",
        "sf100200302",
        "ＳＦ１００２００３０２",  # an input method left on
        " SF 1002 00302 \r\n",
        "]C1SF100200302",  # a scanner that names the symbology
        "*SF100200302*",
        "\ufeffSF100200302\t",
    ],
)
def test_what_a_scanner_or_an_input_method_adds_is_taken_off_e85(packer, spelled):
    order = waybill(make.order(), "SF100200302")
    assert scanned(spelled, packer) == ("ok",)
    assert stage(order) is Stage.PACKED


def test_a_courier_suffix_and_our_own_barcode_are_understood(packer):
    jd, own = waybill(make.order(), "JDVA00112233"), make.order()
    assert scanned("JDVA00112233-1-1-", packer) == ("ok",)
    barcode = parcels.barcode(make.parcel(own).id)
    assert scanned(barcode[:-1] + str((int(barcode[-1]) + 1) % 10), packer) == ("unknown", "not_found")  # misread
    assert scanned(barcode, packer) == ("ok",)
    assert (stage(jd), stage(own)) == (Stage.PACKED, Stage.PACKED)


def test_an_unknown_code_and_one_of_a_store_that_is_not_yours_are_the_same(packer):
    other = make.store("other-shop")
    mine = make.actor(Role.WAREHOUSE, store_id=make.store().id)
    make.order(other, number="FOREIGN0001")
    assert scanned("ZZ404", mine) == scanned("FOREIGN0001", mine) == ("unknown", "not_found")


def test_a_code_of_a_store_where_one_only_looks_is_foreign_and_stays(packer):
    other = make.store("other-shop")
    person = make.person(Role.WAREHOUSE, store_id=make.store().id)
    staff_service.grant(person.id, Role.PRE_SALE, store_id=other.id, actor=make.ROOT)
    order = make.order(other, number="FOREIGN0002")
    assert scanned("FOREIGN0002", staff.actor_for(person, channel="page")) == ("stop", "foreign")
    assert stage(order) is Stage.UNPRINTED


def test_a_superseded_waybill_is_refused_by_every_scan_and_names_the_new_one(packer):
    waybill(waybill(make.order(), "OLD1", WaybillState.SUPERSEDED), "NEW1")
    for mode in MOVING:
        done = service.scan("OLD1", mode, actor=packer)
        assert (done.result, done.reasons, done.valid_waybill) == (Result.STOP, ("superseded",), "NEW1")
    assert scanned("NEW1", packer) == ("ok",)


def test_a_recycled_number_means_the_parcel_that_has_it_now(packer):
    former, now = waybill(make.order(), "R1", WaybillState.RECYCLED), waybill(make.order(), "R1")
    assert scanned("R1", packer) == ("ok",)
    assert (stage(former), stage(now)) == (Stage.UNPRINTED, Stage.PACKED)


def test_a_voided_parcel_stays(packer, asker):
    order = waybill(make.order(), "V1")
    change = make.change(order, Kind.CANCEL, {}, by=asker)
    worlds.do(change, "void", make.actor(Role.PRINTING))
    assert scanned("V1", packer) == scanned(order.number, packer, Mode.SHIP) == ("stop", "voided")
    assert stage(order) is Stage.VOIDED


def test_one_waybill_on_two_parcels_and_an_order_in_several_are_stopped(packer):
    waybill(make.order(), "TWICE")
    waybill(make.order(), "TWICE")
    assert scanned("TWICE", packer) == ("stop", "duplicate")
    split = make.order(lines=(make.line(quantity=2),))
    worlds.split(split, 1, 1)
    assert scanned(split.number, packer) == ("stop", "several")
    number = make.order(number="SAME-NUMBER").number
    make.order(make.store("other-shop"), number=number)
    assert scanned(number, make.actor(Role.WAREHOUSE)) == ("stop", "duplicate")


def test_an_order_that_is_refunding_or_closed_is_stopped(packer):
    order = make.order(status=OrderStatus.CLOSED)
    assert scanned(order.number, packer, Mode.SHIP) == ("stop", "readiness_closed")


def test_nothing_scanned_and_the_wrong_role_are_refused(packer, asker):
    order = make.order()
    with pytest.raises(RuleViolation):
        service.scan(" \t", Mode.PACK, actor=packer)
    assert scanned(order.number, asker) == ("stop", "foreign")  # may look, may not pack
    with pytest.raises(NotAllowed):
        parcel_service.pack(make.parcel(order), actor=asker)
    assert stage(order) is Stage.UNPRINTED


def test_a_scan_that_is_told_late_keeps_its_moment_and_one_of_the_future_counts_as_now(packer):
    early, ahead = make.order(), make.order()
    at = clock.now() - timedelta(minutes=20)
    assert scanned(early.number, packer, happened_at=at) == ("ok",)
    assert make.parcel(early).stage_at == at
    assert scanned(ahead.number, packer, happened_at=clock.now() + timedelta(days=3)) == ("ok",)
    assert make.parcel(ahead).stage_at <= clock.now()


@pytest.mark.parametrize(("mode", "state"), [(Mode.PACK, ChangeState.OPEN), (Mode.SHIP, ChangeState.TOO_LATE)])
def test_a_late_scan_of_before_a_change_was_carried_out_calls_the_parcel_back(packer, asker, mode, state):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    changes.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    before = clock.now() - timedelta(hours=1)
    assert scanned(order.number, packer, mode, happened_at=before) == ("stop", "overtaken")
    worlds.refresh(change)
    assert (stage(order), change.state) == (service.TO[mode], state)  # the fact is kept, the change is alive again
    assert invariants.broken(order.store_id) == []


def test_files_do_not_win_over_a_scan(packer):
    order = make.order()
    scanned(order.number, packer)
    make.fact(order, Stage.SHIPPED, happened_at=clock.now() - timedelta(hours=2), source=Source.FILE)
    assert stage(order) is Stage.PACKED


def test_resolve_says_what_a_code_means():
    store = make.store()
    order = make.order()
    found = parcels.resolve([order.number, "ZZ404"], make.actor(Role.WAREHOUSE), Permission.PARCEL_PACK)
    assert found[order.number].named is Named.PARCEL
    assert (found[order.number].store_id, found["ZZ404"].named) == (store.id, Named.UNKNOWN)
