"""kill -9 in the middle of refunds over HTTP: the place's own file is what the books say (trust.md R1–R4, R24)."""

import os

import pytest

from tests.refunds.killing import ordeal

#: `.ci/run` says how often machines are killed; of refunds 25 times on each engine, the benchmarks more.
KILLS = 25 if int(os.environ.get("SHOPDESK_KILLS", "0")) else 0
pytestmark = [
    *(pytest.mark.both_engines, pytest.mark.postgres_in_ci, pytest.mark.enable_socket),
    pytest.mark.skipif(not KILLS, reason="SHOPDESK_KILLS says whether processes are killed; .ci/run does"),
]


def test_whatever_is_killed_the_place_has_paid_what_the_books_say(app, tmp_path):
    with ordeal(app, tmp_path, seed=20261122) as trial:
        toll = trial.run(KILLS)
        assert toll.problems == []
        assert sum(toll.kills.values()) == KILLS
        assert toll.refunds >= KILLS
        assert toll.paid_minor > 0
        assert toll.replayed >= KILLS
        # The control: money that moved beside the books is seen.
        trial.place.call("POST", "/refunds", {"number": "R-BESIDE", "amount_minor": 1, "currency": "CNY"})
        trial.judge()
        assert toll.problems == ["R-BESIDE: the place paid what the books do not know"]
