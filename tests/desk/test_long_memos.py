"""Memos beyond what the platform takes: nothing is cut silently, and a shorter text is always offered."""

import pytest
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.core import memo_text
from shopdesk.core.audit import Event
from shopdesk.core.db import db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.orders.states import Flag
from tests import make, worlds

LONG = "客户催发货并且希望务必在周末之前送到家里" * 4  # more than Douyin's 60 characters


@pytest.fixture
def order(app):
    """On a platform whose memo field takes 60 characters."""
    return make.order(make.store("douyin-shop", platform="douyin"))


def test_a_line_that_alone_is_too_long_is_refused_with_a_shorter_one_that_may_be_sent(order):
    who = make.actor(Role.PRE_SALE)
    with pytest.raises(RuleViolation) as refused:
        service.write_note(order.id, LONG, flag=Flag.RED, actor=who)
    facts = refused.value.facts
    assert (refused.value.code, facts["limit"], facts["unit"]) == ("memo_too_long", 60, "characters")
    assert worlds.memos(order) == []
    service.write_note(order.id, facts["shorter"], flag=Flag.RED, actor=who)
    line = worlds.memos(order)[0]
    assert line.startswith(LONG[:20])
    assert "…---" in line
    assert line.count("---") == 1
    assert memo_text.measure(line, "douyin").fits


def test_older_lines_never_forbid_a_further_memo(order):
    who = make.actor(Role.PRE_SALE)
    for text in ("客户要求周末送货上门并且提前打电话", "客户催发货请尽快安排今天发出", "改发顺丰"):
        service.write_note(order.id, text, flag=Flag.RED, actor=who)
    assert len(worlds.memos(order)) == 3


def test_the_page_says_it_and_offers_the_shorter_memo(order, sign_in):
    browser = sign_in(make.person(Role.PRE_SALE))
    path = f"/orders/{order.id}"
    english = {"Accept-Language": "en"}
    token = make.token(browser.get(path))
    sent = {"text": LONG, "flag": "red", "command_key": "k1", "csrf_token": token}
    page = browser.post(f"{path}/memos", data=sent, headers=english)
    assert page.status_code == 422
    assert LONG in page.text, "what was typed stays"
    assert "The platform takes 60" in page.text
    assert "data-shorter" in page.text
    assert "Save the shortened memo" in page.text


def test_a_whole_text_beyond_the_limit_is_offered_shorter_and_as_it_is(order, sign_in, api):
    person = make.person(Role.PRE_SALE)
    texts = ["客户要求周末送货上门并且提前打电话", "客户催发货请尽快安排今天发出", "改发顺丰"]
    path = f"/orders/{order.id}"
    browser, call = sign_in(person), api(person)
    for number, text in enumerate(texts):
        assert call("POST", f"{path}/memos", {"text": text, "flag": "red"}, key=f"m{number}").status_code == 201
    page = browser.get(path, headers={"Accept-Language": "en"})
    assert "Copy the shorter text" in page.text
    assert "Copy whole memo" in page.text

    whole = call("POST", f"{path}/memo-text", {}).json
    assert (whole["fits"], whole["limit"], whole["unit"]) == (False, 60, "characters")
    assert all(text in whole["text"] for text in texts)
    short = call("POST", f"{path}/memo-text", {"shorter": True}).json
    assert short["fits"]
    assert texts[2] in short["text"].splitlines()[-1], "the newest line stays whole"
    assert "…" in short["text"]
    shown = browser.post(f"{path}/memo-text?shorter=1", data={"csrf_token": make.token(page)})
    assert shown.text == short["text"]
    bodies = [e.body for e in db.session.scalars(select(Event).where(Event.action == "memo.copied"))]
    assert [body.get("shorter", False) for body in bodies] == [False, True, True]


def test_a_whole_text_that_fits_offers_nothing_shorter(app, sign_in):
    order = make.order()
    service.write_note(order.id, "客户催发货", flag=Flag.RED, actor=make.actor(Role.PRE_SALE))
    page = sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}", headers={"Accept-Language": "en"})
    assert "shorter text" not in page.text
