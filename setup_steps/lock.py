"""`manage.py lock`: write the locked requirement files."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from setup_steps.paths import ROOT, VENV_PYTHON, SetupError
from setup_steps.process import call_quietly, say

_ADDRESS = re.compile(r"\w+://|--(extra-)?index-url|--find-links")


def lock(arguments: list[str]) -> None:
    """Resolve both sets, the development set at the runtime set's versions; `arguments` go to uv (`--upgrade`)."""
    uv = _uv()
    _compile(uv, "requirements", arguments)
    _compile(uv, "requirements-dev", ["-c", "requirements.txt", *arguments])


def _uv() -> list[str]:
    found = shutil.which("uv")
    if found:
        return [found]
    if call_quietly([VENV_PYTHON, "-m", "uv", "--version"]) != 0:
        say("Installing uv …")
        code = call_quietly([VENV_PYTHON, "-m", "pip", "install", "-q", "uv"])
        if code != 0:
            raise SetupError("uv, which resolves the versions, could not be installed; the lines above say why.")
    return [str(VENV_PYTHON), "-m", "uv"]


def _compile(uv: list[str], name: str, arguments: list[str]) -> None:
    options = ["--quiet", "--universal", "--generate-hashes", "--python-version", "3.11"]
    header = ["--custom-compile-command", "python3 manage.py lock"]
    output = ROOT / f"{name}.txt"
    code = call_quietly([*uv, "pip", "compile", *options, *header, f"{name}.in", "-o", output.name, *arguments])
    if code != 0:
        raise SetupError(f"{name}.txt could not be resolved; the lines above say why.")
    refuse_addresses(output)


def refuse_addresses(path: Path) -> None:
    """A lock file names versions and hashes; a registry is the installing machine's choice."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if _ADDRESS.search(line):
            raise SetupError(f"{path.name} line {number} names a registry: {line.strip()}")
