"""What each topic of the outbox does.  Handlers are idempotent: an item may come again after a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import current_app

from shopdesk.connectors.places import ours
from shopdesk.core.permissions import Actor
from shopdesk.imports import service as imports
from shopdesk.outbound import paying
from shopdesk.reconciling import service as reconciling
from shopdesk.staff import queries as staff


def run_import(*, store_id: int, run_id: int, person_id: int | None = None) -> None:
    """Import the files that a person handed in, in their name as their rights stand now."""
    person = staff.person_by_id(person_id) if person_id is not None else None
    actor = staff.actor_for(person, channel="file") if person else Actor.system([store_id])
    imports.run_queued(store_id, run_id, current_app.config["DATA"] / "imports", actor=actor)


def pay_refund(*, store_id: int, payout_id: int) -> None:
    """Pay out what was just approved; what cannot be sent now comes again by the clockwork.

    What the platform pays may have been told already, while it waited for its approval.
    """
    paying.pay_out(store_id, payout_id, ours())
    order_id = paying.order_at_platform(store_id, payout_id)
    if order_id is not None:
        look_at_money(store_id=store_id, order_id=order_id)


def look_at_money(*, store_id: int, order_id: int) -> None:
    """Something was noted by hand about an order of which the platform's list may have told."""
    reconciling.look_again(order_id, store_id, actor=Actor.system([store_id]))


def look_at_refund(*, number: str | None = None) -> None:
    """A place told that something happened to a payout."""
    paying.look_at(number)


HANDLERS: dict[str, Callable[..., Any]] = {
    "import.run": run_import,
    "money.look": look_at_money,
    "refund.look": look_at_refund,
    "refund.pay": pay_refund,
}
