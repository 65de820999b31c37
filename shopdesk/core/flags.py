"""The colours of a memo's flag and what each platform calls them."""

import unicodedata
from enum import StrEnum


class Flag(StrEnum):
    """The desk's flag colours; no platform has all of them."""

    NONE = "none"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    CYAN = "cyan"
    BLUE = "blue"
    PURPLE = "purple"


_TAOBAO = {
    Flag.NONE: "0",
    Flag.RED: "1",
    Flag.YELLOW: "2",
    Flag.GREEN: "3",
    Flag.BLUE: "4",
    Flag.PURPLE: "5",
}
PLATFORM_CODES: dict[str, dict[Flag, str]] = {
    "taobao": _TAOBAO,
    "tmall": _TAOBAO,
    "jd": _TAOBAO,
    "pdd": {flag: code for flag, code in _TAOBAO.items() if flag is not Flag.NONE},
    "douyin": {
        Flag.NONE: "0",
        Flag.PURPLE: "1",
        Flag.CYAN: "2",
        Flag.GREEN: "3",
        Flag.ORANGE: "4",
        Flag.RED: "5",
    },
    "kuaishou": {
        Flag.NONE: "grey",
        Flag.RED: "red",
        Flag.YELLOW: "yellow",
        Flag.GREEN: "green",
        Flag.BLUE: "blue",
        Flag.PURPLE: "purple",
    },
}
"""Platform → flag → code; a platform that is missing here has no flags."""

_WORDS = {
    "红": Flag.RED,
    "橙": Flag.ORANGE,
    "黄": Flag.YELLOW,
    "绿": Flag.GREEN,
    "青": Flag.CYAN,
    "蓝": Flag.BLUE,
    "紫": Flag.PURPLE,
    "粉": Flag.PURPLE,
    "粉红": Flag.PURPLE,
    "灰": Flag.NONE,
    "无": Flag.NONE,
    "gray": Flag.NONE,
    "grey": Flag.NONE,
    "pink": Flag.PURPLE,
    **{flag.value: flag for flag in Flag},
}


def offered(platform: str) -> tuple[Flag, ...]:
    """The colours that a memo on the platform's orders may have: the platform's own; all where it has none."""
    return tuple(PLATFORM_CODES.get(platform, Flag))


def from_code(code: str | int | None, platform: str) -> Flag | None:
    """Return the flag of a platform's code or colour word (`红`, `红色`); no code is no flag, unknown is None.

    A colour that the platform does not have is unknown, however well it is named.
    """
    word = unicodedata.normalize("NFKC", "" if code is None else str(code)).strip().casefold()
    if word in ("", "-"):
        return Flag.NONE
    for flag, known in PLATFORM_CODES.get(platform, {}).items():
        if known == word:
            return flag
    named = _WORDS.get(word) or _WORDS.get(word.rstrip("旗").rstrip("色"))
    return named if named is Flag.NONE or named in offered(platform) else None
