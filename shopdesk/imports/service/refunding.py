"""One application of the platform's list of refunds, onto the desk: a hold where nothing has left, else a case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import select

from shopdesk.cases import queries as case_queries
from shopdesk.cases import service as cases
from shopdesk.cases.models import Case
from shopdesk.cases.service import PlatformTold
from shopdesk.cases.states import MAX_WISH, CaseKind, PlatformWord, platform_word
from shopdesk.changes import service as changes
from shopdesk.changes.service import Heard
from shopdesk.core import audit, clock
from shopdesk.core.db import command, db
from shopdesk.core.errors import NotFound
from shopdesk.core.permissions import Actor
from shopdesk.core.scope import in_store
from shopdesk.core.text import fold, strip_controls
from shopdesk.imports.readers.records import RefundRecord
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Order, OrderLine
from shopdesk.orders.states import LineKind
from shopdesk.parcels import queries as parcels
from shopdesk.reconciling import service as reconciling
from shopdesk.reconciling.service import Refunded
from shopdesk.returns.models import Return, ReturnWaybill
from shopdesk.returns.states import RETURN_OPEN
from shopdesk.staff.models import Store

Outcome = Literal["created", "updated", "unchanged"]
#: What a case begins with, and what a note calls a waybill, in the language of the store's memos.
APPLIED = {"zh": "平台退款申请", "en": "Refund applied for on the platform"}
SENT_BACK = {"zh": "平台退款列表里的退货运单：", "en": "Return waybill in the platform's list: "}


class Applied(NamedTuple):
    """What became of one application; `wish_cut` is the whole length of a text of which the first part was kept."""

    outcome: Outcome
    is_older: bool = False  # than what was known
    wish_cut: int | None = None
    not_waybills: tuple[str, ...] = ()  # told as waybills, and left out


@command
def apply_refund(
    store: Store,
    record: RefundRecord,
    *,
    as_of: datetime,
    origin: str = "",
    begun_at: datetime | None = None,
    actor: Actor,
) -> Applied:
    """Bring one application onto the desk; the caller records the event.

    `origin`: what its feed is called, as the source of a stage that the list tells.
    `begun_at`: of when the store's first list is; what the platform had ended by then is kept, and waits for nobody.
    Raises NotFound (`order_not_here`), RuleViolation (`refund_of_other_order`: its number is known there).
    """
    order = _order(store, record.number)
    reconciling.hear_platform(order, _refunded(record), as_of=as_of, actor=actor)
    line = _line(order, record)
    line_id = line.id if line else None
    case = case_queries.of_platform(record.key, store.id)
    is_away = record.has_left and changes.hear_left(order, line_id, as_of=as_of, origin=origin, actor=actor)
    where = changes.whereabouts(order, line_id, record.key)
    heard = Heard(
        record.key, line_id, platform_word(record.platform_status), record.platform_status, record.amount_minor,
        record.due_at, as_of,
    )  # fmt: skip
    if case is None and where.is_in_house and not is_away:
        heard_as = changes.hear(order, heard, actor=actor)
        return Applied("unchanged", is_older=True) if heard_as == "older" else Applied(heard_as)
    if where.has_application:
        changes.hear(order, heard, actor=actor)
    wish = _wish(store, record)
    told = PlatformTold(
        number=record.key, kind=record.kind, goal=record.goal, wish=wish[:MAX_WISH], status=record.platform_status,
        amount_minor=record.amount_minor, due_at=record.due_at, reason=record.reason, detail=record.detail,
        parcel_id=where.parcel_id, line=line, units=_units(line, record), applied_at=record.applied_at,
        ended_at=record.ended_at, is_history=_is_history(record, as_of, begun_at),
    )  # fmt: skip
    done = cases.follow_platform(order, told, as_of=as_of, actor=actor, adopt=where.case)
    others = tuple(parcels.other_meanings([number for number, _ in record.waybills], store.id))
    has_waybill = _keep_waybills(store, done.case, [one for one in record.waybills if one[0] not in others], actor)
    outcome: Outcome = "updated" if has_waybill and done.outcome == "unchanged" else done.outcome
    cut = len(wish) if outcome == "created" and len(wish) > MAX_WISH else None
    return Applied(outcome, done.is_older, cut, others)


def _refunded(record: RefundRecord) -> Refunded:
    """What it says of money: of goods that went out again nothing was paid back."""
    word = platform_word(record.platform_status)
    is_goods = record.kind in {CaseKind.EXCHANGE, CaseKind.RESHIP}
    is_paid = None if is_goods or word is PlatformWord.RUNNING else word is PlatformWord.DONE
    return Refunded(record.key, record.amount_minor, is_paid)


def _order(store: Store, number: str) -> Order:
    """Locked: two lists at once do not open two cases for one application."""
    statement = select(Order).where(Order.number == number).with_for_update(key_share=True)
    order = db.session.scalars(in_store(statement, store.id, Order)).one_or_none()
    if order is None:
        raise NotFound("This order is not here yet; import the order list first.", code="order_not_here")
    return order


def _line(order: Order, record: RefundRecord) -> OrderLine | None:
    """The line it is about, where title, code and amount leave no doubt."""
    lines = [n for n in orders.lines(order.id, order.store_id) if n.kind is LineKind.GOODS]
    if len(lines) == 1:
        return lines[0] if lines[0].incomplete is False else None
    code, title = fold(record.item_code or ""), fold(record.title or "")
    by_title = [n for n in lines if title and fold(n.title or "") == title]
    by_code = [n for n in by_title or lines if code and fold(n.sku or "").startswith(code)]  # of the article, too
    found = by_code or by_title
    if len(found) > 1 and record.amount_minor is not None:
        found = [n for n in found if n.share_minor == record.amount_minor]
    return found[0] if len(found) == 1 else None


def _units(line: OrderLine | None, record: RefundRecord) -> int:
    """How many units it is about: known where there is one, or where the amount is what was paid for all."""
    if line is None:
        return 0
    is_whole = record.amount_minor is not None and line.share_minor == record.amount_minor
    left = line.quantity - line.cancelled
    return left if left == 1 or is_whole else 0


def _is_history(record: RefundRecord, as_of: datetime, begun_at: datetime | None) -> bool:
    """Whether the platform had ended it before the desk began to follow this list.

    Where the list does not say when it ended, by when it began; where it says neither, by the list's own time.
    """
    if begun_at is None or platform_word(record.platform_status) is PlatformWord.RUNNING:
        return False
    return (record.ended_at or record.applied_at or as_of) <= begun_at


def _wish(store: Store, record: RefundRecord) -> str:
    """The platform's words, whole: what the desk has no word for stands here."""
    language = store.memo_language
    parts = (APPLIED[language], record.told_kind, record.title, record.said_reason, record.explanation)
    return strip_controls(" · ".join(part for part in parts if part)).strip()


