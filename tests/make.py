"""Makers of rows: the shortest way to a believable world, through the product's own commands."""

from __future__ import annotations

import io
import itertools
import re
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import session
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import insert, select

from shopdesk.changes import service as changes
from shopdesk.changes.models import Change
from shopdesk.changes.service import Confirmation, Wished
from shopdesk.changes.states import ConfirmChannel, Kind, Others
from shopdesk.core import clock
from shopdesk.core.db import command, db, transaction
from shopdesk.core.permissions import Actor, Role
from shopdesk.core.scope import in_store
from shopdesk.imports.service import put_order
from shopdesk.notices.models import Notice, NoticeKind, NoticeState
from shopdesk.orders.models import Order, OrderLine, SearchKey
from shopdesk.orders.service import Sale, SaleLine
from shopdesk.orders.states import KeyKind, OrderStatus
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.models import Parcel, ParcelLine
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff import queries, service
from shopdesk.staff.models import ApiToken, Person, Store
from shopdesk.staff.service.sign_in import PasswordHasher
from shopdesk.web.views import begin_session

PASSWORD = "a good long password"
passwords = import_module("shopdesk.staff.service.sign_in")  # the package has a function of that name
REAL_HASHER, REAL_NOBODY = passwords.hasher, passwords._NOBODY
passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # quick, for tests only
passwords._NOBODY = passwords.hasher.hash("a password that nobody has")
_hash = passwords.hasher.hash(PASSWORD)
_next = itertools.count(1)
ROOT = Actor.system(())


def token(page: Any) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text[:500]
    return found[1]


def store(slug: str = "my-shop", *, platform: str = "taobao", **values: Any) -> Store:
    found = queries.store_named(slug)
    made = found or service.add_store(slug, platform=platform, currency="CNY", zone="Asia/Shanghai", actor=ROOT)
    return _set(made, values)


def _set(row: Any, values: dict[str, Any]) -> Any:
    if values:
        _write(row, values)
    return row


@command
def _write(row: Any, values: dict[str, Any]) -> None:
    from shopdesk.core import audit

    for name, value in values.items():
        setattr(row, name, value)
    audit.record("test.set", row.__tablename__, row.id, ROOT)


@command
def person(*roles: Role, store_id: int | None = None, login: str | None = None, signature: str = "小满") -> Person:
    """Somebody who can sign in with PASSWORD; without `store_id` the roles hold in every store."""
    made = service.add_person(login or f"person{next(_next)}", signature=signature, actor=ROOT)
    for role in roles:
        service.grant(made.id, role, store_id=store_id, actor=ROOT)
    return _set(made, {"password_hash": _hash})


def signed_in(client: FlaskClient, who: Person) -> FlaskClient:
    """A browser of theirs, as the page leaves it once the password was right; the page has its own tests."""
    db.session.rollback()
    with client.application.test_request_context():
        begin_session(who)
        begun = dict(session)
    with client.session_transaction() as kept:
        kept.update(begun)
    return client


def actor(*roles: Role, store_id: int | None = None, signature: str = "小满") -> Actor:
    return queries.actor_for(person(*roles, store_id=store_id, signature=signature), channel="page")


def api_token(who: Person, *scopes: str) -> str:
    """A token, also with scopes that the person's roles do not allow, as when a role was taken away meanwhile."""
    secret = service.create_token(who.id, scopes=None, days=1, actor=ROOT)
    if scopes:
        made = db.session.scalars(select(ApiToken).order_by(ApiToken.id.desc()).limit(1)).one()
        _write(made, {"scopes": sorted(scopes)})
    return secret


def line(key: str = "n1", *, quantity: int = 1, price_minor: int = 12_800, **values: Any) -> SaleLine:
    kept: dict[str, Any] = {"title": "羊毛帽", "sku": "HAT-01", "attributes": "颜色分类:黑色", **values}
    return SaleLine(key=key, quantity=quantity, unit_price_minor=price_minor, **kept)


def sale(**values: Any) -> Sale:
    lines = values.pop("lines", (line(),))
    total = sum((ln.unit_price_minor or 0) * ln.quantity for ln in lines)
    kept: dict[str, Any] = {
        "number": f"41000000000000{next(_next):05d}",
        "status": OrderStatus.PAID,
        "buyer_id": "雨天晒被子_07",
        "buyer_nick": "雨天晒被子_07",
        "placed_at": clock.now() - timedelta(hours=2),
        "paid_at": clock.now() - timedelta(hours=2),
        "shipping_minor": 0,
        "total_minor": total,
        "paid_minor": total,
        "recipient_name": "张伟",
        "phone": "13812345678",
        "province": "江苏省",
        "city": "苏州市",
        "district": "虎丘区",
        "street_address": "星澜街128号7幢1203室",
        "lines_complete": True,
        **values,
    }
    return Sale(lines=lines, **kept)


