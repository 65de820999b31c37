"""One order after the other: what a feed would have told, as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from benchmarks.world import words
from benchmarks.world.people import Buyer
from benchmarks.world.tables import Rows
from shopdesk.core.phones import tail4
from shopdesk.core.text import fold, grams
from shopdesk.orders.states import number_tail

MEMO_SHARE = 0.05
SPACING = timedelta(minutes=3)  # between two orders
#: (share of the orders counted from the newest, stage, platform status)
STAGES = (
    (0.05, "unprinted", "paid"),
    (0.06, "printed", "paid"),
    (0.07, "packed", "paid"),
    (0.15, "shipped", "shipped"),
    (1.0, "delivered", "done"),
)


@dataclass(frozen=True, slots=True)
class Shop:
    """A store as far as its rows need it."""

    id: int
    warehouse_id: int
    weight: float


@dataclass(frozen=True, slots=True)
class Made:
    """What the samples and the changes on top need to know of an order."""

    id: int
    store_id: int
    number: str
    parcel_id: int
    first_line_id: int
    buyer: Buyer
    sku: str
    waybill: str | None
    stage: str
    placed_at: datetime


def make_order(
    rows: Rows, place: int, count: int, shop: Shop, buyer: Buyer, customer_id: int, rng: Random, now: datetime
) -> Made:
    """Order number `place` of `count`, oldest first."""
    placed_at = now - SPACING * (count - place)
    stage, status = next((s, t) for share, s, t in STAGES if count - place < share * count or share == 1.0)
    lines = _drawn_lines(rng)
    shipping = rng.choice((0, 0, 0, 600, 1000))
    goods = sum(units * price for _, units, price in lines)
    number = f"{41}{place * 7_919_017 % 10**9:09d}{place:08d}"
    has_memo = rng.random() < MEMO_SHARE
    province, city, district = buyer.region
    order_id = rows.add(
        "orders", store_id=shop.id, number=number, customer_id=customer_id, status=status, goods_minor=goods,
        shipping_minor=shipping, total_minor=goods + shipping, paid_minor=goods + shipping, placed_at=placed_at,
        paid_at=placed_at, buyer_nick=buyer.nick, recipient_name=buyer.name, phone=buyer.phone, province=province,
        city=city, district=district, street_address=buyer.street, as_of=now, lines_as_of=now, source="bench",
        created_at=placed_at, version=1, flag="red" if has_memo else "none",
    )  # fmt: skip
    parcel_id = _parcel(rows, shop, buyer, stage, placed_at, now)
    first_line_id = _lines(rows, shop, order_id, parcel_id, lines, is_gone=stage in ("shipped", "delivered"))
    waybill = None if stage == "unprinted" else _waybill(rows, shop, parcel_id, place, rng, placed_at)
    if has_memo:
        on = placed_at.date()
        rows.add(
            "memo", store_id=shop.id, order_id=order_id, text=f"请放驿站，勿放门口 {on:%m/%d} 小满", flag="red",
            written_on=on, signed="小满", made_at=placed_at,
        )  # fmt: skip
    skus = sorted({sku for sku, _, _ in lines})
    _keys(rows, shop, order_id, number, buyer, waybill, skus)
    return Made(order_id, shop.id, number, parcel_id, first_line_id, buyer, skus[0], waybill, stage, placed_at)


def _drawn_lines(rng: Random) -> list[tuple[str, int, int]]:
    """(SKU, units, unit price in minor units), one to four."""
    found = []
    for _ in range(rng.choice((1, 1, 2, 2, 3, 4))):
        goods, colour = rng.randrange(len(words.GOODS)), rng.randrange(len(words.COLOURS))
        found.append(
            (f"SKU-{goods:02d}-{colour}-{rng.choice(words.SIZES)}", rng.choice((1, 1, 1, 2)), 990 + goods * 1000)
        )
    return found


def _lines(
    rows: Rows, shop: Shop, order_id: int, parcel_id: int, lines: list[tuple[str, int, int]], *, is_gone: bool
) -> int:
    first = rows.last["order_line"] + 1
    for position, (sku, units, price) in enumerate(lines, start=1):
        goods, colour = words.GOODS[int(sku[4:6])], words.COLOURS[int(sku[7])]
        line_id = rows.add(
            "order_line", store_id=shop.id, order_id=order_id, line_key=f"n{position}", position=position, sku=sku,
            title=f"{goods} 秋冬新款", attributes=f"颜色分类:{colour};尺码:{sku[9:]}", quantity=units,
            told_quantity=units, unit_price_minor=price, share_minor=price * units, in_parcels=units,
            shipped=units if is_gone else 0,
        )  # fmt: skip
        rows.add(
            "parcel_line", store_id=shop.id, parcel_id=parcel_id, order_id=order_id, line_id=line_id, quantity=units
        )
    return first


def _parcel(rows: Rows, shop: Shop, buyer: Buyer, stage: str, placed_at: datetime, now: datetime) -> int:
    moved_at = None if stage == "unprinted" else placed_at + timedelta(minutes=2)
    parcel_id = rows.add(
        "parcel", store_id=shop.id, warehouse_id=shop.warehouse_id, stage=stage, stage_at=moved_at, stage_source="api",
        stage_origin="bench", stage_as_of=now, ship_name=buyer.name, ship_phone=buyer.phone,
        ship_region=" ".join(buyer.region), ship_address=buyer.street, made_at=placed_at,
    )  # fmt: skip
    if moved_at:
        rows.add(
            "stage_fact", store_id=shop.id, parcel_id=parcel_id, stage=stage, happened_at=moved_at, as_of=now,
            known_at=now, source="api", origin="bench", effect="moved",
        )  # fmt: skip
    return parcel_id


def _waybill(rows: Rows, shop: Shop, parcel_id: int, place: int, rng: Random, at: datetime) -> str:
    carrier, letters = rng.choice(words.COURIERS)
    number = f"{letters}{place * 104_729 % 10**4:04d}{place:09d}"
    rows.add("waybill", store_id=shop.id, parcel_id=parcel_id, number=number, carrier=carrier, known_at=at)
    return number


def _keys(
    rows: Rows, shop: Shop, order_id: int, number: str, buyer: Buyer, waybill: str | None, skus: list[str]
) -> None:
    keys = [("number", number), ("buyer", buyer.nick), ("phone", buyer.phone), ("phone_tail", tail4(buyer.phone))]
    keys += [("sku", sku) for sku in skus] + ([("waybill", waybill)] if waybill else [])
    for kind, value in keys:
        rows.add_plain("search_key", (shop.id, fold(str(value)), kind, order_id))
    for gram in _grams(buyer.name) | _grams(buyer.nick) | {str(number_tail(number))}:
        rows.add_plain("search_gram", (shop.id, gram, order_id))


@lru_cache(maxsize=100_000)
def _grams(text: str) -> frozenset[str]:
    return frozenset(grams(text))
