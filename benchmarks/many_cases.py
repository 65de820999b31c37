"""A hundred thousand open cases, written in bulk into the world of orders."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any

from flask import Flask
from sqlalchemy import insert, select, text

from benchmarks.world.filling import STORES
from shopdesk.cases.models import Case
from shopdesk.cases.states import CaseKind, CasePhase, CaseSource, DueSource, Goal, Reason, WaitingFor, role_of
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.orders.models import Order
from shopdesk.staff import service as staff

PEOPLE = 20  # of after-sale
CLOSED_SHARE = 0.2  # beside the open ones
CHUNK = 10_000
KINDS = tuple(CaseKind)
WEIGHTS = (3, 12, 4, 8, 6, 10, 25, 15, 3, 4, 4, 4, 2)


def add_people(app: Flask) -> tuple[list[int], str]:
    """Those who have the cases, and a token of the first, who has after-sale's and a supervisor's role."""
    root, made = Actor.system(()), []
    with app.app_context():
        for number in range(PEOPLE):
            person = staff.add_person(f"agent{number}", signature=f"客服{number}", actor=root)
            staff.grant(person.id, Role.AFTER_SALE, store_id=None, actor=root)
            made.append(person.id)
        staff.grant(made[0], Role.SUPERVISOR, store_id=None, actor=root)
        return made, staff.create_token(made[0], scopes=None, days=1, actor=root)


def fill_cases(app: Flask, count: int, people: list[int], *, seed: int = 1) -> None:
    """`count` open cases and a share of closed ones, spread over kinds, phases, owners, reasons, due times."""
    rng, now = Random(seed), clock.now()
    with app.app_context(), db.engine.begin() as connection:
        table = Case.__table__
        orders = connection.execute(select(Order.__table__.c.id, Order.__table__.c.store_id)).all()
        rows: list[dict[str, Any]] = []
        for number in range(1, count + int(count * CLOSED_SHARE) + 1):
            order_id, store_id = orders[rng.randrange(len(orders))]
            rows.append(_row(number, order_id, store_id, people, rng, now, is_closed=number > count))
            if len(rows) == CHUNK:
                connection.execute(insert(table), rows)
                rows = []
        if rows:
            connection.execute(insert(table), rows)
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":  # what its own housekeeping does on a desk that lives
            connection.execute(text("VACUUM ANALYZE cases"))


def _row(number: int, order_id: int, store_id: int, people: list[int], rng: Random, now: datetime, *,
         is_closed: bool) -> dict[str, Any]:  # fmt: skip
    kind = rng.choices(KINDS, WEIGHTS)[0]
    opened = now - timedelta(minutes=60 * 24 * 30 * (1 - number / 150_000)) - timedelta(minutes=rng.randrange(600))
    owner = rng.choice(people) if rng.random() < 0.7 else None
    due = opened + timedelta(hours=rng.randrange(24 * 60)) if rng.random() < 0.6 else None
    return {
        "store_id": store_id, "order_id": order_id, "number": f"C20261122-{number:06d}", "kind": kind,
        "goal": rng.choice(tuple(Goal)) if kind is CaseKind.INTERCEPT else None,
        "source": rng.choice(tuple(CaseSource)),
        "phase": CasePhase.CLOSED if is_closed else rng.choice(tuple(CasePhase)[:4]), "role": role_of(kind),
        "wish": "杯子到手就裂了，想换一个", "reason": rng.choice((None, *Reason)), "opened_at": opened,
        "waiting_for": rng.choice((None, None, *WaitingFor)), "due_at": due,
        "due_source": DueSource.STORE if due else None, "owner_id": owner, "accepted_at": opened if owner else None,
        "closed_at": now if is_closed else None, "version": 1,
    }  # fmt: skip


__all__ = ["STORES", "add_people", "fill_cases"]
