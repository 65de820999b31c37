"""The flag that stands on the platform, and ours over it."""

from datetime import timedelta

import pytest

from shopdesk.changes import service as changes
from shopdesk.core import clock
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Flag
from tests import make

pytestmark = pytest.mark.usefixtures("app")
NUMBER = "410000000000009901"


def told(flag, *, minutes=0, store=None):
    made = make.order(store, number=NUMBER, platform_flag=flag, as_of=clock.now() - timedelta(minutes=60 - minutes))
    return orders.order_by_id(made.id, made.store_id)


@pytest.mark.parametrize(("code", "flag"), [("1", Flag.RED), ("黄", Flag.YELLOW), ("0", Flag.NONE), ("77", Flag.NONE)])
def test_an_order_without_a_memo_of_ours_shows_the_platforms_flag(code, flag):
    assert told(code).flag is flag


def test_the_same_code_is_another_colour_on_another_platform():
    assert told("1", store=make.store("clips", platform="douyin")).flag is Flag.PURPLE


def test_the_flag_follows_the_platform_and_a_file_without_flags_changes_nothing():
    assert told("1").flag is Flag.RED
    assert told(None, minutes=1).flag is Flag.RED
    assert told("3", minutes=2).flag is Flag.GREEN
    assert told("0", minutes=3).flag is Flag.NONE


def test_our_memo_decides_the_flag_and_no_feed_takes_it_back():
    order = told("3")
    changes.write_note(order.id, "客户催发货", flag=Flag.RED, actor=make.actor(Role.PRE_SALE))
    assert told("3", minutes=1).flag is Flag.RED
    assert told("0", minutes=2).flag is Flag.RED


def test_an_order_flagged_red_on_the_platform_is_found_by_the_red_flag(sign_in):
    red, plain = told("1"), make.order()
    page = sign_in(make.person(Role.PRE_SALE)).get("/?show=red")
    assert red.number in page.text
    assert plain.number not in page.text


@pytest.mark.parametrize(("platform", "has"), [("taobao", False), ("phone", True), ("douyin", True)])
def test_page_and_api_take_the_same_flags_and_no_colour_that_the_platform_lacks(sign_in, api, platform, has):
    order = make.order(make.store("colours", platform=platform))
    seller = make.person(Role.PRE_SALE)
    page, call = sign_in(seller), api(seller)
    shown = page.get(f"/orders/{order.id}")
    assert ('value="cyan"' in shown.text) is has
    answer = call("POST", f"/orders/{order.id}/memos", {"text": "礼盒", "flag": "cyan"}, key="k1")
    assert (answer.status_code, answer.json.get("error")) == ((201, None) if has else (422, "no_such_flag"))
    sent = {"text": "礼盒", "flag": "cyan", "csrf_token": make.token(shown), "command_key": "k2"}
    assert page.post(f"/orders/{order.id}/memos", data=sent).status_code == (303 if has else 422)
    assert [m.flag for m in orders.memos(order.id, order.store_id)] == ([Flag.CYAN] * 2 if has else [])


@pytest.mark.parametrize("word", ["cyan", "青色"])
def test_a_colour_that_the_platform_lacks_is_no_flag_of_its_orders(word):
    assert told(word).flag is Flag.NONE
    assert told(word, store=make.store("clips", platform="douyin")).flag is Flag.CYAN
