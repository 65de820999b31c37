"""What reading yields: plain values. Money in minor units, moments aware UTC, texts as the platform gave them."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Literal

from shopdesk.cases.states import CaseKind, Detail, Goal, Reason

Severity = Literal["refused", "warning"]
SaleStatus = Literal["unpaid", "paid", "part_shipped", "shipped", "done", "closed"]
LineKind = Literal["goods", "gift", "fee"]
NO_FACTS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class LineRecord:
    """One line of an order. `key` is the platform's sub-order number, or n1, n2 … in file order where it gives none."""

    key: str
    title: str
    quantity: int
    sku: str | None = None
    item_code: str | None = None
    attributes: str | None = None
    pairs: tuple[tuple[str, str], ...] = ()
    unit_price_minor: int | None = None
    paid_share_minor: int | None = None
    refund_state: str | None = None
    refunding: bool = False
    kind: LineKind = "goods"
    row: tuple[str, int] | None = dataclasses.field(default=None, compare=False)  # file and row that told it


@dataclass(frozen=True, slots=True)
class SaleRecord:
    """One order as its files tell it. `has_list` False: only the number and the lines are known from this read."""

    number: str
    currency: str
    buyer_id: str | None = None
    platform_status: str | None = None
    status: SaleStatus | None = None
    placed_at: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    goods_minor: int | None = None
    shipping_minor: int | None = None
    total_minor: int | None = None
    paid_minor: int | None = None
    received_minor: int | None = None
    recipient_name: str | None = None
    phone: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    street: str | None = None
    zip: str | None = None
    address_text: str | None = None
    buyer_message: str | None = None
    platform_memo: str | None = None
    platform_flag: str | None = None
    waybills: tuple[tuple[str, str | None], ...] = ()
    hides_waybill: bool | None = None  # there is one whose number the export masked
    carrier: str | None = None
    invoice_title: str | None = None
    unit_count: int | None = None
    titles: str | None = None
    changed_sku: str | None = None
    lines: tuple[LineRecord, ...] = ()
    lines_complete: bool = False
    refunding: bool = False
    has_list: bool = True
    rows: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class RefundRecord:
    """One refund or after-sale application as the platform's own list tells it; texts as given.

    `number` is the order's, `key` the application's own; `due_at` None: no clock runs, or the file does not tell it.
    Who the buyer is stands on the order: the list's column with names is not read.
    """

    number: str
    key: str
    platform_status: str
    kind: CaseKind
    goal: Goal | None = None
    told_kind: str | None = None
    amount_minor: int | None = None
    due_at: datetime | None = None
    applied_at: datetime | None = None
    ended_at: datetime | None = None
    reason: Reason | None = None
    detail: Detail | None = None
    said_reason: str | None = None
    explanation: str | None = None
    title: str | None = None
    item_code: str | None = None
    has_left: bool = False  # the list says that the goods are no longer in the shop
    waybills: tuple[tuple[str, str | None], ...] = ()
    row: tuple[str, int] = dataclasses.field(default=("", 0), compare=False)


def _shown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as a sentence shows them: lists with commas."""
    return {name: ", ".join(map(str, value)) if isinstance(value, list) else value for name, value in facts.items()}


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Something about one row (row 1 is the first of the file; 0 means the whole file).

    `value_excerpt` has at most 40 characters and never personal data. `facts` fill the message of `code`.
    """

    file: str
    row_no: int
    severity: Severity
    code: str
    field: str | None = None
    value_excerpt: str | None = None
    facts: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def params(self) -> dict[str, Any]:
        """Everything a message template may name."""
        base = {"file": self.file, "row": self.row_no, "field": self.field or "", "value": self.value_excerpt or "…"}
        return base | {"header": self.field or ""} | _shown(self.facts)


class FileProblem(Exception):
    """A file that cannot be read as a whole; nothing of it was taken."""

    def __init__(self, code: str, file: str, facts: Mapping[str, Any] = NO_FACTS) -> None:
        super().__init__(code, file)
        self.code = code
        self.file = file
        self.facts = dict(facts)

    @property
    def params(self) -> dict[str, Any]:
        """Everything a message template may name."""
        return {"file": self.file} | _shown(self.facts)


@dataclass(frozen=True, slots=True)
class FileReport:
    """The account of one readable file: rows == accepted + refused + duplicates."""

    file: str
    profile: str
    encoding: str
    rows: int
    accepted: int
    refused: int
    duplicates: int
    warnings: int
    sha256: str
    as_of_from_name: datetime | None


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a set of files holds. `unreadable` names the files of which nothing could be taken."""

    sales: list[SaleRecord]
    problems: list[RowProblem]
    files: list[FileReport]
    unreadable: list[FileProblem] = dataclasses.field(default_factory=list)
    refunds: list[RefundRecord] = dataclasses.field(default_factory=list)
