"""Lines that a feed tells, found among those that are known: the same under another key, new, or not to be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shopdesk.core.articles import Article, better_key, free_key, may_be_same, pair, resemble
from shopdesk.orders.models import OrderLine
from shopdesk.orders.service.told import SaleLine

MOST_TEXT, MOST_CODE = 500, 128  # characters; longer ones are stored without their end
__all__ = ["Matched", "better_key", "free_key", "match"]


@dataclass(slots=True)
class Matched:
    """Each told line once: with the line it is, as a new one, or refused because nobody can say which it is."""

    same: list[tuple[SaleLine, OrderLine]] = field(default_factory=list)
    new: list[SaleLine] = field(default_factory=list)
    refused: list[SaleLine] = field(default_factory=list)

    @property
    def taken(self) -> list[SaleLine]:
        return [told for told, _ in self.same] + self.new


def match(there: Sequence[OrderLine], told: Sequence[SaleLine], *, is_whole: bool, is_older: bool) -> Matched:
    """Sort the told lines.

    `is_whole`: all lines of the order are known, so that no older source can bring another one, a newer
    one only where no known line is left that it could be (D2, D7).
    """
    held = [_of_line(line) for line in there]
    articles = [_of_told(line, place) for place, line in enumerate(told, start=1)]
    pairs = pair(held, articles)
    paired = set(pairs.values())
    left = [article for index, article in enumerate(held) if index not in paired]
    found = Matched()
    for index, line in enumerate(told):
        if index in pairs:
            found.same.append((line, there[pairs[index]]))
            continue
        could_be = [article for article in left if may_be_same(article, articles[index])]
        in_doubt = could_be or is_older if is_whole else any(resemble(a, articles[index]) for a in could_be)
        (found.refused if in_doubt else found.new).append(line)
    return found


def _of_line(line: OrderLine) -> Article:
    units = line.quantity if line.told_quantity is None else line.told_quantity
    return Article(
        line.line_key, line.position, units, line.title, line.sku, None, line.attributes, line.unit_price_minor
    )


def _of_told(line: SaleLine, place: int) -> Article:
    title, attributes = line.title and line.title[:MOST_TEXT], line.attributes and line.attributes[:MOST_TEXT]
    sku = line.sku and line.sku[:MOST_CODE]
    return Article(line.key, place, line.quantity, title, sku, line.item_code, attributes, line.unit_price_minor)
