"""Pure decisions of the dock: states by units, what is booked, what a clue is worth."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.returns.queries.slips import numbers
from shopdesk.returns.rules.findings import LineUnits, booked, state_of
from shopdesk.returns.rules.matching import Awaited, Box, clues_of, is_nearly, ranked
from shopdesk.returns.service.following import _next
from shopdesk.returns.states import RETURN_MOVES, Clue, ReturnState

R = ReturnState
AT = datetime(2026, 3, 1, tzinfo=UTC)
UNITS = st.builds(
    lambda arrived, given_up, more: LineUnits(arrived + given_up + more, arrived, given_up),
    st.integers(0, 5), st.integers(0, 5), st.integers(0, 5),
)  # fmt: skip


@given(UNITS, st.integers(1, 20))
def test_every_right_unit_is_booked_once(line, quantity):
    awaited, revived, surplus = booked(quantity, line)
    assert awaited + revived + surplus == quantity
    assert 0 <= awaited <= line.outstanding
    assert 0 <= revived <= line.given_up
    assert surplus == 0 or awaited + revived == line.expected - line.arrived


@pytest.mark.parametrize("now", list(R))
@given(st.lists(UNITS, min_size=1, max_size=3), st.booleans(), st.booleans())
def test_from_every_state_the_table_has_a_way_to_the_one_that_the_units_say(now, lines, inspected, put_away):
    wanted = state_of(now, lines, is_inspected=inspected, is_put_away=put_away)
    if now is R.CANCELLED and any(line.arrived for line in lines) and any(line.outstanding for line in lines):
        return  # of a cancelled return nothing is awaited once something comes (booking.give_up_rest)
    steps = 0
    while now is not wanted:
        following = _next(now, wanted)
        assert (now, following) in RETURN_MOVES
        now, steps = following, steps + 1
        assert steps < 6


def awaited(**values):
    return Awaited(**{"return_id": 1, "order_id": 1, "case_id": 1, "warehouse_id": 1, **values})


def box(**values):
    return Box(**{"waybill": "ZZ1", "arrived_at": AT, "warehouse_id": 2, **values})


@pytest.mark.parametrize(
    ("this", "that", "clue"),
    [
        ({"case_id": 7}, {"case_id": 7}, Clue.CASE),
        ({"said_case_ids": frozenset({7})}, {"case_id": 7}, Clue.CASE_NUMBER),
        ({"said_order_ids": frozenset({9})}, {"order_id": 9}, Clue.ORDER_NUMBER),
        ({"waybill": "SF1020"}, {"waybills": ("sf1020",)}, Clue.WAYBILL),
        ({"waybill": "SF10203040"}, {"waybills": ("SF10203041",)}, Clue.WAYBILL_PART),
        ({"order_ids": frozenset({9})}, {"order_id": 9}, Clue.OWN_PARCEL),
        ({"phone_tail": "1234"}, {"phone_tail": "1234"}, Clue.PHONE),
        ({"name": "欧阳 若晴"}, {"name": "欧阳若晴"}, Clue.NAME),
        ({"skus": frozenset({"hat-01"})}, {"skus": frozenset({"hat-01"})}, Clue.SKU),
        ({"words": "羊毛帽"}, {"titles": ("加厚羊毛帽",)}, Clue.TITLE),
        ({"words": "白瓷杯 (蓝)"}, {"titles": ("【新款】白瓷 杯-蓝 350 ml",)}, Clue.TITLE),
        ({"words": "白瓷杯，订单 1001"}, {"titles": ("白瓷 杯",)}, Clue.TITLE),
        ({"units": 2}, {"units": 2}, Clue.UNITS),
        ({}, {"sent_at": AT - timedelta(days=3)}, Clue.SENT),
        ({"warehouse_id": 1}, {}, Clue.HERE),
    ],
)
def test_each_clue_by_itself(this, that, clue):
    assert clues_of(box(**this), awaited(**that)) == (clue,)


@pytest.mark.parametrize(
    "text",
    [
        "C20260301-0007",
        "售后单号：ｃ20260301-0007",
        "杯子一只，售后单C20260301-0007",
        "case no. c20260301-0007; cup",
        "a\nC20260301-0007",
    ],
)
def test_a_number_is_read_out_of_what_was_written_down_of_a_slip(text):
    assert "c20260301-0007" in numbers(text)
    assert numbers("杯子两只，a1") == set()


def test_masked_names_and_empty_values_say_nothing():
    assert clues_of(box(name="张**"), awaited(name="张**")) == ()
    assert clues_of(box(words=""), awaited(titles=("帽",))) == ()
    assert clues_of(box(), awaited(sent_at=AT - timedelta(days=60))) == ()


def test_weak_clues_alone_suggest_nobody_and_the_score_has_an_end():
    assert ranked(box(units=1, warehouse_id=1), [awaited(units=1, sent_at=AT)]) == []
    all_of_it = {"case_id": 1, "waybill": "SF1", "phone_tail": "1", "name": "李四"}
    (one,) = ranked(box(**all_of_it), [awaited(waybills=("SF1",), phone_tail="1", name="李四")])
    assert one.score == 100


def test_the_likeliest_comes_first_and_of_equals_the_older():
    rows = [awaited(return_id=n, phone_tail="1234") for n in (3, 2)] + [awaited(return_id=4, waybills=("ZZ1",))]
    assert [one.return_id for one in ranked(box(phone_tail="1234"), rows)] == [4, 2, 3]


@pytest.mark.parametrize(
    ("one", "other", "is_so"),
    [
        ("SF10203040", "SF10203041", True),
        ("SF10203040", "10203040", True),
        ("SF10203040", "YT10203040", True),
        ("SF10203040", "SF10203040", False),
        ("SF10203040", "SF99999999", False),
        ("SF1", "SF2", False),
    ],
)
def test_numbers_that_are_nearly_the_same(one, other, is_so):
    assert is_nearly(one, other) is is_so
