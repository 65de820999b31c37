"""One pasted line with a recipient in it, taken apart. The parser proposes, the clerk confirms."""

import re
from typing import NamedTuple

from shopdesk.core.addresses import regions
from shopdesk.core.addresses.marks import NARROW, carry_on, gone, take_courtesy, take_labels, take_phone, take_zip, tidy
from shopdesk.core.addresses.people import take_name
from shopdesk.core.addresses.shape import ParsedAddress
from shopdesk.core.text import strip_controls

_UNKNOWN_CITY = re.compile(r"[^\W\d_a-zA-Z路街道村镇乡号弄巷区县市]{2,6}?(?:市|自治州|地区|盟)(?!场)")
_LONGEST = 4000


class _Place(NamedTuple):
    region: regions.Region
    start: int
    unsure: tuple[str, ...]
    not_known: tuple[str, ...] = ()


def parse_address(line: str) -> ParsedAddress:
    """Take one pasted line apart, in any order, with or without labels; what has no place stays in `street`,
    words of courtesy go.

    Full-width signs become narrow ones. A missing name or phone is no fault (an address change keeps the old one).
    """
    text = strip_controls(line).translate(NARROW)
    if len(text) > _LONGEST:
        return ParsedAddress(street=tidy(text), unsure=("province", "city", "district", "street"))
    text, labelled = take_labels(take_courtesy(text))
    text, phone = take_phone(text)
    text, zip_code = take_zip(text)
    text, place = _take_region(text)
    text, name = take_name(text, labelled, phone, place.start)
    street = tidy(text)
    unsure = [*name.unsure, *phone.unsure, *place.unsure]
    if not street or not (place.region.city or place.region.province):
        unsure.append("street")
    return ParsedAddress(name.value, phone.value, *place.region, street, zip_code, tuple(dict.fromkeys(unsure)),
                         place.not_known)  # fmt: skip


def _take_region(text: str) -> tuple[str, _Place]:
    match = _best_match(text)
    if not match:
        return text, _Place(regions.Region(""), 0, ("province", "city", "district"))
    blanked = gone(text, match.start, match.end)
    for start, end in match.kept:
        blanked = blanked[:start] + text[start:end] + blanked[end:]
    again = regions.match_at(text, carry_on(text, match.end))
    end = match.end
    if again and again.regions == match.regions and again.levels == match.levels > 1 and not again.kept:
        blanked, end = gone(blanked, again.start, again.end), again.end
    region, unsure = _settle(match.regions)
    above = regions.province_before(text, match.start)
    if above and above.regions[0].province != region.province:
        # The province stands as it was written: a city of another one is for the customer to clear up.
        region = region._replace(province=above.regions[0].province)
        place = _Place(region, above.start, (*unsure, "province", "city"), (region.city or region.district,))
        return gone(blanked, above.start, above.end), place
    if match.kept:
        unsure = (*unsure, "district")
    return _take_unknown_levels(blanked, end, _Place(region, match.start, unsure))


def _best_match(text: str) -> regions.Match | None:
    """Return the match with the most levels; one inside a word (张伟浙江省…) needs two levels or a whole province."""
    best, best_rank = None, (0, False)
    for start in range(len(text)):
        match = regions.match_at(text, start)
        if not match:
            continue
        begins_word = start == 0 or not text[start - 1].isalnum()
        if not begins_word and match.levels < 2 and not _names_province(text, match):
            continue
        rank = (match.levels, begins_word)
        if rank > best_rank:
            best, best_rank = match, rank
    return best


def _names_province(text: str, match: regions.Match) -> bool:
    return text[match.start : match.end] == match.regions[0].province


def _settle(found: tuple[regions.Region, ...]) -> tuple[regions.Region, tuple[str, ...]]:
    """Choose one region: of several the municipality's, else what they share; the guessed levels are unsure."""
    region = found[0]
    unsure: tuple[str, ...] = ()
    if len(found) > 1:
        unsure = ("city",) if len({one.province for one in found}) == 1 else ("province", "city")
        municipal = [one for one in found if one.province == one.city]
        shared = regions.Region(region.province if unsure == ("city",) else "", "", region.district)
        region = municipal[0] if municipal else shared
    if region.province and not region.city and not regions.has_cities(region.province):
        return region, unsure
    if region.province and not region.city and regions.has_districts(region.province, region.province):
        region = region._replace(city=region.province)
    missing = [level for level, value in zip(region._fields, region, strict=True) if not value]
    if region.city and not regions.has_districts(region.province, region.city):
        missing.remove("district")
    return region, tuple(dict.fromkeys([*unsure, *missing]))


def _take_unknown_levels(text: str, end: int, place: _Place) -> tuple[str, _Place]:
    """Take a city or district after the match that the data does not know (renamed, new): always unsure."""
    region, start = place.region, carry_on(text, end)
    if region.province and not region.city:
        city = _UNKNOWN_CITY.match(text, start)
        if city:
            text, region = gone(text, *city.span()), region._replace(city=city[0])
            place = place._replace(region=region, unsure=(*place.unsure, "city", "district"), not_known=(city[0],))
            start = carry_on(text, city.end())
            known = regions.district_at(text, start, region.province)
            if known:
                text = gone(text, known.start, known.end)
                return text, place._replace(region=region._replace(district=known.regions[0].district))
    if region.city and not region.district and "district" in place.unsure:
        district = regions.UNKNOWN_DISTRICT.match(text, start)
        if district:
            text = gone(text, *district.span())
            named = (*place.not_known, district[0])
            return text, place._replace(region=region._replace(district=district[0]), not_known=named)
    return text, place
