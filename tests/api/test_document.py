"""The OpenAPI document and the guide say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema_rs
import pytest

from shopdesk.web.api import PREFIX
from shopdesk.web.api.frame import document

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"
#: Routes that are no resource: the document itself and its page.
APART = {f"{PREFIX}/openapi.json", f"{PREFIX}/docs"}


@pytest.fixture
def described(app):
    return document(app)


def test_it_is_a_valid_openapi_3_1_document(described):
    assert described["openapi"] == "3.1.0"
    assert re.findall(r"'\$ref': '#/components/(?!schemas/|responses/|parameters/)", str(described)) == []
    for schema in described["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator({**schema, "components": described["components"]})
    for ref in re.findall(r"'\$ref': '#/([^']+)'", str(described)):
        node = described
        for part in ref.split("/"):
            node = node[part]


def test_every_route_is_documented_with_its_summary_tag_and_every_refusal(app, described):
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith(PREFIX) and rule.rule not in APART
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    told = {(path, m) for path, operations in described["paths"].items() for m in operations if m != "parameters"}
    assert told == routes
    for path, method in told:
        operation = described["paths"][path][method]
        assert operation["summary"]
        assert operation["tags"]
        assert {"400", "401", "403", "404", "429", "503"} <= set(operation["responses"])
        keys = [p for p in operation.get("parameters", ()) if "CommandKey" in str(p)]
        assert bool(keys) == (method == "post"), path


def test_it_is_public_and_so_is_its_page(browser):
    answer = browser().get(f"{PREFIX}/openapi.json")
    assert answer.status_code == 200
    assert browser().get("/api/v1/orders").status_code == 401


def test_the_guide_names_only_what_there_is_and_misses_no_resource(described):
    text = GUIDE.read_text(encoding="utf-8")
    named = set(re.findall(r"\$DESK(/[^\s\"'?\\`]*)", text)) | set(re.findall(r"`(?:GET|POST|PUT) (/[^\s`?]*)", text))
    patterns = {
        re.compile(re.sub(r"\{\w+\}", "[^/]+", path.removeprefix(PREFIX)) + r"\Z"): path for path in described["paths"]
    }
    for path in named - {"/openapi.json", "/docs"}:
        assert any(pattern.match(path) for pattern in patterns), path
    missed = [path for pattern, path in patterns.items() if not any(pattern.match(found) for found in named)]
    assert missed == []
