"""The desk does not start with settings that would be unsafe, nor on a database that loses what it acknowledged."""

import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from setup_steps.paths import ROOT
from shopdesk import create_app
from shopdesk.core.db import db
from shopdesk.core.secrets import secret_key
from shopdesk.web import selfcheck
from tests import engines
from tests.shorter import some


def start(folder, **settings):
    return create_app({"ENV": "test", "DATA": folder, "SECRET_KEY": engines.SECRET, "LOG_LEVEL": "ERROR", **settings})


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"LOOPBACK": "0"}, "TRUSTED_HOSTS"),
        ({"WTF_CSRF_ENABLED": False}, "token"),
        ({"HUEY_URL": "amqp://queue"}, "redis://"),
        ({"HUEY_URL": "redis://127.0.0.1:1/0"}, "package redis"),
        ({"DEBUG": True, "LOOPBACK": "0", "TRUSTED_HOSTS": "desk.example"}, "debugger"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unsafe_setting_keeps_the_desk_from_starting(tmp_path, settings, word):
    with pytest.raises(RuntimeError, match=word):
        start(tmp_path, **settings)


@pytest.mark.parametrize("settings", [{"SIGN_IN_TRIES": "many"}, {"SESSION_MAX_HOURS": "-1"}, {"LOG_LEVEL": "LOUD"}])
def test_a_setting_that_is_not_of_its_unit_is_named_at_the_start(tmp_path, settings):
    with pytest.raises((ValueError, KeyError)):
        start(tmp_path, **settings)


def test_a_queue_in_redis_passes_where_its_package_is_installed(monkeypatch):
    monkeypatch.setattr(selfcheck.importlib.util, "find_spec", lambda name: name)
    selfcheck.check_queue("redis://127.0.0.1:1/0")


def test_safe_settings_start(tmp_path):
    assert start(tmp_path)
    assert start(tmp_path, LOOPBACK="0", TRUSTED_HOSTS="desk.example")


def test_a_key_is_made_once_for_all_processes_and_only_we_can_read_it(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(secret_key, [tmp_path / "data"] * 8))
    assert len(keys) == 1
    assert len(keys.pop()) >= 32
    assert stat.S_IMODE((tmp_path / "data" / "secret_key").stat().st_mode) == 0o600
    assert [p.name for p in (tmp_path / "data").iterdir()] == ["secret_key"]


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_the_databases_of_the_desk_pass(durable):
    selfcheck.check_database()


@pytest.mark.both_engines
@pytest.mark.postgres_in_ci
def test_a_database_that_forgets_at_a_power_cut_is_refused(app, engine):
    setting = "PRAGMA synchronous = OFF" if engine == "sqlite" else "SET synchronous_commit = off"
    with db.engine.connect() as connection:
        if engine == "sqlite":
            connection.rollback()
            connection.connection.cursor().execute(setting)
        else:
            connection.exec_driver_sql(setting)
        with pytest.raises(RuntimeError, match="synchronous"):
            selfcheck.check_connection(connection)
        connection.invalidate()


@pytest.fixture
def forgetful(app, monkeypatch):
    """The environment of a process on a PostgreSQL that acknowledges before it has written."""
    url = db.engine.url.update_query_dict({"options": "-c synchronous_commit=off"})
    return {
        **os.environ,
        "SHOPDESK_DATA": str(app.config["DATA"]),
        "SHOPDESK_DATABASE_URL": url.render_as_string(hide_password=False),
        "SHOPDESK_SECRET_KEY": engines.SECRET,
    }


SERVER = ["gunicorn", "-c", "gunicorn.conf.py", "-b", "127.0.0.1:0", "wsgi:app"]
WORKER = ["flask", "--app", "wsgi", "shopdesk", "worker"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
@pytest.mark.parametrize("command", some([SERVER, WORKER], of=2), ids=lambda words: words[0])
def test_neither_server_nor_worker_begins_on_a_database_that_forgets(forgetful, command):
    line = [sys.executable, "-m", *command]
    done = subprocess.run(line, env=forgetful, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    assert "synchronous_commit = on" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_does_not_answer_or_is_not_there_is_said_and_not_made(tmp_path):
    with pytest.raises(RuntimeError, match="prepare"):
        selfcheck.check_at_start(start(tmp_path))
    assert not (tmp_path / "shopdesk.db").exists()
    nobody = start(tmp_path, DATABASE_URL=f"postgresql:///desk?host={tmp_path}")
    with pytest.raises(RuntimeError, match="does not answer"):
        selfcheck.check_at_start(nobody)


@pytest.mark.parametrize("pragma", ["foreign_keys", "journal_mode"])
def test_each_pragma_is_looked_at(app, monkeypatch, pragma):
    monkeypatch.setitem(selfcheck.PRAGMAS, pragma, "something else")
    with pytest.raises(RuntimeError, match=pragma):
        selfcheck.check_database()
