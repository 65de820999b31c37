"""A re-print: a new version of the papers, and where the label changes a new waybill in the place of the old."""

from __future__ import annotations

from sqlalchemy import func, select, update

from shopdesk.core import clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import RuleViolation
from shopdesk.core.scope import in_store
from shopdesk.orders.service.keys import index_waybill
from shopdesk.parcels import queries
from shopdesk.parcels.models import Batch, Parcel, Waybill
from shopdesk.parcels.service.making import MOST_CARRIER
from shopdesk.parcels.service.waybills import check_waybill, not_a_waybill
from shopdesk.parcels.states import WAYBILLS_VALID, Stage, WaybillState


@command
def reprint(parcel: Parcel) -> int:
    """The papers are printed once more; their new version.  The caller records why."""
    db.session.flush()
    rows_changed(
        in_store(update(Parcel), parcel.store_id, Parcel)
        .where(Parcel.id == parcel.id)
        .values(papers_version=Parcel.papers_version + 1, version=Parcel.version + 1)
    )
    db.session.refresh(parcel)
    return parcel.papers_version


@command
def relabel(
    parcel: Parcel, number: str, carrier: str | None, *, is_electronic: bool, former: WaybillState
) -> list[str]:
    """Give the parcel a new waybill; its valid ones become `former`; their numbers.

    Raises RuleViolation where the number is this parcel's already (`waybill_ended`), another parcel's
    (`waybill_in_use`), or means something else on the desk (`not_a_waybill`).
    """
    check_free(parcel, number)
    old = [w for w in queries.waybills([parcel.id], parcel.store_id) if w.state in WAYBILLS_VALID]
    for waybill in old:
        waybill.state = former
    carrier = carrier or (old[-1].carrier if old else None)
    db.session.add(
        Waybill(
            store_id=parcel.store_id, parcel_id=parcel.id, number=number, carrier=carrier and carrier[:MOST_CARRIER],
            is_electronic=is_electronic, known_at=clock.now(),
        )
    )  # fmt: skip
    for order in queries.orders_in_parcel(parcel.id, parcel.store_id):
        index_waybill(order, number)
    db.session.flush()
    return [waybill.number for waybill in old]


def _check_meaning(parcel: Parcel, number: str) -> None:
    """What stands for something else on the desk is a slip of the scanner: our own papers, an order, a batch."""
    check_waybill(number, parcel.store_id)
    is_batch = select(Batch.id).where(func.upper(Batch.name) == number.upper())
    if db.session.scalar(in_store(is_batch.limit(1), parcel.store_id, Batch)) is not None:
        raise not_a_waybill(number, "batch")


def check_free(parcel: Parcel, number: str) -> None:
    """A number that is to be this parcel's; a voided parcel never leaves: its number may be given once more.

    Raises RuleViolation as `relabel`.
    """
    _check_meaning(parcel, number)
    same = (
        select(Waybill, Parcel.stage)
        .join(Parcel, Parcel.id == Waybill.parcel_id)
        .where(func.upper(Waybill.number) == number.upper())
    )
    for waybill, stage in db.session.execute(in_store(same, parcel.store_id, Waybill)):
        if waybill.parcel_id == parcel.id:
            raise RuleViolation(
                "This is the parcel's old waybill number; a new one is needed.", code="waybill_ended", waybill=number
            )
        if waybill.state in WAYBILLS_VALID and stage is not Stage.VOIDED:
            raise RuleViolation("Another parcel has this waybill number.", code="waybill_in_use", waybill=number)
