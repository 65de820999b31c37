"""The boards that a process made last, one for each set of stores and language."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shopdesk.core import clock
from shopdesk.warehouse.queries import Board, Version

MOST_KEPT = 64
Key = tuple[str, tuple[int, ...], str]  # database, stores, language
Read = Callable[[], Board]
Draw = Callable[[Board], str]


@dataclass(frozen=True, slots=True)
class Kept:
    version: Version  # the newest events that it was made from
    mark: str  # digest of what is on it
    html: str
    next_until: datetime | None  # then a pull-back is out of time, though nobody wrote anything

    @property
    def is_out_of_time(self) -> bool:
        return self.next_until is not None and self.next_until <= clock.now()


_kept: OrderedDict[Key, Kept] = OrderedDict()
_lock = threading.Lock()
_making = threading.Lock()


def kept(key: Key) -> Kept | None:
    with _lock:
        return _kept.get(key)


def at_version(key: Key, version: Version, read: Read, drawn: Draw) -> Kept:
    """The board as of this version: kept, or made by one thread for all that ask for it."""
    found = kept(key)
    if found is not None and found.version == version:
        return found
    with _making:
        found = kept(key)
        if found is None or found.version != version:
            found = _made(key, version, found, read, drawn)
    return found


def _made(key: Key, version: Version, former: Kept | None, read: Read, drawn: Draw) -> Kept:
    """Read after the version: what is written in between makes the next look read once more."""
    there = read()
    mark = hashlib.sha256(repr((there, key[2])).encode()).hexdigest()[:24]
    html = former.html if former is not None and former.mark == mark else drawn(there)
    found = Kept(version, mark, html, there.next_until)
    with _lock:
        _kept[key] = found
        _kept.move_to_end(key)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found
