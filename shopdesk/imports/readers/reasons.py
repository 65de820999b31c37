"""The platforms' words for why and for what a buyer applies, in the words of cases."""

from collections.abc import Mapping, Sequence

from shopdesk.cases.states import CaseKind, Detail, Goal, Reason
from shopdesk.imports.readers.fields import normal

K, R, D = CaseKind, Reason, Detail
Why = tuple[Reason, Detail | None]


def _table(rows: Mapping[Why, Sequence[str]]) -> dict[str, Why]:
    return {normal(word): why for why, words in rows.items() for word in words}


REASONS = _table(
    {
        (R.QUALITY, None): ("质量问题", "商品质量问题", "商品有质量问题", "产品质量问题"),
        (R.QUALITY, D.FLAW): (
            "做工粗糙/有瑕疵", "做工粗糙有瑕疵", "做工问题", "商品有瑕疵", "起球/掉色", "商品变质/有异物",
        ),
        (R.QUALITY, D.NOT_WORKING): ("功能故障", "无法使用", "功能/效果与商品描述不符", "商品故障", "性能故障"),
        (R.QUALITY, D.SMELL): ("有异味", "异味", "商品有异味"),
        (R.DAMAGED, None): ("收到商品破损", "商品破损/污渍", "包装/商品破损/污渍", "包装/商品破损", "商品破损或污渍"),
        (R.DAMAGED, D.GOODS_BROKEN): ("商品破损", "货物破损", "商品损坏"),
        (R.DAMAGED, D.BOX_CRUSHED): ("包装破损", "外包装破损"),
        (R.DAMAGED, D.LEAKED): ("漏液", "商品漏液", "液体漏出"),
        (R.SHORT, None): ("少件/漏发", "少件", "漏发", "缺件", "少货/空包裹", "空包裹/少货", "空包裹"),
        (R.SHORT, D.PART_MISSING): ("少件(含缺少配件)", "缺少配件", "配件缺失"),
        (R.SHORT, D.GIFT_MISSING): ("赠品漏发", "未收到赠品", "缺少赠品"),
        (R.WRONG_ITEM, D.OTHER_GOODS): ("卖家发错货", "商家发错货", "发错货", "发错商品", "商品错发"),
        (R.WRONG_ITEM, None): ("商品错发/漏发", "错发/漏发", "发错货/漏发"),
        (R.NOT_AS_DESCRIBED, None): ("与描述不符", "商品与描述不符", "描述不符", "与商家描述不符", "商品描述不符"),
        (R.NOT_AS_DESCRIBED, D.COLOUR): (
            "颜色/款式/图案与描述不符", "颜色/图案/款式与商品描述不符", "颜色/图案/款式不符",
            "颜色、图案、款式与描述不符",
        ),
        (R.NOT_AS_DESCRIBED, D.MATERIAL): (
            "材质/面料与商品描述不符", "材质面料与描述不符", "材质与商品描述不符", "材质不符", "成分/材质与描述不符",
        ),
        (R.NOT_AS_DESCRIBED, D.MEASURES): (
            "大小/尺寸与商品描述不符", "大小尺寸与商品描述不符", "尺寸与商品描述不符", "规格不符", "大小/尺码不符",
        ),
        (R.UNWANTED, None): (
            "7天无理由退换货", "七天无理由退换货", "7天无理由退货", "七天无理由退货", "7天无理由", "七天无理由",
        ),
        (R.UNWANTED, D.CHANGED_MIND): (
            "不喜欢/不想要", "不想要了", "不喜欢", "多拍/错拍/不想要", "多拍/拍错/不想要",
            "拍错/多拍/不喜欢", "多买/错买",
            "不喜欢、不想要", "不想要", "效果不好/不喜欢", "协商一致退款",
        ),
        (R.UNWANTED, D.TOO_LARGE): ("尺码偏大", "太大了", "尺寸偏大", "大了"),
        (R.UNWANTED, D.TOO_SMALL): ("尺码偏小", "太小了", "尺寸偏小", "小了"),
        (R.LATE, D.NOT_SENT): ("未按约定时间发货", "卖家未按约定时间发货", "未按时发货", "缺货", "商家缺货", "未发货"),
        (R.LATE, D.STUCK): (
            "快递一直未送达", "快递一直未送到", "物流一直未送达", "快递/物流一直未送到", "物流停滞",
            "快递/物流无跟踪记录",
            "物流无跟踪记录", "快递无跟踪记录",
        ),
        (R.NOT_RECEIVED, None): ("没有收到货", "未收到货", "没收到货", "快递显示签收但未收到货"),
        (R.NOT_RECEIVED, D.SIGNED_BY_OTHERS): ("他人签收", "被他人签收", "虚假签收"),
        (R.OTHER, None): ("其他", "其它", "其他原因", "其它原因"),
    }
)  # fmt: skip

KINDS: dict[str, tuple[CaseKind, Goal | None]] = {
    normal(word): (kind, Goal.RETURN if kind is K.INTERCEPT else None)
    for kind, words in {
        K.REFUND_ONLY: (
            "仅退款", "退款", "未发货仅退款", "已发货仅退款", "仅退款(未收到货)", "极速退款",
            "退运费", "价保",
        ),
        K.RETURN: ("退货退款", "退款退货", "退货", "退货并退款", "拒收退款", "召回退款"),
        K.EXCHANGE: ("换货", "换货退款", "维修", "维修换货"),
        K.RESHIP: ("补寄", "补发", "缺货补寄", "缺货补发", "补发商品", "补寄商品", "换货补寄"),
        K.DISPUTE: ("维权", "平台介入", "投诉", "纠纷", "小二介入", "售后维权"),
        K.INTERCEPT: ("拦截退货",),
    }.items()
    for word in words
}  # fmt: skip
#: Words of the platform's own staff that begin so: they have not stepped in.
NOT_STEPPED_IN = ("不需", "无需", "未", "没有", "否", "无")
#: Statuses in which the platform decides.
DECIDES = tuple(normal(word) for word in ("平台处理中", "平台介入", "小二介入", "客服介入", "维权处理中"))


def reason_of(word: str | None) -> tuple[Reason | None, Detail | None]:
    """Both levels where the word is known; (None, None): the desk's people read it and say."""
    return REASONS.get(normal(word or ""), (None, None))


def kind_of(
    told_kind: str | None, needs_return: str | None, stepped_in: str | None, status: str
) -> tuple[CaseKind, Goal | None, bool]:
    """(register, goal, is the word known).  What the platform decides is a dispute, whatever it began as."""
    known = KINDS.get(normal(told_kind or ""))
    if _is_dispute(stepped_in, status):
        return K.DISPUTE, None, True
    if known:
        return *known, True
    kind = K.RETURN if normal(needs_return or "") in {"是", "需要", "需要退货"} else K.REFUND_ONLY
    return kind, None, told_kind is None


def _is_dispute(stepped_in: str | None, status: str) -> bool:
    word = normal(stepped_in or "")
    has_stepped_in = bool(word) and not word.startswith(NOT_STEPPED_IN)
    return has_stepped_in or normal(status).startswith(DECIDES)
