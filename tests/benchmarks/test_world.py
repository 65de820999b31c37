"""The world that is measured is whole, and the same for the same seed."""

import io
import os
from contextlib import redirect_stdout
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from benchmarks import __main__ as bench
from benchmarks.world import fill
from shopdesk.changes.models import Change
from shopdesk.core import audit
from shopdesk.core.db import db
from shopdesk.core.permissions import Permission, Role
from shopdesk.core.scope import within
from shopdesk.desk import queries
from tests import make

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.both_engines
def test_every_made_order_is_found_and_shown_and_the_trail_holds(app):
    world = fill(app, 120, now=NOW)
    actor = make.actor(Role.PRE_SALE)
    for order in world.samples[::20]:
        for text in (order.number, order.buyer.nick, order.buyer.phone, order.sku, order.buyer.name[:2]):
            assert order.id in queries.look_up(text, actor, limit=200).order_ids
        assert str(queries.order_view(order.id, actor).stage) == order.stage
    assert audit.verify()[1] == []
    made = within(select(func.count(Change.id)), actor, Permission.ORDER_READ, Change)
    assert db.session.scalar(made) == 1


@pytest.mark.skipif("SHOPDESK_CI" not in os.environ, reason="a whole benchmark in small: CI runs it")
def test_the_quick_run_serves_asks_and_prints():
    with redirect_stdout(io.StringIO()) as printed:
        assert bench.main(["--quick", "--orders", "60", "--engine", "sqlite"]) == 0
    assert "| order detail | 8 |" in printed.getvalue()
