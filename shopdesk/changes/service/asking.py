"""A wish comes in: it opens a change on each parcel it concerns, or joins the open one of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shopdesk.changes import queries, rules
from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.queries.given import given_up
from shopdesk.changes.service import applying, cancelling, carrying, copying, parting, pulling, recalling
from shopdesk.changes.service.regrouping import split_order_off
from shopdesk.changes.states import ON_LINE, ONLY_UNPAID, ConfirmChannel, Kind, Others
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.personal import pack
from shopdesk.core.scope import load
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.states import IN_HOUSE, STAGE_RANK, Stage, WaybillState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The customer's yes: words, how it came, when (aware)."""

    text: str
    via: ConfirmChannel
    at: datetime


@dataclass(frozen=True, slots=True)
class Wished:
    """What the customer wants.  `value` has the keys of orders.states.Field; `seen_stage` is what the asker saw."""

    kind: Kind
    value: dict[str, Any] = field(default_factory=dict)
    line_id: int | None = None
    seen_stage: Stage | None = None
    confirmation: Confirmation | None = None
    pulls_back: bool = False  # handed over, not collected: the warehouse is asked to get it back
    others: Others | None = None  # address of a merged parcel: they go there too, or this order leaves them


@command
def ask(order_id: int, wished: Wished, *, actor: Actor) -> list[Change]:
    """Take a wish about an unshipped order; one change per affected parcel (domain.md §3).

    Raises NotFound, NotAllowed, Conflict (`stage_moved`: nothing is written), IllegalMove (the stage does not allow it,
    with the code why and, where the parcel can still be pulled back, until when), RuleViolation (the value;
    `others_wanted`: an address of a merged parcel without a word about its other orders).
    """
    return _ask(order_id, wished, actor, goes_along=False)


def _ask(order_id: int, wished: Wished, actor: Actor, *, goes_along: bool) -> list[Change]:
    """`goes_along`: the same wish of another order in the parcel has been asked for just now."""
    if wished.others is not None:
        _lock_together(load(Order, order_id, actor, Permission.CHANGE_ASK))
    order = load(Order, order_id, actor, Permission.CHANGE_ASK, lock="update")
    if wished.kind is Kind.ADDRESS and wished.others is Others.SPLIT:
        _leave_the_others(order, actor)
    old = _old_value(order, wished)
    affected = _affected(order, wished)
    reachable = pulling.reachable(affected, wished.kind, staff.store_by_id(order.store_id))
    _check_stage(order, wished, affected, reachable)
    if wished.kind is Kind.ADDRESS and wished.others is None and not goes_along:
        _refuse_merged(affected)
    new = rules.wanted(wished.kind, wished.value, {**old, "most": _most(order, wished, old)})
    if wished.kind is Kind.COURIER and not old.get("text"):
        _refuse_same_courier(str(new["text"]), affected)
    return open_changes(order, wished, affected, old, new, reachable, actor=actor)


def open_changes(
    order: Order, wished: Wished, affected: list[Parcel], old: dict[str, Any], new: dict[str, Any],
    reachable: Mapping[int, datetime], *, actor: Actor,
) -> list[Change]:  # fmt: skip
    """The wish, checked, on each of these parcels, which are locked as their order is.

    `reachable`: of those that were handed over, until when they may be pulled back.
    """
    store = staff.store_by_id(order.store_id)
    shares = cancelling.share(order, dict(new["lines"]), affected) if new.get("lines") else None
    if shares is None:
        new.pop("lines", None)  # all that is left: the whole order
    else:
        affected = [parcel for parcel in affected if parcel.id in shares]
    if said := wished.confirmation:
        rules.check_confirmation(said.text, said.via, said.at, now=clock.now())
    wish = _write_wish(order, wished, old, new, actor)
    here = [p for p in affected if p.stage is Stage.UNPRINTED]  # of printed papers the recall finds out
    in_doubt = any(parcels.knowledge_of(p, store).leaves_doubt(order.marked_shipped_at) for p in here)
    asks_first = wished.kind not in ONLY_UNPAID and in_doubt
    found = [
        _open_or_join(order, store, p, wish, actor, asks_first=asks_first, shares=(shares or {}).get(p.id, {}))
        for p in affected
    ]
    for change in found:
        applying.follow_units(change)  # now that it is known which parcels share the wish
    unprinted = [change for change in found if change.column is Stage.UNPRINTED]
    if unprinted and not asks_first:
        carrying.apply_waiting(unprinted, actor)  # this wish, after those that waited for an answer that came otherwise
    for change in found:
        recalling.begin(change, actor)
        pulling.begin(change, reachable.get(change.parcel_id), actor)
    db.session.flush()
    if wished.kind is Kind.ADDRESS and wished.others is Others.ALL:
        _for_the_others(order, wished, affected, actor)
    return found


