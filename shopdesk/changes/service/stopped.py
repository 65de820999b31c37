"""A fact that meets a stop: recorded all the same, and those concerned are alarmed (domain.md §3, E72)."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Hold, Parcel
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import LEFT, HoldCause

ALARMED = (Role.PRINTING, Role.WAREHOUSE, Role.SUPERVISOR)


def meet_stops(parcel: Parcel, report: Report, known_stops: list[int], actor: Actor) -> None:
    """`known_stops`: those that held the parcel before the fact; one that has left is held no longer."""
    if parcel.stage in LEFT:
        parcel_service.let_leave(parcel)
    if not known_stops:
        return
    order = parcels.orders_in_parcel(parcel.id, parcel.store_id)[0]
    for role in ALARMED:
        notices.put(
            role, NoticeKind.ALARM, order, actor=actor, parcel_id=parcel.id, code="moved_while_stopped",
            stage=str(parcel.stage), source=str(report.source), stop=known_stops[0],
            happened_at=report.happened_at.isoformat() if report.happened_at else None,
        )  # fmt: skip


def stops_on(parcel: Parcel) -> list[int]:
    if not parcel.holds:
        return []
    statement = select(Hold.cause_id).where(
        Hold.parcel_id == parcel.id, Hold.cause == HoldCause.STOP, Hold.ended_at.is_(None)
    )
    return list(db.session.scalars(in_store(statement, parcel.store_id, Hold)))
