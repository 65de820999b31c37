"""Which lines of two accounts are the same: never two for one, the same account always whole, doubts left open."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shopdesk.core import articles
from shopdesk.core.articles import Article, better_key, free_key, key_rank, may_be_same, pair

WORDS = st.sampled_from(["帽", "围巾", "杯"])
HUNDREDS = 200
NUMBERS = [f"39001234567890123{n:02d}" for n in range(6)]
LINES = st.lists(
    st.builds(
        lambda title, colour, units, coded: Article(
            "", 0, units, title, f"{title}-{colour}" if coded else None, None, f"颜色：{colour}", 100
        ),
        WORDS, st.sampled_from("红黑白"), st.integers(1, 2), st.booleans(),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip


def by_place(lines):
    return [replace(line, key=f"n{at}", position=at) for at, line in enumerate(lines, start=1)]


def by_number(lines):
    return [replace(line, key=NUMBERS[at], position=at) for at, line in enumerate(lines, start=1)]


def by_number_of_many(lines):
    return [replace(line, key=f"3900123456789{at:05d}", position=at) for at, line in enumerate(lines, start=1)]


def content(line):
    return replace(line, key="", position=0)


@given(LINES, st.randoms(use_true_random=False))
def test_the_same_lines_under_other_keys_and_in_another_turn_are_all_found(lines, random):
    turned = random.sample(lines, len(lines))
    found = pair(by_place(lines), by_number(turned))
    assert sorted(found) == sorted(found.values()) == list(range(len(lines)))
    assert all(content(turned[told]) == content(lines[held]) for told, held in found.items())


@given(LINES, LINES)
def test_no_line_is_taken_twice_and_keys_for_good_are_never_mixed(held, told):
    found = pair(by_place(held), by_number(told))
    assert len(set(found.values())) == len(found)
    fixed = pair(by_number(held), by_number(told))
    assert fixed == {at: at for at in range(min(len(held), len(told)))}


@given(LINES)
def test_a_part_of_an_account_finds_its_lines(lines):
    part = lines[len(lines) // 2 :]
    found = pair(by_place(lines), by_number(part))
    assert len(found) == len(part)


@given(LINES, LINES, st.randoms(use_true_random=False))
def test_lines_that_share_nothing_change_no_pair_of_the_others(held, told, random):
    """Who can be whose is asked of lines with a mark in common alone: what stands beside them makes no difference."""
    others = [Article(f"own{n}", 90 + n, 1, f"别的{n}", f"OTHER-{n}") for n in range(3)]
    alone = pair(by_place(held), by_number(told))
    beside = pair(by_place(held) + others, by_number(told) + random.sample(others, 3))
    assert {t: h for t, h in beside.items() if t < len(told)}.items() >= alone.items()
    assert len([t for t in beside if t >= len(told)]) == 3


@pytest.mark.parametrize("keys", [by_place, by_number_of_many])
def test_an_order_of_hundreds_of_lines_asks_about_each_pair_of_them_a_few_times_at_most(monkeypatch, keys):
    lines = [Article("", 0, 1, "帽", "HAT", None, f"颜色：{n}", 100) for n in range(HUNDREDS)]
    asked = Counter()
    real = articles.may_be_same
    monkeypatch.setattr(articles, "may_be_same", lambda h, t: asked.update(["pair"]) or real(h, t))
    assert pair(keys(lines), by_number_of_many(lines)) == {n: n for n in range(HUNDREDS)}
    assert HUNDREDS <= asked["pair"] <= 2 * HUNDREDS**2


def test_what_is_alike_and_not_the_only_one_is_left_open():
    held = [Article("n1", 1, 1, "帽", None, None, "红"), Article("n2", 2, 1, "帽", None, None, "黑")]
    told = [Article(NUMBERS[0], 1, 1, "帽", None, None, "白"), Article(NUMBERS[1], 2, 1, "帽", None, None, "蓝")]
    assert pair(held, told) == {}
    assert pair(held, [replace(told[0], attributes="红"), told[1]]) == {0: 0, 1: 1}


def test_other_units_or_another_price_are_another_line_unless_the_key_is_the_same():
    held = [Article("n1", 1, 1, "帽", "HAT", None, "红", 100)]
    for more in ({"units": 2}, {"price_minor": 90}):
        assert pair(held, [replace(held[0], key=NUMBERS[0], **more)]) == {}
        assert pair(held, [replace(held[0], **more)]) == {0: 0}
    assert pair(held, [replace(held[0], key=NUMBERS[0], price_minor=None)]) == {0: 0}


@pytest.mark.parametrize(("key", "rank"), [("n1", 0), ("n", 1), ("1", 1), ("410", 1), (NUMBERS[0], 2), ("list", 1)])
def test_a_key_is_a_place_or_somebodys_own_or_the_platforms(key, rank):
    assert key_rank(key) == rank


def test_a_place_gives_way_to_a_key_for_good_and_to_nothing_else():
    assert better_key("n1", NUMBERS[0]) == NUMBERS[0]
    assert better_key("n1", "n2") == "n1"
    assert better_key(NUMBERS[0], "n1") == NUMBERS[0]
    assert better_key("1", NUMBERS[0]) == "1"
    assert free_key("n1", {"n1", "n2", "a"}) == "n4"
    assert not may_be_same(Article("a", 1, 1), Article("b", 1, 1))
