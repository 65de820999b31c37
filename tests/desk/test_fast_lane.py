"""The everyday case where the policy departs: one field for the reason, recorded; an unknown amount is called so."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from shopdesk.cases import queries as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.states import CasePhase, Reason
from shopdesk.core import audit
from shopdesk.core.db import command, db, rows_changed
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.orders.models import OrderLine
from shopdesk.returns import queries as returns
from shopdesk.returns.models import Finding
from shopdesk.returns.states import Grade
from tests import after_sale_made as made
from tests import make
from tests.desk.pages import EN, Forms, by, send
from tests.returns.world import sent

pytestmark = pytest.mark.usefixtures("app")


def path(order):
    return f"/orders/{order.id}/everyday-return"


def late():
    return sent(units=1, ago=timedelta(days=60))


def there(order):
    rows = cases.of_order(order.id, order.store_id, make.actor(Role.SUPERVISOR))
    return [cases.case_by_id(row.id, make.actor(Role.SUPERVISOR)) for row in rows]


def test_out_of_time_the_one_click_asks_for_the_reason_and_the_return_keeps_it(sign_in):
    order = late()
    browser = sign_in(make.person(Role.AFTER_SALE, Role.SUPERVISOR))
    page = browser.get(f"/orders/{order.id}", headers=EN)
    assert "exception" in Forms(page.text).found[path(order)]
    assert send(browser, page, path(order), exception="  ").status_code == 409
    assert there(order) == []
    page = browser.get(f"/orders/{order.id}", headers=EN)
    assert send(browser, page, path(order), exception="老客户").status_code == 303
    (case,) = there(order)
    (back,) = returns.of_case(case.id, case.store_id)
    assert (case.phase, back.exception.reveal("test")) == (CasePhase.RECEIVE, "老客户")


def test_the_second_of_two_at_one_unit_hears_which_case_was_opened(sign_in):
    order = sent(units=1)
    early, late = sign_in(make.person(Role.AFTER_SALE)), sign_in(make.person(Role.AFTER_SALE))
    pages = [browser.get(f"/orders/{order.id}", headers=EN) for browser in (early, late)]
    assert send(early, pages[0], path(order)).status_code == 303
    answer = send(late, pages[1], path(order))
    (case,) = there(order)
    assert answer.status_code == 409
    assert f"{case.number} 还在进行中" in answer.text


def test_who_makes_no_exceptions_is_told_why_there_is_no_button_and_the_server_refuses(sign_in, api):
    order = late()
    agent = make.person(Role.AFTER_SALE)
    page = sign_in(agent).get(f"/orders/{order.id}", headers=EN)
    assert path(order) not in page.text
    assert "Out of time since" in page.text
    assert api(agent)("POST", path(order), {"exception": "老客户"}, key="k").status_code == 403
    assert there(order) == []


def test_in_time_nothing_is_asked(sign_in):
    order = sent(units=1)
    page = sign_in(make.person(Role.AFTER_SALE, Role.SUPERVISOR)).get(f"/orders/{order.id}", headers=EN)
    assert "exception" not in Forms(page.text).found[path(order)]


@command
def graded(case, grade):
    rows_changed(update(Finding).values(grade=grade))
    audit.record("test.set", "case", case.id, make.ROOT)


@pytest.mark.parametrize(
    ("reason", "grade", "asks"),
    [
        (Reason.UNWANTED, Grade.A, False),
        (Reason.UNWANTED, Grade.B, False),
        (Reason.UNWANTED, Grade.C, True),
        (Reason.QUALITY, Grade.A, True),
        (Reason.WRONG_ITEM, Grade.C, False),
    ],
)
def test_used_goods_and_a_fault_that_was_not_found_ask_for_a_reason_before_the_one_click(reason, grade, asks, sign_in):
    order = made.shipped()
    agent = make.person(Role.AFTER_SALE)
    case, _who = made.resolving(order, owner=by(agent), reason=reason)
    made.came_back(case, {made.line_ids(case)[0]: 1})
    graded(case, grade)
    browser, action = sign_in(agent), f"/cases/{case.id}/refund-and-end"
    page = browser.get(f"/cases/{case.id}", headers=EN)
    assert ("exception" in Forms(page.text).found[action]) == asks
    first = send(browser, page, action)
    assert first.status_code == (422 if asks else 303)
    if asks:
        assert send(browser, first, action, exception="商家同意").status_code == 303
    (decided,) = settling.resolutions_of(made.now(case))
    assert (decided.exception.reveal("test") if decided.exception else None) == ("商家同意" if asks else None)
    assert made.now(case).phase is CasePhase.CLOSED


@command
def unknown(case):
    rows_changed(in_store(update(OrderLine).values(share_minor=None), case.store_id, OrderLine))
    audit.record("test.set", "case", case.id, make.ROOT)


def test_an_unknown_share_is_no_button_of_nothing(sign_in):
    order = made.shipped()
    agent = make.person(Role.AFTER_SALE)
    case, _who = made.resolving(order, owner=by(agent), reason=Reason.UNWANTED)
    made.came_back(case, {made.line_ids(case)[0]: 1})
    unknown(case)
    db.session.expire_all()
    page = sign_in(agent).get(f"/cases/{case.id}", headers=EN)
    assert "0.00 on the platform" not in page.text
    assert "Nobody knows yet what was paid for these units" in page.text
    assert "Missing: what was paid" in page.text
