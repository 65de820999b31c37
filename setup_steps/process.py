"""Running one foreground program during set-up."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from setup_steps.paths import ROOT

STOP_SECONDS = 15


def say(text: str) -> None:
    """Tell the person what is going on, on stderr: stdout belongs to the command."""
    print(text, file=sys.stderr, flush=True)


def call(command: Sequence[str | Path], *, env: Mapping[str, str] | None = None) -> int:
    """Run to the end in the project's directory, output straight to ours, and return the exit code."""
    return _wait(command, env=env, output=None)


def call_quietly(
    command: Sequence[str | Path], *, env: Mapping[str, str] | None = None, seconds: float | None = None
) -> int:
    """The same, but the output is shown (on stderr) only when the program fails.

    Raises subprocess.TimeoutExpired, with the program ended, when it takes longer than `seconds`.
    """
    with tempfile.TemporaryFile() as output:
        code = _wait(command, env=env, output=output, seconds=seconds)
        if code != 0:
            output.seek(0)
            say(output.read().decode(errors="replace").rstrip())
        return code


@contextlib.contextmanager
def beside(command: Sequence[str | Path]) -> Iterator[None]:
    """Run the program while the block runs and end it with the block; nobody asks how far it came."""
    quiet = subprocess.DEVNULL
    child = subprocess.Popen([str(part) for part in command], cwd=ROOT, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        stop(child, seconds=1)


def _wait(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None,
    output: IO[bytes] | None,
    seconds: float | None = None,
) -> int:
    child = subprocess.Popen(
        [str(part) for part in command],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:  # it hangs, and may not hear a friendly word either
        stop(child, seconds=1)
        raise
    except BaseException:  # we are told to stop: the program is told first
        stop(child)
        raise


def stop(child: subprocess.Popen[bytes], *, seconds: float = STOP_SECONDS) -> None:
    """Ask the program to end, wait, then kill it."""
    child.terminate()
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
