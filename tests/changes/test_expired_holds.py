"""What happens when a hold outlives its cut-off."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from shopdesk.changes import service
from shopdesk.changes.service import Wished
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels import queries as parcels
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")
NOON = datetime(2026, 11, 1, 4, 0, tzinfo=UTC)  # 12:00 in the store's zone
CUT_OFF = datetime(2026, 11, 1, 10, 0, tzinfo=UTC)  # 18:00 there


def test_e83_a_yes_that_comes_after_the_hold_has_expired_still_counts_and_the_parcel_was_kept():
    with time_machine.travel(NOON, tick=False) as day:
        order = make.order(as_of=NOON)
        asker = make.actor(Role.PRE_SALE)
        change = service.ask(order.id, Wished(Kind.ADDRESS, make.NEW_ADDRESS), actor=asker)[0]
        hold = parcels.open_holds([make.parcel(order).id], order.store_id)[0]
        assert hold.expires_at == CUT_OFF
        day.move_to(CUT_OFF + timedelta(hours=15))
        assert make.parcel(order).holds == 1
        worlds.do(change, "confirm", asker)
        assert worlds.notice_states(change) == [("change", "printing", "open")]
