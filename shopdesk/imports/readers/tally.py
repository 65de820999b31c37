"""What one file gave before files are put together, and the account of its rows."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shopdesk.imports.readers.records import LineRecord, RefundRecord, RowProblem, SaleRecord, SaleStatus


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One readable row of a detail file; `platform_status` as given, `status` what it means."""

    row_no: int
    number: str
    line: LineRecord
    platform_status: str | None = None
    status: SaleStatus | None = None


@dataclass(slots=True)
class FileRows:
    """Every readable row ends in `tally` as accepted, refused or duplicates; nothing goes without one of these."""

    name: str
    as_of: datetime | None
    sales: list[tuple[int, SaleRecord]] = field(default_factory=list)
    details: list[DetailRow] = field(default_factory=list)
    refunds: list[RefundRecord] = field(default_factory=list)
    incomplete: set[str] = field(default_factory=set)  # orders with a refused detail row
    problems: list[RowProblem] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)

    def refuse(self, row_no: int, code: str, **facts: Any) -> None:
        """Keep a row out for what other rows say."""
        self.tally["refused"] += 1
        self.problems.append(RowProblem(self.name, row_no, "refused", code, "number", facts=facts))

    def warn(self, row_no: int, code: str, **facts: Any) -> None:
        """Note what is odd about a row that is taken."""
        self.problems.append(RowProblem(self.name, row_no, "warning", code, "number", facts=facts))


def is_later(left: FileRows, right: FileRows) -> bool | None:
    """Whether the left file was made after the right one; None when their names do not tell."""
    if left.as_of is None or right.as_of is None or left.as_of == right.as_of:
        return None
    return left.as_of > right.as_of
