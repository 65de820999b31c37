"""E73: of a merged parcel one order is cancelled: it is shown so, takes no wish, and its number moves nothing."""

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.states import Group, Kind, Purpose
from shopdesk.core import clock
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.hits import hits_of
from shopdesk.desk.queries.order_view import order_view
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.warehouse import service
from shopdesk.warehouse.states import Mode
from tests import invariants, make, worlds
from tests.desk.pages import EN

pytestmark = pytest.mark.usefixtures("app")


def cancelled(stage=Stage.UNPRINTED):
    """(the cancelled order, the other one, their parcel)."""
    one, other = make.order(lines=(make.line(quantity=2),)), make.order()
    parcel = worlds.merge(one, other)
    change = make.change(one, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
    worlds.do(change, "take_out", make.actor(Role.PRINTING))
    make._fact(parcel.id, parcel.store_id, _told(stage))
    worlds.refresh(parcel)
    return one, other, parcel


def _told(stage):
    return Report(stage=stage, happened_at=None, as_of=clock.now(), source=Source.API, origin="ERP")


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_e73_the_cancelled_order_shows_as_voided_whatever_the_parcel_does_and_no_wish_is_possible():
    make.store()
    one, other, _ = cancelled(Stage.PACKED)
    boss = make.actor(Role.SUPERVISOR)
    view = order_view(one.id, boss)
    assert (view.stage, order_view(other.id, boss).stage) == (Stage.VOIDED, Stage.PACKED)
    assert [h.stage for h in hits_of([one.id, other.id], boss)] == [Stage.VOIDED, Stage.PACKED]
    assert {(o.is_allowed, o.code) for o in view.options} == {(False, "cancelled")}
    for kind, value in ((Kind.COURIER, {"text": "京东"}), (Kind.CANCEL, {})):
        with pytest.raises(IllegalMove) as caught:
            make.change(one, kind, value, by=make.actor(Role.PRE_SALE))
        assert caught.value.code == "cancelled"
    assert invariants.broken(one.store_id) == []


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_e73_a_scan_of_the_cancelled_orders_number_moves_nothing_and_says_why():
    make.store()
    one, other, parcel = cancelled()
    packer = make.actor(Role.WAREHOUSE)
    found = service.scan(one.number, Mode.PACK, actor=packer)
    assert (str(found.result), found.reasons) == ("stop", ("cancelled",))
    worlds.refresh(parcel)
    assert parcel.stage is Stage.UNPRINTED
    _, rows = changes.make_check([one.number, other.number], actor=packer, purpose=Purpose.DISPATCH)
    assert next(row.group for row in rows) is Group.STOP
    assert str(service.scan(other.number, Mode.PACK, actor=packer).result) == "ok"


def test_the_pages_say_that_the_order_is_cancelled(sign_in):
    make.store()
    one, _, _ = cancelled()
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{one.id}", headers=EN)
    assert "All of this order is cancelled." in page.text
