"""A parcel came damaged: told with a photo, seen to be so, refunded without the goods, closed in one click."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect

from shopdesk.core.permissions import Role
from tests import make
from tests.journeys.after_sale import Crew, do, path_of, seen, sent
from tests.journeys.shop import press
from tests.journeys.test_a_case_is_taken_in import PASTE

pytestmark = pytest.mark.browser
#: What lies below the window, or under the bar at its lower edge.
IN_SIGHT = """() => {
  const bar = document.querySelector(".sd-nav").getBoundingClientRect();
  const edge = bar.width > innerWidth / 2 ? bar.top : innerHeight;
  const names = [".sd-phases", ".sd-next-h", ".sd-next-b", "#resolution h2", "#resolution button"];
  return names.filter((name) => document.querySelector(name).getBoundingClientRect().bottom > edge);
}"""


@pytest.mark.mission("M090")
@pytest.mark.parametrize(("language", "size"), [("zh-CN", "wide"), ("en", "narrow")])
def test_a_damaged_parcel_is_refunded_and_closed_without_the_goods(window, language, size):
    crew = Crew(window, language, {Role.AFTER_SALE: size})
    agent = crew.agent(path_of(sent(waybill="SF7000000001")))
    page = agent.page
    press(agent, "#cases a[href$='/cases/new']", until=lambda url: url.endswith("/cases/new"))
    page.check("#reason-damaged")
    page.fill("#answer-damaged-box_state", "外箱压扁了")
    page.evaluate(PASTE, base64.b64encode(make.photo("PNG", (640, 480))).decode())
    seen(agent)
    press(agent, "button[name=take]", until=lambda url: not url.endswith("/new"))
    expect(page.locator(".sd-photos img")).to_have_count(1)
    page.check("#appraisal input[value=product_defect]")
    do(agent, "/appraisal")
    seen(agent)
    do(agent, "/decision")
    seen(agent)
    assert page.evaluate(IN_SIGHT) == [], "the phase, the clock, the next step and its card need no scrolling"
    do(agent, "/resolutions", resolution="refund")
    press(agent, "form[action$='/invoice']:has([value=no]) button[type=submit]")
    do(agent, "/refund")
    seen(agent)
    do(agent, "/settlements")
    seen(agent)
    expect(page.locator("form[action$='/end']")).to_be_visible()
    do(agent, "/end")
    expect(page.locator(".sd-phases .is-now")).to_have_count(0)
    expect(page.locator("form[action$='/end']")).to_have_count(0)
    seen(agent)
