"""Filters of a page that a person keeps under a name: for themselves, or shared with everybody of a store.

A shared view stands under `page@store`; its person is who shared it.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, select, update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.text import strip_controls
from shopdesk.staff import rules
from shopdesk.staff.models import SavedView

MAX_TITLE = 40  # characters
MOST = 30  # of one person on one page, and of one store


@command
def save_view(page: str, title: str, query: dict[str, Any], *, actor: Actor) -> SavedView:
    """Keep these parameters of a page; the same title writes over what it named.

    Raises RuleViolation (no title, too long, too many).
    """
    named = _title(title)
    mine = (SavedView.person_id == (actor.id or 0), SavedView.page == page)
    found = db.session.scalars(select(SavedView).where(*mine, SavedView.title == named)).one_or_none()
    if found is None:
        _check_room(*mine)
        found = SavedView(person_id=actor.id, page=page, title=named)
        db.session.add(found)
    found.query, found.saved_at = query, clock.now()
    db.session.flush()
    audit.record("view.saved", "saved_view", found.id, actor, page=page)
    return found


@command
def rename_view(view_id: int, title: str, *, actor: Actor) -> SavedView:
    """Give it another name.

    Raises NotFound, NotAllowed, RuleViolation (no title, too long), Conflict (`title_taken`).
    """
    found = _theirs(view_id, actor)
    named = _title(title)
    if named != found.title:
        _put(found, found.page, named)
        audit.record("view.renamed", "saved_view", found.id, actor, store_id=rules.shared_with(found.page))
    return found


@command
def share_view(view_id: int, store_id: int | None, *, actor: Actor) -> SavedView:
    """Show it to everybody who sees that page of the store; None: to nobody but its person again.

    Raises NotFound, NotAllowed (`view:share` in that store), RuleViolation (too many), Conflict (`title_taken`).
    """
    found = _theirs(view_id, actor)
    before = rules.shared_with(found.page)
    if before == store_id:
        return found
    if store_id is not None:
        require(actor, Permission.VIEW_SHARE, store_id)
    page = rules.shared_page(rules.page_of(found.page), store_id)
    if store_id is not None:
        _check_room(SavedView.page == page)
    _put(found, page, found.title)
    audit.record("view.shared", "saved_view", found.id, actor, store_id=store_id or before, with_store=store_id)
    return found


@command
def delete_view(view_id: int, *, actor: Actor) -> None:
    """Forget one of one's own, or a shared one of a store where one shares.  Raises NotFound, NotAllowed."""
    found = _theirs(view_id, actor)
    store_id = rules.shared_with(found.page)
    if rows_changed(delete(SavedView).where(SavedView.id == view_id)) != 1:
        raise NotFound("There is no such thing here.")
    audit.record("view.deleted", "saved_view", view_id, actor, store_id=store_id)


def _theirs(view_id: int, actor: Actor) -> SavedView:
    """One's own; a shared one of a store whose views one looks after.  Those of others are not there."""
    found = db.session.scalars(select(SavedView).where(SavedView.id == view_id)).one_or_none()
    if found is None:
        raise NotFound("There is no such thing here.")
    store_id = rules.shared_with(found.page)
    if store_id is None and found.person_id != (actor.id or 0):
        raise NotFound("There is no such thing here.")
    if store_id is not None and store_id not in actor.roles:
        raise NotFound("There is no such thing here.")
    if store_id is not None:
        require(actor, Permission.VIEW_SHARE, store_id)
    return found


def _put(found: SavedView, page: str, title: str) -> None:
    """Under another page or name, where that is free: for the store, or for its person."""
    of_store = rules.shared_with(page) is not None
    same = select(SavedView.id).where(SavedView.page == page, SavedView.title == title, SavedView.id != found.id)
    if not of_store:
        same = same.where(SavedView.person_id == found.person_id)
    if db.session.scalar(same.limit(1)) is not None:
        raise Conflict("There is a view of that name already.", code="title_taken", title=title)
    rows_changed(update(SavedView).where(SavedView.id == found.id).values(page=page, title=title))
    db.session.refresh(found)


def _check_room(*where: Any) -> None:
    if int(db.session.scalar(select(func.count(SavedView.id)).where(*where)) or 0) >= MOST:
        raise RuleViolation("At most %(most)s views: delete one first.", code="too_many", most=MOST)


def _title(title: str) -> str:
    named = " ".join(strip_controls(title).split())
    if not named:
        raise RuleViolation("Give it a name.", code="value_required", missing="title")
    if len(named) > MAX_TITLE:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_TITLE)
    return named
