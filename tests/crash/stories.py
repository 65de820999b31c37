"""Stories of the heart through the API, step after step, each under a command key; a story does not know of crashes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from shopdesk.core import clock

HANDS = {"pre_sale": "小满", "printing": "敏敏", "warehouse": "大刘", "after_sale": "阿青", "shop": "ERP"}


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: whose token, what."""

    who: str
    method: str
    path: str
    body: dict[str, Any] | bytes
    edge: str | None = None  # between the parts of a multipart body


@dataclass(frozen=True, slots=True)
class Cast:
    """The number of the story's order, and who may hold papers."""

    number: str
    packer_id: int
    after_id: int


#: A story yields what it asks, and is sent the answer's JSON.
Story = Generator[Ask, dict[str, Any], Any]
Telling = Callable[[Cast], Story]


def _sale(number: str) -> Ask:
    cny = {"currency": "CNY"}
    now = clock.now().isoformat()
    body = {
        "as_of": now, "origin": "ERP", "status": "paid", "placed_at": now, "paid_at": now,
        "buyer_id": "雨天晒被子_07", "buyer_nick": "雨天晒被子_07",
        "total": {"amount_minor": 25_600, **cny}, "paid": {"amount_minor": 25_600, **cny},
        "recipient": {"name": "张伟", "phone": "13812345678", "city": "苏州市", "street": "星澜街128号"},
        "lines": [
            {
                "key": "1", "quantity": 2, "title": "羊毛帽", "sku": "HAT-01", "attributes": "颜色分类:黑色",
                "unit_price": {"amount_minor": 12_800, **cny},
            }
        ],
    }  # fmt: skip
    return Ask("shop", "PUT", f"/stores/my-shop/orders/{number}", body)


def _fact(number: str, stage: str) -> Ask:
    now = clock.now().isoformat()
    items = [{"order": number, "stage": stage, "happened_at": now}]
    return Ask("shop", "POST", "/stores/my-shop/facts", {"as_of": now, "origin": "ERP", "items": items})


def _wish(order_id: str, kind: str, value: dict[str, Any], **more: Any) -> Ask:
    return Ask("pre_sale", "POST", f"/orders/{order_id}/changes", {"kind": kind, "value": value, **more})


def _steps(change: dict[str, Any], *steps: tuple[str, dict[str, Any]]) -> Story:
    """The next steps of the change, each by whom it is for; `confirm` brings the customer's words."""
    at = clock.now().isoformat()
    for who, evidence in steps:
        given = {"text": "对的", "via": "chat", "at": at} if evidence.get("yes") else evidence
        change = yield Ask(who, "POST", f"/changes/{change['id']}/steps/{change['next_step']}/done", given)
    return change


def _scan(number: str, mode: str) -> Ask:
    return Ask("warehouse", "POST", "/scans", {"code": number, "mode": mode})


def unprinted(cast: Cast) -> Story:
    """Memo, new address, the customer's yes, and the batch that acknowledges and prints it."""
    order = yield _sale(cast.number)
    yield Ask("pre_sale", "POST", f"/orders/{order['id']}/memos", {"text": "客户催发货", "flag": "red"})
    made = yield _wish(order["id"], "address", {"city": "杭州市", "street": "云帆路66号"})
    yield from _steps(made["items"][0], ("pre_sale", {"yes": True}))
    check = yield Ask("printing", "POST", "/print-checks", {"numbers": [cast.number]})
    yield Ask("printing", "POST", f"/print-checks/{check['id']}/printed", {"batch": f"W{cast.number}"})


def printed(cast: Cast) -> Story:
    """Papers out, written over, confirmed, back; then packed and shipped."""
    order = yield _sale(cast.number)
    yield _fact(cast.number, "printed")
    made = yield _wish(order["id"], "greeting_card", {"text": "生日快乐"})
    yield from _steps(
        made["items"][0], ("warehouse", {"to": str(cast.packer_id)}), ("warehouse", {}), ("pre_sale", {}),
        ("pre_sale", {"yes": True}), ("warehouse", {}),
    )  # fmt: skip
    yield _scan(cast.number, "pack")
    yield _scan(cast.number, "ship")


def packed(cast: Cast) -> Story:
    """The parcel out, a new label, packed again and shipped."""
    order = yield _sale(cast.number)
    yield _scan(cast.number, "pack")
    made = yield _wish(order["id"], "address", {"city": "杭州市", "street": "云帆路66号"})
    waybill = {"waybill": f"SF{cast.number}"}
    yield from _steps(
        made["items"][0], ("warehouse", {"to": str(cast.packer_id)}), ("pre_sale", {}), ("pre_sale", {"yes": True}),
        ("printing", waybill), ("warehouse", {"grams": 420}),
    )  # fmt: skip
    yield _scan(waybill["waybill"], "ship")


def cancelled(cast: Cast) -> Story:
    """Papers to after-sale, void, money, papers destroyed."""
    order = yield _sale(cast.number)
    yield _fact(cast.number, "printed")
    made = yield _wish(order["id"], "cancel", {})
    money = {"amount": {"amount_minor": 25_600, "currency": "CNY"}, "reference": f"R{cast.number}"}
    yield from _steps(
        made["items"][0], ("warehouse", {"to": str(cast.after_id)}), ("printing", {}), ("after_sale", money),
        ("after_sale", {}),
    )  # fmt: skip


def too_late(cast: Cast) -> Story:
    """Shipped all the same: a fact, an alarm, a case that a named person accepts; and a wish that was taken back."""
    order = yield _sale(cast.number)
    made = yield _wish(order["id"], "delivery_time", {"text": "周末"})
    yield Ask("pre_sale", "POST", f"/changes/{made['items'][0]['id']}/withdrawal", {"reason": "改主意了"})
    yield _wish(order["id"], "courier", {"text": "顺丰"})
    yield _fact(cast.number, "shipped")
    yield _fact(cast.number, "delivered")


STORIES: tuple[Telling, ...] = (unprinted, printed, packed, cancelled, too_late)
