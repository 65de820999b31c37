"""Steps at the warehouse and at printing: handed out, amended, printed again, taken back, packed again, destroyed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shopdesk.cases import queries as cases
from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, Step
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries.papers import expected_units, may_amend, needs_new_waybill
from shopdesk.changes.service import applying, copying, recalling, sharing
from shopdesk.changes.states import HANDED_TO, ChangeState, Kind
from shopdesk.core import audit
from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor
from shopdesk.core.personal import unpack
from shopdesk.notices import service as notices
from shopdesk.notices.models import NoticeKind
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.models import Parcel, Recall
from shopdesk.parcels.states import RecallState, Stage, WaybillState
from shopdesk.staff import queries as staff

if TYPE_CHECKING:
    from shopdesk.changes.service.steps import Evidence

_WAYBILL = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,63}\Z", re.ASCII)


def hand_out(change: Change, step: Step, evidence: Evidence, actor: Actor) -> None:
    """The warehouse gives papers or parcel to a named person, who holds them from now on."""
    to_id = actor.id if step.by_message else _receiver(change, Code(step.code), evidence.to)
    if to_id is None:
        raise RuleViolation("Say to whom it is handed.", code="value_required", missing="to")
    recall = recalling.open_recall(change)
    if recall is None:
        raise IllegalMove("Nothing is recalled here.", code="nothing_recalled")
    beside = sharing.recalls_beside(change, recall, RecallState.REQUESTED)
    _out(change, recall, Code(step.code), to_id, actor)
    for other, theirs in beside:  # the same papers, the same parcel: one move
        code = sharing.next_code(other)
        if code in HANDED_TO and to_id in sharing.may_receive(other, code):
            _out(other, theirs, code, to_id, actor)
            recalling.advance(other, actor)


def _out(change: Change, recall: Recall, code: Code, to_id: int, actor: Actor) -> None:
    parcel_service.hand_out(recall, by_id=actor.id, to_id=to_id)
    copying.finish_step(change, code, actor, to=to_id)
    sharing.name_holder(change, to_id)
    notices.withdraw(change.id, NoticeKind.RECALL)
    audit.record(
        "recall.handed_out", "recall", recall.id, actor, store_id=change.store_id, order_id=change.order_id,
        to=to_id, change=change.id,
    )  # fmt: skip


def _receiver(change: Change, code: Code, to_id: int | None) -> int:
    if to_id is None:
        raise RuleViolation("Say to whom it is handed.", code="value_required", missing="to")
    if to_id not in {person_id for person_id, _ in staff.people_of_store(change.store_id, *HANDED_TO[code])}:
        raise RuleViolation("This person cannot take it over here.", code="not_a_receiver", to=str(to_id))
    return to_id


def check_holder(change: Change, actor: Actor) -> None:
    """Papers are amended by who holds them.  Raises NotAllowed."""
    recall = recalling.open_recall(change)
    if not may_amend(change, recall.handed_to_id if recall else None, actor):
        raise NotAllowed("Only who holds the papers can amend them.", code="not_the_holder")


def amend_papers(change: Change, _step: Step, _evidence: Evidence, actor: Actor) -> None:
    copying.finish_step(change, Code.AMEND_PAPERS, actor)


def reprint(change: Change, _step: Step, evidence: Evidence, actor: Actor) -> None:
    """A new version of the papers; a new waybill where the label changes, and the old number ends."""
    store = staff.store_by_id(change.store_id)
    parcel = parcels.parcel_by_id(change.parcel_id, store.id)
    number = _number(evidence.waybill)
    if not number and needs_new_waybill(change):
        raise RuleViolation("The new waybill number is missing.", code="value_required", missing="waybill")
    if number and cases.is_number(number, store.id):
        raise RuleViolation("This is a case number, not a waybill number.", code="not_a_waybill", is_a="case")
    done: dict[str, object] = {"version": parcel_service.reprint(parcel), "because": str(change.kind)}
    if number:
        is_recycled = store.electronic_waybills and change.column is Stage.PRINTED
        former = WaybillState.RECYCLED if is_recycled else WaybillState.SUPERSEDED
        carrier = _carrier(change, parcel)
        electronic = store.electronic_waybills
        old = parcel_service.relabel(parcel, number, carrier, is_electronic=electronic, former=former)
        done |= {"waybill": number, "old": old}
    copying.finish_step(change, Code.REPRINT, actor, **done)
    audit.record("parcel.reprinted", "parcel", parcel.id, actor, store_id=store.id, order_id=change.order_id, **done)


def _number(given: str | None) -> str | None:
    """A waybill number as typed or scanned: without blanks, full-width digits count as digits."""
    text = parcels.scanned(given or "")
    if text and not _WAYBILL.match(text):
        raise RuleViolation("This is no waybill number.", code="bad_waybill")
    return text or None


def _carrier(change: Change, parcel: Parcel) -> str | None:
    """The courier that was wished; of a wish that was withdrawn the first one; None: as before."""
    if change.kind is not Kind.COURIER:
        return None
    if change.state is ChangeState.OPEN:
        wishes = [wish for _, wish in queries.wishes_of([change.id], change.store_id)]
        return str(unpack(wishes[-1].new, "to name the courier of the new waybill")["text"])
    first = next(iter(parcels.waybills([parcel.id], parcel.store_id)), None)
    return first.carrier if first else None


def take_back(change: Change, step: Step, _evidence: Evidence, actor: Actor) -> None:
    _bring_back(change, step, RecallState.TAKEN_BACK, actor)


def repack(change: Change, step: Step, evidence: Evidence, actor: Actor) -> None:
    """Packed again; weighed where somebody did, and always where other units are in it now.

    A supplier's warehouse packs by message: nobody here has it on the scale.
    """
    together = [change, *sharing.going_back_with(change, recalling.open_recall(change))]
    rules.check_weighed((one.kind for one in together if not step.by_message), evidence.grams)
    _bring_back(change, step, RecallState.TAKEN_BACK, actor, grams=evidence.grams)


def destroy_papers(change: Change, step: Step, _evidence: Evidence, actor: Actor) -> None:
    _bring_back(change, step, RecallState.DESTROYED, actor)


def book_in(change: Change, step: Step, evidence: Evidence, actor: Actor) -> None:
    """The goods of a voided parcel, or those that were taken out of one that went on, by article and quantity.

    What differs from the document is recorded and stops nothing (M121).
    """
    counted: dict[str, Any] = {}
    if evidence.counted is not None:
        expected = expected_units(change)
        wrong = parcel_service.differences(expected, evidence.counted)
        counted["counted"] = [[line, units, evidence.counted.get(line, 0)] for line, units in expected.items()]
        counted["differs"] = bool(wrong)
    audit.record(
        "parcel.booked_in", "parcel", change.parcel_id, actor, store_id=change.store_id, order_id=change.order_id,
        change=change.id, **counted,
    )  # fmt: skip
    if step.after_hold:  # goods that were taken out of a parcel which went on: no recall, no hold waits for them
        copying.finish_step(change, Code.BOOK_IN, actor, **counted)
        return
    _bring_back(change, step, RecallState.BOOKED_IN, actor, **counted)


def _bring_back(change: Change, step: Step, outcome: RecallState, actor: Actor, **evidence: Any) -> None:
    is_back = Code(step.code) in sharing.BACK
    others = sharing.going_back_with(change, recalling.open_recall(change)) if is_back else []
    said = {name: value for name, value in evidence.items() if value is not None}
    for one, code in [(change, Code(step.code)), *((other, sharing.next_code(other)) for other in others)]:
        copying.finish_step(one, code or Code(step.code), actor, **said)
        recalling.end(one, outcome, actor)
        recalling.free(one, actor)


def amend(change: Change, _step: Step, _evidence: Evidence, actor: Actor) -> None:
    """Pre-sale amends the order; the memo follows in the same transaction as the desk's own step."""
    if change.column not in recalling.FETCHED:
        raise IllegalMove("This is done with the submit.", code="step_not_available", step=str(Code.AMEND))
    applying.amend_here(change, actor)
    copying.finish_step(change, Code.AMEND, actor)
