"""Which refund of the platform's list is which of ours, on plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.reconciling.rules.matching import Asked, Match, Noted, Standing, Told, match, put_together
from shopdesk.reconciling.states import CountsAs

START = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)


def at(minutes):
    return START + timedelta(minutes=minutes)


def row(id_, amount, minutes, number=None, payout_id=None):
    return Told(id_, number or f"N{id_}", amount, at(minutes), payout_id)


def kinds(found):
    return {id_: str(one.counts_as) for id_, one in found.items()}


def test_what_was_told_before_it_was_asked_for_is_another_refund():
    asked = [Asked(1, 500, at(10), is_waiting=True)]
    assert kinds(match([row(1, 500, 5)], asked, [])) == {1: "outside"}
    assert kinds(match([row(1, 500, 15)], asked, [])) == {1: "payout"}


def test_the_number_counts_more_than_time_and_amount_and_another_number_is_another_refund():
    asked = [Asked(1, 500, at(10), is_waiting=True, number="A"), Asked(2, 500, at(0), is_waiting=True, number="B")]
    found = match([row(1, 500, 5, "A"), row(2, 500, 20, "C")], asked, [])
    assert (found[1].payout_id, str(found[2].counts_as)) == (1, "outside")


def test_two_parts_of_one_amount_end_two_payouts_and_a_third_is_outside():
    asked = [Asked(1, 500, at(0), is_waiting=True), Asked(2, 500, at(3), is_waiting=True)]
    found = match([row(n, 500, 10 + n) for n in (1, 2, 3)], asked, [])
    assert sorted(one.payout_id or 0 for one in found.values()) == [0, 1, 2]


def test_what_somebody_noted_by_hand_is_counted_once_also_where_the_payments_held_only_a_part_of_it():
    noted = [Noted("case_settlement:1", 500, 300)]
    found = match([row(1, 500, 5)], [], noted)
    assert (found[1].counts_as, found[1].booked_minor) == (CountsAs.BY_HAND, 200)


@pytest.mark.parametrize(("paid", "outside"), [(700, 200), (300, 0)])
def test_what_a_person_said_of_a_number_is_that_refund_also_where_it_came_to_another_amount(paid, outside):
    found = match([row(1, paid, 5, "A")], [Asked(1, 500, at(0), is_waiting=False, number="A")], [])
    assert found == {1: Match(CountsAs.PAYOUT, 1, outside)}


def test_what_was_said_by_hand_comes_before_what_waits():
    asked = [Asked(1, 500, at(0), is_waiting=True), Asked(2, 500, at(0), is_waiting=False)]
    assert match([row(1, 500, 5)], asked, [])[1].payout_id == 2


AMOUNTS = st.sampled_from([300, 500])


@given(
    st.lists(st.tuples(AMOUNTS, st.integers(0, 9)), max_size=6).flatmap(
        lambda rows: st.tuples(st.just(rows), st.permutations(range(len(rows))))
    ),
    st.lists(st.tuples(AMOUNTS, st.integers(0, 9), st.booleans()), max_size=4),
    st.lists(AMOUNTS, max_size=2),
)
def test_whatever_is_told_first_the_same_money_is_counted(shuffled, asked, noted):
    """A row that has ended a payout keeps it, as it does in the books; those by hand are looked at anew each time."""
    rows, order = shuffled
    due = [Asked(n, amount, at(t), is_waiting=waits) for n, (amount, t, waits) in enumerate(asked)]
    notes = [Noted(f"n{n}", amount, amount) for n, amount in enumerate(noted)]

    def outside(turn):
        waiting, seen, ended = {one.id: one for one in due}, [], {}
        for place in turn:
            amount, minutes = rows[place]
            seen.append((place, amount, minutes))
            told = [row(n, a, t, payout_id=ended.get(n)) for n, a, t in seen]
            found = match(told, list(waiting.values()), notes)
            for n, one in found.items():
                if one.payout_id in waiting and waiting[one.payout_id].is_waiting:
                    ended[n] = one.payout_id
                    del waiting[one.payout_id]
        paid = sum(a for _n, a, _t in seen)
        by_hand = sum(rows[n][0] for n, one in found.items() if n not in ended and not one.booked_minor) if seen else 0
        booked = sum(one.booked_minor for one in found.values()) if seen else 0
        told_off = sum(rows[n][0] for n in ended)
        assert booked + by_hand + told_off == paid, "each once"
        return booked + told_off

    assert outside(order) == outside(range(len(rows)))


TOLD = st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 3))


@given(st.lists(TOLD, min_size=1, max_size=5).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_what_lists_told_of_one_refund_is_the_same_in_any_order(both):
    ends = set()
    for told in both:
        now = Standing()
        for minutes, is_paid, amount in told:
            now = put_together(now, amount_minor=amount, is_paid=is_paid, as_of=at(minutes))
        ends.add(now)
    assert len(ends) == 1
