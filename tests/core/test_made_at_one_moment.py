"""What two bring in at one moment for the first time: neither is refused, and it is there once (I11, domain.md §3a)."""

from __future__ import annotations

import threading
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from shopdesk.core import clock
from shopdesk.core import db as module
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.customers.models import Customer
from shopdesk.feeds import queries
from shopdesk.feeds.models import FeedKind
from shopdesk.orders.models import Order, OrderLine
from shopdesk.parcels.models import Batch, Parcel
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.reconciling import service as reconciling
from tests import make
from tests.racing import race

pytestmark = pytest.mark.both_engines


@pytest.fixture(autouse=True)
def _both_look_before_one_writes(monkeypatch):
    both, part = threading.Barrier(2), module.part

    @contextmanager
    def waiting():
        with suppress(threading.BrokenBarrierError):
            both.wait(0.3)  # SQLite lets one in at a time: nobody comes
        with part():
            yield

    monkeypatch.setattr(module, "part", waiting)


def count(model, store_id):
    return db.session.scalar(in_store(select(func.count(model.id)), store_id, model))


def test_the_first_two_words_of_a_source_are_both_heard(app):
    store_id, now = make.store().id, clock.now()
    actor = make.actor(Role.INTEGRATION, store_id=store_id)
    calls = [
        lambda hours=hours: reconciling.note_list(store_id, "erp", as_of=now - timedelta(hours=hours), actor=actor)
        for hours in (2, 1)
    ]
    assert race(app, *calls) == ["ok", "ok"]
    (feed,) = [one for one in queries.feeds_in(store_id) if one.kind is FeedKind.REFUNDS]
    assert feed.as_of == now - timedelta(hours=1)


def test_two_new_orders_of_a_new_buyer_and_one_customer(app):
    store_id = make.store().id
    assert race(app, make.order, make.order) == ["ok", "ok"]
    assert count(Customer, store_id) == 1


def test_one_new_order_told_by_two_sources_and_one_order(app):
    store_id, sale = make.store().id, make.sale()
    tell = lambda: make.put_order(  # noqa: E731
        make.store(), sale, [], as_of=clock.now(), origin="test", actor=Actor.system([store_id])
    )
    assert race(app, tell, tell) == ["ok", "ok"]
    assert (count(Order, store_id), count(Parcel, store_id), count(OrderLine, store_id)) == (1, 1, 1)


def test_two_parcels_told_to_be_in_a_new_batch_and_one_batch(app):
    store_id = make.store().id
    ids = [make.parcel(make.order()).id for _ in range(2)]
    told = Report(Stage.PRINTED, None, clock.now(), Source.API, "ERP", batch="W231")
    assert race(app, *(lambda parcel_id=one: make._fact(parcel_id, store_id, told) for one in ids)) == ["ok", "ok"]
    assert count(Batch, store_id) == 1
