"""Exchanges, reships, goods sent back: an order of their own that printing and the warehouse treat like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case, CaseLine
from shopdesk.cases.states import Resolution
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.orders import queries as orders
from shopdesk.orders import service as order_service
from shopdesk.orders.models import Order
from shopdesk.orders.service import OwnLine
from shopdesk.orders.states import Field, LinkKind
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.states import Source
from shopdesk.replacements import queries, rules
from shopdesk.replacements.models import Replacement, ReplacementLine
from shopdesk.replacements.rules import Priced
from shopdesk.replacements.service.releasing import look_at
from shopdesk.replacements.states import ReplacementKind
from shopdesk.staff import queries as staff

P = Permission.REPLACEMENT_MAKE
RESOLUTIONS = {
    ReplacementKind.EXCHANGE: Resolution.EXCHANGE,
    ReplacementKind.RESHIP: Resolution.RESHIP,
    ReplacementKind.SEND_BACK: Resolution.SEND_BACK,
}


@dataclass(frozen=True, slots=True)
class LineWanted:
    """Units that go out in place of units of a line of the sale.

    What is left out is as the customer had it.  `price_minor`: what they pay for all these units, where it differs from
    what they paid.  `is_extra`: a part or a gift beside the goods, which takes no unit's place.
    """

    line_id: int
    quantity: int
    sku: str | None = None
    title: str | None = None
    attributes: str | None = None
    price_minor: int | None = None
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Goods that are to go out.  `ship_to` as Field.ADDRESS; None: where the sale went.

    `waits_for_goods`: printed only when what comes back was inspected (None: an exchange does); else `due_at` says by
    when the goods are expected back, where any are.
    """

    kind: ReplacementKind
    lines: Sequence[LineWanted]
    ship_to: Mapping[str, Any] | None = None
    waits_for_goods: bool | None = None
    due_at: datetime | None = None


@command
def make(case_id: int, wanted: Wanted, *, actor: Actor) -> Replacement:
    """Make the order that goes out; also while goods are on their way back: an exchange or a reship is sent ahead.

    Raises NotFound, NotAllowed, IllegalMove (phase, `not_decided`), RuleViolation (`units_claimed`, `not_put_aside`,
    `share_unknown`, `address_incomplete`, what is missing).
    """
    case = cases.in_hand(case_id, actor, P, phases=cases.UNDER_WAY)
    cases.needs(case, RESOLUTIONS[wanted.kind])
    rules.check_ahead_of_goods(wanted.kind, case.phase, waits=_waits(wanted), due_at=wanted.due_at)
    sale = cases.lock_order(case)
    rules.check_lines(wanted.kind, [n.quantity for n in wanted.lines], [n.price_minor for n in wanted.lines])
    if wanted.due_at is not None:
        rules.check_due(wanted.due_at, clock.now())
    _check_put_aside(case, wanted)
    meant = [(one, _case_line(case, one), _priced(case, one)) for one in wanted.lines]
    outbound = _outbound(case, sale, wanted, [_own(*each) for each in meant])
    made = _row(case, wanted, outbound, [priced for _one, _line, priced in meant], actor)
    _lines(made, meant, outbound)
    order_service.link(sale, outbound, LinkKind(str(wanted.kind)), person_id=actor.id)
    audit.record(
        "replacement.made", "replacement", made.id, actor, store_id=made.store_id, order_id=sale.id,
        replacement_kind=str(made.kind), outbound=outbound.id, case=case.id, difference_minor=made.difference_minor,
    )  # fmt: skip
    look_at(made, actor=actor)
    return made


def _check_put_aside(case: Case, wanted: Wanted) -> None:
    """Only goods that the warehouse put aside for it go back to the customer."""
    if wanted.kind is not ReplacementKind.SEND_BACK:
        return
    there = queries.put_aside(case.id, case.store_id)
    gone = queries.alive(queries.of_case(case.id, case.store_id))
    back = {row.id for row in gone if row.kind is ReplacementKind.SEND_BACK}
    for line in queries.lines_of(back, case.store_id):
        there[line.line_id] = there.get(line.line_id, 0) - line.quantity
    for one in wanted.lines:
        there[one.line_id] = there.get(one.line_id, 0) - one.quantity
        if there[one.line_id] < 0:
            raise RuleViolation("The warehouse has not put these units aside for it.", code="not_put_aside")


def _case_line(case: Case, one: LineWanted) -> CaseLine:
    for line in cases.see_lines(case):
        if line.line_id == one.line_id:
            if one.quantity > line.quantity and not one.is_extra:
                raise RuleViolation("The case is about fewer units.", code="units_claimed", left=line.quantity)
            return line
    raise NotFound("The case is not about this line.", code="no_such_line")


def _priced(case: Case, one: LineWanted) -> Priced:
    if one.is_extra:
        return Priced(0)
    share_minor = cases.replace_units(case, one.line_id, one.quantity)
    known = orders.line_of(case.order_id, one.line_id, case.store_id).share_minor is not None
    if one.price_minor is not None and not known:
        raise RuleViolation(
            "Nobody knows yet what was paid for these units: import the order's details and its freight.",
            code="share_unknown",
        )
    return Priced(share_minor, one.price_minor)


def _own(one: LineWanted, line: CaseLine, priced: Priced) -> OwnLine:
    if one.sku is None and one.title is None and one.attributes is None:
        return OwnLine(one.quantity, line.sku, line.title, line.attributes, priced.share_minor)
    return OwnLine(one.quantity, one.sku, one.title or line.title, one.attributes, priced.share_minor)


def _outbound(case: Case, sale: Order, wanted: Wanted, lines: Sequence[OwnLine]) -> Order:
    store = staff.store_by_id(case.store_id)
    ship_to = dict(wanted.ship_to or orders.effective_value(sale, Field.ADDRESS, None))
    if wanted.ship_to is not None and not all(ship_to.get(key) for key in ("name", "phone", "street")):
        raise RuleViolation("Say name, phone and street.", code="address_incomplete")
    number = f"{case.number}-R{len(queries.of_case(case.id, case.store_id)) + 1}"
    outbound = order_service.make_own(store, sale, number, lines, ship_to)
    parcel_service.cover(store, outbound, source=Source.PAGE, origin=None, as_of=clock.now())
    return outbound


def _waits(wanted: Wanted) -> bool:
    if wanted.waits_for_goods is not None:
        return wanted.waits_for_goods
    return wanted.kind is ReplacementKind.EXCHANGE and wanted.due_at is None


def _row(case: Case, wanted: Wanted, outbound: Order, priced: Sequence[Priced], actor: Actor) -> Replacement:
    made = Replacement(
        store_id=case.store_id, case_id=case.id, order_id=case.order_id, outbound_id=outbound.id, kind=wanted.kind,
        waits_for_goods=_waits(wanted), due_at=wanted.due_at, difference_minor=rules.difference_minor(priced),
        made_by_id=actor.id, made_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    return made


def _lines(made: Replacement, meant: Sequence[tuple[LineWanted, CaseLine, Priced]], outbound: Order) -> None:
    there = orders.lines(outbound.id, outbound.store_id)
    for (one, _line, priced), line in zip(meant, there, strict=True):
        db.session.add(
            ReplacementLine(
                store_id=made.store_id, replacement_id=made.id, line_id=one.line_id, outbound_line_id=line.id,
                quantity=one.quantity, is_claimed=not one.is_extra, share_minor=priced.share_minor,
                price_minor=one.price_minor, worth_minor=priced.share_minor,
            )
        )  # fmt: skip
    db.session.flush()
