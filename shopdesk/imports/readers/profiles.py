"""The known exports as data: which headers make one, which header feeds which field, how a cell of it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shopdesk.imports.readers.fields import Field, Profile, normal
from shopdesk.imports.readers.order_profiles import PDD_ORDERS
from shopdesk.imports.readers.records import SaleStatus
from shopdesk.imports.readers.refund_profiles import REFUND_PROFILES
from shopdesk.orders.states import NO_REFUND

__all__ = ["PROFILES", "Field", "Match", "Profile", "find_match", "normal"]

GOOD_ENOUGH = 0.75  # share of the required headers that must be there


@dataclass(frozen=True, slots=True)
class Match:
    """A profile found in a header row: for each field the columns that may hold it, best first."""

    profile: Profile
    columns: tuple[tuple[Field, tuple[int, ...]], ...]
    headers: tuple[str, ...]
    score: tuple[float, int]


def find_match(cells: Sequence[str]) -> Match | None:
    """The best profile for a header row, None when no profile is good enough or two fit equally well."""
    matches = sorted(_matches([normal(cell) for cell in cells]), key=lambda match: match.score, reverse=True)
    if not matches or (len(matches) > 1 and matches[0].score == matches[1].score):
        return None
    return matches[0]


def _matches(headers: list[str]) -> list[Match]:
    where: dict[str, int] = {}
    for column, header in enumerate(headers):
        where.setdefault(header, column)
    found = []
    for profile in PROFILES:
        share = sum(normal(header) in where for header in profile.required) / len(profile.required)
        columns = tuple(
            (field, tuple(where[normal(header)] for header in field.headers if normal(header) in where))
            for field in profile.fields
        )
        if share < GOOD_ENOUGH or any(field.needed and not at for field, at in columns):
            continue
        found.append(Match(profile, columns, tuple(headers), (share, sum(bool(at) for _, at in columns))))
    return found


def _words(table: Mapping[SaleStatus, Sequence[str]]) -> dict[str, SaleStatus]:
    return {normal(word): status for status, words in table.items() for word in words}


TAOBAO_STATUSES = _words(
    {
        "unpaid": ("等待买家付款", "没有创建支付宝交易"),
        "paid": ("买家已付款，等待卖家发货", "等待卖家发货(买家已付款)", "买家已付款"),
        "part_shipped": ("卖家部分发货",),
        "shipped": (
            "卖家已发货，等待买家确认",
            "等待买家确认收货(卖家已发货)",
            "卖家已发货",
            "买家已签收(货到付款)",
        ),
        "done": ("交易成功",),
        "closed": ("交易关闭", "交易被淘宝关闭"),
    }
)
# A closed application no longer stands in the way; a refused one is still being fought over.
TAOBAO_NO_REFUND = frozenset(normal(word) for word in NO_REFUND)

TAOBAO_LIST = Profile(
    name="taobao_order_list",
    grain="list",
    required=(
        "订单编号",
        "买家会员名",
        "买家应付货款",
        "买家应付邮费",
        "总金额",
        "买家实际支付金额",
        "订单状态",
        "收货人姓名",
        "收货地址",
        "联系手机",
        "订单创建时间",
        "宝贝标题",
    ),
    fields=(
        Field("number", "id", ("订单编号",), needed=True, personal=False),
        Field("buyer_id", "text", ("买家会员名", "买家昵称")),
        Field("platform_status", "text", ("订单状态",), personal=False),
        Field("placed_at", "time", ("订单创建时间",), needed=True, personal=False),
        Field("paid_at", "time", ("订单付款时间",), refuse=False, personal=False),
        Field("shipped_at", "time", ("发货时间",), refuse=False, personal=False),
        Field("goods_minor", "money", ("买家应付货款",), personal=False),
        Field("shipping_minor", "money", ("买家应付邮费",), personal=False),
        Field("total_minor", "money", ("总金额",), personal=False),
        Field("paid_minor", "money", ("买家实际支付金额",), personal=False),
        Field("received_minor", "money", ("打款商家金额",), personal=False),
        Field("recipient_name", "text", ("收货人姓名",)),
        Field("phone", "text", ("联系手机", "联系电话")),
        Field("changed_address", "text", ("修改后的收货地址",), tail=True),
        Field("address_text", "text", ("收货地址",)),
        Field("buyer_message", "long", ("买家留言",)),
        Field("platform_memo", "long", ("商家备忘", "商家备注", "订单备注")),
        Field("platform_flag", "text", ("备注旗帜", "插旗", "标旗"), refuse=False),
        Field("waybills", "waybill", ("物流单号",), refuse=False, personal=False),
        Field("carrier", "text", ("物流公司",), refuse=False),
        Field("invoice_title", "text", ("发票抬头",), refuse=False),
        Field("unit_count", "count", ("宝贝总数量",), refuse=False, personal=False),
        Field("titles", "long", ("宝贝标题",)),
        Field("changed_sku", "long", ("修改后的sku",), tail=True),
    ),
    statuses=TAOBAO_STATUSES,
)


def _taobao_detail(name: str, required: tuple[str, ...], number: tuple[str, ...], key: tuple[str, ...]) -> Profile:
    return Profile(
        name=name,
        grain="detail",
        required=required,
        fields=(
            Field("number", "id", number, needed=True, personal=False),
            Field("key", "id", key, needed=bool(key), personal=False),
            Field("title", "long", ("商品标题", "标题"), needed=True),
            Field("quantity", "quantity", ("购买数量",), needed=True, personal=False),
            Field("unit_price_minor", "money", ("商品价格", "价格"), personal=False),
            Field("sku", "text", ("外部系统编号", "商家编码")),  # of the variant, before that of the article
            Field("item_code", "text", ("商家编码",)),
            Field("attributes", "text", ("商品属性",)),
            Field("platform_status", "text", ("订单状态",), personal=False),
            Field("paid_share_minor", "money", ("买家实付金额",), personal=False),
            Field("refund_state", "text", ("退款状态",), personal=False),
        ),
        statuses=TAOBAO_STATUSES,
        no_refund=TAOBAO_NO_REFUND,
    )


PROFILES: tuple[Profile, ...] = (
    TAOBAO_LIST,
    _taobao_detail(
        "taobao_order_detail_new",
        ("子订单编号", "主订单编号", "商品标题", "商品价格", "购买数量", "商品属性"),
        ("主订单编号",),
        ("子订单编号",),
    ),
    _taobao_detail(
        "taobao_order_detail_old",
        ("订单编号", "标题", "价格", "购买数量", "外部系统编号", "商品属性"),
        ("订单编号",),
        (),
    ),
    PDD_ORDERS,
    *REFUND_PROFILES,
)
