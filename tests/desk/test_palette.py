"""What Ctrl/⌘K offers to whom."""

import pytest

from shopdesk.core.permissions import Role
from tests import make

pytestmark = pytest.mark.usefixtures("app")
EN = {"Accept-Language": "en"}


def offered(browser, **asked):
    return browser.get("/palette", query_string=asked, headers=EN).text


def test_an_order_that_is_found_comes_with_what_can_be_begun_on_it(sign_in):
    order = make.order()
    text = offered(sign_in(make.person(Role.PRE_SALE)), q=order.number)
    assert f'data-href="/orders/{order.id}"' in text
    assert f'data-href="/orders/{order.id}/changes/address"' in text
    assert f'data-href="/orders/{order.id}#memo"' in text


def test_on_an_orders_page_a_word_finds_the_action_on_that_order(sign_in):
    order = make.order()
    text = offered(sign_in(make.person(Role.PRE_SALE)), q="courier", on=order.id)
    assert f'data-href="/orders/{order.id}/changes/courier"' in text
    assert "changes/address" not in text


def test_places_are_those_of_ones_own_navigation(sign_in):
    make.order()
    assert 'data-href="/print-check"' in offered(sign_in(make.person(Role.PRINTING)), q="pre-print")
    assert 'data-href="/print-check"' not in offered(sign_in(make.person(Role.PRE_SALE)), q="pre-print")


def test_who_may_not_ask_is_offered_no_change_and_another_stores_order_does_not_exist(sign_in):
    order = make.order()
    browser = sign_in(make.person(Role.WAREHOUSE))
    assert "/changes/" not in offered(browser, q=order.number)
    other = make.store("second-shop")
    elsewhere = sign_in(make.person(Role.PRE_SALE, store_id=other.id))
    assert "/orders/" not in offered(elsewhere, q=order.number, on=order.id)
    assert "/orders/" not in offered(elsewhere, on="9" * 40)
