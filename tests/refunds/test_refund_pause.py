"""A database put back from a backup sends nothing by itself: what it forgot is asked for first (trust.md R21)."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from shopdesk.cli.keeping import copy_sqlite
from shopdesk.core import clock, pausing
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor
from shopdesk.outbound import service
from shopdesk.refunds.states import PayoutState, PlaceRules
from tests import make
from tests.refunds import world
from tests.refunds.bank import Bank, Mode
from tests.refunds.scenes import later

P = PayoutState
DESK = Actor.system([])
REFUNDS = 6


@pytest.fixture
def data(app):
    return app.config["DATA"]


class Backup:
    """A copy of the SQLite file, and that put back."""

    def __init__(self, folder: Path) -> None:
        self.file, self.copy = Path(db.engine.url.database), folder / "backup.db"
        db.session.rollback()
        copy_sqlite(self.file, self.copy)

    def restore(self) -> None:
        db.session.rollback()
        db.engine.dispose()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.copy, self.file)


def approved(count=REFUNDS):
    store = world.store()
    who = world.agent(store)
    return [world.refund(make.order(store), by=who) for _ in range(count)]


def test_r21_after_a_restore_nothing_is_sent_and_what_was_paid_is_found_by_asking(data, tmp_path):
    made, bank = approved(), Bank()
    backup = Backup(tmp_path)
    for one in made[1:]:
        world.run(one, bank)
    backup.restore()
    assert [world.run(one, bank) for one in made[1:]] == [[P.SUCCEEDED]] * (REFUNDS - 1)
    assert world.run(made[0], bank) == [P.UNKNOWN]  # asked: not there; and not sent
    assert pausing.paused(data).why is pausing.Why.RESTORED
    assert (len(bank.paid), bank.executed_twice) == (REFUNDS - 1, [])
    assert service.resume(data, actor=DESK) == 1
    assert world.run(made[0], bank) == [P.SUCCEEDED]
    assert (len(bank.paid), bank.executed_twice) == (REFUNDS, [])
    for one in made:
        world.check_books(one.order_id, one.store_id)


def forgotten(tmp_path, data) -> tuple[Bank, list[PayoutState]]:
    """Paid after the backup; put back when the place has forgotten the number."""
    (made,), bank = approved(1), Bank(PlaceRules(key_life=timedelta(hours=1)))
    backup = Backup(tmp_path)
    world.run(made, bank)
    backup.restore()
    with later(120):
        world.run(made, bank)
        service.resume(data, actor=DESK)
        return bank, world.run(made, bank)


def test_r21_what_a_place_may_have_forgotten_is_for_a_person_also_after_the_pause(data, tmp_path):
    bank, states = forgotten(tmp_path, data)
    assert (len(bank.paid), states) == (1, [P.UNKNOWN])


def test_control_without_the_pause_a_restored_database_pays_twice(data, tmp_path, monkeypatch):
    monkeypatch.setattr(pausing, "has_gone_back", lambda *_: False)
    bank, _states = forgotten(tmp_path, data)
    assert len(bank.executed_twice) == 1


@pytest.mark.both_engines
def test_while_paused_what_was_sent_is_asked_and_nothing_leaves(app, data):
    sent, waits = approved(2)
    bank = Bank(mode=Mode.DROP)
    world.run(sent, bank)
    service.pause(data, actor=DESK)
    other = world.store("other-shop")
    new = world.refund(make.order(other), by=world.agent(other))
    bank.mode = Mode.OK
    with later(10):
        for one in (sent, waits, new):
            world.run(one, bank)
        assert (bank.paid, bank.asked) == ([], 2)  # what was approved since the pause cannot have been sent
        service.resume(data, actor=DESK)
        assert [world.run(one, bank) for one in (sent, waits, new)] == [[P.SUCCEEDED]] * 3
    assert bank.executed_twice == []


def test_the_pause_is_shown_where_a_watchman_looks_and_by_the_command(app, data, browser):
    runner = app.test_cli_runner()
    assert browser().get("/readyz").json["payouts"] == {"status": "sent"}
    assert "paused since" in runner.invoke(args=["shopdesk", "payouts", "pause"]).output
    said = browser().get("/readyz").json["payouts"]
    assert (said["status"], said["why"]) == ("paused", "by_hand")
    assert "paused since" in runner.invoke(args=["shopdesk", "payouts", "status"]).output
    assert "sent again" in runner.invoke(args=["shopdesk", "payouts", "resume"]).output
    assert browser().get("/readyz").json["payouts"] == {"status": "sent"}


def test_what_cannot_be_read_pauses_and_the_first_pause_stays(tmp_path):
    (tmp_path / pausing.PAUSED).write_text("{")
    assert pausing.paused(tmp_path).why is pausing.Why.UNREADABLE
    (tmp_path / pausing.MARK).write_text("far")
    assert pausing.has_gone_back(tmp_path, 10**9)
    pausing.resume(tmp_path, 7)
    assert (pausing.paused(tmp_path), pausing.has_gone_back(tmp_path, 7), pausing.has_gone_back(tmp_path, 6)) == (
        None,
        False,
        True,
    )
    first = pausing.pause(tmp_path, pausing.Why.BY_HAND)
    assert pausing.pause(tmp_path, pausing.Why.RESTORED) == first == pausing.paused(tmp_path)
    pausing.note(tmp_path, 5)
    assert not pausing.has_gone_back(tmp_path, 7)
    assert first.at <= clock.now()
