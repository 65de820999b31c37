"""One list of refunds, brought in by two people at the same moment."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.core import clock
from shopdesk.core.db import db, housekeeping
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.imports import queries
from shopdesk.imports.service import InputFile, run_files
from shopdesk.orders.models import Order
from shopdesk.parcels.states import Stage
from tests import invariants, make
from tests.imports.refund_exports import KEY, ROW, taobao
from tests.racing import race, rounds

pytestmark = pytest.mark.usefixtures("app")
#: SQLite has one writer and locks no rows.
ON_POSTGRES = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


def race_in(app):
    """Two imports of one list at once; what each run counted, in order of size."""
    store_id, as_of = make.store().id, clock.now() - timedelta(hours=1)

    def bring():
        run_files(make.store(), [InputFile("退款管理.csv", taobao({}))], as_of=as_of, actor=Actor.system([store_id]))

    assert race(app, bring, bring) == ["ok", "ok"]
    assert invariants.broken(store_id) == []
    runs = queries.recent_runs(make.actor(Role.SUPERVISOR))
    return sorted((run.created, run.updated, run.unchanged, run.refused) for run in runs)


@pytest.mark.both_engines
def test_of_what_has_left_it_makes_one_case(app):
    order = make.order(number=ROW["订单编号"], as_of=clock.now() - timedelta(hours=9))
    make.fact(order, Stage.SHIPPED)
    assert race_in(app) == [(0, 0, 1, 0), (1, 0, 0, 0)]
    assert cases.of_platform(KEY, make.store().id) is not None


@pytest.mark.both_engines
def test_of_what_has_not_left_it_makes_one_hold(app):
    order = make.order(number=ROW["订单编号"], as_of=clock.now() - timedelta(hours=9))
    assert race_in(app) == [(0, 0, 1, 0), (1, 0, 0, 0)]
    assert make.parcel(order).holds == 1


def shipped(number):
    make.fact(make.order(number=number, as_of=clock.now() - timedelta(hours=9)), Stage.SHIPPED)


def bring(hours_ago, *rows):
    store = make.store()
    as_of, actor = clock.now() - timedelta(hours=hours_ago), Actor.system([store.id])
    run_files(store, [InputFile("退款管理.csv", taobao(*rows))], as_of=as_of, actor=actor)


def wait_for_one_who_waits():
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    for _ in range(500):
        with db.engine.connect() as beside:
            if beside.scalar(asked):
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits")


@ON_POSTGRES
def test_a_list_that_waits_for_a_case_holds_no_order(app, engine):
    shipped(ROW["订单编号"])
    bring(5, {})
    case, has_case = cases.of_platform(KEY, make.store().id), threading.Event()
    case_id, order_id, store_id = case.id, case.order_id, case.store_id

    @housekeeping
    def case_then_order():
        there = select(Case.id).where(Case.id == case_id).with_for_update(key_share=True)
        db.session.scalars(in_store(there, store_id, Case)).one()
        has_case.set()
        wait_for_one_who_waits()
        its_order = select(Order.id).where(Order.id == order_id).with_for_update(key_share=True, nowait=True)
        db.session.scalars(in_store(its_order, store_id, Order)).one()

    def later_list():
        assert has_case.wait(10)
        bring(1, {"退款状态": "退款成功"})

    assert race(app, case_then_order, later_list) == ["ok", "ok"]


@pytest.fixture
def refused(app):
    """What the database itself refused: a circle of waiting is broken by it, and tried again."""
    found = []

    def listen(context):
        found.append(context.original_exception)

    event.listen(db.engine, "handle_error", listen)
    yield found
    event.remove(db.engine, "handle_error", listen)


@ON_POSTGRES
def test_two_lists_in_opposite_order_never_wait_in_a_circle(app, engine, refused):
    names = [str(3_900_000 + n) for n in range(4)]
    for name in names:
        shipped(name)
    rows = [{"订单编号": name, "退款编号": f"9{name}"} for name in names]
    for again in range(rounds(3)):
        there = [lambda n=again: bring(9 - 2 * n, *rows), lambda n=again: bring(8 - 2 * n, *reversed(rows))]
        assert race(app, *there) == ["ok", "ok"]
    assert refused == []
