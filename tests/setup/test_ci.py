"""The script that checks a fresh machine asks for what is missing, and for nothing else."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from setup_steps.browser import NAMES
from setup_steps.paths import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A copy of the script, and a folder of programs that note how they are called."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("dirname", "env", "id"):
        (programs / name).symlink_to(str(shutil.which(name)))
    put(programs, "find", "echo NotoSansCJK.ttc")
    for name in ("apt-get", "sudo", "python3"):
        put(programs, name, f'echo "{name} $*" >> "{tmp_path}/called"')
    return tmp_path


def put(programs: Path, name: str, does: str) -> None:
    (programs / name).write_text(f"#!{shutil.which('sh')}\n{does}\n")
    (programs / name).chmod(0o755)


def run(machine: Path) -> str:
    """Run without any variable but PATH; what was called."""
    bash = str(shutil.which("bash"))
    subprocess.run([bash, ".ci/run"], cwd=machine, env={"PATH": str(machine / "bin")}, check=True)
    return (machine / "called").read_text()


@pytest.mark.parametrize("browser", NAMES)
def test_any_browser_that_the_tests_can_use_is_enough_also_where_home_is_unset(machine: Path, browser: str) -> None:
    put(machine / "bin", browser, "true")
    called = run(machine)
    assert "apt-get" not in called
    assert called.endswith("python3 manage.py check\npython3 manage.py test\n")


def test_a_missing_browser_is_installed(machine: Path) -> None:
    assert "chromium" in run(machine)
