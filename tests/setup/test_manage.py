"""The commands of manage.py: what they accept, and what they hand on."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

import manage
from setup_steps import packages
from setup_steps.environment import child_environment, shopdesk_command
from setup_steps.listen import answering, check_network, check_port
from setup_steps.lock import refuse_addresses
from setup_steps.paths import ROOT, SetupError
from setup_steps.serve import address, web_command
from tests import engines

DATA_OPTIONS = ("--data", "--database-url")


def test_run_serves_the_demo_on_this_machine_unless_told_otherwise() -> None:
    options = manage.run_parser().parse_args([])
    assert (options.host, options.port, options.demo) == ("127.0.0.1", 8000, True)
    assert (options.data, options.database_url) == (None, None)


def test_run_takes_port_data_database_and_no_demo() -> None:
    line = ["--port", "8123", "--data", "d", "--database-url", "postgresql://db/desk", "--no-demo"]
    options = manage.run_parser().parse_args(line)
    assert (options.port, options.data, options.database_url) == (8123, "d", "postgresql://db/desk")
    assert options.demo is False


@pytest.mark.parametrize("line", [["--port", "0"], ["--port", "65536"], ["--port", "x"], ["--dat", "d"], ["extra"]])
def test_run_refuses_what_it_does_not_know(line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        manage.run_parser().parse_args(line)
    assert stopped.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "own", "rest"),
    [
        ([], [], []),
        (["staff", "add", "Li"], [], ["staff", "add", "Li"]),
        (["--data", "d", "import", "a.csv"], ["--data", "d"], ["import", "a.csv"]),
        (["--data=d", "--database-url=u", "x"], ["--data=d", "--database-url=u"], ["x"]),
        (["import", "--data", "d"], [], ["import", "--data", "d"]),
        (["--help"], [], ["--help"]),
        (["--data"], ["--data"], []),
    ],
)
def test_cli_takes_the_data_options_before_the_subcommand_and_hands_on_the_rest(
    line: list[str], own: list[str], rest: list[str]
) -> None:
    assert manage.split_leading_options(line, DATA_OPTIONS) == (own, rest)


def test_cli_becomes_the_command_in_the_environment_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, object] = {}
    monkeypatch.setattr(manage, "set_up", lambda **_: None)
    monkeypatch.setattr(manage, "become", lambda command, env: seen.update(command=command, env=env))
    manage.cli(["--data", str(tmp_path), "import", "--data", "other"])
    assert seen["command"] == shopdesk_command("import", "--data", "other")
    assert seen["env"]["SHOPDESK_DATA"] == str(tmp_path)


def test_an_option_beats_the_variable_and_the_variable_beats_the_default() -> None:
    outer = {"SHOPDESK_DATA": "/srv/a", "SHOPDESK_DATABASE_URL": "postgresql://a/a"}
    chosen = child_environment(outer, data="/srv/b", database_url="postgresql://b/b")
    assert (chosen["SHOPDESK_DATA"], chosen["SHOPDESK_DATABASE_URL"]) == ("/srv/b", "postgresql://b/b")
    kept = child_environment(outer, data=None, database_url=None)
    assert (kept["SHOPDESK_DATA"], kept["SHOPDESK_DATABASE_URL"]) == ("/srv/a", "postgresql://a/a")
    default = child_environment({}, data=None, database_url=None)
    assert default["SHOPDESK_DATA"] == str(ROOT / "var")
    assert "SHOPDESK_DATABASE_URL" not in default


def test_a_relative_data_directory_is_seen_from_where_the_person_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert child_environment({}, data="desk", database_url=None)["SHOPDESK_DATA"] == str(tmp_path / "desk")


def test_the_address_printed_can_be_opened() -> None:
    assert address("127.0.0.1", 8000) == "http://127.0.0.1:8000"
    assert address("0.0.0.0", 80) == "http://127.0.0.1:80"
    assert address("192.168.1.5", 8000) == "http://192.168.1.5:8000"
    assert "192.168.1.5:8000" in web_command("192.168.1.5", 8000)


@pytest.mark.parametrize(
    ("host", "named"), [("127.0.0.1", ""), ("127.0.0.2", ""), ("192.168.1.5", ""), ("0.0.0.0", "desk.local")]
)
def test_the_desk_answers_at_the_address_it_is_served_at(
    host: str, named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = answering(host, {"SHOPDESK_TRUSTED_HOSTS": named} if named else {})
    monkeypatch.setenv("SHOPDESK_TRUSTED_HOSTS", env.get("SHOPDESK_TRUSTED_HOSTS", ""))
    client = engines.make_app(tmp_path, "").test_client()
    assert client.get("/healthz", base_url=address(host, 8000)).status_code == 200
    assert client.get("/healthz", base_url=f"http://{named or host}:8000").status_code == 200
    assert client.get("/healthz", base_url="http://evil.test:8000").status_code == 400


@pytest.mark.parametrize("host", ["192.168.1.5", "0.0.0.0"])
def test_the_demo_with_its_public_passwords_is_not_served_on_a_network(host: str) -> None:
    named = {"SHOPDESK_TRUSTED_HOSTS": "desk.local"}
    with pytest.raises(SetupError, match="--no-demo") as refused:
        check_network(host, named, demo=True)
    assert refused.value.exit_code == 2
    check_network(host, named, demo=False)
    check_network("127.0.0.1", {}, demo=True)


def test_listening_everywhere_needs_the_names_that_people_type() -> None:
    with pytest.raises(SetupError, match="SHOPDESK_TRUSTED_HOSTS"):
        check_network("0.0.0.0", {}, demo=False)


@pytest.mark.parametrize("host", ["::1", "::", "[::1]", "fe80::1"])
def test_an_ipv6_address_is_refused_in_a_sentence(host: str) -> None:
    with pytest.raises(SetupError, match="IPv6") as refused:
        check_port(host, 8000)
    assert refused.value.exit_code == 2


@pytest.mark.enable_socket
def test_a_taken_port_is_said_at_once() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SetupError, match=f"127.0.0.1:{port}") as refused:
            check_port("127.0.0.1", port)
    assert refused.value.exit_code == 2


def test_a_python_without_ensurepip_is_said_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(packages, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(packages, "VENV_PYTHON", tmp_path / ".venv/bin/python")
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(manage, "VENV", tmp_path / ".venv")
    assert manage.main(["cli", "staff"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "python3-venv" in printed.err
    assert printed.err.count("\n") == 1


def test_a_half_made_environment_is_emptied_but_the_held_lock_stays(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "lib/python3.11").mkdir(parents=True)
    (tmp_path / "pyvenv.cfg").write_text("")
    (tmp_path / "lib64").symlink_to("lib")
    (tmp_path / "setup.lock").write_text("")
    monkeypatch.setattr(packages, "VENV", tmp_path)
    packages._empty_venv()
    assert [path.name for path in tmp_path.iterdir()] == ["setup.lock"]


@pytest.mark.parametrize(("line", "code"), [([], 2), (["--help"], 0), (["nonsense"], 2)])
def test_the_usage_names_every_command(line: list[str], code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.main(line) == code
    printed = capsys.readouterr()
    for command in ("run", "test", "check", "bench", "cli", "lock"):
        assert f"\n  {command} " in printed.out + printed.err


def test_check_runs_every_checker_also_after_a_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def fail(command: list[object]) -> int:
        seen.append(str(command[2]))
        return 1 if command[2] == "ruff" else 0

    monkeypatch.setattr(manage, "set_up", lambda **_: None)
    monkeypatch.setattr(manage, "call", fail)
    assert manage.main(["check"]) == 1
    assert seen[:3] == ["ruff", "ruff", "mypy"]
    assert "Failed: ruff format --check, ruff check" in capsys.readouterr().err


def test_tests_run_on_two_processes_unless_arguments_say_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[list[object]] = []
    monkeypatch.setattr(manage, "set_up", lambda **_: None)
    monkeypatch.setattr(manage, "call", lambda command, **_: seen.append(command[3:]) or 5)
    assert manage.main(["test"]) == 5
    assert manage.main(["test", "tests/setup", "-x"]) == 5
    assert seen == [["-n", "2", "--dist", "worksteal"], ["tests/setup", "-x"]]


def test_manage_needs_the_standard_library_alone() -> None:
    code = "import sys, manage; print(*{m.split('.')[0] for m in sys.modules} - sys.stdlib_module_names)"
    # -S: no site-packages at all.
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"manage", "setup_steps", "__main__"}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_locked_requirements_name_no_registry(name: str) -> None:
    refuse_addresses(ROOT / name)


def test_a_registry_in_a_lock_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("--index-url https://registry.example/simple\nflask==3.1\n")
    with pytest.raises(SetupError, match="line 1"):
        refuse_addresses(path)
