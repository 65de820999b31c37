"""Who of the words in a pasted address is the recipient: a guess with a score."""

import re
from typing import NamedTuple

from shopdesk.core.addresses.marks import EDGES, GONE, Found, carry_on, gone

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季"
    "裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦"
    "戚岑景党宫费卜冷晏席卫米柏宗"
)
_COMPOUND_SURNAMES = re.compile("欧阳|司马|上官|诸葛|夏侯|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|端木|南宫|独孤|西门")
_PLACE_CHARS = frozenset("省市区县镇乡村路街道巷弄号楼栋幢室层座元苑园城店厦府寓庄桥湾里站柜场院校厂司部组队旗盟州屯")
_CHINESE = re.compile(r"[\u3400-\u9fff]{1,15}(?:[·•][\u3400-\u9fff]{1,15})*\Z")
_MASKED = re.compile(r"[\u3400-\u9fffA-Za-z]?\*{1,4}[\u3400-\u9fffA-Za-z]?\Z")
_LATIN = re.compile(r"[A-Za-z][A-Za-z.'\-]*(?: [A-Za-z][A-Za-z.'\-]*){0,3}\Z")
_RECEIVES = re.compile(r"(?<=.)\s*(?:\(收\)|收)\Z")
_SEGMENT = re.compile(r"[^,;|\n\t\0]+")
_WORD = re.compile(r"\S+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_TAKEN_FROM = 3
_SURE_FROM = 5


class Candidate(NamedTuple):
    """A word that may be the recipient's name: where it stands, the name without 收, how likely (see _TAKEN_FROM)."""

    start: int
    end: int
    name: str
    score: int


def _candidate(word: str, start: int, *, is_first: bool, is_by_phone: bool, is_before_region: bool) -> Candidate | None:
    """Score one word as a name, or None where it cannot be one."""
    name = _RECEIVES.sub("", word)
    score = _score_of_form(name)
    if score is None:
        return None
    score += (1 if is_first else 0) + (2 if is_by_phone else 0) + (2 if is_before_region else 0)
    return Candidate(start, start + len(word), name, score)


def _score_of_form(name: str) -> int | None:
    if _MASKED.match(name):
        return 3
    if _LATIN.match(name) and len(name) <= 40:
        return 0
    if not _CHINESE.match(name) or len(name) < 2:
        return None
    score = 0
    if _COMPOUND_SURNAMES.match(name) or (name[0] in _SURNAMES and len(name) <= 4):
        score += 3
    if "·" not in name and len(name) > 4:
        score -= 1
    if _PLACE_CHARS.intersection(name[1:]):
        score -= 4
    return score


def take_name(text: str, labelled_at: int, phone: Found, region_at: int) -> tuple[str, Found]:
    """Blank the recipient's name; `region_at` is where the region begins (0: there is none before which to stand)."""
    if labelled_at >= 0:
        found = _labelled_name(text, labelled_at)
        if found:
            return gone(text, found.start, found.end), found
    choice = max(_candidates(text, phone, region_at), key=lambda one: (one.score, -one.start), default=None)
    if not choice or choice.score < _TAKEN_FROM:
        return text, Found()
    unsure = () if choice.score >= _SURE_FROM else ("name",)
    return gone(text, choice.start, choice.end), Found(choice.name, choice.start, choice.end, unsure)


def _labelled_name(text: str, start: int) -> Found | None:
    start = carry_on(text, start)
    segment = _SEGMENT.match(text, start)
    if not segment:
        return None
    words = _WORD.match(text, start, segment.end()) if _HAN.search(segment[0]) else segment
    if not words or not words[0].strip():
        return None
    name = words[0].rstrip()
    unsure = ("name",) if len(name) > 15 or any(char.isdigit() for char in name) else ()
    return Found(name, start, start + len(name), unsure)


def _candidates(text: str, phone: Found, region_at: int) -> list[Candidate]:
    found = []
    is_first = True
    for start, word in _words(text):
        one = _candidate(
            word,
            start,
            is_first=is_first,
            is_by_phone=phone.start >= 0 and _is_beside(text, start, start + len(word), phone),
            is_before_region=start < region_at,
        )
        is_first = False
        if one:
            found.append(one)
    return found


def _words(text: str) -> list[tuple[int, str]]:
    """Return the words with their places; a segment without Chinese (Alex Sample) is one word."""
    found = []
    for segment in _SEGMENT.finditer(text):
        if _HAN.search(segment[0]):
            found += [(segment.start() + word.start(), word[0]) for word in _WORD.finditer(segment[0])]
        elif segment[0].strip():
            found.append((segment.start() + len(segment[0]) - len(segment[0].lstrip()), segment[0].strip()))
    return found


def _is_beside(text: str, start: int, end: int, phone: Found) -> bool:
    between = text[end : phone.start] if end <= phone.start else text[phone.end : start]
    return len(between) <= 40 and not between.strip(EDGES + "\n\t" + GONE)
