"""What code, templates and tests point at in docs/ is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.docs.reading import ROOT
from tests.docs.test_documents import anchors

PLACES = ("shopdesk", "templates", "tests", "setup_steps", "migrations", "benchmarks")
KINDS = {".py", ".html", ".js", ".css"}
PAGE = re.compile(r"(?<![\w/.-])((?:docs/)?(?:[\w-]+/)*[\w-]+\.md)(?:#([\w-]+))?")
SECTION = re.compile(r"domain\.md ((?:§\d+a?(?: [A-Z]\d+)?(?:, )?)+)")
LETTERED = re.compile(r"\(([A-Z])(\d{1,3})\)")
DOMAIN = ROOT / "docs" / "domain.md"


def sources() -> Iterator[tuple[str, str]]:
    for place in PLACES:
        for path in sorted((ROOT / place).rglob("*")):
            if path.suffix in KINDS and "vendor" not in path.parts and "docs" not in path.parts:
                yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def test_every_page_and_heading_that_code_names_exists():
    missing, seen = [], 0
    for name, text in sources():
        for page, anchor in PAGE.findall(text):
            target = ROOT / page if (ROOT / page).exists() else ROOT / "docs" / page
            seen += 1
            if not target.exists() or (anchor and anchor not in anchors(target)):
                missing.append(f"{name}: {page}#{anchor}")
    assert missing == []
    assert seen > 40


def test_every_section_of_the_domain_that_code_names_exists():
    domain = DOMAIN.read_text(encoding="utf-8")
    heads = set(re.findall(r"^#+ (\d+a?)\.? ", domain, re.MULTILINE))
    named = {
        (name, section) for name, text in sources() for group in SECTION.findall(text)
        for section in re.findall(r"§(\d+a?)", group)
    }  # fmt: skip
    assert len(named) > 25
    assert {(name, section) for name, section in named if section not in heads} == set()


@pytest.mark.parametrize("letters", ["D", "I"])
def test_every_rule_that_code_names_by_letter_and_number_is_in_the_domain(letters):
    rules = set(re.findall(r"\*\*([DI]\d+)\*\*", DOMAIN.read_text(encoding="utf-8")))
    named = {f"{a}{n}" for _, text in sources() for a, n in LETTERED.findall(text) if a == letters}
    assert named - rules == set()


def test_no_other_letters_and_numbers_stand_for_rules():
    known = {"D", "I", "M", "T"}  # M: a row of docs/requirements.md; T: a memo template
    found = [(name, f"{a}{n}") for name, text in sources() for a, n in LETTERED.findall(text) if a not in known]
    assert found == []


def test_the_memo_templates_of_the_domain_are_those_of_the_desk():
    from shopdesk.core.memo_text import TEMPLATES

    text = DOMAIN.read_text(encoding="utf-8")
    for code in ("T1", "T2", "T3", "T4"):
        assert f"`{TEMPLATES['zh'][code]}---{{YYYY.MM.DD}} {{name}}`" in text, code
