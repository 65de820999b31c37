"""Every place of a role is in sight in every window: nothing of the menu is cut off or lies beside it."""

from __future__ import annotations

import pytest

from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from tests import make
from tests.journeys.conftest import SIZES

pytestmark = pytest.mark.browser
WIDTHS = [*(size["width"] for size in SIZES.values()), 820]
CUT = """() => [...document.querySelectorAll('.sd-nav a')].filter(link => {
  const words = link.querySelector('span').getBoundingClientRect(), box = link.getBoundingClientRect();
  const outside = words.left < box.left - 1 || words.right > box.right + 1 || words.bottom > box.bottom + 1;
  return outside || box.left < 0 || box.right > innerWidth + 1 || link.scrollWidth > link.clientWidth + 1;
}).map(link => link.textContent)"""
#: The bar is as high as the page leaves room for; 1: its border.
BAR = """() => innerWidth > 900 || document.querySelector('.sd-nav').getBoundingClientRect().height
  - parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--sd-bar-h')) <= 1"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_place_is_cut_off_whatever_the_role_and_the_window(window, language):
    make.store()
    for role in (Role.PRE_SALE, Role.WAREHOUSE, Role.SUPERVISOR):  # few places, many, nearly all
        person = make.person(role)
        db.session.rollback()
        screen = window(person, language, "wide")
        page = screen.go("/")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate(CUT) == [], (role, width)
            assert page.evaluate(BAR), (role, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (role, width)
