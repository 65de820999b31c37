"""Statements come in, and finance answers what they say differently from our books."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from shopdesk.cases.states import PaidTo
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import NotFound, RuleViolation
from shopdesk.core.permissions import Actor, Permission, require
from shopdesk.core.scope import in_store
from shopdesk.core.text import strip_controls
from shopdesk.reconciling.models import DifferenceAnswer, Statement, StatementLine
from shopdesk.reconciling.queries import books
from shopdesk.reconciling.readers import MOST_BYTES, Read, StatementRow, read_statement
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

__all__ = [
    "MOST_BYTES",
    "StatementRow",
    "Taken",
    "answer_difference",
    "destination_of",
    "is_statement",
    "keep_lines",
    "take_statement",
]
P = Permission.STATEMENT_KEEP
MOST_NOTE = 500  # characters
AT_ONCE = 500  # references in one statement
#: words in a file's name or its column → whose statement it is
BY_WORD = {
    "支付宝": PaidTo.ALIPAY, "alipay": PaidTo.ALIPAY, "银行": PaidTo.BANK, "bank": PaidTo.BANK,
    "平台": PaidTo.PLATFORM, "platform": PaidTo.PLATFORM, "原路": PaidTo.ORIGINAL, "original": PaidTo.ORIGINAL,
    "微信": PaidTo.ORIGINAL, "wechat": PaidTo.ORIGINAL, "余额": PaidTo.BALANCE, "礼品卡": PaidTo.GIFT_CARD,
    "转账": PaidTo.TRANSFER, "transfer": PaidTo.TRANSFER,
}  # fmt: skip


@dataclass(slots=True)
class Taken:
    """What became of a statement's lines; `refused`: row → why, by a code."""

    kept: int = 0
    known: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def is_statement(content: bytes) -> bool:
    return read_statement(content, currency="CNY") is not None


def destination_of(name: str) -> PaidTo | None:
    """Whose statement a file is, by its name."""
    return next((where for word, where in BY_WORD.items() if word in name.lower()), None)


@command
def take_statement(store_id: int, name: str, content: bytes, destination: PaidTo | None, *, actor: Actor) -> Taken:
    """Keep the lines of a statement; brought again, it changes nothing.

    `destination` None: as each line says, else the file's name.  Raises NotAllowed, RuleViolation (`no_statement`,
    `whose_statement`).
    """
    require(actor, P, store_id)
    store = staff.store_by_id(store_id)
    read = read_statement(content, currency=store.currency)
    if read is None:
        raise RuleViolation("This is no statement: it needs columns for date, reference and amount.",
                            code="no_statement")  # fmt: skip
    where = destination or destination_of(name)
    parts: dict[PaidTo, Read] = {}
    for row in read.rows:
        of_row = destination or destination_of(row.destination or "") or where
        if of_row is None:
            raise RuleViolation("Say of which account this statement is.", code="whose_statement")
        parts.setdefault(of_row, Read()).rows.append(row)
    done = Taken(refused=dict(read.refused))
    for of_part, part in parts.items():
        keep_lines(store, name, of_part, part.rows, done, actor=actor)
    if not parts:
        audit.record("statement.taken", "store", store.id, actor, store_id=store.id, kept=0, refused=len(done.refused))
    return done


@command
def keep_lines(
    store: Store, name: str, destination: PaidTo, rows: Sequence[StatementRow], done: Taken, *, actor: Actor
) -> None:
    """Each line once by its reference; one that says something else than before is refused (`told_otherwise`)."""
    require(actor, P, store.id)
    there = _known(store, destination, [row.reference for row in rows])
    made = Statement(
        store_id=store.id, destination=destination, name=name[:255], kept=0, known=0, refused=0,
        taken_by_id=actor.id, taken_at=clock.now(),
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    refused_before = len(done.refused)
    for row in rows:
        said = (row.day, row.number, row.amount_minor, row.currency)
        before = there.get(row.reference)
        if before is None:
            there[row.reference] = said
            made.kept += 1
            db.session.add(
                StatementLine(
                    store_id=store.id, statement_id=made.id, destination=destination, day=row.day,
                    reference=row.reference, number=row.number, amount_minor=row.amount_minor, currency=row.currency,
                )
            )  # fmt: skip
        elif before == said:
            made.known += 1
        else:
            done.refused[row.row_no] = "told_otherwise"
    made.refused = len(done.refused) - refused_before
    done.kept += made.kept
    done.known += made.known
    db.session.flush()
    audit.record(
        "statement.taken", "statement", made.id, actor, store_id=store.id, destination=str(destination),
        kept=made.kept, known=made.known, refused=made.refused,
    )  # fmt: skip


Said = tuple[date, str | None, int, str]


def _known(store: Store, destination: PaidTo, references: Sequence[str]) -> dict[str, Said]:
    found: dict[str, Said] = {}
    for at in range(0, len(references), AT_ONCE):
        statement = select(StatementLine).where(
            StatementLine.destination == destination, StatementLine.reference.in_(references[at : at + AT_ONCE])
        )
        for row in db.session.scalars(in_store(statement, store.id, StatementLine)):
            found[row.reference] = (row.day, row.number, row.amount_minor, row.currency)
    return found


@command
def answer_difference(
    store_id: int, destination: PaidTo, day: date, key: str, note: str, *, actor: Actor
) -> DifferenceAnswer:
    """Say what a difference is; said again, the last word stands.

    Raises NotAllowed, NotFound (there is no such difference now), RuleViolation (no words).
    """
    require(actor, P, store_id)
    store, said = staff.store_by_id(store_id), strip_controls(note).strip()
    if not said:
        raise RuleViolation("Please say why.", code="value_required", missing="note")
    if len(said) > MOST_NOTE:
        raise RuleViolation("Too long: at most %(most)s characters.", code="too_long", most=MOST_NOTE)
    there = {one.key: one for of_day in books.days(store, destination, day, day) for one in of_day.found}
    if key not in there:
        raise NotFound("There is no such thing here.")
    statement = select(DifferenceAnswer).where(DifferenceAnswer.key == key).with_for_update()
    row = db.session.scalars(in_store(statement, store.id, DifferenceAnswer)).one_or_none()
    if row is None:
        row = DifferenceAnswer(store_id=store.id, key=key, note=said, by_id=actor.id, at=clock.now())
        db.session.add(row)
    row.note, row.by_id, row.at = said, actor.id, clock.now()  # type: ignore[assignment]
    db.session.flush()
    db.session.refresh(row)
    booked = there[key].booked
    audit.record(
        "difference.answered", "difference", row.id, actor, store_id=store.id,
        order_id=booked.order_id if booked else None, key=key,
    )  # fmt: skip
    return row
