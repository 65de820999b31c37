"""A command that collided is tried again as a whole, a few times, never once COMMIT was sent; and never untraced."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from shopdesk.core import audit, outbox
from shopdesk.core import db as unit
from shopdesk.core.db import TRIES, command, db
from shopdesk.core.errors import Unavailable
from shopdesk.core.outbox import OutboxItem
from tests import make

pytestmark = pytest.mark.usefixtures("app")
BUSY = OperationalError("UPDATE", {}, sqlite3.OperationalError("database is locked"))
OTHER = OperationalError("UPDATE", {}, sqlite3.OperationalError("disk I/O error"))


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    monkeypatch.setattr(unit.time, "sleep", lambda _seconds: None)


def items():
    return db.session.scalar(select(func.count()).select_from(OutboxItem))


def failing(error, times):
    """A command that writes, then fails so many times; and how often it ran."""
    runs = []

    @command
    def act():
        runs.append(1)
        outbox.put("test")
        audit.record("test.done", "test", 1, make.ROOT)
        db.session.flush()
        if len(runs) <= times:
            raise error

    return act, runs


def test_a_command_that_collided_is_done_once_by_a_further_try():
    act, runs = failing(BUSY, TRIES - 1)
    act()
    assert (len(runs), items()) == (TRIES, 1)
    assert audit.heads()[audit.DESK][0] == 1


def test_a_database_that_stays_busy_is_said_and_nothing_is_left():
    act, runs = failing(BUSY, 99)
    with pytest.raises(Unavailable):
        act()
    assert (len(runs), items()) == (TRIES, 0)


class Taken:
    """A cursor on a database whose one writer somebody else is."""

    def __init__(self):
        self.said = []

    def execute(self, statement):
        self.said.append(statement)
        if statement == "BEGIN IMMEDIATE":
            raise sqlite3.OperationalError("database is locked")


def test_a_writer_who_never_gets_its_turn_collided_and_waits_as_before_from_then_on(monkeypatch):
    """As an error that is tried again and then said in a sentence, not one that nobody foresaw."""
    monkeypatch.setattr(unit, "WAIT_SECONDS", 0.001)
    cursor = Taken()
    with pytest.raises(OperationalError) as met:
        unit._begin_writing(cursor)
    assert unit.collided(met.value)
    assert cursor.said.count("BEGIN IMMEDIATE") > 1
    assert cursor.said[-1] == unit.PATIENT


def test_another_error_is_not_tried_again():
    act, runs = failing(OTHER, 99)
    with pytest.raises(OperationalError):
        act()
    assert (len(runs), items()) == (1, 0)


def test_nothing_is_tried_again_once_commit_was_sent(monkeypatch):
    act, runs = failing(BUSY, 0)

    session = db.session()
    plainly = session.commit

    def lost():
        if session.info.get("committing"):
            raise BUSY
        plainly()  # the end of what was only read

    monkeypatch.setattr(session, "commit", lost)
    with pytest.raises(OperationalError):
        act()
    assert len(runs) == 1
    monkeypatch.undo()
    act()  # the next command is as free as any
    assert (len(runs), items()) == (2, 1)


@pytest.mark.both_engines
def test_what_cannot_leave_its_event_does_not_happen(monkeypatch):
    def full(*_args):
        raise OSError("no room for the trail")

    with monkeypatch.context() as patch:
        patch.setattr(audit, "_take_head", full)
        act, _ = failing(None, 0)
        with pytest.raises(OSError, match="no room"):
            act()
    assert items() == 0
    act()
    assert items() == 1
