"""Web and worker end together: by a signal to manage.py, or when one of them dies."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from setup_steps.paths import ROOT
from setup_steps.supervise import Family, Signals

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

# A member that says it is up, and on SIGTERM leaves a note and ends.
MEMBER = """
import pathlib, signal, sys, time
note = pathlib.Path(sys.argv[1])
if "SHOPDESK_HELD=1" in sys.argv:
    sys.stdin.readline()
signal.signal(signal.SIGTERM, lambda *_: (note.write_text("told"), sys.exit(0)))
note.write_text("up")
while True:
    time.sleep(0.01)  # pause() would sleep through a signal that came just before it
"""
DEAF = MEMBER.replace('(note.write_text("told"), sys.exit(0))', "None")

# manage.py's serve with two such members in the place of web and worker.
SERVE = f"""
import os, signal, sys
from setup_steps import serve
from setup_steps.paths import ROOT
from setup_steps.supervise import Family, Signals
member = [sys.executable, "-S", "-c", {MEMBER!r}]
serve.web_command = lambda host, port: [*member, sys.argv[1] + "/web"]
serve.shopdesk_command = lambda name: [*member, sys.argv[1] + "/" + name]
serve.HealthCheck.passes = lambda self: os.path.exists(sys.argv[1] + "/web")
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests under nohup hands it on ignored
signals = Signals()
signals.install()
signals.only_count()
family = Family(cwd=ROOT, env=os.environ)
serve.start_web(family, "127.0.0.1", 8000)
sys.exit(serve.serve(family, signals, host="127.0.0.1", port=8000))
"""


def wait_for(note: Path, text: str) -> None:
    deadline = time.monotonic() + 30
    while not (note.exists() and note.read_text() == text):
        assert time.monotonic() < deadline, f"{note.name} never said {text}"
        time.sleep(0.02)


@pytest.fixture
def family(tmp_path: Path) -> Iterator[Family]:
    members = Family(cwd=tmp_path, env=os.environ, stop_seconds=0.3)
    yield members
    for child in members.members.values():
        child.kill()
        child.communicate()


def start(family: Family, name: str, code: str) -> None:
    note = family.cwd / name
    family.start(name, [sys.executable, "-S", "-c", code, str(note)])
    wait_for(note, "up")


@pytest.fixture
def served(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SERVE, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(tmp_path / "web", "up")
        wait_for(tmp_path / "worker", "up")
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_is_handed_to_both_and_both_are_waited_for(
    served: subprocess.Popen[str], tmp_path: Path, number: signal.Signals
) -> None:
    assert "ready: http://127.0.0.1:8000" in served.stdout.readline()
    served.send_signal(number)
    assert served.wait(10) == 0
    assert (tmp_path / "web").read_text() == "told"
    assert (tmp_path / "worker").read_text() == "told"


@pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel's parent-death signal")
def test_a_killed_manage_leaves_no_process_behind(served: subprocess.Popen[str], tmp_path: Path) -> None:
    served.kill()
    wait_for(tmp_path / "web", "told")
    wait_for(tmp_path / "worker", "told")


GUNICORN = """
import os, runpy, sys
os.environ["SHOPDESK_HELD"] = "1"
runpy.run_path("gunicorn.conf.py")["on_starting"](None)
print("serves")
"""


@pytest.mark.parametrize(("said", "printed", "code"), [(b"\n", b"serves\n", 0), (b"", b"", 1)])
def test_a_held_server_begins_at_the_word_and_not_when_manage_is_gone(said: bytes, printed: bytes, code: int) -> None:
    ended = subprocess.run([sys.executable, "-S", "-c", GUNICORN], input=said, stdout=subprocess.PIPE, cwd=ROOT)
    assert (ended.stdout, ended.returncode) == (printed, code)


def test_when_one_dies_the_other_is_stopped(family: Family) -> None:
    signals = Signals()
    start(family, "worker", MEMBER)
    start(family, "web", MEMBER)
    family.members["web"].kill()
    assert family.watch(signals, is_ready=lambda: False, on_ready=lambda: None) == "web"
    assert family.stop(signals) is True
    assert (family.cwd / "worker").read_text() == "told"


def test_one_that_does_not_end_in_time_is_killed(family: Family) -> None:
    start(family, "worker", MEMBER)
    start(family, "web", DEAF)
    assert family.stop(Signals()) is False
    assert family.members["web"].returncode == -signal.SIGKILL
    assert family.members["worker"].returncode == 0


def test_readiness_is_told_once_and_a_signal_ends_the_watch(family: Family) -> None:
    signals = Signals()
    signals.only_count()
    start(family, "web", MEMBER)
    told: list[str] = []
    answers = iter([False, True])

    def on_ready() -> None:
        told.append("ready")
        signals._handle(signal.SIGTERM, None)

    assert family.watch(signals, is_ready=lambda: next(answers), on_ready=on_ready) is None
    assert told == ["ready"]
