"""The policy of a store about returns."""

from __future__ import annotations

from typing import Any

from flask import Response

from shopdesk.core import clock
from shopdesk.core.permissions import Permission
from shopdesk.returns import queries, schemas, service
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store
from shopdesk.web.api import DeskBlueprint, answer, at_text
from shopdesk.web.guard import actor, needs
from shopdesk.web.once import keyed

bp = DeskBlueprint("api_return_policies", __name__, tag="returns")


@bp.route("/stores/<store>/return-policy")
@needs(Permission.CASE_READ)
@bp.response(200, schemas.PolicyOut)
def show_policy(store: str) -> Response:
    """What holds for orders placed now; each order keeps what held when it was placed."""
    return answer(_now(staff.store_by_slug(store, actor(), Permission.CASE_READ), is_clear=True))


@bp.route("/stores/<store>/return-policy", methods=["POST"])
@needs(Permission.POLICY_WRITE)
@bp.arguments(schemas.PolicyIn)
@keyed()
@bp.response(201, schemas.PolicyOut)
def set_policy(body: dict[str, Any], store: str) -> Response:
    """Write a new version; former ones stay for the orders that have them."""
    found = staff.store_by_slug(store, actor(), Permission.POLICY_WRITE)
    service.set_policy(found.id, **body, actor=actor())
    return answer(_now(found, is_clear=False), 201)


def _now(store: Store, *, is_clear: bool) -> dict[str, Any]:
    found = queries.policy_at(store.id, clock.now())
    receiver = found.receiver
    return {
        "store": store.slug, "from": at_text(found.from_at), "days": found.days, "condition": found.condition,
        "freight": str(found.freight),
        "receiver": (receiver.reveal("the store's own address") if is_clear else str(receiver)) if receiver else None,
    }  # fmt: skip
