"""docs/playbook.md shows the table that the server enforces."""

from __future__ import annotations

from itertools import product

import pytest

from shopdesk.changes.playbook import PLAYBOOK, steps_for
from shopdesk.changes.rules import conditions
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


def test_every_step_of_every_wish_and_stage_is_on_the_page(playbook):
    shown = {
        (kind, stage): [step.code for step in steps]
        for cells, kinds in playbook.groups().items()
        for kind in kinds
        for stage, steps in zip(playbook.STAGES, cells, strict=True)
    }
    for cell in PLAYBOOK:
        for is_paid, is_electronic in product((True, False), repeat=2):
            met = conditions(cell[0], is_paid=is_paid, has_electronic_waybill=is_electronic)
            assert {step.code for step in steps_for(*cell, met)} <= set(shown[cell]), cell


def test_diagrams_name_each_box_once(playbook):
    for cells in playbook.groups():
        boxes = [line.split('"')[0].strip(" [(") for line in playbook.diagram(cells) if '"' in line]
        assert len(boxes) == len(set(boxes)) == sum(len(steps) for steps in cells)
