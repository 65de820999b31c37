"""Whether senders of payouts are paused: files in the data folder, which a restored database cannot turn back.

Beside them a mark says how far the sendings had come: a database that has come less far was restored from a backup.
"""

from __future__ import annotations

import json
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from shopdesk.core import clock

PAUSED = "payouts.paused"
MARK = "payouts.mark"
_marking = threading.Lock()


class Why(StrEnum):
    BY_HAND = "by_hand"
    RESTORED = "restored"  # the database has gone back to an earlier state
    UNREADABLE = "unreadable"  # the file is there, and nobody can tell what it says


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when nothing is sent, and why."""

    at: datetime
    why: Why


def paused(folder: Path) -> Pause | None:
    """The pause that holds; a file that cannot be read is one too."""
    try:
        said = json.loads((folder / PAUSED).read_text(encoding="ascii"))
        return Pause(datetime.fromisoformat(said["at"]).astimezone(UTC), Why(said["why"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Pause(clock.now(), Why.UNREADABLE)


def pause(folder: Path, why: Why) -> Pause:
    """Pause, durably; one that holds already stays."""
    there = paused(folder)
    if there:
        return there
    made = Pause(clock.now(), why)
    _write(folder / PAUSED, json.dumps({"at": made.at.isoformat(), "why": str(why)}))
    return made


def resume(folder: Path, mark: int) -> None:
    """End the pause; what the database has now counts from here on."""
    with _marking:
        _write(folder / MARK, str(mark))
        (folder / PAUSED).unlink(missing_ok=True)
        _keep(folder)


def has_gone_back(folder: Path, newest: int) -> bool:
    """Whether the database knows fewer sendings than were made from here; an unreadable mark says yes."""
    try:
        return newest < _mark(folder)
    except (OSError, ValueError):
        return True


def note(folder: Path, newest: int) -> None:
    """Keep how far it has come, on the disk before anything is sent."""
    with _marking:
        if newest > _mark(folder):
            _write(folder / MARK, str(newest))


def _mark(folder: Path) -> int:
    try:
        return int((folder / MARK).read_text(encoding="ascii"))
    except FileNotFoundError:
        return 0


def _write(path: Path, text: str) -> None:
    half = path.with_name(f"{path.name}.{os.getpid()}.part")
    with half.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    _keep(path.parent)


def _keep(folder: Path) -> None:
    """A new name is durable with its folder; Windows has no such thing."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
