"""`prepare`, `backup` and `audit`: the data of a desk, from nothing on."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import text

from setup_steps.serve import ADDRESS_FILE
from shopdesk.cli import preparing
from shopdesk.core.db import db
from shopdesk.demo.service import people
from shopdesk.orders import queries as orders
from shopdesk.staff import queries, service
from tests import engines, make
from tests.imports.readers import reader_exports as exports

Run = Callable[..., Result]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """An app whose data folder holds nothing."""
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    app = engines.make_app(tmp_path / "data", "")
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def migrated(app: Flask, desks: dict[str, Any], empty: Flask) -> Flask:
    """The same app, whose database has its tables already: there is nothing for `prepare` to migrate."""
    empty.config["DATA"].mkdir(parents=True)
    shutil.copy(desks["sqlite"].template, empty.config["DATA"] / "shopdesk.db")
    return empty


def runner(app: Flask) -> Run:
    return lambda *words: app.test_cli_runner().invoke(args=["shopdesk", *map(str, words)])


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return runner(app)


def test_from_nothing_to_a_token_and_the_shops_orders_without_a_question(empty: Flask, tmp_path: Path) -> None:
    run = runner(empty)
    first = run("prepare", "--no-demo")
    assert first.exit_code == 0, first.output
    link = first.stdout.splitlines()[-1]
    assert link.startswith("http://127.0.0.1:8000/welcome/")

    opened = run("store", "add", "my-shop", "--platform", "taobao", "--currency", "CNY", "--zone", "Asia/Shanghai")
    assert opened.exit_code == 0
    assert "/welcome/" in run("staff", "add", "xm", "--role", "pre_sale", "--store", "my-shop").stdout
    run("staff", "add", "erp", "--role", "integration", "--store", "my-shop")
    token = run("token", "create", "--staff", "erp").stdout.strip()
    listed = tmp_path / "ExportOrderList202611011430.csv"
    listed.write_bytes(exports.order_list(exports.order()))
    done = run("import", listed, "--store", "my-shop")

    assert done.exit_code == 0, done.output
    holder = queries.token_holder(token)
    assert holder is not None
    store = queries.store_named("my-shop")
    assert store is not None
    assert store.id in holder[1].roles
    assert orders.order_by_number(exports.NUMBER, store.id) is not None
    assert service.redeem_link(link.rsplit("/", 1)[1], "a good long password").login == "admin"
    assert runner(empty)("audit", "verify").exit_code == 0


def test_a_command_before_prepare_says_what_to_do(empty: Flask) -> None:
    done = runner(empty)("staff", "list")
    assert (done.exit_code, done.stderr) == (2, "The database is not prepared yet: run `prepare` first.\n")


def test_the_first_link_is_printed_until_somebody_has_a_password(migrated: Flask) -> None:
    run = runner(migrated)
    assert "/welcome/" in run("prepare", "--no-demo").stdout
    link = run("prepare", "--no-demo").stdout.splitlines()[-1]
    service.redeem_link(link.rsplit("/", 1)[1], "a good long password")
    assert run("prepare", "--no-demo").stdout == ""


def test_the_link_begins_with_the_address_that_the_desk_is_reached_at(migrated: Flask) -> None:
    migrated.config["BASE_URL"] = "https://desk.example.com/"
    assert "\nhttps://desk.example.com/welcome/" in runner(migrated)("prepare", "--no-demo").stdout


def test_a_link_made_beside_the_running_desk_begins_with_the_address_it_was_last_served_at(migrated: Flask) -> None:
    (migrated.config["DATA"] / ADDRESS_FILE).write_text("http://127.0.0.1:8312\n", encoding="ascii")
    assert "\nhttp://127.0.0.1:8312/welcome/" in runner(migrated)("prepare", "--no-demo").stdout


@pytest.mark.usefixtures("durable")
def test_a_desk_where_somebody_works_never_gets_the_demo(run: Run) -> None:
    make.person(login="xm")
    done = run("prepare")
    assert (done.exit_code, done.stdout) == (0, "")
    assert queries.all_store_ids() == []


def test_a_desk_that_others_reach_gets_no_demo(empty: Flask) -> None:
    done = runner(empty)("prepare", "--network")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    empty.config["LOOPBACK"] = False
    done = runner(empty)("prepare")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert not (empty.config["DATA"] / "shopdesk.db").exists()


@pytest.mark.usefixtures("durable")
def test_data_that_the_demos_password_opens_are_not_served_to_others(run: Run) -> None:
    assert run("prepare", "--no-demo", "--network").exit_code == 0
    people.add_people(make.ROOT)
    done = run("prepare", "--no-demo", "--network")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert run("prepare", "--no-demo").exit_code == 0


def test_a_pending_migration_copies_the_file_first_and_keeps_three_copies(
    empty: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runner(empty)
    run("prepare", "--no-demo")
    folder = empty.config["DATA"] / preparing.COPY_FOLDER
    assert not folder.exists()  # nothing was there to copy

    monkeypatch.setattr(preparing, "upgrade", lambda: None)
    now, _, known = preparing._revisions()
    monkeypatch.setattr(preparing, "_revisions", lambda: (now, {"the-next-one"}, known))
    for _ in range(4):
        assert run("prepare", "--no-demo").exit_code == 0

    copies = sorted(folder.glob("*"))
    assert len(copies) == 3
    assert copies[0].stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copies[-1])) as copy:
        assert copy.execute("SELECT login FROM person").fetchall() == [("admin",)]


def test_a_database_of_a_newer_program_is_left_alone(empty: Flask) -> None:
    run = runner(empty)
    run("prepare", "--no-demo")
    with db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    done = run("prepare", "--no-demo")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert not (empty.config["DATA"] / preparing.COPY_FOLDER).exists()


def test_the_database_file_is_for_us_alone(empty: Flask) -> None:
    runner(empty)("prepare", "--no-demo")
    for file in empty.config["DATA"].glob("shopdesk.db*"):
        assert file.stat().st_mode & 0o777 == 0o600, file


def test_a_backup_is_a_whole_database_for_us_alone_and_overwrites_nothing(run: Run, tmp_path: Path) -> None:
    order = make.order()
    path = tmp_path / "copy.db"
    assert run("backup", path).exit_code == 0
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert copy.execute("SELECT number FROM orders").fetchall() == [(order.number,)]
    assert path.stat().st_mode & 0o777 == 0o600
    again = run("backup", path)
    assert (again.exit_code, again.stderr) == (2, f"{path} exists already.\n")
    assert run("backup", tmp_path / "no" / "folder.db").exit_code == 2


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_on_postgresql_backup_names_the_tool_that_does_it(run: Run, tmp_path: Path) -> None:
    done = run("backup", tmp_path / "copy.db")
    assert done.exit_code == 2
    assert "pg_dump" in done.stderr


@pytest.mark.both_engines
def test_a_whole_trail_verifies_and_says_how_much_was_examined(run: Run) -> None:
    make.order()
    done = run("audit", "verify")
    assert done.exit_code == 0
    assert done.stdout.strip().endswith("events examined, 0 breaks.")
    assert not done.stdout.startswith("0 ")


def test_an_edited_event_is_found_and_ends_with_1(run: Run) -> None:
    make.order()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER event_keeps_words"))
        connection.execute(text("UPDATE event SET action = 'order.forged' WHERE id = (SELECT max(id) FROM event)"))
    done = run("audit", "verify")
    assert done.exit_code == 1
    assert "edited_link" in done.stdout


def test_heads_that_left_the_machine_find_a_chain_that_was_cut_with_its_head(run: Run, tmp_path: Path) -> None:
    store = make.store()
    kept = tmp_path / "heads.json"
    kept.write_text(run("audit", "heads").stdout)
    assert run("audit", "verify", "--heads", kept).exit_code == 0
    told = json.loads(kept.read_text())
    told[str(store.id)]["hash"] = "0" * 64
    kept.write_text(json.dumps(told))
    done = run("audit", "verify", "--heads", kept)
    assert done.exit_code == 1
    assert "head_differs" in done.stdout
    kept.write_text("no heads")
    assert run("audit", "verify", "--heads", kept).exit_code == 2
