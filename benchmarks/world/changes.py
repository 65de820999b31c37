"""Open address changes on unprinted orders, as they stand while the customer's yes is awaited."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from benchmarks.world.orders import Made
from benchmarks.world.tables import Rows
from shopdesk.changes.playbook import steps_for
from shopdesk.changes.states import Kind
from shopdesk.core.personal import pack
from shopdesk.parcels.states import Stage

NEW = {
    "province": "浙江省",
    "city": "杭州市",
    "district": "滨江区",
    "street": "云帆路66号禾悦公寓2幢602室",
    "zip": None,
}

WHY = "to write the row past its type"


def make_change(rows: Rows, order: Made, asker_id: int, now: datetime) -> None:
    """A wish with its amendment, memo, hold, steps and waiting notice."""
    buyer, store, at = order.buyer, order.store_id, now - timedelta(minutes=30)
    old = dict(zip(("province", "city", "district"), buyer.region, strict=True))
    was = pack({"name": buyer.name, "phone": buyer.phone, **old, "street": buyer.street, "zip": None}).reveal(WHY)
    new = pack({"name": buyer.name, "phone": buyer.phone, **NEW}).reveal(WHY)
    of = {"store_id": store, "order_id": order.id}
    amendment = rows.add("amendment", **of, field="address", value=new, was=was, made_at=at, made_by_id=asker_id)
    memo = rows.add(
        "memo", **of, text=f"改地址：{{{{amendment:{amendment}}}}} {at:%m/%d} 小满", template="T2", flag="red",
        written_on=at.date(), signed="小满", made_at=at, made_by_id=asker_id,
    )  # fmt: skip
    change = rows.add(
        "change", **of, parcel_id=order.parcel_id, kind="address", asked_by_id=asker_id, asked_as="小满", opened_at=at
    )
    wish = rows.add(
        "wish", **of, kind="address", old=was, new=new, amendment_id=amendment, memo_id=memo, asked_by_id=asker_id,
        asked_at=at, channel="page",
    )  # fmt: skip
    rows.add("change_wish", store_id=store, change_id=change, wish_id=wish)
    _steps(rows, store, change, asker_id, at)
    rows.add(
        "hold", store_id=store, parcel_id=order.parcel_id, cause="change", cause_id=change, opened_at=at,
        expires_at=now + timedelta(hours=6),
    )  # fmt: skip
    rows.add(
        "notice", **of, role="printing", kind="change", state="waiting", parcel_id=order.parcel_id, change_id=change,
        memo_id=memo, body=json.dumps({}), made_at=at, made_by_id=asker_id,
    )  # fmt: skip


def _steps(rows: Rows, store_id: int, change: int, asker_id: int, at: datetime) -> None:
    for position, spec in enumerate(steps_for(Kind.ADDRESS, Stage.UNPRINTED, ()), start=1):
        done: dict[str, Any] = {"state": "done", "done_at": at, "done_by_id": asker_id} if position <= 2 else {}
        done |= {"waits_since": at} if position == 3 else {}
        rows.add(
            "step", store_id=store_id, change_id=change, position=position, code=str(spec.code), column="unprinted",
            role=str(spec.role), ends_hold=spec.ends_hold, after_hold=spec.after_hold, **done,
        )  # fmt: skip
