"""What the platform said of refunds, and which change or case came of it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.changes.models import RefundApplication
from shopdesk.changes.states import ApplicationState
from shopdesk.core.db import db
from shopdesk.core.scope import in_store


def newest_of(order_id: int, line_id: int | None, store_id: int) -> RefundApplication | None:
    """The newest application about the line, or (None) about the order as a whole."""
    about = RefundApplication.line_id.is_(None) if line_id is None else RefundApplication.line_id == line_id
    statement = select(RefundApplication).where(RefundApplication.order_id == order_id, about)
    newest = in_store(statement.order_by(RefundApplication.id.desc()).limit(1), store_id, RefundApplication)
    return db.session.scalars(newest).one_or_none()


def of_changes(change_ids: Sequence[int], store_id: int) -> list[RefundApplication]:
    """Oldest first."""
    statement = select(RefundApplication).where(RefundApplication.change_id.in_(change_ids))
    return list(db.session.scalars(in_store(statement.order_by(RefundApplication.id), store_id, RefundApplication)))


def is_let_go(change_id: int, store_id: int) -> bool:
    """Whether the platform asked for the change and has closed every application since: people may withdraw it."""
    found = of_changes([change_id], store_id)
    return bool(found) and all(row.state is ApplicationState.WITHDRAWN for row in found)


def of_order(order_id: int, store_id: int) -> list[RefundApplication]:
    """Newest first."""
    statement = select(RefundApplication).where(RefundApplication.order_id == order_id)
    return list(
        db.session.scalars(in_store(statement.order_by(RefundApplication.id.desc()), store_id, RefundApplication))
    )


def cases_of_order(order_id: int, store_id: int) -> set[int]:
    """The cases that applications on the order have become."""
    return {row.case_id for row in of_order(order_id, store_id) if row.case_id is not None}
