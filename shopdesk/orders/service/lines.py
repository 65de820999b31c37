"""The lines of a mirrored order: one incomplete line from a list, the real ones from details; shares fixed once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.orders import rules
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.service import matching
from shopdesk.orders.service.told import SaleLine
from shopdesk.orders.states import NOT_PACKED

FROM_LIST = "list"  # line_key of the one line that a list without details makes


@dataclass(frozen=True, slots=True)
class Cut:
    """A told text that its column is too short for: the first `kept` of its `length` characters are all that fits."""

    field: str
    length: int
    kept: int
    line_key: str | None = None  # None: of the order itself


@dataclass(slots=True)
class LinesDone:
    """What became of the lines that were told.  `refused`: perhaps a line that is there, perhaps not; not taken."""

    changed: bool = False
    refused: list[SaleLine] = field(default_factory=list)
    units: tuple[int, int] | None = None  # (of the lines, as the list counts), where these differ
    keys: dict[str, str] = field(default_factory=dict)  # as told → as the line has it
    lines: list[OrderLine] = field(default_factory=list)  # all that the order has now, by position
    codes: list[str | None] = field(default_factory=list)  # by which the told lines are found


TEXTS_AND_AMOUNTS = ("title", "sku", "attributes", "unit_price_minor", "share_given_minor", "refund_state")

#: Characters of what has no end of its own in the database; the API refuses longer ones.
MOST = {
    "buyer_nick": 128, "recipient_name": 64, "phone": 64, "street_address": 500, "invoice_title": 200,
    "buyer_message": 2000, "platform_memo": 5000, "title": 500, "attributes": 500,
}  # fmt: skip


def fitting(model: type[Order | OrderLine], name: str, told: Any) -> Any:
    """A text as far as its column goes, the same on both engines; `cut_of` is what is said of the rest."""
    most = _most(model, name)
    return told[:most] if most and isinstance(told, str) else told


def cut_of(model: type[Order | OrderLine], name: str, told: Any, *, line_key: str | None = None) -> Cut | None:
    most = _most(model, name)
    is_over = most is not None and isinstance(told, str) and len(told) > most
    return Cut(name, len(told), most or 0, line_key) if is_over else None


def _most(model: type[Order | OrderLine], name: str) -> int | None:
    """Characters that fit; None: as many as there are."""
    most: int | None = getattr(model.__table__.c[name].type, "length", None)
    return most or MOST.get(name)


def cuts_of_lines(lines: Iterable[SaleLine]) -> list[Cut]:
    found = [cut_of(OrderLine, n, getattr(ln, n), line_key=ln.key) for ln in lines for n in TEXTS_AND_AMOUNTS]
    return [cut for cut in found if cut]


def lines_of(order: Order) -> list[OrderLine]:
    statement = select(OrderLine).where(OrderLine.order_id == order.id).order_by(OrderLine.position)
    return list(db.session.scalars(in_store(statement, order.store_id, OrderLine)))


def mirror_lines(order: Order, sale: Any, *, as_of: datetime, had_list: bool, is_new: bool) -> LinesDone:
    """Bring the lines in step with a `Sale`.  Lines are never removed (D3), and none is there twice under two keys.

    `had_list`: a list had told the order before, so that its lines were known to be all.
    """
    there = [] if is_new else lines_of(order)
    if not sale.lines_complete:
        return _without_details(order, sale, there, had_list=had_list)
    done = LinesDone(lines=there)
    is_later = order.lines_as_of is None or as_of > order.lines_as_of
    placeholder = next((line for line in there if line.line_key == FROM_LIST), None)
    real = [line for line in there if line is not placeholder]
    is_older = order.lines_as_of is not None and as_of < order.lines_as_of
    matched = matching.match(real, sale.lines, is_whole=order.lines_complete and had_list, is_older=is_older)
    for told, line in matched.same:
        line.line_key = done.keys[told.key] = matching.better_key(line.line_key, told.key)
        done.changed |= _copy_line(line, told, is_later=is_later)
    done.refused = matched.refused
    fresh = sum(told.quantity for told in matched.new)
    if placeholder is not None and not sale.has_list and fresh < placeholder.quantity:
        known = sum(line.quantity for line in there)
        done.units = (known - placeholder.quantity + fresh, known)  # fewer than the list counted: not all of them
        return done
    for told in matched.new:
        line, has_changed = _add_line(order, told, placeholder, there, is_later=is_later)
        done.keys[told.key] = line.line_key
        done.changed |= has_changed
        placeholder = None
    if is_later and len(matched.same) == len(real) and not matched.refused:
        _put_in_place(there, sale, matched)
    order.lines_complete = order.lines_complete or not (matched.refused or placeholder)
    if is_later:
        order.lines_as_of = as_of
    db.session.flush()
    done.codes = [code for line in matched.taken for code in (line.sku, line.item_code)]
    there.sort(key=lambda line: line.position)
    return done


def _add_line(
    order: Order, told: SaleLine, placeholder: OrderLine | None, there: list[OrderLine], *, is_later: bool
) -> tuple[OrderLine, bool]:
    """A line that was not known; the incomplete line becomes the first such one: nothing is deleted."""
    key = matching.free_key(told.key, {line.line_key for line in there})
    line = placeholder
    if line is None:
        position = max((line.position for line in there), default=0) + 1
        line = OrderLine(
            store_id=order.store_id, order_id=order.id, line_key=key, quantity=told.quantity, position=position
        )
        db.session.add(line)
        there.append(line)
    else:
        line.line_key = key
        _give_up_units(line, 0 if told.kind in NOT_PACKED else told.quantity)
    return line, _copy_line(line, told, is_later=is_later)


def _put_in_place(there: list[OrderLine], sale: Any, matched: matching.Matched) -> None:
    """The places of a later and whole file are the lines' places."""
    places = {told.key: position for position, told in enumerate(sale.lines, start=1)}
    known = {line.id: places[told.key] for told, line in matched.same}
    fresh = iter(sorted(places[told.key] for told in matched.new))
    for line in there:
        line.position = known.get(line.id) or next(fresh, line.position)


