"""A refusal is worded in the reader's language, down to the field that does not fit."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest

from shopdesk.core.permissions import Role
from shopdesk.web.api.frame import document
from tests import make
from tests.api.world import seed
from tests.shorter import IN_CI, some

SHARED_BY = 11  # prime to the four forms of a misfit: everybody sends each form
CHINESE = re.compile("[\u4e00-\u9fff]")
BAD: list[Any] = [{"strange": 1}, [], "text", 5]
#: What a member may be sent instead of what it is: each of another type, too long, too large, or nothing.
MISFITS: list[Any] = [None, 5, 10**12, -1, 1.5, True, "", "pink", "x" * 11_000, [], [[]] * 3000, {}, {"strange": 1}]


def texts(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        for inner in found.values():
            yield from texts(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from texts(inner)
    else:
        yield str(found)


def members(schema: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    yield from known.get(name, schema).get("properties", {})


def misfits() -> Iterator[Any]:
    """Each by itself and in what a member may hold."""
    for misfit in MISFITS:
        yield misfit
        yield [misfit]
        yield {"amount_minor": misfit, "text": misfit, "number": misfit, "quantity": misfit}
        yield [{"number": misfit, "stage": misfit, "answer": misfit, "lines": [{"quantity": misfit}]}]


def sample(schema: dict[str, Any], known: dict[str, Any], turn: int) -> Iterator[Any]:
    """Bodies that do not fit: other types, each misfit in all members at once, in CI also in one after the other.

    Outside CI eleven operations share the misfits; `turn` says whose they are.
    """
    yield from BAD
    names = list(members(schema, known))
    for misfit in some(misfits(), of=SHARED_BY, turn=turn) if names else ():
        yield dict.fromkeys(names, misfit)
        if IN_CI:
            yield from ({name: misfit} for name in names)


@pytest.mark.usefixtures("app")
def test_no_english_is_left_in_a_chinese_refusal_of_any_operation(app, api):
    world = seed()
    call = api(world.boss)
    known = document(app)["components"]["schemas"]
    refused, turns = set(), itertools.count()
    for path, methods in document(app)["paths"].items():
        place = path.removeprefix("/api/v1")
        for name, values in world.paths.items():
            place = place.replace(f"{{{name}}}", values[0])
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json") if method in {
                "post", "put"} else None  # fmt: skip
            asked = [(place, body) for body in sample(content["schema"], known, next(turns))] if content else []
            asked += [(f"{place}?{query}", None) for query in ("strange=1", "limit=0", "state=lost")]
            for address, body in asked:
                key = f"k{len(refused)}-{method}-{id(body)}"
                answer = call(method.upper(), address, body, key=key, **{"Accept-Language": "zh"})
                if answer.status_code != 400:
                    continue
                refused.add((method, path))
                for text in [answer.json["message"], *texts(answer.json["fields"])]:
                    assert CHINESE.search(text), (method, address, text)
                    assert "{" not in text, (method, address, text)
    assert len(refused) >= 20


@pytest.mark.parametrize(
    "body", [b'{"text": "x"', b"\xff", b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}", b'{"a": NaN}']
)
def test_a_body_that_is_no_json_says_why_in_the_readers_language(api, body):
    order = make.order()
    call = api(make.person(Role.PRE_SALE))
    headers = {**call.headers, "Content-Type": "application/json"}
    sent = call.client.post(f"/api/v1/orders/{order.id}/memos", data=body, headers=headers)
    assert CHINESE.search(sent.json["message"])
    assert CHINESE.search(sent.json["facts"]["why"])


def test_a_text_that_is_too_long_says_how_long_it_may_be(api):
    order = make.order()
    wish = {"kind": "address", "value": {"name": "张" * 5000}}
    answer = api(make.person(Role.PRE_SALE))("POST", f"/orders/{order.id}/changes", wish)
    assert "64" in answer.json["fields"]["value"]["name"][0]
    assert "{" not in answer.json["fields"]["value"]["name"][0]
