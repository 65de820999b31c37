"""Where the goods of an application are, in the platforms' words: with the buyer, on their way back, not sent yet."""

from collections.abc import Mapping, Sequence
from typing import Any

from shopdesk.imports.readers.fields import normal

#: 货物状态 of Taobao and Tmall: what can be said only of goods that have left the shop.
AWAY = frozenset(
    normal(word)
    for word in ("买家已收到货", "已收到货", "买家已退货", "买家已寄回", "卖家已收到退货", "卖家未收到退货", "已退货")
)
#: 订单状态 of Pinduoduo's list, before what became of the refund: "已发货，退款成功" had been sent.
SENT = ("已发货", "已签收", "已收货")


def has_left(values: Mapping[str, Any], waybills: Sequence[str]) -> bool:
    """Whether the row says that its goods have left the shop; False: it does not say so."""
    if waybills or values.get("hides_waybill") or values.get("sent_back_at"):
        return True
    return normal(values.get("goods_state") or "") in AWAY or normal(values.get("order_status") or "").startswith(SENT)
