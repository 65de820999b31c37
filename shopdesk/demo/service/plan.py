"""Which orders the demo shop has: how many of each stage and readiness, how old, by whom."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from shopdesk.demo.service.buyers import Buyer, make_buyers, masked, unknown
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels.states import Stage

YUHE, TEL = "yuhe", "tel"
BUYERS = 130
U, PAID = Stage.UNPRINTED, OrderStatus.PAID
R = Readiness


@dataclass(frozen=True, slots=True)
class Row:
    """So many orders of one kind; ages in hours."""

    store: str
    count: int
    stage: Stage
    status: OrderStatus = PAID
    readiness: Readiness = R.READY
    youngest: float = 0.3
    oldest: float = 20


ROWS = (
    Row(YUHE, 42, U),
    Row(YUHE, 6, U, OrderStatus.UNPAID, R.UNPAID, oldest=10),
    Row(YUHE, 4, U, readiness=R.AWAITING_REVIEW),
    Row(YUHE, 4, U, readiness=R.AWAITING_BALANCE, oldest=60),
    Row(YUHE, 4, U, readiness=R.PRE_SALE_UNTIL, oldest=90),
    Row(YUHE, 4, U, readiness=R.OUT_OF_STOCK, oldest=70),
    Row(YUHE, 4, Stage.SHIPPED, OrderStatus.SHIPPED, R.REFUNDING, youngest=40, oldest=110),
    Row(YUHE, 4, U, readiness=R.ADDRESS_PROBLEM),
    Row(YUHE, 4, U, readiness=R.HALTED, oldest=40),
    Row(YUHE, 4, U, OrderStatus.CLOSED, R.CLOSED, 30, 120),
    Row(YUHE, 26, Stage.PRINTED, youngest=3, oldest=26),
    Row(YUHE, 17, Stage.PACKED, youngest=5, oldest=30),
    Row(YUHE, 34, Stage.SHIPPED, OrderStatus.SHIPPED, youngest=26, oldest=110),
    Row(YUHE, 22, Stage.DELIVERED, OrderStatus.SHIPPED, youngest=100, oldest=260),
    Row(YUHE, 16, Stage.DELIVERED, OrderStatus.DONE, youngest=200, oldest=460),
    Row(YUHE, 12, Stage.VOIDED, OrderStatus.CLOSED, R.CLOSED, 20, 200),
    Row(TEL, 14, U, youngest=10, oldest=30),
    Row(TEL, 3, U, OrderStatus.UNPAID, R.UNPAID, 10, 20),
    Row(TEL, 7, Stage.PRINTED, youngest=14, oldest=40),
    Row(TEL, 5, Stage.PACKED, youngest=15, oldest=40),
    Row(TEL, 12, Stage.SHIPPED, youngest=30, oldest=120),
    Row(TEL, 14, Stage.DELIVERED, youngest=120, oldest=420),
    Row(TEL, 4, Stage.VOIDED, OrderStatus.CLOSED, R.CLOSED, 20, 200),
)


@dataclass(frozen=True, slots=True)
class Planned:
    """One order to be told to the desk."""

    row: Row
    age_hours: float
    buyer: Buyer
    is_incomplete: bool  # known from a list without details
    is_marked: bool  # in the house, and the platform calls it shipped


def plan(chance: random.Random) -> list[Planned]:
    """All ordinary orders, oldest first; the ones with a story of their own come after them."""
    buyers = make_buyers(chance, BUYERS)
    made = [_planned(chance, row, nth, buyers) for row in ROWS for nth in range(row.count)]
    return sorted(made, key=lambda planned: -planned.age_hours)


def _planned(chance: random.Random, row: Row, nth: int, buyers: list[Buyer]) -> Planned:
    # A third of the orders belongs to a tenth of the buyers: those have other orders to show.
    buyer = chance.choice(buyers[:13]) if chance.random() < 0.33 else chance.choice(buyers)
    if row.store == YUHE and nth % 11 == 5:
        buyer = masked(buyer)
    elif row.store == TEL or nth % 17 == 9:
        buyer = unknown(buyer)
    plain = row.store == YUHE and row.stage is U and row.readiness is R.READY
    in_house = row.store == YUHE and row.stage in {Stage.PRINTED, Stage.PACKED}
    return Planned(
        row=row, age_hours=chance.uniform(row.youngest, row.oldest), buyer=buyer,
        is_incomplete=plain and nth % 6 == 2, is_marked=in_house and nth % 12 == 7,
    )  # fmt: skip


def number(chance: random.Random, store: str, used: set[str]) -> str:
    """An order number as the store's platform writes them, not used yet."""
    return next(made for made in _numbers(chance, store) if made not in used)


def _numbers(chance: random.Random, store: str) -> Iterator[str]:
    while True:
        yield f"43{chance.randrange(10**17):017d}" if store == YUHE else f"DH{chance.randrange(10**8):08d}"
