"""The parts of a pasted address that show what they are: labels, phone, post code."""

import re
from typing import NamedTuple

# Found parts are overwritten with this, so that places stay places and what is left over is the street.
GONE = "\0"
NARROW = {0x3000: " ", 0xA0: " ", 0x3001: "、", **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}}
_NAME_LABELS = "收货人姓名|收件人姓名|收货人|收件人|联系人|姓名"
_PHONE_LABELS = "手机号码|联系手机|联系电话|联系方式|手机号|电话号码|手机|电话"
_PLACE_LABELS = "所在地区|所在省市|省市区|详细地址|收货地址|收件地址|新地址为|新地址|收货信息|收件信息|所在地|地区|地址"
_ZIP_LABELS = "邮政编码|邮编"
# A label ends with a colon, or stands alone as a word, or has a mobile number right behind it (电话13912345678).
_LABEL = re.compile(
    r"(?:(?P<alone>(?<![^\s,;|]))|)"
    rf"(?:(?P<name>{_NAME_LABELS})|(?P<phone>{_PHONE_LABELS})|(?P<place>{_PLACE_LABELS})|(?P<zip>{_ZIP_LABELS}))"
    r"(?:\s*:|(?(alone)(?=[\s,;|])|(?!))|(?(phone)(?=\s*(?:\+?86[ \-]?)?1[3-9][\d* \-]{9})|(?!)))"
)
_PHONES = (
    re.compile(
        r"(?<![\dA-Za-z*])(?:(?:\+|00)?86[ \-]?)?(1[3-9]\d[ \-]?\d{4}[ \-]?\d{4})(?:(?:-|转)(\d{1,6}))?(?![\d*])",
        re.ASCII,
    ),
    re.compile(r"(?<![\d*])(1[3-9]?\d?\*{2,10}\d{1,4})()(?![\d*])", re.ASCII),
    re.compile(r"(?<![\d\-])((?:\(0\d{2,3}\)|0\d{2,3})[ \-]?\d{7,8}(?:-\d{1,6})?)()(?!\d)", re.ASCII),
    re.compile(r"((?:\+|(?<![\dA-Za-z*\-])00)[1-9][\d ()\-]{6,18}\d)()(?!\d)", re.ASCII),
)
_ZIPS = (re.compile(r"\((\d{6})\)", re.ASCII), re.compile(r"(?<![^\s,;|\0])(\d{6})(?![^\s,;|\0])", re.ASCII))
# What people say around an address and no courier needs; only as words of their own, and never inside one (谢谢路).
_COURTESY = re.compile(
    r"(?<![^\s,;|、。!~.:\0])(?:"
    r"(?:十分|非常|太|多)?(?:感谢|谢谢|多谢|谢了)(?:了|啦|啊|哦|呀|哈|亲|你|您|您了|老板|店家|掌柜)*"
    r"|(?:麻烦|辛苦|拜托|劳驾)(?:了|啦|你|您|你们|您了|你了|店家|老板)*|你好|您好|亲"
    r"|(?:麻烦|请|帮我|帮忙|给我|把)*(?:你|您|你们|地址|收货地址|收件地址|我的|给|帮我|帮忙)*"
    r"(?:改成|改为|换成|改到|寄到|发到|改一下|改下)(?:这个|新的|以下|下面)*(?:地址)?"
    r"|thanks(?: a lot)?|thank you(?: (?:so|very) much)?|many thanks|thx|please|pls|hello|hi"
    r")(?=[\s,;|、。!~.:]|\Z|\0)[\s,;|、。!~.:]*",
    re.IGNORECASE,
)
_ENDS_COURTEOUS = re.compile(
    r"[\s,;|、。!~.]*(?:非常|多)?(?:感谢|谢谢|麻烦|辛苦|拜托)(?:了|啦|你|您|哦|啊)*[\s!~。.]*\Z"
)
EDGES = " ,;|:、。"
CARRIES_ON = re.compile(r"[\s,;|、]*")


class Found(NamedTuple):
    """A part: its text, where it stood (-1: nowhere), the fields a person must look at."""

    value: str = ""
    start: int = -1
    end: int = -1
    unsure: tuple[str, ...] = ()


def gone(text: str, start: int, end: int) -> str:
    return text[:start] + GONE * (end - start) + text[end:]


def tidy(text: str) -> str:
    pieces = (" ".join(piece.split()).strip(EDGES) for piece in text.split(GONE))
    return " ".join(piece for piece in pieces if piece and piece != "()")


def take_courtesy(text: str) -> str:
    """Blank words of courtesy at the beginning, at the end and between parts; the rest keeps its places."""
    ending = _ENDS_COURTEOUS.search(text)
    if ending and ending.start() > 0:
        text = gone(text, *ending.span())
    return _COURTESY.sub(lambda found: GONE * len(found[0]), text)


def take_labels(text: str) -> tuple[str, int]:
    """Blank the labels; return also where a labelled name begins (-1: nowhere)."""
    name_at = next((found.end() for found in _LABEL.finditer(text) if found["name"]), -1)
    return _LABEL.sub(lambda found: GONE * len(found[0]), text), name_at


def take_phone(text: str) -> tuple[str, Found]:
    for shape in _PHONES:
        found = shape.search(text)
        if not found:
            continue
        number, extension = found[1], found[2]
        if shape is _PHONES[0]:
            number = re.sub(r"[ \-]", "", number)
        is_open = "*" in number or any(other.search(text, found.end()) for other in _PHONES)
        value = f"{number}-{extension}" if extension else number
        return gone(text, *found.span()), Found(value, *found.span(), ("phone",) if is_open else ())
    return text, Found()


def take_zip(text: str) -> tuple[str, str]:
    for shape in _ZIPS:
        found = shape.search(text)
        if found:
            return gone(text, *found.span()), found[1]
    return text, ""


def carry_on(text: str, end: int) -> int:
    found = CARRIES_ON.match(text, end)
    return found.end() if found else end
