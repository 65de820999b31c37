"""A payout by hand: its account is looked at on the record, its receipt is kept with its confirmation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from shopdesk.core import audit, clock, pictures
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.pictures import Picture
from shopdesk.core.scope import in_store, load
from shopdesk.reconciling.models import PayoutReceipt
from shopdesk.reconciling.queries import told
from shopdesk.refunds import queries as refund_queries
from shopdesk.refunds import service as refunds
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.service import paying

MOST_RECEIPTS = 3  # of a payout
P = Permission.PAYOUT_CONFIRM


@command
def reveal_account(payout_id: int, *, actor: Actor) -> str | None:
    """The account that a payout goes to, in clear; None where it needs none.  Raises NotFound, NotAllowed."""
    payout = load(RefundPayment, payout_id, actor, P)
    refund = refund_queries.refund_by_id(payout.refund_id, actor)
    audit.record(
        "personal.revealed", "payout", payout.id, actor, store_id=payout.store_id, order_id=refund.order_id,
        what="account", reason="own_work",
    )  # fmt: skip
    return refund.account.reveal("to pay a refund to it") if refund.account else None


@command
def confirm(payout_id: int, reference: str, receipts: Sequence[Picture] = (), *, actor: Actor) -> RefundPayment:
    """Finance paid it: the reference of the transfer, and pictures of its receipt where there are any.

    Raises as `refunds.confirm`, RuleViolation (`too_many_photos`).
    """
    payout = refunds.confirm(payout_id, reference, actor=actor)
    if receipts:
        add_receipts(payout_id, receipts, actor=actor)
    return payout


@command
def end_paid_otherwise(payout_id: int, *, actor: Actor) -> RefundPayment:
    """The platform paid another amount for it: what stands as outside was this payout, whose money is free.

    Raises NotFound, NotAllowed, IllegalMove (`wrong_state`: also where its list tells of no other amount).
    """
    payout = load(RefundPayment, payout_id, actor, P)
    paying.locked_with_owner(payout.id, payout.store_id)  # no list is matched with it while it is looked up
    if not told.otherwise([payout.id], payout.store_id):
        raise IllegalMove("The platform's list tells of no other amount.", code="wrong_state")
    return refunds.end_paid_otherwise(payout_id, actor=actor)


@command
def add_receipts(payout_id: int, taken: Sequence[Picture], *, actor: Actor) -> RefundPayment:
    """Keep receipts of a payout; one that is there already is not added again.  The files are written first.

    Raises NotFound, NotAllowed, RuleViolation (`too_many_photos`, `picture_empty`).
    """
    payout = load(RefundPayment, payout_id, actor, P, lock="update")
    if not taken:
        raise RuleViolation("Choose a picture, paste one or drop one here.", code="picture_empty")
    there = select(PayoutReceipt.sha256).where(PayoutReceipt.payout_id == payout.id)
    known = set(db.session.scalars(in_store(there, payout.store_id, PayoutReceipt)))
    new = {picture.sha256: picture for picture in taken if picture.sha256 not in known}
    if len(known) + len(new) > MOST_RECEIPTS:
        raise RuleViolation(
            "A payout has at most %(most)s receipts; %(there)s are there.", code="too_many_photos",
            most=MOST_RECEIPTS, there=len(known),
        )  # fmt: skip
    for picture in new.values():
        pictures.keep(picture)
        db.session.add(
            PayoutReceipt(
                store_id=payout.store_id, payout_id=payout.id, sha256=picture.sha256, width=picture.width,
                height=picture.height, bytes=len(picture.jpeg), added_by_id=actor.id, added_at=clock.now(),
            )
        )  # fmt: skip
    db.session.flush()
    refund = refund_queries.refund_by_id(payout.refund_id, actor)
    audit.record(
        "payout.receipts_added", "payout", payout.id, actor, store_id=payout.store_id, order_id=refund.order_id,
        receipts=sorted(new),
    )  # fmt: skip
    return payout


@command
def note_export(what: str, count: int, *, actor: Actor) -> None:
    """Put on record that somebody took a table out, in every store of theirs.  Raises NotAllowed."""
    for store_id in actor.stores_with(P):
        require(actor, P, store_id)
        audit.record("register.exported", "store", store_id, actor, store_id=store_id, register=what, rows=count)
