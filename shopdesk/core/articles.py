"""Which lines of two accounts of one order are the same line, told by key, article, units and place."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
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
    _take(held, told, found, _same_key, _key)
    for is_same in (_identical, _same_article, _same_words):
        _take(held, told, found, is_same, _words)
        if len(held) == len(told):
            _take(held, told, found, lambda h, t, same=is_same: h.position == t.position and same(h, t), _words)  # type: ignore[misc]
    _take(held, told, found, _alike, _words)
    _take(held, told, found, _same_place, _key)
    return found


_Same = Callable[[Article, Article], bool]
_Marks = Callable[[Article], set[str]]


def _take(
    held: Sequence[Article], told: Sequence[Article], found: dict[int, int], is_same: _Same, marks: _Marks
) -> None:
    """Pair what this way of looking leaves no choice about: told and held lines that have only each other.

    One line on each side, or twins with their twins in the order of places.  Only lines with a mark in common are
    compared, once: an order may have hundreds.
    """
    used = set(found.values())
    by_mark: dict[str, list[int]] = {}
    for h in (h for h in range(len(held)) if h not in used):
        for mark in marks(held[h]):
            by_mark.setdefault(mark, []).append(h)
    groups: dict[frozenset[int], list[int]] = {}
    for t in (t for t in range(len(told)) if t not in found):
        near = {h for mark in marks(told[t]) for h in by_mark.get(mark, ())}
        mates = frozenset(h for h in near if may_be_same(held[h], told[t]) and is_same(held[h], told[t]))
        groups.setdefault(mates, []).append(t)
    rivals = Counter(h for mates, ts in groups.items() for h in mates for _ in ts)
    for mates, ts in groups.items():
        if not mates or any(rivals[h] != len(ts) for h in mates):
            continue
        if _are_twins([held[h] for h in mates]) and _are_twins([told[t] for t in ts]):
            found.update(zip(_in_place(ts, told), _in_place(mates, held), strict=False))


def _in_place(indices: Iterable[int], lines: Sequence[Article]) -> list[int]:
    return sorted(indices, key=lambda index: (lines[index].position, index))


def _words(line: Article) -> set[str]:
    """What two lines of one article have at least one of in common; no title is a mark too."""
    return {f"title {plain(line.title)}", *(f"code {code}" for code in _codes(line))}


def _key(line: Article) -> set[str]:
    return {line.key}


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
