"""The platform's address line to its parts, when it is written in the platform's usual form."""

import re
from dataclasses import dataclass

MUNICIPALITIES = frozenset({"北京", "天津", "上海", "重庆"})
# fmt: off
PROVINCES = frozenset({
    "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西",
    "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州", "云南", "陕西",
    "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
})
# fmt: on
FULL_NAME = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市)$")
DISTRICT = re.compile(r"[区县市旗岛盟]$")
ZIP = re.compile(r"[(（](\d{6})[)）]$", re.ASCII)
NO_ZIP = "000000"


@dataclass(frozen=True, slots=True)
class AddressParts:
    """Parts of an address; all None but `zip` when the line is not in the usual form."""

    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    zip: str | None = None


def split_address(text: str) -> AddressParts:
    """Split "province city district detail(zip)". Without a known province in front nothing is guessed.

    Cities without districts leave `district` empty; the words are never changed, only cut apart.
    """
    found = ZIP.search(text.rstrip())
    code = found[1] if found and found[1] != NO_ZIP else None
    words = (text[: found.start()] if found else text).split()
    short = FULL_NAME.sub("", words[0]) if words else ""
    if len(words) < 3 or short not in PROVINCES | MUNICIPALITIES:
        return AddressParts(zip=code)
    province, city, *rest = words
    if short in MUNICIPALITIES and DISTRICT.search(city) and city[:-1] != short and not DISTRICT.search(rest[0]):
        city, rest = province, [city, *rest]
    if len(rest) > 1 and DISTRICT.search(rest[0]):
        return AddressParts(province, city, rest[0], " ".join(rest[1:]), code)
    return AddressParts(province, city, None, " ".join(rest), code)
