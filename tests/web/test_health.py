"""Whether the desk lives and whether it is ready: each part by itself, and nothing of the data in the answer."""

from __future__ import annotations

import os
import threading
import time

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from shopdesk.core import outbox
from shopdesk.core.db import db, housekeeping
from shopdesk.outbound import jobs
from shopdesk.web import health


@pytest.fixture
def ask(app, browser):
    (app.config["DATA"] / health.BEAT).unlink(missing_ok=True)
    yield lambda: browser().get("/readyz")
    (app.config["DATA"] / health.BEAT).unlink(missing_ok=True)


@pytest.mark.both_engines
def test_a_whole_desk_is_ready_and_says_how_old_its_workers_sign_of_life_is(app, ask):
    (app.config["DATA"] / health.BEAT).touch()
    answer = ask()
    worker = answer.json["worker"]
    assert (answer.status_code, answer.json) == (
        200,
        {
            "status": "ok",
            "database": "ok",
            "data": "ok",
            "payouts": {"status": "sent"},
            "worker": {**worker, "status": "ok", "waiting": 0},
        },
    )
    assert 0 <= worker["age_seconds"] < health.LATE_SECONDS


def test_a_database_that_is_gone_makes_it_not_ready_but_it_lives(app, ask, browser, monkeypatch):
    def gone(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, Exception("password of 10.0.0.7"))

    monkeypatch.setattr("shopdesk.web.health.db.session.execute", gone)
    answer = ask()
    assert (answer.status_code, answer.json["status"], answer.json["database"]) == (503, "not_ready", "unreachable")
    assert "10.0.0.7" not in answer.text
    assert browser().get("/healthz").json == {"status": "ok"}


@pytest.mark.both_engines
@pytest.mark.parametrize("revision", ["0001", "9999", None])
def test_tables_of_another_version_make_it_not_ready(app, ask, revision):
    def set_to(value):
        with db.engine.begin() as connection:
            connection.execute(text("DELETE FROM alembic_version"))
            if value:
                connection.execute(text("INSERT INTO alembic_version VALUES (:value)"), {"value": value})

    with app.test_request_context():
        (newest,) = health._newest()
    set_to(revision)
    try:
        answer = ask()
    finally:
        db.session.rollback()
        set_to(newest)
    assert (answer.status_code, answer.json["database"]) == (503, "not_migrated")
    assert ask().status_code == 200


def test_a_data_directory_that_takes_no_file_makes_it_not_ready(app, ask, tmp_path, monkeypatch):
    monkeypatch.setitem(app.config, "DATA", tmp_path / "there-is-none")
    answer = ask()
    assert (answer.status_code, answer.json["data"]) == (503, "not_writable")
    assert str(tmp_path) not in answer.text


def test_a_worker_that_is_late_or_was_never_there_is_said_but_pages_go_on(app, ask):
    @housekeeping
    def wait():
        outbox.put("test")

    wait()
    answer = ask()
    assert (answer.status_code, answer.json["worker"]) == (
        200,
        {"status": "never_seen", "age_seconds": None, "waiting": 1},
    )
    beat = app.config["DATA"] / health.BEAT
    beat.touch()
    os.utime(beat, (time.time() - 90, time.time() - 90))
    answer = ask()
    assert (answer.status_code, answer.json["worker"]["status"]) == (200, "late")
    assert 90 <= answer.json["worker"]["age_seconds"] < 150


def test_the_worker_gives_its_sign_of_life(app, ask, monkeypatch):
    monkeypatch.setattr(jobs, "LOOK_SECONDS", 0.01)
    stop = threading.Event()
    ticker = threading.Thread(target=jobs.tick, args=(app, lambda: None, stop))
    ticker.start()
    try:
        deadline = time.monotonic() + 30
        while not (app.config["DATA"] / health.BEAT).exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        stop.set()
        ticker.join()
    assert ask().json["worker"]["status"] == "ok"
