"""What the calculator starts from: the lines, shipping and payments of an order, or of what a case is about."""

from __future__ import annotations

from collections.abc import Mapping

from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling as case_reads
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import OrderStatus
from shopdesk.payments import queries as payments
from shopdesk.refunds.rules.calculating import CouponPolicy, Held, Line
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_COUPONS, Store


def held_by_order(order: Order) -> Held:
    """Of a refund without case or change."""
    lines = orders.lines(order.id, order.store_id)
    claimed = case_reads.claimed_units([line.id for line in lines], order.store_id)
    return _held(order, [_line(line, claimed.get(line.id, 0), None) for line in lines], None)


def held_by_case(case: Case) -> Held:
    """Of what a case is about; its compensation has the store's own limit."""
    order = orders.order_by_id(case.order_id, case.store_id)
    sold = {line.id: line for line in orders.lines(case.order_id, case.store_id)}
    own = case_reads.lines_of(case)
    subject = {n.line_id: n.quantity - n.refunding - n.replacing for n in own} or {
        line.id: units for line, units in case_reads.units_left(case)
    }
    claimed = case_reads.claimed_units(list(subject), case.store_id)
    lines = [_line(sold[i], claimed.get(i, 0), units) for i, units in subject.items()]
    return _held(order, lines, case_reads.compensation_left(case))


def _line(line: OrderLine, claimed: int, of_subject: int | None) -> Line:
    return Line(
        line.id, line.title or line.sku or line.line_key, line.quantity, line.share_minor,
        booked_minor=line.reserved_minor + line.refunded_minor, taken=min(line.quantity, line.cancelled + claimed),
        price_minor=line.unit_price_minor, of_subject=of_subject,
    )  # fmt: skip


def _held(order: Order, lines: list[Line], most_compensation_minor: int | None) -> Held:
    store = staff.store_by_id(order.store_id)
    sale_id = payments.sale_of(order)
    sale = order if sale_id == order.id else orders.order_by_id(sale_id, order.store_id)
    there = payments.payments_of_order(sale.id, sale.store_id)
    return Held(
        order.currency, tuple(lines), shipping_minor=order.shipping_minor,
        shipping_back_minor=case_reads.freight_expected(order.id, order.store_id, but=0),
        left_minor=left_of(sale), currencies=tuple(one.currency for one in there),
        most_compensation_minor=most_compensation_minor, coupons=coupons_of(store),
    )  # fmt: skip


def coupons_of(store: Store) -> CouponPolicy:
    """What the store does about a coupon when a part of the order goes back."""
    return CouponPolicy(store.settings.get(REFUND_COUPONS, CouponPolicy.FREEZE))


def left_of(sale: Order) -> Mapping[str, int] | None:
    """Payment → what it still holds, oldest first; None where nobody told what was paid.

    Payments are opened when money first goes back: before that the order says what was paid.
    """
    there = payments.payments_of_order(sale.id, sale.store_id)
    told = orders.paid_minor_of(sale)
    if not there:
        return None if told is None else {sale.number: told}
    left = {one.reference or f"#{one.id}": payments.balance([one]).left_minor for one in there}
    more_minor = (told or 0) - sum(one.captured_minor for one in there)
    if sale.status is not OrderStatus.CLOSED and more_minor > 0:  # told since: taken in with the next refund
        newest = next(reversed(left))
        left[newest] += more_minor
    return left
