"""Double click, back button, two tabs, two people: one refund, and the first answer is shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.cases import service as cases
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.refunds import queries
from shopdesk.staff import queries as staff
from tests import after_sale_made as made
from tests import make

pytestmark = pytest.mark.browser


@pytest.fixture
def scene(app):
    make.store()
    mine = make.person(Role.AFTER_SALE, signature="阿禾")
    boss = make.person(Role.SUPERVISOR, signature="青禾")
    order = make.order()
    return mine, boss, order.id, order.store_id


def typed(page):
    page.fill("[name=amount]", "5.00")
    page.fill("[name=reason]", "晚到三天")
    expect(page.locator("#quote .tot")).to_contain_text("5.00")


@pytest.mark.mission("M107")
def test_a_double_click_the_back_button_and_a_second_tab_ask_for_one_refund(scene, window):
    mine, _boss, order_id, store_id = scene
    path = f"/orders/{order_id}/refund"
    agent = window(mine)
    page = agent.go(path)
    typed(page)
    agent.check()
    sent = page.evaluate("Object.fromEntries(new FormData(document.querySelector(\"form[action$='/refund']\")))")
    page.dblclick("form[action$='/refund'] button[type=submit]")
    page.wait_for_url("**/refunds/*")
    first = page.url
    expect(page.locator(".sd-next h2")).not_to_be_empty()
    agent.check()
    page.go_back()
    expect(page.locator("#refunds")).to_contain_text("5.00")  # what there is stands beside the empty form
    again = page.context.request.post(agent.live + path, form=sent, headers={"Referer": agent.live + path})
    assert again.url == first, "a tab that sends the same once more gets the first answer"
    assert len(queries.refunds_of_order(order_id, store_id)) == 1


def test_of_two_tabs_and_two_people_in_a_case_the_second_sees_what_is_under_way(scene, window):
    mine, boss, _order_id, store_id = scene
    order = make.order()
    who = staff.actor_for(mine, channel="page")
    case, _who = made.resolving(_shipped(order), owner=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    units = f"#units-{made.line_ids(case)[0]}"
    path, case_id = f"/cases/{case.id}/refunds/new", case.id
    screens = [window(mine), window(boss)]
    pages = [screens[0].go(path), screens[1].go(path)]
    pages.append(screens[0].page.context.new_page())
    pages[2].goto(screens[0].live + path)
    for page in pages:
        page.fill(units, "1")
        expect(page.locator("#quote .tot")).to_contain_text("128.00")
    screens[0].check()
    for page in pages:
        page.click("form[action$='/refunds'] button[type=submit]")
        page.wait_for_load_state()
    assert "/refunds/" in pages[0].url
    for late in pages[1:]:
        expect(late.locator("[role=alert]").first).to_be_visible()
        expect(late.locator("#refunds")).to_contain_text("128.00")
    (refund,) = queries.refunds_of_case(case_id, store_id)
    assert refund.amount_minor == 12_800


def _shipped(order):
    make.fact(order, Stage.SHIPPED)
    return order
