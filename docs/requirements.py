"""Refresh the columns State and Proof of docs/requirements.md from the marks on the tests.

`python3 docs/requirements.py` writes the file again; with `--check` it only says whether it is current.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "requirements.md"
TESTS = ROOT / "tests"
STATES = ("works", "partly", "later", "out of scope")
_ROW = re.compile(r"\|\s*M\d")
_COUNTS = re.compile(r"<!-- counts -->.*?<!-- /counts -->", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table; `missing` is written by hand and makes a proven row only partly done."""

    id: str
    ring: str
    asked: str
    state: str
    proof: str
    missing: str

    def line(self) -> str:
        cells = (self.id, self.ring, self.asked, self.state, self.proof, self.missing)
        return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def parse(line: str) -> Row | None:
    """A row of the table, or None for any other line.  Raises ValueError for a row with other than six cells."""
    if not _ROW.match(line):
        return None
    cells = [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]
    if len(cells) != 6:
        raise ValueError(f"six cells are needed: {line}")
    return Row(*cells)


def rows(text: str) -> list[Row]:
    return [row for row in map(parse, text.splitlines()) if row]


def marks(folder: Path) -> dict[str, list[str]]:
    """Row → the test files, relative to `folder`, that carry a mark for it; read, not imported."""
    found: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("test_*.py")):
        for row in _marks_in(ast.parse(path.read_text(encoding="utf-8"), str(path))):
            found.setdefault(row, set()).add(path.relative_to(folder).as_posix())
    return {row: sorted(files) for row, files in sorted(found.items())}


def _marks_in(tree: ast.AST) -> Iterator[str]:
    """The arguments of every `pytest.mark.mission(…)`: they are written out, so that a search finds them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.mission":
            yield from (str(ast.literal_eval(argument)) for argument in node.args)


def state_of(row: Row, proofs: Mapping[str, list[str]]) -> str:
    if row.ring == "3":
        return "out of scope"
    if row.id not in proofs:
        return "later"
    return "partly" if row.missing else "works"


def refreshed(text: str, proofs: Mapping[str, list[str]]) -> str:
    """The page with State, Proof and the counts as the marks have them."""
    lines = []
    for line in text.splitlines():
        row = parse(line)
        if row is None:
            lines.append(line)
            continue
        links = ", ".join(f"[{name}](../tests/{name})" for name in proofs.get(row.id, []))
        lines.append(Row(row.id, row.ring, row.asked, state_of(row, proofs), links, row.missing).line())
    whole = "\n".join(lines) + "\n"
    return _COUNTS.sub(lambda _: f"<!-- counts -->\n{counts(rows(whole))}\n<!-- /counts -->", whole)


def counts(found: list[Row]) -> str:
    """How many rows of each ring are in which state, as a table."""
    number = Counter((row.ring, row.state) for row in found)
    head = ["| Ring | Rows | " + " | ".join(STATES) + " |", "|---|---|" + "---|" * len(STATES)]
    body = []
    for ring in sorted({row.ring for row in found}):
        cells = [number[ring, state] for state in STATES]
        body.append(f"| {ring} | {sum(cells)} | " + " | ".join(map(str, cells)) + " |")
    return "\n".join(head + body)


def main(arguments: list[str]) -> int:
    text = PAGE.read_text(encoding="utf-8")
    fresh = refreshed(text, marks(TESTS))
    if fresh == text:
        return 0
    if "--check" in arguments:
        sys.stderr.write("docs/requirements.md is not what the tests prove: run python3 docs/requirements.py\n")
        return 1
    PAGE.write_text(fresh, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
