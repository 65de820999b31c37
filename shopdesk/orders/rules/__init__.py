"""Decisions about mirrored values, readiness and paid shares, on plain values."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shopdesk.core.money import split_by_weight
from shopdesk.orders.states import STATUS_RANK, LineKind, OrderStatus, Readiness, RefundWord, refund_word

#: Reasons that people or other feeds set; an order file that knows nothing of them does not lift them.
KEPT = frozenset(
    {
        Readiness.AWAITING_REVIEW,
        Readiness.AWAITING_BALANCE,
        Readiness.PRE_SALE_UNTIL,
        Readiness.OUT_OF_STOCK,
        Readiness.ADDRESS_PROBLEM,
        Readiness.HALTED,
    }
)


def next_status(current: OrderStatus | None, told: OrderStatus | None) -> OrderStatus:
    """The status after a file told one: never backwards (D2)."""
    if current is None:
        return told or OrderStatus.PAID
    if told is None or STATUS_RANK[told] < STATUS_RANK[current]:
        return current
    return told


def readiness(
    decided: Readiness | None, status: OrderStatus, *, refunding: bool, is_unclear: bool = False
) -> Readiness:
    """Whether the order may be printed, from what people decided and what a feed told (domain.md §8).

    A refund stands before what was decided, which holds again when the refund goes away.  `is_unclear`: the platform's
    word for the status is not known here, so somebody has to look.
    """
    if status is OrderStatus.CLOSED:
        return Readiness.CLOSED
    if refunding:
        return Readiness.REFUNDING
    if decided is not None and decided in KEPT:
        return decided
    if is_unclear:
        return Readiness.AWAITING_REVIEW
    return Readiness.UNPAID if status is OrderStatus.UNPAID else Readiness.READY


def still_refunds(lines: Sequence[tuple[str | None, int]]) -> bool:
    """Whether a refund is about units that are still to be sent; `lines`: (the platform's word, units left).

    Without a word about any line it is about the order as a whole, and that stays.
    """
    words = [(refund_word(told), units) for told, units in lines]
    told = [units for word, units in words if word is not RefundWord.NONE]
    return any(told) if told else True


def overwrite(current: Any, told: Any, *, is_later: bool) -> Any:
    """The value after a file told one: a later file overwrites, an older one fills gaps, silence changes nothing."""
    if told is None:
        return current
    return told if is_later or current is None else current


def paid_is_known(status: OrderStatus, paid_minor: int, *, is_fixed: bool) -> bool:
    """Whether a 0 says that nothing was paid, and not that nobody told it; `is_fixed`: the shares were."""
    return bool(paid_minor) or is_fixed or status in {OrderStatus.UNPAID, OrderStatus.CLOSED}


def goods_paid_minor(paid_minor: int, shipping_minor: int | None, given: Sequence[int | None]) -> int | None:
    """What was paid for the goods, freight apart (minor units); None while nobody told the freight.

    Without it the platform's own shares tell it, where every line has one.  Nothing paid is nothing for the goods.
    """
    if shipping_minor is not None or not paid_minor:
        return max(0, paid_minor - (shipping_minor or 0))
    told = [g for g in given if g is not None]
    return sum(told) if told and len(told) == len(given) and sum(told) <= paid_minor else None


def shares_minor(goods_paid_minor: int, weights: Sequence[int], given: Sequence[int | None]) -> list[int]:
    """分摊实付 of each line, adding up to what was paid for the goods (minor units).

    The platform's own shares are taken when every line has one and they add up; else largest remainder by weight
    (price x quantity), or evenly where nothing has a price (domain.md §2 Paid share).
    """
    if not weights:
        return []
    told = [g for g in given if g is not None]
    if len(told) == len(given) and sum(told) == goods_paid_minor:
        return told
    return split_by_weight(goods_paid_minor, list(weights) if sum(weights) else [1] * len(weights))


def bundles(kinds: Sequence[LineKind]) -> dict[int, list[int]]:
    """Place of a bundle → places of its parts: those that follow it, up to the next line that is none.

    >>> bundles([LineKind.GOODS, LineKind.BUNDLE, LineKind.BUNDLE_PART, LineKind.BUNDLE_PART])
    {1: [2, 3]}
    """
    found: dict[int, list[int]] = {}
    head: int | None = None
    for place, kind in enumerate(kinds):
        if kind is LineKind.BUNDLE:
            head = place
        elif kind is not LineKind.BUNDLE_PART:
            head = None
        elif head is not None:
            found.setdefault(head, []).append(place)
    return found


def quantity(told: int, current: int, *, cancelled: int, shipped: int, in_parcels: int) -> int:
    """Ordered units after a feed told some: never below what was cancelled, shipped or packed (domain.md §5).

    Once units were cancelled here, a lower figure is the platform following us, not a smaller order.
    """
    floor = max(cancelled + shipped, in_parcels)
    return max(told, current, floor) if cancelled else max(told, floor)


def compare_with_feed(amended: Mapping[str, Any], was: Mapping[str, Any], mirrored: Mapping[str, Any]) -> str | None:
    """What a feed's value says about an amendment: "seen", "old", "contradicted"; None when it says nothing of it.

    A masked or absent part says nothing: a feed whose street is masked has not seen a new street.
    """
    spoken = {k for k in amended.keys() & mirrored.keys() if _speaks(mirrored[k])}
    decisive = {k for k in spoken if _bare(amended[k]) != _bare(was.get(k))}
    if _same(amended, mirrored, spoken):
        return "seen" if any(_speaks(amended[k]) for k in decisive) else None
    told_before = all(_bare(was.get(k)) == _bare(mirrored[k]) for k in decisive)
    return ("old" if decisive else None) if told_before and _same(was, mirrored, spoken) else "contradicted"


def _same(left: Mapping[str, Any], right: Mapping[str, Any], keys: Iterable[str]) -> bool:
    """Equal as far as the left side speaks too."""
    return all(_bare(left[k]) == _bare(right[k]) for k in keys if _speaks(left.get(k)))


def _speaks(value: Any) -> bool:
    return value is not None and "*" not in str(value)


def _bare(value: Any) -> str:
    return "".join(str("" if value is None else value).split())
