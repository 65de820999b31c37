"""The house rules, executable: who may import whom, what is pure, who commits, what is never written."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from sqlalchemy.orm import Mapper

from shopdesk.core.db import Base
from shopdesk.core.personal import PersonalText
from shopdesk.core.scope import StoreOwned
from shopdesk.tables import MODULES
from tests.house import (
    FILES,
    IN_FEATURES,
    PROJECT,
    ROOT,
    TESTS,
    Function,
    calls,
    decorators,
    functions,
    imported,
    name_of,
    own_imports,
    place,
    tree,
)

#: A feature imports only those before it.  A new feature takes its place here (docs/architecture.md#ranks).
# fmt: off
RANK = (
    "core", "staff", "web",
    "catalog", "customers",
    "orders", "feeds", "parcels",
    "payments", "notices", "cases", "tracking",
    "changes", "refunds", "reconciling",
    "returns", "replacements",
    "complaints", "followups", "reviews", "replies",
    "desk", "printing", "warehouse",
    "rosters", "scorecards", "reports",
    "imports", "connectors", "outbound",
    "demo", "cli",
)
# fmt: on
KERNEL = {"core", "web"}  # open to all; every other feature has doors
#: jobs: the worker's; the playbook is a table; places: those to pay, and the process that stands in for one
DOORS = {"service", "queries", "models", "states", "jobs", "playbook", "places", "fake_place"}
#: layer → what it may import of its own feature
INSIDE = {
    "states": {"states"},
    "rules": {"rules", "states", "playbook"},
    "playbook": {"states"},
    "models": {"states", "models"},
    "queries": {"queries", "models", "states", "rules", "playbook"},
    "service": {"service", "models", "queries", "rules", "states", "playbook", "readers"},
    "readers": {"readers", "states"},
    "forms": {"forms", "states", "rules"},
    "schemas": {"schemas", "states", "rules"},
    "views": {"views", "forms", "models", "queries", "service", "states", "words"},
    "api": {"api", "schemas", "models", "queries", "service", "states", "words"},
}
MOST_LINES, AIM_LINES = 400, 200
IMPURE = {"flask", "sqlalchemy", "wtforms", "marshmallow", "flask_babel", "structlog"}
IMPURE_CORE = {"clock", "db", "audit", "outbox", "scope", "idempotency", "columns"}

#: (file, function) → why it may import inside a function
LATE_IMPORTS = {("shopdesk/core/addresses/regions.py", "_index"): "20 to 90 ms of data that few processes need"}
#: files that may write SQL as text, and why
TEXT_SQL = {
    "shopdesk/core/columns.py": "the condition of a partial index",
    "shopdesk/core/rebuilding.py": "PRAGMA and sqlite_master around migrations",
    "shopdesk/web/selfcheck.py": "PRAGMA and SHOW at start-up",
}
#: tables without a store, and what keeps them apart
NO_STORE = {
    "event": "one chain per store in its own column",
    "event_head": "likewise",
    "command_key": "by actor",
    "outbox": "the desk's own machinery",
    "place_event": "what a place to pay told, before anybody knows of whom",
    "person": "staff; rights are memberships",
    "membership": "the rights themselves",
    "saved_view": "by person",
    "one_time_link": "by person",
    "api_token": "by person",
    "sign_in_tries": "the desk's own machinery",
    "ended_session": "by the hash of a session",
    "store": "the store itself; through actor.stores_with",
    "warehouse": "serves several stores",
    "arrival": "belongs to a warehouse; read through returns.queries.docks",
    "arrival_photo": "by its arrival",
    "finding": "by its arrival",
    "disposition": "by its finding",
    "print_check": "by its maker; its rows are read through the orders' scope",
    "print_check_row": "by its check",
}
PERSONAL_WORDS = {"name", "phone", "mobile", "tel", "address", "street", "email", "mail", "nick", "account"}
#: columns whose name sounds personal but which hold no buyer's data
NOT_PERSONAL = {"store.name", "warehouse.name", "batch.name", "import_file.name", "statement.name"}


def ids(path: Path) -> str:
    return name_of(path)


def each(paths: Iterable[Path]) -> Callable[[Callable[[Path], None]], Callable[[str], None]]:
    """A test for the files of each folder: one for each of the two thousand files takes longer than the look at it."""
    folders: dict[str, list[Path]] = {}
    for path in paths:
        folders.setdefault(name_of(path.parent), []).append(path)

    def mark(check: Callable[[Path], None]) -> Callable[[str], None]:
        def run(folder: str) -> None:
            found = []
            for path in folders[folder]:
                try:
                    check(path)
                except AssertionError as problem:
                    found.append(f"{ids(path)}: {problem}")
            assert not found, "\n".join(found)

        run.__name__, run.__doc__ = check.__name__, check.__doc__
        return pytest.mark.parametrize("folder", folders)(run)

    return mark


@each(IN_FEATURES)
def test_imports_point_one_way(path):
    feature, layer = place(path)
    assert feature in RANK, f"give {feature} its place in RANK"
    for other, what in own_imports(path):
        if other == feature:
            if feature not in KERNEL and layer in INSIDE and what:
                assert what in INSIDE[layer], f"{layer} may not import {what}"
            continue
        assert other in RANK, f"{feature} may not import the application's {other}.py"
        assert RANK.index(other) < RANK.index(feature), f"{feature} may not import {other}"
        if other not in KERNEL:
            assert what in DOORS, f"{other}.{what} is private to {other}"


def test_only_the_known_file_names_are_used():
    free = KERNEL | {"imports", "connectors", "outbound", "demo", "cli"}
    odd = [ids(p) for p in IN_FEATURES if place(p)[0] not in free
           and place(p)[1] not in {*INSIDE, "__init__"}]  # fmt: skip
    assert odd == []


@each([p for p in IN_FEATURES if place(p)[1] in {"rules", "states", "playbook"}])
def test_rules_are_pure(path):
    for head, *rest in imported(path):
        assert head not in IMPURE, f"imports {head}"
        assert not (head == "shopdesk" and rest[:1] == ["core"] and rest[1] in IMPURE_CORE), f"imports core.{rest[1]}"
    assert [c for c, _ in calls(tree(path)) if c.endswith((".now", ".utcnow", ".today"))] == []


def test_only_the_transaction_helper_commits():
    found = {ids(p) for p in FILES for call, _ in calls(tree(p)) if call.endswith((".commit", ".begin_nested"))}
    assert found == {"shopdesk/core/db.py"}


FORBIDDEN_CALLS = {
    "db.session.get": "takes no store scope",
    "Markup": "opens a hole in the escaping",
    "render_template_string": "templates are files",
    "eval": "runs text",
    "exec": "runs text",
    "pickle.loads": "runs what it reads",
}


@each(FILES)
def test_nothing_is_called_that_goes_round_a_guard(path):
    for call, line in calls(tree(path)):
        for word, why in FORBIDDEN_CALLS.items():
            assert not f".{call}".endswith(f".{word}"), f"line {line}: {word} {why}"
        if call in {"text", "sqlalchemy.text", "sa.text"} or call.endswith("exec_driver_sql"):
            assert ids(path) in TEXT_SQL, f"line {line}: SQL as text"


def test_the_list_of_files_with_sql_as_text_is_not_longer_than_needed():
    used = {ids(p) for p in FILES for call, _ in calls(tree(p)) if call == "text" or call.endswith("exec_driver_sql")}
    assert set(TEXT_SQL) == used


@each(FILES)
def test_imports_stand_at_the_top(path):
    for function in functions(path):
        late = [n.lineno for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
        assert not late or (ids(path), function.name) in LATE_IMPORTS, f"line {late[0]}"


TEMPLATES = sorted((PROJECT / "templates").rglob("*.html"))
IN_TEMPLATES = {
    r"\|\s*safe\b": "no text is safe",
    r"autoescape\s+false": "no text is safe",
    r"\sstyle=": "the content policy refuses inline style",
    r"\son[a-z]+=": "the content policy refuses inline scripts",
    r"javascript:": "the content policy refuses inline scripts",
    r"https?://(?!www\.w3\.org)": "everything is served from here",
}


@each(TEMPLATES)
def test_templates_trust_no_text_and_fetch_nothing_from_elsewhere(path):
    text = path.read_text(encoding="utf-8")
    for pattern, why in IN_TEMPLATES.items():
        assert not re.search(pattern, text), f"{pattern}: {why}"


@each([*FILES, *sorted(TESTS.rglob("*.py"))])
def test_no_file_is_a_drawer(path):
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert path.stem not in {"utils", "util", "helpers", "misc", "common"}
    assert lines <= MOST_LINES, f"{lines} lines: make it a folder of the same name"
    if lines > AIM_LINES:
        print(f"longer than aimed at: {lines} lines")  # noqa: T201 shown by pytest -rP


TEST_FILES = sorted(TESTS.rglob("*.py"))


@each(TEST_FILES)
def test_every_test_runs_once(path):
    module = tree(path)
    top = [n for n in module.body if isinstance(n, Function)]
    names = [f.name for f in functions(path) if f.name.startswith("test_")]
    in_classes = [f.name for n in module.body if isinstance(n, ast.ClassDef) for f in n.body if isinstance(f, Function)]
    collected = Counter(f.name for f in top if f.name.startswith("test_"))
    collected.update(name for name in in_classes if name.startswith("test_"))
    assert [name for name, times in collected.items() if times > 1] == [], "the second hides the first"
    assert sorted(names) == sorted(collected.elements()), "a test inside a function never runs"
    assert path.name.startswith("test_") or not names, "pytest looks for tests only in test_*.py"


def models() -> list[Mapper[Base]]:
    assert MODULES
    return sorted(Base.registry.mappers, key=lambda m: m.class_.__name__)


def test_every_table_belongs_to_a_store_or_says_why_not():
    tables = {m.local_table.name: m.class_ for m in models()}
    assert len(tables) > 20
    free = {name for name, model in tables.items() if not issubclass(model, StoreOwned)}
    assert free == set(NO_STORE)


def test_personal_columns_are_personal():
    found, examined = [], 0
    for mapper in models():
        for column in mapper.local_table.columns:
            examined += 1
            name = f"{mapper.local_table.name}.{column.name}"
            if set(column.name.split("_")) & PERSONAL_WORDS and not isinstance(column.type, PersonalText):
                found.append(name)
    assert sorted(found) == sorted(NOT_PERSONAL)
    assert examined > 150


def test_money_is_whole_minor_units():
    for mapper in models():
        for column in mapper.local_table.columns:
            kind = type(column.type).__name__.lower()
            assert kind not in {"float", "numeric", "double"}, f"{mapper.local_table.name}.{column.name}"
            if column.name.endswith("_minor"):
                assert kind == "biginteger", f"{mapper.local_table.name}.{column.name}"


EDGES = [
    p for p in FILES if place(p)[1] in {"views", "api"} or p.name == "cli.py" or "cli" in p.relative_to(ROOT).parts
]


def _service_calls(path: Path) -> set[str]:
    """Names of service functions that a view, API or CLI file calls, through a module or by name."""
    names, modules = set(), set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("shopdesk."):
            by_name = ".service" in (node.module or "")
            for alias in node.names:
                if alias.name == "service":
                    modules.add(alias.asname or alias.name)
                elif by_name:
                    names.add(alias.asname or alias.name)
    found = set()
    for call, _ in calls(tree(path)):
        head, _, last = call.rpartition(".")
        if head in modules or (not head and call in names):
            found.add(last)
    return found


def _traces() -> tuple[dict[str, bool], set[str]]:
    """Which service functions leave an event, themselves or through what they call; and which are commands."""
    bodies: dict[str, set[str]] = {}
    commands: set[str] = set()
    leaves: set[str] = set()
    for path in (p for p in IN_FEATURES if place(p)[1] == "service"):
        for function in functions(path):
            called = {call for call, _ in calls(function)}
            bodies.setdefault(function.name, set()).update(call.rpartition(".")[2] for call in called)
            if "command" in decorators(function):
                commands.add(function.name)
            if any(call.endswith("audit.record") for call in called):
                leaves.add(function.name)
    grown = True
    while grown:
        more = {name for name, called in bodies.items() if called & leaves} - leaves
        leaves |= more
        grown = bool(more)
    return {name: name in leaves for name in bodies}, commands


def test_every_command_that_people_or_programs_reach_leaves_a_trace():
    traced, commands = _traces()
    reached = {name for path in EDGES for name in _service_calls(path)} & commands
    assert len(EDGES) >= 2
    assert sorted(name for name in reached if not traced[name]) == []


def test_views_write_nothing_themselves():
    edges = [p for p in EDGES if place(p)[1] in {"views", "api"}]
    bad = (".session.add", ".session.delete", ".session.flush", "rows_changed", "transaction")
    assert [f"{ids(p)}:{line}" for p in edges for call, line in calls(tree(p)) if call.endswith(bad)] == []


def test_no_command_reads_the_request():
    for path in IN_FEATURES:
        if place(path)[1] in {"service", "queries", "models"}:
            heads = {head for head, *_ in imported(path)}
            assert not heads & {"flask", "flask_login", "flask_wtf", "wtforms", "marshmallow"}, ids(path)
