"""kill -9 of web, worker, place and database while refunds are under way; then the place's file against the books."""

from __future__ import annotations

import os
import queue
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.exc import SQLAlchemyError

from setup_steps.environment import shopdesk_command
from setup_steps.serve import web_command
from shopdesk.core import clock, outbox
from shopdesk.core.db import db, housekeeping, rows_changed
from shopdesk.core.outbox import OutboxItem
from shopdesk.core.scope import in_store, of_found
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_PLACES
from tests import make
from tests.crash.machine import HOST, Machine, desk_environment, is_alive
from tests.fake_place import FakeProcess
from tests.refunds import world
from tests.refunds.served import LOST, NOTHING_LEFT, Clerk, Told, tokens

AT_ONCE = 4  # refunds that are under way when something is killed
ORDERS = 3
LEAST_MINOR, MOST_MINOR = 1, 900
SETTLED_SECONDS = 150.0
MODES = ("ok", "slow", "slow_commit", "commit_then_drop", "error_after", "error_before")


@dataclass(frozen=True, slots=True)
class Job:
    key: str
    order_id: int
    amount_minor: int


@dataclass
class Toll:
    """What was examined, and every contradiction."""

    kills: Counter[str] = field(default_factory=Counter)
    again: int = 0  # sendings after a lost answer, each under the first one's key
    errors: Counter[int] = field(default_factory=Counter)  # answers of 500 and more, by their number
    replayed: int = 0
    refunds: int = 0
    paid_minor: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {times}" for name, times in sorted(self.kills.items()))
        found = "; ".join([f"{len(self.problems)} contradictions", *self.problems[:5]])
        errors = ", ".join(f"{times} × {status}" for status, times in sorted(self.errors.items())) or "none"
        return (
            f"{sum(self.kills.values())} kills ({killed}), {self.refunds} refunds, {self.paid_minor} paid, asked again "
            f"{self.again}, errors while the database was down {errors}, replayed {self.replayed}: {found}"
        )


class Ordeal:
    def __init__(self, app: Flask, place: FakeProcess, machine: Machine, seed: int) -> None:
        self.app, self.place, self.machine = app, place, machine
        self.chance, self.toll, self.count = random.Random(seed), Toll(), 0
        store = world.store("kill-shop")
        world._set(store, {REFUND_PLACES: {"original": "fake"}})
        self.store_id = store.id
        self.orders = [make.order(store).id for _ in range(ORDERS)]
        self.jobs: queue.Queue[Job | None] = queue.Queue()
        self.told: dict[Job, tuple[str, Told]] = {}  # by whose token, the first answer that came
        self.clerks = [
            threading.Thread(target=self._work, args=[token], daemon=True) for token in tokens(store.id, AT_ONCE)
        ]
        self.processes: dict[str, int] = {}
        self.start("web")
        self.start("worker")
        for clerk in self.clerks:
            clerk.start()

    def start(self, name: str) -> None:
        """The web as `manage.py run` has it; it ends by itself where its database does not answer yet."""
        if name == "worker":
            self.processes[name] = self.machine.fork(shopdesk_command("worker"))
            return
        until = time.monotonic() + SETTLED_SECONDS
        self.processes[name] = self.machine.fork(web_command(HOST, self.machine.port))
        while not self.machine.is_up():
            if time.monotonic() > until:
                raise RuntimeError("the web does not come back")
            if not is_alive(self.processes[name]):
                self.processes[name] = self.machine.fork(web_command(HOST, self.machine.port))
            time.sleep(0.02)

    def _work(self, token: str) -> None:
        """A clerk: the next job, asked under its key until there is an answer."""
        clerk = Clerk(self.machine.port, token)
        while job := self.jobs.get():
            while job not in self.told:
                try:
                    told = clerk.ask(job.order_id, job.amount_minor, job.key)
                except LOST:
                    self.toll.again += 1
                    time.sleep(0.02)
                    continue
                if told.status >= 500:
                    self.toll.errors[told.status] += 1
                    if told.status != 503:  # the database is away: come again; anything else is our own fault
                        self.toll.problems.append(f"{job.key}: {told.status} {told.body}")
                    time.sleep(0.02)
                    continue
                self.told[job] = (token, told)
        clerk.hang_up()

    def run(self, kills: int) -> Toll:
        for _ in range(kills):
            if self.count % 30 == 0:  # an order's money is used up after a while
                self.orders = [make.order(staff.store_by_id(self.store_id)).id for _ in range(ORDERS)]
            for _refund in range(AT_ONCE):
                self._ask()
            self.place.behave(self.chance.choice(MODES), times=2, delay_s=0.05)
            time.sleep(self.chance.uniform(0.0, 0.4))
            self._kill(self.chance.choice(["web", "worker", "place", "database", "all"]))
        self.place.control(reset=True)
        self._let_end()
        self.replay()
        os.killpg(self.processes.pop("worker"), signal.SIGKILL)  # nothing moves while it is judged
        self.judge()
        return self.toll

    def _ask(self) -> None:
        self.count += 1
        amount_minor = self.chance.randint(LEAST_MINOR, MOST_MINOR)
        self.jobs.put(Job(f"K{self.count}", self.chance.choice(self.orders), amount_minor))

    def _kill(self, name: str) -> None:
        names = ["web", "worker", "place", "database"] if name == "all" else [name]
        if "database" in names and not self._kill_database():  # SQLite lives in the processes
            names = [*dict.fromkeys([*names, "web", "worker"])]
            names.remove("database")
        for each in names:
            if each in self.processes:
                os.killpg(self.processes[each], signal.SIGKILL)
            elif each == "place":
                self.place.kill()
        self.toll.kills[name] += 1
        while "web" in names and self.machine.is_heard():
            time.sleep(0.002)
        for each in names:
            if each == "place":
                self.place.start()
            elif each in self.processes:
                self.start(each)
        self._end_leases()

    def _kill_database(self) -> bool:
        """kill -9 of a server process under load: PostgreSQL then ends all of them and recovers."""
        if db.engine.dialect.name == "sqlite":
            return False
        others = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        pids = list(db.session.scalars(others))
        db.session.remove()
        for pid in pids[:1]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return bool(pids)

    def _end_leases(self) -> None:
        """As the minutes do that nobody waits for here."""
        until = time.monotonic() + SETTLED_SECONDS
        while True:
            try:
                _hurry(self.store_id)
                return
            except SQLAlchemyError:
                db.session.remove()
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def _let_end(self) -> None:
        until = time.monotonic() + SETTLED_SECONDS
        while time.monotonic() < until:
            self._end_leases()
            if len(self.told) >= self.count and not _open(self.store_id):
                return
            time.sleep(0.3)
        self.toll.problems.append(f"stuck: {len(self.told)} of {self.count} answered, {_open(self.store_id)} open")

    def replay(self) -> None:
        """Each key once more, now that all is over: the first answer is given, and nothing else happens."""
        for job, (token, first) in self.told.items():
            if first.word not in {"ok", NOTHING_LEFT}:
                self.toll.problems.append(f"{job.key}: {first.status} {first.body}")
            if first.word == "ok":
                again = Clerk(self.machine.port, token)
                said = again.ask(job.order_id, job.amount_minor, job.key)
                again.hang_up()
                self.toll.replayed += 1
                if said != first:
                    self.toll.problems.append(f"{job.key}: {first} became {said}")

    def judge(self) -> None:
        """Hold the place's file against the books."""
        db.session.rollback()
        problems, toll = self.toll.problems, self.toll
        told = Counter(first.word for _token, first in self.told.values())
        found = list(db.session.scalars(in_store(select(RefundPayment), self.store_id, RefundPayment)))
        if len(found) != told["ok"]:
            problems.append(f"{told['ok']} were promised, {len(found)} are there")
        moved = {entry.number for entry in self.place.entries()}
        for payout in found:
            paid = self.place.moved(payout.number)
            books = payout.settled_minor if payout.state is PayoutState.SUCCEEDED else 0
            if paid != books:
                problems.append(f"{payout.number}: the place paid {paid}, the books say {books} ({payout.state})")
            moved.discard(payout.number)
            toll.paid_minor += paid
        problems += [f"{number}: the place paid what the books do not know" for number in moved]
        for order_id in db.session.scalars(of_found(select(world.Refund.order_id).distinct())).all():
            try:
                world.check_books(order_id, self.store_id)
            except AssertionError as error:
                problems.append(f"order {order_id}: {error}")
        toll.refunds = len(found)

    def close(self) -> None:
        for _clerk in self.clerks:
            self.jobs.put(None)
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.killpg(process, signal.SIGKILL)


