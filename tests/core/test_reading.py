"""Statements of the hot paths cannot be run without the stores they are for."""

import pytest
from sqlalchemy import bindparam, select

from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.reading import FirstOfEach, Reading
from shopdesk.orders.models import Order
from tests import make

BY_NUMBER = select(Order.id).where(Order.number == bindparam("number"))


def test_a_reading_without_a_store_column_is_refused():
    with pytest.raises(ValueError):
        Reading(BY_NUMBER)


@pytest.mark.both_engines
def test_a_reading_finds_only_what_the_actor_may_see(app):
    order = make.order()
    elsewhere = make.store("elsewhere")
    reading = Reading(BY_NUMBER, Order.store_id)
    found = {
        name: [row.id for row in reading.rows(actor, Permission.ORDER_READ, number=order.number)]
        for name, actor in (
            ("here", make.actor(Role.PRE_SALE, store_id=order.store_id)),
            ("elsewhere", make.actor(Role.PRE_SALE, store_id=elsewhere.id)),
            ("nobody", Actor(None, "", "")),
        )
    }
    assert found == {"here": [order.id], "elsewhere": [], "nobody": []}


@pytest.mark.both_engines
def test_the_first_of_each_store_are_taken_however_many_stores_there_are(app):
    stores = [make.store(f"shop-{place}") for place in range(5)]
    made = [make.order(store, number=f"A{place}").id for place, store in enumerate(stores)]
    actor = make.actor(Role.PRE_SALE)
    newest = FirstOfEach(Order.store_id, select(Order.id).order_by(Order.id.desc()))
    rows = newest.rows(actor, Permission.ORDER_READ, most=1)
    assert sorted(row.id for row in rows) == made
    newest.most_branches = 2
    assert sorted(row.id for row in newest.rows(actor, Permission.ORDER_READ, most=1)) == made
