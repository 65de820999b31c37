import pytest

from shopdesk.core.flags import PLATFORM_CODES, Flag, NearestCode, from_code, nearest_code


@pytest.mark.parametrize(
    ("flag", "platform", "nearest"),
    [
        (Flag.RED, "taobao", NearestCode("1", Flag.RED, exact=True)),
        (Flag.RED, "tmall", NearestCode("1", Flag.RED, exact=True)),
        (Flag.RED, "douyin", NearestCode("5", Flag.RED, exact=True)),
        (Flag.RED, "pdd", NearestCode("1", Flag.RED, exact=True)),
        (Flag.PURPLE, "douyin", NearestCode("1", Flag.PURPLE, exact=True)),
        (Flag.YELLOW, "douyin", NearestCode("4", Flag.ORANGE, exact=False)),
        (Flag.BLUE, "douyin", NearestCode("2", Flag.CYAN, exact=False)),
        (Flag.ORANGE, "jd", NearestCode("2", Flag.YELLOW, exact=False)),
        (Flag.CYAN, "taobao", NearestCode("3", Flag.GREEN, exact=False)),
        (Flag.NONE, "taobao", NearestCode("0", Flag.NONE, exact=True)),
        (Flag.NONE, "kuaishou", NearestCode("grey", Flag.NONE, exact=True)),
        (Flag.NONE, "pdd", NearestCode(None, Flag.NONE, exact=False)),
        (Flag.RED, "phone", NearestCode(None, Flag.NONE, exact=False)),
    ],
)
def test_a_platform_gets_its_code_or_the_nearest_colour(flag, platform, nearest):
    assert nearest_code(flag, platform) == nearest


@pytest.mark.parametrize("platform", sorted(PLATFORM_CODES))
def test_every_code_reads_back_and_no_other_colour_becomes_red(platform):
    for flag, code in PLATFORM_CODES[platform].items():
        assert from_code(code, platform) is flag
    assert [flag for flag in Flag if nearest_code(flag, platform).flag is Flag.RED] == [Flag.RED]
    assert all(nearest_code(flag, platform).code for flag in Flag if flag is not Flag.NONE)


@pytest.mark.parametrize(
    ("code", "platform", "flag"),
    [
        (5, "douyin", Flag.RED),
        (" 1 ", "taobao", Flag.RED),
        ("１", "jd", Flag.RED),
        ("红", "douyin", Flag.RED),
        ("红色", "pdd", Flag.RED),
        ("红旗", "jd", Flag.RED),
        ("灰色", "taobao", Flag.NONE),
        ("粉红", "taobao", Flag.PURPLE),
        ("GRAY", "jd", Flag.NONE),
        ("", "taobao", Flag.NONE),
        ("-", "douyin", Flag.NONE),
        (None, "pdd", Flag.NONE),
        ("9", "taobao", None),
        ("棕", "taobao", None),
        ("1", "phone", None),
    ],
)
def test_codes_and_words_are_read(code, platform, flag):
    assert from_code(code, platform) is flag
