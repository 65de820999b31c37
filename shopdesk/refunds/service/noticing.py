"""Supervisors hear in their inbox of a refund that waits for somebody's yes, as long as it does."""

from __future__ import annotations

from shopdesk.core.permissions import Actor, Role
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.refunds.models import Refund

TO_APPROVE = "refund_to_approve"  # the code that words the notice


def ask_for_approval(refund: Refund, *, actor: Actor) -> None:
    """One reminder to the store's supervisors; it is of who asked for the refund, so that it never reaches them."""
    order = orders.order_by_id(refund.order_id, refund.store_id)
    notice = notices.put(
        Role.SUPERVISOR, NoticeKind.NUDGE, order, actor=actor, code=TO_APPROVE, refund=refund.id
    )  # fmt: skip
    notice.made_by_id = refund.requested_by_id


def approval_is_decided(refund: Refund) -> None:
    """Nobody need look at it any more."""
    notices.withdraw_saying(
        Role.SUPERVISOR, NoticeKind.NUDGE, refund.order_id, store_id=refund.store_id, code=TO_APPROVE, refund=refund.id
    )
