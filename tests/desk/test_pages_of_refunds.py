"""The pages and the API of refunds: the calculator, asking once, deciding, true words, what a store sets."""

from __future__ import annotations

import re

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.service import Paid
from shopdesk.cases.states import AmountPart, PaidTo, Resolution
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.connectors.places.protocol import Code
from shopdesk.connectors.wire import Why
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.desk.service import refunding_case
from shopdesk.desk.views.refunds.words import code_words
from shopdesk.refunds import queries
from shopdesk.refunds import service as refund_service
from shopdesk.refunds.states import RefundState, Stand
from shopdesk.staff import queries as staff
from shopdesk.staff.models import REFUND_LIMIT
from tests import after_sale_made as made
from tests import make, worlds
from tests.desk.pages import EN, by, send

pytestmark = pytest.mark.usefixtures("app")
TWO = (make.line("n1", quantity=3, price_minor=20_000 // 3), make.line("n2", price_minor=5000, title="围巾"))
DIRECT = {"kind": "goodwill", "amount": "5.00", "reason": "晚到三天", "destination": "platform"}


@pytest.fixture
def agent(sign_in):
    make.store()
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    return sign_in(person), by(person)


def refunds_of(order):
    return queries.refunds_of_order(order.id, order.store_id)


def limited(minor=0):
    store = make.store()
    make._set(store, {"settings": {**store.settings, REFUND_LIMIT: minor}})


def test_what_waits_for_approval_stands_in_the_work_of_who_may_approve_and_did_not_ask(agent, sign_in):
    browser, _who = agent
    order = make.order()
    limited()
    path = f"/orders/{order.id}/refund"
    send(browser, browser.get(path, headers=EN), path, **DIRECT)
    (refund,) = refunds_of(order)
    boss = make.person(Role.SUPERVISOR)
    shown = sign_in(boss).get("/work", headers=EN).text
    assert f'href="/refunds/{refund.id}"' in shown
    assert "¥5.00" in shown
    assert f"/refunds/{refund.id}" not in browser.get("/work", headers=EN).text
    assert [row.id for row, _number in queries.to_approve(by(boss))] == [refund.id]
    own = make.order()
    path = f"/orders/{own.id}/refund"
    send(sign_in(boss), sign_in(boss).get(path, headers=EN), path, **DIRECT)
    assert [row.id for row, _number in queries.to_approve(by(boss))] == [refund.id], "nobody approves their own"


def test_every_code_of_the_desk_itself_has_words(app):
    with app.test_request_context():
        assert [code for code in (*Code, *Why) if code_words(code) == code] == []
        assert code_words("ACCOUNT_CLOSED") == "ACCOUNT_CLOSED"


@pytest.mark.mission("M098")
def test_goodwill_is_previewed_asked_for_once_and_said_in_true_words(agent):
    browser, _who = agent
    order = make.order()
    path = f"/orders/{order.id}/refund"
    page = browser.get(path, headers=EN)
    preview = browser.post(path + "/quote", data={**DIRECT, "csrf_token": make.token(page)}, headers=EN).text
    assert "¥5.00" in preview
    assert "What the payments of the order still hold" in preview
    assert refunds_of(order) == []
    first = send(browser, page, path, **DIRECT)
    again = send(browser, page, path, **DIRECT)  # a double click: the same page sent twice
    assert (first.status_code, first.location) == (303, again.location)
    (refund,) = refunds_of(order)
    shown = browser.get(first.location, headers=EN).text
    assert "To be refunded on the platform" in shown
    assert "Refund succeeded" not in shown
    assert "list of refunds says so" in shown
    assert order.number in shown
    assert refund.state is RefundState.APPROVED


def test_what_is_refused_keeps_everything_typed(agent):
    browser, _who = agent
    order = make.order()
    path = f"/orders/{order.id}/refund"
    page = browser.get(path, headers=EN)
    answer = send(browser, page, path, **DIRECT | {"amount": "999.00"})
    assert answer.status_code == 422
    assert 'value="999.00"' in answer.text
    assert "128.00" in answer.text, "what is left"
    assert refunds_of(order) == []


@pytest.mark.parametrize("typed", ["abc", "5.555", "99999999999999999999"])
def test_the_preview_of_what_is_no_amount_says_so_and_shows_no_total(agent, typed):
    browser, who = agent
    order = make.order()
    case, _who = made.resolving(made.shipped(), owner=who)
    for path, field in ((f"/orders/{order.id}/refund", "amount"), (f"/cases/{case.id}/refunds/new", "compensation")):
        page = browser.get(path, headers=EN)
        assert "novalidate" in page.text, "a browser that refuses a value would leave the last total standing"
        token = make.token(page)
        quote = path.removesuffix("/new") + "/quote"
        preview = browser.post(quote, data={**DIRECT, field: typed, "csrf_token": token}, headers=EN).text
        assert "This is not an amount." in preview
        assert "Goes back" not in preview


@pytest.mark.mission("M107", "M114")
def test_the_page_and_the_api_quote_of_a_case_are_the_rows_that_asking_writes(agent, api):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO, paid_minor=24_998, total_minor=24_998), owner=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    hats, _scarf = made.line_ids(case)
    wanted = {f"units-{hats}": "2", "compensation": "3.00", "fee": "1.00", "fee_reason": "拆封"}
    page = browser.get(f"/cases/{case.id}/refunds/new", headers=EN)
    assert page.status_code == 200
    preview = browser.post(
        f"/cases/{case.id}/refunds/quote", data={**wanted, "csrf_token": make.token(page)}, headers=EN
    ).text  # fmt: skip
    assert re.search(r"f\(2\) − f\(0\) = .* = 133\.3\d", preview)
    seen = re.search(r'name="seen" value="(\d+)"', preview)[1]
    person = make.person(Role.SUPERVISOR, store_id=case.store_id)
    body = {
        "units": [{"line_id": str(hats), "units": 2}], "compensation_minor": 300,
        "fees": [{"amount_minor": 100, "reason": "拆封"}],
    }  # fmt: skip
    quote = api(person)("POST", f"/cases/{case.id}/refund-quote", body).json
    assert (str(quote["total"]["amount_minor"]), quote["may_be_asked"]) == (seen, True)
    asked = {**wanted, "seen": seen, "destination": "platform"}
    first = send(browser, page, f"/cases/{case.id}/refunds", **asked)
    assert first.status_code == 303, first.text
    (refund,) = queries.refunds_of_case(case.id, case.store_id)
    lines = [(str(line.part), line.amount_minor) for line in queries.lines_of(refund)]
    assert lines == [(row["part"], row["amount"]["amount_minor"]) for row in quote["rows"]]
    assert refund.amount_minor == int(seen)
    shown = browser.get(f"/cases/{case.id}", headers=EN).text
    assert "To be refunded on the platform" in shown


def test_the_page_says_what_was_decided_and_shows_no_box_where_no_unit_is_left(agent):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO, paid_minor=24_998, total_minor=24_998), owner=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    hats, scarf = made.line_ids(case)
    path = f"/cases/{case.id}/refunds/new"
    assert "decided to be refunded" not in browser.get(path, headers=EN).text
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.decide_refund(case.id, {scarf: 1}, actor=who)
    page = browser.get(path, headers=EN)
    assert f'name="units-{hats}"' in page.text
    assert f'name="units-{scarf}"' not in page.text
    assert "still free" not in page.text
    assert "goes back as it stands below" in page.text
    minor = made.balances(case).amounts[AmountPart.MONEY].expected_minor
    assert re.search(rf"1 of it decided to be refunded:\s+.*{minor / 100:.2f}", page.text)
    seen = re.search(r'name="seen" value="(\d+)"', page.text)[1]
    assert int(seen) == minor
    asked = {"seen": seen, "destination": "platform"}
    assert send(browser, page, f"/cases/{case.id}/refunds", **asked).status_code == 303
    assert "All that was decided is asked for or paid already" in browser.get(path, headers=EN).text


