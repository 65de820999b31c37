"""kill -9 of clerk, worker, place and database while refunds are under way; then the place's file against the books."""

from __future__ import annotations

import json
import os
import random
import signal
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
from shopdesk.core import clock, outbox
from shopdesk.core.db import db, housekeeping, rows_changed
from shopdesk.core.outbox import OutboxItem
from shopdesk.core.scope import in_store, of_found
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.states import OPEN_PAYOUTS, PayoutState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_PLACES
from tests import make
from tests.crash.machine import Machine, desk_environment
from tests.fake_place import FakeProcess
from tests.refunds import world

AT_ONCE = 4  # refunds that are under way when something is killed
ORDERS = 3
LEAST_MINOR, MOST_MINOR = 1, 900
SETTLED_SECONDS = 60.0
MODES = ("ok", "slow", "slow_commit", "commit_then_drop", "error_after", "error_before")


@dataclass
class Toll:
    """What was examined, and every contradiction."""

    kills: Counter[str] = field(default_factory=Counter)
    refunds: int = 0
    paid_minor: int = 0
    problems: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {times}" for name, times in sorted(self.kills.items()))
        found = f"{len(self.problems)} contradictions" if self.problems else "no contradiction"
        return f"{sum(self.kills.values())} kills ({killed}), {self.refunds} refunds, {self.paid_minor} paid: {found}"


class Ordeal:
    def __init__(self, app: Flask, place: FakeProcess, machine: Machine, folder: Path, seed: int) -> None:
        self.app, self.place, self.machine = app, place, machine
        self.jobs, self.acks = folder / "jobs", folder / "acks"
        self.jobs.touch()
        self.chance, self.toll, self.count = random.Random(seed), Toll(), 0
        store = world.store("kill-shop")
        world._set(store, {REFUND_PLACES: {"original": "fake"}})
        self.store_id = store.id
        self.orders = [make.order(store).id for _ in range(ORDERS)]
        self.processes: dict[str, int] = {}
        self.start("clerk")
        self.start("worker")

    def start(self, name: str) -> None:
        command = ["python", "-m", "tests.refunds.clerk", str(self.jobs), str(self.acks), str(self.store_id)]
        self.processes[name] = self.machine._fork(command if name == "clerk" else shopdesk_command("worker"))

    def run(self, kills: int) -> Toll:
        for _ in range(kills):
            if self.count % 30 == 0:  # an order's money is used up after a while
                self.orders = [make.order(staff.store_by_id(self.store_id)).id for _ in range(ORDERS)]
            for _refund in range(AT_ONCE):
                self._ask()
            self.place.behave(self.chance.choice(MODES), times=2, delay_s=0.05)
            time.sleep(self.chance.uniform(0.0, 0.4))
            self._kill(self.chance.choice(["clerk", "worker", "place", "database", "all"]))
        self.place.control(reset=True)
        self._let_end()
        self.judge()
        return self.toll

    def _ask(self) -> None:
        self.count += 1
        amount = self.chance.randint(LEAST_MINOR, MOST_MINOR)
        job = {"key": f"K{self.count}", "order": self.chance.choice(self.orders), "amount_minor": amount}
        with self.jobs.open("a") as file:
            file.write(json.dumps(job) + "\n")

    def _kill(self, name: str) -> None:
        names = ["clerk", "worker", "place", "database"] if name == "all" else [name]
        if "database" in names and not self._kill_database():  # SQLite lives in the processes
            names = [*dict.fromkeys([*names, "clerk", "worker"])]
            names.remove("database")
        for each in names:
            if each in self.processes:
                os.killpg(self.processes[each], signal.SIGKILL)
            elif each == "place":
                self.place.kill()
        self.toll.kills[name] += 1
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
            acked = len(self.acks.read_text().splitlines()) if self.acks.exists() else 0
            if acked >= self.count and not _open(self.store_id):
                return
            time.sleep(0.3)
        self.toll.problems.append(f"stuck: {acked} of {self.count} answered, {_open(self.store_id)} open")

    def judge(self) -> None:
        """Hold the place's file against the books."""
        db.session.rollback()
        problems, toll = self.toll.problems, self.toll
        told = Counter(line.split()[1] for line in self.acks.read_text().splitlines())
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
    """The clock's minute: what is open is looked at now."""
    open_ = select(RefundPayment.id).where(RefundPayment.state.in_(OPEN_PAYOUTS))
    for payout_id in db.session.scalars(in_store(open_, store_id, RefundPayment)):
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
        made = Ordeal(app, place, machine, folder, seed)
        try:
            yield made
        finally:
            made.close()
            machine.close()
