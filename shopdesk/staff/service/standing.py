"""代班: a supervisor lets a person stand in for a role in a store until a time, and may end it early."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.permissions import STANDING, Actor, Permission, Role, require
from shopdesk.core.scope import in_store, load, touch
from shopdesk.core.text import strip_controls
from shopdesk.staff import queries
from shopdesk.staff.models import StandIn

MOST_DAYS = 31
MOST_REASON = 200  # characters


@command
def stand_in(person_id: int, role: Role, store_id: int, *, until: datetime, reason: str, actor: Actor) -> StandIn:
    """Give the person that role in the store until then (aware); afterwards it gives nothing any more.

    Raises NotFound (store, person), NotAllowed (not a supervisor there, or only standing in for one), RuleViolation
    (role, time, reason, a role that the person has), Conflict (`already_there`: appointed already).
    """
    _check_supervisor(actor, store_id)
    said = strip_controls(reason).strip()
    _check(role, until, said)
    person = queries.person_by_id(person_id)
    if person is None or person.disabled_at is not None:
        raise NotFound("There is no such person.")
    if role in queries.actor_for(person, channel="page").roles.get(store_id, frozenset()):
        raise RuleViolation(
            "%(name)s has the role %(role)s there already.", code="has_role", name=person.signature, role=str(role)
        )
    _note_those_that_ran_out(store_id)
    made = StandIn(
        store_id=store_id, person_id=person.id, role=role, until=until, reason=said, given_by_id=actor.id,
        given_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        "person.stand_in_given", "person", person.id, actor, store_id=store_id, granted=str(role),
        until=until.isoformat(), stand_in=made.id,
    )  # fmt: skip
    return made


@command
def end_stand_in(stand_in_id: int, *, actor: Actor) -> StandIn:
    """End it early: it gives nothing from the next request on.  Raises NotFound, NotAllowed, IllegalMove (over)."""
    found = load(StandIn, stand_in_id, actor, Permission.STAND_IN_GIVE, lock="update")
    _check_supervisor(actor, found.store_id)
    now = clock.now()
    if found.ended_at is not None or found.until <= now:
        raise IllegalMove("This stand-in is over already.", code="stand_in_over")
    found.ended_at, found.ended_by_id = now, actor.id
    db.session.flush()
    audit.record(
        "person.stand_in_ended", "person", found.person_id, actor, store_id=found.store_id, taken=str(found.role),
        stand_in=found.id,
    )  # fmt: skip
    return found


def _check_supervisor(actor: Actor, store_id: int) -> None:
    """Whoever only stands in for a supervisor appoints nobody: else an appointment could lengthen itself."""
    if store_id not in actor.roles:
        raise NotFound("There is no such store here.")
    touch(store_id)
    require(actor, Permission.STAND_IN_GIVE, store_id)
    if all(actor.stands_in(role, store_id) for role in actor.roles[store_id] & {Role.SUPERVISOR, Role.SYSTEM}):
        raise NotAllowed("Only a supervisor of the store can appoint a stand-in.", code="not_supervisor")


def _check(role: Role, until: datetime, reason: str) -> None:
    if role not in STANDING:
        raise RuleViolation("Nobody can stand in for this role.", code="bad_role", role=str(role))
    if not reason:
        raise RuleViolation("Please say why.", code="value_required", missing="reason")
    if len(reason) > MOST_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_REASON)
    now = clock.now()
    if not now < until <= now + timedelta(days=MOST_DAYS):
        raise RuleViolation("A stand-in ends within %(days)d days from now.", code="bad_until", days=MOST_DAYS)


def _note_those_that_ran_out(store_id: int) -> None:
    """They give nothing since then; noted, so that the same person can be appointed again."""
    ran_out = update(StandIn).where(StandIn.ended_at.is_(None), StandIn.until <= clock.now())
    rows_changed(in_store(ran_out.values(ended_at=StandIn.until), store_id, StandIn))
