import pytest

from shopdesk.core.flags import PLATFORM_CODES, Flag, from_code


@pytest.mark.parametrize("platform", sorted(PLATFORM_CODES))
def test_every_code_reads_back(platform):
    for flag, code in PLATFORM_CODES[platform].items():
        assert from_code(code, platform) is flag


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
