"""The demo's place to pay: `manage.py run` starts it with the desk, on the same book and secret each time."""

from __future__ import annotations

import http.client
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from setup_steps.place import BOOK, SECRET, SECRET_FILE, URL, place_command, with_place
from setup_steps.supervise import Family, Signals
from tests.fake_place import eventually

pytestmark = pytest.mark.enable_socket
BASE = "http://127.0.0.1:1"


def asked(url: str, secret: str, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", int(url.rpartition(":")[2]), timeout=5)
    try:
        connection.request(method, path, json.dumps(body), {"Authorization": f"Bearer {secret}"})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def is_up(url: str) -> bool:
    try:
        return asked(url, "", "GET", "/healthz")[0] == 200
    except OSError:
        return False


def test_only_the_demo_has_it_and_a_place_that_somebody_named_stays(tmp_path: Path) -> None:
    env = {"SHOPDESK_DATA": str(tmp_path / "data")}
    assert with_place(env, demo=False) == env
    assert place_command(env, BASE) is None
    named = {**env, URL: "http://127.0.0.1:8100"}
    assert with_place(named, demo=True) == named
    assert place_command(named, BASE) is None


def test_the_next_start_has_the_same_secret_and_port_which_others_cannot_read(tmp_path: Path) -> None:
    first = with_place({"SHOPDESK_DATA": str(tmp_path)}, demo=True)
    assert with_place({"SHOPDESK_DATA": str(tmp_path)}, demo=True) == first
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600
    assert first[SECRET] not in " ".join(place_command(first, BASE) or [])


def test_it_lives_and_ends_with_the_desk_and_does_as_the_command_says(app, tmp_path, monkeypatch) -> None:
    env = with_place({**os.environ, "SHOPDESK_DATA": str(tmp_path)}, demo=True)
    family, runner = Family(cwd=tmp_path, env=env, stop_seconds=5), app.test_cli_runner()
    monkeypatch.setitem(app.config, "DATA", tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    family.start("place", place_command(env, BASE, sys.executable) or [])
    try:
        eventually(lambda: is_up(env[URL]), 20)
        paying = {"number": "R1", "amount_minor": 500, "currency": "CNY"}
        done = runner.invoke(args=["shopdesk", "fake-place", "mode", "error_before", "--next", "1"])
        assert (done.exit_code, "error_before" in done.output) == (0, True)
        statuses = [asked(env[URL], env[SECRET], "POST", "/refunds", paying)[0] for _ in range(2)]
        assert statuses == [503, 200]
        assert (tmp_path / BOOK).read_text().count('"kind": "refund"') == 1
        assert runner.invoke(args=["shopdesk", "fake-place", "mode", "sideways"]).exit_code == 2
    finally:
        assert family.stop(Signals())
        family.members["place"].stdin.close()
    assert family.members["place"].returncode == 0
    gone = runner.invoke(args=["shopdesk", "fake-place", "mode", "ok"])
    assert (gone.exit_code, "does not answer" in gone.stderr) == (1, True)


def test_where_none_runs_the_command_says_so(app, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(app.config, "DATA", tmp_path)
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    refused = app.test_cli_runner().invoke(args=["shopdesk", "fake-place", "mode", "ok"])
    assert (refused.exit_code, "No place to pay runs here" in refused.stderr) == (2, True)
