"""The wall of the warehouse in a browser: live, answered with one press, never old without saying so; STOP stays."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.changes.states import ChangeState
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make, worlds
from tests.journeys.shop import look
from tests.journeys.test_pack_and_ship import scan

pytestmark = pytest.mark.browser


@pytest.mark.mission("M131")
def test_a_change_is_on_the_wall_within_seconds_and_found_is_one_press(window):
    order = make.order()
    make.fact(order, Stage.PRINTED, happened_at=clock.now())
    screen = window(make.person(Role.WAREHOUSE), "zh-CN", "wide")
    page = screen.go("/warehouse/board")
    expect(page.locator("[data-board-part]")).to_contain_text("没有要拦的")
    change = make.change(order, by=make.actor(Role.PRE_SALE, signature="小满"))
    db.session.rollback()
    card = page.locator("[data-mark]")
    expect(card).to_contain_text("小满", timeout=10_000)
    look(screen)
    card.locator("button").first.click()
    expect(card).to_contain_text("等交出", timeout=10_000)
    page.context.set_offline(True)
    expect(page.locator("[data-gone]")).to_contain_text("断线", timeout=20_000)
    expect(page.locator("[data-live]")).to_be_hidden()
    screen.problems.clear()  # the browser says that there was no line
    page.context.set_offline(False)
    expect(page.locator("[data-gone]")).to_be_hidden(timeout=20_000)
    worlds.refresh(change)
    assert change.state is ChangeState.OPEN


def test_a_stop_stays_while_the_next_ones_are_scanned_and_is_answered_by_a_key(window):
    held, second, plain = make.order(), make.order(), make.order()
    for order in (held, second, plain):
        make.fact(order, Stage.PACKED)
    asker = make.actor(Role.PRE_SALE, signature="小满")
    change, _other = make.change(held, by=asker), make.change(second, by=asker)
    codes = [order.number for order in (held, second, plain)]
    db.session.rollback()
    screen = window(make.person(Role.WAREHOUSE), "en", "phone")
    page = screen.go("/warehouse/scan?mode=ship")
    scan(screen, codes[0])
    expect(page.locator("[data-result=stop]")).to_have_count(1)
    for code in codes[1:]:
        scan(screen, code)
    expect(page.locator("[data-log] li")).to_have_count(3, timeout=10_000)
    expect(page.locator("[data-result=stop]")).to_have_count(1)
    expect(page.locator("[data-more]")).to_contain_text("+1")
    expect(page.locator("[data-beside]")).to_contain_text("Shipped")
    look(screen)
    page.keyboard.press("F6")  # found: the next STOP takes its place
    expect(page.locator("[data-more]")).to_be_hidden(timeout=10_000)
    page.keyboard.press("Escape")
    expect(page.locator("[data-result]")).to_have_count(0)
    expect(page.locator("main")).not_to_have_attribute("data-tone", "stop")
    worlds.refresh(change)
    assert change.state is ChangeState.OPEN
