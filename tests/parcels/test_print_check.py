"""打单核对: what may be printed, said once and decided anew at the button."""

from datetime import timedelta

import pytest

from shopdesk.changes import service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.errors import Conflict, IllegalMove, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind, NoticeState
from shopdesk.orders.states import Flag, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Source, Stage
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")  # what leans on the database runs on both engines


@pytest.fixture
def clerk():
    make.store()
    return make.actor(Role.PRINTING)


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


def groups(rows):
    return [(str(row.group), *row.reasons) for row in rows]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.mission("M034")
def test_a_batch_is_sorted_into_printable_changed_and_not_and_the_button_prints_and_acknowledges(clerk, asker):
    plain, confirmed, unconfirmed, unpaid, gone = (make.order() for _ in range(5))
    make._set(unpaid, {"status": OrderStatus.UNPAID})
    make.order(number=unpaid.number, status=OrderStatus.UNPAID, as_of=clock.now())
    change = make.change(confirmed, by=asker, yes=True)
    waits = make.change(unconfirmed, by=asker)
    make.fact(gone, Stage.SHIPPED)
    orders = [plain, confirmed, unconfirmed, unpaid, gone]
    check, rows = service.make_check([*(o.number for o in orders), "41999"], actor=clerk)
    assert groups(rows) == [
        ("printable",),
        ("changed", "acknowledgement_missing"),
        ("do_not_print", "unconfirmed_change"),
        ("do_not_print", "readiness_unpaid"),
        ("do_not_print", "stage_shipped"),
        ("unknown", "not_found"),
    ]
    service.mark_printed(check.id, "W231", actor=clerk)
    stages = [make.parcel(o).stage for o in orders]
    assert stages == [Stage.PRINTED, Stage.PRINTED, Stage.UNPRINTED, Stage.UNPRINTED, Stage.SHIPPED]
    assert (change.state, waits.state) == (ChangeState.DONE, ChangeState.OPEN)
    assert [make.parcel(o).holds for o in (confirmed, unconfirmed)] == [0, 1]
    assert worlds.notice_states(change) == [("change", "printing", "acknowledged")]
    assert [make.parcel(o).position for o in (plain, confirmed)] == [1, 2]
    assert audit.verify()[1] == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_change_that_comes_between_the_look_and_the_button_stops_the_whole_list(clerk, asker):
    one, other = make.order(), make.order()
    check, _ = service.make_check([one.number, other.number], actor=clerk)
    make.change(other, by=asker)
    with pytest.raises(Conflict) as caught:
        service.mark_printed(check.id, "W1", actor=clerk)
    assert (caught.value.code, caught.value.facts["rows"]) == ("list_changed", [other.number])
    assert [make.parcel(o).stage for o in (one, other)] == [Stage.UNPRINTED] * 2


def test_a_list_is_printed_once_by_who_made_it(clerk):
    order = make.order()
    check, _ = service.make_check([order.number], actor=clerk)
    with pytest.raises(NotFound):
        service.mark_printed(check.id, "W1", actor=make.actor(Role.PRINTING))
    for batch in ("", " ", "批" * 33):
        with pytest.raises(RuleViolation):
            service.mark_printed(check.id, batch, actor=clerk)
    service.mark_printed(check.id, "W1", actor=clerk)
    with pytest.raises(IllegalMove) as caught:
        service.mark_printed(check.id, "W1", actor=clerk)
    assert caught.value.code == "already_printed"


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_an_order_in_two_parcels_of_which_one_is_printed_can_still_print_the_other(clerk):
    order = make.order(lines=(make.line(quantity=2),))
    second = worlds.split(order, 1, 1)
    make.fact(order, Stage.PRINTED)
    check, rows = service.make_check([order.number], actor=clerk)
    assert sorted(groups(rows)) == [("do_not_print", "stage_printed"), ("printable",)]
    service.mark_printed(check.id, "W1", actor=clerk)
    worlds.refresh(second)
    assert second.stage is Stage.PRINTED


def test_a_merged_parcel_pasted_under_both_its_orders_is_printed_once(clerk):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    check, _ = service.make_check([one.number, other.number, one.number], actor=clerk)
    service.mark_printed(check.id, "W1", actor=clerk)
    worlds.refresh(parcel)
    assert (parcel.stage, parcel.position) == (Stage.PRINTED, 1)
    assert len(parcels.facts([parcel.id], parcel.store_id)) == 1


def test_a_memo_that_printing_has_not_seen_counts_as_changed_and_is_acknowledged_with_the_print(clerk, asker):
    order = make.order()
    service.write_note(order.id, "请检查接缝", flag=Flag.RED, actor=asker)
    check, rows = service.make_check([order.number], actor=clerk)
    assert groups(rows) == [("changed", "memo_unseen")]
    service.mark_printed(check.id, "W1", actor=clerk)
    assert make.notices(order, NoticeKind.MEMO) == []
    assert len(make.notices(order, NoticeKind.MEMO, state=NoticeState.ACKNOWLEDGED)) == 1


def test_a_look_at_a_batch_teaches_the_stage_and_that_knowledge_ages(clerk):
    order, store = make.order(as_of=clock.now() - timedelta(hours=9)), make.store()
    parcel = make.parcel(order)
    assert parcels.knowledge_of(parcel, store).is_stale
    service.make_check([order.number], actor=clerk)
    worlds.refresh(parcel)
    assert (parcel.stage_source, parcels.knowledge_of(parcel, store).is_stale) == (Source.CHECK, False)
    make._set(parcel, {"stage_as_of": clock.now() - timedelta(hours=5)})
    assert parcels.knowledge_of(parcel, store).is_stale
    check, _ = service.make_check([order.number], actor=clerk)
    service.mark_printed(check.id, "W1", actor=clerk)
    make._set(parcel, {"stage_as_of": clock.now() - timedelta(hours=50)})
    assert not parcels.knowledge_of(parcel, store).is_stale  # our own command is never old


def test_a_number_of_absurd_length_is_simply_unknown(clerk):
    order = make.order()
    _, rows = service.make_check(["9" * 4000, order.number], actor=clerk)
    assert [str(row.group) for row in rows] == ["unknown", "printable"]
    for numbers in ([], [""], [str(n) for n in range(2001)]):
        with pytest.raises(RuleViolation):
            service.make_check(numbers, actor=clerk)


def test_a_cancel_wish_keeps_a_parcel_from_being_printed(clerk, asker):
    order = make.order()
    make.change(order, Kind.CANCEL, {}, by=asker)
    check, rows = service.make_check([order.number], actor=clerk)
    assert groups(rows) == [("do_not_print", "unconfirmed_change")]
    with pytest.raises(RuleViolation) as caught:
        service.mark_printed(check.id, "W1", actor=clerk)
    assert caught.value.code == "nothing_to_print"
