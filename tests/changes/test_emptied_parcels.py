"""A quantity wish that leaves nothing in one parcel of an order: it is voided, the rest of the order goes on."""

import pytest

from shopdesk.changes import service
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.hits import hits_of
from shopdesk.desk.queries.order_view import order_view
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from tests import invariants, make, worlds

pytestmark = pytest.mark.usefixtures("app")
WAY = {
    "unprinted": [],
    "printed": ["hand_to_after_sale", "amend"],
    "packed": ["hand_to_after_sale", "amend"],
}
END = {"unprinted": [], "printed": ["destroy_papers"], "packed": ["book_in"]}
WHO = {
    "hand_to_after_sale": Role.WAREHOUSE, "amend": Role.PRE_SALE, "confirm": Role.PRE_SALE, "void": Role.PRINTING,
    "destroy_papers": Role.AFTER_SALE, "book_in": Role.WAREHOUSE,
}  # fmt: skip


def told(stage):
    return Report(stage=stage, happened_at=None, as_of=clock.now(), source=Source.API, origin="ERP")


class Desk:
    """An order of two units of one article in two parcels, both at the same stage."""

    def __init__(self, stage):
        make.store()
        self.people = {role: make.actor(role) for role in {*WHO.values(), Role.SUPERVISOR}}
        self.order = make.order(lines=(make.line(quantity=2, price_minor=1000),), paid_minor=2000, total_minor=2000)
        worlds.split(self.order, 1, 1)
        if stage != "unprinted":
            for parcel in parcels.parcels_of_order(self.order.id, self.order.store_id):
                make._fact(parcel.id, parcel.store_id, told(Stage(stage)))

    def wish(self, quantity=1, **more):
        more = {"line_id": worlds.line(self.order).id, "yes": True} | more
        return make.change(self.order, Kind.QUANTITY, {"quantity": quantity}, by=self.people[Role.PRE_SALE], **more)

    def do(self, change, *codes):
        to = self.people[Role.AFTER_SALE].id
        for code in codes:
            said = worlds.SAID if code == "confirm" else Evidence(to=to if code == "hand_to_after_sale" else None)
            worlds.do(change, code, self.people[WHO[code]], said)

    def parcel(self, change):
        found = parcels.parcel_by_id(change.parcel_id, change.store_id)
        worlds.refresh(found)
        return found

    def shown(self):
        return order_view(self.order.id, self.people[Role.SUPERVISOR])


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize("stage", ["unprinted", "printed", "packed"])
def test_an_emptied_parcel_is_voided_and_the_order_shows_what_is_left(stage):
    desk = Desk(stage)
    change = desk.wish()
    assert not {"reprint", "repack", "take_back", "acknowledge", "amend_papers"} & {*worlds.open_codes(change)}
    desk.do(change, *WAY[stage])
    assert [n.change_id for n in make.notices(desk.order, NoticeKind.VOID)] == [change.id]
    desk.do(change, "void", *END[stage])
    assert (desk.parcel(change).stage, desk.parcel(change).holds, change.state) == (Stage.VOIDED, 0, ChangeState.DONE)
    assert worlds.open_codes(change) == ["refund", "enter_in_platform"]
    assert worlds.counters(desk.order) == (2, 1, 0, 1)
    assert len(worlds.memos(desk.order)) == 1
    assert "发货单" not in worlds.memos(desk.order)[0]
    (left,) = [p for p in parcels.parcels_of_order(desk.order.id, desk.order.store_id) if p.stage is not Stage.VOIDED]
    make._fact(left.id, left.store_id, told(Stage.SHIPPED))
    view = desk.shown()
    assert view.stage is Stage.SHIPPED
    assert {o.code for o in view.options if o.kind is not Kind.PRICE} <= {"after_sale", "only_unpaid"}
    assert invariants.broken(desk.order.store_id) == []


def test_the_stage_of_an_order_is_that_of_what_is_left_also_before_the_empty_parcel_is_voided():
    desk = Desk("unprinted")
    change = desk.wish()
    (other,) = [p for p in parcels.parcels_of_order(desk.order.id, desk.order.store_id) if p.id != change.parcel_id]
    make._fact(other.id, other.store_id, told(Stage.PACKED))
    assert desk.shown().stage is Stage.PACKED
    assert [h.stage for h in hits_of([desk.order.id], desk.people[Role.SUPERVISOR])] == [Stage.PACKED]
    assert {o.stage for o in desk.shown().options} == {Stage.PACKED}


def test_printing_voids_only_once_the_customer_has_said_yes():
    desk = Desk("unprinted")
    change = desk.wish(yes=False)
    assert make.notices(desk.order, NoticeKind.VOID, NoticeKind.CHANGE, state=None) == []
    with pytest.raises(IllegalMove) as caught:
        desk.do(change, "void")
    assert caught.value.code == "step_out_of_order"
    desk.do(change, "confirm")
    assert len(make.notices(desk.order, NoticeKind.VOID)) == 1
    desk.do(change, "void")
    assert invariants.broken(desk.order.store_id) == []


def test_a_wish_withdrawn_before_the_void_puts_its_unit_back():
    desk = Desk("printed")
    change = desk.wish()
    desk.do(change, "hand_to_after_sale", "amend")
    service.withdraw(change.id, "还是要两件", actor=desk.people[Role.PRE_SALE])
    assert worlds.counters(desk.order) == (2, 0, 0, 2)
    assert "void" not in worlds.open_codes(change)
    assert invariants.broken(desk.order.store_id) == []


def test_where_the_stage_moves_the_emptied_parcel_goes_on_to_its_void_with_its_papers():
    desk = Desk("unprinted")
    change = desk.wish()
    make._fact(change.parcel_id, change.store_id, told(Stage.PRINTED))
    worlds.refresh(change)
    assert worlds.open_codes(change)[:3] == ["hand_to_after_sale", "memo", "void"]
    desk.do(change, "hand_to_after_sale", "void", "destroy_papers")
    assert change.state is ChangeState.DONE
    assert invariants.broken(desk.order.store_id) == []


def test_an_emptied_parcel_cannot_be_ended_by_hand_nor_let_go_by_expiry():
    desk = Desk("packed")
    change = desk.wish()
    desk.do(change, "hand_to_after_sale", "amend")
    with pytest.raises(IllegalMove) as caught:
        service.end_by_hand(change.id, "现场改好了", actor=desk.people[Role.SUPERVISOR])
    assert caught.value.code == "use_the_steps"


@pytest.mark.both_engines
def test_one_line_of_two_in_two_parcels_can_be_taken_off_whole():
    make.store()
    asker, printing = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)
    order = make.order(lines=(make.line(), make.line("n2", title="围巾")))
    second = worlds.split(order, 2, 1)
    scarf = worlds.line(order, 2).id
    change = make.change(order, Kind.QUANTITY, {"quantity": 0}, by=asker, yes=True, line_id=scarf)
    assert change.parcel_id == second.id
    worlds.do(change, "void", printing)
    worlds.refresh(second)
    assert (second.stage, make.parcel(order).stage) == (Stage.VOIDED, Stage.UNPRINTED)
    with pytest.raises(RuleViolation) as caught:
        make.change(order, Kind.QUANTITY, {"quantity": 0}, by=asker, line_id=worlds.line(order).id)
    assert caught.value.code == "cancel_instead"
    assert invariants.broken(order.store_id) == []