def _refuse_same_courier(wanted: str, affected: list[Parcel]) -> None:
    """Nobody decided a courier, and the valid waybill of each parcel is theirs already."""
    named: dict[int, set[str | None]] = {parcel.id: set() for parcel in affected}
    for bill in parcels.waybills(list(named), affected[0].store_id):
        if bill.state in {WaybillState.ISSUED, WaybillState.USED}:
            named[bill.parcel_id].add(bill.carrier)
    if all(carriers == {wanted} for carriers in named.values()):
        raise RuleViolation("This changes nothing.", code="changes_nothing")


def _lock_together(order: Order) -> None:
    """All orders that share a parcel with this one, in one order: two who ask wait in no circle."""
    ids = [parcel.id for parcel in parcels.parcels_of_order(order.id, order.store_id)]
    parcels.locked_with_orders(ids, order.store_id)


def _refuse_merged(affected: list[Parcel]) -> None:
    if any(len(parcels.orders_in_parcel(parcel.id, parcel.store_id)) > 1 for parcel in affected):
        raise RuleViolation("Say whether the other orders of the parcel are meant.", code="others_wanted")


def _leave_the_others(order: Order, actor: Actor) -> None:
    """Its units leave every merged parcel that is not printed yet.  Raises IllegalMove where one is: choose *all*."""
    for parcel in parcels.parcels_of_order(order.id, order.store_id):
        if parcel.stage in IN_HOUSE and len(parcels.orders_in_parcel(parcel.id, order.store_id)) > 1:
            split_order_off(order.id, parcel.id, actor=actor)


def _for_the_others(order: Order, wished: Wished, affected: list[Parcel], actor: Actor) -> None:
    """The same wish of the other orders in these parcels joins the open change of the parcel."""
    there = {o.id for p in affected for o in parcels.orders_in_parcel(p.id, p.store_id)} - {order.id}
    for other_id in sorted(there):
        try:
            _ask(other_id, replace(wished, others=None, seen_stage=None), actor, goes_along=True)
        except RuleViolation as error:
            if error.code != "changes_nothing":
                raise


def _affected(order: Order, wished: Wished) -> list[Parcel]:
    """The parcels in the house that the wish is about, locked in order."""
    ids = [p.id for p in parcels.parcels_of_order(order.id, order.store_id)]
    locked = parcels.locked_parcels(ids, order.store_id)
    if wished.kind in ON_LINE:
        if wished.line_id is None:
            raise RuleViolation("Say which line.", code="value_required", missing="line_id")
        orders.line_of(order.id, wished.line_id, order.store_id)
    if back := _giving_back(order, wished, locked):
        return back
    rows = [row for row in parcels.parcel_lines(ids, order.store_id) if row.order_id == order.id]
    units = _units(wished, rows)
    in_house = [p for p in locked if p.stage in IN_HOUSE]
    if ids and not any(row.quantity for row in rows):
        raise IllegalMove(rules.CANCELLED.message, code=rules.CANCELLED.code)
    locked = [p for p in locked if units.get(p.id)]
    alive = [p for p in locked if p.stage in IN_HOUSE]
    if not (alive or locked):
        raise IllegalMove(rules.NO_LINES.message, code=rules.NO_LINES.code)
    if wished.kind in ONLY_UNPAID:  # about the order: its most advanced parcel stands for it
        return [max(alive or locked, key=lambda p: (STAGE_RANK.get(p.stage, 0), -p.id))]
    if wished.kind is Kind.QUANTITY:
        return _giving(order, wished, in_house, units) or (alive or locked)[:1]
    return alive or locked


def _most(order: Order, wished: Wished, old: Mapping[str, Any]) -> int | None:
    """Of a quantity: as many units as remain, with those that open changes of it may give back."""
    if wished.kind is not Kind.QUANTITY:
        return None
    there = given_up(order.id, order.store_id)
    return int(old["quantity"]) + sum(n for (line_id, _), n in there.items() if line_id == wished.line_id)


def _giving_back(order: Order, wished: Wished, locked: list[Parcel]) -> list[Parcel]:
    """Whose open change took units off that the customer wants after all; empty where it is about no such thing."""
    wanted = wished.value.get("quantity")
    if wished.kind is not Kind.QUANTITY or type(wanted) is not int:
        return []
    there = given_up(order.id, order.store_id)
    supply = [rules.Supply(p.id, p.stage, there[wished.line_id or 0, p.id]) for p in locked if p.stage in IN_HOUSE]
    now = orders.effective_value(order, Field.QUANTITY, wished.line_id)["quantity"]
    most = now + sum(one.units for one in supply)
    if not now < wanted or most == now:
        return []
    if wanted > most:
        raise RuleViolation(rules.NEW_ORDER.message, code=rules.NEW_ORDER.code, quantity=wanted, ordered=most)
    shared = rules.share_out(wanted - now, supply)
    return [p for p in locked if shared.get(p.id)]


def _giving(order: Order, wished: Wished, in_house: list[Parcel], units: dict[int, int]) -> list[Parcel]:
    """The parcels that give the units (rules.share_out); empty where the wish takes none off."""
    wanted, line_id = wished.value.get("quantity"), wished.line_id
    if type(wanted) is not int or wanted < 0 or not in_house:
        return []
    less = orders.effective_value(order, Field.QUANTITY, line_id)["quantity"] - wanted
    shared = rules.share_out(less, [rules.Supply(p.id, p.stage, units.get(p.id, 0)) for p in in_house])
    if less > sum(shared.values()) and order.lines_complete:
        raise RuleViolation("More units than are left.", code="more_than_left", units=less)
    _refuse_all(order, less)
    return [p for p in in_house if shared.get(p.id)]


