"""The house: scans, trucks, stops, memos and the clock; the other half of the rules of test_interleavings.py."""

from datetime import timedelta

from hypothesis import strategies as st
from sqlalchemy import select, update

from shopdesk.changes import service
from shopdesk.changes.states import Purpose
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.orders.states import Flag
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Batch, Hold, Stop
from shopdesk.parcels.rules.stops import Criteria
from shopdesk.parcels.service import StopWanted
from shopdesk.parcels.states import OnExpiry, StopScope
from shopdesk.staff import service as staff
from shopdesk.warehouse.service import scan
from shopdesk.warehouse.states import Mode
from tests import make
from tests.changes.desk_machine import NUMBER, Desk, act, pick

LATE = [None, None, timedelta(minutes=10), timedelta(hours=2)]


class House(Desk):
    def codes(self):
        """Everything that a scanner may meet: order numbers, parcels' own codes, valid and old waybills."""
        ids = [p.id for order in self.orders() for p in parcels.parcels_of_order(order.id, self.store_id)]
        labels = [waybill.number for waybill in parcels.waybills(ids, self.store_id)]
        return [*(order.number for order in self.orders()), *labels]

    @act(weight=3, which=NUMBER, mode=st.sampled_from([Mode.PACK, Mode.SHIP]), late=st.sampled_from(LATE))
    def somebody_scans(self, which, mode, late):
        at = late and clock.now() - late
        self.tries(lambda: scan(pick(self.codes(), which), mode, happened_at=at, actor=self.packer))

    @act()
    def a_load_is_checked(self):
        numbers = [order.number for order in self.orders()]
        self.loads.append(service.make_check(numbers, actor=self.packer, purpose=Purpose.DISPATCH)[0].id)

    @act(when=lambda self: self.loads, which=NUMBER, late=st.sampled_from(LATE))
    def the_truck_leaves(self, which, late):
        check_id = self.loads.pop(which % len(self.loads))
        left_at = clock.now() - (late or timedelta())
        self.tries(lambda: service.mark_shipped(check_id, left_at, actor=self.packer))

    @act(which=NUMBER, keeps=st.booleans())
    def a_stop_is_made(self, which, keeps):
        batches = list(db.session.scalars(in_store(select(Batch), self.store_id, Batch)))
        wanted = [Criteria(StopScope.SKU, sku="HAT-01"), Criteria(StopScope.REGION, region="江苏省")]
        wanted += [Criteria(StopScope.REGION, carrier="愿望1")]
        wanted += [Criteria(StopScope.BATCH, batch_id=batch.id) for batch in batches[:1]]
        asked = StopWanted(
            pick(wanted, which), "缝线会开", clock.now() + timedelta(hours=5), phrase="请等几天",
            on_expiry=OnExpiry.KEEP if keeps else OnExpiry.SHIP_AS_ORDERED,
        )  # fmt: skip
        self.tries(lambda: parcel_service.stop(self.store_id, asked, actor=self.boss))

    @act(which=NUMBER)
    def a_stop_is_ended(self, which):
        if going := pick(self.stops(), which):
            self.tries(lambda: parcel_service.end_stop(going.id, actor=self.boss))

    def stops(self):
        statement = in_store(select(Stop).where(Stop.ended_at.is_(None)).order_by(Stop.id), self.store_id, Stop)
        return list(db.session.scalars(statement))

    @act(act=st.sampled_from(OnExpiry), stops_too=st.booleans())
    def the_cut_off_passes(self, act, stops_too):
        """Holds that were due are dealt with as the store says, stops as each of them says."""
        _let_expire(self.store_id, act, stops_too)
        service.expire_holds(self.store_id, actor=Actor.system([self.store_id]))

    @act(act=st.sampled_from(OnExpiry))
    def the_store_decides_what_expiry_does(self, act):
        staff.set_hold_expiry("my-shop", act, actor=make.ROOT)

    @act(which=NUMBER, who=NUMBER)
    def somebody_writes_a_memo(self, which, who):
        order = pick(self.orders(), which)
        self.tries(lambda: service.write_note(order.id, "请用礼盒", flag=Flag.RED, actor=pick(self.people, who)))


@command
def _let_expire(store_id, act, stops_too):
    """As if the clock had moved: what is held was due a moment ago."""
    past = clock.now() - timedelta(seconds=1)
    open_ones = in_store(update(Hold), store_id, Hold).where(Hold.ended_at.is_(None), Hold.expired_at.is_(None))
    rows_changed(open_ones.values(expires_at=past, on_expiry=act))
    if stops_too:
        rows_changed(in_store(update(Stop), store_id, Stop).where(Stop.ended_at.is_(None)).values(expires_at=past))
    audit.record("test.time_passed", "store", store_id, make.ROOT, store_id=store_id)
