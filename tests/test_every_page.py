"""Every page, for every role that may see it, in both languages: it renders, and nothing on it is left untranslated."""

from __future__ import annotations

import os

import pytest
from sqlalchemy import select

from shopdesk.core.db import db
from shopdesk.core.permissions import ASSIGNABLE, GRANTS
from shopdesk.staff.models import Person
from tests import make
from tests.access.table import TABLE
from tests.conftest import Browser
from tests.every_page.addresses import ADDRESSES
from tests.every_page.words import foreign
from tests.every_page.world import filled

#: In CI every role looks at its pages in every state; here the first role that sees a page does, at some.
EVERY_STATE = "SHOPDESK_CI" in os.environ
LANGUAGES = {"zh_Hans_CN": "zh-CN", "en": "en"}
EVERY_NTH = {"zh_Hans_CN": 1 if EVERY_STATE else 3, "en": 1 if EVERY_STATE else 8}


def pages(app):
    """(row, rule) of everything that people look at."""
    rules = {rule.endpoint: rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    seen = [row for row in TABLE.values() if row.method == "GET" and not rules[row.endpoint].rule.startswith("/api/v1")]
    return [(row, rules[row.endpoint]) for row in seen]


def addresses(app, row, rule, world, who):
    made = ADDRESSES.get(row.endpoint, lambda *_: [{}])(world, who)
    for values in made:
        missing = rule.arguments - values.keys()
        assert not missing, f"{row}: say in tests/every_page/addresses.py what {sorted(missing)} is"
        yield app.url_map.bind("localhost").build(row.endpoint, values, method="GET")


def may_see(role, row):
    """Nobody signed in sees what is public; the others what their role allows."""
    if role is None or row.scope == "public":
        return role is None and row.scope == "public"
    return row.permission is None or row.permission in GRANTS[role]


def problems(app, locale, world):
    """A line for everything wrong, and how many pages were looked at."""
    found, looked_at, shown = {}, 0, set()
    for role in (None, *ASSIGNABLE):
        who = make.person(role) if role else make.person()
        browser = app.test_client()
        browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = LANGUAGES[locale]
        if role:
            _sign_in(browser, who)
        for row, rule in pages(app):
            if not may_see(role, row):
                continue
            if not EVERY_STATE and row.endpoint in shown:
                continue
            shown.add(row.endpoint)
            asked = [*addresses(app, row, rule, world, who)][:: EVERY_NTH[locale]]
            logins = list(db.session.scalars(select(Person.login)))  # also of who was needed for an address
            for address in asked:
                answer = browser.get(address)
                if answer.mimetype != "text/html":
                    continue
                looked_at += 1
                if answer.status_code != 200:
                    found.setdefault(f"{row} for {role}: {answer.status_code} at {address}", address)
                for line in foreign(answer.text, locale, [*world.data, *logins, "小"]):
                    found.setdefault(f"{row}: {line}", f"{role} {address}")
    return found, looked_at


def _sign_in(browser, who):
    page = browser.get("/sign-in")
    data = {"login": who.login, "password": make.PASSWORD, "csrf_token": make.token(page)}
    assert browser.post("/sign-in", data=data).status_code == 303


def test_every_page_renders_and_shows_no_untranslated_string(app, tmp_path):
    app.test_client_class = Browser
    world = filled(tmp_path)
    for locale in LANGUAGES:
        found, looked_at = problems(app, locale, world)
        assert looked_at > (150 if EVERY_STATE else 60)
        assert not found, "\n".join(f"{what}  ({locale}, {where})" for what, where in found.items())


PLANTED = """<html lang="zh-CN"><body><p>没有问题 {value}</p>{planted}</body></html>"""


@pytest.mark.parametrize(
    "planted",
    [
        "<p>Nothing was found</p>",
        '<a title="Copy whole memo" href="/">复制</a>',
        '<button aria-label="Flag"></button>',
        '<input placeholder="Batch" value="W229">',
        '<input type="submit" value="Save memo">',
        "<p>共 3 orders</p>",
    ],
)
def test_the_check_reports_a_string_without_translation(planted):
    assert list(foreign(PLANTED.format(value="HAT-01", planted=planted), "zh_Hans_CN", ["HAT-01", "W229"]))


def test_the_check_reports_a_chinese_word_on_an_english_page_and_passes_over_data_and_names_of_languages():
    page = '<html lang="en"><p>Paid 张伟</p><button lang="zh-CN">简体中文</button><script>let 字 = 1</script>{}</html>'
    assert list(foreign(page.format(""), "en", ["张伟"])) == []
    assert list(foreign(page.format("<b>已付款</b>"), "en", ["张伟"])) == ["<b> '已付款': 已付款"]


def test_the_check_sees_a_string_that_loses_its_translation(app, tmp_path, monkeypatch):
    """The whole way through: a word of a template that the catalogue does not know."""
    app.test_client_class = Browser
    browser = app.test_client()
    assert list(foreign(browser.get("/sign-in").text, "zh_Hans_CN", [])) == []
    monkeypatch.setitem(app.jinja_env.globals, "gettext", lambda text, **values: text % values)
    app.jinja_env.cache.clear()
    found = list(foreign(browser.get("/sign-in").text, "zh_Hans_CN", []))
    app.jinja_env.cache.clear()
    assert any("Sign in" in line for line in found), found
