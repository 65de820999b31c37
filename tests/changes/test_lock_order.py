"""Orders are locked before their parcels, everywhere, so that two commands cannot deadlock."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event

from shopdesk.changes import service
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from tests import make

# SQLite has one writer and locks no rows.
pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.parametrize("engine", ["postgres"], indirect=True)]


@pytest.fixture
def locked() -> Iterator[Callable[[], list[str]]]:
    """The tables that were locked from now on, orders and parcels alone, in this order."""
    seen: list[str] = []

    def listen(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        found = re.search(r"FROM (orders|parcel)\b.* FOR NO KEY UPDATE", statement, re.DOTALL)
        changed = re.match(r"UPDATE (orders|parcel)\b", statement)
        seen.extend(match[1] for match in (found, changed) if match)

    def start() -> list[str]:
        event.listen(db.engine, "before_cursor_execute", listen)
        return seen

    yield start
    event.remove(db.engine, "before_cursor_execute", listen)


def wished(**values: object) -> Order:
    order = make.order(**values)
    make.change(order, by=make.actor(Role.PRE_SALE), yes=True)
    return order


def test_an_old_mark_of_the_platform_locks_the_order_first(locked: Callable[[], list[str]]) -> None:
    order = wished()
    at = clock.now() - timedelta(hours=30)
    make._set(order, {"status": OrderStatus.SHIPPED, "marked_shipped_at": at})
    seen = locked()
    assert service.ship_marked(order.store_id, actor=Actor.system([order.store_id])) == 1
    assert seen[0] == "orders"
    assert "parcel" in seen


@pytest.mark.parametrize("has_parcel", [True, False])
@pytest.mark.parametrize("given", [Answer.GONE, Answer.PRINTED])
def test_an_answer_locks_the_order_first_also_where_the_notice_names_no_parcel(
    locked: Callable[[], list[str]], given: Answer, has_parcel: bool
) -> None:
    order = wished()
    notice = make.notices(order, NoticeKind.CHANGE)[0]
    if not has_parcel:
        make._set(notice, {"parcel_id": None})
    clerk = make.actor(Role.PRINTING)
    seen = locked()
    service.answer_notice(notice.id, given, actor=clerk)
    assert seen[0] == "orders"
    assert "parcel" in seen
