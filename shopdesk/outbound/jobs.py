"""The worker: Huey runs and schedules, the outbox row is the truth.

A ticker looks for due rows and tells Huey to look; a killed worker's rows come back when their lease ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from flask import Flask
from huey import Huey, RedisHuey, SqliteHuey, crontab

from shopdesk.changes import service as changes
from shopdesk.core import idempotency, outbox
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.imports import service as imports
from shopdesk.outbound import paying
from shopdesk.outbound.handlers import HANDLERS
from shopdesk.parcels import service as parcels
from shopdesk.replacements import service as replacements
from shopdesk.staff import queries as staff
from shopdesk.staff import service as sessions
from shopdesk.web import health

log = structlog.get_logger()

LOOK_SECONDS = 0.5  # between looks at the outbox; with Huey's own polling an item begins within 2 s
POLL_SECONDS = 0.5
BEAT_SECONDS = 5  # between signs of life; /readyz calls the worker late after a minute
RENEW_SECONDS = outbox.LEASE_SECONDS / 3
THREADS = 2  # a long import does not keep the clockwork waiting
STOP_SECONDS = 12  # for the item under way at SIGTERM; manage.py waits 15


def run(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; the item under way is finished, or comes back when its lease ends."""
    logging.getLogger("huey").setLevel(logging.WARNING)
    huey = make_huey(app.config["HUEY_URL"], app.config["DATA"])
    consumer = huey.create_consumer(
        workers=THREADS, periodic=True, initial_delay=0.1, max_delay=POLL_SECONDS, graceful_signal="TERM",
        shutdown_timeout=STOP_SECONDS,
    )  # fmt: skip
    look = plan(app, huey, consumer.stop_flag)
    threading.Thread(target=tick, args=(app, look, consumer.stop_flag), name="Ticker", daemon=True).start()
    log.info("worker_started")
    consumer.run()
    log.info("worker_stopped")


def make_huey(url: str, data: Path) -> Huey:
    """The queue: a SQLite file of its own, or a shared Redis."""
    if url:
        return RedisHuey("shopdesk", url=url, results=False)
    data.mkdir(parents=True, exist_ok=True)
    return SqliteHuey("shopdesk", filename=str(data / "jobs.db"), results=False)


def plan(app: Flask, huey: Huey, stop: threading.Event) -> Callable[[], None]:
    """Register what Huey runs; returns what asks it to look at the outbox, once at a time."""

    @huey.task()
    def drain() -> None:
        with app.app_context():
            while not stop.is_set() and do_one(app):
                pass

    @huey.periodic_task(crontab(minute="*/5"))
    def ship_marked() -> None:
        with app.app_context():
            for store_id in staff.all_store_ids():
                changes.ship_marked(store_id, actor=Actor.system([store_id]))

    @huey.periodic_task(crontab(minute="*"))
    def expire_holds() -> None:
        with app.app_context():
            for store_id in staff.all_store_ids():
                changes.expire_holds(store_id, actor=Actor.system([store_id]))
                changes.expire_pull_backs(store_id, actor=Actor.system([store_id]))
                parcels.end_pre_sales(store_id, actor=Actor.system([store_id]))
                replacements.release_due(store_id, actor=Actor.system([store_id]))

    @huey.periodic_task(crontab(minute="*"))
    def pay_refunds() -> None:
        with app.app_context():
            paying.pay_what_is_due()

    @huey.periodic_task(crontab(minute="*/5"))
    def sweep_uploads() -> None:
        with app.app_context():
            imports.sweep(app.config["DATA"] / "imports", staff.all_store_ids())

    @huey.periodic_task(crontab(hour="19", minute="10"))  # UTC: the small hours in China
    def forget_old() -> None:
        with app.app_context():
            idempotency.forget_old()
            sessions.forget_ended_sessions()

    expire_holds()
    ship_marked()  # what grew old while no worker ran does not wait for the clock
    forget_old()
    sweep_uploads()
    return lambda: drain() if huey.pending_count() < THREADS else None


def tick(app: Flask, look: Callable[[], None], stop: threading.Event) -> None:
    """Tell Huey to look whenever a row is due, and give the sign of life that /readyz looks for."""
    beat, next_beat = app.config["DATA"] / health.BEAT, 0.0
    while not stop.wait(LOOK_SECONDS):
        try:
            if time.monotonic() >= next_beat:
                beat.touch(mode=0o600)
                next_beat = time.monotonic() + BEAT_SECONDS
            with app.app_context():
                due = outbox.is_due()
                db.session.rollback()
            if due:
                look()
        except Exception as error:  # the database may be away for a while: look again
            log.error("outbox_look_failed", kind=type(error).__name__)


def do_one(app: Flask) -> bool:
    """Claim one item and carry it out; False when none is due.  A failure is put back, later each time."""
    claim = outbox.claim_one()
    if claim is None:
        return False
    try:
        with renewed(app, claim):
            HANDLERS[claim.topic](**claim.payload)
    except Exception as error:
        db.session.rollback()
        # The type only: a message may quote personal data.
        log.error("outbox_failed", topic=claim.topic, item=claim.id, attempts=claim.attempts, kind=type(error).__name__)
        outbox.put_back(claim, type(error).__name__)
        return True
    outbox.finish(claim)
    log.info("outbox_done", topic=claim.topic, item=claim.id)
    return True


@contextmanager
def renewed(app: Flask, claim: outbox.Claim) -> Iterator[None]:
    """Keep the lease of a long item: another worker takes it only when this process is gone."""
    done = threading.Event()

    def keep() -> None:
        while not done.wait(RENEW_SECONDS):
            try:
                with app.app_context():
                    outbox.renew(claim)
            except Exception as error:  # the next try may succeed before the lease ends
                log.error("lease_not_renewed", item=claim.id, kind=type(error).__name__)

    keeper = threading.Thread(target=keep, name="Lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()
