"""The demo shop's buyers: put together from word lists, so that nobody is a real person."""

from __future__ import annotations

import random
from dataclasses import dataclass

_FIRST = "云竹枫岚溪棠桐柚麦苇荷笛禾榆梨萤渡星汀砚"
_SECOND = ("小舟", "一诺", "半夏", "知秋", "听雨", "青栀", "南絮", "予安", "且慢", "朝颜", "晚晴", "拾光")
_NICKS = ("爱喝豆浆的鹿", "周末不加班", "屋顶上的猫薄荷", "三餐四季", "收集贝壳的人", "慢吞吞的海獭",
          "阳台种番茄", "晒被子专业户", "糖炒栗子来一斤", "路过人间的风", "今天也要早睡", "月亮邮差")  # fmt: skip
_PLACES = (
    ("江苏省", "苏州市", "虎丘区", "215000"), ("浙江省", "杭州市", "滨江区", "310000"),
    ("上海市", "上海市", "徐汇区", "200030"), ("广东省", "深圳市", "南山区", "518000"),
    ("四川省", "成都市", "武侯区", "610000"), ("湖北省", "武汉市", "洪山区", "430000"),
    ("北京市", "北京市", "朝阳区", "100020"), ("福建省", "厦门市", "思明区", "361000"),
    ("陕西省", "西安市", "雁塔区", "710000"), ("山东省", "青岛市", "市南区", "266000"),
)  # fmt: skip
_ROADS = ("星澜街", "云帆路", "青禾路", "望湖巷", "拾光大道", "棠梨路", "听松街", "半山路")
_HOMES = ("禾悦公寓", "屿岸花园", "竹里小区", "澄湖雅苑", "麦田社区")
PHONE_PREFIX = "1990000"  # one block for all of them


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who buys; `buyer_id` None where the shop does not know one."""

    buyer_id: str | None
    name: str
    phone: str
    province: str
    city: str
    district: str
    street: str
    zip: str


def make_buyers(chance: random.Random, count: int) -> list[Buyer]:
    """`count` different buyers; their phones differ in the last four digits."""
    tails = chance.sample(range(1000, 10_000), count)
    return [_buyer(chance, number, tail) for number, tail in enumerate(tails)]


def _buyer(chance: random.Random, number: int, tail: int) -> Buyer:
    province, city, district, code = chance.choice(_PLACES)
    return Buyer(
        buyer_id=f"{chance.choice(_NICKS)}_{number:02d}",
        name=chance.choice(_FIRST) + chance.choice(_SECOND),
        phone=f"{PHONE_PREFIX}{tail}",
        province=province, city=city, district=district, street=street(chance), zip=code,
    )  # fmt: skip


def street(chance: random.Random) -> str:
    home = f"{chance.choice(_HOMES)}{chance.randint(1, 24)}幢{chance.randint(1, 30)}0{chance.randint(1, 4)}室"
    return f"{chance.choice(_ROADS)}{chance.randint(1, 399)}号{home}"


def masked(buyer: Buyer) -> Buyer:
    """The same buyer as a platform that hides people tells it."""
    nick = buyer.buyer_id or "买家"
    return Buyer(
        buyer_id=f"{nick[:1]}***{nick[-1:]}", name=f"{buyer.name[:1]}**", phone=f"199****{buyer.phone[-4:]}",
        province=buyer.province, city=buyer.city, district=buyer.district, street="****", zip=buyer.zip,
    )  # fmt: skip


def unknown(buyer: Buyer) -> Buyer:
    """A guest: where to send it is known, who bought is not."""
    return Buyer(None, buyer.name, buyer.phone, buyer.province, buyer.city, buyer.district, buyer.street, buyer.zip)