def _refuse_all(order: Order, less: int) -> None:
    """Nothing would be left of it in any of its parcels, also of other lines or under way."""
    there = [p for p in parcels.parcels_of_order(order.id, order.store_id) if p.stage is not Stage.VOIDED]
    if less > 0 and less == sum(cancelling.units_in_house(order, there).values()):
        raise RuleViolation("Nothing would be left of this order: cancel it instead.", code="cancel_instead")


def _units(wished: Wished, rows: list[ParcelLine]) -> dict[int, int]:
    """Parcel → how many units of the order, whose rows these are, or of the line of the wish stand in it."""
    found: dict[int, int] = {}
    for row in rows:
        if wished.kind not in ON_LINE or row.line_id == wished.line_id:
            found[row.parcel_id] = found.get(row.parcel_id, 0) + row.quantity
    return found


def _check_stage(order: Order, wished: Wished, affected: list[Parcel], reachable: dict[int, datetime]) -> None:
    """Conflict where the asker looked at another stage; IllegalMove where the table has no way.

    Price and freight are about the order, whose stage is not that of one parcel: they look at none.
    """
    now = parcels.least_advanced([p.stage for p in affected])
    if wished.kind not in ONLY_UNPAID and wished.seen_stage is not None and wished.seen_stage is not now:
        raise Conflict(
            "The parcel is %(stage)s meanwhile; nothing was changed. See what is possible now.",
            code="stage_moved", stage=str(now), seen=str(wished.seen_stage),
        )  # fmt: skip
    incomplete = not order.lines_complete
    for parcel in affected:
        why = rules.refusal(
            wished.kind, parcel.stage, status=order.status, readiness=order.readiness, is_incomplete=incomplete
        )
        until = reachable.get(parcel.id)
        if why is rules.AFTER_SALE and until and wished.pulls_back:
            continue
        if why:
            offered = {"pull_back_until": until.isoformat()} if until else {}
            raise IllegalMove(why.message, code=why.code, stage=str(parcel.stage), **offered)


def _old_value(order: Order, wished: Wished) -> dict[str, Any]:
    if wished.kind is Kind.CANCEL:
        return {"text": None}
    return orders.effective_value(order, Field(wished.kind), wished.line_id)


def _write_wish(order: Order, wished: Wished, old: dict[str, Any], new: dict[str, Any], actor: Actor) -> Wish:
    said = wished.confirmation
    wish = Wish(
        store_id=order.store_id, order_id=order.id, line_id=wished.line_id if wished.kind in ON_LINE else None,
        kind=wished.kind, old=pack(old), new=pack(new), asked_by_id=actor.id, asked_at=clock.now(),
        channel=actor.channel, confirmed_text=said.text if said else None, confirmed_via=said.via if said else None,
        confirmed_at=said.at if said else None,
    )  # fmt: skip
    db.session.add(wish)
    db.session.flush()
    return wish


def _open_or_join(
    order: Order,
    store: Store,
    parcel: Parcel,
    wish: Wish,
    actor: Actor,
    *,
    asks_first: bool,
    shares: Mapping[int, int],
) -> Change:
    change = queries.open_change(parcel.id, order.id, wish.kind, store.id)
    is_new = change is None
    if change is None:
        change = Change(
            store_id=store.id, order_id=order.id, parcel_id=parcel.id, kind=wish.kind, column=parcel.stage,
            asked_by_id=actor.id, asked_as=actor.signature, opened_at=clock.now(), is_applied=False,
        )  # fmt: skip
        db.session.add(change)
        db.session.flush()
    elif wish.kind is Kind.CANCEL:
        cancelling.check_join(change)
        change.is_applied = False  # printing hears of what it is about now
    db.session.add(ChangeWish(store_id=store.id, change_id=change.id, wish_id=wish.id))
    parting.plan(change, wish, shares)
    is_paid = orders.gives_money_back(order)
    asks_first = asks_first and parcel.stage is Stage.UNPRINTED
    copying.copy_steps(change, parcel.stage, store, is_paid=is_paid, asks_first=asks_first)
    change.version += 1
    waits = asks_first or parcel.stage is not Stage.UNPRINTED
    change.is_applied = change.is_applied and not waits
    db.session.flush()
    if wish.kind not in ONLY_UNPAID and parcel.stage in IN_HOUSE:
        applying.hold_parcel(change, parcel, store)
    if asks_first:
        applying.ask_printing(change, order, actor)
    audit.record(
        "change.opened" if is_new else "change.joined", "change", change.id, actor, store_id=store.id,
        order_id=order.id, kind=str(wish.kind), wish=wish.id, parcel=parcel.id, stage=str(parcel.stage),
        asks_first=asks_first,
    )  # fmt: skip
    return change