def test_another_amount_than_the_one_looked_at_is_not_asked_for(agent):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO, paid_minor=24_998, total_minor=24_998), owner=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    page = browser.get(f"/cases/{case.id}/refunds/new", headers=EN)
    asked = {f"units-{made.line_ids(case)[0]}": "1", "seen": "1", "destination": "platform"}
    assert send(browser, page, f"/cases/{case.id}/refunds", **asked).status_code == 409
    assert queries.refunds_of_case(case.id, case.store_id) == []


@pytest.mark.mission("M049")
def test_the_refund_step_of_a_cancellation_is_done_by_the_desk(agent):
    browser, _who = agent
    order = make.order()
    change = make.change(order, Kind.CANCEL, {"text": None}, by=make.actor(Role.PRE_SALE))
    worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())
    page = browser.get(f"/orders/{order.id}", headers=EN)
    assert "Let the desk refund" in page.text
    path = f"/changes/{change.id}/steps/{worlds.position(change, 'refund')}/refund"
    answer = send(browser, page, path, amount="", destination="platform")
    assert answer.status_code == 303
    (refund,) = refunds_of(order)
    assert (refund.change_id, refund.amount_minor) == (change.id, 12_800)
    assert "A refund of this is under way" in browser.get(f"/orders/{order.id}", headers=EN).text


@pytest.mark.mission("M098")
def test_above_the_limit_somebody_else_approves_or_rejects(agent, sign_in):
    browser, _who = agent
    limited(100)
    order = make.order()
    path = f"/orders/{order.id}/refund"
    location = send(browser, browser.get(path, headers=EN), path, **DIRECT).location
    mine = browser.get(location, headers=EN).text
    assert "Waiting for approval" in mine
    assert "/approve" not in mine
    boss = sign_in(make.person(Role.SUPERVISOR))
    listed = boss.get("/refunds", headers=EN).text
    assert f'href="{location}"' in listed, "a supervisor begins with what waits for them"
    page = boss.get(location, headers=EN)
    assert send(boss, page, location + "/reject", reason="").status_code == 422
    assert send(boss, page, location + "/approve").status_code == 303
    (refund,) = refunds_of(order)
    assert refund.state is RefundState.APPROVED
    late = send(boss, page, location + "/reject", reason="晚了")  # a page that was open in another tab
    assert late.status_code == 409


