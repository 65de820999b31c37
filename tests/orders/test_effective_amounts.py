"""What an order costs: the desk's price and freight where it amended them, with the platform's beside them."""

import pytest

from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.orders.states import OrderStatus
from tests import make, worlds

pytestmark = pytest.mark.usefixtures("app")
ZH = {"Accept-Language": "zh"}


def amounts(order):
    db_order = orders.order_by_id(order.id, order.store_id)
    there = orders.lines(order.id, order.store_id), orders.active_amendments(order.id, order.store_id)
    return orders.effective_amounts(db_order, *there)


TWO = (make.line(quantity=2, price_minor=9_900),)


def unpaid(lines=TWO, **more):
    values = {"status": OrderStatus.UNPAID, "paid_minor": 0, "shipping_minor": 0, "total_minor": 19_800, **more}
    return make.order(lines=lines, **values)


@pytest.fixture
def seller():
    make.store()
    return make.person(Role.SUPERVISOR, Role.PRE_SALE)


@pytest.fixture
def asker():
    make.store()
    return make.actor(Role.PRE_SALE)


def test_an_amended_price_and_freight_are_in_the_order_of_page_and_api_beside_the_platforms(
    seller, asker, sign_in, api
):
    order = unpaid()
    make.change(order, Kind.PRICE, {"amount_minor": 19_000}, by=asker, line_id=worlds.line(order).id)
    make.change(order, Kind.FREIGHT, {"amount_minor": 600}, by=asker)
    order_id = order.id
    told = api(seller)("GET", f"/orders/{order_id}").json
    assert {n: told[n]["amount_minor"] for n in ("shipping", "total", "mirrored_shipping", "mirrored_total")} == {
        "shipping": 600, "total": 38_600, "mirrored_shipping": 0, "mirrored_total": 19_800
    }  # fmt: skip
    [line] = told["lines"]
    assert (line["unit_price"]["amount_minor"], line["mirrored_unit_price"]["amount_minor"]) == (19_000, 9_900)
    page = sign_in(seller).get(f"/orders/{order_id}", headers=ZH).text
    head = page[page.index('class="sd-head"') : page.index('class="sd-panes"')]
    assert "386.00" in head
    for shown in ("380.00", "6.00", "386.00", "198.00"):
        assert shown in page[page.index('class="sd-panes"') :]


def test_an_order_that_nobody_amended_costs_what_the_platform_says(seller, api):
    order_id = unpaid(total_minor=18_000, goods_minor=18_000).id
    told = api(seller)("GET", f"/orders/{order_id}").json
    assert (told["total"]["amount_minor"], told["mirrored_total"]) == (18_000, None)
    assert told["lines"][0]["mirrored_unit_price"] is None


def test_a_new_freight_keeps_the_discount_on_the_goods(asker):
    order = unpaid(total_minor=18_500, goods_minor=18_000, shipping_minor=500)
    make.change(order, Kind.FREIGHT, {"amount_minor": 0}, by=asker)
    assert (amounts(order).shipping_minor, amounts(order).total_minor) == (0, 18_000)


def test_units_that_were_taken_off_before_payment_are_not_to_be_paid(asker):
    order = unpaid()
    make.change(order, Kind.QUANTITY, {"quantity": 1}, by=asker, line_id=worlds.line(order).id)
    assert amounts(order).total_minor == 9_900


def test_the_platforms_sums_stand_again_once_it_tells_the_same_price(asker):
    order = unpaid()
    make.change(order, Kind.PRICE, {"amount_minor": 19_000}, by=asker, line_id=worlds.line(order).id)
    lines = (make.line(quantity=2, price_minor=19_000),)
    unpaid(number=order.number, lines=lines, total_minor=37_000, as_of=clock.now())
    assert amounts(order).total_minor == 37_000


def test_a_price_beside_a_line_without_one_leaves_the_total_unknown(asker):
    order = unpaid(lines=(make.line(quantity=2, price_minor=9_900), make.line("n2", price_minor=None)))
    make.change(order, Kind.PRICE, {"amount_minor": 19_000}, by=asker, line_id=worlds.line(order).id)
    assert amounts(order).total_minor is None
