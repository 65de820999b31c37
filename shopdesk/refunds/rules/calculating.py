"""What a refund comes to, on plain values: every line's arithmetic, what may go back, and why not more.

Amounts are minor units of one currency.  The page's preview, the API's quote and the command that asks for the money
are this one function (domain.md §5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from shopdesk.core.errors import RuleViolation
from shopdesk.core.money import plain, share_of_units
from shopdesk.refunds.states import Cap, CouponPolicy, NotTaken, Part


@dataclass(frozen=True, slots=True)
class Line:
    """An order line as money sees it; `taken` units were cancelled, refunded or replaced before."""

    line_id: int
    title: str
    quantity: int
    paid_minor: int | None  # paid share of all its units; None: nobody told it
    booked_minor: int = 0  # given back or set aside of it
    taken: int = 0
    price_minor: int | None = None  # of one unit, before coupons
    of_subject: int | None = None  # units that may be asked for here; None: all that are left

    @property
    def free(self) -> int:
        left = max(0, self.quantity - self.taken)
        return left if self.of_subject is None else min(left, max(0, self.of_subject))


@dataclass(frozen=True, slots=True)
class Fee:
    """What the shop keeps, and why."""

    amount_minor: int
    reason: str


@dataclass(frozen=True, slots=True)
class Coupon:
    """A coupon of the order: `off_minor` off from `from_minor` on."""

    from_minor: int
    off_minor: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to go back."""

    units: Mapping[int, int] = field(default_factory=dict)  # line → units
    shipping_minor: int = 0
    compensation_minor: int = 0
    overpayment_minor: int = 0
    fees: Sequence[Fee] = ()
    coupon: Coupon | None = None  # only where the store takes it back


