"""Money of a case by hand: decided, settled, taken back; each one conditional UPDATE (domain.md §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update

from shopdesk.cases.models import Case, CaseAmount, CaseLine, CaseSettlement
from shopdesk.cases.queries import settling as reads
from shopdesk.cases.rules import settling as rules
from shopdesk.cases.service import claiming
from shopdesk.cases.service.moving import who
from shopdesk.cases.service.resolving import in_hand, needs, see_lines
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Actor, Permission
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls
from shopdesk.orders import queries as orders
from shopdesk.payments import service as money

P = Permission.CASE_SETTLE


@dataclass(frozen=True, slots=True)
class Paid:
    """Money that somebody says was paid: minor units, where it went, the account of a bank or Alipay."""

    amount_minor: int | None
    destination: PaidTo
    account: str | None = None
    reference: str | None = None


@command
def decide_refund(case_id: int, units: Mapping[int, int], *, amount_minor: int | None = None, actor: Actor) -> Case:
    """Decide that units (order line → how many) are refunded; without an amount, their whole paid share.

    The amount is reserved on the lines.  Raises NotFound, NotAllowed, IllegalMove (phase, `not_decided`),
    RuleViolation (`units_claimed`, `more_than_paid`, `share_unknown`, nothing chosen).
    """
    case = in_hand(case_id, actor, P)
    needs(case, Resolution.REFUND)
    order = claiming.lock_order(case)
    chosen = {line_id: count for line_id, count in sorted(units.items()) if count}
    if not chosen:
        raise RuleViolation("Say which units.", code="value_required", missing="units")
    _check_known(case, chosen)
    shares = {}
    for line_id, count in chosen.items():
        claiming.line_of(case, line_id)
        shares[line_id] = claiming.share_of(case, line_id, count)
        claiming.claim(case, line_id, refunding=count)
    whole = sum(shares.values())
    given = whole if amount_minor is None else amount_minor
    rules.check_amount(given, most_minor=whole, currency=order.currency, part=AmountPart.MONEY)
    for line_id, part in zip(shares, rules.spread(given, list(shares.values())), strict=True):
        claiming.reserve(line_id, part, case.store_id)
        claiming.decide_for(case, line_id, refund_minor=part)
    claiming.expect_more(case, AmountPart.MONEY, given)
    audit.record(
        "case.refund_decided", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        amount_minor=given, units=sum(chosen.values()),
    )  # fmt: skip
    return case


def _check_known(case: Case, units: Mapping[int, int]) -> None:
    for line_id in units:
        if orders.line_of(case.order_id, line_id, case.store_id).share_minor is None:
            raise RuleViolation(
                "Nobody knows yet what was paid for these units: import the order's details and its freight.",
                code="share_unknown",
            )


@command
def take_back_refund(case_id: int, *, actor: Actor) -> Case:
    """Take back which units are refunded, while nothing of it was settled.  Raises IllegalMove (`settled_already`)."""
    case = in_hand(case_id, actor, P)
    claiming.lock_order(case)
    taken = 0
    for line in see_lines(case):
        own_minor = line.refund_minor - line.credit_minor
        if not line.refunding and not own_minor:
            continue
        claiming.decide_for(case, line.line_id, refund_minor=-own_minor)
        claiming.reserve(line.line_id, -own_minor, case.store_id)
        claiming.claim(case, line.line_id, refunding=-line.refunding)
        taken += own_minor
    claiming.expect_more(case, AmountPart.MONEY, -taken)
    audit.record(
        "case.refund_taken_back", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        amount_minor=taken,
    )  # fmt: skip
    return case


@command
def expect(case_id: int, part: AmountPart, amount_minor: int | None, *, actor: Actor) -> Case:
    """Decide how much freight or compensation the customer gets, in place of what was decided before.

    Raises RuleViolation (`more_than_paid`, `freight_unknown`), IllegalMove (`settled_already`, `not_decided`).
    """
    case = in_hand(case_id, actor, P)
    if part is AmountPart.MONEY:
        raise RuleViolation("Say which units.", code="value_required", missing="units")
    order = claiming.lock_order(case)
    if part is AmountPart.COMPENSATION:
        needs(case, Resolution.COMPENSATION)
        most = reads.most_compensation(case.store_id)
    else:
        needs(case, *(kind for kind in Resolution if kind is not Resolution.NONE))
        if order.shipping_minor is None:
            raise RuleViolation(
                "Nobody has told yet what the freight of this order was: import a list with its amounts.",
                code="freight_unknown",
            )
        most = max(0, order.shipping_minor - reads.freight_expected(order.id, case.store_id, but=case.id))
    given = rules.check_amount(amount_minor, most_minor=most, currency=order.currency, part=part)
    claiming.expect_more(case, part, given - reads.amounts_of(case)[part].expected_minor)
    audit.record(
        "case.amount_decided", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        part=str(part), amount_minor=given,
    )  # fmt: skip
    return case


@command
def settle(case_id: int, part: AmountPart, paid: Paid, *, actor: Actor) -> CaseSettlement:
    """Note money as settled: of two who note the last amount at once, the second is refused (`more_than_expected`).

    Raises NotFound, NotAllowed, IllegalMove (phase, `invoice_unanswered`), RuleViolation (amount, account, reference).
    """
    case = in_hand(case_id, actor, P)
    check_invoice(case)
    account = strip_controls(paid.account or "").strip() or None
    reference = (paid.reference or "").strip() or None
    rules.check_payment(paid.amount_minor, paid.destination, account, reference)
    amount_minor = paid.amount_minor or 0
    _count(case, part, amount_minor)
    order = claiming.lock_order(case)
    booked_minor = book_lines(case, amount_minor) if part is AmountPart.MONEY else amount_minor
    made = CaseSettlement(
        store_id=case.store_id, case_id=case.id, part=part, amount_minor=amount_minor, booked_minor=booked_minor,
        destination=paid.destination, account=account, reference=reference, noted_by_id=actor.id,
        noted_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    if part in OF_THE_PAYMENTS and booked_minor:
        money.pay_by_hand(order, booked_minor, note=note_of(made), actor=actor)
    db.session.refresh(made)
    audit.record(
        "case.settled", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id, part=str(part),
        amount_minor=amount_minor, destination=str(paid.destination), reference=reference, settlement=made.id,
    )  # fmt: skip
    return made


def check_invoice(case: Case) -> None:
    """Raise IllegalMove where nobody has said whether an invoice was sent (M118)."""
    rules.check_invoice_asked(invoice_sent=case.invoice_sent)


def _count(case: Case, part: AmountPart, amount_minor: int) -> None:
    after = CaseAmount.settled_minor + amount_minor
    statement = (
        update(CaseAmount)
        .where(CaseAmount.case_id == case.id, CaseAmount.part == part, after >= 0)
        .where(after + CaseAmount.reserved_minor <= CaseAmount.expected_minor)
        .values(settled_minor=after)
    )
    if rows_changed(in_store(statement, case.store_id, CaseAmount)) != 1:
        now = reads.amounts_of(case)[part]
        raise rules.lost_amount(now.settled_minor + now.reserved_minor, now.expected_minor)


#: Of these the customer gets back what was paid with the order.
OF_THE_PAYMENTS = frozenset({AmountPart.MONEY, AmountPart.FREIGHT})


def note_of(settlement: CaseSettlement) -> str:
    """Under what its parts on the payments are kept."""
    return f"case_settlement:{settlement.id}"


def book_lines(case: Case, amount_minor: int) -> int:
    """The lines in their order, then what goes back beside them: a difference, which was not paid with the order.

    Returns what was booked on lines (minor units).
    """
    lines = see_lines(case)
    parts = rules.spread(amount_minor, [n.refund_minor - n.refunded_minor for n in lines])
    for line, part in zip(lines, parts, strict=True):
        _settle_line(case, line, part)
    return sum(parts)


def _settle_line(case: Case, line: CaseLine, amount_minor: int) -> None:
    if not amount_minor:
        return
    claiming.book(line.line_id, amount_minor, case.store_id)
    after = CaseLine.refunded_minor + amount_minor
    statement = (
        update(CaseLine)
        .where(CaseLine.id == line.id, after >= 0, after <= CaseLine.refund_minor)
        .values(refunded_minor=after)
    )
    if rows_changed(in_store(statement, case.store_id, CaseLine)) != 1:
        raise IllegalMove(claiming.MOVED, code="units_moved")


@command
def take_back_settlement(case_id: int, settlement_id: int, reason: str, *, actor: Actor) -> CaseSettlement:
    """Take back a wrong entry: whoever made it, or a supervisor, with a reason; once.

    Raises NotFound, NotAllowed (`not_yours`), IllegalMove (`taken_back`, `paid_by_refund`), RuleViolation (no reason).
    """
    case = in_hand(case_id, actor, P)
    made = reads.settlement_of(case, settlement_id)
    if made.payout_id is not None:
        raise IllegalMove("The desk paid this: only who paid it out can take it back.", code="paid_by_refund")
    if made.noted_by_id != actor.id and not who(case, actor).is_supervisor:
        raise NotAllowed("Only who made this entry, or a supervisor, can take it back.", code="not_yours")
    rules.check_reason(reason)
    statement = (
        update(CaseSettlement)
        .where(CaseSettlement.id == made.id, CaseSettlement.taken_back_at.is_(None))
        .values(
            taken_back_at=clock.now(), taken_back_by_id=actor.id, taken_back_why=strip_controls(reason).strip()
        )
    )  # fmt: skip
    if rows_changed(in_store(statement, case.store_id, CaseSettlement)) != 1:
        raise IllegalMove("This entry was taken back already.", code="taken_back")
    order = claiming.lock_order(case)
    booked_minor = unbook_lines(case, made) if made.part is AmountPart.MONEY else made.amount_minor
    if made.booked_minor is not None:
        money.take_back_by_hand(order, note=note_of(made), actor=actor)
    elif made.part in OF_THE_PAYMENTS:  # noted before each note kept its parts
        money.take_back_unnamed(order, booked_minor, actor=actor)
    _count(case, made.part, -made.amount_minor)
    db.session.refresh(made)
    audit.record(
        "case.settlement_taken_back", "case", case.id, actor, store_id=case.store_id, order_id=case.order_id,
        part=str(made.part), amount_minor=made.amount_minor, settlement=made.id,
    )  # fmt: skip
    return made


def unbook_lines(case: Case, made: CaseSettlement) -> int:
    """The last line first: what the note booked on lines, which is returned; the rest had gone back beside them."""
    lines = see_lines(case)[::-1]
    on_lines = sum(n.refunded_minor for n in lines)
    booked_minor = made.booked_minor
    if booked_minor is None:  # from before it was kept: what went back beside the lines is taken first
        apart_minor = max(0, reads.amounts_of(case)[AmountPart.MONEY].settled_minor - on_lines)
        booked_minor = made.amount_minor - min(made.amount_minor, apart_minor)
    for line, part in zip(lines, rules.spread(booked_minor, [n.refunded_minor for n in lines]), strict=True):
        _settle_line(case, line, -part)
    return booked_minor
