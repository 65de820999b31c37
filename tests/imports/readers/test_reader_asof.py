"""The moment of an export, from its name."""

from datetime import UTC, datetime, timedelta

import pytest

from shopdesk.imports.readers.asof import as_of_from_name, settle_as_of

HALF_PAST_TWO = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "as_of"),
    [
        ("ExportOrderList20261101143000.csv", HALF_PAST_TWO),
        ("ExportOrderDetailList202611011430.csv", HALF_PAST_TWO),
        ("ExportOrderList202611011430 (1).xlsx", HALF_PAST_TWO),
        ("订单_2026-11-01_14-30-00.csv", HALF_PAST_TWO),
        ("202699/ExportOrderList202611011430.csv", HALF_PAST_TWO),
        ("ExportOrderList20261101143000123.csv", HALF_PAST_TWO),
        ("ExportOrderList20261301143000.csv", None),
        ("ExportOrderList202611012530.csv", None),
        ("ExportOrderList1793514600.csv", None),
        ("ExportOrderList2026110114300012345.csv", None),
        ("ExportOrderList20261101.csv", None),
        ("orders.csv", None),
        ("", None),
    ],
)
def test_the_digits_of_a_name_are_a_local_time_when_they_look_like_one(name: str, as_of: datetime | None) -> None:
    assert as_of_from_name(name, zone="Asia/Shanghai") == as_of


def test_another_zone_gives_another_moment() -> None:
    assert as_of_from_name("a202611011430.csv", zone="UTC") == datetime(2026, 11, 1, 14, 30, tzinfo=UTC)


def test_a_moment_in_the_future_counts_as_now() -> None:
    now = HALF_PAST_TWO
    assert settle_as_of(now + timedelta(seconds=1), now=now) == (now, True)
    assert settle_as_of(now - timedelta(days=1), now=now) == (now - timedelta(days=1), False)
