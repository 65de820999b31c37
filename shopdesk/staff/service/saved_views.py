"""Filters of a page that a person keeps under a name, for themselves alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.text import strip_controls
from shopdesk.staff.models import SavedView

MAX_TITLE = 40  # characters
MOST = 30  # of one person on one page


@command
def save_view(page: str, title: str, query: dict[str, Any], *, actor: Actor) -> SavedView:
    """Keep these parameters of a page; the same title writes over what it named.

    Raises RuleViolation (no title, too long, too many).
    """
    named = " ".join(strip_controls(title).split())
    if not named:
        raise RuleViolation("Give it a name.", code="value_required", missing="title")
    if len(named) > MAX_TITLE:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_TITLE)
    mine = (SavedView.person_id == (actor.id or 0), SavedView.page == page)
    found = db.session.scalars(select(SavedView).where(*mine, SavedView.title == named)).one_or_none()
    if found is None:
        if int(db.session.scalar(select(func.count(SavedView.id)).where(*mine)) or 0) >= MOST:
            raise RuleViolation("At most %(most)s views: delete one first.", code="too_many", most=MOST)
        found = SavedView(person_id=actor.id, page=page, title=named)
        db.session.add(found)
    found.query, found.saved_at = query, clock.now()
    db.session.flush()
    audit.record("view.saved", "saved_view", found.id, actor, page=page)
    return found


@command
def delete_view(view_id: int, *, actor: Actor) -> None:
    """Forget one of one's own.  Raises NotFound."""
    statement = delete(SavedView).where(SavedView.id == view_id, SavedView.person_id == (actor.id or 0))
    if rows_changed(statement) != 1:
        raise NotFound("There is no such thing here.")
    audit.record("view.deleted", "saved_view", view_id, actor)
