"""The demo shop's place to pay: a process that pays nobody and keeps its own book (docs/places.md)."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from setup_steps.listen import HERE
from setup_steps.paths import ROOT, VENV_PYTHON

URL, SECRET = "SHOPDESK_FAKE_PLACE_URL", "SHOPDESK_FAKE_PLACE_SECRET"
#: In the data directory: `cli fake-place mode` finds the place by the first two.
URL_FILE, SECRET_FILE, BOOK = "fake-place.url", "fake-place.secret", "fake-place.jsonl"
ALONE = ROOT / "shopdesk" / "connectors" / "fake_place" / "alone.py"


def with_place(env: Mapping[str, str], *, demo: bool) -> dict[str, str]:
    """The environment in which the desk knows the demo's place; as it was where there is no demo, or another place."""
    if not demo or env.get(URL):
        return dict(env)
    data = Path(env["SHOPDESK_DATA"])
    data.mkdir(parents=True, exist_ok=True)
    url = f"http://{HERE}:{_port(data)}"
    (data / URL_FILE).write_text(f"{url}\n", encoding="ascii")
    return {**env, URL: url, SECRET: env.get(SECRET) or _secret(data / SECRET_FILE)}


def place_command(env: Mapping[str, str], base_url: str, python: str = str(VENV_PYTHON)) -> Sequence[str] | None:
    """How to start it; None where it is not ours.  It imports nothing of the desk, so it is there in a moment."""
    if not env.get(URL):
        return None
    data = Path(env["SHOPDESK_DATA"])
    named = data / URL_FILE
    if not named.exists() or named.read_text(encoding="ascii").strip() != env[URL]:
        return None
    port = env[URL].rpartition(":")[2]
    return [python, str(ALONE), "--file", str(data / BOOK), "--port", port, "--quiet", "--hook-url",
            f"{base_url}/hooks/fake"]  # fmt: skip


def _port(data: Path) -> int:
    """The one of the last time where it is free, else another."""
    with suppress(OSError, ValueError):
        port = int((data / URL_FILE).read_text(encoding="ascii").strip().rpartition(":")[2])
        return _free(port)
    return _free(0)


def _free(port: int) -> int:
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HERE, port))
        return int(probe.getsockname()[1])


def _secret(path: Path) -> str:
    with suppress(FileExistsError):
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text(encoding="ascii").strip()
