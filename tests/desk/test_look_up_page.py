"""The look-up page: what is found, what each row says, and where one hit leads."""

import itertools
from datetime import timedelta

import pytest

from shopdesk.changes.states import Kind
from shopdesk.core import clock
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels.states import Stage
from tests import make, worlds
from tests.shorter import some
from tests.statements import seen_statements

pytestmark = pytest.mark.usefixtures("app")
LANGUAGES = ("zh-CN", "en")


@pytest.fixture
def statements():
    """Counts what the database is asked."""
    with seen_statements() as seen:
        yield seen


@pytest.mark.mission("M010", "M011", "M012")
def test_a_buyers_orders_show_at_once_which_is_printed_and_how_old_that_is(sign_in):
    first, second = make.order(), make.order()
    make.fact(second, Stage.PRINTED, happened_at=clock.now())
    page = sign_in(make.person(Role.PRE_SALE)).get("/?q=雨天晒被子_07", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "found by buyer ID" in page.text
    assert first.number in page.text
    assert second.number in page.text
    rows = page.text.split("<tr data-row>")[1:]
    assert "Printed" in rows[0]
    assert "Unprinted" in rows[1]
    assert all("just now" in row for row in rows)


def test_one_exact_hit_opens_the_order_at_once(sign_in):
    order = make.order()
    browser = sign_in(make.person(Role.PRE_SALE))
    for typed in (order.number, f"订单编号: {order.number}", "13812345678"):
        answer = browser.get("/", query_string={"q": typed})
        assert (answer.status_code, answer.location) == (303, f"/orders/{order.id}")


def test_one_hit_by_name_stays_a_list_with_the_mask(sign_in):
    make.order()
    page = sign_in(make.person(Role.PRE_SALE)).get("/?q=张伟")
    assert page.status_code == 200
    assert '<mark class="sd-hit">张**</mark>' in page.text
    assert "13812345678" not in page.text


def test_nothing_found_says_what_to_try(sign_in):
    make.store()
    page = sign_in(make.person(Role.PRE_SALE)).get("/?q=没有这个人", headers={"Accept-Language": "en"})
    assert "Nothing was found" in page.text
    assert "last four digits" in page.text


def test_a_pasted_list_names_what_is_missing(sign_in):
    order = make.order()
    page = sign_in(make.person(Role.PRE_SALE)).get(
        "/", query_string={"q": f"{order.number}\n999999999999"}, headers={"Accept-Language": "en"}
    )
    assert "1 line was not found:" in page.text
    assert "999999999999" in page.text


def test_a_long_paste_is_looked_up_by_post_and_says_what_was_left_out(sign_in):
    order = make.order()
    pasted = "\n".join([*(f"88{n:017d}" for n in range(499)), "9" * 19, order.number])
    browser = sign_in(make.person(Role.PRE_SALE))
    token = make.token(browser.get("/"))
    page = browser.post("/", data={"q": pasted, "csrf_token": token}, headers={"Accept-Language": "en"})
    assert "1 further line was not looked for." in page.text
    shorter = pasted.replace("9" * 19, "")
    page = browser.post("/", data={"q": shorter, "csrf_token": token}, headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert f"/orders/{order.id}" in page.text
    assert "499 lines were not found:" in page.text


@pytest.mark.mission("M054")
def test_flagged_orders_and_open_changes_are_marked_and_can_be_filtered(sign_in):
    plain, flagged = make.order(), make.order()
    make.change(flagged, by=make.actor(Role.PRE_SALE))
    for role in (Role.PRINTING, Role.WAREHOUSE):
        page = sign_in(make.person(role)).get("/?show=red", headers={"Accept-Language": "en"})
        assert flagged.number in page.text
        assert plain.number not in page.text
        assert "Red flag" in page.text
        assert "Change address · waiting for the customer" in page.text


def test_voided_orders_are_counted_and_filtered_as_every_stage_is(sign_in):
    make.order()
    gone = make.order()
    wish = make.change(gone, Kind.CANCEL, {}, by=make.actor(Role.SUPERVISOR))
    worlds.do(wish, "void", make.actor(Role.PRINTING))
    browser = sign_in(make.person(Role.PRE_SALE))
    assert "show=voided" in browser.get("/", headers={"Accept-Language": "en"}).text
    assert gone.number in browser.get("/?show=voided").text


@pytest.mark.parametrize("path", ["/?show=shipped", "/?q=张伟&show=shipped"])
def test_a_filter_holds_for_a_single_hit_too_and_can_be_taken_off(sign_in, path):
    order = make.order()
    page = sign_in(make.person(Role.PRE_SALE)).get(path, headers={"Accept-Language": "en"})
    assert order.number not in page.text
    assert "No order of this kind among the hits" in page.text
    assert f'href="{path.partition("show=")[0].rstrip("?&")}' in page.text.replace("%E5%BC%A0%E4%BC%9F", "张伟")


def test_a_filter_does_not_hide_that_nothing_was_found(sign_in):
    make.order()
    page = sign_in(make.person(Role.PRE_SALE)).get("/?q=没有这个人&show=red", headers={"Accept-Language": "en"})
    assert "Nothing was found" in page.text


@pytest.mark.parametrize(("role", "sees"), [(Role.PRE_SALE, True), (Role.PRINTING, False), (Role.WAREHOUSE, False)])
def test_only_who_may_sees_money(sign_in, role, sees):
    make.order()
    page = sign_in(make.person(role)).get("/")
    assert ("128.00" in page.text) is sees


def test_a_store_with_stale_stages_says_so(sign_in):
    make.order(as_of=clock.now() - timedelta(hours=9))
    page = sign_in(make.person(Role.PRE_SALE)).get("/", headers={"Accept-Language": "en"})
    assert "A change asks printing first" in page.text


def test_a_store_is_not_called_stale_for_an_order_that_is_closed(sign_in):
    order = make.order(as_of=clock.now() - timedelta(hours=9), status=OrderStatus.CLOSED)
    assert order.readiness is Readiness.CLOSED
    number = order.number
    page = sign_in(make.person(Role.PRE_SALE)).get("/", headers={"Accept-Language": "en"})
    assert number in page.text
    assert "A change asks printing first" not in page.text


def test_a_row_names_its_store_where_there_are_several_and_who_told_the_stage(sign_in):
    shown = make.order(make.store("first", name="云栖家居"))
    make.fact(shown, Stage.PRINTED)
    make.store("second", name="另一家店")
    row = sign_in(make.person(Role.PRE_SALE)).get("/").text.split("<tr data-row>")[1]
    assert "云栖家居" in row
    assert "ERP</span>" in row


def test_the_switcher_keeps_to_one_store(sign_in):
    here, there = make.order(make.store("here")), make.order(make.store("there"))
    browser = sign_in(make.person(Role.PRE_SALE))
    page = browser.get(f"/?store={here.store_id}")
    assert here.number in page.text
    assert there.number not in page.text
    assert there.number not in browser.get("/").text
    assert there.number in browser.get("/?store=").text
    assert browser.get("/?store=99999999999999999999").status_code == 200


def test_another_stores_orders_are_not_there(sign_in):
    order = make.order(make.store("theirs"))
    mine = make.store("mine")
    browser = sign_in(make.person(Role.PRE_SALE, store_id=mine.id))
    for path in ("/", f"/?q={order.number}", "/?q=张伟"):
        assert f"/orders/{order.id}" not in browser.get(path, follow_redirects=True).text


def test_further_hits_are_on_the_next_page(sign_in):
    for _ in range(53):
        make.order()
    browser = sign_in(make.person(Role.PRE_SALE))
    page = browser.get("/?q=张伟")
    assert page.text.count("<tr data-row>") == 50
    before = page.text.split("before=")[1].split('"')[0].split("&")[0]
    assert browser.get(f"/?q=张伟&before={before}").text.count("<tr data-row>") == 3
    assert browser.get("/?q=张伟&before=nonsense").status_code == 200
    english = {"Accept-Language": "en"}
    assert "Counted among the 50 orders looked at here" in browser.get("/?q=张伟", headers=english).text
    assert "Counted among" not in browser.get("/?q=张伟&show=unprinted", headers=english).text, "that is all there is"


@pytest.mark.parametrize(("language", "role"), some(itertools.product(LANGUAGES, ASSIGNABLE), of=3))
def test_every_role_has_a_look_up_page(sign_in, role, language):
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE))
    browser = sign_in(make.person(role))
    for path in ("/", "/?q=张伟", "/?q=nothing-there"):
        assert browser.get(path, headers={"Accept-Language": language}).status_code == 200


