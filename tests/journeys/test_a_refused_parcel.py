"""A parcel that the customer refused at the door comes back whole, and goes out again to another address."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make
from tests.journeys.after_sale import Crew, do, opened, packed_and_shipped, path_of, printed, scanned_in, seen, taken_in
from tests.journeys.shop import press

pytestmark = pytest.mark.browser
LABEL = "SF7000000041"
NEW_ADDRESS = "李四 13900000041 浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室"


@pytest.mark.mission("M099")
def test_a_refused_parcel_is_shipped_again_to_another_address(window):
    crew = Crew(window)
    order = make.order(waybills=[(LABEL, "顺丰速运")])
    make.fact(order, Stage.SHIPPED)
    path = path_of(order)
    agent = crew.agent(path)
    page = taken_in(agent, "other", "delivery_failure")
    case = page.url
    do(agent, "/courier", outcome="refused", said="门口拒收，快递员说原路退回")
    expect(page.locator("#goods")).to_contain_text(LABEL)
    seen(agent)
    dock = crew.dock("/dock/sign-in")
    scanned_in(dock, LABEL)
    seen(dock)
    dock.go("/dock")
    opened(dock, LABEL)
    seen(dock)
    do(dock, "/findings")
    do(dock, "/dispositions")
    seen(dock)
    page.goto(case)
    seen(agent)
    do(agent, "/resolutions", resolution="reship")
    do(agent, "/replacements", address=NEW_ADDRESS)
    seen(agent)
    press(agent, "form[action$='/invoice']:has([value=no]) button[type=submit]")
    outbound = page.locator("main a[href^='/orders/']", has_text="-R1")
    number, out_path = outbound.inner_text().strip(), outbound.get_attribute("href")
    papers = printed(crew)
    expect(papers.page.locator("main")).to_contain_text("云帆路66号")
    packed_and_shipped(crew, number)
    agent.go(out_path)
    expect(page.locator("main")).to_contain_text("滨江区")
    seen(agent)
    page.goto(case)
    expect(page.locator("#ending .badge", has_text="未结")).to_have_count(0)
    do(agent, "/end")
    seen(agent)
    original = agent.go(path)
    expect(original.locator("main")).to_contain_text(LABEL[-4:])
    seen(agent)
    assert crew.screens.keys() == {Role.AFTER_SALE, Role.WAREHOUSE, Role.PRINTING}
