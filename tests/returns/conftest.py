"""The table of the dock: a warehouse clerk, and a parcel of three hats that is expected whole."""

from types import SimpleNamespace

import pytest

from shopdesk.core.permissions import Role
from tests import make
from tests.returns import rows
from tests.returns.table import arrival_of


@pytest.fixture
def clerk():
    return make.actor(Role.WAREHOUSE, store_id=make.store().id)


@pytest.fixture
def world(clerk):
    """An order of three hats of which all come back, and the parcel on the table."""
    order = rows.shipped(lines=(make.line(quantity=3),))
    back = rows.back(order, {1: 3}, sent=True)
    return SimpleNamespace(order=order, back=back, line=rows.lines(back)[0].id, arrival=arrival_of(clerk, back))
