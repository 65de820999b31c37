"""What the database itself refuses to rewrite, on both engines."""

import pytest
from sqlalchemy.exc import DBAPIError

from shopdesk.changes import service as changes
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders.states import Flag
from shopdesk.parcels.states import Stage
from tests import make

pytestmark = [pytest.mark.both_engines, pytest.mark.usefixtures("app")]
WORDS = {
    "event": ["actor_id = 9", "action = 'x'", "hash = 'x'", "body = '{}'", "seq = seq + 100"],
    "stage_fact": ["stage = 'shipped'", "happened_at = NULL", "origin = 'x'", "effect = 'x'"],
    "memo": ["text = 'x'", "flag = 'none'", "signed = 'x'"],
}
CASES = [(table, change) for table, changes_ in WORDS.items() for change in changes_]


@pytest.fixture
def rows(app):
    """At least one row in each table that is append-only."""
    order = make.order()
    changes.write_note(order.id, "请尽快", flag=Flag.RED, actor=make.actor(Role.PRE_SALE))
    make.fact(order, Stage.PRINTED, happened_at=make.clock.now())
    db.session.rollback()


def run(statement):
    with db.engine.begin() as connection:
        return connection.exec_driver_sql(statement).rowcount


def refused(statement):
    with pytest.raises(DBAPIError) as error:
        run(statement)
    return str(error.value.orig)


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize(("table", "change"), CASES)
def test_the_words_of_an_append_only_row_stay(table, change):
    assert f"{table} is append-only" in refused(f"UPDATE {table} SET {change}")


@pytest.mark.usefixtures("rows")
@pytest.mark.parametrize("table", WORDS)
def test_an_append_only_row_is_not_deleted(table):
    assert f"{table} is append-only" in refused(f"DELETE FROM {table}")


@pytest.mark.usefixtures("rows")
def test_the_tick_of_a_memo_and_the_erasing_of_a_body_are_allowed():
    assert run("UPDATE memo SET pasted_at = made_at") == 1
    assert run("UPDATE event SET body = NULL") > 1
