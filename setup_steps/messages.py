"""Catalogues of visible strings: `python -m setup_steps.messages [FILLED.json …]` in the venv brings them up to date.

The JSON files, msgid → translation, fill what has no Chinese yet.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from setup_steps.paths import ROOT

PO = ROOT / "shopdesk" / "translations" / "zh_Hans_CN" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
OPTIONS = {"templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
#: Refusals carry their msgid as first argument and are translated where they are shown.
ERRORS = (
    *("RuleViolation", "Conflict", "IllegalMove", "NotAllowed", "NotFound", "NotSignedIn", "TooMany"),
    *("Malformed", "Stale", "KeyReused", "Unavailable"),
)
KEYWORDS: dict[str, tuple[int, ...] | None] = {
    **dict.fromkeys(("_", "gettext", "lazy_gettext", "N_", *ERRORS)),
    "ngettext": (1, 2),
    "Refusal": (2,),
}
PLACES = ("shopdesk", "templates")
NOISE = tuple(f'"{name}' for name in ("Report", "POT-", "PO-Rev", "Last-", "Language-Team", "Generated", "Project"))


def found() -> Iterator[tuple[str, int, str | tuple[str, ...]]]:
    """(file, line, msgid) of every visible string in code and templates."""
    for place in PLACES:
        folder = ROOT / place
        methods = METHODS if place == "shopdesk" else [("**.html", "jinja2")]
        options = {} if place == "shopdesk" else {"**.html": OPTIONS["templates/**.html"]}
        rows = extract_from_dir(folder, methods, options, KEYWORDS, directory_filter=lambda path: "vendor" not in path)
        for name, line, message, _comments, _context in rows:
            yield f"{place}/{name}", line, message


def catalogue() -> Catalog:
    """The Chinese catalogue as it stands."""
    if not PO.exists():
        return Catalog(locale="zh_Hans_CN", domain="messages")
    with PO.open("rb") as file:
        return read_po(file, locale="zh_Hans_CN", domain="messages")


def refresh(filled: dict[str, str]) -> list[str]:
    """Bring the catalogue up to date, fill what is given, return what has no translation."""
    old = catalogue()
    new = Catalog(locale="zh_Hans_CN", domain="messages", project="ShopDesk", charset="utf-8", fuzzy=False)
    new.header_comment = "# The words of ShopDesk in 简体中文."
    for _name, _line, words in found():
        if words:
            new.add(words)
    for message in new:
        if not message.id:
            continue
        known = old.get(message.id)
        key = message.id[0] if isinstance(message.id, tuple | list) else message.id
        text = filled.get(key) or (_text_of(known.string) if known else "")
        message.string = ((text,) if isinstance(message.id, tuple | list) else text) if text else message.string
    PO.parent.mkdir(parents=True, exist_ok=True)
    kept = io.BytesIO()
    write_po(kept, new, sort_output=True, no_location=True, width=0)
    lines = kept.getvalue().decode().splitlines(keepends=True)
    # Dates and names of tools change with every run and say nothing.
    PO.write_text("".join(line for line in lines if not line.startswith(NOISE)), encoding="utf-8")
    return [str(m.id) for m in new if m.id and not _text_of(m.string)]


def _text_of(string: object) -> str:
    return str(string[0]) if isinstance(string, tuple | list) and string else str(string or "")


if __name__ == "__main__":
    given: dict[str, str] = {}
    for path in sys.argv[1:]:
        given |= json.loads(Path(path).read_text(encoding="utf-8"))
    missing = refresh(given)
    print(json.dumps(missing, ensure_ascii=False, indent=1))
