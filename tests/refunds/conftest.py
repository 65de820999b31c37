"""An order that was paid for, and somebody of after-sale."""

import pytest

from shopdesk.core.permissions import Role
from tests import make
from tests.refunds import world


@pytest.fixture
def order(app):
    return make.order(world.store())


@pytest.fixture
def agent(order):
    return make.actor(Role.AFTER_SALE, store_id=order.store_id)
