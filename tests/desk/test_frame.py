"""The navigation says where one is, also on the pages behind a place."""

import re

import pytest

from shopdesk.core.permissions import Role
from tests import make
from tests.desk.pages import send

pytestmark = pytest.mark.usefixtures("app")


def marked(page):
    """The places that the navigation calls the present one."""
    return re.findall(r'aria-current="page" data-nav="([^"]+)"', page.text)


def test_the_navigation_marks_the_place_whose_page_one_is_on(sign_in):
    order = make.order()
    browser = sign_in(make.person(Role.PRINTING, Role.SUPERVISOR))
    checked = send(browser, browser.get("/print-check"), "/print-check", numbers=order.number).location
    for path, place in (
        ("/", "desk.look_up"),
        ("/print-check", "changes.print_check"),
        (checked, "changes.print_check"),
        ("/feeds", "desk.feeds"),
        ("/feeds/my-shop/files", "desk.feeds"),
    ):
        assert marked(browser.get(path)) == [place], path
