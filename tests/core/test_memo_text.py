from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shopdesk.core.memo_text import TEMPLATES, compose, condense, measure, render, render_body, shorten, slots_of

ON = date(2026, 3, 5)


@pytest.mark.parametrize(
    ("code", "lang", "slots", "line"),
    [
        (
            "T1",
            "zh",
            {"old": "红色×1", "new": "蓝色×1"},
            "客户拍下红色×1,要求修改成蓝色×1,已修改妥当---2026.03.05 小云",
        ),
        ("T2", "zh_Hans_CN", {"new": "浙江省****"}, "客户要求修改地址,新地址为:浙江省****---2026.03.05 小云"),
        (
            "T3",
            "zh",
            {"old": "红色", "new": "蓝色"},
            "客户要求红色修改成蓝色,已在发货单与快递单上修改妥当---2026.03.05 小云",
        ),
        ("T4", "zh", {"text": "发顺丰"}, "客户要求发顺丰---2026.03.05 小云"),
        ("withdraw", "zh", {"text": "改地址"}, "撤回: 改地址---2026.03.05 小云"),
        (
            "T1",
            "en",
            {"old": "red", "new": "blue"},
            "Customer ordered red, asked to change it to blue, changed---2026.03.05 小云",
        ),
        ("T2", "en", {"new": "X"}, "Customer asked to change the address, new address: X---2026.03.05 小云"),
        (
            "T3",
            "en",
            {"old": "a", "new": "b"},
            "Customer asked to change a to b, changed on the delivery note and the waybill---2026.03.05 小云",
        ),
        ("T4", "en", {"text": "a card"}, "Customer asks: a card---2026.03.05 小云"),
        ("withdraw", "en", {"text": "address"}, "Withdrawn: address---2026.03.05 小云"),
        ("T4", "zh", {"text": "写{name}\n{old}"}, "客户要求写{name} {old}---2026.03.05 小云"),
    ],
)
def test_a_memo_reads_exactly(code, lang, slots, line):
    assert render(code, lang, ON, "小云", **slots) == line


def test_a_memo_with_a_missing_part_is_refused():
    for code, signed, slots in (
        ("T1", "小云", {"old": "a"}),
        ("T1", "小云", {"old": "a", "new": "b", "text": "c"}),
        ("T4", " ", {"text": "c"}),
        ("T9", "小云", {}),
    ):
        with pytest.raises(ValueError):
            render(code, "zh", ON, signed, **slots)


def test_both_languages_have_the_same_templates_and_slots():
    assert {code: slots_of(body) for code, body in TEMPLATES["zh"].items()} == {
        code: slots_of(body) for code, body in TEMPLATES["en"].items()
    }


def test_a_stores_own_template_reads_no_attributes():
    assert render_body("改:{new.__class__}{new}", ON, "小云", {"new": "a"}) == "改:{new.__class__}a---2026.03.05 小云"


def test_the_whole_memo_has_foreign_text_first_and_no_line_twice():
    assert compose(["一", "二", "一"], "老板: 优先\n二\n") == "老板: 优先\n二\n一"
    assert compose(["一"], None) == "一"
    assert compose([], "  ") == ""
    assert compose(["a\nb"]) == "a b"


@pytest.mark.parametrize(
    ("text", "platform", "used", "limit", "unit"),
    [
        ("客户a", "taobao", 7, 1000, "bytes"),
        ("客户a", "tmall", 7, 1000, "bytes"),
        ("é", "taobao", 2, 1000, "bytes"),
        ("ă", "taobao", 4, 1000, "bytes"),
        ("客户😀", "douyin", 4, 60, "characters"),
        ("客户", "pdd", 2, 500, "characters"),
        ("客户", "phone", 2, 500, "characters"),
        ("\ud800", "taobao", 1, 1000, "bytes"),
    ],
)
def test_a_text_is_measured_by_the_platforms_limit(text, platform, used, limit, unit):
    assert tuple(measure(text, platform)) == (used, limit, unit)


def test_shortening_shows_its_cut_and_keeps_the_ending():
    ending = "---2026.03.05 小云"
    assert shorten("客户要求发顺丰" + ending, "douyin") == "客户要求发顺丰" + ending
    short = shorten("客户要求" + "很" * 100 + ending, "douyin")
    assert short == "客户要求" + "很" * (60 - 4 - 1 - len(ending)) + "…" + ending
    two = shorten("一" * 50 + "\n客户要求发顺丰" + ending, "douyin")
    assert two == "一" * (60 - 1 - 1 - 7 - len(ending)) + "…\n客户要求发顺丰" + ending
    long_last = shorten("一\n" + "很" * 100 + ending, "douyin")
    assert long_last.startswith("…\n很")
    assert long_last.endswith("很…" + ending)


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(["douyin", "taobao", "pdd"]))
def test_a_shortened_memo_always_fits(first, second, platform):
    text = f"{first}\n客户要求{second * 5}---2026.03.05 小云"
    short = shorten(text, platform)
    assert measure(short, platform).fits
    assert short.endswith("---2026.03.05 小云")
    assert short == text or "…" in short


#: A line that stands twice is told once, where it stood first.
BODIES = st.lists(st.text(max_size=60), min_size=1, max_size=6, unique_by=lambda body: " ".join(body.split()))


@given(BODIES, st.text(max_size=80), st.sampled_from(["douyin", "taobao"]))
def test_a_condensed_whole_always_fits_and_keeps_the_newest_line_where_it_can(bodies, foreign, platform):
    lines = [f"{' '.join(body.split())}---2026.11.22 小满" for body in bodies]
    short = condense(lines, foreign, platform)
    assert measure(short, platform).fits
    if measure(compose(lines, foreign), platform).fits:
        assert short == compose(lines, foreign)
    elif len(lines) > 1 and not foreign.strip() and measure(f"…\n{lines[-1]}", platform).fits:
        assert short.endswith(lines[-1])


def test_older_lines_lose_their_words_before_newer_ones_and_every_cut_shows():
    lines = [f"{words}---2026.11.{day} 小满" for day, words in ((20, "一" * 30), (21, "二" * 30), (22, "发顺丰"))]
    assert condense(lines, None, "douyin") == "…\n发顺丰---2026.11.22 小满" or "二" * 12 in condense(
        lines, None, "douyin"
    )
    once = condense([lines[0], lines[2]], None, "douyin")
    assert once.splitlines() == ["一" * 12 + "…---2026.11.20 小满", lines[2]]
