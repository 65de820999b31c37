"""The one clock."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta

_behind: ContextVar[timedelta] = ContextVar("behind", default=timedelta())


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) - _behind.get()


@contextmanager
def earlier(by: timedelta) -> Iterator[None]:
    """What happens in here happened `by` ago: only for the demo, whose history cannot be dated back afterwards."""
    token = _behind.set(_behind.get() + by)
    try:
        yield
    finally:
        _behind.reset(token)
