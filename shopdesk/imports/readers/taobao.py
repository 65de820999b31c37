"""Rows of Taobao and Tmall exports to records: what their words mean for an order and its lines."""

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from shopdesk.imports.readers.address import AddressParts, split_address
from shopdesk.imports.readers.cells import is_perhaps_rounded
from shopdesk.imports.readers.profiles import Profile, normal
from shopdesk.imports.readers.records import LineKind, LineRecord, SaleRecord, SaleStatus
from shopdesk.imports.readers.rows import RowReading

PASSED_ON = frozenset(field.name for field in fields(SaleRecord)) - {"platform_status", "address_text", "waybills"}
GIFT_TITLE = re.compile(r"^\W*赠品|[【\[(（]\s*赠品\s*[】\])）]")
FEE_TITLE = re.compile(r"补差价|补邮费|补运费|补拍|(?:差价|邮费|运费)(?:专拍|链接|补)|^\W*(?:差价|邮费|运费)\W*$")


def sale_of(reading: RowReading, profile: Profile, *, currency: str) -> SaleRecord:
    """The order in one row of an order list; what is odd but not wrong is noted as a warning."""
    values = reading.values
    _warn_of_number(reading)
    address = values.get("changed_address") or values.get("address_text")
    if values.get("changed_address"):
        reading.add("warning", "address_changed_on_platform", "address_text")
    if values.get("changed_sku"):
        reading.add("warning", "sku_changed_on_platform", "changed_sku")
    parts = split_address(address) if address else AddressParts()
    _warn_of_sums(reading)
    return SaleRecord(
        **{name: value for name, value in values.items() if name in PASSED_ON},
        currency=currency,
        platform_status=values.get("platform_status"),
        status=status_of(reading, profile),
        province=parts.province,
        city=parts.city,
        district=parts.district,
        street=parts.street,
        zip=parts.zip,
        address_text=address,
        waybills=waybills_of(values),
        rows=((reading.file, reading.row_no),),
    )


def line_of(reading: RowReading, profile: Profile) -> LineRecord:
    """The line in one row of an order detail file; without a sub-order number its key is still empty."""
    values = reading.values
    _warn_of_number(reading)
    state = values.get("refund_state")
    attributes = values.get("attributes")
    return LineRecord(
        key=values.get("key", ""),
        title=values["title"],
        quantity=values["quantity"],
        sku=values.get("sku"),
        item_code=values.get("item_code"),
        attributes=attributes,
        pairs=attribute_pairs(attributes),
        unit_price_minor=values.get("unit_price_minor"),
        paid_share_minor=values.get("paid_share_minor"),
        refund_state=state,
        refunding=state is not None and normal(state) not in profile.no_refund,
        kind=line_kind(values["title"]),
    )


def attribute_pairs(text: str | None) -> tuple[tuple[str, str], ...]:
    """The pairs in "颜色分类：黑色；尺码：均码"; words without a colon are in the text as given only."""
    cut = [re.split("[:：]", part, maxsplit=1) for part in re.split("[;；]", text or "")]
    return tuple((pair[0].strip(), pair[1].strip()) for pair in cut if len(pair) == 2 and pair[0].strip())


def line_kind(title: str) -> LineKind:
    """Goods, unless the title plainly says gift or an amount to make up; a price of nought says neither."""
    if GIFT_TITLE.search(title):
        return "gift"
    return "fee" if FEE_TITLE.search(title) else "goods"


def status_of(reading: RowReading, profile: Profile) -> SaleStatus | None:
    """What the platform's status means; unknown words are kept as given, mean None and are reported."""
    given = reading.values.get("platform_status")
    if given is None:
        return None
    status = profile.statuses.get(normal(given))
    if status is None:
        value = given if len(given) <= 40 and not re.search(r"\d{5}", given) else None
        reading.add("warning", "status_unknown", "platform_status", value)
    return status


def _warn_of_number(reading: RowReading) -> None:
    number = reading.values["number"]
    if is_perhaps_rounded(number):
        reading.add("warning", "id_perhaps_rounded", "number", number)


def _warn_of_sums(reading: RowReading) -> None:
    names = ("goods_minor", "shipping_minor", "total_minor")
    facts = {name: reading.values[name] for name in names if name in reading.values}
    if len(facts) == 3 and facts["goods_minor"] + facts["shipping_minor"] != facts["total_minor"]:
        reading.add("warning", "amounts_do_not_add_up", "total_minor", facts=facts)


def waybills_of(values: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """Each number with its courier: one name for all, or one each where the cell lists as many names as numbers."""
    numbers = values.get("waybills", ())
    carrier = values.get("carrier")
    names = [name for name in re.split(r"[,，;；|/、\s]+", carrier or "") if name]
    if len(names) == len(numbers):
        return tuple(zip(numbers, names, strict=True))
    return tuple((number, carrier) for number in numbers)
