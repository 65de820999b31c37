"""The calculator, values in and values out: any order of partial refunds adds up, every cap is named."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.core.errors import RuleViolation
from shopdesk.refunds.rules import asking
from shopdesk.refunds.rules.calculating import Asked, Coupon, Fee, Held, Line, calculate, spread_over
from shopdesk.refunds.states import Cap, CouponPolicy, NotTaken, Part


def held(*lines: Line, left: int = 1_000_000, **more: object) -> Held:
    kept = {"shipping_minor": 800, "left_minor": {"A1": left}, **more}
    return Held("CNY", lines, **kept)  # type: ignore[arg-type]


def line(quantity: int = 3, paid_minor: int | None = 20_000, **more: object) -> Line:
    return Line(7, "杯子", quantity, paid_minor, **more)  # type: ignore[arg-type]


def caps(quote) -> list[Cap]:
    return [limit.cap for limit in quote.over]


@pytest.mark.mission("M114")
def test_the_share_of_two_of_three_units_can_be_read():
    quote = calculate(Asked({7: 2}), held(line()))
    assert quote.total_minor == 13_334
    assert quote.rows[0].how == "f(2) − f(0) = (2 × 66.66 + 0.02) − 0.00 = 133.34"
    rest = calculate(Asked({7: 1}), held(line(taken=2, booked_minor=13_334)))
    assert rest.rows[0].how == "f(3) − f(2) = (3 × 66.66 + 0.02) − (2 × 66.66 + 0.02) = 66.66"
    assert rest.total_minor == 6_666


@given(st.integers(0, 10**9), st.lists(st.integers(1, 5), min_size=1, max_size=6))
def test_any_sequence_of_partial_refunds_adds_up_to_what_was_paid(paid_minor, cuts):
    quantity, taken, booked = sum(cuts), 0, 0
    for units in cuts:
        there = line(quantity, paid_minor, taken=taken, booked_minor=booked)
        quote = calculate(Asked({7: units}), held(there, left=10**10))
        assert caps(quote) == []
        taken, booked = taken + units, booked + quote.total_minor
    assert booked == paid_minor


@given(
    st.integers(1, 9), st.integers(0, 10**6), st.integers(0, 12), st.integers(0, 10**6), st.integers(0, 2000),
    st.integers(0, 2000), st.integers(0, 10**6),
)  # fmt: skip
def test_what_no_cap_forbids_is_never_more_than_was_paid(quantity, paid, taken, booked, shipping, asked, left):
    there = line(quantity, paid, taken=min(taken, quantity), booked_minor=min(booked, paid))
    where = held(there, left=left, shipping_minor=shipping)
    quote = calculate(Asked({7: 1}, shipping_minor=asked, fees=(Fee(0, ""),)), where)
    assert quote.of(Part.GOODS) + there.booked_minor <= paid
    if not quote.over:
        assert quote.of(Part.SHIPPING) <= shipping
        assert quote.total_minor <= left
        assert sum(part for _name, part in quote.payments) == quote.total_minor


@pytest.mark.parametrize(
    ("asked", "where", "cap"),
    [
        (Asked({7: 4}), held(line()), Cap.UNITS),
        (Asked({7: 2}), held(line(of_subject=1)), Cap.UNITS),
        (Asked({7: 1}), held(line(paid_minor=None)), Cap.SHARE_UNKNOWN),
        (Asked(shipping_minor=801), held(), Cap.SHIPPING),
        (Asked(shipping_minor=1), held(shipping_back_minor=800), Cap.SHIPPING),
        (Asked(shipping_minor=1), held(shipping_minor=None), Cap.SHIPPING_UNKNOWN),
        (Asked(compensation_minor=501), held(most_compensation_minor=500), Cap.COMPENSATION),
        (Asked({7: 1}, fees=(Fee(7_000, "拆封"),)), held(line()), Cap.FEES),
        (Asked({7: 3}), held(line(), left=19_999), Cap.PAYMENTS),
        (Asked({7: 3}), held(line(), left_minor=None), Cap.PAID_UNKNOWN),
    ],
    ids=lambda value: str(value) if isinstance(value, Cap) else "",
)
def test_each_cap_is_named_and_refused(asked, where, cap):
    quote = calculate(asked, where)
    assert cap in caps(quote)
    with pytest.raises(RuleViolation) as refused:
        asking.check_caps(quote)
    assert refused.value.facts["cap"] == str(quote.over[0].cap)


def test_a_fee_is_a_line_with_its_reason_and_lowers_what_goes_back():
    quote = calculate(Asked({7: 3}, fees=(Fee(1_500, "拆封"),)), held(line()))
    assert (quote.total_minor, quote.rows[1].part, quote.rows[1].reason) == (18_500, Part.FEE, "拆封")
    with pytest.raises(RuleViolation):
        calculate(Asked({7: 3}, fees=(Fee(1_500, " "),)), held(line()))


def test_money_of_another_currency_is_never_in_it():
    with pytest.raises(RuleViolation) as refused:
        calculate(Asked({7: 1}), held(line(), currencies=("CNY", "EUR")))
    assert refused.value.code == "currency_differs"


def test_a_coupon_stays_frozen_unless_the_store_takes_it_back():
    """E05: 50 off over 100; 80 are kept and would have cost 80, so what was paid for them lacks 40."""
    kept = Line(1, "留下", 1, 4_000, price_minor=8_000)
    back = Line(2, "退回", 1, 6_000, price_minor=12_000)
    asked = Asked({2: 1}, coupon=Coupon(10_000, 5_000))
    assert calculate(asked, held(kept, back)).total_minor == 6_000
    clawed = calculate(asked, held(kept, back, coupons=CouponPolicy.CLAW_BACK))
    assert (clawed.total_minor, clawed.rows[-1].how) == (2_000, "80.00 − 40.00")
    dear = dataclasses.replace(kept, price_minor=10_000)
    assert calculate(asked, held(dear, back, coupons=CouponPolicy.CLAW_BACK)).total_minor == 6_000


@pytest.mark.parametrize(
    ("price", "paid", "units", "why"),
    [
        (8_000, 4_000, 1, None),
        (None, 4_000, 1, NotTaken.PRICE_UNKNOWN),
        (10_000, 4_000, 1, NotTaken.WORTH_IT),
        (8_000, 8_000, 1, NotTaken.NOTHING_OWED),
        (8_000, 4_000, 0, NotTaken.NOTHING_STAYS),
    ],
)
def test_why_nothing_is_taken_back_for_a_coupon_is_said(price, paid, units, why):
    kept = Line(1, "留下", 1, paid, price_minor=price)
    back = Line(2, "退回", 1, 6_000, price_minor=12_000)
    asked = Asked({1: 1 - units, 2: 1}, coupon=Coupon(10_000, 5_000))
    assert calculate(asked, held(kept, back, coupons=CouponPolicy.CLAW_BACK)).not_taken is why
    assert calculate(asked, held(kept, back)).not_taken is None


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5), st.data())
def test_payouts_pay_every_amount_once(amounts, data):
    rest, payouts = sum(amounts), []
    while rest > 0:
        payouts.append(data.draw(st.integers(1, rest)))
        rest -= payouts[-1]
    spread = spread_over(amounts, payouts)
    assert [sum(row) for row in spread] == payouts
    assert [sum(row[place] for row in spread) for place in range(len(amounts))] == amounts or not payouts


@pytest.mark.parametrize("units", [-1, -5])
def test_nothing_negative_is_calculated(units):
    with pytest.raises(RuleViolation):
        calculate(Asked({7: units}), held(line()))
