"""API tokens: opaque, shown once, kept as a hash."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.staff import queries, rules
from shopdesk.staff.models import ApiToken

MAX_DAYS = 3650


@command
def create_token(person_id: int, *, scopes: Sequence[str] | None, days: int, actor: Actor) -> str:
    """The secret of a new token.  Scopes only narrow what the person's roles allow at the time of each request.

    Raises NotFound, RuleViolation: `bad_scope`, `scope_not_allowed` (no role of the person allows it in any store).
    """
    person = queries.person_by_id(person_id)
    if person is None:
        raise NotFound("There is no such person.")
    if person.disabled_at:
        raise RuleViolation("%(name)s is disabled: use `staff enable`.", code="disabled", name=person.login)
    unknown = sorted(set(scopes or ()) - set(Permission))
    if unknown:
        raise RuleViolation("There is no permission %(scope)s.", code="bad_scope", scope=", ".join(unknown))
    holder = queries.actor_for(person, channel="api")
    beyond = sorted(scope for scope in set(scopes or ()) if not holder.has_anywhere(Permission(scope)))
    if beyond:
        raise RuleViolation(
            "The roles of %(name)s do not allow %(scope)s.", code="scope_not_allowed", name=person.login,
            scope=", ".join(beyond),
        )  # fmt: skip
    if not 1 <= days <= MAX_DAYS:
        raise RuleViolation("A token is valid for 1 to %(most)d days.", code="bad_days", most=MAX_DAYS)
    secret, at = rules.new_secret(), clock.now()
    token = ApiToken(
        person_id=person.id,
        secret_hash=rules.secret_hash(secret),
        scopes=sorted(set(scopes)) if scopes else None,
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    db.session.add(token)
    db.session.flush()
    audit.record("token.created", "token", token.id, actor, person_id=person.id, days=days, scopes=token.scopes)
    return secret


@command
def revoke_token(token_id: int, *, actor: Actor) -> None:
    token = db.session.scalars(select(ApiToken).where(ApiToken.id == token_id)).one_or_none()
    if token is None:
        raise NotFound("There is no such token.")
    token.revoked_at = clock.now()
    audit.record("token.revoked", "token", token.id, actor)
