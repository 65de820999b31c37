"""The virtual environment and the locked Python packages in it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from setup_steps.paths import ROOT, VENV, VENV_PYTHON, SetupError
from setup_steps.process import call_quietly, say
from setup_steps.stamps import Stamps, digest

RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
#: The lock files are whole, and Python compiles what it imports: a third of the time.
QUICK = ("--no-deps", "--no-compile")


def ensure_packages(stamps: Stamps, *, development: bool) -> None:
    """Make `.venv` and install the locked set, each only when needed."""
    _ensure_venv()
    runtime_hash = digest([RUNTIME], extra=_venv_version())
    development_hash = digest([RUNTIME, DEVELOPMENT], extra=_venv_version())
    if development:
        if stamps.ensure("packages-dev", development_hash, lambda: _install(DEVELOPMENT)):
            stamps.mark("packages", runtime_hash)  # the development set contains the runtime set at the same versions
        return
    stamps.ensure("packages", runtime_hash, lambda: _install(RUNTIME))


def _ensure_venv() -> None:
    # `exists` follows the link: an interpreter that was upgraded away counts as missing.
    if VENV_PYTHON.exists() and (VENV / "pyvenv.cfg").is_file():
        return
    if importlib.util.find_spec("ensurepip") is None:
        raise SetupError(
            f"{sys.executable} has no ensurepip, so no virtual environment can be made: "
            "install it first (on Debian: apt-get install python3-venv).",
            exit_code=2,
        )
    say("Making .venv …")
    _empty_venv()
    if call_quietly([sys.executable, "-m", "venv", VENV]) != 0:
        (VENV / "pyvenv.cfg").unlink(missing_ok=True)
        raise SetupError("The virtual environment .venv could not be made; the lines above say why.", exit_code=2)


def _empty_venv() -> None:
    """Remove what a broken or half-made environment left, but not the lock that this process holds."""
    for path in VENV.iterdir() if VENV.is_dir() else ():
        if path.name == "setup.lock":
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _venv_version() -> str:
    """Python's version line of the environment: another interpreter means another installation."""
    for line in (VENV / "pyvenv.cfg").read_text(encoding="utf-8").splitlines():
        if line.startswith("version"):
            return ".".join(line.split("=")[1].strip().split(".")[:2])
    return ""


def _install(requirements: Path) -> None:
    say(f"Installing {requirements.name} …")
    pip = [str(VENV_PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input", "-q"]
    _ensure_pip()
    code = call_quietly([*pip, "install", *QUICK, "--require-hashes", "-r", str(requirements)])
    if code != 0:
        raise SetupError(f"pip could not install {requirements.name}; the lines above say why.")


def _ensure_pip() -> None:
    """An environment made by another tool may have no pip."""
    if call_quietly([VENV_PYTHON, "-c", "import importlib.util as u, sys; sys.exit(u.find_spec('pip') is None)"]) == 0:
        return
    if call_quietly([VENV_PYTHON, "-m", "ensurepip", "--default-pip"]) != 0:
        raise SetupError(
            "The environment .venv has no pip and no ensurepip: install it (on Debian: apt-get install python3-venv).",
            exit_code=2,
        )
