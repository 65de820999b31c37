"""What two lists say of one application: the same whichever came first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from shopdesk.cases.states import PlatformState, PlatformWord, put_together

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
NOTHING = PlatformState(None, None, None, None, None)
RUNNING = ("待商家处理", "待买家退货", "从未见过的词")
ENDED = ("退款关闭", "买家撤销", "退款成功")
whats = st.tuples(
    st.sampled_from(RUNNING + ENDED),
    st.none() | st.integers(0, 10**9),
    st.none() | st.integers(0, 500),
    st.sampled_from(("refund_only", "return", "dispute")),
)


def state(what, hours):
    status, amount, due, kind = what
    due_at = None if due is None else BEGIN + timedelta(hours=due)
    return PlatformState(status, amount, due_at, kind, BEGIN + timedelta(hours=hours))


def after(*told):
    known = NOTHING
    for one in told:
        known = put_together(known, one)
    return known


@given(whats, whats)
def test_any_order_of_two_lists_ends_in_the_later_ones_values(early, late):
    first, second = state(early, 1), state(late, 2)
    found = after(first, second)
    assert found == after(second, first)
    assert (found.kind, found.as_of) == (second.kind, second.as_of)
    assert found.amount_minor == (second.amount_minor if second.amount_minor is not None else first.amount_minor)
    if first.word is not PlatformWord.DONE or second.word is PlatformWord.DONE:
        assert found.status == second.status
        assert found.due_at in {second.due_at, first.due_at if first.status == second.status else second.due_at}
    else:
        assert found.status == first.status


@given(st.lists(whats, min_size=1, max_size=4))
def test_each_list_again_changes_nothing_and_what_was_done_stays_done(given_whats):
    told = [state(what, hours) for hours, what in enumerate(given_whats)]
    known = NOTHING
    was_done = False
    for one in told:
        known = put_together(known, one)
        assert put_together(known, one) == known
        was_done |= known.word is PlatformWord.DONE
        assert (known.word is PlatformWord.DONE) == was_done


@given(st.lists(whats, min_size=3, max_size=3))
def test_of_three_lists_the_newest_time_and_kind_stand_in_any_order(given_whats):
    told = [state(what, hours) for hours, what in enumerate(given_whats)]
    for order in permutations(told):
        found = after(*order)
        assert (found.as_of, found.kind) == (told[-1].as_of, told[-1].kind)
