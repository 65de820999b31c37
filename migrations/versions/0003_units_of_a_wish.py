"""what a quantity wish took off in each parcel"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("change_wish", sa.Column("units", sa.Integer(), nullable=True))
    _fill()


def _fill() -> None:
    """Until now one parcel gave all units of a wish: the one of its first change."""
    names = {
        "change_wish": ("id", "change_id", "wish_id", "units"), "wish": ("id", "kind", "amendment_id"),
        "change": ("id", "state"), "amendment": ("id", "was", "value"),
    }  # fmt: skip
    link, wish, change, amendment = (sa.table(t, *(sa.column(c) for c in cols)) for t, cols in names.items())
    found = (
        sa.select(link.c.id, link.c.wish_id, change.c.state, amendment.c.was, amendment.c.value)
        .join_from(link, wish, wish.c.id == link.c.wish_id)
        .join(change, change.c.id == link.c.change_id)
        .join(amendment, amendment.c.id == wish.c.amendment_id)
        .where(wish.c.kind == "quantity")
        .order_by(link.c.change_id)
    )
    seen: set[int] = set()
    for row in op.get_bind().execute(found).all():
        is_first = row.wish_id not in seen and row.state in ("open", "done")
        seen.add(row.wish_id)
        took = json.loads(row.was)["quantity"] - json.loads(row.value)["quantity"] if is_first else 0
        op.execute(link.update().where(link.c.id == row.id).values(units=took))
