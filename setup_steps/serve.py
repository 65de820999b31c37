"""`manage.py run` after the set-up: prepare the data, then web and worker until told to stop."""

from __future__ import annotations

import os
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from setup_steps.environment import shopdesk_command
from setup_steps.listen import EVERYWHERE, HERE
from setup_steps.paths import ROOT, VENV_PYTHON, SetupError
from setup_steps.place import place_command
from setup_steps.process import call, say
from setup_steps.supervise import Family, Signals

READY_SECONDS = 60
ADDRESS_FILE = "address"  # in the data directory: where the desk was last served; one-time links begin with it


def prepare(env: Mapping[str, str], *, demo: bool, base_url: str, network: bool = False) -> None:
    """Migrate, make the secret key, load or refresh the demo (or print the one-time link): one command does it all.

    `base_url` begins the one-time link, unless SHOPDESK_BASE_URL says how the desk is reached.  With `network` data
    that the demo's public passwords still open are refused.
    """
    arguments = ["prepare"] if demo else ["prepare", "--no-demo"]
    if network:
        arguments.append("--network")
    is_new = not (Path(env["SHOPDESK_DATA"]) / "secret_key").exists()
    say("Preparing the data (a new demo shop takes half a minute) …" if demo and is_new else "Preparing the data …")
    code = call(shopdesk_command(*arguments), env={"SHOPDESK_BASE_URL": base_url, **env})
    if code != 0:
        raise SetupError("ShopDesk could not prepare its data; the lines above say why.", exit_code=code)
    # `cli staff add` is another process, and knows the port by this alone.
    (Path(env["SHOPDESK_DATA"]) / ADDRESS_FILE).write_text(f"{base_url}\n", encoding="ascii")


def start_web(family: Family, host: str, port: int) -> None:
    """Let the server import the application while the data are prepared; `serve` lets it go (gunicorn.conf.py)."""
    if os.name != "nt":  # waitress cannot be held
        family.start("web", [*web_command(host, port), "-e", "SHOPDESK_HELD=1"])


def start_place(family: Family, host: str, port: int) -> None:
    """The demo's place to pay, where there is one."""
    command = place_command(family.env, address(host, port))
    if command:
        family.start("place", command)


def serve(family: Family, signals: Signals, *, host: str, port: int) -> int:
    """Run web and worker until a signal or the end of one of them; return the exit code.

    0: told to stop, and both ended by themselves. 1: one ended alone, or had to be killed.
    """
    if os.name == "nt":
        family.start("web", web_command(host, port))
    else:
        family.tell("web", b"\n")
    start_place(family, host, port)
    family.start("worker", shopdesk_command("worker"))
    say(f"Starting on {address(host, port)} …")
    ended = family.watch(signals, is_ready=HealthCheck(host, port).passes, on_ready=lambda: _say_ready(host, port))
    code = family.members[ended].returncode if ended else 0
    say(f"The {ended} process ended with exit code {code}; stopping the rest." if ended else "Stopping …")
    clean = family.stop(signals)
    if not clean:
        say("A process did not end in time and was killed.")
    return 1 if ended or not clean else 0


def web_command(host: str, port: int) -> list[str]:
    """gunicorn where it exists, waitress elsewhere."""
    listen = f"{host}:{port}"
    if os.name == "nt":
        return [str(VENV_PYTHON), "-m", "waitress", f"--listen={listen}", "--threads=8", "wsgi:app"]
    config = str(ROOT / "gunicorn.conf.py")
    return [str(VENV_PYTHON), "-m", "gunicorn", "-c", config, "--log-level", "warning", "-b", listen, "wsgi:app"]


def address(host: str, port: int) -> str:
    """The address a person on this machine opens; a wildcard is reached over loopback."""
    return f"http://{HERE if host == EVERYWHERE else host}:{port}"


def _say_ready(host: str, port: int) -> None:
    print(f"ShopDesk is ready: {address(host, port)}  (Ctrl-C stops it)", flush=True)


class HealthCheck:
    """Ask /healthz until it answers; complain once when that takes long."""

    def __init__(self, host: str, port: int) -> None:
        self.url = f"{address(host, port)}/healthz"
        self.late_at = time.monotonic() + READY_SECONDS
        # A proxy named in the environment must not be asked for our own address.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def passes(self) -> bool:
        try:
            with self.opener.open(self.url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            if time.monotonic() > self.late_at:
                say(f"Still waiting for {self.url} …")
                self.late_at = time.monotonic() + READY_SECONDS
            return False
