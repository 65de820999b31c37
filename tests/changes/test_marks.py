"""The platform's shipped mark: a mark at first, a fact once it is old (domain.md §8)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from shopdesk.changes import service
from shopdesk.changes.service import marks
from shopdesk.changes.states import ChangeState
from shopdesk.core import audit, clock
from shopdesk.core.db import command
from shopdesk.core.permissions import Actor, Role
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Source, Stage
from tests import make

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def marked(hours_ago: float, **values: object) -> Order:
    at = clock.now() - timedelta(hours=hours_ago)
    return make.order(**{"status": OrderStatus.SHIPPED, "marked_shipped_at": at, **values})


def ship(order: Order) -> int:
    return service.ship_marked(order.store_id, actor=Actor.system([order.store_id]))


@pytest.fixture
def at_night(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """20:00 in Shanghai: the 18:00 cut-off is over, the next one tomorrow."""
    at = datetime.now(SHANGHAI).replace(hour=20, minute=0, second=0, microsecond=0)
    monkeypatch.setattr(clock, "now", lambda: at)
    return at


@pytest.mark.parametrize(
    ("marked_at", "cut_offs", "due"),
    [
        ("2026-11-01 10:00", ["11:00", "18:00"], "2026-11-01 11:00"),
        ("2026-11-01 12:00", ["11:00", "18:00"], "2026-11-01 18:00"),
        ("2026-11-01 19:00", ["11:00", "18:00"], "2026-11-02 11:00"),
        ("2026-11-01 19:00", [], "2026-11-02 18:00"),
        ("2026-11-01 18:00", ["18:00"], "2026-11-02 18:00"),
    ],
)
def test_a_mark_counts_from_the_next_cut_off_and_after_a_day_at_the_latest(
    marked_at: str, cut_offs: list[str], due: str
) -> None:
    given = datetime.fromisoformat(marked_at).replace(tzinfo=SHANGHAI)
    assert marks.due_at(given, cut_offs, "Asia/Shanghai") == datetime.fromisoformat(due).replace(tzinfo=SHANGHAI)


def test_a_fresh_mark_moves_no_stage(at_night: datetime) -> None:
    order = marked(1)
    assert ship(order) == 0
    assert make.parcel(order).stage is Stage.UNPRINTED


def test_an_old_mark_is_shipped_at_the_moment_that_the_platform_named(at_night: datetime) -> None:
    order = marked(3)
    assert ship(order) == 1
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.stage_source, parcel.stage_at) == (
        Stage.SHIPPED,
        Source.PLATFORM,
        order.marked_shipped_at,
    )
    assert orders.lines(order.id, order.store_id)[0].shipped == 1
    assert ship(order) == 0
    assert len(parcels.facts([parcel.id], order.store_id)) == 1


@pytest.mark.parametrize("stage", [Stage.PRINTED, Stage.PACKED])
def test_also_a_printed_or_packed_parcel_has_left(at_night: datetime, stage: Stage) -> None:
    order = marked(3)
    make.fact(order, stage)
    assert ship(order) == 1
    assert make.parcel(order).stage is Stage.SHIPPED


def test_an_open_change_becomes_too_late_and_after_sale_has_the_wish(at_night: datetime) -> None:
    order = make.order()
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    make.order(
        number=order.number, status=OrderStatus.SHIPPED, marked_shipped_at=at_night - timedelta(hours=4),
        as_of=at_night + timedelta(seconds=1),
    )  # fmt: skip
    assert ship(order) == 1
    assert change.state is ChangeState.TOO_LATE
    assert make.parcel(order).holds == 0
    assert [n.role for n in make.notices(order, NoticeKind.TOO_LATE)] == [Role.AFTER_SALE]
    assert make.notices(order, NoticeKind.ALARM)


def test_a_voided_parcel_stays_voided(at_night: datetime) -> None:
    order = marked(30)
    void(order)
    assert ship(order) == 0
    assert make.parcel(order).stage is Stage.VOIDED


@command
def void(order: Order) -> None:
    parcel_service.void(make.parcel(order), person_id=None)
    audit.record("test.voided", "order", order.id, make.ROOT)


def test_another_stores_marks_stay(at_night: datetime) -> None:
    order = marked(30)
    other = make.store("other")
    assert service.ship_marked(other.id, actor=Actor.system([other.id])) == 0
    assert make.parcel(order).stage is Stage.UNPRINTED
