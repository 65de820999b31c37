"""The app on both engines, clean tables for every test, a browser-like client."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from shopdesk.core.db import db
from shopdesk.staff.models import Person
from tests import engines, make
from tests.engines import PostgresDesk, SqliteDesk, postgres_server

pytest_plugins = ["tests.needs", "tests.fake_place"]
BOTH = ("sqlite", "postgres")
LONGEST = ("tests/test_every_page.py", "tests/demo/", "tests/test_every_case_page.py", "tests/api/test_fuzz.py")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test marked `both_engines` runs on each; one marked `postgres_in_ci` too on PostgreSQL in CI only."""
    marked = metafunc.definition.get_closest_marker
    if "engine" in metafunc.fixturenames and marked("both_engines"):
        is_short = marked("postgres_in_ci") is not None and os.environ.get("SHOPDESK_CI") != "1"
        metafunc.parametrize("engine", BOTH[:1] if is_short else BOTH, indirect=True)


def pytest_collection(session: pytest.Session) -> None:
    """Assertions are rewritten once in a clone; two processes share that: the second begins from the other end."""
    if os.environ.get("PYTEST_XDIST_WORKER") == "gw1":
        for path in sorted(Path(__file__).parent.rglob("test_*.py"), reverse=True):
            with contextlib.suppress(Exception, pytest.skip.Exception):  # the collection says what is wrong with it
                importlib.import_module(".".join(path.relative_to(session.config.rootpath).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """What is imported and collected stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


@pytest.hookimpl(trylast=True)  # after the shuffling
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin: at the end they would keep one process busy while the other has nothing to do.

    They stand together, so that one process sees them all: what they share is made once, as the shop of the demo.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def desks() -> Iterator[dict[str, Any]]:
    """One migrated database per engine and worker, made when first asked for."""
    made: dict[str, Any] = {}
    yield made
    for close in reversed(made.pop("closers", [])):
        close()


@pytest.fixture
def app(engine: str, desks: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application on a clean database, inside an app context for direct calls of services."""
    if engine not in desks:
        folder = tmp_path_factory.mktemp(engine)
        desks[engine] = SqliteDesk(folder) if engine == "sqlite" else _postgres(folder, desks)
    desk = desks[engine]
    desk.clean()
    with desk.app.app_context():
        yield desk.app
        db.session.rollback()
        db.session.remove()


@pytest.fixture
def durable(app: Flask) -> Iterator[None]:
    """For what checks the database as a server does at its start."""
    with engines.waiting_for_the_disk():
        yield


def _postgres(folder: Path, desks: dict[str, Any]) -> PostgresDesk:
    # Not below pytest's folder: the server runs under a user of its own, who may not look in there.
    home = Path(tempfile.mkdtemp(prefix="desk-pg-"))
    home.chmod(0o777)
    server = postgres_server(home / "data")
    closers = desks.setdefault("closers", [])
    closers += [lambda: shutil.rmtree(home, ignore_errors=True), lambda: server.__exit__(None, None, None)]
    url = server.__enter__()
    desk = PostgresDesk(folder, url, f"desk_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}")
    closers.append(desk.close)
    return desk


class Browser(FlaskClient):
    """Gives each request its own app context, as a server does.

    Without it requests share the test's `g`, where Flask-Login keeps the first person it saw.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        db.session.rollback()  # the test stops reading, so the request can have the connection
        with self.application.app_context():
            return super().open(*args, **kwargs)


@pytest.fixture
def browser(app: Flask) -> Callable[[], Browser]:
    """A new browser nobody has signed in with."""
    app.test_client_class = Browser
    return app.test_client  # type: ignore[return-value]


@pytest.fixture
def sign_in(browser: Callable[[], Browser]) -> Callable[[Person], Browser]:
    """A browser of its own, signed in as that person."""

    def start(person: Person) -> Browser:
        return make.signed_in(browser(), person)  # type: ignore[return-value]

    return start


@pytest.fixture
def api(browser: Callable[[], Browser]) -> Callable[..., Callable[..., Any]]:
    """`call = api(person)`; `call("POST", "/orders/1/memos", {...}, key="k")` → the answer."""

    def start(person: Person, *scopes: str) -> Callable[..., Any]:
        secret = make.api_token(person, *scopes)
        client = browser()

        def call(method: str, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> Any:
            sent = {"Authorization": f"Bearer {secret}", **headers}
            if key:
                sent["Idempotency-Key"] = key
            return client.open(f"/api/v1{path}", method=method, json=body, headers=sent)

        call.client, call.headers = client, {"Authorization": f"Bearer {secret}"}  # for what is not JSON
        return call

    return start
