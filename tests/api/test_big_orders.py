"""An order of hundreds of lines, told by the shop's own system: what the database is asked does not grow with them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from tests import invariants, make
from tests.api.test_story import sale
from tests.statements import seen_statements

pytestmark = [pytest.mark.both_engines, pytest.mark.postgres_in_ci, pytest.mark.usefixtures("app")]
PATH = "/stores/my-shop/orders/{}"
FEW, MANY = 3, 150


def told(lines, *, minutes_ago, title="帽"):
    one = sale()["lines"][0]
    rows = [one | {"key": f"L{n}", "sku": f"S{n}", "title": f"{title}{n}", "quantity": 1 + n % 2} for n in range(lines)]
    return sale() | {"lines": rows, "as_of": (clock.now() - timedelta(minutes=minutes_ago)).isoformat()}


@pytest.fixture
def erp(api):
    make.store()
    put = api(make.person(Role.INTEGRATION))
    put("PUT", PATH.format("4100000000000"), told(1, minutes_ago=90))  # the first reads more
    return put


def asked(erp, number, body):
    with seen_statements() as seen:
        answer = erp("PUT", PATH.format(number), body)
    assert answer.status_code in {200, 201}
    inserts = [text for text, _ in seen if text.startswith("INSERT")]
    return len(seen) - len(inserts)


def test_telling_it_and_telling_it_again_asks_no_more_than_for_a_small_one(erp):
    for minutes_ago, title in ((60, "帽"), (50, "帽"), (40, "新帽")):
        few, many = (
            asked(erp, f"41000000000{lines:02}", told(lines, minutes_ago=minutes_ago, title=title))
            for lines in (FEW, MANY)
        )
        assert many == few


def test_each_unit_of_it_stands_in_the_parcel(erp):
    erp("PUT", PATH.format("4100000000001"), told(MANY, minutes_ago=60))
    store = make.store()
    order = orders.order_by_number("4100000000001", store.id)
    lines = orders.lines(order.id, store.id)
    assert [line.in_parcels for line in lines] == [line.quantity for line in lines] == [1 + n % 2 for n in range(MANY)]
    assert len(parcels.parcels_of_order(order.id, store.id)) == 1
    assert invariants.broken(store.id) == []
    db.session.rollback()
