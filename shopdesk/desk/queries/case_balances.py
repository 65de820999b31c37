"""The five balances of a case: goods, money, freight, compensation, invoice; expected and actual (domain.md §4)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from shopdesk.cases.models import Case
from shopdesk.cases.queries import settling
from shopdesk.cases.queries.settling import Amount
from shopdesk.cases.states import AmountPart, Resolution
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.desk.states import BalancePart
from shopdesk.replacements import queries as replacements
from shopdesk.replacements.models import Replacement
from shopdesk.replacements.states import ReplacementKind
from shopdesk.returns.models import Finding, Return, ReturnLine
from shopdesk.returns.states import Identity, ReturnState

#: What a resolution makes: the goods that must then go out, else the money.
_GOES_OUT = {
    Resolution.EXCHANGE: ReplacementKind.EXCHANGE,
    Resolution.RESHIP: ReplacementKind.RESHIP,
    Resolution.SEND_BACK: ReplacementKind.SEND_BACK,
}


@dataclass(frozen=True, slots=True)
class Goods:
    """Units that come back: expected ones arrive or are given up; what was found goes somewhere."""

    expected: int = 0
    arrived: int = 0
    given_up: int = 0
    found: int = 0
    disposed: int = 0


@dataclass(frozen=True, slots=True)
class Balances:
    goods: Goods
    out_units: int  # that replacements send
    out_shipped: int
    amounts: dict[AmountPart, Amount]
    owed_minor: int  # differences of exchanges that nobody settled
    invoice_sent: bool | None
    tasks_open: int
    tasks_done: int
    undone: frozenset[Resolution]  # decided, and nothing came of it yet
    resolutions: frozenset[Resolution]

    def open_parts(self) -> tuple[BalancePart, ...]:
        return tuple(part for part in BalancePart if self.is_open(part))

    def is_open(self, part: BalancePart) -> bool:
        if part is BalancePart.GOODS:
            goods = self.goods
            in_hand = goods.expected - goods.arrived - goods.given_up or goods.found - goods.disposed
            return bool(in_hand or self.out_units - self.out_shipped or self.undone & _GOES_OUT.keys())
        if part is BalancePart.MONEY:
            left = self.amounts[AmountPart.MONEY].left_minor or self.owed_minor
            return bool(left or Resolution.REFUND in self.undone)
        if part is BalancePart.COMPENSATION:
            left = self.amounts[AmountPart.COMPENSATION].left_minor
            return bool(left or Resolution.COMPENSATION in self.undone)
        if part is BalancePart.FREIGHT:
            return bool(self.amounts[AmountPart.FREIGHT].left_minor)
        asked = self.invoice_sent is not None or not self.resolutions - {Resolution.NONE}
        return not asked or self.tasks_open > 0


def balances(case: Case) -> Balances:
    there = replacements.alive(replacements.of_case(case.id, case.store_id))
    outs = [replacements.out(one) for one in there]
    tasks = settling.tasks_of(case)
    amounts = settling.amounts_of(case)
    resolutions = frozenset(settling.kinds_of(case))
    return Balances(
        goods=goods(case.id, case.store_id),
        out_units=sum(one.units for one in outs),
        out_shipped=sum(min(one.units, one.shipped) for one in outs),
        amounts=amounts,
        owed_minor=sum(max(0, one.difference_minor) for one in there if one.settled_at is None),
        invoice_sent=case.invoice_sent,
        tasks_open=sum(task.done_at is None for task in tasks),
        tasks_done=sum(task.done_at is not None for task in tasks),
        undone=resolutions - _used(case, amounts, [n for n, o in zip(there, outs, strict=True) if not o.is_voided]),
        resolutions=resolutions,
    )


def used(case: Case) -> frozenset[Resolution]:
    """Of which something happened: they are not taken back before that is."""
    there = replacements.alive(replacements.of_case(case.id, case.store_id))
    return _used(case, settling.amounts_of(case), there)


def _used(case: Case, amounts: dict[AmountPart, Amount], there: list[Replacement]) -> frozenset[Resolution]:
    kinds = {one.kind for one in there}
    found = {resolution for resolution, kind in _GOES_OUT.items() if kind in kinds} | {Resolution.NONE}
    if amounts[AmountPart.MONEY].expected_minor or any(line.refunding for line in settling.lines_of(case)):
        found.add(Resolution.REFUND)
    if amounts[AmountPart.COMPENSATION].expected_minor:
        found.add(Resolution.COMPENSATION)
    return frozenset(found)


def goods(case_id: int, store_id: int) -> Goods:
    """What comes back for a case, over all its returns; a cancelled one expects nothing."""
    counted = (
        select(
            func.coalesce(func.sum(ReturnLine.expected), 0),
            func.coalesce(func.sum(ReturnLine.arrived), 0),
            func.coalesce(func.sum(ReturnLine.given_up), 0),
        )
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.case_id == case_id, Return.state != ReturnState.CANCELLED)
    )
    expected, arrived, given_up = db.session.execute(in_store(counted, store_id, ReturnLine, Return)).one()
    seen = (
        select(func.coalesce(func.sum(Finding.quantity), 0), func.coalesce(func.sum(Finding.disposed), 0))
        .join(ReturnLine, ReturnLine.id == Finding.return_line_id)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.case_id == case_id, Finding.replaced_at.is_(None), Finding.identity != Identity.MISSING)
    )
    found, disposed = db.session.execute(in_store(seen, store_id, ReturnLine, Return)).one()
    return Goods(int(expected), int(arrived), int(given_up), int(found), int(disposed))


def has_no_defect(case: Case) -> bool:
    """The goods were inspected, every unit is the right one, and none has a quality problem."""
    found = _found(case)
    return bool(found) and all(identity is Identity.RIGHT and defect is False for identity, defect in found)


def all_right(case: Case) -> bool:
    """The goods were inspected, and every unit is what was expected."""
    found = _found(case)
    return bool(found) and all(identity is Identity.RIGHT for identity, _defect in found)


def _found(case: Case) -> list[tuple[Identity, bool | None]]:
    statement = (
        select(Finding.identity, Finding.has_defect)
        .join(ReturnLine, ReturnLine.id == Finding.return_line_id)
        .join(Return, Return.id == ReturnLine.return_id)
        .where(Return.case_id == case.id, Finding.replaced_at.is_(None))
    )
    rows = db.session.execute(in_store(statement, case.store_id, ReturnLine, Return))
    return [(row.identity, row.has_defect) for row in rows]
