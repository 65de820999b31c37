"""A shift at the packing table: packing, a STOP in red, shipping, and a line that is gone for a while."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from tests import make
from tests.journeys.shop import look

pytestmark = pytest.mark.browser
WORDS = {
    "zh-CN": {"stop": "停", "packed": "已打包", "shipped": "已发出"},
    "en": {"stop": "STOP", "packed": "Packed", "shipped": "Shipped"},
}


@pytest.fixture
def orders():
    """(one that may go, a held one)."""
    plain, held = make.order(), make.order()
    make.fact(plain, Stage.PRINTED)
    make.change(held, by=make.actor(Role.PRE_SALE, signature="小满"))
    return plain, held


def scan(screen, code):
    """As a scanner does: fast keys and Enter, wherever the hands were."""
    screen.page.keyboard.type(code)
    screen.page.keyboard.press("Enter")


def is_above_the_fold(page, width):
    """Why, what to do and every button of a STOP are seen without scrolling."""
    was = page.viewport_size
    page.set_viewport_size({"width": width, "height": 800})
    for part in ("dd >> nth=0", "dd >> nth=1", ".do .btn >> nth=-1"):
        box = page.locator(f".sd-stop {part}").bounding_box()
        assert box["y"] + box["height"] <= 800, (width, part, box)
    page.set_viewport_size(was)


def stage_of(order):
    db.session.rollback()
    parcel = make.parcel(order)
    db.session.refresh(parcel)
    found = parcel.stage
    db.session.rollback()
    return found


@pytest.mark.parametrize(("language", "size"), [("zh-CN", "phone"), ("en", "wide")])
def test_pack_be_stopped_and_ship(window, orders, language, size):
    plain, held = orders
    code, held_code = plain.number, held.number
    words = WORDS[language]
    screen = window(make.person(Role.WAREHOUSE), language, size)
    page = screen.go("/warehouse/scan")
    expect(page.locator("#code")).to_be_focused()
    look(screen)
    scan(screen, code)
    expect(page.locator("[data-result=ok] h2")).to_contain_text(words["packed"])
    look(screen)
    scan(screen, held_code)
    expect(page.locator("[data-result=stop]")).to_contain_text("小满")
    expect(page.locator("main")).to_have_attribute("data-tone", "stop")
    look(screen)
    is_above_the_fold(page, 1280)
    is_above_the_fold(page, 560)
    page.click("[data-next]")
    expect(page.locator("[data-result]")).to_have_count(0)
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.press("F4")
    scan(screen, code)
    expect(page.locator("[data-result=ok] h2")).to_contain_text(words["shipped"])
    scan(screen, code)
    expect(page.locator("[data-result=already]")).to_be_visible()
    look(screen)
    expect(page.locator("[data-log] li")).to_have_count(4)
    assert (stage_of(plain), stage_of(held)) == (Stage.SHIPPED, Stage.UNPRINTED)


def test_scans_without_a_line_are_kept_in_their_order_and_a_stop_stays(window, orders):
    plain, held = orders
    code, held_code = plain.number, held.number
    screen = window(make.person(Role.WAREHOUSE), "en", "phone")
    page = screen.go("/warehouse/scan")
    page.context.set_offline(True)
    for each in (held_code, code):
        scan(screen, each)
        page.wait_for_timeout(200)
    expect(page.locator("[data-waiting]")).to_contain_text("2")
    assert stage_of(plain) is Stage.PRINTED
    screen.problems.clear()  # the browser says that there was no line
    page.context.set_offline(False)
    expect(page.locator("[data-log] li")).to_have_count(2, timeout=10_000)
    expect(page.locator("[data-result=stop]")).to_be_visible()
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert (stage_of(plain), stage_of(held)) == (Stage.PACKED, Stage.UNPRINTED)


def test_the_sound_is_switched_off_by_a_key_and_stays_off(window):
    make.store()
    screen = window(make.person(Role.WAREHOUSE), "en", "phone")
    page = screen.go("/warehouse/scan")
    page.keyboard.press("F8")
    expect(page.locator("[data-mute]")).to_have_attribute("aria-pressed", "true")
    page = screen.go("/warehouse/scan")
    expect(page.locator("[data-mute]")).to_contain_text("Sound off")
