"""A list of refunds as the platform exports it, brought in by an import like anybody's."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from shopdesk.core.permissions import Role
from shopdesk.demo.service.desk import Desk
from shopdesk.demo.service.goods import Item
from shopdesk.demo.service.plan import YUHE
from shopdesk.imports.service import InputFile, run_files
from shopdesk.orders.models import Order

HEADERS = (
    "订单编号", "退款编号", "商品编码", "宝贝标题", "买家退款金额", "售后类型", "退款的申请时间", "超时时间",
    "退款状态", "货物状态", "客服介入状态", "退货物流单号", "退货物流公司", "买家退款原因", "买家退款说明",
)  # fmt: skip
WAITS = "买家已经申请退款，等待卖家同意"


@dataclass(frozen=True, slots=True)
class Applied:
    """One row: what the buyer of an order applies for, and until when the platform waits."""

    order: Order
    kind: str
    status: str
    reason: str
    words: str
    item: Item
    due_at: datetime | None = None


def bring(desk: Desk, *rows: Applied) -> None:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADERS)
    for row in rows:
        number = f"18{row.order.number[-16:]}"
        applied_at, due_at = _local(desk.ago(20)), _local(row.due_at) if row.due_at else ""
        writer.writerow([
            row.order.number, number, row.item.sku, row.item.title, f"{row.item.price_minor / 100:.2f}", row.kind,
            applied_at, due_at, row.status, "买家已收到货", "不需要客服介入", "", "", row.reason, row.words,
        ])  # fmt: skip
    file = InputFile("退款管理.csv", out.getvalue().encode("gb18030"))
    run_files(desk.stores[YUHE], [file], as_of=desk.told_at(YUHE), actor=desk.person(Role.AFTER_SALE))


def _local(at: datetime) -> str:
    return at.astimezone(ZoneInfo("Asia/Shanghai")).strftime("%Y-%m-%d %H:%M:%S")
