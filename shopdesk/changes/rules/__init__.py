"""Decisions about wishes, steps and overtaken changes, on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from shopdesk.changes.playbook import Code, When
from shopdesk.changes.states import MOVES, ONLY_UNPAID, SPECIAL, WEIGHED, ChangeState, Group, Kind
from shopdesk.core.errors import Conflict, IllegalMove, RuleViolation
from shopdesk.core.money import share_of_units
from shopdesk.core.references import check_reference
from shopdesk.orders.states import OrderStatus, Readiness
from shopdesk.parcels.states import LEFT, STAGE_RANK, Stage

MAX_TEXT = 500  # characters of a special request
MOST_GRAMS = 1_000_000
MOST_UNITS = 1_000_000
MOST_MINOR = 10**11  # of a price or freight
MAX_ANSWER = 2000  # characters of what the customer answered
PLACE = ("province", "city", "district", "street")  # what a post code belongs to
#: Characters of each part of an address.
ADDRESS_MOST = {"name": 100, "phone": 64, "province": 64, "city": 64, "district": 64, "street": 500, "zip": 16}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something is not possible now: a stable code and an English msgid."""

    code: str
    message: str


NEW_ORDER = Refusal("new_order", "More units or a dearer item need a new order, linked to this one.")
AFTER_SALE = Refusal("after_sale", "The parcel has left. This is for after-sale now.")
VOIDED = Refusal("voided", "The parcel is voided.")
CLOSED = Refusal("closed", "The order is closed on the platform.")
ONLY_BEFORE_PAYMENT = Refusal("only_unpaid", "This can be changed only while the order is unpaid.")
INCOMPLETE = Refusal("lines_incomplete", "The lines are not known yet: import the detail file first.")
CANCELLED = Refusal("cancelled", "All of this order is cancelled.")
NO_LINES = Refusal("no_lines", "The order has no such lines.")


def refusal(
    kind: Kind, stage: Stage, *, status: OrderStatus, readiness: Readiness, is_incomplete: bool
) -> Refusal | None:
    """Why this kind of wish is not possible for a parcel now; None when it is."""
    if stage in LEFT:
        return AFTER_SALE
    if stage is Stage.VOIDED:
        return VOIDED
    if readiness is Readiness.CLOSED or status is OrderStatus.CLOSED:
        return CLOSED
    if kind in ONLY_UNPAID and (status is not OrderStatus.UNPAID or stage is not Stage.UNPRINTED):
        return ONLY_BEFORE_PAYMENT
    if is_incomplete and kind in {Kind.ATTRIBUTE, Kind.QUANTITY, Kind.PRICE}:
        return INCOMPLETE
    return None


def conditions(kind: Kind, *, is_paid: bool, has_electronic_waybill: bool) -> set[When]:
    """Which conditional steps of the playbook belong to this change."""
    is_new = needs_new_waybill(kind, has_electronic_waybill=has_electronic_waybill)
    met = {When.NEW_WAYBILL if is_new else When.OLD_WAYBILL}
    if is_paid:
        met.add(When.PAID)
        if kind is Kind.QUANTITY:
            met.add(When.PAID_QUANTITY)
    return met


