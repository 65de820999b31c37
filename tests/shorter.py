"""What a run does less of than it could, outside CI."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")
IN_CI = "SHOPDESK_CI" in os.environ


def some(every: Iterable[T], *, of: int, turn: int = 0) -> list[T]:
    """All of them in CI; elsewhere one of each `of`, beginning with the `turn`th: others for each caller's turn."""
    found = list(every)
    return found if IN_CI else found[turn % of :: of]
