"""The export of orders of Pinduoduo: a row is a whole order, with its one article and what is given along with it."""

from collections.abc import Mapping, Sequence

from shopdesk.imports.readers.fields import Field, Profile, normal
from shopdesk.imports.readers.records import SaleStatus
from shopdesk.orders.states import NO_REFUND

# A refusal by the shop is none of these: it is still being fought over.
NO_AFTERSALE = frozenset(normal(word) for word in (*NO_REFUND, "售后关闭", "-"))
_WORDS: Mapping[SaleStatus, Sequence[str]] = {
    "unpaid": ("待支付",),
    "paid": ("待发货",),
    "shipped": ("已发货，待签收", "已发货"),
    "done": ("已签收", "已收货", "交易成功"),
    "closed": ("已取消", "未发货，退款成功", "已发货，退款成功", "已签收，退款成功"),
}

PDD_ORDERS = Profile(
    name="pdd_order_list",
    grain="whole",
    required=("订单号", "订单状态", "商品", "商品数量(件)", "商品总价(元)", "用户实付金额(元)", "售后状态", "快递单号"),
    fields=(
        Field("number", "id", ("订单号",), needed=True, personal=False),
        Field("platform_status", "text", ("订单状态",), needed=True, personal=False),
        Field("title", "long", ("商品",), needed=True),
        Field("quantity", "quantity", ("商品数量(件)",), needed=True, personal=False),
        Field("attributes", "text", ("商品规格",)),
        Field("sku", "text", ("商家编码-规格维度", "商家编码-商品维度", "样式ID")),
        Field("item_code", "text", ("商家编码-商品维度",)),
        Field("gift_title", "long", ("赠品名称",), tail=True),
        Field("gift_quantity", "quantity", ("赠品数量",), refuse=False, personal=False, tail=True),
        Field("refund_state", "text", ("售后状态",), personal=False),
        Field("placed_at", "time", ("订单成交时间",), refuse=False, personal=False),
        Field("paid_at", "time", ("支付时间",), refuse=False, personal=False),
        Field("shipped_at", "time", ("发货时间",), refuse=False, personal=False),
        Field("goods_minor", "money", ("商品总价(元)",), personal=False),
        Field("shipping_minor", "money", ("邮费(元)",), personal=False),
        Field("paid_minor", "money", ("用户实付金额(元)",), personal=False),
        Field("received_minor", "money", ("商家实收金额(元)",), personal=False),
        Field("recipient_name", "text", ("收货人", "收件人", "收货人姓名")),
        Field("phone", "text", ("收货人手机", "收件人手机号", "手机", "联系电话")),
        Field("province", "text", ("省",)),
        Field("city", "text", ("市",)),
        Field("district", "text", ("区",)),
        Field("town", "text", ("街道/镇",)),
        Field("street", "text", ("详细地址", "收货地址")),
        Field("buyer_message", "long", ("买家留言",)),
        Field("platform_memo", "long", ("商家备注",)),
        Field("waybills", "waybill", ("快递单号",), refuse=False, personal=False),
        Field("carrier", "text", ("快递公司",), refuse=False),
    ),
    statuses={normal(word): status for status, words in _WORDS.items() for word in words},
    no_refund=NO_AFTERSALE,
)
