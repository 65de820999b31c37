"""A connection beside the session, for a request that only reads: no session, no unit of work (ADR 0019).

It is taken from the engine's pool at the first statement and goes back when the request ends, or when a command begins,
whose reads are its session's own.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

_open: ContextVar[Beside | None] = ContextVar("beside", default=None)


class Beside:
    """What `core.plain_rows` asks of a connection.

    SQLite: one transaction, so all statements see one state, as in a session.  PostgreSQL: each statement by itself,
    which is what its READ COMMITTED shows within a transaction too, without BEGIN and COMMIT on the wire.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._held: PoolProxiedConnection | None = None
        self.dialect: Dialect = engine.dialect

    @property
    def connection(self) -> PoolProxiedConnection:
        if self._held is None:
            self._held = self._taken()
            driver: Any = self._held.driver_connection
            if self.dialect.name == "sqlite":
                driver.execute("BEGIN")
            else:
                driver.autocommit = True
        return self._held

    def _taken(self) -> PoolProxiedConnection:
        """Raises SQLAlchemy's errors, as a session does that gets no connection."""
        base = self.dialect.loaded_dbapi.Error
        try:
            return self._engine.raw_connection()
        except base as error:
            raise DBAPIError.instance(None, None, error, base, dialect=self.dialect) from error

    def invalidate(self, error: BaseException) -> None:
        """The connection is lost: it leaves the pool."""
        if self._held is not None:
            self._held.invalidate(error)
            self._held = None

    def give_back(self) -> None:
        held, self._held = self._held, None
        if held is None:
            return
        driver: Any = held.driver_connection
        try:
            if self.dialect.name != "sqlite" and not driver.closed:
                driver.autocommit = False
        finally:
            held.close()  # the pool ends SQLite's transaction


def begin(engine: Engine) -> None:
    """From here to `end`, plain rows outside commands are read beside the session."""
    end()
    _open.set(Beside(engine))


def current() -> Beside | None:
    return _open.get()


def pause() -> None:
    """Give the connection back; the next read takes one anew and sees what was committed meanwhile."""
    beside = _open.get()
    if beside is not None:
        beside.give_back()


def end() -> None:
    pause()
    _open.set(None)
