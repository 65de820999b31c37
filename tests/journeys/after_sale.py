"""What the stories of after-sale share: the windows of everybody who has a hand in a case, and what they do in them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from playwright.sync_api import Page, expect

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders.models import Order
from shopdesk.parcels.states import Stage
from tests import make
from tests.journeys.conftest import Screen
from tests.journeys.shop import look, press

SIGNATURES = {Role.AFTER_SALE: "阿禾", Role.WAREHOUSE: "大刘", Role.PRINTING: "敏敏", Role.SUPERVISOR: "老周"}
PATIENCE_MS = 10_000
SIZES = {Role.WAREHOUSE: "phone"}


def sent(*, waybill: str, days_ago: int = 2, **values: Any) -> Order:
    """An order that was handed over some days ago."""
    order = make.order(waybills=[(waybill, "顺丰速运")], as_of=clock.now() - timedelta(days=days_ago + 4), **values)
    shipped_at, there_at = clock.now() - timedelta(days=days_ago + 3), clock.now() - timedelta(days=days_ago)
    make.fact(order, Stage.SHIPPED, happened_at=shipped_at, as_of=shipped_at)
    make.fact(order, Stage.DELIVERED, happened_at=there_at, as_of=there_at)
    return order


class Crew:
    """Everybody's window, opened when first needed."""

    def __init__(self, window: Callable[..., Screen], language: str = "zh-CN", sizes: dict[Role, str] = SIZES) -> None:
        make.store()
        self.window, self.language, self.sizes = window, language, sizes
        self.people = {role: make.person(role, signature=name) for role, name in SIGNATURES.items()}
        self.screens: dict[Role, Screen] = {}
        db.session.rollback()

    def at(self, role: Role, path: str) -> Screen:
        if role not in self.screens:
            self.screens[role] = self.window(self.people[role], self.language, self.sizes.get(role, "wide"))
            self.screens[role].page.set_default_timeout(PATIENCE_MS)
        self.screens[role].go(path)
        return self.screens[role]

    def agent(self, path: str) -> Screen:
        return self.at(Role.AFTER_SALE, path)

    def dock(self, path: str) -> Screen:
        return self.at(Role.WAREHOUSE, path)


def path_of(order: Order) -> str:
    path = f"/orders/{order.id}"
    db.session.rollback()
    return path


ASTRAY = """() => [...document.querySelectorAll("main a[href^='#']")]
  .map((link) => link.getAttribute("href").slice(1)).filter((id) => id && !document.getElementById(id))"""


def seen(screen: Screen) -> None:
    """The page is sound, and what it points to within itself is there."""
    look(screen)
    astray = screen.page.evaluate(ASTRAY)
    assert not astray, f"{screen.page.url} points to {astray}, which are not on it"
    if folder := os.environ.get("SHOTS"):
        name = screen.page.url.split("/", 3)[3].replace("/", "-").split("?")[0]
        screen.page.screenshot(path=f"{folder}/{time.monotonic():.0f}-{name}.png", full_page=True)


def taken_in(screen: Screen, reason: str, kind: str = "", units: dict[str, int] | None = None) -> Page:
    """From the order's page to the open case: reason, kind where it is another, units by the goods, one button."""
    page = screen.page
    press(screen, "#cases a[href$='/cases/new']", until=lambda url: url.endswith("/cases/new"))
    page.check(f"#reason-{reason}")
    page.select_option("#kind", kind)
    for name, count in (units or {}).items():
        page.locator(".sd-units li", has_text=name).locator("input[type=number]").fill(str(count))
    seen(screen)
    press(screen, "button[name=take]", until=lambda url: not url.endswith("/new"))
    return page


def do(screen: Screen, action: str, **fields: str) -> Page:
    """Fill a form of the page and send it, unfolded where it is folded; `action` is the end of its address."""
    form = screen.page.locator(f"form[action$='{action}']").first
    folded = form.locator("xpath=ancestor::details[not(@open)]/summary")
    while folded.count():
        folded.first.click()  # the outer one first
    for name, value in fields.items():
        one = form.locator(f"[name='{name.replace('__', '-')}']").first
        if one.evaluate("each => each.tagName") == "SELECT":
            one.select_option(value)
        else:
            one.fill(value)
    button = form.locator("button[type=submit]")
    with screen.page.expect_response(lambda answer: answer.request.method == "POST") as answered:
        press(screen, button)
    assert answered.value.status < HTTPStatus.BAD_REQUEST, screen.page.inner_text("main")
    return screen.page


def scanned_in(screen: Screen, waybill: str, result: str = "ok") -> None:
    """As a scanner does at the dock: fast keys and Enter."""
    page = screen.page
    expect(page.locator("#code")).to_be_focused()
    page.keyboard.type(waybill)
    page.keyboard.press("Enter")
    expect(page.locator(f"[data-result={result}]")).to_contain_text(waybill)


def opened(screen: Screen, waybill: str) -> Page:
    """Scan on the table; the one parcel that it means opens itself."""
    page = screen.page
    page.fill("#dock-q", waybill)
    press(screen, ".sd-dock-find button[type=submit]", until=lambda url: "/arrivals/" in url)
    return do(screen, "/open")


def printed(crew: Crew) -> Screen:
    """The only parcel that may be printed; the window shows its papers."""
    clerk = crew.at(Role.PRINTING, "/printing")
    expect(clerk.page.locator("input[name=parcel]")).to_have_count(1)
    seen(clerk)
    clerk.page.check("input[name=parcel]")
    press(clerk, "form[data-ticks] button.btn-primary[type=submit]")
    seen(clerk)
    return clerk


def packed_and_shipped(crew: Crew, code: str) -> None:
    """Scanned twice: packed, then given to the courier."""
    table = crew.at(Role.WAREHOUSE, "/warehouse/scan")
    for key in (None, "F4"):
        if key:
            table.page.keyboard.press(key)
        expect(table.page.locator("#code")).to_be_focused()
        table.page.keyboard.type(code)
        table.page.keyboard.press("Enter")
        expect(table.page.locator("[data-result=ok]")).to_be_visible()
    seen(table)
