import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopdesk.core.text import (
    bare,
    clean_listed,
    clean_pasted,
    fold,
    grams,
    is_id_like,
    query_grams,
    strip_controls,
    typed_name,
)

ORDER = "4100000000000000011"


@pytest.mark.parametrize(
    ("given_text", "folded"),
    [
        ("Ａｌｅｘ　Ｓａｍｐｌｅ", "alex sample"),
        ("  张\u200b伟 \n 先生 ", "张伟 先生"),
        ("STRASSE", fold("straße")),
        ("１３８", "138"),
        ("\u202a13812345678\u202c", "13812345678"),
        ("①号", "1号"),
        ("", ""),
    ],
)
def test_folding_makes_writings_of_one_thing_equal(given_text, folded):
    assert fold(given_text) == folded


@settings(deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_controls_go_and_joined_emoji_stay():
    assert strip_controls("a\x00b\u202e\ufeffc\r\nd\te\ud800") == "abc\nd\te"
    assert strip_controls("👩\u200d🔧") == "👩\u200d🔧"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        (ORDER, [ORDER]),
        (f"  {ORDER} \n", [ORDER]),
        ("４１０００００００００００００００１１", [ORDER]),
        (f'="{ORDER}"', [ORDER]),
        (f'"=""{ORDER}"""', [ORDER]),
        (f"'{ORDER}", [ORDER]),
        (f"订单编号:{ORDER}", [ORDER]),
        (f"订单号：{ORDER}", [ORDER]),
        (f"订单编号 {ORDER}", [ORDER]),
        (f"订单号{ORDER}", [ORDER]),
        ("运单号YT0000000000011", ["YT0000000000011"]),
        ("No:YT0000000000011", ["YT0000000000011"]),
        ("No.: YT0000000000011", ["YT0000000000011"]),
        ("Order #1001", ["#1001"]),
        ("Order no: 1001", ["1001"]),
        ("#1001", ["#1001"]),
        (f"\u202a{ORDER}\u202c\u200b", [ORDER]),
        (f"\ufeff{ORDER}\u00a0", [ORDER]),
        ("261104-000000000000001", ["261104-000000000000001"]),
        ("4100 0000 0000 0000 011", [ORDER]),
        ("139 1234 5678", ["13912345678"]),
        ("+86 139 1234 5678", ["+8613912345678"]),
        ("手机号:139 1234 5678", ["13912345678"]),
        ("手机13912345678", ["13912345678"]),
        ("尾号5678", ["5678"]),
        ("5678", ["5678"]),
        ("138****5678", ["138****5678"]),
        (f"{ORDER}\n4100000000000000028\r\n\r\n", [ORDER, "4100000000000000028"]),
        (f"{ORDER},4100000000000000028，{ORDER}", [ORDER, "4100000000000000028"]),
        (f"{ORDER}\t4100000000000000028", [ORDER, "4100000000000000028"]),
        (f"{ORDER} 4100000000000000028", [ORDER, "4100000000000000028"]),
        ("YT0000000000011;;ZT0000000000012", ["YT0000000000011", "ZT0000000000012"]),
        (f"亲,我的订单是{ORDER}请尽快", [ORDER]),
        (f"订单编号:{ORDER} 运单号:YT0000000000011", [ORDER]),
        (f"2026-11-01 09:12:33 张伟 {ORDER}", [ORDER]),
        ("张伟 13812345678", ["13812345678"]),
        ("张伟", ["张伟"]),
        ("姓名:张伟", ["张伟"]),
        ("Alex Sample", ["Alex Sample"]),
        ("小张2019", ["小张2019"]),
        ("示例买家_201912", ["示例买家_201912"]),
        ("手机壳 红色", ["手机壳 红色"]),
        ("CUP-SLEEVE", ["CUP-SLEEVE"]),
        ("CUP-SLEEVE,CUP-5000", ["CUP-SLEEVE", "CUP-5000"]),
        (f"张伟\n{ORDER}", ["张伟", ORDER]),
        ("2026-11-01", ["2026-11-01"]),
        ("d***@example.test", ["d***@example.test"]),
        ("zhang12345678@example.test", ["zhang12345678@example.test"]),
        ("No", ["No"]),
        ("", []),
        (" ,，\t\n…", []),
    ],
)
def test_a_paste_means(pasted, meant):
    assert clean_pasted(pasted) == meant


