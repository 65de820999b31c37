"""代发: a physical step at a supplier's warehouse is a message to them and their answer (domain.md §2).

The answer *done* does the step, *gone* is the fact that it left, with everything that follows from one; *refused* is
kept, and they may be asked again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from shopdesk.changes import rules
from shopdesk.changes.models import Change, SupplierMessage
from shopdesk.changes.queries import supply
from shopdesk.changes.service import carrying, facts
from shopdesk.changes.service.steps import Evidence, Turn, carry_out, take_turn
from shopdesk.changes.states import Code, SupplierAnswer, SupplierChannel
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import Personal
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff import queries as staff

#: Here *done* says: not printed yet, noted.
TELLS_STAGE = frozenset({Code.ASK_STAGE, Code.ACKNOWLEDGE})
NOT_BY_MESSAGE = IllegalMove("This step is done in our own warehouse; nobody has to be asked.")


@dataclass(frozen=True, slots=True)
class Reply:
    """What the supplier answered, in their words; `at` (aware) when, else now; `waybill` with a re-print."""

    answer: SupplierAnswer
    words: str | None = None
    at: datetime | None = None
    waybill: str | None = None
    grams: int | None = None


@command
def ask_supplier(
    change_id: int, position: int, via: SupplierChannel, *, actor: Actor, seen_version: int | None = None
) -> SupplierMessage:
    """Tick that the message of a step was sent to the supplier.

    Raises NotFound, NotAllowed, IllegalMove (`not_by_message`, not its turn), Conflict (`already_sent`).
    """
    turn = _turn(change_id, position, actor, seen_version)
    if supply.open_message(turn.step.id, turn.change.store_id) is not None:
        raise Conflict("They were asked already, and have not answered yet.", code="already_sent")
    change = turn.change
    made = SupplierMessage(
        store_id=change.store_id, change_id=change.id, step_id=turn.step.id, sent_via=via, sent_at=clock.now(),
        sent_by_id=actor.id,
    )  # fmt: skip
    db.session.add(made)
    change.version += 1
    db.session.flush()
    audit.record(
        "supplier.asked", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        step=turn.step.code, via=str(via),
    )  # fmt: skip
    return made


def _turn(change_id: int, position: int, actor: Actor, seen_version: int | None) -> Turn:
    turn = take_turn(change_id, position, Permission.SUPPLIER_ASK, actor=actor, seen_version=seen_version)
    if not turn.step.by_message:
        raise IllegalMove(NOT_BY_MESSAGE.message, code="not_by_message", step=turn.step.code)
    return turn


@command
def note_reply(change_id: int, position: int, reply: Reply, *, actor: Actor, seen_version: int | None = None) -> Change:
    """Note what the supplier answered to the message of a step, and do what follows from it.

    Raises as `ask_supplier`; IllegalMove (`not_sent`), RuleViolation (words, time, the evidence of the step).
    """
    turn = _turn(change_id, position, actor, seen_version)
    change, step = turn.change, turn.step
    message = supply.open_message(step.id, change.store_id)
    if message is None:
        raise IllegalMove("Tick first that the message was sent.", code="not_sent")
    words = strip_controls(reply.words or "").strip()
    _check(reply, words)
    _keep(message, reply, words, actor)
    audit.record(
        "supplier.answered", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        step=step.code, answer=str(reply.answer),
    )  # fmt: skip
    if reply.answer is SupplierAnswer.DONE and step.code in TELLS_STAGE:
        return _not_printed(turn, reply, actor)
    if reply.answer is SupplierAnswer.DONE:
        return carry_out(turn, Evidence(waybill=reply.waybill, grams=reply.grams), actor=actor)
    change.version += 1
    db.session.flush()
    if reply.answer is SupplierAnswer.GONE:
        _gone(change, reply, actor)
    return change


def _check(reply: Reply, words: str) -> None:
    if reply.answer is SupplierAnswer.REFUSED and not words:
        raise RuleViolation("Say what they answered.", code="value_required", missing="text")
    if len(words) > rules.MAX_ANSWER:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=rules.MAX_ANSWER)
    if reply.at is not None and reply.at > clock.now():
        raise RuleViolation("They cannot have answered in the future.", code="in_the_future")


def _keep(message: SupplierMessage, reply: Reply, words: str, actor: Actor) -> None:
    now = clock.now()
    kept = rows_changed(
        in_store(update(SupplierMessage), message.store_id, SupplierMessage)
        .where(SupplierMessage.id == message.id, SupplierMessage.answered_at.is_(None))
        .values(
            answer=reply.answer, words=Personal(words, "text") if words else None, said_at=reply.at or now,
            answered_at=now, answered_by_id=actor.id,
        )
    )  # fmt: skip
    if kept != 1:
        raise Conflict("Somebody else noted their answer a moment ago.", code="already_there")


def _not_printed(turn: Turn, reply: Reply, actor: Actor) -> Change:
    """As printing's word on a notice: what waited for it is carried out, or the hold ends."""
    change = turn.change
    carrying.go_on(change, Code(turn.step.code), actor)
    parcel = parcels.locked_parcels([change.parcel_id], change.store_id)[0]
    name = staff.warehouse(parcel.warehouse_id).name
    parcel_service.mark_known(parcel, reply.at or clock.now(), source=Source.API, origin=name[:64])
    change.version += 1
    db.session.flush()
    audit.record(
        "step.done", "change", change.id, actor, store_id=change.store_id, order_id=change.order_id,
        step=turn.step.code,
    )  # fmt: skip
    return change


def _gone(change: Change, reply: Reply, actor: Actor) -> None:
    """A fact as any other: never refused, the change ends too late and becomes a case."""
    parcel = parcels.locked_parcels([change.parcel_id], change.store_id)[0]
    name = staff.warehouse(parcel.warehouse_id).name
    report = Report(
        stage=Stage.SHIPPED, happened_at=None, as_of=reply.at or clock.now(), source=Source.API, origin=name[:64],
        person_id=actor.id,
    )  # fmt: skip
    facts.record_fact(parcel, report, actor=actor)
