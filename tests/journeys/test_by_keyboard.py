"""The keyboard and the scanner: one reaches everything without the mouse, and a scan opens what was scanned."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from tests import make

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(window):
    """(a window on the look-up page, two order numbers with their paths)."""
    orders = [make.order(), make.order()]
    known = [(order.number, f"/orders/{order.id}") for order in orders]
    db.session.rollback()
    screen = window(make.person(Role.PRE_SALE), "en", "wide")
    screen.page.wait_for_load_state("networkidle")
    return screen, known


def _press(page, *keys):
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(80)  # a person; faster is a scanner


def _goes_to(page, path, *keys):
    with page.expect_navigation(url=lambda url: url.partition("#")[0].endswith(path)):
        _press(page, *keys)
    page.wait_for_load_state("networkidle")


def test_keys_flag_go_to_places_and_show_their_sheet(desk):
    screen, [(_number, path), _other] = desk
    page = screen.go(path)
    page.wait_for_load_state("networkidle")
    _press(page, "f")
    expect(page.locator("[name=flag]:checked")).to_be_focused()
    _press(page, "ArrowRight")
    assert page.locator("[name=flag]:checked").get_attribute("value") == "yellow"
    page.locator("h1").click()
    _goes_to(page, "/work", "g", "m")
    _goes_to(page, "/", "g", "o")
    _press(page, "Shift+Slash")
    expect(page.locator("#keys-help")).to_be_visible()
    screen.check()
    _press(page, "Escape")
    expect(page.locator("#keys-help")).to_be_hidden()


def test_the_palette_finds_orders_actions_and_places(desk):
    screen, [(number, path), _other] = desk
    page = screen.page
    page.focus("#q")
    _press(page, "Control+k")  # also while typing elsewhere
    expect(page.locator("#palette [role=option]").first).to_be_visible()
    page.keyboard.insert_text(number)
    expect(page.locator(f"#palette [data-href='{path}/changes/address']")).to_be_visible()
    screen.check()
    _goes_to(page, path, "Enter")
    _press(page, "Control+k")
    page.keyboard.insert_text("courier")  # about the order whose page is open
    expect(page.locator("#palette [aria-selected=true]")).to_contain_text("Change courier")
    _goes_to(page, "/changes/courier", "Enter")
    _press(page, "Control+k")
    page.keyboard.insert_text("my work")
    _goes_to(page, "/work", "Enter")  # before the answer is there
    _press(page, "Control+k", "Escape")
    expect(page.locator("#palette")).to_be_hidden()


def test_a_scan_opens_what_was_scanned_wherever_one_stands(desk):
    screen, [(first, path), (second, other)] = desk
    page = screen.page
    assert page.evaluate("document.activeElement.id") != "q"
    for number, target in ((first, path), (second, other)):
        with page.expect_navigation(url=lambda url, target=target: url.endswith(target)):
            page.keyboard.type(number)  # as fast as a scanner
            page.keyboard.press("Enter")
        page.wait_for_load_state("networkidle")
    page.keyboard.press("m")
    expect(page.locator("#memo")).to_be_focused()
    page.keyboard.type("12345")
    page.keyboard.press("Enter")  # in a text field it is text
    assert page.input_value("#memo") == "12345\n"
    assert page.url.endswith(other)


def test_a_paste_too_long_for_an_address_is_looked_up_all_the_same(desk):
    screen, [(number, path), _other] = desk
    page = screen.page
    page.fill("#q", " ".join([*(f"88{n:017d}" for n in range(399)), number]))
    with page.expect_navigation():
        _press(page, "Enter")
    expect(page.locator("h1")).to_have_text("Pasted list")
    screen.check()
    _goes_to(page, path, "j", "Enter")
    page.go_back()
    expect(page.locator("#q")).to_be_visible()  # not the browser's own page about a form to send again
