"""The customer has longer to send: the day is moved on, with its reason, as often as the store allows."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update

from shopdesk.cases.models import Case
from shopdesk.cases.service.noting import write
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.returns import queries, rules
from shopdesk.returns.models import Return
from shopdesk.returns.rules.slip import extended_note
from shopdesk.returns.rules.window import last_day
from shopdesk.returns.service.confirming import of_case_kept
from shopdesk.returns.states import ReturnState
from shopdesk.staff import queries as staff


@command
def extend(return_id: int, until: datetime, reason: str, *, actor: Actor) -> Return:
    """Move the day by which the customer is to have sent to a later one; the reason stays as a note of the case.

    By the owner of the case as often as the store allows (`return_extensions`, else once); beyond that it is an
    exception of who may make one, and is kept with the return.
    Raises NotFound, NotAllowed (`not_the_owner`), IllegalMove (`case_closed`, `wrong_state` once it is on its way,
    `extended_before` with `times`), RuleViolation (`bad_until`, `not_later`, no reason), Conflict.
    """
    back, case = of_case_kept(return_id, actor)
    said = rules.reason_text(reason)
    store = staff.store_by_id(back.store_id)
    times, allowed = queries.extended(back.id), queries.extensions_of(store)
    may_except = actor.may(Permission.RETURN_EXCEPT, store.id)
    rules.check_extension(back.state, times, allowed, may_except=may_except)
    rules.check_until(until, clock.now())
    rules.check_later(until, back.until)
    before = back.until
    is_exception = times >= allowed
    _move(back, until, said if is_exception else None, actor)
    _note(case, extended_note(store.memo_language, _day(before, store.zone), _day(until, store.zone), said), actor)
    audit.record(
        "return.extended", "return", back.id, actor, store_id=store.id, order_id=back.order_id, case=case.id,
        before=before.isoformat() if before else None, until=until.isoformat(), is_exception=is_exception,
    )  # fmt: skip
    return back


def _move(back: Return, until: datetime, exception: str | None, actor: Actor) -> None:
    """One conditional UPDATE: it is still not sent, and the day is the one that was looked at."""
    values: dict[str, object] = {"until": until, "version": Return.version + 1}
    if exception is not None:
        told = back.exception.reveal("kept with the further one") if back.exception else None
        values |= {"exception": "\n".join(part for part in (told, exception) if part), "excepted_by_id": actor.id}
    same = (Return.id == back.id, Return.state == ReturnState.CONFIRMED, Return.version == back.version)
    done = rows_changed(in_store(update(Return).where(*same).values(**values), back.store_id, Return))
    db.session.refresh(back)
    if done != 1:
        raise Conflict("The return has moved on meanwhile. Please look again.", code="return_moved")


def _day(at: datetime | None, zone: str) -> str:
    return last_day(at.astimezone(ZoneInfo(zone))).isoformat() if at else "—"


def _note(case: Case, text: str, actor: Actor) -> None:
    write(case, text, (), actor)