def wanted(kind: Kind, given: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """The whole new value of a field from what was given, checked.

    Raises RuleViolation: `value_required`, `changes_nothing`, `new_order`, `too_long`.
    """
    new = _SHAPES[kind](given, old)
    if kind is not Kind.CANCEL and all(_bare(new[k]) == _bare(old.get(k)) for k in new):
        raise RuleViolation("This changes nothing.", code="changes_nothing")
    return new


def _address(given: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """What was not given stays: a customer who moves keeps the name and the phone."""
    new = {f: (given.get(f) or "").strip() or old.get(f) for f in ADDRESS_MOST}
    for name, most in ADDRESS_MOST.items():
        if len(new[name] or "") > most:
            raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=most, field=name)
    if given.get("street") and not given.get("zip") and any(_bare(new[f]) != _bare(old.get(f)) for f in PLACE):
        new["zip"] = None  # the old post code belongs to the old street
    missing = [f for f in ("name", "street") if not new[f]]
    if not (new["province"] or new["city"]):
        missing.append("city")
    if missing:
        raise RuleViolation("The address needs %(missing)s.", code="value_required", missing=", ".join(missing))
    return new


def _attribute(given: Mapping[str, Any], _old: Mapping[str, Any]) -> dict[str, Any]:
    return {"attributes": _text(given.get("attributes"), "attributes")}


def _quantity(given: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    quantity = given.get("quantity")
    if type(quantity) is not int or quantity < 0:
        raise RuleViolation("Say how many units remain.", code="value_required", missing="quantity")
    most = old.get("most") or old["quantity"]  # with what an open change may give back
    if quantity > most:
        raise RuleViolation(NEW_ORDER.message, code=NEW_ORDER.code, quantity=quantity, ordered=most)
    return {"quantity": quantity}


def _special(given: Mapping[str, Any], _old: Mapping[str, Any]) -> dict[str, Any]:
    return {"text": _text(given.get("text"), "text")}


def _amount(given: Mapping[str, Any], _old: Mapping[str, Any]) -> dict[str, Any]:
    amount_minor = given.get("amount_minor")
    if type(amount_minor) is not int:
        raise RuleViolation("Say the new amount.", code="value_required", missing="amount_minor")
    if amount_minor < 0:
        raise RuleViolation("An amount cannot be negative.", code="value_required", missing="amount_minor")
    if amount_minor > MOST_MINOR:
        raise RuleViolation("This amount is too large.", code="value_required", missing="amount_minor")
    return {"amount_minor": amount_minor}


def _cancel(given: Mapping[str, Any], _old: Mapping[str, Any]) -> dict[str, Any]:
    """The reason, and the lines with their units; without `lines` the whole order."""
    reason, lines = given.get("text"), given.get("lines")
    said = {"text": _text(reason, "text") if reason else None}
    if lines is None:
        return said
    if not lines:
        raise RuleViolation("Choose at least one line, or the whole order.", code="nothing_chosen")
    if any(type(units) is not int or not 1 <= units <= MOST_UNITS for units in lines.values()):
        raise RuleViolation("Say how many units are cancelled.", code="value_required", missing="units")
    return {**said, "lines": sorted(lines.items())}


_SHAPES = {
    Kind.ADDRESS: _address,
    Kind.ATTRIBUTE: _attribute,
    Kind.QUANTITY: _quantity,
    Kind.PRICE: _amount,
    Kind.FREIGHT: _amount,
    Kind.CANCEL: _cancel,
    **dict.fromkeys(SPECIAL, _special),
}


def _text(value: Any, name: str) -> str:
    text = str(value or "").strip()
    if not text:
        raise RuleViolation("Please say what exactly: %(missing)s is missing.", code="value_required", missing=name)
    if len(text) > MAX_TEXT:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_TEXT)
    return text


def _bare(value: Any) -> str:
    return "".join(str(value if value is not None else "").split())


def check_move(current: ChangeState, target: ChangeState) -> None:
    if (current, target) not in MOVES:
        raise IllegalMove("This change is %(state)s.", code="change_not_open", state=str(current), target=str(target))


@dataclass(frozen=True, slots=True)
class StepView:
    """A step as the rules see it."""

    position: int
    code: str
    is_open: bool
    after_hold: bool


def next_step(steps: Sequence[StepView]) -> StepView | None:
    """The first open step; tasks after the hold wait for the hold's end."""
    return next((step for step in sorted(steps, key=lambda s: s.position) if step.is_open), None)


def check_turn(steps: Sequence[StepView], position: int) -> None:
    """Refuse a step that is done or not yet its turn; tasks after the hold have no order among themselves."""
    step = next((s for s in steps if s.position == position), None)
    if step is None or not step.is_open:
        raise IllegalMove("This step is done already.", code="step_done", position=position)
    before = [s for s in steps if s.is_open and s.position < position and not (s.after_hold and step.after_hold)]
    if before:
        raise IllegalMove(
            "Another step comes first.", code="step_out_of_order", position=position, first=before[0].position
        )


def check_confirmation(text: str | None, via: object | None, at: datetime | None, *, now: datetime) -> None:
    """Refuse a yes without words or channel, too long, or of the future.  Raises RuleViolation."""
    if not text or not text.strip() or via is None:
        raise RuleViolation(
            "Say what the customer answered, and where.",
            code="value_required", missing="text" if via else "via",
        )  # fmt: skip
    if len(text) > MAX_ANSWER:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MAX_ANSWER)
    if at is not None and at > now:
        raise RuleViolation("The customer cannot have answered in the future.", code="in_the_future")


