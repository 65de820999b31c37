"""What is pasted as an address and is none, the present one, or one that contradicts itself."""

import pytest

from shopdesk.changes import rules
from shopdesk.changes.states import Kind
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from tests import make
from tests.desk.pages import fields, fill

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def agent(sign_in):
    make.store()
    browser = sign_in(make.person(Role.PRE_SALE))
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return browser


def path(order, kind):
    return f"/orders/{order.id}/changes/{kind}"


@pytest.mark.parametrize(
    "pasted",
    [
        "江苏省苏州市虎丘区星澜街128号7幢1203室",
        "张伟，+86 138 1234 5678，江苏 苏州 虎丘区 星澜街128号7幢1203室",
        "地址：江苏省苏州市虎丘区星澜街128号7幢1203室 215000",
    ],
)
def test_the_same_address_pasted_again_changes_nothing(agent, pasted):
    order = make.order(province="江苏", zip="215000")
    page = fill(agent, path(order, "address"), pasted=pasted, action="parse")
    assert "This changes nothing." in page.text
    assert "Old → new" not in page.text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"street": "星澜街 128号"}, "215000"),
        ({"street": "星澜街128号", "name": "李四"}, "215000"),
        ({"street": "云帆路6号"}, None),
        ({"street": "星澜街128号", "district": "吴中区"}, None),
        ({"street": "云帆路6号", "zip": "215200"}, "215200"),
    ],
)
def test_the_post_code_stays_with_the_old_place_and_goes_with_it(given, kept):
    old = {"name": "张伟", "phone": None, "province": "江苏省", "city": "苏州市", "district": "虎丘区",
           "street": "星澜街128号", "zip": "215000"}  # fmt: skip
    if set(given) == {"street"} and kept == "215000":
        with pytest.raises(RuleViolation, match="changes nothing"):
            rules.wanted(Kind.ADDRESS, given, old)
    else:
        assert rules.wanted(Kind.ADDRESS, given, old)["zip"] == kept


def test_taking_apart_nothing_says_so(agent):
    page = fill(agent, path(make.order(), "address"), pasted=" ", action="parse")
    assert page.status_code == 422
    assert "Please fill this in." in page.text


def test_a_city_of_another_province_is_named_not_guessed(agent):
    page = fill(agent, path(make.order(), "address"), pasted="浙江省苏州市虎丘区云帆路6号", action="parse")
    assert "Not known there: 苏州市." in page.text
    assert fields(page, "")["province"] == "浙江省"
