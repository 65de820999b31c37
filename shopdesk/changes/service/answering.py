"""Printing's word on a notice: not printed yet, already printed, already gone (domain.md §3)."""

from __future__ import annotations

from sqlalchemy import select

from shopdesk.changes.models import Change
from shopdesk.changes.playbook import Code
from shopdesk.changes.service import carrying, facts
from shopdesk.changes.states import ChangeState
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require_role
from shopdesk.core.scope import in_store, load
from shopdesk.notices import service as notices
from shopdesk.notices.models import Answer, Notice, NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage

#: Notices that ask about the stage are answered with one of these three; the others are noted.
ASKING = frozenset({NoticeKind.CHANGE, NoticeKind.STAGE, NoticeKind.VOID, NoticeKind.MEMO})
ASKS = {NoticeKind.STAGE: Code.ASK_STAGE, NoticeKind.CHANGE: Code.ACKNOWLEDGE}
STAGES = {Answer.PRINTED: Stage.PRINTED, Answer.GONE: Stage.SHIPPED}


def answers_to(kind: NoticeKind) -> frozenset[Answer]:
    """What such a notice may be answered with; a recall also with "too late, it is gone"."""
    if kind in ASKING:
        return frozenset({Answer.NOT_PRINTED, Answer.PRINTED, Answer.GONE})
    return frozenset({Answer.NOTED, Answer.GONE} if kind is NoticeKind.RECALL else {Answer.NOTED})


@command
def answer_notice(notice_id: int, given: Answer, *, batch: str | None = None, actor: Actor) -> Notice:
    """Answer a notice of one's role.

    *printed* and *gone* are stage facts (*gone* of a recall: too late); *not printed* is printing's word and ends the
    hold, or lets a wish that waited for it be carried out.  Raises NotAllowed, Conflict (answered or withdrawn
    meanwhile), RuleViolation (an answer that this notice does not ask for).
    """
    notice = load(Notice, notice_id, actor, Permission.NOTICE_ANSWER)
    require_role(actor, notice.role, notice.store_id)
    if given not in answers_to(notice.kind):
        raise RuleViolation("This notice asks for another answer.", code="wrong_answer", kind=str(notice.kind))
    parcels.locked_with_orders(_parcel_ids(notice), notice.store_id)
    notices.answer(notice.id, given, actor=actor)  # the row count decides between two clerks
    audit.record(
        "notice.answered", "notice", notice.id, actor, store_id=notice.store_id, order_id=notice.order_id,
        answer=str(given), kind=str(notice.kind), change=notice.change_id,
    )  # fmt: skip
    if given in STAGES:
        _report(notice, STAGES[given], batch, actor)
    elif given is Answer.NOT_PRINTED:
        _not_printed(notice, actor)
    db.session.refresh(notice)
    return notice


def _report(notice: Notice, stage: Stage, batch: str | None, actor: Actor) -> None:
    """Already printed, already gone: a fact whose time nobody wrote down, but not after now."""
    at = clock.now()
    source = Source.PAGE if notice.kind is NoticeKind.RECALL else Source.PRINTING
    report = Report(stage=stage, happened_at=None, as_of=at, source=source, batch=batch, person_id=actor.id)
    for parcel in parcels.locked_parcels(_parcel_ids(notice), notice.store_id):
        facts.record_fact(parcel, report, actor=actor)


def _parcel_ids(notice: Notice) -> list[int]:
    """The parcel that the notice speaks of, else all of its order."""
    if notice.parcel_id is not None:
        return [notice.parcel_id]
    return [parcel.id for parcel in parcels.parcels_of_order(notice.order_id, notice.store_id)]


def _not_printed(notice: Notice, actor: Actor) -> None:
    if notice.parcel_id is not None:
        parcel = parcels.locked_parcels([notice.parcel_id], notice.store_id)[0]
        if parcel.stage is not Stage.UNPRINTED:
            raise Conflict(
                "The parcel is %(stage)s meanwhile; nothing was changed. See what is possible now.",
                code="stage_moved", stage=str(parcel.stage),
            )  # fmt: skip
    if notice.change_id is not None:
        _go_on(notice, _change(notice), actor)
    if notice.parcel_id is not None:
        # After the release: what printing saw just now was still unprinted when the change was done (is_overtaken).
        parcel_service.mark_known(parcel, clock.now(), source=Source.PRINTING, origin=None)


def _go_on(notice: Notice, change: Change, actor: Actor) -> None:
    if change.state is not ChangeState.OPEN:
        return
    if notice.kind in ASKS:
        carrying.go_on(change, ASKS[notice.kind], actor)


def _change(notice: Notice) -> Change:
    statement = select(Change).where(Change.id == notice.change_id).with_for_update(key_share=True)
    return db.session.scalars(in_store(statement, notice.store_id, Change)).one()
