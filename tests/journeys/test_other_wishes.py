"""The kinds of change that the long day leaves out, each once through the page; and a form that was open too long."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from shopdesk.changes import queries
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders.states import OrderStatus
from tests import make
from tests.journeys.shop import look, press

pytestmark = pytest.mark.browser


@pytest.fixture
def mine(window):
    make.store()
    return window(make.person(Role.PRE_SALE, signature="小满"), "zh-CN", "narrow")


def _unpaid():
    return make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=0, shipping_minor=800)


def _path(order):
    path = f"/orders/{order.id}"
    db.session.rollback()
    return path


def _kinds(order):
    db.session.rollback()
    found = [str(change.kind) for change in queries.changes_of_order(order.id, order.store_id)]
    db.session.rollback()
    return found


@pytest.mark.parametrize(("kind", "amount"), [("price", "99.50"), ("freight", "5")])
def test_an_amount_of_an_unpaid_order_is_changed(mine, kind, amount):
    order = _unpaid()
    page = mine.go(f"{_path(order)}/changes/{kind}")
    look(mine)
    page.fill("[name=amount]", "12.345")
    press(mine, "main form button.btn-primary[type=submit]")
    assert page.input_value("[name=amount]") == "12.345", "what was typed is kept"
    assert page.locator(".sd-errors").count()
    page.fill("[name=amount]", amount)
    press(mine, "main form button.btn-primary[type=submit]")
    assert amount in page.inner_text("#platform dd.new")
    assert _kinds(order) == [kind]


def test_units_go_down_and_the_customer_is_asked(mine):
    order = make.order(lines=(make.line(quantity=3),))
    page = mine.go(f"{_path(order)}/changes/quantity")
    page.fill("[name=quantity]", "1")
    press(mine, "main form button.btn-primary[type=submit]")
    expect(page.locator(".sd-next .sd-say")).to_be_visible()
    assert _kinds(order) == ["quantity"]
    look(mine)


def test_an_order_is_cancelled_with_a_reason(mine):
    order = make.order()
    page = mine.go(f"{_path(order)}/changes/cancel")
    look(mine)
    page.fill("[name=text]", "拍错了")
    press(mine, "main form button.btn-danger[type=submit]")
    assert "拍错了" in page.inner_text(".sd-next")
    assert page.locator(".sd-badge.sd-hold").count()
    assert _kinds(order) == ["cancel"]


def test_a_memo_typed_into_an_expired_form_is_back_when_one_returns(mine):
    path = _path(make.order())
    page = mine.go(path)
    page.fill("#memo", "客户催发货")
    page.check("[name=flag][value=blue]")
    page.evaluate("document.querySelector('.sd-memo [name=csrf_token]').value = 'expired'")
    press(mine, ".sd-memo button[type=submit]")
    assert page.url.endswith("/memos")
    look(mine)
    mine.go(path)
    expect(page.locator("#toasts .sd-toast")).to_be_visible()
    assert page.input_value("#memo") == "客户催发货"
    assert page.locator("[name=flag][value=blue]").is_checked()
    press(mine, ".sd-memo button[type=submit]")
    assert "客户催发货" in page.inner_text("#memo-card .sd-memo-old")
