"""The documents point at what exists."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.docs.reading import PAGES, ROOT

FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PATH_IN_CODE = re.compile(r"`((?:shopdesk|docs|tests|templates|migrations|setup_steps)/[\w./-]+)`")
#: Made by a script of the repository from the running product, not by hand.
PICTURES = "docs/img/"


def links(page: Path) -> list[str]:
    text = INLINE_CODE.sub("", FENCED.sub("", page.read_text(encoding="utf-8")))
    return [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(document):
    missing = []
    for link in links(document):
        path, _, anchor = unquote(link).partition("#")
        target = (document.parent / path).resolve() if path else document
        if target.relative_to(ROOT).as_posix().startswith(PICTURES):
            continue
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    assert missing == []


def test_the_readme_names_files_that_exist():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [path for path in PATH_IN_CODE.findall(text) if not (ROOT / path).exists()] == []


def test_the_map_of_the_readme_names_every_folder():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    top = ("benchmarks", "docs", "migrations", "setup_steps", "shopdesk", "templates", "tests")
    inside = [at.name for at in (ROOT / "shopdesk").iterdir() if at.is_dir() and not at.name.startswith("__")]
    assert [name for name in (*top, *inside) if f"{name}/" not in text] == []


def test_the_readme_names_both_commands():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "python3 manage.py run" in text
    assert "python3 manage.py test" in text


def test_decisions_are_numbered_without_gaps_and_say_why():
    records = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
    assert [record.name[:4] for record in records] == [f"{number:04}" for number in range(1, len(records) + 1)]
    assert len(records) > 0
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {int(record.name[:4])}. "), record.name
        for head in ("## Why", "## Decision", "## What follows"):
            assert head in text, f"{record.name}: {head}"


def test_every_decision_is_in_the_list():
    listed = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    records = (ROOT / "docs" / "adr").glob("[0-9]*.md")
    assert [record.name for record in records if f"({record.name})" not in listed] == []


def test_the_changelog_has_what_is_not_released():
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## \[?Unreleased\]?$", text, re.MULTILINE)
    assert "### Added" in text


def test_the_guide_speaks_chinese_first_and_covers_every_role_that_works_with_orders():
    text = (ROOT / "docs" / "user-guide.md").read_text(encoding="utf-8")
    assert text.index("售前") < text.index("Pre-sale")
    for word in (
        "售前",
        "打单员",
        "售后",
        "仓库",
        "主管",
        "Pre-sale",
        "Printing",
        "After-sale",
        "Warehouse",
        "Supervisor",
    ):
        assert re.search(rf"^### .*{word}", text, re.MULTILINE), word


def test_both_halves_of_the_user_guide_have_the_same_numbered_points():
    chinese, english = (ROOT / "docs" / "user-guide.md").read_text().split("\n## English\n")

    def points(half):
        return [len(re.findall(r"^\d+\. \*\*", part, re.MULTILINE)) for part in half.split("\n### ")[1:]]

    assert points(chinese) == points(english)
