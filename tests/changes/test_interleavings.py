"""Any interleaving of wishes, answers, facts, files, scans, stops, expiries, withdrawals and prints keeps the rules.

The rules are those of tests/invariants.py; who does what stands in desk_machine.py and house_machine.py.
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from shopdesk.core.db import db
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel
from shopdesk.parcels.service import scanning
from tests.changes.house_machine import House

# The same examples every time: a red run must mean that something changed.
SETTINGS = settings(
    max_examples=int(os.environ.get("SHOPDESK_EXAMPLES", "16" if "SHOPDESK_CI" in os.environ else "6")),
    stateful_step_count=20, deadline=None, database=None,
    derandomize="SHOPDESK_EXAMPLES" not in os.environ, suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink] if "SHOPDESK_EXAMPLES" in os.environ else [Phase.generate],
)  # fmt: skip


@pytest.mark.mission("M033")
def test_no_order_of_events_breaks_a_rule(app, desks):
    made = []

    def restore(build):
        db.session.remove()
        desk = desks["sqlite"]
        if not made:
            desk.clean()
            made.append(build())
            desk.keep("interleavings")
        desk.clean("interleavings")
        return made[0]

    machine = type("House", (House,), {"restore": staticmethod(restore)})
    run_state_machine_as_test(machine, settings=SETTINGS)


def test_the_machine_sees_it_when_nothing_is_held(app, desks, monkeypatch):
    """Its own negative control."""
    monkeypatch.setattr(parcel_service, "hold", lambda *args, **more: None)
    with pytest.raises(AssertionError, match="does not hold its parcel"):
        test_no_order_of_events_breaks_a_rule(app, desks)


def test_it_sees_it_when_a_scan_does_not_look_at_the_holds(app, desks, monkeypatch):
    """Without the hold check of packing and shipping it goes red."""
    monkeypatch.setattr(scanning, "_may_go", lambda to: (Parcel.stage.in_(scanning.FROM[to]),))
    with pytest.raises(AssertionError, match=r"was (packed|shipped) while"):
        test_no_order_of_events_breaks_a_rule(app, desks)
