"""Every page, for every role that may see it, in both languages: it renders, and nothing on it is left untranslated."""

from __future__ import annotations

import pytest

from shopdesk.core.permissions import ASSIGNABLE, GRANTS
from tests import make
from tests.access.table import TABLE
from tests.conftest import Browser
from tests.every_page.words import foreign
from tests.every_page.world import ADDRESSES, filled

LANGUAGES = {"zh_Hans_CN": "zh-CN", "en": "en"}


def pages(app):
    """(row, rule) of everything that people look at."""
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    seen = [row for row in TABLE.values() if row.method == "GET" and not rules[row.endpoint].rule.startswith("/api/v1")]
    return [(row, rules[row.endpoint]) for row in seen]


def addresses(app, row, rule, world, who):
    made = ADDRESSES.get(row.endpoint, lambda *_: [{}])(world, who)
    for values in made:
        missing = rule.arguments - values.keys()
        assert not missing, f"{row}: say in tests/every_page/world.py what {sorted(missing)} is"
        yield app.url_map.bind("localhost").build(row.endpoint, values, method="GET")


def problems(app, locale, folder):
    """A line for everything wrong, and how many pages were looked at."""
    app.test_client_class = Browser
    world = filled(folder)
    found, looked_at = {}, 0
    for role in (None, *ASSIGNABLE):
        who = make.person(role) if role else make.person()
        browser = app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = LANGUAGES[locale]
        if role:
            _sign_in(browser, who)
        for row, rule in pages(app):
            if (row.permission not in GRANTS[role]) if role and row.permission else (role is None) != (row.scope == "public"):
                continue
            for address in [*addresses(app, row, rule, world, who)]:
                answer = browser.get(address)
                if answer.mimetype != "text/html":
                    continue
                looked_at += 1
                if answer.status_code != 200:
                    found.setdefault(f"{row} for {role}: {answer.status_code} at {address}", address)
                for line in foreign(answer.text, locale, [*world.data, who.login]):
                    found.setdefault(f"{row}: {line}", f"{role} {address}")
    return found, looked_at


def _sign_in(browser, who):
    page = browser.get("/sign-in")
    data = {"login": who.login, "password": make.PASSWORD, "csrf_token": make.token(page)}
    assert browser.post("/sign-in", data=data).status_code == 303


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_page_renders_and_shows_no_untranslated_string(app, tmp_path, locale):
    found, looked_at = problems(app, locale, tmp_path)
    assert looked_at > 200
    assert not found, "\n".join(f"{what}  ({where})" for what, where in found.items())
