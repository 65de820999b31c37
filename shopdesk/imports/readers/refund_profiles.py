"""The exports of refund and after-sale applications: Taobao and Tmall (退款管理), Pinduoduo (售后)."""

from shopdesk.imports.readers.fields import Field, Profile

TAOBAO_REFUNDS = Profile(
    name="taobao_refunds",
    grain="refunds",
    required=(
        "退款编号",
        "订单编号",
        "买家退款金额",
        "退款的申请时间",
        "超时时间",
        "退款状态",
        "货物状态",
        "买家退款原因",
    ),
    fields=(
        Field("number", "id", ("订单编号",), needed=True, personal=False),
        Field("key", "id", ("退款编号",), needed=True, personal=False),
        Field("platform_status", "text", ("退款状态",), needed=True, personal=False),
        Field("amount_minor", "money", ("买家退款金额",), personal=False),
        Field("due_at", "time", ("超时时间",), refuse=False, personal=False),
        Field("applied_at", "time", ("退款的申请时间",), refuse=False, personal=False),
        Field("ended_at", "time", ("退款完结时间", "完结时间"), refuse=False, personal=False),
        Field("told_kind", "text", ("售后类型",), refuse=False, personal=False),
        Field("needs_return", "text", ("是否需要退货",), refuse=False, personal=False),
        Field("stepped_in", "text", ("客服介入状态",), refuse=False, personal=False),
        Field("goods_state", "text", ("货物状态",), refuse=False, personal=False),
        Field("sent_back_at", "time", ("买家退货时间",), refuse=False, personal=False, tail=True),
        Field("title", "long", ("宝贝标题",)),
        Field("item_code", "text", ("商品编码",), refuse=False),
        Field("said_reason", "long", ("买家退款原因",)),
        Field("explanation", "long", ("买家退款说明",), tail=True),
        Field("waybills", "waybill", ("退货物流单号",), refuse=False, personal=False, tail=True),
        Field("carrier", "text", ("退货物流公司",), refuse=False, tail=True),
    ),
    statuses={},
)

PDD_AFTERSALES = Profile(
    name="pdd_aftersales",
    grain="refunds",
    required=("售后编号", "订单编号", "售后状态", "退款类型", "退款原因", "退款金额", "申请时间", "退货运单号"),
    fields=(
        Field("number", "id", ("订单编号", "订单号"), needed=True, personal=False),
        Field("key", "id", ("售后编号",), needed=True, personal=False),
        Field("platform_status", "text", ("售后状态",), needed=True, personal=False),
        Field("amount_minor", "money", ("退款金额",), personal=False),
        Field("due_at", "time", ("超时时间", "处理截止时间"), refuse=False, personal=False),
        Field("applied_at", "time", ("申请时间",), refuse=False, personal=False),
        Field("told_kind", "text", ("退款类型", "售后类型"), refuse=False, personal=False),
        Field("order_status", "text", ("订单状态",), refuse=False, personal=False),
        Field("title", "long", ("商品", "商品名称")),
        Field("said_reason", "long", ("退款原因",)),
        Field("explanation", "long", ("售后说明", "买家说明"), tail=True),
        Field("waybills", "waybill", ("退货运单号",), refuse=False, personal=False),
        Field("carrier", "text", ("退货快递公司",), refuse=False, tail=True),
    ),
    statuses={},
)

REFUND_PROFILES = (TAOBAO_REFUNDS, PDD_AFTERSALES)
