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