def _keep_waybills(store: Store, case: Case, waybills: Sequence[tuple[str, str | None]], actor: Actor) -> bool:
    """Return waybills with the case's return, or in its notes while there is none; whether any was new."""
    if not waybills:
        return False
    statement = select(Return).where(Return.case_id == case.id, Return.state.in_(RETURN_OPEN)).order_by(Return.id)
    back = db.session.scalars(in_store(statement.limit(1), store.id, Return)).one_or_none()
    is_new = False
    for number, carrier in waybills:
        if back is not None:
            is_new |= _keep_waybill(back, number, carrier, actor)
        else:
            words = SENT_BACK[store.memo_language] + " ".join(part for part in (number, carrier) if part)
            is_new |= cases.note_of_file(case, words, key=number, actor=actor)
    return is_new


def _keep_waybill(back: Return, number: str, carrier: str | None, actor: Actor) -> bool:
    statement = select(ReturnWaybill).where(ReturnWaybill.return_id == back.id, ReturnWaybill.number == number)
    if db.session.scalars(in_store(statement, back.store_id, ReturnWaybill)).first() is not None:
        return False
    db.session.add(
        ReturnWaybill(
            store_id=back.store_id, return_id=back.id, number=number, carrier=carrier, told_by_id=actor.id,
            told_at=clock.now(),
        )
    )  # fmt: skip
    audit.record(
        "return.waybill_told", "return", back.id, actor, store_id=back.store_id, order_id=back.order_id, waybill=number
    )
    db.session.flush()
    return True
