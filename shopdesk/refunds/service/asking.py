"""Money back is asked for: directly, of a case, of a change.  Where no limit applies it is approved with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling as case_reads
from shopdesk.cases.states import AmountPart, PaidTo
from shopdesk.changes import service as changes
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import load
from shopdesk.orders.models import Order
from shopdesk.payments import queries as payments
from shopdesk.payments import service as money
from shopdesk.refunds import queries
from shopdesk.refunds.models import Refund, RefundLine
from shopdesk.refunds.queries import quoting
from shopdesk.refunds.rules import asking as asking_rules
from shopdesk.refunds.rules import deciding as rules
from shopdesk.refunds.rules.calculating import Asked, Quote, Row, calculate
from shopdesk.refunds.service.deciding import clean, decide_or_wait, locked_order
from shopdesk.refunds.service.paying import ByHand, end, locked_with_owner
from shopdesk.refunds.service.telling import BALANCE
from shopdesk.refunds.states import AGREED, BY_PEOPLE, DIRECT, Part, PayoutState, RefundKind, RefundState
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_PLACES, Platform, Store

#: kind → what its one line is for
PART = {
    RefundKind.DUPLICATE_PAYMENT: Part.OVERPAYMENT,
    RefundKind.PRICE_ADJUSTMENT: Part.COMPENSATION,
    RefundKind.GOODWILL: Part.COMPENSATION,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be given back directly: minor units of the order's currency, why, where to."""

    kind: RefundKind
    amount_minor: int
    destination: PaidTo
    account: str | None = None
    reason: str | None = None
    invoice_sent: bool | None = None  # with the order; None: not known yet


@dataclass(frozen=True, slots=True)
class Target:
    """Where money of a case or a change goes."""

    destination: PaidTo
    account: str | None = field(default=None, repr=False)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CaseWish:
    """What of a case is decided now, beside what was decided before; `parts`: only these balances are asked for."""

    target: Target
    asked: Asked = field(default_factory=Asked)
    parts: Collection[AmountPart] = tuple(AmountPart)
    seen_minor: int | None = None  # the total that was looked at; another one is not asked for


@command
def request(order_id: int, wish: Wish, *, actor: Actor) -> Refund:
    """Ask for money back without a case or change.

    Raises NotFound, NotAllowed, RuleViolation (`amount_not_positive`, `value_required`, `more_than_left`,
    `reason_required`, `paid_unknown`).
    """
    order = load(Order, order_id, actor, Permission.REFUND_ASK, lock="update")
    rules.check_wish(wish.amount_minor, wish.destination, clean(wish.account))
    if wish.kind not in DIRECT:
        raise RuleViolation("This refund belongs to its case or change.", code="not_direct", kind=str(wish.kind))
    if not clean(wish.reason):
        raise RuleViolation("Say why.", code="reason_required")
    row = Row(PART[wish.kind], wish.amount_minor)
    sale = money.sale(order)  # whose payments it goes back from, and whose limit it counts into
    target = Target(wish.destination, wish.account, wish.reason)
    made = _draft(sale, wish.kind, [row], target, actor, invoice_sent=wish.invoice_sent)
    return decide_or_wait(made, sale, actor=actor)


@command
def request_for_case(case_id: int, wish: CaseWish, *, actor: Actor) -> Refund:
    """Decide what the wish says, and ask for all of the case's balances that nobody has asked for yet.

    What was asked for is set aside on them, so that nobody notes or asks for it a second time.  Raises NotFound,
    NotAllowed, IllegalMove (phase, `invoice_unanswered`, `not_decided`), RuleViolation (the first cap that the wish
    goes beyond, `nothing_left`, `paid_unknown`, `more_than_left`).
    """
    case = cases.in_hand(case_id, actor, Permission.CASE_SETTLE)
    require(actor, Permission.REFUND_ASK, case.store_id)
    rules.check_account(wish.target.destination, clean(wish.target.account))
    cases.check_invoice(case)
    cases.lock_order(case)
    rows = open_rows(case, wish.parts)
    quote = calculate(wish.asked, quoting.held_by_case(case))
    asking_rules.check_caps(quote)
    _decide(case, wish.asked, quote, actor)
    rows += [row for row in quote.rows if BALANCE[row.part] in wish.parts]
    if sum(row.amount_minor for row in rows) <= 0:
        raise RuleViolation("Nothing of this case is left to be refunded.", code="nothing_left")
    asking_rules.check_seen(sum(row.amount_minor for row in rows), wish.seen_minor)
    sale = _sale_of(case)
    made = _draft(sale, RefundKind.CASE, rows, wish.target, actor, case_id=case.id)
    cases.set_aside(case, _by_balance(rows))
    return decide_or_wait(made, sale, actor=actor)


