"""What the demo shop sells; everything is invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Item:
    """One article; `choices` are the attributes it comes in."""

    sku: str
    title: str
    price_minor: int
    choices: tuple[str, ...]


GOODS = (
    Item("YH-PZ-01", "屿禾 手作粗陶餐盘 8寸", 4_900, ("颜色分类:米白", "颜色分类:青灰", "颜色分类:焦糖")),
    Item("YH-BZ-02", "屿禾 双层玻璃杯 350ml", 3_900, ("颜色分类:透明", "颜色分类:茶色")),
    Item("YH-TZ-03", "屿禾 水洗棉四件套", 32_900, ("颜色分类:燕麦;尺寸:1.5米", "颜色分类:雾蓝;尺寸:1.8米")),
    Item("YH-DG-04", "屿禾 胡桃木台灯", 25_900, ("颜色分类:暖光", "颜色分类:三色调光")),
    Item("YH-XN-05", "屿禾 藤编收纳篮", 6_900, ("尺寸:小号", "尺寸:中号", "尺寸:大号")),
    Item("YH-MJ-06", "屿禾 长绒棉毛巾 两条装", 5_900, ("颜色分类:奶油", "颜色分类:豆绿", "颜色分类:浅粉")),
    Item("YH-ZS-07", "屿禾 可拆洗抱枕 45cm", 7_900, ("颜色分类:姜黄", "颜色分类:墨绿")),
    Item("YH-GZ-08", "屿禾 铸铁小炒锅 26cm", 18_900, ("规格:无盖", "规格:带木盖")),
    Item("YH-HP-09", "屿禾 干花花瓶", 8_800, ("颜色分类:白", "颜色分类:陶土")),
    Item("YH-DT-10", "屿禾 羊毛地毯 1.2×1.8米", 59_900, ("颜色分类:浅灰", "颜色分类:驼色")),
)
STOPPED = Item("YH-XL-11", "屿禾 香薰蜡烛 180g", 6_800, ("香型:白茶", "香型:无花果"))  # the supplier called it back
GIFT = Item("YH-ZP-00", "赠品 亚麻杯垫", 0, ("颜色分类:随机",))
