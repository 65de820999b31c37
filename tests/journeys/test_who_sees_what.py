"""What different people see: somebody with two stores, the warehouse, a supervisor, somebody with a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.changes import service as changes
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer
from tests import make
from tests.journeys.shop import look, press

pytestmark = pytest.mark.browser


def _places(page):
    return [link.get_attribute("data-nav") for link in page.locator(".sd-nav a").all()]


def test_switching_the_store_keeps_to_it_until_all_are_wanted_again(window):
    here, there = make.store(), make.store("second-shop")
    numbers = {store.id: make.order(store).number for store in (here, there)}
    first, second = numbers[here.id], numbers[there.id]
    chosen, name = there.id, there.name
    db.session.rollback()
    screen = window(make.person(Role.PRE_SALE), "en", "wide")
    page = screen.go("/")

    def switch(store_id):
        page.click(".is-store > summary")
        press(screen, f".is-store button[value='{store_id}']")

    def shown():
        return {link.get_attribute("aria-label") for link in page.locator("#hits [data-open]").all()}

    assert shown() == {first, second}
    switch(chosen)
    assert shown() == {second}
    page = screen.go("/work")
    assert name in page.inner_text(".is-store > summary")
    page = screen.go("/")
    assert shown() == {second}
    look(screen)
    switch("")
    assert shown() == {first, second}


def test_the_warehouse_sees_no_money_no_clear_phone_and_nothing_to_ask_for(window):
    order = make.order(lines=(make.line(price_minor=12_800),))
    make.change(order, by=make.actor(Role.PRE_SALE, signature="阿禾"), yes=True)
    path = f"/orders/{order.id}"
    db.session.rollback()
    screen = window(make.person(Role.WAREHOUSE), "zh-CN", "phone")
    page = screen.go("/")
    assert _places(page) == [
        "desk.look_up", "desk.work", "desk.inbox", "changes.dispatch_check", "warehouse.board",
        "warehouse.scan", "dock.sign_in", "dock.unpack", "stops.stops", "desk.readiness", "desk.feeds",
    ]  # fmt: skip
    look(screen)
    page = screen.go(path)
    seen = page.inner_text("main")
    assert "128.00" not in seen
    assert "13812345678" not in seen
    assert "云帆路66号" not in seen
    assert page.locator("#options, #memo, form[action*='/reveal/'], form[action$='/withdraw']").count() == 0
    assert page.locator(".sd-badge.sd-hold").count(), "that it is held is what they must see"
    look(screen)
    assert screen.page.goto(screen.live + path + "/changes/address").status == 403


def test_a_supervisor_sees_everybodys_work_and_can_end_a_change_by_hand(window):
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE, signature="阿禾"), yes=True)
    changes.answer_notice(make.notices(order)[0].id, Answer.PRINTED, actor=make.actor(Role.PRINTING))
    path, number = f"/orders/{order.id}", order.number
    db.session.rollback()
    screen = window(make.person(Role.SUPERVISOR, signature="青禾"), "en", "wide")
    page = screen.go("/work")
    assert "changes.print_check" in _places(page)
    assert page.locator(f"[data-open][aria-label='{number}']").count()
    assert "阿禾" in page.inner_text("main")
    look(screen)
    page = screen.go(path)
    assert page.locator("#options, #memo").count() == 2
    page.click(".sd-next [data-dialog^=end]")
    page.fill("dialog[open] [name=reason]", "carried through on the papers")
    press(screen, "dialog[open] button[type=submit]")
    expect(page.locator(".sd-next")).to_have_count(0)
    assert "阿禾" in page.inner_text("main")


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_look_up_and_order_fit_a_phone(window, language):
    orders = [make.order() for _ in range(2)]
    for order in orders:
        make.change(order, by=make.actor(Role.PRE_SALE, signature="阿禾"), yes=True)
    path = f"/orders/{orders[0].id}"
    db.session.rollback()
    screen = window(make.person(Role.PRE_SALE), language, "phone")
    for place in ("/", "/?q=5678", path, f"{path}/changes/address"):
        screen.go(place)
        look(screen, in_dark=place == path)