def _by_balance(rows: Sequence[Row]) -> dict[AmountPart, int]:
    found = {part: sum(row.amount_minor for row in rows if BALANCE[row.part] is part) for part in AmountPart}
    return {part: amount for part, amount in found.items() if amount}


def open_rows(case: Case, parts: Collection[AmountPart]) -> list[Row]:
    """What was decided before and nobody has asked for: by line, then what goes back beside them."""
    now = case_reads.amounts_of(case)
    rows: list[Row] = []
    if AmountPart.MONEY in parts:
        rows += _open_goods(case, now[AmountPart.MONEY])
    if AmountPart.FREIGHT in parts and now[AmountPart.FREIGHT].free_minor:
        rows.append(Row(Part.SHIPPING, now[AmountPart.FREIGHT].free_minor))
    if AmountPart.COMPENSATION in parts and now[AmountPart.COMPENSATION].free_minor:
        rows.append(Row(Part.COMPENSATION, now[AmountPart.COMPENSATION].free_minor))
    return rows


def _open_goods(case: Case, now: case_reads.Amount) -> list[Row]:
    lines = case_reads.lines_of(case)
    there = asking_rules.open_of_lines(
        [line.refund_minor - line.refunded_minor for line in lines], now.reserved_minor, now.free_minor
    )
    rows = [Row(Part.GOODS, part, line_id=line.line_id) for line, part in zip(lines, there, strict=True) if part]
    beside_minor = now.free_minor - sum(there)
    return [*rows, Row(Part.OVERPAYMENT, beside_minor)] if beside_minor else rows


def _decide(case: Case, asked: Asked, quote: Quote, actor: Actor) -> None:
    """What the calculator came to becomes what the case expects."""
    units = {line_id: count for line_id, count in asked.units.items() if count}
    if units:
        goods_minor = quote.of(Part.GOODS, Part.FEE)
        cases.decide_refund(case.id, units, amount_minor=goods_minor, actor=actor)
    now = case_reads.amounts_of(case)
    for part, more_minor in (
        (AmountPart.FREIGHT, asked.shipping_minor),
        (AmountPart.COMPENSATION, asked.compensation_minor),
    ):
        if more_minor:
            cases.expect(case.id, part, now[part].expected_minor + more_minor, actor=actor)


def _sale_of(case: Case) -> Order:
    """The order whose payments the case lives on, locked."""
    own = locked_order(case.order_id, case.store_id)
    sale_id = payments.sale_of(own)
    return own if sale_id == own.id else locked_order(sale_id, case.store_id)


@command
def request_for_change(
    change_id: int, position: int, target: Target, *, amount_minor: int | None = None,
    invoice_sent: bool | None = None, actor: Actor,
) -> Refund:  # fmt: skip
    """The refund task of a cancellation or of fewer units; without an amount all that was paid for them.

    Raises as `changes.service.do_step`, IllegalMove (`refund_under_way`), RuleViolation (`nothing_refunded`,
    `more_than_paid`, `paid_unknown`, `more_than_left`).
    """
    change = changes.refund_turn(change_id, position, actor=actor)
    require(actor, Permission.REFUND_ASK, change.store_id)
    rules.check_account(target.destination, clean(target.account))
    order = locked_order(change.order_id, change.store_id)
    sale_id = payments.sale_of(order)
    sale = order if sale_id == order.id else locked_order(sale_id, order.store_id)
    shares = changes.refund_shares(change, amount_minor)
    rows = [Row(Part.GOODS if line_id else Part.SHIPPING, part, line_id=line_id) for line_id, part in shares.items()]
    made = _draft(
        sale, RefundKind.CANCELLATION, rows, target, actor, change_id=change.id, invoice_sent=invoice_sent
    )  # fmt: skip
    changes.take_refund(change, shares, made.id)
    return decide_or_wait(made, sale, actor=actor)


