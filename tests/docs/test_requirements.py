"""The states of docs/requirements.md are what the marks on the tests prove."""

from __future__ import annotations

import pytest

from tests.docs.reading import ROOT, script

TABLE = """<!-- counts -->
<!-- /counts -->

| Row | Ring | What was asked for | State | Proof | Still missing |
|---|---|---|---|---|---|
| M001 | 1 | one | works | | |
| M002 | 2 | two | later | | the rest |
| M003 | 3 | three | works | | |
"""


@pytest.fixture(scope="module")
def requirements():
    return script("requirements")


@pytest.fixture(scope="module")
def proofs(requirements):
    return requirements.marks(requirements.TESTS)


@pytest.fixture(scope="module")
def rows(requirements):
    return requirements.rows(requirements.PAGE.read_text(encoding="utf-8"))


def test_every_row_from_1_to_363_stands_once_and_in_few_words(rows):
    assert [row.id for row in rows] == [f"M{number:03}" for number in range(1, 364)]
    assert [row.id for row in rows if not 1 <= len(row.asked.split()) <= 20] == []
    assert {row.ring for row in rows} == {"1", "2", "3"}


def test_every_mark_names_a_row(rows, proofs):
    known = {row.id for row in rows}
    assert {row: files for row, files in proofs.items() if row not in known} == {}


def test_what_is_out_of_scope_is_not_proven(rows, proofs):
    assert [row.id for row in rows if row.ring == "3" and row.id in proofs] == []


def test_no_row_is_said_to_work_without_a_marked_test(rows, proofs):
    assert [row.id for row in rows if row.state in {"works", "partly"} and row.id not in proofs] == []


def test_the_page_is_what_the_marks_prove(requirements, proofs):
    text = requirements.PAGE.read_text(encoding="utf-8")
    assert requirements.refreshed(text, proofs) == text, "run: python3 docs/requirements.py"


def test_a_row_works_only_with_a_mark_and_partly_where_something_is_missing(requirements):
    fresh = requirements.refreshed(TABLE, {"M002": ["desk/test_it.py"]})
    states = {row.id: (row.state, row.proof) for row in requirements.rows(fresh)}
    assert states == {
        "M001": ("later", ""),
        "M002": ("partly", "[desk/test_it.py](../tests/desk/test_it.py)"),
        "M003": ("out of scope", ""),
    }
    assert "| 2 | 1 | 0 | 1 | 0 | 0 |" in fresh


def test_marks_are_found_on_functions_classes_and_modules(requirements, tmp_path):
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "test_it.py").write_text(
        "pytestmark = [pytest.mark.mission('M001'), pytest.mark.slow]\n"
        "@pytest.mark.mission('M002', 'M003')\ndef test_a(): ...\n"
        "# @pytest.mark.mission('M004')\n"
    )
    assert requirements.marks(tmp_path) == {row: ["desk/test_it.py"] for row in ("M001", "M002", "M003")}


def test_the_tests_are_where_the_links_point(proofs):
    assert [name for files in proofs.values() for name in files if not (ROOT / "tests" / name).is_file()] == []
