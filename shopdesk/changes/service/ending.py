"""Taking a wish back, and ending by hand what was carried through outside the desk."""

from __future__ import annotations

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change
from shopdesk.changes.playbook import Code
from shopdesk.changes.queries import applications, parts
from shopdesk.changes.queries.money import under_way
from shopdesk.changes.service import applying, copying, parting, recalling, units
from shopdesk.changes.service.closing import close, close_on_the_way_back
from shopdesk.changes.service.facts import reopen_gathered
from shopdesk.changes.states import ChangeState, Kind, StepState
from shopdesk.core import clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission, Role
from shopdesk.core.scope import load
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import IN_HOUSE, RecallState, Stage

MAX_REASON = 500
REASON_MISSING = "Please say why."


@command
def withdraw(change_id: int, reason: str, *, actor: Actor) -> Change:
    """Take an open change back: former value, memo `撤回: …`, notices withdrawn, hold ended (domain.md §3).

    The former value is the one before its own wishes.  Changes that were done and that it had gathered stay decided:
    the papers do not carry them, so they open again in its place.

    By the asker, who follows it now, or a supervisor, with a reason.  An order in several parcels: the wish is taken
    back on all of them.
    Raises NotAllowed, IllegalMove (not open, or part of the wish is done), RuleViolation (no reason).
    """
    change = load(Change, change_id, actor, Permission.CHANGE_WITHDRAW)
    family = [change, *_siblings(change)]
    parcels.locked_with_orders(sorted({c.parcel_id for c in family}), change.store_id)
    family = [load(Change, c.id, actor, Permission.CHANGE_WITHDRAW, lock="update") for c in family]
    change = family[0]
    _check_reason(reason)
    whose = {change.asked_by_id, change.follower_id} - {None}
    is_theirs = actor.id in whose or applications.is_let_go(change.id, change.store_id)
    if not is_theirs and not actor.acts_as(Role.SUPERVISOR, change.store_id):
        raise NotAllowed("Only who asked or follows this, or a supervisor, can withdraw it.", code="not_the_asker")
    for member in family:
        rules.check_move(member.state, ChangeState.WITHDRAWN)
        _check_not_voided(member)
    _restore(family, actor)
    for member in family:
        if recalling.is_out(member):
            close_on_the_way_back(member, reason, actor)
        else:
            close(member, ChangeState.WITHDRAWN, reason, actor)
    for member in family:
        reopen_gathered(member, actor)
        for other in queries.changes_of_parcel(member.parcel_id, member.store_id, ChangeState.OPEN):
            applying.follow_units(other)  # units came back to its parcel
    return change


def _check_not_voided(change: Change) -> None:
    """What is voided is not taken back: a new order is.  Lines that left a parcel which goes on can return to it."""
    parcel = parcels.parcel_by_id(change.parcel_id, change.store_id)
    if parcel.stage is Stage.VOIDED:
        raise IllegalMove(rules.VOIDED.message, code=rules.VOIDED.code)
    steps = queries.steps_of([change.id], change.store_id)
    done = {step.code for step in steps if step.state is StepState.DONE}
    if Code.VOID in done or (Code.TAKE_OUT in done and parts.cancels_whole(change.id, change.store_id)):
        raise IllegalMove(rules.VOIDED.message, code=rules.VOIDED.code)
    if under_way(change.id, change.store_id):
        raise rules.refund_under_way()
    if change.kind is Kind.CANCEL and Code.REFUND in done:
        raise IllegalMove("This was refunded already: a new order is needed.", code="refunded")


def _siblings(change: Change) -> list[Change]:
    """The other parcels' changes of the same wish; one that has left with the old data needs nothing taken back."""
    found = {c.id: c for _, wish in queries.own_links(change) for c in queries.changes_of_wish(wish)}
    return [c for c in found.values() if c.id != change.id and c.state in {ChangeState.OPEN, ChangeState.DONE}]


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise RuleViolation(REASON_MISSING, code="value_required", missing="reason")
    if len(reason) > MAX_REASON:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_REASON)


def _restore(family: list[Change], actor: Actor) -> None:
    """Undo the wishes, newest first, each once; write the memo for those that had one."""
    store_id = family[0].store_id
    wishes = {wish.id: wish for member in family for _, wish in queries.own_links(member)}
    applied = [wish for _, wish in sorted(wishes.items(), reverse=True) if wish.amendment_id is not None]
    for member in family:
        for link, wish in reversed(queries.own_links(member)):
            units.put_back(link, wish, parcels.parcel_by_id(member.parcel_id, store_id))
        parting.give_back(member, parcels.parcel_by_id(member.parcel_id, store_id), actor)
    decisions: dict[tuple[int, Kind, int | None], list[int]] = {}
    for wish in applied:
        decisions.setdefault((wish.order_id, wish.kind, wish.line_id), []).append(wish.amendment_id or 0)
    for ids in decisions.values():
        order_service.restore(*ids, store_id=store_id, actor=actor)
    touched = {wish.order_id: orders.order_by_id(wish.order_id, store_id) for wish in applied}
    for wish in applied:
        if wish.memo_id is not None:
            applying.take_memo_back(wish, touched[wish.order_id], "withdraw", actor)
    here = {c.parcel_id for c in family if parcels.parcel_by_id(c.parcel_id, store_id).stage in IN_HOUSE}
    for order in touched.values():
        parcel_service.readdress(order, also=here)


@command
def end_by_hand(change_id: int, reason: str, *, actor: Actor) -> Change:
    """A supervisor says that a change on printed or packed papers was carried through by hand, and why.

    What had not been amended yet is amended now.  Not a cancel wish, whose parcel has to be voided, nor papers that do
    not exist yet.  Raises NotAllowed, IllegalMove (`use_the_steps`; or not open), RuleViolation (no reason).
    """
    change = load(Change, change_id, actor, Permission.CHANGE_END)
    parcels.locked_with_orders([change.parcel_id], change.store_id)
    change = load(Change, change_id, actor, Permission.CHANGE_END, lock="update")
    _check_reason(reason)
    rules.check_move(change.state, ChangeState.DONE)
    if change.column not in recalling.FETCHED or change.kind is Kind.CANCEL or copying.open_step(change, Code.VOID):
        raise IllegalMove("The steps of this change can be done: withdraw it or go on.", code="use_the_steps")
    _amend_what_waited(change, actor)
    change.released_at = clock.now()
    close(change, ChangeState.DONE, reason, actor, papers=RecallState.TAKEN_BACK)
    return change


def _amend_what_waited(change: Change, actor: Actor) -> None:
    for _, wish in queries.wishes_of([change.id], change.store_id):
        if wish.kind is Kind.CANCEL or (wish.amendment_id is not None and wish.kind is not Kind.QUANTITY):
            continue  # of a quantity the units in this parcel may still be waiting
        order = orders.order_by_id(wish.order_id, change.store_id)
        applying.amend(wish, order, [change], actor)
    change.is_applied = True
    db.session.flush()
