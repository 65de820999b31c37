"""Printing here: a batch whole or not at all, papers once more with why, old papers that no longer count."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.changes import service as changes
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Group, Kind, Purpose
from shopdesk.core import audit, clock
from shopdesk.core.audit import Event
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import Permission, Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import service as orders
from shopdesk.orders.states import Flag, OrderStatus, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import StageFact
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import Named, Source, Stage, StopScope
from shopdesk.printing import service
from shopdesk.printing.models import PrintedParcel, PrintRun
from shopdesk.printing.queries.runs import history_of
from shopdesk.printing.states import Paper, Parts, Why
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode, Result
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines]


@pytest.fixture
def team(app):
    """(pre-sale, printing, warehouse)"""
    make.store()
    return make.actor(Role.PRE_SALE), make.actor(Role.PRINTING, signature="敏敏"), make.actor(Role.WAREHOUSE)


def ids(*found):
    return [make.parcel(order).id for order in found]


def printed(order, clerk, batch="W1"):
    return service.print_batch(ids(order), batch, actor=clerk)


@command
def with_waybill(order, number):
    parcel_service.add_waybill(make.parcel(order), order, number, "顺丰", is_electronic=True)
    audit.record("waybill.known", "order", order.id, make.ROOT, store_id=order.store_id)


def runs(store_id):
    return list(db.session.scalars(in_store(select(PrintRun).order_by(PrintRun.id), store_id, PrintRun)))


def events(action, store_id):
    return list(db.session.scalars(select(Event).where(Event.action == action, Event.chain == store_id)))


def test_a_batch_is_printed_in_the_given_order_and_known_first_hand(team):
    _, clerk, _ = team
    first, second = make.order(), make.order()
    run = service.print_batch(ids(second, first), "W231", Paper.LABEL, Parts.NOTE, actor=clerk)
    there = [make.parcel(second), make.parcel(first)]
    assert [(p.stage, p.position, p.stage_source) for p in there] == [
        (Stage.PRINTED, 1, Source.PAGE), (Stage.PRINTED, 2, Source.PAGE),
    ]  # fmt: skip
    assert (parcels.batch_name(there[0]), run.paper, run.parts, run.why) == ("W231", Paper.LABEL, Parts.NOTE, None)
    facts = db.session.scalars(in_store(select(StageFact), first.store_id, StageFact)).all()
    assert [(f.stage, f.source, f.batch) for f in facts] == [(Stage.PRINTED, Source.PAGE, "W231")] * 2
    kept = db.session.scalars(in_store(select(PrintedParcel).order_by(PrintedParcel.id), first.store_id, PrintedParcel))
    assert [(k.parcel_id, k.version) for k in kept] == [(there[0].id, 1), (there[1].id, 1)]
    (event,) = events("papers.printed", first.store_id)
    assert event.body == {"batch": "W231", "parcels": 2, "changed": 0, "paper": "label", "parts": "note"}
    assert invariants.broken(first.store_id) == []


def test_a_batch_without_a_name_gets_the_next_one(team):
    _, clerk, _ = team
    printed(make.order(), clerk, "W231")
    printed(make.order(), clerk, None)
    third = make.order()
    printed(third, clerk, "  ")
    assert parcels.batch_name(make.parcel(third)) == "W233"


def test_what_may_not_be_printed_keeps_the_whole_batch_back_and_says_why_for_each(team):
    asker, clerk, _ = team
    fine, held, done, unready, empty = make.order(), make.order(), make.order(), make.order(), make.order()
    unpaid = make.order(status=OrderStatus.UNPAID, paid_minor=0)
    make.change(held, by=asker)
    printed(done, clerk)
    orders.decide_readiness(unready, Readiness.OUT_OF_STOCK, ready_on=None, actor=asker)
    cancel = make.change(empty, Kind.CANCEL, {}, by=asker)
    worlds.do(cancel, "void", clerk)
    every = ids(fine, held, done, unready, empty, unpaid)
    with pytest.raises(IllegalMove) as refused:
        service.print_batch(every, "W2", actor=clerk)
    assert refused.value.code == "not_printable"
    assert refused.value.facts["parcels"] == {
        str(every[1]): ["unconfirmed_change"], str(every[2]): ["stage_printed"],
        str(every[3]): ["readiness_out_of_stock"], str(every[4]): ["stage_voided"],
        str(every[5]): ["readiness_unpaid"],
    }  # fmt: skip
    db.session.rollback()
    assert (make.parcel(fine).stage, make.parcel(held).stage) == (Stage.UNPRINTED, Stage.UNPRINTED)
    assert len(runs(fine.store_id)) == 1
    service.print_batch([every[0]], "W2", actor=clerk)  # the others
    assert make.parcel(fine).stage is Stage.PRINTED


def test_a_stopped_parcel_is_not_printed(team):
    _, clerk, _ = team
    order = make.order()
    wanted = StopWanted(Criteria(StopScope.SKU, sku="HAT-01"), "缝线会开", clock.now() + timedelta(hours=5))
    parcel_service.stop(order.store_id, wanted, actor=clerk)
    with pytest.raises(IllegalMove) as refused:
        printed(order, clerk)
    assert refused.value.facts["parcels"] == {str(make.parcel(order).id): ["stopped"]}


@pytest.mark.mission("M060")
def test_printing_the_flagged_ones_acknowledges_them_and_prints_them_with_what_changed(team):
    asker, clerk, _ = team
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    changes.write_note(order.id, "包装用礼盒", flag=Flag.RED, actor=asker)
    assert make.parcel(order).holds == 1
    printed(order, clerk)
    db.session.refresh(change)
    parcel = make.parcel(order)
    assert (change.state, parcel.stage, parcel.holds) == (ChangeState.DONE, Stage.PRINTED, 0)
    assert make.notices(order, NoticeKind.CHANGE, NoticeKind.MEMO) == []
    assert events("papers.printed", order.store_id)[0].body["changed"] == 1
    assert invariants.broken(order.store_id) == []


def test_what_is_not_there_or_of_two_stores_or_too_much_is_refused(app):
    make.store()
    here, there = make.order(), make.order(make.store("other"))
    both = make.actor(Role.PRINTING)
    cases = [
        ([], "W1", RuleViolation, "value_required"), ([*ids(here), 999_999], "W1", NotFound, "not_found"),
        (list(range(1, 300)), "W1", RuleViolation, "too_many_rows"), (ids(here), "W" * 33, RuleViolation, "bad_batch"),
        (ids(here, there), "W1", RuleViolation, "several_stores"),
    ]  # fmt: skip
    for wanted, name, kind, code in cases:
        with pytest.raises(kind) as refused:
            service.print_batch(wanted, name, actor=both)
        assert refused.value.code == code
        db.session.rollback()
    with pytest.raises(NotFound):
        service.print_batch(ids(there), "W1", actor=make.actor(Role.PRINTING, store_id=here.store_id))
    db.session.rollback()
    with pytest.raises(NotAllowed):
        service.print_batch(ids(here), "W1", actor=make.actor(Role.WAREHOUSE))


@pytest.mark.mission("M063")
def test_a_reprint_is_a_new_version_with_who_and_why_and_the_old_papers_are_refused_by_every_scan(team):
    _, clerk, packer = team
    order = make.order()
    printed(order, clerk)
    parcel = make.parcel(order)
    first = parcels.paper_code(parcel.id, 1)
    run = service.reprint(parcel.id, Why.TORN, Paper.LABEL, Parts.NOTE, actor=clerk)
    db.session.refresh(parcel)
    assert (parcel.papers_version, run.why, run.made_by_id) == (2, Why.TORN, clerk.id)
    history = history_of([parcel.id], parcel.store_id)[parcel.id]
    assert [(h.version, h.why, h.who) for h in history] == [(2, Why.TORN, "敏敏"), (1, None, "敏敏")]
    assert events("parcel.reprinted", order.store_id)[0].body == {"version": 2, "because": "torn"}
    for mode in (Mode.PACK, Mode.SHIP):
        stopped = scan(first, mode, actor=packer)
        assert (stopped.result, stopped.reasons) == (Result.STOP, ("old_papers",))
    assert make.parcel(order).stage is Stage.PRINTED
    assert scan(parcels.paper_code(parcel.id, 2), Mode.PACK, actor=packer).result is Result.OK


def test_a_version_that_was_never_printed_is_no_valid_paper_and_a_code_without_one_still_is(team):
    _, clerk, packer = team
    order = make.order()
    printed(order, clerk)
    parcel = make.parcel(order)
    meant = parcels.resolve(
        [parcels.paper_code(parcel.id, 9), parcels.barcode(parcel.id)], packer, Permission.PARCEL_PACK
    )
    assert [one.named for one in meant.values()] == [Named.OLD_PAPERS, Named.PARCEL]


def test_what_is_held_unprinted_voided_or_gone_is_not_printed_again(team):
    asker, clerk, packer = team
    held, fresh, void, gone = (make.order() for _ in range(4))
    for order in (held, void, gone):
        printed(order, clerk, None)
    make.change(held, Kind.INVOICE, {"text": "云帆贸易公司"}, by=asker)
    cancel = make.change(void, Kind.CANCEL, {}, by=asker)
    helper = make.person(Role.AFTER_SALE, signature="阿杰")
    worlds.do(cancel, "hand_to_after_sale", packer, Evidence(to=helper.id))
    worlds.do(cancel, "void", clerk)
    scan(gone.number, Mode.SHIP, actor=packer)
    for order, code in ((held, "held"), (fresh, "not_printed_yet"), (void, "voided"), (gone, "after_sale")):
        with pytest.raises(IllegalMove) as refused:
            service.reprint(make.parcel(order).id, Why.JAMMED, actor=clerk)
        assert refused.value.code == code
        db.session.rollback()
    assert len(runs(held.store_id)) == 3


def test_the_reprint_that_a_change_asks_for_does_its_step_with_the_new_waybill(team):
    asker, clerk, packer = team
    order = make.order()
    printed(order, clerk)
    with_waybill(order, "SF1000000001")
    change = make.change(order, by=asker)
    parcel = make.parcel(order)
    with pytest.raises(IllegalMove):
        service.reprint(parcel.id, Why.CHANGED, waybill="SF2000000002", actor=clerk)  # not its turn yet
    db.session.rollback()
    holder = make.person(Role.PRINTING, signature="敏敏")
    worlds.do(change, "hand_out", packer, Evidence(to=holder.id))
    with pytest.raises(RuleViolation):
        service.reprint(parcel.id, Why.CHANGED, actor=clerk)  # the label changes: a new number is needed
    db.session.rollback()
    run = service.reprint(parcel.id, Why.TORN, waybill="SF2000000002", actor=clerk)
    assert (run.why, run.change_id) == (Why.CHANGED, change.id)
    assert {code: state for code, _, state in worlds.steps(change)}["reprint"] == "done"
    assert make.parcel(order).papers_version == 2
    old = scan("SF1000000001", Mode.PACK, actor=packer)
    assert (old.result, old.reasons[0]) == (Result.STOP, "superseded")
    assert invariants.broken(order.store_id) == []


def test_a_new_waybill_comes_only_with_a_change(team):
    _, clerk, _ = team
    order = make.order()
    printed(order, clerk)
    with pytest.raises(RuleViolation) as refused:
        service.reprint(make.parcel(order).id, Why.TORN, waybill="SF2000000002", actor=clerk)
    assert refused.value.code == "no_waybill_here"


@pytest.mark.mission("M119")
def test_nothing_leaves_with_void_recalled_or_old_papers(team):
    asker, clerk, packer = team
    void, recalled, old, fine = (make.order() for _ in range(4))
    service.print_batch(ids(void, recalled, old, fine), "W1", actor=clerk)
    codes = [parcels.paper_code(parcel_id, 1) for parcel_id in ids(void, recalled, old, fine)]
    cancel = make.change(void, Kind.CANCEL, {}, by=asker)
    worlds.do(cancel, "hand_to_after_sale", packer, Evidence(to=make.person(Role.AFTER_SALE).id))
    worlds.do(cancel, "void", clerk)
    make.change(recalled, by=asker)
    service.reprint(make.parcel(old).id, Why.LOST, actor=clerk)
    done = [scan(code, Mode.SHIP, actor=packer) for code in codes]
    assert [(one.result, one.reasons) for one in done] == [
        (Result.STOP, ("voided",)), (Result.STOP, ("open_change",)), (Result.STOP, ("old_papers",)), (Result.OK, ()),
    ]  # fmt: skip
    assert [make.parcel(order).stage for order in (void, recalled, old, fine)] == [
        Stage.VOIDED, Stage.PRINTED, Stage.PRINTED, Stage.SHIPPED,
    ]  # fmt: skip


def test_a_load_with_old_papers_is_stopped_before_the_truck(team):
    _, clerk, packer = team
    order = make.order()
    printed(order, clerk)
    service.reprint(make.parcel(order).id, Why.LOST, actor=clerk)
    old = parcels.paper_code(make.parcel(order).id, 1)
    _, rows = changes.make_check([old], actor=packer, purpose=Purpose.DISPATCH)
    assert [(row.group, row.reasons) for row in rows] == [(Group.STOP, ("old_papers",))]


@pytest.mark.parametrize("first_goes", [True, False])
def test_a_merged_parcel_prints_with_what_stays_whichever_of_its_orders_was_cancelled(team, first_goes):
    asker, clerk, _ = team
    first, second = make.order(), make.order()
    parcel = worlds.merge(first, second)
    gone = first if first_goes else second
    change = make.change(gone, Kind.CANCEL, {"text": "too late"}, by=asker)
    worlds.do(change, worlds.open_codes(change)[0], clerk)
    service.print_batch([parcel.id], "W1", actor=clerk)
    db.session.refresh(parcel)
    assert parcel.stage is Stage.PRINTED
