"""An old label that is still on a parcel, while a feed gave its number to another one."""

from shopdesk.core import audit
from shopdesk.core.db import command
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Stage, WaybillState
from shopdesk.warehouse import service
from shopdesk.warehouse.states import Mode, Result
from tests import make


def test_an_old_label_whose_number_a_feed_gave_to_another_parcel_moves_neither(app):
    old, other = make.order(waybills=[("SF6500000001", "顺丰")]), make.order()
    packer, reprinted = make.actor(Role.WAREHOUSE), make.parcel(old)
    make._write(parcels.waybills([reprinted.id], old.store_id)[0], {"state": WaybillState.SUPERSEDED})
    make.fact(old, Stage.PRINTED)
    place(other, "SF6500000001")
    make.fact(other, Stage.PRINTED)
    seen = service.scan("SF6500000001", Mode.PACK, actor=packer)
    assert (seen.result, seen.reasons) == (Result.STOP, ("duplicate",))
    assert {make.parcel(old).stage, make.parcel(other).stage} == {Stage.PRINTED}
    make.fact(old, Stage.SHIPPED)
    assert service.scan("SF6500000001", Mode.PACK, actor=packer).reasons != ("duplicate",), "it has left"


@command
def place(order, number):
    parcel_service.add_waybill(make.parcel(order), order, number, "顺丰", is_electronic=True)
    audit.record("test.set", "parcel", make.parcel(order).id, make.ROOT, store_id=order.store_id)
