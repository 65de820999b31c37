"""Points at which the fake place can be told to die, as by kill -9."""

from __future__ import annotations

import os
import signal
from enum import StrEnum


class Fault(StrEnum):
    BEFORE_WRITE = "before_write"
    TORN = "torn"  # half of the line is written
    WRITTEN = "written"  # the line stands, nothing has waited for the disk
    COMMITTED = "committed"  # on the disk, nobody was told
    ANSWERED = "answered"  # the caller was told, no webhook was sent


class Faults:
    """The next point at which to die, once."""

    def __init__(self) -> None:
        self.due: Fault | None = None

    def is_due(self, fault: Fault) -> bool:
        return self.due is fault

    def reach(self, fault: Fault) -> None:
        if self.is_due(fault):
            os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
