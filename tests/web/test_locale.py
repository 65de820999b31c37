"""Which language a page speaks, and that a choice is kept."""

import pytest

from shopdesk.core.permissions import Role
from shopdesk.staff import queries
from shopdesk.web.locale import choose
from tests import make


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("zh", "zh_Hans_CN"),
        ("zh-CN", "zh_Hans_CN"),
        ("zh-TW", "zh_Hans_CN"),
        ("zh-Hant-HK,zh;q=0.9,en;q=0.8", "zh_Hans_CN"),
        ("*", "zh_Hans_CN"),
        ("en", "en"),
        ("en-GB", "en"),
        ("fr", "zh_Hans_CN"),
        ("fr,en;q=0.3", "en"),
        ("de-DE,zh;q=0.1,en;q=0.5", "en"),
        ("en;q=0,zh;q=0.1", "zh_Hans_CN"),
        ("en;q=0", "zh_Hans_CN"),
        ("enm", "zh_Hans_CN"),
        ("", "zh_Hans_CN"),
        ("@@@ ;;; q=x", "zh_Hans_CN"),
    ],
)
def test_the_browser_is_answered_in_a_language_it_knows(app, asked, spoken):
    with app.test_request_context(headers={"Accept-Language": asked}):
        assert choose() == spoken


def html_lang(client, **headers):
    return client.get("/there-is-no-such-page", headers=headers).text.split('lang="')[1].split('"')[0]


def choose_language(client, language):
    page = client.get("/there-is-no-such-page")
    return client.post("/language", data={"language": language, "csrf_token": make.token(page), "next": "/?q=1"})


def test_a_choice_before_signing_in_is_kept_over_the_sign_in(browser):
    make.person(login="ada")
    client = browser()
    assert html_lang(client) == "zh-CN"
    assert choose_language(client, "en").location == "/?q=1"
    page = client.get("/sign-in")
    client.post("/sign-in", data={"login": "ada", "password": make.PASSWORD, "csrf_token": make.token(page)})
    assert html_lang(client, **{"Accept-Language": "zh"}) == "en"


def test_a_choice_is_kept_with_the_person_on_every_machine(sign_in):
    person = make.person(Role.PRE_SALE)
    choose_language(sign_in(person), "en")
    assert queries.person_by_id(person.id).locale == "en"
    assert html_lang(sign_in(person), **{"Accept-Language": "zh"}) == "en"


@pytest.mark.parametrize("language", ["", "fr", "zh-CN", "../../etc", "zh_Hans_CN;"])
def test_a_language_that_is_not_there_changes_nothing(browser, language):
    client = browser()
    assert choose_language(client, language).status_code == 303
    assert html_lang(client) == "zh-CN"


def test_the_page_offers_each_language_by_its_own_name_and_marks_the_one_in_use(browser):
    page = browser().get("/sign-in", headers={"Accept-Language": "en"}).text
    assert 'value="zh_Hans_CN" lang="zh-Hans-CN">' in page
    assert 'value="en" lang="en" aria-pressed="true">' in page
    assert "简体中文" in page
