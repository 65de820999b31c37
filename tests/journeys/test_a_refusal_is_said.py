"""What the server refuses to a part of a page is said in words, whatever the reason."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from tests import make

pytestmark = pytest.mark.browser
REVEAL = "**/reveal/phone"


@pytest.fixture
def order_page(window):
    """(the window, the order's path): the eye of the phone asks for a reason."""
    order = make.order()
    path = f"/orders/{order.id}"
    db.session.rollback()
    screen = window(make.person(Role.PRE_SALE), "en", "narrow")
    screen.go(path)
    screen.page.wait_for_load_state("networkidle")
    return screen, path


def _reveal(page):
    eye = page.locator("details:has(form[action$='/reveal/phone'])")
    if eye.get_attribute("open") is None:
        eye.locator("summary").click()
    eye.locator("button[type=submit]").first.click()


def _says(page, words):
    expect(page.locator("#toasts .sd-bad")).to_contain_text([words])
    page.locator("#toasts [data-dismiss]").click()
    expect(page.locator("#toasts .sd-toast")).to_have_count(0)


def test_a_refused_part_of_a_page_says_why_in_the_page(app, order_page, monkeypatch):
    screen, path = order_page
    page = screen.page
    known = page.locator(".sd-mask .sd-val").first.inner_text()
    for answer, words in (
        (lambda route: route.continue_(url=route.request.url.replace(path, "/orders/99999")), "There is no such thing"),
        (lambda route: route.continue_(post_data="reason=whim"), "There is no such thing here."),  # 422
        (
            lambda route: route.continue_(headers={**route.request.headers, "x-csrftoken": "old"}, post_data=""),
            "expired",
        ),
        (lambda route: route.fulfill(status=502, body="<html><h1>Bad gateway</h1></html>"), "That did not work."),
        (lambda route: route.abort(), "The desk did not answer."),
    ):
        page.route(REVEAL, answer)
        _reveal(page)
        _says(page, words)
        page.unroute(REVEAL)
    monkeypatch.setitem(app.config, "REVEALS_PER_DAY", 0)  # the app serves further tests
    _reveal(page)
    _says(page, "within a day")
    assert page.locator(".sd-mask .sd-val").first.inner_text() == known
    assert not [line for line in screen.problems if line.startswith("script:")]
    while page.locator("#toasts [data-dismiss]").count():  # they stay until they are closed
        page.locator("#toasts [data-dismiss]").first.click()
    page.evaluate("scrollTo(0, 0)")  # the bar at the top lies over what is scrolled away
    screen.problems.clear()  # the browser's and htmx's own lines about the answers above
    screen.check()


def test_a_part_of_a_page_asked_for_after_the_session_ended_leads_to_the_sign_in_and_back(order_page):
    screen, path = order_page
    screen.page.context.clear_cookies()
    _reveal(screen.page)
    screen.page.wait_for_url(lambda url: "/sign-in" in url)
    screen.page.fill("[name=login]", make.person(Role.PRE_SALE).login)
    screen.page.fill("[name=password]", make.PASSWORD)
    screen.page.click("main button[type=submit]")
    screen.page.wait_for_url(lambda url: url.endswith(path))


def test_a_copy_that_is_refused_says_why(order_page):
    screen, path = order_page
    page = screen.page
    page.fill("#memo", "请尽快发")
    with page.expect_navigation():
        page.locator(".sd-memo button[type=submit]").click()
    page.locator("#toasts [data-dismiss]").click()
    page.route("**/memo-text", lambda route: route.continue_(url=route.request.url.replace(path, "/orders/99999")))
    page.click("#memo-card [data-copy-url]")
    _says(page, "There is no such thing")
