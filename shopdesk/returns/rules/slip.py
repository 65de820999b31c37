"""退货信息: what the customer is told to do, as text to paste; in the store's language (M093)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shopdesk.returns.states import FreightPayer

LANGUAGES = ("zh", "en")
TEXT = {
    "zh": (
        "【退货信息】{store}\n"
        "一、请把商品寄到：\n{receiver}\n"
        "二、请在包裹里放一张纸条，写清：\n"
        "订单编号：{order}\n售后单号：{case}\n姓名：{name}\n联系电话：{phone}\n"
        "三、寄回商品：\n{goods}\n"
        "四、商品要求：{condition}\n"
        "五、运费：{freight}\n"
        "六、请在 {until} 前寄出，寄出后把快递公司和快递单号发给我们，谢谢！"
    ),
    "en": (
        "[Return] {store}\n"
        "1. Please send the goods to:\n{receiver}\n"
        "2. Please put a note into the parcel with:\n"
        "Order no.: {order}\nCase no.: {case}\nName: {name}\nPhone: {phone}\n"
        "3. Goods that come back:\n{goods}\n"
        "4. What they must be like: {condition}\n"
        "5. Freight: {freight}\n"
        "6. Please send them by {until}, then tell us the courier and the waybill. Thank you!"
    ),
}
FREIGHT = {
    ("zh", FreightPayer.SHOP): "由本店承担（请先垫付，勿发到付）",
    ("zh", FreightPayer.CUSTOMER): "由您承担（请勿发到付）",
    ("en", FreightPayer.SHOP): "paid by the shop (please advance it; no cash on delivery)",
    ("en", FreightPayer.CUSTOMER): "paid by you (no cash on delivery)",
}
NO_RECEIVER = {"zh": "{store} 退货组（地址请向客服索取）", "en": "{store}, returns (ask us for the address)"}


#: What the customer is told once the day was moved.
EXTENDED = {
    "zh": (
        "亲，订单 {order} 的退货（售后单号 {case}）寄出时间已为您延长到 {until}，请在这天之前寄出，"
        "寄出后把快递公司和快递单号发给我们，谢谢！"
    ),
    "en": (
        "We have extended the time for your return of order {order} (case {case}): please send it by {until}, then "
        "tell us the courier and the waybill. Thank you!"
    ),
}
#: What stays on the case.
EXTENDED_NOTE = {
    "zh": "退货寄出期限从 {before} 延长到 {until}：{reason}",
    "en": "The day to send by was moved from {before} to {until}: {reason}",
}


@dataclass(frozen=True, slots=True)
class SlipFacts:
    """What stands on a slip; `until`: the last day as text; `goods`: (title, attributes, units)."""

    language: str
    store: str
    receiver: str | None
    order: str
    case: str
    name: str
    phone: str
    goods: Sequence[tuple[str, str, int]]
    condition: str
    freight: FreightPayer
    until: str


def receiver_of(facts: SlipFacts) -> str:
    return facts.receiver or NO_RECEIVER[_language(facts)].format(store=facts.store)


def freight_words(facts: SlipFacts) -> str:
    return FREIGHT[_language(facts), facts.freight]


def slip_text(facts: SlipFacts) -> str:
    """The whole text; what comes from outside is put in as it is, and nothing in it is a template."""
    goods = "\n".join(f"· {' '.join(part for part in (t, a) if part)} ×{units}" for t, a, units in facts.goods)
    return TEXT[_language(facts)].format(
        store=facts.store, receiver=receiver_of(facts), order=facts.order, case=facts.case, name=facts.name,
        phone=facts.phone, goods=goods, condition=facts.condition, freight=freight_words(facts), until=facts.until,
    )  # fmt: skip


def extended_text(language: str, *, order: str, case: str, until: str) -> str:
    """The phrase for the customer; no personal value stands in it."""
    return EXTENDED[_known(language)].format(order=order, case=case, until=until)


def extended_note(language: str, before: str, until: str, reason: str) -> str:
    return EXTENDED_NOTE[_known(language)].format(before=before, until=until, reason=reason)


def _language(facts: SlipFacts) -> str:
    return _known(facts.language)


def _known(language: str) -> str:
    return language if language in LANGUAGES else "en"
