"""What a wish says in a memo.  Personal values stand as references, written out only in the text to copy."""

from __future__ import annotations

from shopdesk.changes.models import Wish
from shopdesk.changes.states import Kind
from shopdesk.core.personal import unpack
from shopdesk.orders.models import OrderLine

WORDS = {
    "zh": {
        Kind.COURIER: "发{}",
        Kind.INVOICE: "开发票,抬头:{}",
        Kind.GREETING_CARD: "写贺卡:{}",
        Kind.DELIVERY_TIME: "送货时间:{}",
    },
    "en": {
        Kind.COURIER: "shipping by {}",
        Kind.INVOICE: "an invoice to: {}",
        Kind.GREETING_CARD: "a greeting card: {}",
        Kind.DELIVERY_TIME: "delivery at: {}",
    },
}  # fmt: skip
#: Kinds whose value names or addresses a person.
REFERENCED = frozenset({Kind.ADDRESS, Kind.INVOICE, Kind.GREETING_CARD})


def reference(wish: Wish) -> str:
    """Where the personal value of an applied wish stands in a memo."""
    return f"{{{{amendment:{wish.amendment_id}}}}}"


def former(wish: Wish) -> str:
    """Where the value that it took the place of stands."""
    return f"{{{{amendment:{wish.amendment_id}:was}}}}"


def slots(wish: Wish, line: OrderLine | None, *, language: str) -> dict[str, dict[str, str]]:
    """The variable parts of the templates T1-T4 for this wish, by template."""
    why = "to write its memo"
    old, new = unpack(wish.old, why), unpack(wish.new, why)
    if wish.kind is Kind.ADDRESS:
        kept = reference(wish)
        return {"T2": {"new": kept}, "T3": {"old": former(wish), "new": kept}}
    if wish.kind is Kind.ATTRIBUTE:
        both = {"old": _item(line, old["attributes"]), "new": str(new["attributes"])}
        return {"T1": both, "T3": both}
    if wish.kind is Kind.QUANTITY:
        title = (line.title if line else None) or ""
        both = {"old": f"{title} × {old['quantity']}", "new": f"{title} × {new['quantity']}"}
        return {"T1": both, "T3": both}
    value = reference(wish) if wish.kind in REFERENCED else str(new["text"])
    return {"T4": {"text": WORDS[language][wish.kind].format(value)}}


def _item(line: OrderLine | None, attributes: str | None) -> str:
    return " ".join(part for part in ((line.title if line else None), attributes) if part)
