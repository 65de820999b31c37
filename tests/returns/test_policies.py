"""The policy of a store: versions, the one that an order keeps, the days counted in the store's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError

from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.returns import queries, service
from shopdesk.returns.rules import TRANSIT_DAYS, window
from shopdesk.returns.states import FreightPayer, ReturnOrigin
from tests import make
from tests.returns.world import agent, boss, case_of, confirmed, sent

ZONE = "Asia/Shanghai"


def code(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value.code


def set_policy(days=15, who=None, **more):
    kept = {"condition": "未拆封", "freight": FreightPayer.SHOP, "receiver": "云帆 售后部\n杭州市…", **more}
    return service.set_policy(make.store().id, days=days, actor=who or boss(), **kept)


@pytest.mark.usefixtures("app")
def test_an_order_keeps_the_version_in_force_when_it_was_placed():
    before = sent()
    set_policy(15)
    after = sent(placed_at=clock.now())
    set_policy(30)
    assert (queries.policy_of(before).days, queries.policy_of(before).condition) == (7, "未使用、配件齐全、吊牌完好")
    assert (queries.policy_of(after).days, queries.policy_of(after).freight) == (15, FreightPayer.SHOP)
    assert [row.days for row in queries.versions(before.store_id)] == [30, 15]
    owner = agent()
    made = confirmed(case_of(after, owner), owner, 1)
    assert (made.policy_days, made.policy_condition, made.freight) == (15, "未拆封", "shop")
    english = make.store("west", memo_language="en")
    assert queries.policy_of(make.order(english)).condition == "unused, complete, with tags"


@pytest.mark.usefixtures("app")
def test_only_a_supervisor_writes_the_policy_of_a_store_of_theirs():
    for role in (Role.PRE_SALE, Role.AFTER_SALE, Role.PRINTING, Role.WAREHOUSE, Role.FINANCE, Role.MANAGER):
        assert code(set_policy, who=make.actor(role, store_id=make.store().id)) == "not_allowed"
    other = make.actor(Role.SUPERVISOR, store_id=make.store("other").id)
    assert code(set_policy, who=other) == "not_found"


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"days": -1}, "bad_days"),
        ({"days": 366}, "bad_days"),
        ({"condition": " "}, "value_required"),
        ({"condition": "x" * 201}, "too_long"),
        ({"receiver": "x" * 501}, "too_long"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(more, why):
    assert code(set_policy, **more) == why


@pytest.mark.both_engines
@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("change", ["days = 1", "condition = 'x'", "receiver = 'x'"])
def test_a_policy_is_never_rewritten(change):
    set_policy()
    db.session.rollback()
    with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE return_policy SET {change}")


@pytest.mark.usefixtures("app")
def test_e31_a_day_after_the_window_only_a_supervisor_makes_an_exception_and_it_is_recorded():
    owner = agent()
    case = case_of(sent(ago=timedelta(days=9)), owner)
    assert code(confirmed, case, owner, 1) == "outside_policy"
    assert code(confirmed, case, owner, 1, exception="老客户") == "not_allowed"
    assert code(confirmed, case, boss(), 1) == "outside_policy"
    who = boss()
    made = confirmed(case, who, 1, exception="老客户")
    assert (made.exception.reveal("test"), made.excepted_by_id) == ("老客户", who.id)


@pytest.mark.usefixtures("app")
def test_a_departure_from_the_condition_is_an_exception_too_and_a_parcel_that_turns_round_needs_none():
    owner = agent()
    case = case_of(sent(), owner)
    assert code(confirmed, case, owner, 1, exception="吊牌已剪") == "not_allowed"
    assert confirmed(case, boss(), 1, exception="吊牌已剪").excepted_by_id
    old = case_of(sent(ago=timedelta(days=40)), owner)
    assert confirmed(old, owner, 1, origin=ReturnOrigin.REFUSAL).exception is None


@pytest.mark.usefixtures("app")
def test_e32_without_a_delivery_the_days_count_from_the_shipping_and_a_buffer():
    order = sent(delivered=False, ago=timedelta(days=12))
    found = queries.window_of(order)
    assert found.is_estimated
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()
    assert found.last_day == today - timedelta(days=13) + timedelta(days=TRANSIT_DAYS + 7)
    owner = agent()
    assert confirmed(case_of(order, owner), owner, 1).id
    late = sent(delivered=False, ago=timedelta(days=30))
    assert code(confirmed, case_of(late, owner), owner, 1) == "outside_policy"


def test_e52_the_last_day_ends_at_midnight_of_the_store():
    # 2026-03-01 23:59 in Shanghai is 15:59 UTC; a minute later it is the next day there.
    evening = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)
    found = window(7, delivered_at=evening, shipped_at=None, zone=ZONE)
    assert str(found.last_day) == "2026-03-08"
    assert not found.is_over(datetime(2026, 3, 8, 15, 59, 59, tzinfo=UTC))
    assert found.is_over(datetime(2026, 3, 8, 16, 0, tzinfo=UTC))
    night = window(7, delivered_at=evening + timedelta(minutes=1), shipped_at=None, zone=ZONE)
    assert str(night.last_day) == "2026-03-09"


def test_e52_a_day_with_another_length_ends_where_the_calendar_says():
    found = window(1, delivered_at=datetime(2026, 3, 28, 12, tzinfo=UTC), shipped_at=None, zone="Europe/Berlin")
    assert found.ends_at.astimezone(UTC) == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)


def test_nothing_known_is_never_over():
    assert not window(7, delivered_at=None, shipped_at=None, zone=ZONE).is_over(clock.now())


@given(
    at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 made aware
    days=st.integers(0, 365),
    zone=st.sampled_from([ZONE, "UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Pago_Pago"]),
)
def test_the_whole_last_day_counts_in_every_zone(at, days, zone):
    found = window(days, delivered_at=at, shipped_at=None, zone=zone)
    last = found.ends_at.astimezone(UTC) - timedelta(seconds=1)
    assert last.astimezone(ZoneInfo(zone)).date() == found.last_day
    assert found.last_day - at.astimezone(ZoneInfo(zone)).date() == timedelta(days=days)
