"""Every route against one reviewed table: permission, scope, every role, own and other store, no way in but one."""

from __future__ import annotations

import itertools
import os

import pytest
from flask_wtf.csrf import generate_csrf
from sqlalchemy import bindparam, select

from shopdesk.core import scope
from shopdesk.core.db import db
from shopdesk.core.permissions import Permission
from shopdesk.core.scope import load
from shopdesk.orders.models import Order
from shopdesk.web import errors
from shopdesk.web.guard import OPEN_ENDPOINTS, actor, check_routes, needs
from tests import engines, make
from tests.access.check import Check
from tests.access.crowd import Crowd
from tests.access.table import TABLE, Row
from tests.conftest import Browser

P = Permission


def routes(app):
    return {
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint not in OPEN_ENDPOINTS
    }


def test_every_route_has_its_row_and_every_row_its_route(app):
    found = routes(app)
    assert len(found) > 5
    for endpoint, method in sorted(found - set(TABLE)):
        permission, where = app.view_functions[endpoint].needs
        word = {"public": "public", "own": "own"}.get(where, "row")
        needed = f", P.{permission.name}" if permission else ""
        pytest.fail(f'add to tests/access/table.py, after a review:  {word}("{endpoint}", "{method}"{needed})')
    assert sorted(set(TABLE) - found) == [], "rows without a route"


def test_what_the_views_say_is_what_the_table_says(app):
    differ = {str(row): app.view_functions[row.endpoint].needs for row in TABLE.values()
              if app.view_functions[row.endpoint].needs != (row.permission, row.scope)}  # fmt: skip
    assert differ == {}


AT_ONCE = 12
#: In CI every role asks for every route; here one whom it lets in, another for each route, and two of the others.
EVERY_ROLE = "SHOPDESK_CI" in os.environ


def groups():
    """Rows that share their people and their stores: of one part of the product, a few at a time."""
    for part, found in itertools.groupby(sorted(TABLE.values(), key=_part), _part):
        rows = list(found)
        for start in range(0, len(rows), AT_ONCE):
            yield pytest.param(rows[start : start + AT_ONCE], id=f"{part}-{start // AT_ONCE + 1}")


def _part(row):
    return row.endpoint.split(".")[0]


@pytest.fixture(scope="session")
def signed_in():
    """Who is signed in, by `in_api`; what they are stands in a database that is kept under its name."""
    return {}


@pytest.fixture
def short_refusals(monkeypatch):
    """Who is refused gets the status and a form's token: drawing the whole page would take half of the time."""
    monkeypatch.setattr(errors, "_page", lambda *_: f'<input name="csrf_token" value="{generate_csrf()}">')


@pytest.fixture
def crowd_of(app, desks, tmp_path, signed_in, short_refusals):
    """A crowd of those who are signed in already: that takes longer than what most of them ask for."""

    def build(in_api):
        app.test_client_class = Browser
        if in_api not in signed_in:
            signed_in[in_api] = Crowd(app, tmp_path, in_api=in_api).gather()
            desks["sqlite"].keep(f"signed in {in_api}")
        desks["sqlite"].clean(f"signed in {in_api}")
        return Crowd(app, tmp_path, in_api=in_api, people=signed_in[in_api])

    return build


@pytest.mark.parametrize("rows", list(groups()))
def test_a_route_lets_in_whom_its_row_names_and_nobody_else(app, desks, crowd_of, tmp_path, rows):
    found, crowd = [], crowd_of(rows[0].endpoint.startswith("api_"))
    for row in rows:
        check = Check(app, row, tmp_path, crowd, desks["sqlite"], one_of_each_kind=not EVERY_ROLE)
        found += check.problems()
        assert check.asked >= (1 if row.scope == "public" else 9 if EVERY_ROLE else 4)
    assert found == []


# -- the controls: each guard taken away must be seen


@pytest.fixture
def another_app(app, tmp_path):
    """Further applications on the same database, to which a test adds a route."""
    made = []

    def build():
        made.append(engines.make_app(tmp_path, app.config["SQLALCHEMY_DATABASE_URI"]))
        made[-1].test_client_class = Browser
        return made[-1]

    yield build
    for other in made:
        with other.app_context():
            db.engine.dispose()


@pytest.fixture
def probe(another_app, tmp_path):
    """An application with a route of its own, and the row that a reviewer would write for it."""

    def build(view):
        other = another_app()
        other.add_url_rule("/probe/<int:order_id>", "probe", view, methods=["GET"])
        return Check(other, Row("probe", "GET", P.ORDER_READ, "store"), tmp_path)

    return build


def show(order_id):
    return str(load(Order, order_id, actor(), P.ORDER_READ).id)


def test_the_check_finds_nothing_where_nothing_is_wrong(probe):
    check = probe(needs(P.ORDER_READ)(show))
    assert list(check.problems()) == []
    assert check.asked > 15


def test_the_check_reports_a_leak_when_the_scope_lets_everything_through(probe, monkeypatch):
    check = probe(needs(P.ORDER_READ)(show))
    by_id = lambda model, **_: scope.of_found(select(model).where(model.id == bindparam("row_id")))  # noqa: E731
    monkeypatch.setattr(scope, "_by_id", by_id)
    monkeypatch.setattr(scope, "require", lambda *_: None)
    found = list(check.problems())
    assert found
    assert all("in another store got 200" in problem for problem in found)


def test_the_check_reports_a_view_that_asks_for_less_than_its_row(probe):
    check = probe(needs(None, scope="own")(lambda order_id: "hello"))
    assert any("somebody without a role got 200" in problem for problem in check.problems())


def test_the_check_reports_a_view_that_is_open_to_all(probe):
    view = lambda order_id: "hello"  # noqa: E731
    view.needs = (None, "public")
    found = list(probe(view).problems())
    assert any("nobody got 200" in problem for problem in found)
    assert any("a leaver got 200" in problem for problem in found)


def test_an_application_with_a_view_that_says_nothing_does_not_start(another_app):
    other = another_app()
    other.add_url_rule("/bare", "bare", lambda: "hello")
    with pytest.raises(RuntimeError, match="views without @needs: bare"):
        check_routes(other)


def test_the_table_is_not_satisfied_by_a_route_it_does_not_know(another_app):
    other = another_app()
    other.add_url_rule("/new", "new", needs(P.ORDER_READ)(lambda: "hello"))
    assert routes(other) - set(TABLE) == {("new", "GET")}


def test_rights_in_one_store_open_nothing_in_another(app):
    mine, theirs = make.store("mine"), make.store("theirs")
    person = make.person(*[r for r in make.Role if r != "system"], store_id=mine.id)
    held = make.queries.actor_for(person, channel="page")
    assert held.stores_with(P.ORDER_READ) == (mine.id,)
    assert held.permissions(theirs.id) == frozenset()
