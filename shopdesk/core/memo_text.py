"""The words of memos: the templates, the whole text for a platform's one memo field, and its limit."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple


class Limit(NamedTuple):
    """How much a platform's memo field takes; `unit` is `bytes` or `characters`."""

    most: int
    unit: str


class Measure(NamedTuple):
    """How much of a memo field a text uses, in `unit`."""

    used: int
    limit: int
    unit: str

    @property
    def fits(self) -> bool:
        return self.used <= self.limit


TAOBAO_LIMIT = Limit(1000, "bytes")
LIMITS: dict[str, Limit] = {"taobao": TAOBAO_LIMIT, "tmall": TAOBAO_LIMIT, "douyin": Limit(60, "characters")}
DEFAULT_LIMIT = Limit(500, "characters")

TEMPLATES: dict[str, dict[str, str]] = {
    "zh": {
        "T1": "客户拍下{old},要求修改成{new},已修改妥当",
        "T2": "客户要求修改地址,新地址为:{new}",
        "T3": "客户要求{old}修改成{new},已在发货单与快递单上修改妥当",
        "T4": "客户要求{text}",
        "withdraw": "撤回: {text}",
        "too_late": "未改成,包裹已发出: {text}",
    },
    "en": {
        "T1": "Customer ordered {old}, asked to change it to {new}, changed",
        "T2": "Customer asked to change the address, new address: {new}",
        "T3": "Customer asked to change {old} to {new}, changed on the delivery note and the waybill",
        "T4": "Customer asks: {text}",
        "withdraw": "Withdrawn: {text}",
        "too_late": "Not changed, the parcel has left: {text}",
    },
}
"""Language → code → text before the ending. T1 attribute or quantity, T2 address, T3 on papers, T4 special request."""

_SLOT = re.compile(r"\{(\w*)\}")
_SIGNED = re.compile(r"---\d{4}\.\d{2}\.\d{2} [^\n]*\Z")
_CUT = "…"
_GIST = 12  # characters of an older line that stay when the whole is condensed


def slots_of(body: str) -> set[str]:
    """Return the names in braces of a template's text."""
    return set(_SLOT.findall(body))


def render(code: str, lang: str, on: date, signed: str, **slots: str) -> str:
    """Return the memo line of template `code`, ending in `---YYYY.MM.DD name`; `on` is the date in the store's zone.

    Raises ValueError for an unknown code, an empty name, or slots that are not exactly those of the template.
    """
    body = TEMPLATES["zh" if lang.startswith("zh") else "en"].get(code)
    if body is None:
        raise ValueError(f"no memo template {code!r}")
    return render_body(body, on, signed, slots)


def render_body(body: str, on: date, signed: str, slots: Mapping[str, str]) -> str:
    """Fill a store's own template text like `render`. Values are put in as they are: braces in them mean nothing."""
    if slots_of(body) != set(slots):
        raise ValueError(f"the template needs {sorted(slots_of(body))}, got {sorted(slots)}")
    name = _one_line(signed)
    if not name:
        raise ValueError("a memo is signed with a name")
    return sign(_SLOT.sub(lambda slot: _one_line(slots[slot[1]]), body), on, name)


def sign(text: str, on: date, signed: str) -> str:
    """The line with its ending `---YYYY.MM.DD name`; `on` is the date in the store's zone."""
    return f"{_one_line(text)}---{on.year:04d}.{on.month:02d}.{on.day:02d} {_one_line(signed)}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def compose(lines: list[str], foreign: str | None = None) -> str:
    """Return the whole text for the platform's one memo field, no line twice.

    `foreign` is what others wrote there: it comes first, as it is. Then our `lines`, oldest first.
    """
    ours = [" ".join(part.strip() for part in line.splitlines()).strip() for line in lines]
    theirs = [line.strip() for line in (foreign or "").strip().splitlines()]
    return "\n".join(line for line in dict.fromkeys([*theirs, *ours]) if line)


def measure(text: str, platform: str) -> Measure:
    """Count a whole memo text against the platform's limit, rather too much than too little.

    Bytes: no source says of which encoding, so the larger of UTF-8 and GB18030. Characters: as UTF-16 counts them,
    an emoji as two.
    """
    most, unit = LIMITS.get(platform, DEFAULT_LIMIT)
    return Measure(_size(text, unit), most, unit)


def _size(text: str, unit: str) -> int:
    if unit == "bytes":
        # Half surrogates have no bytes; as "?" they count one.
        return max(len(text.encode(encoding, "replace")) for encoding in ("utf-8", "gb18030"))
    return len(text.encode("utf-16-le", "replace")) // 2


def shorten(text: str, platform: str) -> str:
    """Propose a text that fits: one cut, shown by `…`, and the ending `---date name` of the last line whole.

    Of several lines the last stays whole while it fits, and the cut is before it. A text that fits comes back as it is.
    """
    if measure(text, platform).fits:
        return text
    earlier, line_break, last = text.rpartition("\n")
    if line_break and measure(f"{_CUT}\n{last}", platform).fits:
        return _cut_to_fit(earlier, f"\n{last}", platform)
    signed = _SIGNED.search(last)
    ending = signed[0] if signed else ""
    if not measure(_CUT + ending, platform).fits:
        return _cut_to_fit(ending, "", platform)
    return _cut_to_fit(last[: len(last) - len(ending)], ending, platform, before=earlier)


def condense(lines: list[str], foreign: str | None, platform: str) -> str:
    """Propose a shorter whole text that fits; one that fits comes back as `compose` makes it.

    Of our lines, oldest first, each keeps its beginning and its ending `---date name`; then the oldest go, then what
    others wrote is cut.  Every cut shows `…`; the newest line stays whole while it fits.
    """
    short = list(lines)
    for place in range(len(lines)):
        if measure(compose(short, foreign), platform).fits:
            return compose(short, foreign)
        if place < len(lines) - 1:
            short[place] = _gist(lines[place])
    for gone in range(1, len(lines)):
        fewer = compose([_CUT, *short[gone:]], foreign)
        if measure(fewer, platform).fits:
            return fewer
    return shorten(compose(lines[-1:], foreign), platform)


def _gist(line: str) -> str:
    signed = _SIGNED.search(line)
    ending = signed[0] if signed else ""
    body = line[: len(line) - len(ending)]
    return line if len(body) <= _GIST else f"{_whole_characters(body[:_GIST], body[_GIST])}{_CUT}{ending}"


def _cut_to_fit(body: str, ending: str, platform: str, before: str = "") -> str:
    lead = f"{_CUT}\n" if before else ""
    if lead and not measure(lead + _CUT + ending, platform).fits:
        lead = ""
    low, high = 0, len(body)
    while low < high:
        middle = (low + high + 1) // 2
        if measure(f"{lead}{body[:middle]}{_CUT}{ending}", platform).fits:
            low = middle
        else:
            high = middle - 1
    return f"{lead}{_whole_characters(body[:low], body[low : low + 1])}{_CUT}{ending}"


def _whole_characters(kept: str, following: str) -> str:
    while (
        kept and following and (unicodedata.combining(following) or following in "\u200d\ufe0f" or kept[-1] == "\u200d")
    ):
        kept, following = kept[:-1], kept[-1]
    return kept