def is_beyond(told: Stage, column: Stage) -> bool:
    """Whether a stage lies beyond the column on whose papers a change was carried out."""
    return STAGE_RANK.get(told, 0) > STAGE_RANK.get(column, 0)


def is_overtaken(
    *, released_at: datetime | None, happened_at: datetime | None, last_known_before: datetime | None
) -> bool:
    """Whether papers printed at `happened_at` may carry the data from before a change that was released then.

    Unknown time: not when the parcel was known unprinted at or after the release (domain.md §3, late facts).
    """
    if released_at is None:
        return False
    if happened_at is not None:
        return happened_at < released_at
    return last_known_before is None or last_known_before < released_at


@dataclass(frozen=True, slots=True)
class Supply:
    """How many units of a line stand in a parcel; `key` is the caller's."""

    key: int
    stage: Stage
    units: int


def share_out(units: int, supply: Sequence[Supply]) -> dict[int, int]:
    """Key → how many of the units that are taken off come from there; together at most `units`.

    From parcels that are least advanced first, of those from the one with most, so that few parcels are touched.
    """
    found: dict[int, int] = {}
    for one in sorted(supply, key=lambda s: (STAGE_RANK.get(s.stage, len(STAGE_RANK)), -s.units, s.key)):
        part = min(units, one.units)
        if part > 0:
            found[one.key] = part
            units -= part
    return found


def refundable_minor(share_minor: int | None, ordered: int, *, old: int, new: int) -> int:
    """What was paid for the units that a quantity wish took off: units ordered−old … ordered−new of the line (§5).

    Negative where a later wish gave units back.
    """
    if share_minor is None or ordered <= 0:
        return 0
    if new > old:
        return -refundable_minor(share_minor, ordered, old=new, new=old)
    return share_of_units(share_minor, ordered, ordered - old, ordered - new)


def check_seen(version: int, seen: int | None) -> None:
    """Refuse a step of somebody who looked at an older version of the change.  Raises Conflict."""
    if seen is not None and seen != version:
        raise Conflict(
            "The change has moved on since you looked; nothing was done. See what is possible now.",
            code="stale_version", version=version, seen=seen,
        )  # fmt: skip


def may_amend_papers(*, is_holder: bool, is_warehouse: bool, store_allows: bool, is_supervisor: bool) -> bool:
    """Papers are amended by who holds them; by the warehouse where the store allows it (domain.md §3)."""
    return is_holder or is_supervisor or (is_warehouse and store_allows)


def needs_new_waybill(kind: Kind, *, has_electronic_waybill: bool) -> bool:
    """Whether the label itself changes: the carrier's number carries address and courier."""
    return kind in {Kind.ADDRESS, Kind.COURIER} and has_electronic_waybill


def check_grams(grams: int | None) -> None:
    """Refuse a weight that is none.  Raises RuleViolation."""
    if grams is not None and not 0 < grams <= MOST_GRAMS:
        raise RuleViolation("Say the weight in grams.", code="bad_weight", grams=grams)


def check_weighed(kinds: Iterable[Kind], grams: int | None) -> None:
    """What is packed again with other units in it is weighed again (domain.md §3).  Raises RuleViolation."""
    check_grams(grams)
    if grams is None and not WEIGHED.isdisjoint(kinds):
        raise RuleViolation("Weigh it again: the quantity has changed.", code="value_required", missing="grams")


