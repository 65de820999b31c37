"""The shop agrees that goods come back (M092), or takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from shopdesk.cases import queries as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import move as move_case
from shopdesk.cases.service.moving import who
from shopdesk.cases.states import CasePhase, PhaseMove
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove, NotFound
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.returns import queries, rules
from shopdesk.returns.models import Return, ReturnLine
from shopdesk.returns.service.following import awaited_from
from shopdesk.returns.service.matching import match_waiting
from shopdesk.returns.service.moving import follow, free_units, hold_units, outstanding, step
from shopdesk.returns.service.surplus import take_surplus
from shopdesk.returns.states import FreightPayer, ReturnOrigin, ReturnState
from shopdesk.staff import queries as staff

#: States in which a return may be taken back; later its units are given up.
NOTHING_CAME = frozenset({ReturnState.CONFIRMED, ReturnState.SENT})


@dataclass(frozen=True, slots=True)
class _Terms:
    """What was agreed for one return."""

    lines: Mapping[int, int]
    origin: ReturnOrigin
    freight: FreightPayer | None
    exception: str | None
    until: datetime
    parcel_id: int | None


@command
def confirm(
    case_id: int,
    lines: Mapping[int, int],
    origin: ReturnOrigin = ReturnOrigin.CUSTOMER,
    *,
    actor: Actor,
    freight: FreightPayer | None = None,
    exception: str | None = None,
    until: datetime | None = None,
    parcel_id: int | None = None,
) -> Return:
    """Agree that units of an order (line id → units) come back; a case may have several returns.

    `freight`: who pays, else by the policy and the reason.  `exception`: why it departs from the policy; a
    supervisor's word.  `until`: the customer is to have sent by then.  `parcel_id`: ours, that comes back itself.
    Raises NotFound, NotAllowed (`not_the_owner`; an exception by others than a supervisor), IllegalMove (`case_closed`,
    `wrong_phase`, `not_accepted`, `order_voided`, `not_left`, `outside_policy`), RuleViolation (`more_than_left` with
    `left`, `units_required`, `bad_until`).  Two at once: the row count lets one win.
    """
    case = cases.case_by_id(case_id, actor, Permission.RETURN_CONFIRM)
    lock_case(case)
    rules.check_may_keep(asked_by(case, actor))
    order = orders.order_by_id(case.order_id, case.store_id)
    there = _returnable(order)
    rules.check_units(lines, {line.id: _counters(line) for line in there.values()})
    window = queries.window_of(order, sorted(lines))
    said = _exception(case, exception, actor)
    if origin is ReturnOrigin.CUSTOMER and said is None and window.is_over(clock.now()):
        raise IllegalMove(
            "The days for sending back were over on %(day)s: a supervisor may make an exception.",
            code="outside_policy", day=str(window.last_day),
        )  # fmt: skip
    terms = _Terms(lines, origin, freight, said, _until(until, order.store_id), parcel_id)
    _hold(terms, there)
    made = _write(case, order, terms, there, actor)
    _expect(case, origin, actor)
    match_waiting(made, actor=actor)  # what lies at the dock already, and had no return to belong to
    take_surplus(made, actor=actor)
    audit.record(
        "return.confirmed", "return", made.id, actor, store_id=case.store_id, order_id=order.id, case=case.id,
        origin=str(origin), payer=str(made.freight), units=sum(lines.values()), is_exception=said is not None,
    )  # fmt: skip
    return made


def lock_case(case: Case) -> None:
    """Two who decide about the goods of one case come one after the other; what they decide on is read afresh."""
    statement = select(Case).where(Case.id == case.id).with_for_update(key_share=True)
    db.session.scalars(in_store(statement, case.store_id, Case).execution_options(populate_existing=True)).one()


def asked_by(case: Case, actor: Actor) -> rules.Asked:
    person = who(case, actor)
    return rules.Asked(person.id, person.is_supervisor, case.owner_id, case.phase)


def _returnable(order: Order) -> dict[int, OrderLine]:
    """The lines of an order that went out.  Raises IllegalMove for one that was voided."""
    stages = [parcel.stage for parcel in parcels.parcels_of_order(order.id, order.store_id)]
    if parcels.least_advanced(stages) is Stage.VOIDED:
        raise IllegalMove("The order was voided: nothing of it can come back.", code="order_voided")
    return {line.id: line for line in orders.lines(order.id, order.store_id)}


def _counters(line: OrderLine) -> rules.LineNow:
    return rules.LineNow(line.shipped, line.in_return, line.returned)


def _exception(case: Case, text: str | None, actor: Actor) -> str | None:
    if text is None or not text.strip():
        return None
    require(actor, Permission.RETURN_EXCEPT, case.store_id)
    return rules.reason_text(text)


def _until(until: datetime | None, store_id: int) -> datetime:
    now = clock.now()
    if until is None:
        return rules.default_until(now, staff.store_by_id(store_id).zone)
    rules.check_until(until, now)
    return until


def _hold(terms: _Terms, there: Mapping[int, OrderLine]) -> None:
    """Take the units, in ascending order of lines: two who confirm the same ones cannot wait for each other."""
    for line_id, units in sorted(terms.lines.items()):
        line = there[line_id]
        if not hold_units(line_id, units, line.store_id):
            db.session.refresh(line)
            rules.check_units({line_id: units}, {line_id: _counters(line)})
            raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")


def _write(case: Case, order: Order, terms: _Terms, there: Mapping[int, OrderLine], actor: Actor) -> Return:
    policy = queries.policy_of(order)
    made = Return(
        store_id=order.store_id, case_id=case.id, order_id=order.id, parcel_id=terms.parcel_id,
        warehouse_id=_warehouse(order, terms.parcel_id), origin=terms.origin, state=ReturnState.CONFIRMED,
        confirmed_by_id=actor.id, confirmed_at=clock.now(), until=terms.until, policy_days=policy.days,
        policy_condition=policy.condition, exception=terms.exception,
        excepted_by_id=actor.id if terms.exception else None,
        freight=rules.freight_of(terms.origin, policy.freight, case.reason, terms.freight),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for line_id, units in sorted(terms.lines.items()):
        line = there[line_id]
        db.session.add(
            ReturnLine(
                store_id=order.store_id,
                return_id=made.id,
                line_id=line_id,
                expected=units,
                sku=line.sku,
                title=line.title,
                attributes=orders.effective_value(order, Field.ATTRIBUTE, line_id).get("attributes"),
            )
        )
    db.session.flush()
    db.session.refresh(made)  # from here on its words are personal values
    return made


def _warehouse(order: Order, parcel_id: int | None) -> int:
    """Where it is expected: a parcel that turns round comes to where it was sent from."""
    if parcel_id is None:
        return staff.store_by_id(order.store_id).warehouse_id
    found = {parcel.id: parcel for parcel in parcels.parcels_of_order(order.id, order.store_id)}
    if parcel_id not in found:
        raise NotFound("There is no such thing here.")
    return found[parcel_id].warehouse_id


def _expect(case: Case, origin: ReturnOrigin, actor: Actor) -> None:
    if case.phase is CasePhase.RECEIVE:
        return
    move_case(case, PhaseMove.EXPECT_GOODS, actor=actor, waiting_for=awaited_from(origin))


@command
def cancel(return_id: int, reason: str, *, actor: Actor) -> Return:
    """Take it back: its units are free again, the original order stays as it was, the case goes on.

    Raises NotFound, NotAllowed, IllegalMove (`wrong_state` once something arrived; `case_closed`), Conflict,
    RuleViolation (no reason).
    """
    back, case = of_case_kept(return_id, actor)
    if back.state not in NOTHING_CAME:
        raise IllegalMove(
            "This does not fit where the return is now: %(state)s.", code="wrong_state", state=str(back.state)
        )
    step(back, ReturnState.CANCELLED, ended_why=rules.reason_text(reason))
    for line in queries.lines_of([back.id], back.store_id):
        free_or_refuse(line, outstanding(line))
    audit.record(
        "return.cancelled", "return", back.id, actor, store_id=back.store_id, order_id=back.order_id, case=case.id
    )  # fmt: skip
    follow(case, actor=actor)
    return back


def of_case_kept(return_id: int, actor: Actor) -> tuple[Return, Case]:
    """A return and its case, of which the actor is the owner or a supervisor."""
    back = queries.return_by_id(return_id, actor, Permission.RETURN_CONFIRM)
    case = cases.case_by_id(back.case_id, actor, Permission.RETURN_CONFIRM)
    lock_case(case)
    db.session.refresh(back)
    rules.check_may_keep(asked_by(case, actor))
    return back, case


def free_or_refuse(line: ReturnLine, units: int) -> None:
    if units and not free_units(line.line_id, units, line.store_id):
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")


@command
def expect_units(
    case: Case, order: Order, units: Mapping[int, int], origin: ReturnOrigin, *, parcel_id: int | None, actor: Actor
) -> Return:
    """Write a return to which nobody has to agree: of a parcel of ours that came back, or of what went out again.

    `order`: of the case, or one that went out in its place; the caller has decided who may.  Raises Conflict,
    RuleViolation (`more_than_left`, `units_required`).
    """
    lock_case(case)
    there = {line.id: line for line in orders.lines(order.id, order.store_id)}
    rules.check_units(units, {line.id: _counters(line) for line in there.values()})
    terms = _Terms(units, origin, None, None, _until(None, order.store_id), parcel_id)
    _hold(terms, there)
    made = _write(case, order, terms, there, actor)
    if case.phase is not CasePhase.INSPECT:  # else another parcel of it is looked at: it goes on with this one
        _expect(case, origin, actor)
    match_waiting(made, actor=actor)
    audit.record(
        "return.confirmed", "return", made.id, actor, store_id=case.store_id, order_id=order.id, case=case.id,
        origin=str(origin), payer=str(made.freight), units=sum(units.values()), is_exception=False,
    )  # fmt: skip
    return made
