"""Units of a return go from awaited to here, and back when an inspection is corrected: conditional UPDATEs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from shopdesk.core.db import db, rows_changed
from shopdesk.core.errors import Conflict
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLine
from shopdesk.returns.models import ReturnLine
from shopdesk.returns.rules.findings import LineUnits, booked


def take_in(line: ReturnLine, quantity: int) -> int:
    """Count right units as here; how many of them were expected, the rest is surplus.

    In the order line they go from coming back to returned (I3); units that were given up, or whose return was
    cancelled, are returned as far as they do not come back by another return.
    """
    units = LineUnits(line.expected, line.arrived, line.given_up)
    awaited, revived, _surplus = booked(quantity, units)
    if awaited:
        _line(line, arrived=ReturnLine.arrived + awaited)
        _must(_order_line(line, OrderLine.in_return >= awaited, in_return=-awaited, returned=awaited))
    if revived and _order_line(
        line, OrderLine.in_return + OrderLine.returned + revived <= OrderLine.shipped, returned=revived
    ):
        _line(line, arrived=ReturnLine.arrived + revived, given_up=ReturnLine.given_up - revived)
        return awaited + revived
    return awaited


def take_out(line: ReturnLine, quantity: int) -> None:
    """The finding was wrong: the units are awaited again."""
    _line(line, ReturnLine.arrived >= quantity, arrived=ReturnLine.arrived - quantity)
    _must(_order_line(line, OrderLine.returned >= quantity, in_return=quantity, returned=-quantity))


def give_up_rest(line: ReturnLine) -> None:
    """Of a cancelled return that comes nevertheless: nothing more of it is awaited."""
    _line(line, given_up=ReturnLine.expected - ReturnLine.arrived)


def _line(line: ReturnLine, *fits: Any, **values: Any) -> None:
    """The CHECK of the table stands behind it: no unit arrives twice."""
    statement = update(ReturnLine).where(ReturnLine.id == line.id, *fits).values(**values)
    _must(rows_changed(in_store(statement, line.store_id, ReturnLine)) == 1)
    db.session.refresh(line)


def _order_line(line: ReturnLine, fits: Any, *, in_return: int = 0, returned: int = 0) -> bool:
    statement = (
        update(OrderLine)
        .where(OrderLine.id == line.line_id, fits)
        .values(in_return=OrderLine.in_return + in_return, returned=OrderLine.returned + returned)
    )
    return rows_changed(in_store(statement, line.store_id, OrderLine)) == 1


def _must(is_done: bool) -> None:  # noqa: FBT001 the row count's word
    if not is_done:
        raise Conflict("The units have moved meanwhile. Please look again.", code="units_moved")
