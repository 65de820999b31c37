"""The pages of waiting orders, of a supplier's steps, and of parcels that are split and merged."""

import pytest

from shopdesk.changes import service as changes
from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.orders.service import Wanted
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service
from shopdesk.parcels.states import Stage
from shopdesk.staff import service as staff
from shopdesk.staff.models import WarehouseKind
from tests import make, worlds
from tests.desk.pages import Forms, fields

LINES = (make.line("a", quantity=3), make.line("b", sku="SCARF-02", quantity=2))
SUPPLIER = "合作厂家"


@pytest.fixture
def shop(app):
    where = make.store()
    staff.add_warehouse(SUPPLIER, kind=WarehouseKind.SUPPLIER, serves=[where.slug], actor=make.ROOT)
    return where


@pytest.fixture
def clerk(shop):
    return make.actor(Role.PRE_SALE)


def send(browser, page_at, action, **values):
    sent = fields(browser.get(page_at), action) | {k: str(v) for k, v in values.items()}
    return browser.post(action, data=sent)


def test_an_order_is_halted_with_a_reason_refused_without_one_and_lifted(shop, sign_in):
    order_id = make.order().id
    at, browser = f"/orders/{order_id}", sign_in(make.person(Role.PRE_SALE))
    missing = send(browser, at, f"{at}/readiness", readiness="halted")
    assert missing.status_code == 422
    assert send(browser, at, f"{at}/readiness", readiness="halted", reason="客户要改款").status_code == 303
    page = browser.get(at).text
    assert "客户要改款" in page
    assert send(browser, at, f"{at}/readiness/lift").status_code == 303
    assert "客户要改款" not in browser.get(at).text


def test_who_may_not_say_it_has_no_such_choice_and_who_may_only_look_no_form(shop, sign_in):
    at = f"/orders/{make.order().id}"
    stock = sign_in(make.person(Role.WAREHOUSE)).get(at).text
    assert 'value="out_of_stock"' in stock
    assert 'value="pre_sale_until"' not in stock
    assert f"{at}/readiness" not in sign_in(make.person(Role.FINANCE)).get(at).text


def test_the_talk_with_a_customer_ends_on_the_order_page(shop, clerk, sign_in):
    order = make.order()
    service.set_readiness(order.id, Wanted(Readiness.OUT_OF_STOCK), actor=clerk)
    at, browser = f"/orders/{order.id}", sign_in(make.person(Role.PRE_SALE))
    assert send(browser, at, f"{at}/contact", outcome="waits").status_code == 422
    assert send(browser, at, f"{at}/contact", outcome="cancels", text="不要了").status_code == 303
    assert f"{at}/contact" not in Forms(browser.get(at).text).found
    assert make.parcel(order).holds == 1


def test_a_phone_order_is_marked_paid_by_who_may_and_the_form_goes(shop, sign_in):
    phone = make.store("phone-shop", platform="phone")
    order = make.order(phone, status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)
    at = f"/orders/{order.id}"
    assert f"{at}/payment" not in Forms(sign_in(make.person(Role.PRINTING)).get(at).text).found
    browser = sign_in(make.person(Role.PRE_SALE))
    assert fields(browser.get(at), f"{at}/payment")["amount"] == "128.00"
    assert send(browser, at, f"{at}/payment", method="alipay", reference="ZF-1").status_code == 303
    assert f"{at}/payment" not in Forms(browser.get(at).text).found


def test_a_whole_sku_is_marked_and_lifted_on_a_page_that_lists_its_orders(shop, sign_in):
    orders = [make.order(lines=(make.line(sku="MUG-7"),)) for _ in range(2)]
    browser = sign_in(make.person(Role.PRE_SALE))
    sent = fields(browser.get("/readiness"), "/readiness") | {
        "sku": "MUG-7",
        "readiness": "out_of_stock",
        "reason": "等补货",
    }
    answer = browser.post("/readiness", data=sent)
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    assert all(order.number[-4:] in page for order in orders)
    assert page.count("等补货") >= 2
    sent = fields(browser.get(answer.location), "/readiness") | {"readiness": "out_of_stock"}
    assert browser.post("/readiness/lift", data=sent).status_code == 303
    assert "等补货" not in browser.get(answer.location).text


