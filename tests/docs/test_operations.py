"""The production recipe serves: its settings and its nginx headers, taken from the page, reach the application."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click import Group
from flask import Flask

import config
from shopdesk import create_app
from tests import engines
from tests.docs.reading import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
SETTINGS = PAGE.split("## Settings")[1].split("\n## ")[0]
NAME = "desk.example.com"


@pytest.fixture
def recipe(tmp_path: Path) -> Flask:
    """The application with the recipe's environment file; data and database are the test's own."""
    block = re.search(r"^```sh\n(SHOPDESK_DATA=.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert block
    given = dict(line.removeprefix("SHOPDESK_").split("=", 1) for line in block[1].splitlines())
    assert given["DATA"] == "/var/lib/shopdesk"
    given |= {"DATA": str(tmp_path), "DATABASE_URL": "", "SECRET_KEY": engines.SECRET, "LOG_LEVEL": "ERROR"}
    return create_app(given)


def as_nginx() -> dict[str, str]:
    """The headers that the recipe's nginx sends for a page of the desk."""
    values = {"$host": NAME, "$remote_addr": "203.0.113.9", "$scheme": "https"}
    sent = re.findall(r"proxy_set_header ([\w-]+) (\$\w+);", PAGE)
    assert f"server_name {NAME};" in PAGE
    return {name: values[value] for name, value in sent}


def test_the_recipe_answers_behind_its_nginx_with_a_cookie_bound_to_tls(recipe: Flask) -> None:
    client = recipe.test_client()
    assert client.get("/healthz", headers=as_nginx()).status_code == 200
    page = client.get("/sign-in", headers=as_nginx())
    assert page.status_code == 200
    assert page.headers["Set-Cookie"].startswith("__Host-sd=")
    assert "Secure" in page.headers["Set-Cookie"]
    assert "Strict-Transport-Security" in page.headers
    assert recipe.config["BASE_URL"] == f"https://{NAME}"


def test_the_recipe_answers_to_no_other_name_and_nginx_writes_over_each_header_that_is_trusted(recipe: Flask) -> None:
    client = recipe.test_client()
    assert client.get("/healthz", headers={"Host": "127.0.0.1:8000"}).status_code == 400
    assert {"Host", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} <= set(as_nginx())


def test_every_command_that_the_page_names_exists(recipe: Flask) -> None:
    group = recipe.cli.commands["shopdesk"]
    assert isinstance(group, Group)
    named = set(re.findall(r"manage\.py cli (?:--data \S+ )?([a-z]+)", PAGE))
    assert {"prepare", "backup"} <= named <= set(group.commands)


def test_nginx_lets_through_what_the_desk_takes() -> None:
    found = re.search(r"client_max_body_size (\d+)m;", PAGE)
    assert found
    assert int(found[1]) * 1024 * 1024 >= config.load({})["MAX_CONTENT_LENGTH"]


def test_the_page_lists_every_setting() -> None:
    listed = set(re.findall(r"`([A-Z_]+)`", "".join(re.findall(r"^\| (.*?) \|", SETTINGS, re.MULTILINE))))
    assert listed == {*config.DEFAULTS, "WEB_WORKERS", "WEB_THREADS"}
