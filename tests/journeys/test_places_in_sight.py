"""Every place of a role is in sight in every window: nothing of the menu is cut off or lies beside it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.cases import service as case_service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, Goal
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.staff import queries as staff
from shopdesk.staff import service as staff_service
from tests import make
from tests.journeys.conftest import SIZES

pytestmark = pytest.mark.browser
WIDTHS = [*(size["width"] for size in SIZES.values()), 820]
CUT = """() => [...document.querySelectorAll('.sd-nav a')].filter(link => {
  const words = link.querySelector('span').getBoundingClientRect(), box = link.getBoundingClientRect();
  const outside = words.left < box.left - 1 || words.right > box.right + 1 || words.bottom > box.bottom + 1;
  return outside || box.left < 0 || box.right > innerWidth + 1 || link.scrollWidth > link.clientWidth + 1;
}).map(link => link.textContent)"""
#: The bar is as high as the page leaves room for; 1: its border.
BAR = """() => innerWidth > 900 || document.querySelector('.sd-nav').getBoundingClientRect().height
  - parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--sd-bar-h')) <= 1"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_place_is_cut_off_whatever_the_role_and_the_window(window, language):
    make.store()
    for role in (Role.PRE_SALE, Role.WAREHOUSE, Role.SUPERVISOR):  # few places, many, nearly all
        person = make.person(role)
        db.session.rollback()
        screen = window(person, language, "wide")
        page = screen.go("/")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(CUT) == [], (role, width)
            assert page.evaluate(BAR), (role, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (role, width)


def test_the_first_case_is_in_sight_beside_the_chat_and_what_is_done_with_many_is_a_key_away(window):
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    boss = make.person(Role.SUPERVISOR)
    for kind in CaseKind:
        goal = Goal.RETURN if kind is CaseKind.INTERCEPT else None
        case_service.record(order.id, Application(kind, "看一下", goal), actor=staff.actor_for(boss, channel="page"))
    for title in ("急件", "今天要回的"):
        staff_service.save_view("cases", title, {"whose": ["mine"]}, actor=staff.actor_for(boss, channel="page"))
    db.session.rollback()
    screen = window(boss, "zh-CN", "narrow")
    screen.page.set_viewport_size({"width": 560, "height": 800})
    page = screen.go("/cases")
    assert page.locator("tr[data-row]").first.bounding_box()["y"] < 400
    screen.check()
    assert not page.locator("#to").is_visible()
    page.keyboard.press("a")
    expect(page.locator("#to")).to_be_focused()
    page.locator("label[for=narrow]").click()
    assert page.get_by_role("link", name="等平台").is_visible()
    screen.check()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert page.locator("#to").is_visible()
    assert not page.locator("label[for=narrow]").is_visible()