@housekeeping
def _hurry(store_id: int) -> None:
    now = clock.now()
    rows_changed(update(OutboxItem).where(OutboxItem.done_at.is_(None)).values(lease_until=None, run_after=now))
    rows_changed(
        in_store(update(RefundPayment), store_id, RefundPayment)
        .where(RefundPayment.state.in_(OPEN_PAYOUTS), RefundPayment.run_after.is_not(None))
        .values(lease_until=None, run_after=now)
    )
    _wake(store_id)


def _wake(store_id: int) -> None:
    """The clock's minute: what is open is looked at now, each once: a slow machine must not drown in looks."""
    waiting = select(OutboxItem.payload).where(OutboxItem.topic == "refund.pay", OutboxItem.done_at.is_(None))
    there = {payload["payout_id"] for payload in db.session.scalars(waiting)}
    open_ = select(RefundPayment.id).where(RefundPayment.state.in_(OPEN_PAYOUTS))
    for payout_id in db.session.scalars(in_store(open_, store_id, RefundPayment)):
        if payout_id not in there:
            outbox.put("refund.pay", store_id=store_id, payout_id=payout_id)


def _open(store_id: int) -> int:
    db.session.rollback()
    statement = select(RefundPayment.id).where(RefundPayment.state.in_(OPEN_PAYOUTS))
    return len(db.session.scalars(in_store(statement, store_id, RefundPayment)).all())


@contextmanager
def ordeal(app: Flask, folder: Path, seed: int) -> Iterator[Ordeal]:
    with FakeProcess(folder / "book.jsonl") as place:
        more = {"SHOPDESK_FAKE_PLACE_URL": place.url, "SHOPDESK_FAKE_PLACE_SECRET": place.config["FAKE_PLACE_SECRET"]}
        more["SHOPDESK_PLACE_REST_SECONDS"] = "0"
        machine = Machine({**desk_environment(app), **more}, folder / "desk.log")
        made = Ordeal(app, place, machine, seed)
        try:
            yield made
        finally:
            made.close()
            machine.close()
