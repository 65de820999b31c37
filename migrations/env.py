"""Alembic inside the application: its engine, its metadata."""

from alembic import context
from sqlalchemy import types

from shopdesk.core import columns, personal
from shopdesk.core.db import db
from shopdesk.core.rebuilding import rebuilding
from shopdesk.tables import MODULES  # noqa: F401 fills the metadata


def _render(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types as the plain ones beneath them, so that old migrations need none of our code."""
    if kind != "type":
        return False
    if item is columns.BigId:
        return 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")'
    if isinstance(item, columns.UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, columns.OneOf):
        return f"sa.String({item.impl.length})"  # type: ignore[attr-defined]
    if isinstance(item, columns.JSONText | personal.PersonalText):
        return "sa.Text()"
    return False


def run() -> None:
    engine = db.engine
    with engine.connect() as connection, rebuilding(connection) as at_the_end:
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            render_item=_render,
            compare_type=_differs,
            transaction_per_migration=True,
            on_version_apply=at_the_end,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()


def _differs(_context: object, _inspected: object, _metadata: object, found: object, wanted: object) -> bool | None:
    """Our types over plain ones are the same column."""
    return False if isinstance(wanted, types.TypeDecorator) else None


run()
