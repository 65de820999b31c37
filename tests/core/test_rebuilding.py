"""A migration that builds tables anew keeps the rows, the references and the triggers of a filled SQLite file."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask_migrate import upgrade
from sqlalchemy import column, select, table
from sqlalchemy.exc import DBAPIError

from setup_steps.paths import ROOT
from shopdesk.changes import service as changes
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.orders.states import Flag
from tests import make

SCRIPT = """
import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{newest}"


def upgrade():
{body}
"""

pytestmark = pytest.mark.usefixtures("app")
REBUILD = """
    for table in ("orders", "memo", "event"):
        with op.batch_alter_table(table, recreate="always") as batch:
            batch.add_column(sa.Column("remark", sa.Text(), nullable=True))
"""
ORPHAN = """
    op.execute("DELETE FROM orders")
"""


@pytest.fixture
def migrate(tmp_path: Path) -> Callable[[str], None]:
    """Bring a filled file up to a migration with the given body."""
    order = make.order()
    changes.write_note(order.id, "请尽快", flag=Flag.RED, actor=make.actor(Role.PRE_SALE))
    newest = db.session.scalars(select(column("version_num")).select_from(table("alembic_version"))).one()
    db.session.remove()
    folder = tmp_path / "migrations"
    shutil.copytree(ROOT / "migrations", folder)

    def run(body: str) -> None:
        (folder / "versions" / "9999_test.py").write_text(SCRIPT.format(newest=newest, body=body))
        upgrade(directory=str(folder))

    return run


def test_rows_references_and_triggers_outlive_a_table_that_is_built_anew(migrate: Callable[[str], None]) -> None:
    migrate(REBUILD)
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*), count(remark) FROM orders").one() == (1, 0)
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
    for statement in ("UPDATE memo SET text = 'x'", "DELETE FROM memo", "UPDATE event SET action = 'x'"):
        with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_a_migration_that_would_leave_orphans_changes_nothing(
    migrate: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(SystemExit):
        migrate(ORPHAN)
    assert "without their parent: memo of orders" in caplog.text
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM orders").scalar() == 1
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() != "9999"
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