def check_refund(amount_minor: int, reference: str | None, *, most_minor: int, currency: str) -> None:
    """Refuse a settled refund that is negative, above the paid share, or without a proper reference.

    Nothing is settled by 0 where something was paid for the units.
    """
    if amount_minor == 0 and most_minor > 0:
        raise RuleViolation(
            "Up to %(most_minor)s was paid for this: say what was refunded.", code="nothing_refunded",
            amount_minor=amount_minor, most_minor=most_minor, currency=currency,
        )  # fmt: skip
    if amount_minor < 0:
        raise RuleViolation("A refund cannot be negative.", code="negative_refund", amount_minor=amount_minor)
    if amount_minor > most_minor:
        raise RuleViolation(
            "At most %(most_minor)s can be refunded here.", code="more_than_paid",
            amount_minor=amount_minor, most_minor=most_minor, currency=currency,
        )  # fmt: skip
    if amount_minor and not reference:
        raise RuleViolation("A refund needs its reference.", code="value_required", missing="reference")
    if reference:
        check_reference(reference)


def refund_under_way() -> IllegalMove:
    return IllegalMove("A refund of this is under way: see how it ends.", code="refund_under_way")


@dataclass(frozen=True, slots=True)
class OpenChange:
    """An open change as the pre-print check sees it."""

    change_id: int
    is_confirmed: bool  # only the acknowledgement is missing


def check_group(
    stage: Stage,
    *,
    is_empty: bool,
    unknown: Sequence[str] = (),
    readinesses: Sequence[Readiness],
    changes: Sequence[OpenChange],
    is_stopped: bool,
    has_memo: bool,
) -> tuple[Group, list[str]]:
    """Which group of the pre-print check a parcel belongs to, and the codes why (domain.md §3).

    `unknown`: the codes of what has to be known first.
    """
    reasons = [] if stage is Stage.UNPRINTED else [f"stage_{stage}"]
    reasons += ["nothing_left"] if is_empty else []  # every unit was taken off: an empty parcel is not printed
    reasons += unknown
    reasons += [f"readiness_{r}" for r in readinesses if r is not Readiness.READY]
    if is_stopped:
        reasons.append("stopped")
    if any(not change.is_confirmed for change in changes):
        reasons.append("unconfirmed_change")
    if reasons:
        return Group.DO_NOT_PRINT, reasons
    if changes or has_memo:
        return Group.CHANGED, ["acknowledgement_missing"] if changes else ["memo_unseen"]
    return Group.PRINTABLE, []


def is_done_with(code: str) -> bool:
    """Whether a copied step counts as done because the change did it in its former column."""
    return code in {Code.AMEND, Code.CONFIRM, Code.REFUND, Code.ENTER_IN_PLATFORM}


def check_dispatch_group(
    stage: Stage,
    *,
    is_empty: bool,
    readinesses: Sequence[Readiness],
    has_open_change: bool,
    is_stopped: bool,
    is_supplied: bool = False,
) -> tuple[Group, list[str]]:
    """Which group of the pre-dispatch check a parcel belongs to, and the codes why; also before it is packed.

    A parcel that was never called printed may go: who has it in hand has its papers in hand.  A supplier's does not
    leave from here (`is_supplied`).
    """
    if stage in LEFT:
        return Group.GONE, [f"stage_{stage}"]
    reasons = [f"stage_{stage}"] if stage is Stage.VOIDED else []
    reasons += ["ships_from_supplier"] if is_supplied else []
    reasons += ["stopped"] if is_stopped else []
    reasons += ["open_change"] if has_open_change else []
    reasons += ["nothing_left"] if is_empty else []
    reasons += [f"readiness_{r}" for r in readinesses if r is not Readiness.READY]
    return (Group.STOP, reasons) if reasons else (Group.DISPATCHABLE, [])


def truck_left_at(clock_time: time, now: datetime) -> datetime:
    """The moment of a time of day as told at `now` (in the zone of the clock on the wall).

    More than half a day ahead it was yesterday's; a little ahead it counts as now (D1).
    """
    at = now.replace(hour=clock_time.hour, minute=clock_time.minute, second=0, microsecond=0)
    if at - now > timedelta(hours=12):
        at -= timedelta(days=1)
    return min(at, now)
