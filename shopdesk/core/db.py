"""The database: one session, one transaction per command, and the guards that make other writes fail."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

import psycopg
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import CursorResult, Delete, MetaData, Update, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session
from sqlalchemy.pool import Pool

from shopdesk.core import beside
from shopdesk.core.errors import Conflict, Unavailable

P = ParamSpec("P")
R = TypeVar("R")

TRIES = 5  # of one whole command, when the database says that it collided with another
OUTSIDE = "rows are written only inside a command"
TRACELESS = "a command that writes must record an event"
RETRY_STATES = {"40001", "40P01"}  # PostgreSQL: serialization failure, deadlock
AWAY_STATES = {"57P01", "57P02", "57P03", "53300"}  # PostgreSQL: going down, crashed, starting, no connection free
WAIT_SECONDS = 5.0  # for SQLite's one writer, in one try
PATIENT = "PRAGMA busy_timeout = 5000"  # ms, for all other waiting of SQLite
SOON, LATER = 0.001, 0.01  # seconds between two looks whether it is free: the longer one waits, the sooner

_depth: ContextVar[int] = ContextVar("command_depth", default=0)
_before_trail: list[Callable[[Session], None]] = []
_before_commit: list[Callable[[Session], None]] = []


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def rows_changed(statement: Update | Delete, **values: Any) -> int:
    """Run a conditional UPDATE or DELETE; its row count decides (domain.md §5).  `values`: of its named parameters."""
    return int(cast(CursorResult[Any], db.session.execute(statement, values or None)).rowcount)


def before_commit(hook: Callable[[Session], None]) -> Callable[[Session], None]:
    """Register what the outermost command does last, still inside its transaction (the audit chain's head)."""
    _before_commit.append(hook)
    return hook


@contextmanager
def transaction(*, traced: bool = True) -> Iterator[None]:
    """One unit of work.  An inner call joins the outer one; only the outermost commits or rolls back.

    Rows read before it began are read again inside it, so a rule never decides on old figures.
    With `traced`, a unit that wrote rows but recorded no event raises instead of committing (I6).
    """
    depth = _depth.get()
    token = _depth.set(depth + 1)
    try:
        if depth == 0:
            _end_reading()
        yield
        if depth == 0:
            _commit(traced=traced)
    except BaseException:
        if depth == 0:
            sent = db.session.info.get("committing")
            db.session.rollback()
            db.session.info.clear()
            if sent:
                db.session.info["committing"] = True  # `_unit` asks; the next unit of work forgets it
        raise
    finally:
        _depth.reset(token)


@contextmanager
def part() -> Iterator[None]:
    """A part of a command that may be refused by itself: what it wrote and recorded is undone, the rest goes on."""
    session = db.session
    known = len(session.info.get("events") or [])
    wrote = session.info.get("wrote")
    nested = session.begin_nested()
    try:
        yield
        session.flush()
    except BaseException:
        if nested.is_active or session().get_nested_transaction() is nested:  # a failed flush leaves it to us
            nested.rollback()
        if session.info.get("events"):
            del session.info["events"][known:]
        session.info["wrote"] = wrote
        raise
    nested.commit()


def found_or_made(find: Callable[[], R | None], make: Callable[[], R]) -> R:
    """The row that `find` reads by a unique key, else the one that `make` gives, inside a command.

    Where somebody else adds it at the same moment it is theirs: nobody is refused because two came at once.
    """
    there = find()
    if there is not None:
        return there
    made = make()
    try:
        with part():
            db.session.add(made)
    except IntegrityError:  # PostgreSQL: the other's transaction has ended, its row is seen now
        there = find()
        if there is None:
            raise
        return there
    return made


def in_command() -> bool:
    """Whether a unit of work is under way."""
    return _depth.get() > 0


def _commit(*, traced: bool) -> None:
    session = db.session
    session.flush()
    if traced and session.info.get("wrote") and not session.info.get("events"):
        raise RuntimeError(TRACELESS)
    for hook in (*_before_trail, *_before_commit):
        hook(session())
    session.info["committing"] = True
    session.commit()
    session.info.clear()


def _end_reading() -> None:
    session = db.session
    if _is_pending(session()):
        raise RuntimeError(OUTSIDE)
    beside.pause()
    # Also forgets what was loaded.  Not by ROLLBACK: there psycopg drops the statements that it had prepared, and
    # PostgreSQL would plan each of them anew in every request (docs/performance.md).
    session.commit()
    session.info.clear()


def _is_pending(session: Session) -> bool:
    return bool(session.new or session.dirty or session.deleted)


def end_request(error: BaseException | None) -> None:
    """End what a request only read; what went wrong or is half written is left to the session's own ROLLBACK."""
    session = db.session
    if error is None and session.registry.has() and not (session.info.get("wrote") or _is_pending(session())):
        session.commit()


def before_trail(hook: Callable[[Session], None]) -> Callable[[Session], None]:
    """Register what the outermost command does when all its rows are written, before `before_commit` takes locks."""
    _before_trail.append(hook)
    return hook


def command(function: Callable[P, R]) -> Callable[P, R]:
    """Mark a service function as one command: its body is one transaction that leaves at least one event.

    The outermost one is tried again when the database reports a collision, never after COMMIT was sent.
    """
    return _unit(function, traced=True)


def housekeeping(function: Callable[P, R]) -> Callable[P, R]:
    """A command on the desk's own machinery (leases, counters, sessions), which leaves no event."""
    return _unit(function, traced=False)


def _unit(function: Callable[P, R], *, traced: bool) -> Callable[P, R]:
    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if _depth.get():
            return function(*args, **kwargs)
        for attempt in range(1, TRIES + 1):
            try:
                with transaction(traced=traced):
                    return function(*args, **kwargs)
            except IntegrityError as error:
                raise _translated(error) from error
            except DBAPIError as error:
                # After COMMIT was sent nobody knows whether it happened: a command key answers that, not a retry.
                if not collided(error) or db.session.info.get("committing"):
                    raise
                if attempt == TRIES:
                    raise Unavailable("The desk is very busy. Nothing was changed; please try again.") from error
                time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 jitter, not a secret
        raise AssertionError("unreachable")

    run.is_command = True  # type: ignore[attr-defined]
    return run


def collided(error: DBAPIError) -> bool:
    """Whether the whole unit may simply be tried again."""
    original = error.orig
    if isinstance(original, sqlite3.OperationalError):
        return _is_busy(original)
    return getattr(original, "sqlstate", None) in RETRY_STATES


def is_away(error: DBAPIError) -> bool:
    """Whether the database cannot be reached: it is down, starting or going down, or the line to it broke."""
    original = error.orig
    if not isinstance(original, psycopg.OperationalError):
        return error.connection_invalidated
    state = original.sqlstate  # none: the driver never heard from the server
    return error.connection_invalidated or state is None or state[:2] == "08" or state in AWAY_STATES


def _is_busy(error: sqlite3.OperationalError) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _translated(error: IntegrityError) -> Exception:
    """What a broken constraint means to a person."""
    if "unique" in str(error.orig).lower():
        return Conflict("Somebody else did the same a moment ago. Please look again.", code="already_there")
    return error


@event.listens_for(Session, "before_flush")
def _only_commands_write(session: Session, _context: Any, _instances: Any) -> None:
    """Fail loudly where a view or a query changes a row, even by an unnoticed autoflush."""
    if _depth.get() == 0:
        raise RuntimeError(OUTSIDE)
    session.info["wrote"] = True


@event.listens_for(Session, "do_orm_execute")
def _guard_statements(state: ORMExecuteState) -> Any:
    """Statements that write need a command too; what the session holds of their table is read again when next used."""
    if not (state.is_update or state.is_insert or state.is_delete):
        return None
    if _depth.get() == 0:
        raise RuntimeError(OUTSIDE)
    state.session.info["wrote"] = True
    if state.is_insert:
        return None
    result = state.invoke_statement(execution_options={"synchronize_session": False})
    touched = {mapper.class_ for mapper in state.all_mappers}
    for row in list(state.session.identity_map.values()):
        if type(row) in touched:
            state.session.expire(row)
    return result


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, _record: Any) -> None:
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # we say BEGIN ourselves, below
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(PATIENT)
    connection.execute("PRAGMA synchronous = FULL")


