"""The chained history: whole when nobody touched it, broken where somebody did."""

from contextlib import contextmanager

import pytest

from shopdesk.core import audit
from shopdesk.core.audit import Break
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Actor
from shopdesk.staff import service as staff
from tests import make

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]
EVENTS = 6


@pytest.fixture
def chain(app):
    """A store's chain with six links; its id."""
    store = make.store()
    head = audit.heads()[store.id][0]
    for number in range(EVENTS - head):
        _note(store.id, number)
    return store.id


@command
def _note(store_id, number):
    audit.record("test.noted", "test", number, Actor.system([store_id]), store_id=store_id, figure=number)


@contextmanager
def tampering():
    """A hand in the database, past the triggers, as of somebody who owns it."""
    db.session.rollback()
    with db.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            for name in ("event_keeps_rows", "event_keeps_words", "event_keeps_body"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}")
        else:
            connection.exec_driver_sql("ALTER TABLE event DISABLE TRIGGER USER")
        yield connection.exec_driver_sql
        if not sqlite:
            connection.exec_driver_sql("ALTER TABLE event ENABLE TRIGGER USER")


def breaks_of(chain):
    return [b for b in audit.verify()[1] if b.chain == chain]


def test_an_untouched_history_holds_and_every_event_is_examined(chain):
    examined, breaks = audit.verify(audit.heads())
    assert breaks == []
    assert examined == sum(seq for seq, _ in audit.heads().values()) >= EVENTS


def test_an_erased_body_leaves_the_chain_whole(chain):
    with db.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE event SET body = NULL WHERE chain = {chain} AND seq = 3")
    assert audit.verify(audit.heads())[1] == []


def test_an_edited_body_is_found(chain):
    with tampering() as run:
        run(f"UPDATE event SET body = '{{\"figure\":99}}' WHERE chain = {chain} AND seq = 3")
    assert breaks_of(chain) == [Break(chain, 3, "edited_body")]


@pytest.mark.parametrize("edit", ["actor_id = 77", "action = 'order.looked_at'", "subject_id = 5", "role = 'manager'"])
def test_an_edited_link_is_found(chain, edit):
    with tampering() as run:
        run(f"UPDATE event SET {edit} WHERE chain = {chain} AND seq = 4")
    assert breaks_of(chain) == [Break(chain, 4, "edited_link")]


def test_a_deleted_event_is_found(chain):
    with tampering() as run:
        run(f"DELETE FROM event WHERE chain = {chain} AND seq = 3")
    assert {b.what for b in breaks_of(chain)} == {"gap", "edited_link"}


def test_two_events_that_changed_places_are_found(chain):
    with tampering() as run:
        for old, new in ((3, 99), (4, 3), (99, 4)):
            run(f"UPDATE event SET seq = {new} WHERE chain = {chain} AND seq = {old}")
    assert {(b.seq, b.what) for b in breaks_of(chain)} >= {(3, "edited_link"), (4, "edited_link")}


def test_a_cut_end_is_found_by_the_head_row(chain):
    with tampering() as run:
        run(f"DELETE FROM event WHERE chain = {chain} AND seq > 4")
    assert breaks_of(chain) == [Break(chain, 4, "truncated")] or breaks_of(chain) == [Break(chain, EVENTS, "truncated")]


def test_a_cut_end_with_its_head_adjusted_is_found_only_by_a_head_that_left_the_machine(chain):
    known = audit.heads()
    digest = _hash_at(chain, 4)
    with tampering() as run:
        run(f"DELETE FROM event WHERE chain = {chain} AND seq > 4")
        run(f"UPDATE event_head SET seq = 4, hash = '{digest}' WHERE chain = {chain}")
    assert breaks_of(chain) == []
    assert audit.verify(known)[1] == [Break(chain, EVENTS, "head_differs")]


def test_a_removed_head_row_is_found(chain):
    with tampering() as run:
        run(f"DELETE FROM event_head WHERE chain = {chain}")
    assert breaks_of(chain) == [Break(chain, EVENTS, "truncated")]


def test_a_whole_chain_that_was_written_anew_is_found_by_a_head_that_left_the_machine(chain):
    known = audit.heads()
    with tampering() as run:
        run(f"DELETE FROM event WHERE chain = {chain}")
        run(f"DELETE FROM event_head WHERE chain = {chain}")
    for number in range(EVENTS):
        _note(chain, number + 10)
    assert breaks_of(chain) == []
    assert [b.what for b in audit.verify(known)[1]] == ["head_differs"]


def test_an_event_that_was_slipped_in_is_found(chain):
    with tampering() as run:
        run(
            "INSERT INTO event (id, chain, seq, at, action, subject, subject_id, channel, body_hash, prev_hash, hash)"
            f" SELECT 9999, chain, {EVENTS + 1}, at, action, subject, subject_id, channel, body_hash, hash, hash"
            f" FROM event WHERE chain = {chain} AND seq = {EVENTS}"
        )
    assert {b.what for b in breaks_of(chain)} == {"edited_link", "truncated"}


def test_each_store_has_a_chain_of_its_own(chain):
    other = make.store("other-shop")
    before = audit.heads()[chain]
    staff.grant(make.person().id, make.Role.PRINTING, store_id=other.id, actor=make.ROOT)
    assert audit.heads()[chain] == before
    assert audit.heads()[other.id][0] >= 2


def _hash_at(chain, seq):
    with db.engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT hash FROM event WHERE chain = {chain} AND seq = {seq}").scalar()
