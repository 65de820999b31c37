"""The store's policy about returns, from now on."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, NotFound
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls
from shopdesk.returns import rules
from shopdesk.returns.models import ReturnPolicy
from shopdesk.returns.states import FreightPayer


@command
def set_policy(
    store_id: int, *, days: int, condition: str, freight: FreightPayer, receiver: str | None, actor: Actor
) -> ReturnPolicy:
    """Write a version that holds for orders placed from now on; former ones stay.

    `receiver`: name, phone and address that customers send to, as on the slip.
    Raises NotFound, NotAllowed, RuleViolation (`bad_days`, words), Conflict (two in the same moment).
    """
    if store_id not in actor.roles:
        raise NotFound("There is no such store here.")
    require(actor, Permission.POLICY_WRITE, store_id)
    wanted = strip_controls(condition).strip()
    sent_to = strip_controls(receiver or "").strip() or None
    rules.check_policy(days, wanted, sent_to)
    now = clock.now()
    same = select(ReturnPolicy.id).where(ReturnPolicy.from_at >= now)
    if db.session.scalar(in_store(same, store_id, ReturnPolicy)):
        raise Conflict("Somebody else did the same a moment ago. Please look again.", code="already_there")
    made = ReturnPolicy(
        store_id=store_id, from_at=now, days=days, condition=wanted, freight=freight, receiver=sent_to,
        made_by_id=actor.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    db.session.refresh(made)
    audit.record("return_policy.set", "return_policy", made.id, actor, store_id=store_id, days=days, payer=str(freight))
    return made