def test_who_asked_does_not_approve_and_may_withdraw(sign_in):
    limited()
    boss = sign_in(make.person(Role.SUPERVISOR))
    order = make.order()
    path = f"/orders/{order.id}/refund"
    location = send(boss, boss.get(path, headers=EN), path, **DIRECT).location
    page = boss.get(location, headers=EN)
    assert boss.post(location + "/approve", data={"csrf_token": make.token(page)}).status_code == 403
    assert send(boss, page, location + "/withdraw", reason="算错了").status_code == 303
    (refund,) = refunds_of(order)
    assert refund.state is RefundState.WITHDRAWN


def test_above_the_limit_nobody_notes_it_by_hand_alone(agent):
    _browser, who = agent
    limited(100)
    case, _who = made.resolving(made.shipped(), owner=who)
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    cases.decide_refund(case.id, dict.fromkeys(made.line_ids(case), 1), actor=who)
    with pytest.raises(RuleViolation) as refused:
        refunding_case.settle_case(case.id, AmountPart.MONEY, Paid(12_800, PaidTo.PLATFORM), actor=who)
    assert refused.value.code == "approval_needed"
    refunding_case.settle_case(case.id, AmountPart.MONEY, Paid(100, PaidTo.PLATFORM), actor=who)
    with pytest.raises(RuleViolation):
        refunding_case.settle_case(case.id, AmountPart.MONEY, Paid(1, PaidTo.PLATFORM), actor=who)


def test_a_supervisor_sets_limit_window_places_and_coupons(sign_in):
    store = make.store()
    boss = sign_in(make.person(Role.SUPERVISOR))
    path = f"/refund-settings/{store.id}"
    page = boss.get(path, headers=EN)
    wanted = {"limit": "50.00", "days": "7", "coupons": "claw_back", "place_bank": "manual"}
    assert send(boss, page, path, **wanted).status_code == 303
    now = staff.store_by_id(store.id).settings
    assert (now["refund_limit_minor"], now["refund_limit_days"]) == (5000, 7)
    assert (now["refund_coupons"], now["refund_places"]) == ("claw_back", {"bank": "manual"})
    assert 'value="50.00"' in boss.get(path, headers=EN).text
    assert send(boss, page, path, **wanted | {"days": "0"}).status_code == 422
    empty = {"limit": "", "days": "1", "coupons": "freeze"}
    assert send(boss, boss.get(path, headers=EN), path, **empty).status_code == 303
    assert "refund_limit_minor" not in staff.store_by_id(store.id).settings


def test_the_api_asks_lists_approves_and_a_repeat_gets_the_first_answer(api):
    limited(100)
    store = make.store()
    asker = api(make.person(Role.AFTER_SALE, store_id=store.id))
    boss = api(make.person(Role.SUPERVISOR, store_id=store.id))
    order = make.order()
    body = {"kind": "price_adjustment", "amount_minor": 500, "destination": "original", "reason": "降价"}
    first = asker("POST", f"/orders/{order.id}/refunds", body, key="k")
    assert (first.status_code, first.json["stand"]) == (201, Stand.AWAITING_APPROVAL)
    assert asker("POST", f"/orders/{order.id}/refunds", body, key="k").json == first.json
    assert len(refunds_of(order)) == 1
    path = f"/refunds/{first.json['id']}"
    assert asker("POST", path + "/approval", {}, key="a").status_code == 403
    listed = boss("GET", "/refunds?shelf=to_approve").json
    assert [row["id"] for row in listed["items"]] == [first.json["id"]]
    done = boss("POST", path + "/approval", {}, key="a")
    assert (done.status_code, done.json["stand"]) == (200, Stand.BY_FINANCE)
    assert boss("POST", path + "/rejection", {"reason": "晚了"}).status_code == 409
    assert boss("GET", path).json["payouts"][0]["state"] == "reserved"
    assert asker("POST", path + "/withdrawal", {"reason": "晚了"}).status_code == 409


def test_finance_says_on_the_page_that_what_was_said_to_be_paid_came_back(agent, sign_in):
    browser, who = agent
    order = make.order()
    path = f"/orders/{order.id}/refund"
    location = send(browser, browser.get(path, headers=EN), path, **DIRECT).location
    (refund,) = refunds_of(order)
    refund_service.note_agreed(refund.id, actor=who)
    assert "/take-back" not in browser.get(location, headers=EN).text
    finance = sign_in(make.person(Role.FINANCE))
    page = finance.get(location, headers=EN)
    (payout,) = queries.payouts_of([refund.id], refund.store_id)
    payout_id, back = payout.id, location + "/take-back"
    assert back in page.text
    assert send(finance, page, back, reason="", payout=payout_id).status_code == 422
    assert send(finance, page, back, reason="平台没退", payout=payout_id + 99).status_code == 409
    assert send(finance, page, back, reason="平台没退", payout=payout_id).status_code == 303
    shown = finance.get(location, headers=EN).text
    assert "it was said to be paid, and was not" in shown
    assert back not in shown
