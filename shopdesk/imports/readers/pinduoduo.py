"""Rows of Pinduoduo's list of orders to records: each is a whole order (E86: there is no buyer in it)."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shopdesk.imports.readers.profiles import Profile, normal
from shopdesk.imports.readers.records import LineRecord, SaleRecord
from shopdesk.imports.readers.rows import RowReading, Setting
from shopdesk.imports.readers.taobao import line_kind, status_of, waybills_of

DAY_IN_NUMBER = re.compile(r"(\d{6})-\d+")
COPIED = (
    "number", "paid_at", "shipped_at", "goods_minor", "shipping_minor", "paid_minor", "received_minor",
    "recipient_name", "phone", "province", "city", "district", "buyer_message", "platform_memo", "carrier",
)  # fmt: skip


def order_of(reading: RowReading, profile: Profile, setting: Setting) -> SaleRecord:
    """The order in one row with its lines; what is odd but not wrong is noted as a warning."""
    values = reading.values
    lines = _lines(reading, profile)
    return SaleRecord(
        **{name: values.get(name) for name in COPIED},  # type: ignore[arg-type]
        currency=setting.currency,
        platform_status=values["platform_status"],
        status=status_of(reading, profile),
        placed_at=values.get("placed_at") or _day_of(values["number"], setting.zone),
        street=_street(values),
        waybills=waybills_of(values),
        hides_waybill=values.get("hides_waybill"),
        unit_count=sum(line.quantity for line in lines),
        lines=lines,
        lines_complete=True,
        refunding=lines[0].refunding,
        rows=((reading.file, reading.row_no),),
    )


def _lines(reading: RowReading, profile: Profile) -> tuple[LineRecord, ...]:
    values, row = reading.values, (reading.file, reading.row_no)
    state, goods = values.get("refund_state"), values.get("goods_minor")
    is_applied = state is not None and normal(state) not in profile.no_refund
    sold = LineRecord(
        key="n1",
        title=values["title"],
        quantity=values["quantity"],
        sku=values.get("sku"),
        item_code=values.get("item_code"),
        attributes=values.get("attributes"),
        unit_price_minor=None if goods is None or goods % values["quantity"] else goods // values["quantity"],
        refund_state=state,
        refunding=is_applied,
        kind=line_kind(values["title"]),
        row=row,
    )
    if not values.get("gift_title"):
        return (sold,)
    gift = LineRecord(
        key="n2", title=values["gift_title"], quantity=values.get("gift_quantity") or 1, kind="gift", row=row
    )
    return sold, gift


def _street(values: dict[str, Any]) -> str | None:
    """Town and street, as far as the shop may see them; masked ones stay as given."""
    return " ".join(part for part in (values.get("town"), values.get("street")) if part) or None


def _day_of(number: str, zone: str) -> datetime | None:
    """The day that an order number begins with; its cells of times may be blank."""
    found = DAY_IN_NUMBER.match(number)
    try:
        day = datetime.strptime(found[1], "%y%m%d") if found else None  # noqa: DTZ007 the zone is put on below
    except ValueError:
        return None
    return day.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if day else None
