"""Which lines of two accounts of one order are the same line, told by key, article, units and place."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_BY_PLACE = re.compile(r"n\d{1,6}", re.ASCII)
_OF_PLATFORM = re.compile(r"\d{12,}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Article:
    """One line as one account tells it; None: the account does not say.  `units` and `price_minor` are of the line."""

    key: str
    position: int
    units: int
    title: str | None = None
    sku: str | None = None
    item_code: str | None = None
    attributes: str | None = None
    price_minor: int | None = None


def key_rank(key: str) -> int:
    """0: a place in a file (n1, n2 …), 1: somebody's own key, 2: the platform's sub-order number."""
    if _BY_PLACE.fullmatch(key):
        return 0
    return 2 if _OF_PLATFORM.fullmatch(key) else 1


def better_key(held: str, told: str) -> str:
    """The key that a line known by both keeps: a place in a file gives way to any key that is one for good."""
    return told if key_rank(held) == 0 and key_rank(told) > 0 else held


def free_key(key: str, taken: set[str]) -> str:
    """A key by place that no other line has."""
    number = len(taken) + 1
    while key in taken:
        key, number = f"n{number}", number + 1
    return key


def may_be_same(held: Article, told: Article) -> bool:
    """Whether their keys leave it open: two keys for good of one kind that differ name two lines."""
    rank = key_rank(held.key)
    return held.key == told.key or rank == 0 or rank != key_rank(told.key)


def resemble(held: Article, told: Article) -> bool:
    """Whether title or a code is the same: enough to fear that both are one line, not to say it."""
    return _equal(held.title, told.title) or bool(_codes(held) & _codes(told))


def pair(held: Sequence[Article], told: Sequence[Article]) -> dict[int, int]:
    """Index in `told` → index in `held`, for every line that is surely in both; the others are nobody's.

    Keys for good first; then the same article with the same units and price, twins by their places; then what only one
    line on each side can be; last the same place in two files, where the article is still alike.
    """
    found: dict[int, int] = {}
    _take(held, told, found, _same_key)
    for is_same in (_identical, _same_article, _same_words):
        _take(held, told, found, is_same)
        if len(held) == len(told):
            _take(held, told, found, lambda h, t, same=is_same: h.position == t.position and same(h, t))  # type: ignore[misc]
    _take(held, told, found, _alike)
    _take(held, told, found, _same_place)
    return found


_Same = Callable[[Article, Article], bool]


def _take(held: Sequence[Article], told: Sequence[Article], found: dict[int, int], is_same: _Same) -> None:
    """Pair what this way of looking leaves no choice about; again, as each pair leaves less choice to the others."""
    while True:
        free = [i for i in range(len(held)) if i not in found.values()]
        mates = {
            t: [h for h in free if may_be_same(held[h], told[t]) and is_same(held[h], told[t])]
            for t in range(len(told))
            if t not in found
        }
        fresh = next((new for t in mates if (new := _pairs_of(t, mates, held, told))), None)
        if not fresh:
            return
        found.update(fresh)


def _pairs_of(
    index: int, mates: dict[int, list[int]], held: Sequence[Article], told: Sequence[Article]
) -> dict[int, int]:
    """One told line and one held one that have only each other, or twins with their twins in the order of places."""
    mine = mates[index]
    rivals = [t for t, theirs in mates.items() if set(theirs) & set(mine)]
    if not mine or any(set(mates[t]) != set(mine) for t in rivals):
        return {}
    if not (_are_twins([held[h] for h in mine]) and _are_twins([told[t] for t in rivals])):
        return {}
    in_place = sorted(rivals, key=lambda t: told[t].position), sorted(mine, key=lambda h: held[h].position)
    return dict(zip(*in_place, strict=False))


def _are_twins(lines: list[Article]) -> bool:
    return len({(plain(a.title), plain(a.sku), plain(a.attributes), a.units, a.price_minor) for a in lines}) == 1


def _same_key(held: Article, told: Article) -> bool:
    return held.key == told.key and key_rank(told.key) > 0


def _identical(held: Article, told: Article) -> bool:
    return _same_amounts(held, told) and all(
        plain(getattr(held, name)) == plain(getattr(told, name)) for name in ("title", "sku", "attributes")
    )


def _same_article(held: Article, told: Article) -> bool:
    same_sku = _equal(held.sku, told.sku) and not _differ(held.attributes, told.attributes)
    return _same_amounts(held, told) and (same_sku or (_same_text(held, told) and not _differ(held.sku, told.sku)))


def _same_words(held: Article, told: Article) -> bool:
    """One file gives the code of the variant, the other that of the article: title and attributes say it."""
    return _same_amounts(held, told) and _same_text(held, told)


def _alike(held: Article, told: Article) -> bool:
    return _same_amounts(held, told) and resemble(held, told)


def _same_place(held: Article, told: Article) -> bool:
    return held.key == told.key and resemble(held, told)


def _same_text(held: Article, told: Article) -> bool:
    return _equal(held.title, told.title) and plain(held.attributes) == plain(told.attributes)


def _same_amounts(held: Article, told: Article) -> bool:
    return held.units == told.units and not _differ(held.price_minor, told.price_minor)


def _codes(article: Article) -> set[str]:
    return {plain(code) for code in (article.sku, article.item_code) if code}


def _equal(left: str | None, right: str | None) -> bool:
    return bool(left) and plain(left) == plain(right)


def _differ(left: str | int | None, right: str | int | None) -> bool:
    if isinstance(left, int) or isinstance(right, int):
        return left is not None and right is not None and left != right
    return bool(left) and bool(right) and plain(left) != plain(right)


def plain(text: str | None) -> str:
    """As files differ in it: width, case, blanks, the mark at the end."""
    folded = unicodedata.normalize("NFKC", text or "").casefold()
    return "".join(folded.split()).rstrip(";")
