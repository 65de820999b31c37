import pytest

from shopdesk.core.permissions import Role
from tests import make

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_somebody_signs_in_through_the_real_browser(window, language):
    make.store()
    screen = window(make.person(Role.PRE_SALE), language, "narrow")
    screen.check()
