"""What the application's processes find in their environment."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from setup_steps.paths import ROOT, VENV_PYTHON


def child_environment(outer: Mapping[str, str], *, data: str | None, database_url: str | None) -> dict[str, str]:
    """The environment of web, worker and commands: an option beats the variable, which beats the default.

    The data directory is made absolute (seen from where the person stands), the default is `var/` beside manage.py.
    The database address travels here and never on a command line, where other users could read its password.
    """
    env = without_recompiling(outer)
    folder = data or outer.get("SHOPDESK_DATA") or str(ROOT / "var")
    env["SHOPDESK_DATA"] = str(Path(folder).expanduser().absolute())
    if database_url:
        env["SHOPDESK_DATABASE_URL"] = database_url
    env["PYTHONUNBUFFERED"] = "1"
    return env


def without_recompiling(outer: Mapping[str, str]) -> dict[str, str]:
    """A copy in which Python may keep what it compiled: else each process compiles the whole application again."""
    return {name: value for name, value in outer.items() if name != "PYTHONDONTWRITEBYTECODE"}


def shopdesk_command(*arguments: str) -> list[str]:
    """The command line of `flask shopdesk …`; the absolute path lets it run in the person's own directory."""
    return [str(VENV_PYTHON), "-m", "flask", "--app", str(ROOT / "wsgi.py"), "shopdesk", *arguments]


def become(command: Sequence[str], env: Mapping[str, str]) -> NoReturn:
    """Turn into the command: its output, exit code and signals are its own."""
    if os.name == "nt":
        sys.exit(subprocess.call(list(command), env=dict(env)))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command[0], list(command), dict(env))
