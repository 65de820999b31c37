"""The bound: a bare Flask app that checks token and rights and reads the same rows by the driver, JSON out.

It has no ORM, no session, no schema, no log line.  What ShopDesk answers is held against it (docs/performance.md).
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
from collections.abc import Sequence
from typing import Any

import psycopg
from flask import Flask, Response, abort, jsonify, request
from psycopg.rows import dict_row

from shopdesk.core.text import fold, query_grams

TOKEN = """SELECT p.id, m.store_id, m.role, s.id AS store FROM api_token t JOIN person p ON p.id = t.person_id
JOIN membership m ON m.person_id = p.id JOIN store s ON (m.store_id = s.id OR m.store_id IS NULL)
WHERE t.secret_hash = ? AND t.revoked_at IS NULL AND p.disabled_at IS NULL AND s.disabled_at IS NULL"""
KEYS = """SELECT o.id, o.number, o.status, o.readiness, o.flag, o.buyer_nick, o.recipient_name, o.placed_at,
o.paid_minor, o.currency, s.name, s.platform, s.zone
FROM search_key k JOIN orders o ON o.id = k.order_id JOIN store s ON s.id = o.store_id
WHERE k.value = ? AND k.store_id IN ({stores}) ORDER BY k.order_id DESC LIMIT 51"""
GRAMS = KEYS.replace("search_key", "search_gram").replace("k.value", "k.gram")
PARCELS = """SELECT l.order_id, p.id, p.stage, p.stage_at, p.stage_source, p.stage_as_of, p.holds, b.name
FROM parcel_line l JOIN parcel p ON p.id = l.parcel_id LEFT JOIN batch b ON b.id = p.batch_id
WHERE l.order_id IN ({ids})"""
LINES = "SELECT order_id, position, title, quantity FROM order_line WHERE order_id IN ({ids}) ORDER BY position"
ORDER = """SELECT o.*, s.name, s.platform, s.zone FROM orders o JOIN store s ON s.id = o.store_id
WHERE o.id = ? AND o.store_id IN ({stores})"""
ORDER_LINES = "SELECT * FROM order_line WHERE order_id = ? ORDER BY position"
ORDER_PARCELS = """SELECT p.*, w.number AS waybill, w.carrier FROM parcel p LEFT JOIN waybill w ON w.parcel_id = p.id
WHERE p.id IN (SELECT parcel_id FROM parcel_line WHERE order_id = ?)"""
#: What else the page of an order shows; with these the bound reads every row that ShopDesk reads.
MORE = (
    "SELECT * FROM memo WHERE order_id = ? ORDER BY id",
    "SELECT * FROM amendment WHERE order_id = ? AND ended_at IS NULL",
    "SELECT * FROM change WHERE order_id = ? ORDER BY id",
    "SELECT * FROM event WHERE order_id = ? ORDER BY id DESC LIMIT 100",
    "SELECT f.* FROM stage_fact f WHERE f.parcel_id IN (SELECT parcel_id FROM parcel_line WHERE order_id = ?)",
    "SELECT n.id, n.number, n.status FROM orders n JOIN orders o ON o.customer_id = n.customer_id WHERE o.id = ? "
    "AND n.id <> o.id ORDER BY n.id DESC LIMIT 10",
)


class Driver:
    """One connection per thread; `?` marks on both engines."""

    def __init__(self, url: str) -> None:
        self.url = url.replace("+psycopg", "")
        self.local = threading.local()

    def rows(self, statement: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        if self.url.startswith("sqlite"):
            return [dict(row) for row in self._sqlite().execute(statement, values)]
        found: list[dict[str, Any]] = self._postgres().execute(statement.replace("?", "%s"), values).fetchall()
        return found

    def _sqlite(self) -> sqlite3.Connection:
        if not hasattr(self.local, "connection"):
            self.local.connection = sqlite3.connect(self.url.removeprefix("sqlite:///"))
            self.local.connection.row_factory = sqlite3.Row
        return self.local.connection

    def _postgres(self) -> Any:
        if not hasattr(self.local, "connection"):
            self.local.connection = psycopg.connect(self.url, row_factory=dict_row, autocommit=True)  # type: ignore[arg-type]
        return self.local.connection


def create_bound() -> Flask:
    """The app on the database that ShopDesk's own settings name."""
    app, driver = Flask("bound"), Driver(os.environ["SHOPDESK_DATABASE_URL"])

    @app.get("/nothing")
    def nothing() -> Response:
        return jsonify(ok=True)

    @app.get("/orders")
    def find() -> Response:
        stores = _stores(driver)
        term = request.args["q"]
        rows = driver.rows(KEYS.format(stores=_marks(stores)), [fold(term), *stores])
        if not rows and len(query_grams(term)) == 1:
            rows = driver.rows(GRAMS.format(stores=_marks(stores)), [query_grams(term)[0], *stores])
        ids = [row["id"] for row in rows]
        parcels = driver.rows(PARCELS.format(ids=_marks(ids)), ids) if ids else []
        lines = driver.rows(LINES.format(ids=_marks(ids)), ids) if ids else []
        return jsonify(items=rows, parcels=parcels, lines=lines)

    @app.get("/orders/<int:order_id>")
    def show(order_id: int) -> Response:
        return jsonify(_order(driver, order_id))

    @app.get("/orders/<int:order_id>/whole")
    def show_whole(order_id: int) -> Response:
        return jsonify(**_order(driver, order_id), more=[driver.rows(statement, [order_id]) for statement in MORE])

    return app


def _order(driver: Driver, order_id: int) -> dict[str, Any]:
    stores = _stores(driver)
    order = driver.rows(ORDER.format(stores=_marks(stores)), [order_id, *stores])
    lines, parcels = driver.rows(ORDER_LINES, [order_id]), driver.rows(ORDER_PARCELS, [order_id])
    return {"order": order, "lines": lines, "parcels": parcels}


def _stores(driver: Driver) -> list[int]:
    secret = request.headers.get("Authorization", "").removeprefix("Bearer ")
    rows = driver.rows(TOKEN, [hashlib.sha256(secret.encode()).hexdigest()])
    if not rows:
        abort(401)
    return sorted({row["store"] for row in rows})


def _marks(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))
