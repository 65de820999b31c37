import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopdesk.core.money import EXPONENT, format_minor, parse_minor, share_of_units, split_by_weight


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "CNY", 1250),
        ("12.5", "CNY", 1250),
        ("12", "CNY", 1200),
        ("12.", "CNY", 1200),
        ("¥1,234.50", "CNY", 123450),
        ("￥１２．５０", "CNY", 1250),
        ("128.00元", "CNY", 12800),
        ("CNY 3.00", "CNY", 300),
        ("-0.05", "CNY", -5),
        ("-¥12.50", "CNY", -1250),
        ("12.500", "CNY", 1250),
        ("1,200", "JPY", 1200),
        ("1.234", "KWD", 1234),
        ("$7.10", "USD", 710),
        ("0", "CNY", 0),
    ],
)
def test_an_amount_is_read_exactly(text, currency, minor):
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("", "CNY"),
        ("12.505", "CNY"),
        ("1.5", "JPY"),
        ("1,23", "CNY"),
        ("1.234,50", "EUR"),
        ("NaN", "CNY"),
        ("inf", "CNY"),
        ("1e3", "CNY"),
        ("--1", "CNY"),
        ("$12", "CNY"),
        ("12 13", "CNY"),
        ("9" * 30, "CNY"),
        ("1" * 100, "CNY"),
        ("1", "XXX"),
        (".", "CNY"),
        ("¥", "CNY"),
        ("+-1", "CNY"),
        ("abc", "CNY"),
        ("٣", "CNY"),
    ],
)
def test_what_is_no_amount_is_refused(text, currency):
    with pytest.raises(ValueError):
        parse_minor(text, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (1250, "CNY", "zh", "¥12.50"),
        (1250, "CNY", "en", "¥12.50"),
        (-5, "CNY", "zh", "-¥0.05"),
        (123456789, "CNY", "zh_Hans_CN", "¥1,234,567.89"),
        (1200, "JPY", "zh", "JP¥1,200"),
        (710, "USD", "zh", "US$7.10"),
        (710, "USD", "en", "$7.10"),
        (1234, "KWD", "en", "KWD 1.234"),
    ],
)
def test_an_amount_is_written_for_people(minor, currency, language, text):
    assert format_minor(minor, currency, language) == text


@settings(deadline=None)
@given(st.integers(-(10**15), 10**15), st.sampled_from(sorted(EXPONENT)), st.sampled_from(["zh", "en"]))
def test_what_is_written_reads_back(minor, currency, language):
    assert parse_minor(format_minor(minor, currency, language), currency) == minor


def test_left_over_units_go_to_the_largest_remainder_the_earlier_first():
    assert split_by_weight(1000, [1, 1, 1]) == [334, 333, 333]
    assert split_by_weight(100, [1, 2, 0]) == [33, 67, 0]
    for total, weights in ((-1, [1]), (1, []), (1, [0, 0]), (1, [1, -1])):
        with pytest.raises(ValueError):
            split_by_weight(total, weights)


@settings(deadline=None)
@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**9), min_size=1).filter(any))
def test_shares_by_weight_add_up_and_are_off_by_less_than_one_unit(total, weights):
    shares = split_by_weight(total, weights)
    assert sum(shares) == total
    assert all(
        abs(share * sum(weights) - total * weight) < sum(weights) for share, weight in zip(shares, weights, strict=True)
    )


@settings(deadline=None)
@given(st.integers(0, 10**12), st.integers(1, 500), st.data())
def test_shares_of_units_add_up_in_any_order(paid, quantity, data):
    cuts = sorted(data.draw(st.sets(st.integers(0, quantity))) | {0, quantity})
    parts = list(pairwise(cuts))
    random.Random(paid).shuffle(parts)
    assert sum(share_of_units(paid, quantity, first, last) for first, last in parts) == paid


def test_earlier_units_carry_the_odd_cents():
    assert [share_of_units(1000, 3, unit, unit + 1) for unit in range(3)] == [334, 333, 333]
    for paid, quantity, first, last in ((-1, 1, 0, 1), (1, 0, 0, 0), (1, 2, 2, 1), (1, 2, 0, 3), (1, 2, -1, 1)):
        with pytest.raises(ValueError):
            share_of_units(paid, quantity, first, last)
