"""Triggers that keep a table append-only on both engines; called by migrations."""

from alembic import op

_SQLITE = """
CREATE TRIGGER {table}_keeps_{what} BEFORE {verb} ON {table} {when}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION refuse_to_rewrite() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END
$$ LANGUAGE plpgsql
"""
_POSTGRES = """
CREATE TRIGGER {table}_keeps_{what} BEFORE {verb} ON {table} FOR EACH ROW {when}
EXECUTE FUNCTION refuse_to_rewrite()
"""


def append_only(table: str, fixed: list[str]) -> None:
    """Forbid DELETE, and UPDATE of the fixed columns.  What is not fixed may change (a tick, an erased body)."""
    postgres = op.get_bind().dialect.name == "postgresql"
    template, unlike = (_POSTGRES, "IS DISTINCT FROM") if postgres else (_SQLITE, "IS NOT")
    if postgres:
        op.execute(_POSTGRES_FUNCTION)
    changed = " OR ".join(f'NEW."{column}" {unlike} OLD."{column}"' for column in fixed)
    op.execute(template.format(table=table, what="rows", verb="DELETE", when=""))
    op.execute(template.format(table=table, what="words", verb="UPDATE", when=f"WHEN ({changed})"))


def erasable(table: str, column: str) -> None:
    """Let a column only be emptied."""
    postgres = op.get_bind().dialect.name == "postgresql"
    template, unlike = (_POSTGRES, "IS DISTINCT FROM") if postgres else (_SQLITE, "IS NOT")
    when = f'WHEN (NEW."{column}" IS NOT NULL AND NEW."{column}" {unlike} OLD."{column}")'
    op.execute(template.format(table=table, what=column, verb="UPDATE", when=when))
