"""A wrong size: sent back with a slip, found right, exchanged for a dearer one whose difference a linked order pays."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make
from tests.journeys.after_sale import (
    Crew,
    do,
    opened,
    packed_and_shipped,
    path_of,
    printed,
    scanned_in,
    seen,
    sent,
    taken_in,
)
from tests.journeys.shop import copied_by, press

pytestmark = pytest.mark.browser
BACK = "YT7000000011"


@pytest.mark.mission("M093", "M107", "M115")
def test_a_wrong_size_is_exchanged_with_a_difference_order(window):
    crew = Crew(window)
    order = sent(waybill="SF7000000011")
    paid = make.order(lines=(make.line("d1", title="补差价", price_minor=2_000),), buyer_nick="雨天晒被子_07")
    make.fact(paid, Stage.SHIPPED)  # such an order holds no goods: the shop marks it as sent
    difference, path = paid.number, path_of(order)
    agent = crew.agent(path)
    page = taken_in(agent, "unwanted", "exchange")
    case = page.url.rsplit("/", 1)[1]
    page.check("#appraisal input[value=cannot_tell]")
    do(agent, "/appraisal")
    do(agent, "/returns")
    seen(agent)
    slip = copied_by(agent, "#goods [data-copy-url]")
    assert "张伟" in slip
    do(agent, "/waybills", numbers=BACK, carrier="圆通速递")
    dock = crew.dock("/dock/sign-in")
    scanned_in(dock, BACK)
    seen(dock)
    dock.go("/dock")
    seen(dock)
    table = opened(dock, BACK)
    seen(dock)
    assert "¥" not in table.inner_text("main"), "the warehouse sees no money"
    do(dock, "/findings")
    do(dock, "/dispositions", shelf="A-01")
    seen(dock)
    agent.go(f"/cases/{case}")
    do(agent, "/resolutions", resolution="exchange")
    seen(agent)
    line = page.locator("[name^='attributes-']").get_attribute("name").split("-")[1]
    do(agent, "/replacements", **{f"attributes-{line}": "颜色分类:黑色;尺码:L", f"price-{line}": "148"})
    seen(agent)
    clerk = crew.at(Role.PRINTING, "/printing")
    assert not clerk.page.locator("input[name=parcel]").count(), "nothing is printed before the difference is paid"
    do(agent, "/difference", how="linked_order", order_number=difference)
    press(agent, "form[action$='/invoice']:has([value=no]) button[type=submit]")
    outbound = page.locator("main a[href^='/orders/']", has_text="-R1")
    number, out_path = outbound.inner_text().strip(), outbound.get_attribute("href")
    printed(crew)
    packed_and_shipped(crew, number)
    shipped = agent.go(out_path)
    expect(shipped.locator("main")).to_contain_text("已发")
    seen(agent)
    agent.go(f"/cases/{case}")
    seen(agent)
    do(agent, "/end")
    expect(page.locator("form[action$='/end']")).to_have_count(0)
    agent.go(path)
    expect(page.locator("#cases")).to_contain_text("已完结")
    seen(agent)
