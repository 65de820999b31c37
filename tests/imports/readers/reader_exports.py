"""Makers of small exports in the platform's real encodings; every person, number and text is invented."""

import csv
import io
import zipfile
from xml.sax.saxutils import escape

from shopdesk.imports.readers import read_files
from shopdesk.imports.readers.records import ReadResult, RowProblem

# fmt: off
V2016 = [
    "订单编号", "买家会员名", "买家支付宝账号", "买家应付货款", "买家应付邮费", "买家支付积分", "总金额",
    "返点积分", "买家实际支付金额", "买家实际支付积分", "订单状态", "买家留言", "收货人姓名", "收货地址 ",
    "运送方式", "联系电话 ", "联系手机", "订单创建时间", "订单付款时间 ", "宝贝标题 ", "宝贝种类 ", "物流单号 ",
    "物流公司", "订单备注", "宝贝总数量", "店铺Id", "店铺名称", "订单关闭原因", "卖家服务费", "买家服务费",
    "发票抬头", "是否手机订单", "分阶段订单信息", "特权订金订单id", "定金排名", "修改后的sku", "修改后的收货地址",
    "异常信息", "天猫卡券抵扣", "集分宝抵扣", "是否是O2O交易",
]
# fmt: on
V2018 = [*V2016, "新零售交易类型", "退款金额", "预约门店", "确认收货时间", "打款商家金额", "含应开票给个人的个人红包"]
V2019 = [*V2018[:3], "支付单号", "支付详情", *V2018[3:], "是否信用购", "前N有礼", "配送类型", "主订单编号"]
V2020 = [name.strip() for name in V2019[:-1]] + ["满返红包金额", "直播返现状态", "返现金额", "主订单编号"]
V2022 = [*V2020[:-1], "虚拟号过期时间", "预售订单", "发货时间", "商家备忘", "主订单编号"]
VARIANTS = {"v2016": V2016, "v2018": V2018, "v2019": V2019, "v2020": V2020, "v2022": V2022}
# fmt: off
DETAIL_OLD = [
    "订单编号", "标题", "价格", "购买数量", "外部系统编号", "商品属性", "套餐信息", "备注", "订单状态", "商家编码",
]
# fmt: on
# fmt: off
DETAIL_NEW = [
    "子订单编号", "主订单编号", "商品标题", "商品价格", "购买数量", "外部系统编号", "商品属性", "套餐信息", "备注",
    "订单状态", "商家编码", "买家应付货款", "买家实付金额", "退款状态", "退款金额", "订单创建时间", "订单付款时间",
    "商品ID", "商家备注",
]
# fmt: on
NUMBER = "3900123456789012345"
ORDER = {
    "订单编号": f'="{NUMBER}"',
    "买家会员名": "云上的猫",
    "买家应付货款": "99.00",
    "买家应付邮费": "6.00",
    "总金额": "105.00",
    "买家实际支付金额": "100.50",
    "订单状态": "买家已付款，等待卖家发货",
    "收货人姓名": "王小样",
    "收货地址": "江苏省 苏州市 姑苏区 平江街道 样板路8号(215000)",
    "联系手机": "'13900000007",
    "订单创建时间": "2026-10-30 08:00:01",
    "订单付款时间": "2026-10-30 08:02:00",
    "宝贝标题": "样品茶壶",
    "宝贝总数量": "2",
    "打款商家金额": "0.00元",
}
LINE_OLD = {
    "订单编号": f'="{NUMBER}"',
    "标题": "样品茶壶",
    "价格": "49.50",
    "购买数量": "2",
    "外部系统编号": "POT-9-BLUE",
    "商品属性": "颜色分类：青花；容量：500ml",
    "订单状态": "买家已付款，等待卖家发货",
    "商家编码": "POT-9",
}
LINE_NEW = {
    "子订单编号": "3900123456789012346",
    "主订单编号": NUMBER,
    "商品标题": "样品茶壶",
    "商品价格": "49.50",
    "购买数量": "2",
    "商品属性": "颜色分类:青花",
    "订单状态": "买家已付款，等待卖家发货",
    "商家编码": "POT-9",
    "买家实付金额": "94.50",
    "退款状态": "没有申请退款",
    "退款金额": "无退款申请",
}


def order(**cells: str) -> dict[str, str]:
    """One order list row with some cells changed."""
    return ORDER | cells


def table(headers: list[str], rows: list[dict[str, str]]) -> str:
    """A CSV text as the platform writes it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headers)
    writer.writerows([[row.get(name.strip(), "") for name in headers] for row in rows])
    return out.getvalue()


def order_list(*rows: dict[str, str], headers: list[str] = V2022, encoding: str = "gb18030") -> bytes:
    return table(headers, list(rows)).encode(encoding)


def details(*rows: dict[str, str], headers: list[str] = DETAIL_OLD, encoding: str = "gb18030") -> bytes:
    return table(headers, list(rows)).encode(encoding)


def workbook(*sheets: list[list[str | float]], extra: dict[str, bytes] | None = None) -> bytes:
    """A minimal .xlsx with inline texts and numbers."""
    names = [f"Sheet{i}" for i in range(1, len(sheets) + 1)]
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"
    types = "http://schemas.openxmlformats.org/package/2006/content-types"
    root = f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
    listed = "".join(f'<sheet name="{n}" sheetId="{i}" r:id="rId{i}"/>' for i, n in enumerate(names, 1))
    links = "".join(
        f'<Relationship Id="rId{i}" Type="{office}/worksheet" Target="worksheets/sheet{i}.xml"/>'
        for i in range(1, len(names) + 1)
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{types}"/>')
        archive.writestr("_rels/.rels", f'<Relationships xmlns="{package}">{root}</Relationships>')
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{package}">{links}</Relationships>')
        for i, rows in enumerate(sheets, 1):
            archive.writestr(
                f"xl/worksheets/sheet{i}.xml", f'<worksheet xmlns="{main}">{_sheet_data(rows)}</worksheet>'
            )
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def _sheet_data(rows: list[list[str | float]]) -> str:
    lines = []
    for row_no, row in enumerate(rows, 1):
        cells = "".join(
            f'<c r="{_letters(i)}{row_no}"><v>{value!r}</v></c>'
            if isinstance(value, float | int)
            else f'<c r="{_letters(i)}{row_no}" t="inlineStr"><is><t>{escape(value)}</t></is></c>'
            for i, value in enumerate(row)
            if value != ""
        )
        lines.append(f'<row r="{row_no}">{cells}</row>')
    return f"<sheetData>{''.join(lines)}</sheetData>"


def _letters(index: int) -> str:
    return (chr(64 + index // 26) if index >= 26 else "") + chr(65 + index % 26)


def cells_of(headers: list[str], *rows: dict[str, str]) -> list[list[str | float]]:
    """Rows of a sheet."""
    return [list(headers), *([row.get(name.strip(), "") for name in headers] for row in rows)]


def read(*files: tuple[str, bytes] | bytes) -> ReadResult:
    """Read files; a content without a name gets one."""
    named = [file if isinstance(file, tuple) else (f"file{i}.csv", file) for i, file in enumerate(files, 1)]
    result = read_files(named, zone="Asia/Shanghai", currency="CNY")
    for report in result.files:
        assert report.rows == report.accepted + report.refused + report.duplicates
    return result


def codes(result: ReadResult) -> set[str]:
    return {problem.code for problem in result.problems}


def only_problem(result: ReadResult) -> RowProblem:
    assert len(result.problems) == 1, result.problems
    return result.problems[0]
