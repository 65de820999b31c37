"""The whole world: staff by the product's own commands, orders in bulk."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import func, select

from benchmarks.world.changes import make_change
from benchmarks.world.orders import Made, Shop, make_order
from benchmarks.world.people import buyers
from benchmarks.world.tables import Rows
from benchmarks.world.trail import Trail
from benchmarks.world.writing import Writer
from shopdesk.core import audit, clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.text import fold
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.staff import service as staff

STORES = (("wool-and-tea", "taobao", 0.6), ("wool-and-tea-jd", "jd", 0.3), ("by-phone", "phone", 0.1))
BUYERS_PER_ORDER = 0.6
CHANGE_SHARE = 0.01  # of all orders; they fall on unprinted ones
CHUNK = 5_000  # orders written at once


@dataclass(slots=True)
class World:
    """What was made, as far as measuring needs it."""

    orders: int
    token: str = ""
    samples: list[Made] = field(default_factory=list)  # evenly over all orders
    changeable: list[Made] = field(default_factory=list)  # unprinted, without a change
    rows: int = 0
    seconds: float = 0.0


def fill(app: Flask, orders: int, *, seed: int = 1, now: datetime | None = None) -> World:
    """Write `orders` orders into the app's migrated and empty database.  `now`: the moment ages count back from."""
    began = time.perf_counter()
    with app.app_context():
        world = World(orders)
        shops, asker = _staff(world)
        rows = _write(world, shops, asker, Random(seed), now or clock.now())
        world.rows = sum(rows.counts.values())
    world.seconds = time.perf_counter() - began
    return world


def _staff(world: World) -> tuple[list[Shop], int]:
    root = Actor.system(())
    shops = []
    for slug, platform, weight in STORES:
        store = staff.add_store(slug, platform=platform, currency="CNY", zone="Asia/Shanghai", actor=root)
        shops.append(Shop(store.id, store.warehouse_id, weight))
        _feeds(store)
    person = staff.add_person("bench", signature="小满", actor=root)
    for role in (Role.PRE_SALE, Role.PRINTING):
        staff.grant(person.id, role, store_id=None, actor=root)
    asker = person.id
    world.token = staff.create_token(asker, scopes=None, days=30, actor=root)
    return shops, asker


def _feeds(store: Any) -> None:
    from shopdesk.core.db import command

    @command
    def note() -> None:
        for kind in (FeedKind.ORDERS, FeedKind.STAGES):
            feeds.note(store, kind, "bench", as_of=clock.now())
        audit.record("feed.noted", "store", store.id, Actor.system([store.id]), store_id=store.id)

    note()


def _write(world: World, shops: list[Shop], asker: int, rng: Random, now: datetime) -> Rows:
    known = buyers(max(1, int(world.orders * BUYERS_PER_ORDER)), rng)
    rows, trail = Rows(), Trail(audit.heads())
    rows.last["event"] = int(db.session.scalar(select(func.max(audit.Event.id))) or 0)
    db.session.rollback()
    customers: dict[tuple[int, int], int] = {}
    weights = [shop.weight for shop in shops]
    every, changes = max(1, world.orders // 1000), int(world.orders * CHANGE_SHARE)
    with Writer(db.engine) as writer:
        for place in range(1, world.orders + 1):
            shop, who = rng.choices(shops, weights)[0], rng.randrange(len(known))
            buyer = known[who]
            if (shop.id, who) not in customers:
                customers[shop.id, who] = rows.add(
                    "customer", store_id=shop.id, buyer_key=fold(buyer.nick), buyer_nick=buyer.nick, first_seen_at=now
                )
            made = make_order(rows, place, world.orders, shop, buyer, customers[shop.id, who], rng, now)
            trail.add(rows, shop.id, made.id, now - timedelta(minutes=1))
            if made.stage == "unprinted":
                if changes and place % 2:
                    make_change(rows, made, asker, now)
                    changes -= 1
                else:
                    world.changeable.append(made)
            if place % every == 0:
                world.samples.append(made)
            if place % CHUNK == 0:
                writer.write(rows.take())
        writer.write(rows.take())
        writer.finish(rows, trail)
    return rows