def test_an_empty_desk_says_how_orders_come_here(sign_in):
    make.store()
    page = sign_in(make.person(Role.PRE_SALE)).get("/", headers={"Accept-Language": "en"})
    assert "No orders yet" in page.text


def test_fifty_hits_ask_the_database_no_more_than_ten(sign_in, statements):
    browser = sign_in(make.person(Role.PRE_SALE))

    def count(orders):
        for _ in range(orders):
            make.order()
        browser.get("/?q=张伟")
        statements.clear()
        browser.get("/?q=张伟")
        return len(statements)

    assert count(10) == count(40)


def test_what_customers_write_stays_text(sign_in):
    evil = "<script>alert(1)</script>"
    make.order(recipient_name=evil, buyer_nick=evil, buyer_id=evil, lines=(make.line(title=evil),))
    page = sign_in(make.person(Role.PRE_SALE)).get("/", query_string={"q": evil})
    assert evil not in page.text
    assert evil not in sign_in(make.person(Role.PRE_SALE)).get("/").text


def test_a_number_that_excel_destroyed_is_called_so(sign_in):
    make.order()
    browser = sign_in(make.person(Role.PRE_SALE))
    for text in ("4.1E+18", " 4.10000E+18"):
        page = browser.get("/", query_string={"q": text}, headers={"Accept-Language": "en"})
        assert "Excel has destroyed this number" in page.text
