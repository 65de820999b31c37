"""Whatever is sent: no 5xx, no undocumented status, every answer as documented, what does not fit is refused."""

from __future__ import annotations

import itertools
import os
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from shopdesk.core.db import db
from tests import make
from tests.api.world import World, seed

IS_WHOLE = "SHOPDESK_CI" in os.environ
EXAMPLES = 15 if IS_WHOLE else 5  # an operation
EVERY = 1 if IS_WHOLE else 8  # a short run sends something to every eighth operation
POSSIBLE, WITH_WORDS = 172, 149  # operations; those of them with a body or a query
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
    unsupported_method,
    ignored_auth,
)


#: Times that orders can have; the whole range of the format is mostly years that no shop has seen.
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.isoformat() + "+08:00")  # noqa: DTZ001
schemathesis.openapi.format("date-time", TIMES)


@pytest.fixture
def world(app) -> World:
    return seed()


@pytest.fixture
def schema(app, world) -> Any:
    """The document as the running app serves it, and the app behind it, each request in a context of its own."""

    def serve(environ: Any, start: Any) -> Any:
        with app.app_context():
            return app.wsgi_app(environ, start)

    db.session.rollback()
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", serve)


def cases(operation: Any, mode: GenerationMode, world: World) -> Any:
    """Requests with ids that exist, and every fifth with whatever the document allows for them."""
    names = [parameter.name for parameter in operation.path_parameters]
    if not names:
        return operation.as_strategy(mode)
    known = st.fixed_dictionaries({name: st.sampled_from(world.paths[name]) for name in names})
    reachable = known.flatmap(lambda found: operation.as_strategy(mode, path_parameters=found))
    return st.one_of(*[reachable] * 4, operation.as_strategy(mode))


class Count:
    """What was answered: operation → statuses."""

    def __init__(self) -> None:
        self.statuses: dict[str, set[int]] = {}
        self.keys = itertools.count()

    def send(self, case: Any, headers: dict[str, str]) -> None:
        if "Idempotency-Key" in (case.headers or {}) and len(case.headers["Idempotency-Key"]) < 100:
            case.headers["Idempotency-Key"] += f"-{next(self.keys)}"  # else most are the key of another request
        answer = case.call_and_validate(headers=headers, checks=list(CHECKS))
        self.statuses.setdefault(case.operation.label, set()).add(answer.status_code)


def examine(operation: Any, mode: GenerationMode, world: World, count: Count, *, examples: int) -> None:
    headers = {"Authorization": f"Bearer {make.api_token(world.boss)}"}

    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=cases(operation, mode, world))
    def check(case: Any) -> None:
        count.send(case, headers)

    check()


def operations(schema: Any, *, with_words: bool) -> list[Any]:
    found = [result.ok() for result in schema.get_all_operations()]
    asked = [one for one in found if one.body or one.query] if with_words else found
    assert len(asked) == (WITH_WORDS if with_words else POSSIBLE)
    return asked[::EVERY]


def test_no_operation_answers_anything_that_is_not_documented(schema, world) -> None:
    count = Count()
    asked = operations(schema, with_words=False)
    for operation in asked:
        examine(operation, GenerationMode.POSITIVE, world, count, examples=EXAMPLES)
    done = [name for name, found in count.statuses.items() if any(200 <= s < 300 for s in found)]
    assert len(count.statuses) == len(asked)
    assert len(done) * 2 > len(asked), sorted(set(count.statuses) - set(done))


def test_what_does_not_fit_its_schema_is_refused_by_every_operation(schema, world) -> None:
    count = Count()
    asked = operations(schema, with_words=True)
    for operation in asked:
        examine(operation, GenerationMode.NEGATIVE, world, count, examples=10)
    assert len(count.statuses) == len(asked)
    assert [name for name, found in count.statuses.items() if 400 not in found] == []