@event.listens_for(Pool, "checkout")
def _check_that_it_is_there(connection: Any, _record: Any, _proxy: Any) -> None:
    """An empty query before each use; where PostgreSQL is gone or began anew, the pool makes new connections."""
    if isinstance(connection, psycopg.Connection) and not _answers(connection):
        raise InvalidatePoolError


def _answers(connection: psycopg.Connection[Any]) -> bool:
    try:
        return connection.pgconn.exec_(b"").status == psycopg.pq.ExecStatus.EMPTY_QUERY
    except psycopg.Error:  # closed
        return False


@event.listens_for(Engine, "begin")
def _begin_sqlite(connection: Connection) -> None:
    """Commands take SQLite's write lock at once, so a rule and the write it allows cannot be parted."""
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        if _depth.get():
            _begin_writing(cursor)
        else:
            cursor.execute("BEGIN")


def _begin_writing(cursor: Any) -> None:
    """Look often: SQLite's own waiting sleeps 100 ms in the end, while whoever came later slips in, for seconds."""
    since = time.monotonic()
    cursor.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                cursor.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise
                waited = time.monotonic() - since
                if waited > WAIT_SECONDS:  # as SQLAlchemy would have it, so that the whole unit is tried again
                    raise OperationalError("BEGIN IMMEDIATE", None, error) from error
            time.sleep(random.uniform(SOON, max(SOON, LATER - waited / 10)))  # noqa: S311 jitter, not a secret
    finally:
        cursor.execute(PATIENT)
