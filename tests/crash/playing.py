"""Plays stories on a machine, kills it at random moments, and tells what it left behind."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import socket
import statistics
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from shopdesk.cases.models import Case
from shopdesk.changes.models import Change, Step, Wish
from shopdesk.core.audit import Event
from shopdesk.core.db import db, housekeeping, rows_changed
from shopdesk.core.idempotency import CommandKey
from shopdesk.core.outbox import OutboxItem
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.imports.models import ImportRun, RunState
from shopdesk.notices.models import Notice
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Hold, Recall, StageFact, Waybill
from tests import invariants, make
from tests.crash.machine import HOST, Machine
from tests.crash.stories import HANDS, STORIES, Ask, Cast, Telling
from tests.imports.readers import reader_exports as exports

ROLES = {
    "pre_sale": Role.PRE_SALE, "printing": Role.PRINTING, "warehouse": Role.WAREHOUSE,
    "after_sale": Role.AFTER_SALE, "shop": Role.INTEGRATION,
}  # fmt: skip
ANSWER_SECONDS = 20
#: What an order gathers in a story; how much of each is the shape of the story.
OF_ORDER = (Change, Wish, Amendment, Memo, Notice, Case, Event)
OF_PARCEL = (Hold, Recall, StageFact, Waybill)


IMPORTED = 120  # orders: a whole chunk and a part of one


class Cut(Exception):
    """The line broke before the whole answer came."""


@dataclass
class Told:
    """An answer that came: status and body."""

    status: int
    body: Any


@dataclass
class Report:
    """What the kills met."""

    kills: int = 0
    stories: int = 0
    acknowledged: int = 0
    replayed: int = 0
    cut_undone: int = 0  # no answer, and nothing done
    cut_done: int = 0  # no answer, but done: the second try got the first result
    between: int = 0  # killed after the answer
    problems: list[str] = field(default_factory=list)


class Player:
    """A team with tokens; plays on a machine that is running."""

    def __init__(self, app: Flask, machine: Machine, *, seed: int) -> None:
        self.app, self.machine, self.random = app, machine, random.Random(seed)
        store = make.store()
        self.store_id = store.id
        people = {who: make.person(role, signature=HANDS[who]) for who, role in ROLES.items()}
        self.people = {who: person.id for who, person in people.items()}
        self.tokens = {who: make.api_token(person) for who, person in people.items()}
        db.session.rollback()
        self.report = Report()
        self.keeps_keys, self.hears_nothing = True, False  # turned by the test's own control
        self.shapes: dict[Telling, Any] = {}
        self.times: dict[str, list[float]] = defaultdict(list)  # telling and step → seconds
        self.lengths: dict[Telling, int] = {}

    # -- asking --------------------------------------------------------------------------------------------------

    def ask(self, ask: Ask, key: str) -> Told:
        """Raises Cut."""
        try:
            return self._answer(self._send(ask, key))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Cut from error

    def _send(self, ask: Ask, key: str) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection(HOST, self.machine.port, timeout=ANSWER_SECONDS)
        head = {"Authorization": f"Bearer {self.tokens[ask.who]}", "Idempotency-Key": key}
        head["Content-Type"] = f"multipart/form-data; boundary={ask.edge}" if ask.edge else "application/json"
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or the body waits 40 ms for its head
        body = ask.body if isinstance(ask.body, bytes) else json.dumps(ask.body)
        connection.request(ask.method, f"/api/v1{ask.path}", body, head)
        return connection

    def _answer(self, connection: http.client.HTTPConnection) -> Told:
        try:
            answer = connection.getresponse()
            return Told(answer.status, json.loads(answer.read()))
        finally:
            connection.close()

    # -- stories -------------------------------------------------------------------------------------------------

    def rehearse(self) -> None:
        """Each story once, undisturbed: how many steps, how long each takes, what is left of it in the tables."""
        for number, telling in enumerate(STORIES):
            order = self._play(telling, f"{7_000_000_000_000 + number}", kill_at=None)
            self.shapes[telling] = self.shape(order)

    def perform(self, kills: int) -> Report:
        """`kills` stories, the machine killed once in each."""
        for number in range(kills):
            telling = STORIES[number % len(STORIES)]
            self.perform_one(telling, f"{8_000_000_000_000 + number}", self.random.randrange(self.lengths[telling]))
            self.report.stories += 1
        return self.report

    def perform_one(self, telling: Telling, number: str, kill_at: int) -> None:
        self._play(telling, number, kill_at=kill_at)
        wanted, found = self.shapes[telling], self.shape(number)
        if found != wanted:
            self._problem(f"{telling.__name__}, killed at {kill_at}: {_difference(wanted, found)}")

    def _play(self, telling: Telling, number: str, *, kill_at: int | None) -> str:
        story = telling(Cast(number, self.people["warehouse"], self.people["after_sale"]))
        place, answer, came = 0, None, []
        while True:
            try:
                ask = story.send(answer)
            except StopIteration:
                break
            key = f"{number}-{place}"
            step = f"{telling.__name__} {place}"
            if place == kill_at:
                told = self._ask_and_kill(ask, key, step)
            else:
                began = time.perf_counter()
                told = self.ask(ask, key)
                self.times[step].append(time.perf_counter() - began)
            if told.status >= 300:
                raise AssertionError(f"{step} ({ask.method} {ask.path}): {told.status} {told.body}")
            came.append((ask, key, told))
            answer, place = told.body, place + 1
        self.lengths[telling] = place
        self.report.acknowledged += place
        self._replay(came)
        return number

    def _replay(self, came: list[tuple[Ask, str, Told]]) -> None:
        """Whoever asks again with the same key gets the same answer: nothing acknowledged was forgotten."""
        for ask, key, told in came:
            if ask.method == "PUT":
                continue  # idempotent by itself
            again = self.ask(ask, key)
            self.report.replayed += 1
            if (again.status, again.body) != (told.status, told.body):
                self._problem(f"{ask.method} {ask.path} {key}: {told} became {again}")

    # -- kills ---------------------------------------------------------------------------------------------------

    def _ask_and_kill(self, ask: Ask, key: str, step: str) -> Told:
        """Ask, kill -9 meanwhile, look at the wreck, start again, ask again."""
        ways = (self._cut_unheard,) if self.hears_nothing else (*[self._cut_anywhere] * 2, self._cut_unheard)
        told = self.random.choice(ways)(ask, key, step)
        self.report.kills += 1
        self._check_wreck(step)
        if told is None:
            is_done = self._is_kept(key)
            self.report.cut_done += is_done
            self.report.cut_undone += not is_done
        self.machine.start()
        return told or self.ask(ask, key if self.keeps_keys else f"{key}-again")

    def _cut_anywhere(self, ask: Ask, key: str, step: str) -> Told | None:
        """Killed between the sending and a little after the usual answer."""
        usual = statistics.median(self.times[step]) if self.times[step] else 0.03
        killer = threading.Timer(self.random.uniform(0, usual * 1.2), self.machine.kill)
        killer.start()
        told = None
        try:
            told = self.ask(ask, key)
            self.report.between += 1
        except Cut:
            pass
        killer.join()
        return told

    def _cut_unheard(self, ask: Ask, key: str, step: str) -> None:
        """Killed when it was committed, and nobody heard the answer."""
        connection = self._send(ask, key)
        until = time.monotonic() + ANSWER_SECONDS
        while ask.method != "PUT" and not self._is_kept(key):
            if time.monotonic() > until:
                raise AssertionError(f"{step} was never done")
            time.sleep(0.001)
        self.machine.kill()
        connection.close()

    def _check_wreck(self, step: str) -> None:
        """As the crash left it, before anybody mends anything: every rule holds."""
        for broken in invariants.broken(self.store_id):
            self._problem(f"after the kill at {step}: {broken}")
        db.session.rollback()

    def _is_kept(self, key: str) -> bool:
        """Is there an answer under the key, or under the one of its first row?"""
        keys = (key, f"{hashlib.sha256(key.encode()).hexdigest()}#0")
        found = db.session.scalar(select(func.count(CommandKey.id)).where(CommandKey.key.in_(keys)))
        db.session.rollback()
        return bool(found)

    def import_cut_in_two(self) -> None:
        """A file of two chunks, the worker killed while it reads it: every order is there once in the end."""
        numbers = [f"{9_000_000_000_000_000_000 + n}" for n in range(IMPORTED)]
        run_id = self._upload(exports.order_list(*(exports.order(订单编号=f'="{n}"') for n in numbers)))
        self._wait_for(run_id, RunState.RUNNING, RunState.DONE)
        time.sleep(self.random.uniform(0, 0.3))
        self.machine.kill()
        self.report.kills += 1
        self._check_wreck("an import")
        self.machine.start()
        _end_leases()  # as the minute does in which nobody renews them
        run = self._wait_for(run_id, RunState.DONE, RunState.FAILED)
        counts = (str(run.state), run.created, run.refused, run.handled)
        if counts != ("done", IMPORTED, 0, IMPORTED):
            self._problem(f"the import that was cut ended as {counts}")
        there = [order for order in self._rows(Order) if order.number in set(numbers)]
        if len(there) != IMPORTED or any(len(parcels.parcels_of_order(o.id, self.store_id)) != 1 for o in there):
            self._problem(f"of {IMPORTED} orders in the file {len(there)} are there, or not in one parcel each")
        self._check_wreck("the second half of an import")

    def _upload(self, content: bytes) -> int:
        edge, name = "edge-of-a-part", "ExportOrderList202611011430.csv"
        part = f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        body = part.encode() + content + f"\r\n--{edge}--\r\n".encode()
        told = self._answer(self._send(Ask("shop", "POST", "/stores/my-shop/imports", body, edge), "import"))
        assert told.status == 202, told
        return int(told.body["id"])

    def _wait_for(self, run_id: int, *states: RunState) -> ImportRun:
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until:
            db.session.rollback()
            run = self._rows(ImportRun, ImportRun.id == run_id)[0]
            if run.state in states:
                return run
            time.sleep(0.01)
        raise AssertionError(f"the import stays {run.state}")

    # -- what is left --------------------------------------------------------------------------------------------

    def shape(self, number: str) -> dict[str, Any]:
        """How much of everything the order has, its events by name, and where everything stands."""
        db.session.rollback()
        order = orders.order_by_number(number, self.store_id)
        assert order is not None, f"{number} is gone"
        ids = [parcel.id for parcel in parcels.parcels_of_order(order.id, self.store_id)]
        found: dict[str, Any] = {m.__name__: self._count(m, m.order_id == order.id) for m in OF_ORDER if m is not Event}
        found |= {m.__name__: self._count(m, m.parcel_id.in_(ids)) for m in OF_PARCEL}
        events = db.session.scalars(select(Event.action).where(Event.order_id == order.id))
        found["events"] = Counter(events)
        found["stages"] = [str(p.stage) for p in parcels.parcels_of_order(order.id, self.store_id)]
        found["holds"] = [p.holds for p in parcels.parcels_of_order(order.id, self.store_id)]
        changes = self._rows(Change, Change.order_id == order.id)
        found["changes"] = [(str(c.kind), str(c.state), str(c.column)) for c in changes]
        steps = self._rows(Step, Step.change_id.in_([c.id for c in changes]))
        found["steps"] = [(s.code, str(s.state)) for s in steps]
        lines = self._rows(OrderLine, OrderLine.order_id == order.id)
        found["lines"] = [(n.quantity, n.cancelled, n.shipped, n.in_parcels, n.refunded_minor) for n in lines]
        found["notices"] = sorted(
            (str(n.kind), str(n.role), str(n.state)) for n in self._rows(Notice, Notice.order_id == order.id)
        )
        db.session.rollback()
        return found

    def _rows(self, model: Any, *where: Any) -> list[Any]:
        statement = in_store(select(model).where(*where), self.store_id, model).order_by(model.id)
        return list(db.session.scalars(statement))

    def _count(self, model: Any, *where: Any) -> int:
        return len(self._rows(model, *where))

    def _problem(self, text: str) -> None:
        self.report.problems.append(text)


def _difference(wanted: dict[str, Any], found: dict[str, Any]) -> str:
    return "; ".join(f"{k}: {v} became {found[k]}" for k, v in wanted.items() if found[k] != v)


@housekeeping
def _end_leases() -> None:
    rows_changed(update(OutboxItem).where(OutboxItem.done_at.is_(None)).values(lease_until=None))
