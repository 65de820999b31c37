"""Which words of a page are in the wrong language, once the desk's own data is taken out of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser

#: Attributes that people see or hear.
SEEN = {
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "label",
    "data-copied",
    "data-not-copied",
    "data-kept",
    "data-refused",
    "data-unreached",
}
SILENT = {"script", "style", "svg"}
DRAWN = re.compile(r"<svg\b.*?</svg>", re.DOTALL)  # half of a page; nothing in it is read
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "use"}
LATIN = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
TAIL = re.compile(r"…[0-9a-f]{6}\b")  # of a payout's number
CHINESE = re.compile(r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
#: Latin words that a Chinese page may hold: names of things and keys, units, kinds of files.
NAMES = frozenset(
    {"ShopDesk", "SKU", "Ctrl", "Enter", "Esc", "Shift", "MB", "csv", "xlsx", "API", "CNY", "Excel", "PNG", "Asia"}
    | {"Shanghai", "JavaScript", "PK", "JPEG", "WebP", "CSV"}
)


class _Page(HTMLParser):
    """Collects what is read or heard; what says its own language (the names of languages) is left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []  # place, words
        self.open: list[tuple[str, bool]] = []  # tag, is it silent
        self.language: str | None = None
        self.feed(text)

    @property
    def _is_silent(self) -> bool:
        return any(silent for _, silent in self.open)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        self.language = self.language or has.get("lang")
        other = "lang" in has and has["lang"] != self.language
        if not self._is_silent and not other and tag not in SILENT:
            self._attributes(tag, has)
        if tag not in VOID:
            self.open.append((tag, tag in SILENT or other))

    def _attributes(self, tag: str, has: dict[str, str]) -> None:
        for name in SEEN & has.keys():
            self.found.append((f"{tag}[{name}]", has[name]))
        shown = tag == "input" and has.get("type") in {"submit", "button", "reset"}
        if shown and has.get("value"):
            self.found.append((f"{tag}[value]", has["value"]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        tags = [name for name, _ in self.open]
        if tag in tags:
            del self.open[len(tags) - 1 - tags[::-1].index(tag) :]

    def handle_data(self, data: str) -> None:
        words = " ".join(data.split())
        if words and not self._is_silent:
            self.found.append((self.open[-1][0] if self.open else "", words))


def words_of(text: str) -> list[tuple[str, str]]:
    """(place, words) of everything that is read or heard on a page."""
    return _Page(DRAWN.sub("", text)).found


def foreign(text: str, locale: str, data: Iterable[str]) -> Iterator[str]:
    """A line for everything on the page that is not in its language and not the desk's data."""
    known = sorted({value for value in data if value}, key=len, reverse=True)
    pattern = CHINESE if locale == "en" else LATIN
    for place, words in dict.fromkeys(words_of(text)):
        if NAMES.issuperset(pattern.findall(words)):
            continue
        rest = TAIL.sub("…", words)
        for value in known:
            rest = rest.replace(value, " ")
        wrong = [word for word in pattern.findall(rest) if word not in NAMES]
        if wrong:
            yield f"<{place}> {words[:120]!r}: {' '.join(wrong)}"
