"""docs/playbook.md shows the table that the server enforces."""

from __future__ import annotations

import pytest

from shopdesk.changes.playbook import PLAYBOOK
from tests.docs.reading import script


@pytest.fixture(scope="module")
def playbook():
    return script("playbook")


def test_the_page_is_written_from_the_table(playbook):
    text = playbook.PAGE.read_text(encoding="utf-8")
    assert text == playbook.page(), "run: .venv/bin/python docs/playbook.py"


def test_every_step_and_condition_has_words(playbook):
    steps = {step for cell in PLAYBOOK.values() for step in cell}
    assert {step.code for step in steps} <= set(playbook.MEANING)
    assert {step.when for step in steps} <= set(playbook.CONDITION)


def test_every_wish_and_stage_is_on_the_page(playbook):
    shown = {(kind, stage) for kinds in playbook.groups().values() for kind in kinds for stage in playbook.STAGES}
    assert set(PLAYBOOK) <= shown


def test_diagrams_name_each_box_once(playbook):
    for cells in playbook.groups():
        boxes = [line.split('"')[0].strip(" [(") for line in playbook.diagram(cells) if '"' in line]
        assert len(boxes) == len(set(boxes)) == sum(len(steps) for steps in cells)
