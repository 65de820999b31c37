"""What suppliers were asked, and what they answered."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.changes.models import SupplierMessage
from shopdesk.core.db import db
from shopdesk.core.scope import in_store


def open_message(step_id: int, store_id: int) -> SupplierMessage | None:
    """The one that waits for its answer."""
    statement = select(SupplierMessage).where(SupplierMessage.step_id == step_id, SupplierMessage.answered_at.is_(None))
    return db.session.scalars(in_store(statement, store_id, SupplierMessage)).one_or_none()


def messages_of(change_ids: Sequence[int], store_id: int) -> list[SupplierMessage]:
    """Oldest first."""
    statement = select(SupplierMessage).where(SupplierMessage.change_id.in_(change_ids)).order_by(SupplierMessage.id)
    return list(db.session.scalars(in_store(statement, store_id, SupplierMessage)))