def _without_details(order: Order, sale: Any, there: list[OrderLine], *, had_list: bool) -> LinesDone:
    """A list alone: one incomplete line for its units, or for those that details without their list left out."""
    done = LinesDone(lines=there)
    if not there:
        done.changed = _make_incomplete(order, sale, there)
        return done
    units = sum(line.quantity if line.told_quantity is None else line.told_quantity for line in there)
    if had_list or not sale.has_list or sale.unit_count in {None, units}:
        return done
    done.units = (units, sale.unit_count)
    if sale.unit_count > units:
        position = max(line.position for line in there) + 1
        rest = replace(sale, unit_count=sale.unit_count - units)
        done.changed = _make_incomplete(order, rest, there, position=position)
        order.lines_complete = False
    return done


def _give_up_units(line: OrderLine, units: int) -> None:
    """The incomplete line stood for every unit of the order; as a real one it keeps its own, the others get theirs."""
    line.in_parcels = min(line.in_parcels, units)
    line.shipped = min(line.shipped, units)
    line.cancelled = min(line.cancelled, units - line.shipped)  # what follows in a voided parcel is cancelled there


def _make_incomplete(order: Order, sale: Any, there: list[OrderLine], *, position: int = 1) -> bool:
    if not sale.has_list:
        return False
    line = OrderLine(
        store_id=order.store_id, order_id=order.id, line_key=FROM_LIST, position=position,
        quantity=sale.unit_count or 1, title=sale.titles, incomplete=True,
    )  # fmt: skip
    db.session.add(line)
    db.session.flush()
    there.append(line)
    return True


def _copy_line(line: OrderLine, told: SaleLine, *, is_later: bool) -> bool:
    fresh = line.id is None or line.incomplete
    later = is_later or fresh
    before = (
        line.title,
        line.sku,
        line.attributes,
        line.unit_price_minor,
        line.quantity,
        line.refund_state,
        line.told_quantity,
    )
    for name in TEXTS_AND_AMOUNTS:
        setattr(
            line,
            name,
            rules.overwrite(getattr(line, name), fitting(OrderLine, name, getattr(told, name)), is_later=later),
        )
    line.kind = told.kind
    if later:
        line.told_quantity = told.quantity
        line.quantity = told.quantity if fresh else _quantity(line, told.quantity)
    line.incomplete = False
    after = (
        line.title,
        line.sku,
        line.attributes,
        line.unit_price_minor,
        line.quantity,
        line.refund_state,
        line.told_quantity,
    )
    return before != after


def _quantity(line: OrderLine, told: int) -> int:
    return rules.quantity(
        told, line.quantity, cancelled=line.cancelled, shipped=line.shipped, in_parcels=line.in_parcels
    )
