"""`import FILES…`: exports onto the desk in the foreground, with an account of every row."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import NoReturn
from zoneinfo import ZoneInfo

import click
from flask_babel import gettext as _

from shopdesk.cli.group import commands, fail, root, speaking, terminal_language
from shopdesk.cli.import_report import failure_of, report
from shopdesk.cli.people import store_named
from shopdesk.core.errors import RuleViolation
from shopdesk.imports import service
from shopdesk.imports.models import RunState
from shopdesk.imports.service import InputFile, failure_message
from shopdesk.reconciling import service as reconciling
from shopdesk.staff import queries
from shopdesk.staff import service as staff
from shopdesk.staff.models import Store
from shopdesk.web.locale import filled

SIGNALS = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
UNREADABLE = 1  # exit code: nothing was taken


@commands.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--store", "slug", required=True, metavar="SLUG")
@click.option("--as-of", "as_of", metavar="TIME", help="when the files were exported: ISO, or YYYY-MM-DD HH:MM")
@click.option("--create-store", "opening", metavar="PLATFORM,CURRENCY,ZONE", help="open the store if it is new")
@click.option("--lang", type=click.Choice(["zh", "en"]), help="language of the report; default: the terminal's")
def run_import(files: tuple[Path, ...], slug: str, as_of: str | None, opening: str | None, lang: str | None) -> None:
    """Import exports: order lists, details, lists of refunds and statements, in any order.

    Exit 0: every row is accounted for (refused ones too).  1: a file cannot be read; nothing was imported.
    """
    with speaking(lang or terminal_language()):
        given = [_read(path, name) for path, name in zip(files, _names(files), strict=True)]
        if as_of:
            _moment(as_of, "UTC")  # before a store is opened for it
        store = _store(slug, opening, given)
        moment = _moment(as_of, store.zone) if as_of else None
        given = [file for file in given if not _is_taken(store, file)]
        if not given:
            return
        with _ended_in_order():
            run = service.run_files(store, given, as_of=moment, actor=root([store.id]))
        if run.state is RunState.FAILED:
            fail(failure_of(run), code=UNREADABLE)
        for line in report(run):
            click.echo(line)


def _is_taken(store: Store, file: InputFile) -> bool:
    """Whether it is a statement, which is taken in by itself; whose it is, its name or its lines say."""
    if not reconciling.is_statement(file.content):
        return False
    done = reconciling.take_statement(store.id, file.name, file.content, None, actor=root([store.id]))
    counts = {"file": file.name, "kept": done.kept, "known": done.known, "refused": len(done.refused)}
    click.echo(_("%(file)s: a statement, %(kept)s lines taken, %(known)s known, %(refused)s refused.", **counts))
    return True


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let SIGTERM and a closed terminal end the block like Ctrl-C, so that no run is left running."""

    def end(number: int, _frame: FrameType | None) -> NoReturn:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _names(paths: Sequence[Path]) -> list[str]:
    """What the report calls each file; files of one name from different folders are told apart by a number."""
    seen: Counter[str] = Counter()
    names = []
    for path in paths:
        seen[path.name] += 1
        names.append(path.name if seen[path.name] == 1 else f"({seen[path.name]}) {path.name}")
    return names


def _read(path: Path, name: str) -> InputFile:
    try:
        modified_ms = path.stat().st_mtime_ns // 1_000_000  # as browsers tell it: the same file is of the same time
        modified_at = datetime.fromtimestamp(modified_ms / 1000, tz=UTC)
        return InputFile(name, path.read_bytes(), modified_at)
    except FileNotFoundError:
        fail(_("There is no file %(file)s.", file=path), code=UNREADABLE)
    except OSError as error:
        fail(_("%(file)s cannot be read: %(why)s", file=path, why=error.strerror or error), code=UNREADABLE)


def _store(slug: str, opening: str | None, given: Sequence[InputFile]) -> Store:
    """The store; opened where `opening` says how and the files can be read.  Raises NotFound, RuleViolation."""
    if opening is None:
        return store_named(slug)
    parts = [part.strip() for part in opening.split(",")]
    if len(parts) != 3:
        raise RuleViolation(
            "A new store needs PLATFORM,CURRENCY,ZONE, e.g. taobao,CNY,Asia/Shanghai.", code="bad_store"
        )
    platform, currency, zone = parts
    store = queries.store_named(slug)
    if store is None:
        why = service.why_unreadable(given, zone="UTC", currency="CNY")  # whether, not what
        if why is not None:
            fail(filled(*failure_message(why)), code=UNREADABLE)
        return staff.add_store(slug, platform=platform, currency=currency, zone=zone, actor=root())
    if (store.platform, store.currency, store.zone) != (platform, currency, zone):
        there = f"{store.platform},{store.currency},{store.zone}"
        raise RuleViolation(
            "The store %(slug)s is there already as %(there)s.", code="other_store", slug=slug, there=there
        )
    return store


def _moment(text: str, zone: str) -> datetime:
    """A moment as given; without an offset it is the store's local time.  Raises RuleViolation."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise RuleViolation(
            "%(text)s is no time: write 2026-11-01 14:30 or 2026-11-01T14:30:00+08:00.", code="bad_time", text=text
        ) from error
    return at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))
