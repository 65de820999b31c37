"""What stands on the papers of a run: effective values alone, the memos of all orders in the parcel, no money."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from shopdesk.changes.models import Change, ChangeWish, Wish
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core.db import db
from shopdesk.core.personal import unpack
from shopdesk.core.scope import in_store
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Amendment, Memo, Order, OrderLine
from shopdesk.orders.states import Field, Flag
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Batch, Parcel, ParcelLine, Waybill
from shopdesk.parcels.states import WAYBILLS_VALID
from shopdesk.printing.models import PrintedParcel, PrintRun
from shopdesk.printing.queries import runs
from shopdesk.printing.queries.couriers import couriers_of
from shopdesk.printing.states import LeftOut
from shopdesk.staff import queries as staff
from shopdesk.staff.models import Store

WHY = "to print it on the papers"
#: What the packer has to do beside the goods.
REQUESTS = (Field.DELIVERY_TIME, Field.GREETING_CARD, Field.INVOICE)


@dataclass(frozen=True, slots=True)
class PaperLine:
    sku: str | None
    title: str | None
    attributes: str | None
    quantity: int
    is_changed: bool


@dataclass(frozen=True, slots=True)
class PaperMemo:
    flag: Flag
    text: str


@dataclass(frozen=True, slots=True)
class PaperOrder:
    number: str
    lines: tuple[PaperLine, ...]
    memos: tuple[PaperMemo, ...]
    requests: tuple[tuple[Kind, str], ...]
    buyer_message: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """The papers of one parcel, in clear."""

    parcel_id: int
    code: str  # of this version: what the QR code says
    version: int
    batch: str | None
    position: int | None
    waybill: str | None
    courier: str | None
    name: str | None
    phone: str | None
    address: str
    orders: tuple[PaperOrder, ...]

    @property
    def linear(self) -> str:
        """What Code 128 says: the waybill, or where there is none the parcel in this version."""
        return self.waybill or self.code

    @property
    def units(self) -> int:
        return sum(line.quantity for order in self.orders for line in order.lines)


@dataclass(frozen=True, slots=True)
class Papers:
    run: PrintRun
    store: Store
    batch: str | None
    who: str
    sheets: list[Sheet]
    left_out: list[tuple[int, str, LeftOut]] = field(default_factory=list)  # parcel, its number, why
    printed_at: datetime | None = None


def papers_of(run: PrintRun) -> Papers:
    """The papers of a run that still count, in clear, in a fixed number of statements."""
    store = staff.store_by_id(run.store_id)
    there = runs.parcels_of(run)
    standing = [(printed, parcel, runs.left_out(run, printed, parcel)) for printed, parcel in there]
    about = _About.load([parcel for _, parcel in there], store.id)
    names = staff.signatures({run.made_by_id} if run.made_by_id else set())
    return Papers(
        run=run,
        store=store,
        batch=runs.batch_of(run),
        who=names.get(run.made_by_id or 0, ""),
        sheets=[about.sheet(printed, parcel) for printed, parcel, why in standing if why is None],
        left_out=[(parcel.id, about.number_of(parcel), why) for _, parcel, why in standing if why is not None],
        printed_at=run.made_at,
    )


@dataclass(frozen=True, slots=True)
class _About:
    """Everything about the parcels of a run, by id."""

    rows: dict[int, list[Any]]  # parcel → its lines with order
    orders: dict[int, list[Order]]  # by parcel, those with units in it
    amendments: dict[int, Amendment]
    memos: dict[int, list[Memo]]  # by order
    texts: dict[int, tuple[str, str]]  # memo → on paper, in the platform
    waybills: dict[int, str]
    couriers: dict[int, str]
    batches: dict[int, str]
    wished: dict[int, dict[Kind, dict[str, Any]]]  # parcel → what a change wants that is not amended yet

    @classmethod
    def load(cls, found: Sequence[Parcel], store_id: int) -> _About:
        ids = [parcel.id for parcel in found]
        rows = _lines(ids, store_id)
        there = _orders(rows, store_id)
        order_ids = sorted({order.id for of_parcel in there.values() for order in of_parcel})
        memos = _memos(order_ids, store_id)
        written = [memo for of_order in memos.values() for memo in of_order]
        amendments = _amendments(order_ids, orders.amendments_named(written), store_id)
        return cls(
            rows=rows,
            orders=there,
            amendments=amendments,
            memos=memos,
            texts=orders.paper_memos(written, amendments),
            waybills=_waybills(ids, store_id),
            couriers=couriers_of(ids, store_id) if ids else {},
            batches=_batches({parcel.batch_id for parcel in found if parcel.batch_id}, store_id),
            wished=_wished(ids, store_id),
        )

    def number_of(self, parcel: Parcel) -> str:
        there = self.orders.get(parcel.id) or []
        return there[0].number if there else str(parcel.id)

    def sheet(self, printed: PrintedParcel, parcel: Parcel) -> Sheet:
        wished = self.wished.get(parcel.id, {})
        name, phone, address = _ship_to(parcel, wished.get(Kind.ADDRESS))
        courier = wished.get(Kind.COURIER, {}).get("text") or self.couriers.get(parcel.id)
        return Sheet(
            parcel_id=parcel.id,
            code=parcels.paper_code(parcel.id, printed.version),
            version=printed.version,
            batch=self.batches.get(parcel.batch_id or 0),
            position=parcel.position,
            waybill=self.waybills.get(parcel.id),
            courier=courier,
            name=name,
            phone=phone,
            address=address,
            orders=tuple(self._order(order, parcel) for order in self.orders.get(parcel.id, [])),
        )

    def _order(self, order: Order, parcel: Parcel) -> PaperOrder:
        active = [a for a in self.amendments.values() if a.order_id == order.id and a.ended_at is None]
        lines = [self._line(row, active) for row in self.rows[parcel.id] if row.OrderLine.order_id == order.id]
        found = {a.field: str(unpack(a.value, WHY).get("text") or "") for a in active if a.field in REQUESTS}
        return PaperOrder(
            number=order.number,
            lines=tuple(lines),
            memos=tuple(self._memos_of(order)),
            requests=tuple((Kind(str(field)), found[field]) for field in REQUESTS if found.get(field)),
            buyer_message=order.buyer_message.reveal(WHY) if order.buyer_message else None,
        )

    def _line(self, row: Any, active: list[Amendment]) -> PaperLine:
        line = row.OrderLine
        ours = {a.field: a for a in active if a.line_id == line.id}
        attributes = ours.get(Field.ATTRIBUTE)
        return PaperLine(
            sku=line.sku,
            title=line.title,
            attributes=str(unpack(attributes.value, WHY)["attributes"] or "") if attributes else line.attributes,
            quantity=row.quantity,
            is_changed=bool(ours.keys() & {Field.ATTRIBUTE, Field.QUANTITY}),
        )

    def _memos_of(self, order: Order) -> list[PaperMemo]:
        """What others wrote in the platform first, then our lines; what we pasted there is not said twice."""
        ours = self.memos.get(order.id, [])
        pasted = {_bare(text) for memo in ours for text in self.texts[memo.id]}
        theirs = order.platform_memo.reveal(WHY).splitlines() if order.platform_memo else []
        kept = [PaperMemo(Flag.NONE, line.strip()) for line in theirs if line.strip() and _bare(line) not in pasted]
        return kept + [PaperMemo(memo.flag, self.texts[memo.id][0]) for memo in ours]


def _bare(text: str) -> str:
    return "".join(text.split())


def _ship_to(parcel: Parcel, wished: dict[str, Any] | None) -> tuple[str | None, str | None, str]:
    """Where it goes; where its label is printed again before the order is amended, where it is to go."""
    if wished:
        region = " ".join(part for key in ("province", "city", "district") if (part := wished.get(key)))
        return wished.get("name"), wished.get("phone"), f"{region} {wished.get('street') or ''}".strip()
    name = parcel.ship_name.reveal(WHY) if parcel.ship_name else None
    phone = parcel.ship_phone.reveal(WHY) if parcel.ship_phone else None
    street = parcel.ship_address.reveal(WHY) if parcel.ship_address else ""
    return name, phone, f"{parcel.ship_region or ''} {street}".strip()


def _lines(parcel_ids: list[int], store_id: int) -> dict[int, list[Any]]:
    statement = (
        select(ParcelLine.parcel_id, ParcelLine.quantity, OrderLine)
        .join(OrderLine, OrderLine.id == ParcelLine.line_id)
        .where(ParcelLine.parcel_id.in_(parcel_ids), ParcelLine.quantity > 0)
        .order_by(ParcelLine.parcel_id, OrderLine.order_id, OrderLine.position, OrderLine.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in db.session.execute(in_store(statement, store_id, ParcelLine)):
        found[row.parcel_id].append(row)
    return found


def _orders(rows: dict[int, list[Any]], store_id: int) -> dict[int, list[Order]]:
    ids = {row.OrderLine.order_id for of_parcel in rows.values() for row in of_parcel}
    statement = in_store(select(Order).where(Order.id.in_(ids)), store_id, Order)
    by_id = {order.id: order for order in db.session.scalars(statement)}
    return {
        parcel_id: [by_id[i] for i in dict.fromkeys(row.OrderLine.order_id for row in of_parcel)]
        for parcel_id, of_parcel in rows.items()
    }


def _memos(order_ids: list[int], store_id: int) -> dict[int, list[Memo]]:
    statement = select(Memo).where(Memo.order_id.in_(order_ids)).order_by(Memo.id)
    found: dict[int, list[Memo]] = defaultdict(list)
    for memo in db.session.scalars(in_store(statement, store_id, Memo)):
        found[memo.order_id].append(memo)
    return found


def _amendments(order_ids: list[int], named: set[int], store_id: int) -> dict[int, Amendment]:
    """What is decided now, and what memos refer to."""
    is_now = Amendment.order_id.in_(order_ids) & Amendment.ended_at.is_(None)
    statement = select(Amendment).where(is_now | Amendment.id.in_(named)).order_by(Amendment.id)
    return {row.id: row for row in db.session.scalars(in_store(statement, store_id, Amendment))}


def _waybills(parcel_ids: list[int], store_id: int) -> dict[int, str]:
    """The newest valid one."""
    statement = select(Waybill.parcel_id, Waybill.number).where(
        Waybill.parcel_id.in_(parcel_ids), Waybill.state.in_(WAYBILLS_VALID)
    )
    return {row[0]: row[1] for row in db.session.execute(in_store(statement.order_by(Waybill.id), store_id, Waybill))}


def _batches(batch_ids: set[int], store_id: int) -> dict[int, str]:
    statement = select(Batch.id, Batch.name).where(Batch.id.in_(batch_ids))
    return {row[0]: row[1] for row in db.session.execute(in_store(statement, store_id, Batch))}


def _wished(parcel_ids: list[int], store_id: int) -> dict[int, dict[Kind, dict[str, Any]]]:
    """Address and courier that open changes want and that are not amended yet: printing prints the label first."""
    statement = (
        select(Change.parcel_id, Wish)
        .join(ChangeWish, ChangeWish.change_id == Change.id)
        .join(Wish, Wish.id == ChangeWish.wish_id)
        .where(Change.parcel_id.in_(parcel_ids), Change.state == ChangeState.OPEN, Change.is_applied.is_(False))
        .where(Change.kind.in_((Kind.ADDRESS, Kind.COURIER)))
        .order_by(Wish.id)
    )
    found: dict[int, dict[Kind, dict[str, Any]]] = defaultdict(dict)
    for parcel_id, wish in db.session.execute(in_store(statement, store_id, Change)):
        found[parcel_id][wish.kind] = unpack(wish.new, WHY)
    return found
