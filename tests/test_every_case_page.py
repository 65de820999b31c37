"""The page of a case with all that can stand on it: every state and button, for every reader, in both languages."""

from __future__ import annotations

import os

from flask_babel import force_locale
from markupsafe import escape

from shopdesk.cases.states import (
    AmountPart,
    Appraisal,
    CasePhase,
    ClaimState,
    CourierOutcome,
    Custody,
    Ending,
    Fault,
    InvoiceTaskKind,
    PaidTo,
    Resolution,
)
from shopdesk.core.permissions import Role
from shopdesk.desk.states import BalancePart
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind, ReplacementState
from shopdesk.returns.states import ReturnState
from shopdesk.web.locale import label
from tests import make
from tests.conftest import Browser
from tests.desk.pages import by
from tests.every_page.resolving import PLATFORM, WORDS, every_case
from tests.every_page.words import foreign

LANGUAGES = {"zh_Hans_CN": "zh-CN", "en": "en"}
#: Reader → which of the cases; the fourth is offered to the colleague.
READERS = {
    "owner": slice(None),
    "supervisor": slice(0, None, 4),
    "colleague": slice(3, None, 7),
    "pre_sale": slice(0, None, 7),
}
#: Told of a return or a parcel in words of their own; not by these.
STATES = [
    *(Resolution, AmountPart, BalancePart, PaidTo, InvoiceTaskKind, Ending, DifferenceSettled, ReplacementKind),
    *(CasePhase, Appraisal, ReturnState, ClaimState, CourierOutcome, Custody),
]
WORDS_OF = [*(value for states in STATES for value in states), *Fault, ReplacementState.CANCELLED]
#: What only other pages of cases send.
ELSEWHERE = frozenset(
    {"cases.open_case", "cases.delete_view", "cases.everyday_return", "cases.set_policy", "cases.remind"}
    | {"cases.answer_reminder", "cases.rename_view", "cases.share_view"}
)
DATA = [
    "未使用、配件齐全、吊牌完好",
    "小",
    "my-shop",
    "SF",
    "羊毛帽",
    "颜色分类:黑色",
    "HAT-01",
    "围巾",
    "SCARF-02",
    "小满",
    "顺丰",
    "SF900",
    "REF7",
    "张伟",
    WORDS,
    "雨天晒被子_07",
]


def test_every_card_in_every_state_is_shown_to_every_reader_in_both_languages(app):
    app.test_client_class = Browser
    make.store()
    owner = make.person(Role.AFTER_SALE, signature="小满")
    roles = {"supervisor": Role.SUPERVISOR, "colleague": Role.AFTER_SALE, "pre_sale": Role.PRE_SALE}
    people = {"owner": owner, **{name: make.person(role) for name, role in roles.items()}}
    ids = every_case(by(owner), people["colleague"].id)
    numbers = [*DATA, *PLATFORM.values()]
    told: dict[str, str] = {}
    for locale, language in list(LANGUAGES.items())[: None if "SHOPDESK_CI" in os.environ else 1]:
        shown = ""
        for reader, which in READERS.items():
            browser = _signed_in(app, people[reader], language)
            for case_id in ids[which]:
                page = browser.get(f"/cases/{case_id}")
                assert page.status_code == 200, (reader, case_id)
                shown += page.text
                for line in foreign(page.text, locale, [*numbers, *(p.login for p in people.values())]):
                    told.setdefault(line, f"{reader} {case_id}")
        assert not told, told
        _holds_all(app, shown, locale)


def _holds_all(app, shown, locale):
    """Every button of the page, and the word of every state."""
    with force_locale(locale):
        missing = [value for value in WORDS_OF if str(escape(label(value))) not in shown]
    assert not missing, missing
    rules = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    sent = {
        rule.endpoint: rule.rule.rsplit(">", 1)[1] for rule in rules
        if rule.endpoint.startswith("cases.") and rule.endpoint not in ELSEWHERE and ">" in rule.rule
    }  # fmt: skip
    never = [name for name, end in sent.items() if f'{end}"' not in shown]
    assert not never, never


def _signed_in(app, person, language):
    browser = app.test_client()
    browser.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    page = browser.get("/sign-in")
    data = {"login": person.login, "password": make.PASSWORD, "csrf_token": make.token(page)}
    assert browser.post("/sign-in", data=data).status_code == 303
    return browser
