"""Skip a step whose inputs have not changed since it last succeeded."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO


def digest(files: Iterable[Path], *, extra: str = "") -> str:
    """Hash names and contents of the files that exist, and `extra` (a version, a setting)."""
    total = hashlib.sha256(extra.encode())
    for path in sorted(files):
        if path.is_file():
            total.update(f"\0{path.name}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


class Stamps:
    """One small file per step in `folder`, holding the hash of the inputs of its last success."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def is_current(self, step: str, inputs_hash: str, outputs: Iterable[Path] = ()) -> bool:
        """Say whether the step succeeded with these inputs and everything it made is still there."""
        try:
            seen = self._file(step).read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return False
        return seen == inputs_hash and all(path.exists() for path in outputs)

    def ensure(self, step: str, inputs_hash: str, action: Callable[[], None], outputs: Iterable[Path] = ()) -> bool:
        """Run the action unless it is current; return whether it ran.  A failing action leaves no stamp."""
        outputs = list(outputs)
        if self.is_current(step, inputs_hash, outputs):
            return False
        self.forget(step)
        action()
        self.mark(step, inputs_hash)
        return True

    def mark(self, step: str, inputs_hash: str) -> None:
        """Remember the success.  Written aside and moved, so that a kill never leaves half a stamp."""
        self.folder.mkdir(parents=True, exist_ok=True)
        aside = self._file(step).with_suffix(f".{os.getpid()}")
        aside.write_text(inputs_hash, encoding="ascii")
        aside.replace(self._file(step))

    def forget(self, step: str) -> None:
        """Make the step run next time."""
        self._file(step).unlink(missing_ok=True)

    def _file(self, step: str) -> Path:
        return self.folder / f"{step}.stamp"


@contextlib.contextmanager
def only_one(path: Path, *, on_wait: Callable[[], None]) -> Iterator[None]:
    """Hold the lock file while the steps run; a second manage.py waits for the first (`on_wait` tells the person)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as handle:
        if not _try_lock(handle):
            on_wait()
            _lock(handle)
        yield


def _try_lock(handle: IO[bytes]) -> bool:
    if os.name == "nt":
        return True  # a second set-up at the same moment is not guarded there
    import fcntl

    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock(handle: IO[bytes]) -> None:
    if os.name == "nt":
        return
    import fcntl

    fcntl.flock(handle, fcntl.LOCK_EX)
