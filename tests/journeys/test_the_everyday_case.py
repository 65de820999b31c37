"""One unit, in time and sound: the everyday case."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.journeys.after_sale import Crew, do, path_of, scanned_in, seen, sent
from tests.journeys.shop import copied_by, press

pytestmark = pytest.mark.browser
BACK = "SF7000000052"
COUNT = """() => {
  window.name = "0";
  document.addEventListener("click", (event) => {
    if (event.isTrusted) window.name = String(Number(window.name) + 1);
  }, true);
}"""
AGAIN = COUNT.replace('window.name = "0";', "")


def clicks(page):
    return int(page.evaluate("window.name"))


@pytest.mark.mission("M107")
def test_the_everyday_case_takes_three_clicks(window):
    """Approved, the slip copied, refunded and closed; the name of a window lives on from page to page."""
    crew = Crew(window)
    agent = crew.agent(path_of(sent(waybill="SF7000000051")))
    page = agent.page
    seen(agent)
    page.evaluate(COUNT)
    press(agent, "form[action$='/everyday-return'] button", until=lambda url: "/cases/" in url)
    page.evaluate(AGAIN)
    slip = copied_by(agent, "#goods [data-copy-url]")
    assert "张伟" in slip
    seen(agent)
    _comes_back(crew)
    page.reload()
    page.evaluate(AGAIN)
    seen(agent)
    press(agent, "form[action$='/refund-and-end'] button[type=submit]")
    assert clicks(page) == 3
    expect(page.locator("#ending .badge", has_text="未结")).to_have_count(0)
    expect(page.locator(".sd-phases .is-now")).to_have_count(0)
    seen(agent)


def _comes_back(crew):
    """The customer told no waybill: what stands on the box says which return it is."""
    dock = crew.dock("/dock/sign-in")
    scanned_in(dock, BACK, "unknown")
    dock.go("/dock/unknown")
    press(dock, "tr[data-row] a")
    do(dock, "/describe", sender="张伟", phone="13812345678")
    do(dock, "/matches")
    do(dock, "/open")
    do(dock, "/findings")
    do(dock, "/dispositions")
    seen(dock)
