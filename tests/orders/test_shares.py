"""Paid shares add up for any order and any row of partial refunds; what a feed says of a decision; statuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.changes.rules import refundable_minor
from shopdesk.orders.rules import compare_with_feed, next_status, overwrite, quantity, readiness, shares_minor
from shopdesk.orders.states import OrderStatus, Readiness

MONEY = st.integers(0, 10**9)
LINES = st.lists(st.tuples(st.integers(0, 10**7), st.one_of(st.none(), MONEY)), min_size=1, max_size=12)


@given(MONEY, LINES)
def test_the_shares_of_any_order_add_up_to_what_was_paid(paid_minor, lines):
    shares = shares_minor(paid_minor, [weight for weight, _ in lines], [given_minor for _, given_minor in lines])
    assert sum(shares) == paid_minor
    assert all(share >= 0 for share in shares)


@given(LINES)
def test_the_platforms_own_shares_are_taken_where_they_add_up(lines):
    told = [given_minor or 0 for _, given_minor in lines]
    assert shares_minor(sum(told), [weight for weight, _ in lines], told) == told


@given(MONEY, st.integers(1, 50), st.data())
def test_units_taken_off_in_any_steps_are_refunded_to_the_cent(share_minor, ordered, data):
    """Down to none, and what is given back is taken from the refund again."""
    left, refunded = ordered, 0
    for new in [*data.draw(st.lists(st.integers(0, ordered), max_size=6)), 0]:
        refunded += refundable_minor(share_minor, ordered, old=left, new=new)
        left = new
    assert refunded == share_minor


def test_e01_three_units_with_a_coupon_over_the_whole_order():
    parts = [refundable_minor(2000, 3, old=old, new=old - 1) for old in (3, 2, 1)]
    assert parts == [667, 667, 666]


NEW, WAS = {"street": "新路1号", "city": "杭州市"}, {"street": "旧路1号", "city": "杭州市"}


@pytest.mark.parametrize(
    ("mirrored", "verdict"),
    [
        ({"street": "新路1号", "city": "杭州市"}, "seen"),
        ({"street": "新 路1号", "city": None}, "seen"),
        ({"street": "旧路1号", "city": "杭州市"}, "old"),
        ({"street": "第三路1号", "city": "杭州市"}, "contradicted"),
        ({"street": "新路1号", "city": "苏州市"}, "contradicted"),
        ({"street": "****", "city": "杭州市"}, None),
        ({"street": None, "city": None}, None),
        ({"street": "****", "city": "苏州市"}, "contradicted"),
    ],
)
def test_a_feed_confirms_or_contradicts_only_with_what_it_says_in_clear(mirrored, verdict):
    assert compare_with_feed(NEW, WAS, mirrored) == verdict


@pytest.mark.parametrize(
    ("mirrored", "verdict"), [("顺丰", "seen"), (None, None), ("中通", "contradicted"), ("顺*", None)]
)
def test_a_wish_about_something_that_was_not_there_before_is_compared_too(mirrored, verdict):
    assert compare_with_feed({"text": "顺丰"}, {"text": None}, {"text": mirrored}) == verdict


@given(st.lists(st.one_of(st.none(), st.sampled_from(OrderStatus)), min_size=1, max_size=8))
def test_a_status_never_runs_backwards_whatever_is_told(told):
    ranks, current = list(OrderStatus), None
    for word in told:
        before, current = current, next_status(current, word)
        assert before is None or ranks.index(current) >= ranks.index(before)


@pytest.mark.parametrize("kept", [Readiness.AWAITING_BALANCE, Readiness.OUT_OF_STOCK, Readiness.HALTED])
def test_what_people_said_of_an_order_a_file_does_not_lift(kept):
    assert readiness(kept, OrderStatus.PAID, refunding=False) is kept
    assert readiness(kept, OrderStatus.CLOSED, refunding=False) is Readiness.CLOSED


@pytest.mark.parametrize(
    ("current", "told", "is_later", "value"),
    [("a", "b", True, "b"), ("a", "b", False, "a"), (None, "b", False, "b"), ("a", None, True, "a")],
)
def test_a_later_file_overwrites_an_older_one_fills_gaps_and_silence_changes_nothing(current, told, is_later, value):
    assert overwrite(current, told, is_later=is_later) == value


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_ordered_units_never_fall_below_what_was_cancelled_shipped_or_packed(told, current, cancelled, shipped, packed):
    found = quantity(told, current, cancelled=cancelled, shipped=shipped, in_parcels=packed)
    assert found >= max(cancelled + shipped, packed)
