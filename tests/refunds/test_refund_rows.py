"""Every row of trust.md A1, for every place that is sent to, on both engines; a new place brings a harness."""

from __future__ import annotations

import pytest

from tests.connectors.test_place_contract import HARNESSES
from tests.refunds.row_scene import Scene
from tests.refunds.rows import ROWS, Row

pytestmark = [pytest.mark.enable_socket]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
@pytest.mark.parametrize("name", HARNESSES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__.partition("_")[0])
def test_every_row_holds_for_every_place(app, fake_place, monkeypatch, name: str, row: Row) -> None:
    row(Scene(app, HARNESSES[name](fake_place), monkeypatch))


def test_no_row_is_missing_and_none_is_there_twice() -> None:
    numbers = sorted(int(row.__name__.partition("_")[0][1:]) for row in ROWS)
    assert numbers == list(range(1, 25))