TWO = "4310240726897587417"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("92001\n92002，92003 92004", ["92001", "92002", "92003", "92004"]),
        (f"{ORDER}/{TWO}", [ORDER, TWO]),
        (f"{ORDER}／{TWO}、92001；92002", [ORDER, TWO, "92001", "92002"]),
        ("100456 100457", ["100456", "100457"]),
        ("1001 1002", ["1001", "1002"]),
        (f"{ORDER}, 93010 改颜色", [ORDER, "93010"]),
        ("4314 0442 0129 8460 439", ["4314044201298460439"]),
        ("4314 0442 0129 8460 439，93010", ["4314044201298460439", "93010"]),
        ("0571 8888 6666", ["057188886666"]),
        ("2026/11/01", ["2026/11/01"]),
    ],
)
def test_several_ids_on_a_line_are_several(pasted, meant):
    assert clean_pasted(pasted) == clean_listed(pasted) == meant


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        (f"{ORDER} 93010 改颜色", [ORDER, "93010"]),
        (f"订单编号:{ORDER} 运单号:YT0000000000011", [ORDER, "YT0000000000011"]),
        (f"先打{ORDER} 再打A1002 还有 8460 2026-11-01 09:12:33 ¥128.50 138****5678", [ORDER, "A1002", "8460"]),
        ("#1001 93010", ["#1001 93010"]),
        ("+86 139 1234 5678", ["+8613912345678"]),
        ("2026年 张伟", ["2026年 张伟"]),
    ],
)
def test_in_a_list_nothing_that_looks_like_a_number_is_lost(pasted, meant):
    assert clean_listed(pasted) == meant


@settings(deadline=None)
@given(
    st.lists(st.from_regex(r"[1-9][0-9]{4,19}", fullmatch=True), min_size=1, max_size=6, unique=True),
    st.sampled_from([",", "，", "、", ";", "；", "/", " ", "\t", "\n", ", ", "改颜色 "]),
)
def test_whatever_stands_between_them_every_number_of_a_list_is_read_or_stands_in_what_is_reported(numbers, between):
    listed = clean_listed(between.join(numbers))
    assert [number for number in numbers if not any(number in item for item in listed)] == []


@settings(deadline=None)
@given(st.text())
def test_cleaning_never_fails_and_gives_no_blank_and_no_repeat(text):
    found = clean_pasted(text)
    assert all(item.strip() == item and item for item in found)
    assert len(set(found)) == len(found)


def test_a_long_paste_is_cleaned_quickly():
    started = time.process_time()
    assert len(clean_pasted("\n".join(f"订单编号:{4100000000000000000 + i}" for i in range(5000)))) == 5000
    for hostile in (" " * 50_000, "1 " * 25_000, "a-" * 25_000, "订单" * 25_000, "=" * 50_000, "1-" * 25_000 + "*"):
        clean_pasted(hostile)
        clean_listed(hostile)
    assert time.process_time() - started < 3


def test_two_chinese_characters_are_enough_to_find_a_name():
    assert grams("张 伟明") == {"张", "伟", "明", "张伟", "伟明"}
    assert query_grams("张伟") == ["张伟"]
    assert query_grams("张") == ["张"]
    assert query_grams("Ａlex S.") == ["al", "le", "ex", "xs"]
    assert query_grams("…") == []


@settings(deadline=None)
@given(st.text(max_size=40), st.data())
def test_every_part_of_a_text_is_found_by_its_grams(text, data):
    letters = bare(text)
    start = data.draw(st.integers(0, len(letters)))
    part = letters[start : data.draw(st.integers(start, len(letters)))]
    if bare(part) == part:
        assert set(query_grams(part)) <= grams(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ORDER, True),
        ("YT0000000000011", True),
        ("1001", True),
        ("张伟", False),
        ("2026-11-01", False),
        ("CUP", False),
        ("138****5678", False),
        ("a b 1234", False),
        ("", False),
        ("1234\n", False),
    ],
)
def test_ids_are_told_from_words(text, expected):
    assert is_id_like(text) is expected


def test_a_batch_typed_with_an_input_method_on_is_the_same_batch():
    assert [typed_name(text) for text in ("Ｗ２３１", " W231\u200b ", "早班　２")] == ["W231", "W231", "早班 2"]
