"""What one told order says of the store's other orders: nothing (domain §3a D3, D4)."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.feeds import feeds_by_store
from shopdesk.imports.service import note_orders_feed
from shopdesk.parcels.states import Freshness
from tests import make
from tests.api.test_story import sale

pytestmark = pytest.mark.usefixtures("app")


def level():
    found = feeds_by_store(make.actor(Role.SUPERVISOR))
    return next(item for item in found if item.store.slug == "my-shop").orders_level


@pytest.mark.both_engines
def test_a_single_order_does_not_make_the_orders_of_the_store_look_fresh(api):
    store, erp = make.store(), api(make.person(Role.INTEGRATION))
    assert level() is Freshness.UNKNOWN
    old = clock.now() - timedelta(hours=9)
    note_orders_feed(store, "ERP", as_of=old, actor=make.actor(Role.INTEGRATION))
    assert level() is Freshness.STALE
    assert erp("PUT", "/stores/my-shop/orders/4100000000001", sale()).status_code == 201
    assert level() is Freshness.STALE
    rows = {"as_of": clock.now().isoformat(), "origin": "ERP", "items": [{"number": "4100000000002", **row()}]}
    assert erp("POST", "/stores/my-shop/orders/batch", rows, key="a").status_code == 200
    assert level() is Freshness.STALE
    assert erp("POST", "/stores/my-shop/orders/batch", rows | {"covers": "store"}, key="b").status_code == 200
    assert level() is Freshness.FRESH


def row():
    return {name: value for name, value in sale().items() if name not in {"as_of", "origin"}}


def test_single_orders_alone_leave_the_store_stale(api):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    assert erp("PUT", "/stores/my-shop/orders/4100000000001", sale()).status_code == 201
    assert level() is Freshness.STALE


@pytest.mark.parametrize("number", ["4.1E+18", "4.1e18", "41E+17"])
def test_what_excel_leaves_of_a_long_number_is_no_order_number_here_either(api, number):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    assert erp("PUT", f"/stores/my-shop/orders/{quote(number)}", sale()).status_code in {400, 422}
    rows = {"as_of": clock.now().isoformat(), "origin": "ERP", "items": [{"number": number, **row()}]}
    assert erp("POST", "/stores/my-shop/orders/batch", rows, key="a").status_code in {400, 422}


def test_a_time_in_the_future_counts_as_now_and_both_tellings_say_so(api):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    ahead, now = (clock.now() + timedelta(hours=2)).isoformat(), clock.now().isoformat()

    def put(as_of):
        return erp("PUT", "/stores/my-shop/orders/4100000000001", sale() | {"as_of": as_of}).json

    def batch(as_of, key):
        rows = {"as_of": as_of, "origin": "ERP", "items": [{"number": "4100000000002", **row()}]}
        return erp("POST", "/stores/my-shop/orders/batch", rows, key=key).json

    for told in (put(ahead), batch(ahead, "a")):
        assert [w["code"] for w in told["warnings"]] == ["as_of_in_future"]
    for told in (put(now), batch(now, "b")):
        assert told["warnings"] == []


def test_a_told_line_that_is_none_for_sure_is_named_and_not_taken(api):
    make.store()
    erp = api(make.person(Role.INTEGRATION))
    line = sale()["lines"][0]
    told = [line | {"key": "n1"}, line | {"key": "n2", "title": "围巾", "sku": "SCARF"}]

    def put(lines, minutes):
        as_of = (clock.now() - timedelta(minutes=minutes)).isoformat()
        return erp("PUT", "/stores/my-shop/orders/4100000000001", sale() | {"lines": lines, "as_of": as_of}).json

    assert put(told, 9)["lines_not_taken"] == []
    number = "4100000000000000029"
    other = line | {"key": number, "title": "手套", "sku": "GLOVE", "quantity": line["quantity"] + 1}
    found = put([told[0], other], 5)
    assert (found["outcome"], found["lines_not_taken"]) == ("unchanged", [number])