@dataclass(frozen=True, slots=True)
class Held:
    """What the order and its payments hold; None: nobody told it."""

    currency: str
    lines: Sequence[Line] = ()
    shipping_minor: int | None = None  # paid for shipping
    shipping_back_minor: int = 0  # given back or set aside of it
    left_minor: Mapping[str, int] | None = None  # payment → what it still holds, oldest first
    currencies: Sequence[str] = ()  # of the payments
    most_compensation_minor: int | None = None  # None: no limit of the store's own
    coupons: CouponPolicy = CouponPolicy.FREEZE


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the calculation; `how` is its arithmetic, in figures alone."""

    part: Part
    amount_minor: int
    how: str = ""
    line_id: int | None = None
    title: str = ""
    units: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """A cap: what it leaves, of which line, and whether what is asked for goes beyond it."""

    cap: Cap
    most_minor: int
    line_id: int | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """The answer: the rows add up to the total; `limits` say why not more."""

    currency: str
    rows: tuple[Row, ...]
    limits: tuple[Limit, ...]
    payments: tuple[tuple[str, int], ...] = ()  # which payment it goes back from
    not_taken: NotTaken | None = None  # why nothing is taken back for the coupon that was named

    @property
    def total_minor(self) -> int:
        return sum(row.amount_minor for row in self.rows)

    @property
    def over(self) -> tuple[Limit, ...]:
        return tuple(limit for limit in self.limits if limit.is_over)

    def of(self, *parts: Part) -> int:
        return sum(row.amount_minor for row in self.rows if row.part in parts)


def calculate(asked: Asked, held: Held) -> Quote:
    """Raises RuleViolation for what is no amount at all, for two currencies, or for a line that is not there."""
    _check(asked, held)
    rows: list[Row] = []
    limits: list[Limit] = []
    there = {line.line_id: line for line in held.lines}
    for line_id, units in sorted(asked.units.items()):
        if units:
            _goods(there[line_id], units, held.currency, rows, limits)
    _shipping(asked, held, rows, limits)
    if asked.compensation_minor:
        rows.append(Row(Part.COMPENSATION, asked.compensation_minor))
        most = held.most_compensation_minor
        if most is not None:
            limits.append(Limit(Cap.COMPENSATION, most, is_over=asked.compensation_minor > most))
    if asked.overpayment_minor:
        rows.append(Row(Part.OVERPAYMENT, asked.overpayment_minor))
    not_taken = _fees(asked, held, rows, limits)
    return Quote(held.currency, tuple(rows), (*limits, _payments(held, rows)), _from(held, rows), not_taken)


def _check(asked: Asked, held: Held) -> None:
    if any(currency != held.currency for currency in held.currencies):
        raise RuleViolation("One refund has one currency.", code="currency_differs", currency=held.currency)
    amounts = (asked.shipping_minor, asked.compensation_minor, asked.overpayment_minor)
    if min((*amounts, *(fee.amount_minor for fee in asked.fees), *asked.units.values()), default=0) < 0:
        raise RuleViolation("A refund must be more than zero.", code="amount_not_positive")
    if any(fee.amount_minor and not fee.reason.strip() for fee in asked.fees):
        raise RuleViolation("Say why this is kept.", code="reason_required")
    known = {line.line_id for line in held.lines}
    if not {line_id for line_id, units in asked.units.items() if units} <= known:
        raise RuleViolation("The order has no such line.", code="no_such_line")


def _goods(line: Line, units: int, currency: str, rows: list[Row], limits: list[Limit]) -> None:
    """The share of the next units: f(taken + units) − f(taken)."""
    if units > line.free:
        limits.append(Limit(Cap.UNITS, line.free, line.line_id, is_over=True))
        units = line.free
    if line.paid_minor is None:
        limits.append(Limit(Cap.SHARE_UNKNOWN, 0, line.line_id, is_over=True))
        return
    share_minor = share_of_units(line.paid_minor, max(1, line.quantity), line.taken, line.taken + units)
    left_minor = max(0, line.paid_minor - line.booked_minor)
    given_minor = min(share_minor, left_minor)
    limits.append(Limit(Cap.SHARE, left_minor, line.line_id))
    how = arithmetic(line.paid_minor, line.quantity, line.taken, line.taken + units, currency)
    if given_minor < share_minor:  # some of it went back beside the units: capped, and said
        how += f" → {plain(given_minor, currency)}"
    rows.append(Row(Part.GOODS, given_minor, how, line.line_id, line.title, units))


def arithmetic(paid_minor: int, quantity: int, first: int, last: int, currency: str) -> str:
    """How a share comes about, in figures: f(k) = k × (paid div q) + min(k, paid mod q).

    >>> arithmetic(20000, 3, 0, 2, "CNY")
    'f(2) − f(0) = (2 × 66.66 + 0.02) − 0.00 = 133.34'
    """
    each, rest = divmod(paid_minor, max(1, quantity))
    share = plain(share_of_units(paid_minor, max(1, quantity), first, last), currency)

    def worth(units: int) -> str:
        if not units:
            return plain(0, currency)
        return f"({units} × {plain(each, currency)} + {plain(min(units, rest), currency)})"

    return f"f({last}) − f({first}) = {worth(last)} − {worth(first)} = {share}"


def _shipping(asked: Asked, held: Held, rows: list[Row], limits: list[Limit]) -> None:
    if not asked.shipping_minor:
        return
    if held.shipping_minor is None:
        limits.append(Limit(Cap.SHIPPING_UNKNOWN, 0, is_over=True))
        return
    left_minor = max(0, held.shipping_minor - held.shipping_back_minor)
    how = f"≤ {plain(held.shipping_minor, held.currency)} − {plain(held.shipping_back_minor, held.currency)}"
    rows.append(Row(Part.SHIPPING, asked.shipping_minor, how))
    limits.append(Limit(Cap.SHIPPING, left_minor, is_over=asked.shipping_minor > left_minor))


def _fees(asked: Asked, held: Held, rows: list[Row], limits: list[Limit]) -> NotTaken | None:
    """What is kept never exceeds the goods that it is kept of; why nothing is kept for a coupon that was named."""
    goods_minor = sum(row.amount_minor for row in rows if row.part in {Part.GOODS, Part.OVERPAYMENT})
    kept = [Row(Part.FEE, -fee.amount_minor, reason=fee.reason) for fee in asked.fees if fee.amount_minor]
    clawed: Row | NotTaken | None = None
    if held.coupons is CouponPolicy.CLAW_BACK and asked.coupon:
        clawed = _clawed(asked, held, asked.coupon, goods_minor)
    if isinstance(clawed, Row):
        kept.append(clawed)
    kept_minor = -sum(row.amount_minor for row in kept)
    if kept:
        limits.append(Limit(Cap.FEES, goods_minor, is_over=kept_minor > goods_minor))
    rows += kept
    return clawed if isinstance(clawed, NotTaken) else None


def _clawed(asked: Asked, held: Held, coupon: Coupon, goods_minor: int) -> Row | NotTaken:
    """What the kept units would have cost without the coupon, where they are worth too little for it."""
    if any(line.price_minor is None or line.paid_minor is None for line in held.lines):
        return NotTaken.PRICE_UNKNOWN
    kept = [(line, line.quantity - line.taken - asked.units.get(line.line_id, 0)) for line in held.lines]
    worth_minor = sum((line.price_minor or 0) * max(0, units) for line, units in kept)
    if not worth_minor:
        return NotTaken.NOTHING_STAYS
    if worth_minor >= coupon.from_minor:
        return NotTaken.WORTH_IT
    paid_minor = sum(
        share_of_units(line.paid_minor or 0, max(1, line.quantity), line.quantity - units, line.quantity)
        for line, units in kept
        if units > 0
    )
    back_minor = min(goods_minor, max(0, min(coupon.off_minor, worth_minor - paid_minor)))
    if not back_minor:
        return NotTaken.NOTHING_OWED
    how = f"{plain(worth_minor, held.currency)} − {plain(paid_minor, held.currency)}"
    return Row(Part.FEE, -back_minor, how, reason="coupon")


def _payments(held: Held, rows: Sequence[Row]) -> Limit:
    if held.left_minor is None:
        return Limit(Cap.PAID_UNKNOWN, 0, is_over=True)
    left_minor = sum(held.left_minor.values())
    return Limit(Cap.PAYMENTS, left_minor, is_over=sum(row.amount_minor for row in rows) > left_minor)


def _from(held: Held, rows: Sequence[Row]) -> tuple[tuple[str, int], ...]:
    """Which payments it goes back from: the last one first, as it is reserved (payments.rules.spread)."""
    rest, found = sum(row.amount_minor for row in rows), []
    for name, left_minor in reversed(list((held.left_minor or {}).items())):
        part = min(rest, left_minor)
        if part > 0:
            found.append((name, part))
            rest -= part
    return tuple(found)


def spread_over(amounts_minor: Sequence[int], payouts_minor: Sequence[int]) -> list[list[int]]:
    """How much of each amount every payout pays, both in their order; the same answer for ever.

    >>> spread_over([100, 50], [120, 30])
    [[100, 20], [0, 30]]
    """
    left = list(amounts_minor)
    found = []
    for payout_minor in payouts_minor:
        parts = []
        for place, amount_minor in enumerate(left):
            part = max(0, min(payout_minor, amount_minor))
            left[place] -= part
            payout_minor -= part
            parts.append(part)
        found.append(parts)
    return found
