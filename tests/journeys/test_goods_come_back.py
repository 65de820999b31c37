"""Goods that do not come as expected: in two parcels days apart, and in one that nobody announced."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.returns.models import Arrival
from tests import make
from tests.journeys.after_sale import Crew, do, opened, path_of, scanned_in, seen, sent, taken_in
from tests.journeys.shop import press
from tests.journeys.test_a_case_is_taken_in import PASTE

pytestmark = pytest.mark.browser
FIRST, SECOND, STRANGE = "YT7000000021", "YT7000000022", "ZT7000000031"


@command
def three_days_passed(waybill):
    """The parcel came three days ago."""
    arrival = db.session.scalars(select(Arrival).where(Arrival.waybill == waybill)).one()
    for name in ("signed_in_at", "opened_at", "inspected_at"):
        setattr(arrival, name, clock.now() - timedelta(days=3))
    audit.record("test.set", "arrival", arrival.id, make.ROOT)


@pytest.mark.mission("M121")
def test_two_parcels_of_one_return_come_days_apart_and_their_quantities_add_up(window):
    crew = Crew(window)
    path = path_of(sent(waybill="SF7000000021", lines=(make.line(quantity=3),)))
    agent = crew.agent(path)
    page = taken_in(agent, "unwanted", units={"羊毛帽": 3})
    case = page.url.split("?")[0]
    do(agent, "/returns")
    do(agent, "/waybills", numbers=f"{FIRST}\n{SECOND}", carrier="圆通速递")
    seen(agent)
    expect(page.locator("#goods")).to_contain_text(SECOND)
    _came(crew, FIRST, units="2")
    three_days_passed(FIRST)
    page.goto(case)
    expect(page.locator("#goods")).to_contain_text("3 件中已到 2 件")
    seen(agent)
    assert not page.locator("form[action$='/refund-and-end']").count(), "one unit is still on its way"
    _came(crew, SECOND, units="1")
    page.goto(case)
    expect(page.locator("#goods")).to_contain_text("3 件中已到 3 件")
    goods = page.locator("#ending tbody tr").first.locator("td")
    assert [goods.nth(0).inner_text(), goods.nth(1).inner_text()] == ["3", "3"]
    seen(agent)
    do(agent, "/refund-and-end")
    expect(page.locator("#ending .badge", has_text="未结")).to_have_count(0)
    expect(page.locator("#ending")).to_contain_text("384.00")
    seen(agent)


@pytest.mark.mission("M094")
def test_an_unknown_parcel_finds_its_return_among_the_scored_ones(window):
    crew = Crew(window)
    other = sent(waybill="SF7000000031", recipient_name="李娜", phone="13900000031", buyer_id="b2", buyer_nick="b2")
    mine = sent(waybill="SF7000000032")
    cases = {}
    for name, path in {"other": path_of(other), "mine": path_of(mine)}.items():
        agent = crew.agent(path)
        taken_in(agent, "unwanted")
        do(agent, "/returns")
        cases[name] = agent.page.inner_text("h1 .sd-copy, h1").split()[1], agent.page.url
    dock = crew.dock("/dock/sign-in")
    scanned_in(dock, STRANGE, "unknown")
    seen(dock)
    dock.go("/dock/unknown")
    expect(dock.page.locator("tr[data-row]")).to_have_count(1)
    seen(dock)
    press(dock, "tr[data-row] a")
    seen(dock)
    do(dock, "/describe", sender="张伟", phone="13812345678", inside="羊毛帽 1 顶", place="无主-03")
    seen(dock)
    first = dock.page.locator("li", has=dock.page.locator("form[action$='/matches']")).first
    expect(first).to_contain_text(cases["mine"][0])
    expect(first).to_contain_text("/ 100")
    do(dock, "/matches")
    expect(dock.page.locator("main")).to_contain_text(cases["mine"][0])
    do(dock, "/open")
    dock.page.evaluate(PASTE, base64.b64encode(make.photo("PNG", (640, 480))).decode())
    do(dock, "/photos")
    expect(dock.page.locator(".sd-photos img")).to_have_count(1)
    do(dock, "/findings")
    do(dock, "/dispositions")
    seen(dock)
    dock.go("/dock/unknown")
    expect(dock.page.locator("tr[data-row]")).to_have_count(0)
    seen(dock)
    agent.page.goto(cases["mine"][1])
    expect(agent.page.locator("#goods")).to_contain_text("1 件中已到 1 件")
    expect(agent.page.locator("form[action$='/refund-and-end']")).to_be_visible()
    agent.page.goto(cases["other"][1])
    expect(agent.page.locator("#goods")).to_contain_text("1 件中已到 0 件")


def _came(crew, waybill, *, units):
    dock = crew.dock("/dock/sign-in")
    scanned_in(dock, waybill)
    dock.go("/dock")
    page = opened(dock, waybill)
    do(dock, "/findings", **{"f-0-quantity": units, "f-0-grade": "A", "f-0-defect": "no"})
    seen(dock)
    do(dock, "/dispositions")
    expect(page.locator("form[action$='/dispositions']")).to_have_count(0)
