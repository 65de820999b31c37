"""since when a step waits, on the step that is next; changes found by their parcel"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"

AT = sa.DateTime(timezone=True)
IS_NEXT = "waits_since IS NOT NULL"
#: What changes.service.turning keeps from now on.
FILL = """
    UPDATE step SET waits_since = (
        SELECT coalesce(max(done.done_at), change.opened_at) FROM change
        LEFT JOIN step done ON done.change_id = change.id AND done.state = 'done'
        WHERE change.id = step.change_id
        AND (change.state IN ('open', 'withdrawn') OR (change.state = 'done' AND step.after_hold))
        GROUP BY change.id, change.opened_at)
    WHERE state = 'open' AND NOT EXISTS (
        SELECT 1 FROM step earlier
        WHERE earlier.change_id = step.change_id AND earlier.state = 'open' AND earlier.position < step.position
        AND NOT (earlier.after_hold AND step.after_hold))
"""


def upgrade() -> None:
    op.add_column("step", sa.Column("waits_since", AT, nullable=True))
    op.execute(FILL)
    op.create_index("ix_step_waits", "step", ["store_id", "waits_since", "id"],
                    sqlite_where=sa.text(IS_NEXT), postgresql_where=sa.text(IS_NEXT))  # fmt: skip
    op.create_index("ix_change_parcel", "change", ["parcel_id"])


def downgrade() -> None:
    op.drop_index("ix_change_parcel", "change")
    op.drop_index("ix_step_waits", "step")
    op.drop_column("step", "waits_since")
