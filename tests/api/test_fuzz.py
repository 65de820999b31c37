"""Whatever is sent: no 5xx, no undocumented status, every answer as documented, what does not fit is refused."""

from __future__ import annotations

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

EXAMPLES = 15
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


METHODS = ("get", "post", "put")


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


def has_something_to_break(operation: Any) -> bool:
    return bool(operation.body or operation.query)


@pytest.mark.parametrize("mode", list(GenerationMode), ids=str)
def test_no_operation_answers_what_is_not_documented(schema, world, mode) -> None:
    secret = make.api_token(world.boss)
    headers = {"Authorization": f"Bearer {secret}"}
    examined = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        if mode is GenerationMode.NEGATIVE and not has_something_to_break(operation):
            continue
        examined += 1

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=cases(operation, mode, world))
        def check(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=list(CHECKS))

        check()
    assert examined >= (15 if mode is GenerationMode.NEGATIVE else 27)