@command
def note_agreed(refund_id: int, *, actor: Actor) -> Refund:
    """The platform was told to pay it, by the person who says so: it has, and its list of refunds confirms it later.

    Only for money that platforms or people pay.  Raises NotFound, NotAllowed, RuleViolation (`not_the_platform`).
    """
    refund = queries.refund_by_id(refund_id, actor, Permission.REFUND_ASK)
    if refund.destination is not PaidTo.PLATFORM:
        raise RuleViolation("Only what the platform pays is agreed to there.", code="not_the_platform")
    if refund.state is RefundState.APPROVED:
        for one in queries.payouts_of([refund.id], refund.store_id):
            payout = locked_with_owner(one.id, one.store_id)
            # What people noted as paid in does not go back through the platform: finance pays that part.
            if payout.state is PayoutState.RESERVED and payout.place == refund.place and payout.place in BY_PEOPLE:
                end(payout, PayoutState.SUCCEEDED, actor=actor, code=AGREED, by_hand=ByHand())
    return refund


def _draft(
    order: Order, kind: RefundKind, rows: Sequence[Row], target: Target, actor: Actor, *,
    case_id: int | None = None, change_id: int | None = None, invoice_sent: bool | None = None,
) -> Refund:  # fmt: skip
    amount_minor = sum(row.amount_minor for row in rows)
    _check_left(order, amount_minor, actor)
    store = staff.store_by_id(order.store_id)
    made = Refund(
        store_id=order.store_id, order_id=order.id, case_id=case_id, change_id=change_id, kind=kind,
        state=RefundState.DRAFT, amount_minor=amount_minor, currency=order.currency, destination=target.destination,
        place=place_of(store, target.destination), account=clean(target.account), reason=clean(target.reason),
        requested_by_id=actor.id, requested_at=clock.now(), invoice_sent=invoice_sent,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    for row in rows:
        db.session.add(
            RefundLine(
                store_id=made.store_id, refund_id=made.id, part=row.part, line_id=row.line_id, units=row.units,
                amount_minor=row.amount_minor, reason=clean(row.reason),
            )
        )  # fmt: skip
        db.session.flush()  # in this order: the payouts are spread over them
    audit.record(
        "refund.asked", "refund", made.id, actor, store_id=made.store_id, order_id=order.id, kind=str(made.kind),
        amount_minor=made.amount_minor, destination=str(made.destination),
        **({} if invoice_sent is None else {"invoice_sent": invoice_sent}),
    )  # fmt: skip
    return made


def _check_left(order: Order, amount_minor: int, actor: Actor) -> None:
    """A friendlier answer than the one that decides when the money is reserved; `order`: whose payments it lowers."""
    there = money.follow(order, actor=actor)
    if not there:
        raise RuleViolation(
            "Nobody has told yet what was paid for this order: import a list with its amounts.", code="paid_unknown"
        )
    asking_rules.check_left(amount_minor, payments.balance(there).left_minor, order.currency)


def place_of(store: Store, destination: PaidTo) -> str:
    """Who pays out to a destination: as the store has set it; the platform for its own orders, else people."""
    set_: Mapping[str, str] = store.settings.get(REFUND_PLACES, {})
    if str(destination) in set_:
        return set_[str(destination)]
    return "platform" if destination is PaidTo.PLATFORM and store.platform is not Platform.PHONE else "manual"
