"""The static files compressed beside themselves; the web server hands out whichever the browser takes."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from setup_steps.paths import ROOT
from setup_steps.stamps import Stamps, digest

STATIC = ROOT / "shopdesk" / "static"
SUFFIXES = {".css", ".js", ".svg"}


def ensure_compressed(stamps: Stamps) -> None:
    """Bring the compressed files up to date; call it when the front-end files are there."""
    files = compressible(STATIC)
    outputs = [_beside(path) for path in files]
    stamps.ensure("compressed", digest([*files, Path(__file__)]), lambda: compress(files), outputs)


def compressible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in SUFFIXES)


def compress(files: list[Path]) -> None:
    """Write FILE.gz beside each file, whole or not at all."""
    for path in files:
        aside = path.with_name(f"{path.name}.{os.getpid()}.part")
        aside.write_bytes(gzip.compress(path.read_bytes(), 9, mtime=0))
        aside.replace(_beside(path))


def _beside(path: Path) -> Path:
    return path.with_name(path.name + ".gz")
