"""A set-up step runs when something it reads or makes has changed, and only then."""

import subprocess
import sys
from pathlib import Path

import pytest

from setup_steps.paths import ROOT
from setup_steps.stamps import Stamps, digest


class Step:
    """Counts its runs and makes its output."""

    def __init__(self, output: Path) -> None:
        self.runs = 0
        self.output = output

    def __call__(self) -> None:
        self.runs += 1
        self.output.write_text("made")


@pytest.fixture
def step(tmp_path: Path) -> Step:
    return Step(tmp_path / "output")


@pytest.fixture
def stamps(tmp_path: Path) -> Stamps:
    return Stamps(tmp_path / "stamps")


def test_a_step_runs_once_while_its_inputs_stay(stamps: Stamps, step: Step) -> None:
    assert stamps.ensure("copy", "a", step, [step.output]) is True
    assert stamps.ensure("copy", "a", step, [step.output]) is False
    assert step.runs == 1


def test_a_step_runs_again_when_an_input_changes(stamps: Stamps, step: Step) -> None:
    stamps.ensure("copy", "a", step)
    assert stamps.ensure("copy", "b", step) is True
    assert step.runs == 2


def test_a_step_runs_again_when_its_output_is_gone(stamps: Stamps, step: Step) -> None:
    stamps.ensure("copy", "a", step, [step.output])
    step.output.unlink()
    assert stamps.ensure("copy", "a", step, [step.output]) is True


def test_a_failed_step_leaves_no_stamp_not_even_the_old_one(stamps: Stamps, step: Step) -> None:
    stamps.ensure("copy", "a", step)

    def fail() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        stamps.ensure("copy", "b", fail)
    assert stamps.is_current("copy", "a") is False
    assert stamps.is_current("copy", "b") is False


def test_a_damaged_stamp_counts_as_none(stamps: Stamps, step: Step) -> None:
    stamps.ensure("copy", "a", step)
    (stamps.folder / "copy.stamp").write_bytes(b"\xff\xfe")
    assert stamps.is_current("copy", "a") is False


def test_the_digest_sees_content_name_extra_and_absence_but_not_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    seen = {digest([one, two])}
    two.write_text("2")
    seen.add(digest([one, two]))
    one.write_text("11")
    seen.add(digest([one, two]))
    seen.add(digest([one, two], extra="3.12"))
    assert len(seen) == 4
    assert digest([two, one]) == digest([one, two])


def test_content_moved_from_one_file_to_the_next_is_a_change(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("ab")
    two.write_text("")
    before = digest([one, two])
    one.write_text("a")
    two.write_text("b")
    assert digest([one, two]) != before


@pytest.mark.skipif(sys.platform == "win32", reason="no file lock there")
def test_a_second_set_up_waits_for_the_first(tmp_path: Path) -> None:
    # Two processes: a lock belongs to the open file, and one process must not wait for itself.
    code = """
import sys, time
from pathlib import Path
from setup_steps.stamps import only_one
with only_one(Path(sys.argv[1]) / "lock", on_wait=lambda: print("waits", flush=True)):
    print("in", flush=True)
    sys.stdin.readline()
print("out", flush=True)
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with subprocess.Popen(command, **pipes) as first:
        assert first.stdout.readline() == "in\n"
        with subprocess.Popen(command, **pipes) as second:
            assert second.stdout.readline() == "waits\n"
            first.communicate("\n", timeout=30)
            assert second.communicate("\n", timeout=30)[0] == "in\nout\n"