def test_a_parcel_is_split_and_merged_again_on_its_page(shop, sign_in):
    order = make.order(lines=LINES)
    home, line = make.parcel(order).id, worlds.line(order).id
    at, browser = f"/parcels/{home}", sign_in(make.person(Role.PRE_SALE))
    assert send(browser, at, f"{at}/split").status_code == 422
    assert send(browser, at, f"{at}/split", **{f"u{line}": 2}).status_code == 303
    made = next(p.id for p in parcels.parcels_of_order(order.id, shop.id) if p.id != home)
    assert f'value="{made}"' in browser.get(at).text
    assert send(browser, at, f"{at}/merge", parcel=made).status_code == 303
    assert [p.id for p in parcels.parcels_of_order(order.id, shop.id)] == [home]
    assert browser.get(f"/parcels/{made}").status_code == 200


def test_a_parcel_that_may_not_be_split_says_why_and_who_may_only_look_sees_no_form(shop, clerk, sign_in):
    order = make.order(lines=LINES)
    make.change(order, by=clerk)
    at = f"/parcels/{make.parcel(order).id}"
    page = sign_in(make.person(Role.PRE_SALE)).get(at).text
    assert 'type="number"' not in page
    assert "sd-banner" in page
    free = f"/parcels/{make.parcel(make.order(lines=LINES)).id}"
    assert 'type="number"' not in sign_in(make.person(Role.AFTER_SALE)).get(free).text


def test_a_suppliers_step_is_a_message_a_tick_and_an_answer(shop, clerk, sign_in):
    order = make.order(lines=LINES)
    parcel, browser = make.parcel(order).id, sign_in(make.person(Role.PRE_SALE))
    supplier = next(w.id for w in parcels_of(shop) if w.name == SUPPLIER)
    assert send(browser, f"/parcels/{parcel}", f"/parcels/{parcel}/warehouse", warehouse_id=supplier).status_code == 303
    make.fact(order, Stage.PRINTED, happened_at=clock.now())
    change = make.change(order, by=clerk)
    at, step = f"/orders/{order.id}", f"/changes/{change.id}/steps/{worlds.position(change, 'hand_out')}"
    page = browser.get(at).text
    assert SUPPLIER in page
    assert f"{step}/done" not in Forms(page).found
    assert send(browser, at, f"{step}/message", via="phone").status_code == 303
    assert send(browser, at, f"{step}/reply", answer="refused").status_code == 422
    assert send(browser, at, f"{step}/reply", answer="done", text="找到了").status_code == 303
    again = f"/changes/{change.id}/steps/{worlds.position(change, 'reprint')}"
    shown = browser.get(at)
    assert make.NEW_ADDRESS["street"] not in Forms(shown.text).found[f"{again}/message"].values()
    text = browser.post(f"{again}/message-text", data={"csrf_token": make.token(shown)}).text
    assert make.NEW_ADDRESS["street"] in text
    assert order.number in text
    assert "羊毛帽" in text


def parcels_of(shop):
    from shopdesk.staff import queries

    return queries.warehouses_of(shop.id)


def test_the_message_on_the_page_is_masked(shop, clerk, sign_in):
    order = make.order()
    supplier = next(w.id for w in parcels_of(shop) if w.name == SUPPLIER)
    changes.ship_from(make.parcel(order).id, supplier, actor=clerk)
    make.fact(order, Stage.PRINTED, happened_at=clock.now())
    change = make.change(order, Kind.ADDRESS, make.NEW_ADDRESS | {"phone": "13987654321"}, by=clerk)
    changes.ask_supplier(change.id, 2, "wechat", actor=clerk)
    changes.note_reply(change.id, 2, changes.Reply("done", "好"), actor=clerk)
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}").text
    said = page.split(f'id="supplier-{change.id}"')[1].split("</p>")[0]
    assert "13987654321" not in said
    assert make.NEW_ADDRESS["street"] not in said
