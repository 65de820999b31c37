"""`import`: every row accounted for, in the terminal's language, with an exit code a script can use."""

import os
import re
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from shopdesk.core.audit import DESK, Event
from shopdesk.core.db import db
from shopdesk.core.scope import in_store
from shopdesk.imports.models import ImportFile, ImportRun, RunState
from shopdesk.imports.service import running
from shopdesk.orders import queries as orders
from shopdesk.staff import queries
from tests import make
from tests.imports.readers import reader_exports as exports

Run = Callable[..., Result]
NEW = ("--store", "my-shop", "--create-store", "taobao,CNY,Asia/Shanghai")


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["shopdesk", "import", *map(str, words)])


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A list and its details, as a Taobao shop downloads them."""
    listed, detailed = tmp_path / "ExportOrderList202611011430.csv", tmp_path / "ExportOrderDetailList202611011430.csv"
    listed.write_bytes(exports.order_list(exports.order(), exports.order(订单编号="4.1E+18")))
    detailed.write_bytes(exports.details(exports.LINE_OLD))
    return listed, detailed


@pytest.mark.parametrize("turned", [False, True])
def test_a_list_and_its_details_in_any_order_open_the_store_and_account_for_every_row(
    run: Run, files: tuple[Path, Path], turned: bool
) -> None:
    done = run(*(reversed(files) if turned else files), *NEW)
    assert done.exit_code == 0, done.output
    assert "ExportOrderList202611011430.csv: 2 rows = 1 accepted + 1 refused + 0 duplicates" in done.stdout
    assert "ExportOrderDetailList202611011430.csv: 1 row = 1 accepted + 0 refused + 0 duplicates" in done.stdout
    assert "1 order: 1 created, 0 updated, 0 unchanged, 0 refused" in done.stdout
    assert "Refused in 1 place:\n" in done.stdout
    assert not re.search(r"[a-z]_[a-z]", done.stdout)  # words, no codes
    store = queries.store_named("my-shop")
    assert store is not None
    order = orders.order_by_number(exports.NUMBER, store.id)
    assert order is not None
    assert order.lines_complete
    assert order.as_of.isoformat() == "2026-11-01T06:30:00+00:00"


def test_the_trail_says_that_the_import_came_by_the_command_line(run: Run, files: tuple[Path, Path]) -> None:
    run(*files, *NEW)
    assert set(db.session.scalars(select(Event.channel).where(Event.chain != DESK))) == {"cli"}


def test_the_same_files_again_change_nothing_and_say_so(run: Run, files: tuple[Path, Path]) -> None:
    run(*files, *NEW)
    assert "1 order: 0 created, 0 updated, 1 unchanged, 0 refused" in run(*files, *NEW).stdout


def test_the_report_speaks_chinese_where_it_is_told_to(run: Run, files: tuple[Path, Path]) -> None:
    done = run(*files, *NEW, "--lang", "zh")
    assert done.exit_code == 0
    assert "4.1E+18" in done.stdout


@pytest.mark.parametrize(("said", "chinese"), [("zh", True), ("zh_CN.UTF-8", True), ("en", False), ("", False)])
def test_the_variable_of_the_desk_says_the_language_before_the_terminal_does(
    run: Run, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, said: str, *, chinese: bool
) -> None:
    monkeypatch.setenv("SHOPDESK_LANG", said)
    done = run(*files, *NEW)
    assert done.exit_code == 0
    assert ("1 order: 1 created" not in done.stdout) is chinese


def test_the_help_names_the_exit_codes(app: Flask) -> None:
    told = app.test_cli_runner().invoke(args=["shopdesk", "--help"]).stdout
    assert re.search(r"Exit codes: 0 .*; 1 .*; 2 ", told.replace("\n ", ""), re.DOTALL)


def test_examples_of_one_code_are_limited_and_the_rest_is_counted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "ExportOrderList202611011430.csv"
    path.write_bytes(exports.order_list(*[exports.order(订单编号="4.1E+18") for _ in range(8)]))
    done = run(path, *NEW)
    assert done.exit_code == 0
    assert done.stdout.count(", row ") == 5
    assert "… and 3 more" in done.stdout


def test_the_moment_of_export_is_given_in_the_stores_zone(run: Run, files: tuple[Path, Path]) -> None:
    run(files[0], *NEW, "--as-of", "2026-11-02 09:15")
    store = queries.store_named("my-shop")
    assert store is not None
    order = orders.order_by_number(exports.NUMBER, store.id)
    assert order is not None
    assert order.as_of.isoformat() == "2026-11-02T01:15:00+00:00"


def test_a_name_without_a_date_counts_from_the_files_own_time(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(exports.order_list(exports.order()))
    os.utime(path, (1_790_000_000, 1_790_000_000))
    run(path, *NEW)
    store = queries.store_named("my-shop")
    assert store is not None
    row = db.session.scalars(in_store(select(ImportFile), store.id, ImportFile)).one()
    assert row.as_of is not None
    assert row.as_of.timestamp() == 1_790_000_000


def test_two_files_of_one_name_are_accounted_for_apart(run: Run, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "orders.csv" for folder in ("one", "two")]
    for path, rows in zip(paths, (1, 3), strict=True):
        path.parent.mkdir()
        path.write_bytes(
            exports.order_list(*[exports.order(订单编号=f"39001234567890{rows}{i:04d}") for i in range(rows)])
        )
    done = run(*paths, *NEW)
    assert done.exit_code == 0
    assert "\n(2) orders.csv: 3 rows = 3 accepted" in done.stdout
    assert done.stdout.startswith("orders.csv: 1 row = 1 accepted")


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n" + b"0" * 50, b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_ends_with_1_and_a_sentence_and_imports_nothing(
    run: Run, files: tuple[Path, Path], tmp_path: Path, content: bytes
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(content)
    done = run(files[0], bad, *NEW)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "bad.csv" in done.stderr
    assert queries.store_named("my-shop") is None  # not even the store is opened


def test_an_order_that_cannot_be_stored_is_said_in_the_words_of_the_page(
    run: Run, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise ValueError

    monkeypatch.setattr(running, "apply_sale", refuse)
    done = run(*files, *NEW)
    assert done.exit_code == 0
    assert f", {exports.NUMBER}: This order cannot be stored. The other orders were taken.\n" in done.stdout
    assert "refused: not_stored" not in done.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_run_too(
    run: Run, files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setattr(running, "_apply_chunk", lambda *_: os.kill(os.getpid(), number))
    before = signal.getsignal(number)
    assert run(*files, *NEW).exit_code == 128 + number
    assert signal.getsignal(number) == before
    store = queries.store_named("my-shop")
    assert store is not None
    assert db.session.scalars(in_store(select(ImportRun), store.id, ImportRun)).one().state is RunState.FAILED


@pytest.mark.parametrize(("name", "said"), [("nowhere.csv", "There is no file "), (".", " cannot be read: ")])
def test_a_path_without_a_file_ends_with_1_and_opens_no_store(run: Run, tmp_path: Path, name: str, said: str) -> None:
    done = run(tmp_path / name, *NEW)
    assert said in done.stderr
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert queries.store_named("my-shop") is None


def test_a_file_that_nobody_knows_and_a_time_that_is_none_open_no_store(
    run: Run, files: tuple[Path, Path], tmp_path: Path
) -> None:
    unknown = tmp_path / "unknown.csv"
    unknown.write_text("a,b\n1,2\n")
    done = run(unknown, *NEW)
    assert (done.exit_code, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert run(files[0], *NEW, "--as-of", "yesterday").exit_code == 2
    assert (queries.store_named("my-shop"), queries.warehouse_named("my-shop")) == (None, None)


@pytest.mark.parametrize(
    "more",
    [
        ("--store", "nowhere"),
        ("--store", "my-shop", "--create-store", "taobao"),
        ("--store", "my-shop", "--create-store", "taobao,EUR,Asia/Shanghai"),
        ("--store", "my-shop", "--as-of", "yesterday"),
        (),
    ],
)
def test_what_was_typed_wrongly_ends_with_2(run: Run, files: tuple[Path, Path], more: tuple[str, ...]) -> None:
    make.store()
    done = run(files[0], *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr


def test_a_file_without_a_time_in_its_name_is_of_the_time_that_a_browser_would_tell(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(exports.order_list(exports.order()))
    os.utime(path, ns=(1_790_000_000_123_456_789, 1_790_000_000_123_456_789))
    assert run(path, *NEW).exit_code == 0
    order = orders.order_by_number(exports.NUMBER, make.store().id)
    assert order
    assert order.as_of.timestamp() == datetime.fromtimestamp(1_790_000_000_123 / 1000, UTC).timestamp()