def order(where: Store | None = None, *, as_of: Any = None, waybills: Any = (), **values: Any) -> Order:
    """An order in a store, told by a feed just now."""
    where = where or store()
    done = put_order(
        where, sale(**values), waybills, as_of=as_of or clock.now(), origin="test", actor=Actor.system([where.id])
    )
    return done.order


def parcel(of: Order) -> Parcel:
    return parcels.parcels_of_order(of.id, of.store_id)[0]


def fact(of: Order, stage: Stage, *, happened_at: Any = None, as_of: Any = None, source: Source = Source.API) -> None:
    """A reported stage."""
    at = as_of or clock.now()
    report = Report(stage=stage, happened_at=happened_at, as_of=at, source=source, origin="ERP")
    _fact(parcel(of).id, of.store_id, report)


@command
def _fact(parcel_id: int, store_id: int, report: Report) -> None:
    found = parcels.locked_parcels([parcel_id], store_id)[0]
    changes.record_fact(found, report, actor=Actor.system([store_id]))


NEW_ADDRESS = {"province": "浙江省", "city": "杭州市", "district": "滨江区", "street": "云帆路66号禾悦公寓2幢602室"}
YES = Confirmation("对的,就这个地址", ConfirmChannel.CHAT, clock.now())


def change(
    of: Order,
    kind: Kind = Kind.ADDRESS,
    value: dict[str, Any] | None = None,
    *,
    by: Actor,
    yes: bool = False,
    **more: Any,
) -> Change:
    if kind is Kind.ADDRESS:
        more.setdefault("others", Others.ALL)  # a merged parcel asks
    wished = Wished(kind, value or NEW_ADDRESS, confirmation=replace(YES, at=clock.now()) if yes else None, **more)
    return changes.ask(of.id, wished, actor=by)[0]


def photo(kind: str = "JPEG", size: tuple[int, int] = (48, 32), colour: str = "teal") -> bytes:
    """A small picture as somebody would send it."""
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, kind)
    return target.getvalue()


def notices(of: Order, *kinds: NoticeKind, state: NoticeState | None = NoticeState.OPEN) -> list[Notice]:
    statement = select(Notice).where(Notice.order_id == of.id).order_by(Notice.id)
    if kinds:
        statement = statement.where(Notice.kind.in_(kinds))
    if state:
        statement = statement.where(Notice.state == state)
    return list(db.session.scalars(in_store(statement, of.store_id, Notice)))


def copies(order: Order, how_many: int) -> list[str]:
    """Numbers of further orders like this one of a single line in a single parcel: bare rows, hence quick."""
    numbers = [f"{order.number}-{n}" for n in range(1, how_many + 1)]
    inside = ParcelLine.order_id == order.id
    with transaction(traced=False):
        made = _copied(Order, Order.id == order.id, [{"number": number} for number in numbers])
        lines = _copied(OrderLine, OrderLine.order_id == order.id, [{"order_id": i} for i in made])
        held = select(ParcelLine.parcel_id).where(inside).scalar_subquery()
        boxes = _copied(Parcel, Parcel.id == held, [{} for _ in made])
        of = zip(made, lines, boxes, strict=True)
        _copied(ParcelLine, inside, [{"order_id": o, "line_id": n, "parcel_id": b} for o, n, b in of])
        keys = [{"order_id": i, "value": number} for i, number in zip(made, numbers, strict=True)]
        _copied(SearchKey, (SearchKey.order_id == order.id) & (SearchKey.kind == KeyKind.NUMBER), keys)
    return numbers


def _copied(model: Any, where: Any, values: list[dict[str, Any]]) -> list[int]:
    """One more row like the one that is there for each of the values; their ids, in order."""
    table, connection = model.__table__, db.session.connection()
    template = dict(connection.execute(select(table).where(where)).mappings().one())
    template.pop("id", None)
    rows = [{**template, **more} for more in values]
    if "id" not in table.c:
        connection.execute(insert(table), rows)
        return []
    return list(connection.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows))
