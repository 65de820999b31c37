"""kill -9 during many stories: the long run of tests/crash."""

from __future__ import annotations

from benchmarks.engines import desk
from tests.crash.machine import machine
from tests.crash.playing import Player, Report


def killed(engine: str, times: int) -> Report:
    with desk(engine, times) as made, made.app.app_context(), machine(made.app, made.data / "desk.log") as running:
        player = Player(made.app, running, seed=times)
        running.start()
        player.rehearse()
        player.perform(times)
        player.import_cut_in_two()
        return player.report
