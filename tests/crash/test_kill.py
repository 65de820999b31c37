"""kill -9 in the middle of work: nothing that was acknowledged is lost, nothing is half-done (issue: under fire)."""

import os

import pytest

from tests.crash import stories
from tests.crash.machine import machine
from tests.crash.playing import Player

#: How often in all a machine is killed in mid-story: `.ci/run` says 20, the benchmarks (`--kills`) 200.
KILLS = int(os.environ.get("SHOPDESK_KILLS", "0"))
pytestmark = [
    *(pytest.mark.both_engines, pytest.mark.postgres_in_ci),
    pytest.mark.skipif(not KILLS, reason="SHOPDESK_KILLS says how often a machine is killed; .ci/run 20 times"),
]


def test_no_acknowledged_step_is_lost_and_none_is_half_done_when_the_machine_is_killed(app, tmp_path):
    with machine(app, tmp_path / "desk.log") as running:
        player = Player(app, running, seed=20261122)
        running.start()
        player.rehearse()
        report = player.perform(KILLS // 2)
        player.import_cut_in_two()
        assert report.problems == []
        assert (report.stories, report.kills) == (KILLS // 2, KILLS // 2 + 1)
        # The control: whoever asks again under another key does it twice, and the stories' shapes tell.
        player.keeps_keys, player.hears_nothing = False, True
        player.perform_one(stories.unprinted, "8999999999999", 1)
        assert any("Memo: 2 became 3" in problem for problem in report.problems)
