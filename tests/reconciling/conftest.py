"""A store of a platform, an order that was paid, and who pays back."""

import pytest

from shopdesk.core.permissions import Role
from tests import make


@pytest.fixture
def store(app):
    return make.store()


@pytest.fixture
def order(store):
    return make.order(store)


@pytest.fixture
def agent(store):
    return make.actor(Role.AFTER_SALE, store_id=store.id)


@pytest.fixture
def finance(store):
    return make.actor(Role.FINANCE, store_id=store.id, signature="算盘")
