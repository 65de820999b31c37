"""The cards of resolving a case: what each reader sees, what a click does, what a refusal keeps."""

from __future__ import annotations

import re

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.states import AmountPart, CasePhase, Ending, Reason, Resolution
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from shopdesk.replacements import queries as replacements
from shopdesk.replacements import service
from shopdesk.replacements.service import LineWanted, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind
from tests import after_sale_made as made
from tests import make
from tests.desk.pages import EN, by, send

pytestmark = pytest.mark.usefixtures("app")
TWO = (make.line("n1", quantity=2, price_minor=10_000), make.line("n2", price_minor=5000, title="围巾", sku="SCARF"))


@pytest.fixture
def agent(sign_in):
    make.store()
    person = make.person(Role.AFTER_SALE, signature="阿禾")
    return sign_in(person), by(person)


def path(case, what=""):
    return f"/cases/{case.id}{what}"


@pytest.mark.mission("M098", "M107", "M114", "M115", "M118")
def test_one_person_carries_a_mixed_case_to_its_last_balance(agent):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO), owner=who, reason=Reason.WRONG_ITEM)
    hats, scarf = made.line_ids(case)
    for kind in ("refund", "reship", "compensation"):
        page = browser.get(path(case))
        assert send(browser, page, path(case, "/resolutions"), resolution=kind).status_code == 303
    page = browser.get(path(case))
    assert (
        send(browser, page, path(case, "/refund"), **{f"units-{scarf}": "1", f"units-{hats}": "0"}).status_code == 303
    )
    page = browser.get(path(case))
    out = {f"units-{hats}": "1", f"units-{scarf}": "0", "waits": "now", "kind": "reship"}
    assert send(browser, page, path(case, "/replacements"), **out).status_code == 303
    page = browser.get(path(case))
    assert send(browser, page, path(case, "/amounts"), part="compensation", amount="5").status_code == 303
    page = browser.get(path(case))
    paid = {"part": "money", "amount": "50.00", "destination": "alipay"}
    early = send(browser, page, path(case, "/settlements"), **paid, account="ming@example.com")
    assert early.status_code == 409, "the invoice was not asked"
    assert send(browser, page, path(case, "/invoice"), sent="no").status_code == 303
    page = browser.get(path(case))
    missing = send(browser, page, path(case, "/settlements"), **paid)
    assert missing.status_code == 422
    assert "50.00" in missing.text
    assert send(browser, page, path(case, "/settlements"), **paid, account="ming@example.com").status_code == 303
    page = browser.get(path(case))
    assert "ming@example.com" not in page.text
    goodwill = {"part": "compensation", "amount": "5", "destination": "platform"}
    assert send(browser, page, path(case, "/settlements"), **goodwill).status_code == 303
    (row,) = replacements.of_case(case.id, case.store_id)
    make.fact(orders.order_by_id(row.outbound_id, row.store_id), Stage.SHIPPED)
    page = browser.get(path(case))
    assert send(browser, page, path(case, "/end"), outcome="补发一件，退一件", fault="warehouse").status_code == 303
    now = made.now(case)
    assert (now.phase, now.ending, now.fault) == (CasePhase.CLOSED, Ending.SETTLED, "warehouse")
    page = browser.get(path(case))
    assert page.status_code == 200
    assert browser.get(path(case, "/statement")).status_code == 200


@pytest.mark.mission("M098")
def test_the_everyday_case_is_refunded_and_closed_with_one_click(agent):
    browser, who = agent
    case, _who = made.resolving(owner=who, reason=Reason.UNWANTED)
    made.came_back(case, {made.line_ids(case)[0]: 1})
    page = browser.get(path(case), headers=EN)
    assert "¥128.00" in page.text
    assert send(browser, page, path(case, "/refund-and-end")).status_code == 303
    now = made.now(case)
    assert (now.phase, now.ending, now.invoice_sent) == (CasePhase.CLOSED, Ending.SETTLED, False)
    (entry,) = settling.settlements_of(now)
    assert (entry.amount_minor, str(entry.destination), str(entry.part)) == (12_800, "platform", "money")
    line = made.line(made.line_ids(case)[0], case.store_id)
    assert (line.reserved_minor, line.refunded_minor) == (0, 12_800)


def test_the_one_click_is_not_offered_where_there_is_more_to_it(agent):
    browser, who = agent
    waiting, _who = made.resolving(owner=who)
    made.came_back(waiting, {made.line_ids(waiting)[0]: 1}, place=None)
    invoiced, _who = made.resolving(owner=who)
    made.came_back(invoiced, {made.line_ids(invoiced)[0]: 1})
    cases.answer_invoice(invoiced.id, is_sent=True, actor=who)
    for case in (waiting, invoiced, made.resolving(owner=who)[0]):
        assert "refund-and-end" not in browser.get(path(case)).text
        data = {"csrf_token": make.token(browser.get(path(case))), "outcome": "x", "fault": "shop"}
        assert browser.post(path(case, "/refund-and-end"), data=data).status_code == 409


def test_a_supervisor_closes_an_open_balance_with_a_reason_and_names_a_person_with_their_answer(agent, sign_in):
    browser, who = agent
    case, _who = made.resolving(owner=who)
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    page = browser.get(path(case))
    assert "/end" not in page.text
    boss_person = make.person(Role.SUPERVISOR)
    boss = sign_in(boss_person)
    page = boss.get(path(case))
    assert send(boss, page, path(case, "/end-open"), outcome="").status_code == 422
    named = {"outcome": "客户不要了", "fault": "warehouse", "fault_person": str(who.id)}
    assert send(boss, page, path(case, "/end-open"), **named).status_code == 422
    assert send(boss, page, path(case, "/end-open"), **named, fault_said="当时看错了").status_code == 303
    now = made.now(case)
    assert (now.ending, now.fault_person_id, now.fault_said is not None) == (Ending.LEFT_OPEN, who.id, True)
    assert "当时看错了" in boss.get(path(case)).text
    assert "当时看错了" not in browser.get(path(case)).text


@pytest.mark.mission("M116", "M117")
def test_finance_has_a_list_of_what_to_issue_and_the_case_stays_open_until_then(agent, sign_in):
    browser, who = agent
    case, _who = made.resolving(owner=who)
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    cases.answer_invoice(case.id, is_sent=True, actor=who)
    (task,) = settling.tasks_of(case)
    finance = sign_in(make.person(Role.FINANCE))
    page = finance.get("/invoices")
    assert case.number in page.text
    boss = sign_in(make.person(Role.SUPERVISOR))
    assert "/end-open" not in boss.get(path(case)).text
    refused = send(finance, page, f"/invoices/{task.id}", reference="张三")
    assert refused.status_code == 422
    assert "张三" in refused.text
    assert send(finance, page, f"/invoices/{task.id}", reference="BS-2026-11").status_code == 303
    assert case.number not in finance.get("/invoices").text
    assert "BS-2026-11" in browser.get(path(case)).text
    assert browser.get("/invoices").status_code == 403


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.PRINTING])
def test_e63_warehouse_and_printing_see_no_money_of_a_case(sign_in, role):
    case, who = made.resolving()
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=who)
    cases.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    browser = sign_in(make.person(role))
    for what in ("", "/statement"):
        assert browser.get(path(case, what)).status_code == 403
    assert browser.get("/invoices").status_code == 403


def test_what_was_typed_about_goods_that_go_out_stays_when_it_is_refused(agent):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO), owner=who)
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    hats = made.line_ids(case)[0]
    page = browser.get(path(case))
    typed = {f"units-{hats}": "3", f"attributes-{hats}": "颜色分类:墨绿"}
    answer = send(browser, page, path(case, "/replacements"), **typed)
    assert answer.status_code == 422
    assert "颜色分类:墨绿" in answer.text
    typed = {f"units-{hats}": "1", f"price-{hats}": "abc"}
    assert send(browser, page, path(case, "/replacements"), **typed).status_code == 422
    typed = {f"units-{hats}": "1", f"price-{hats}": "120"}
    assert send(browser, page, path(case, "/replacements"), **typed).status_code == 303
    (row,) = replacements.of_case(case.id, case.store_id)
    assert row.difference_minor == 2000
    page = browser.get(path(case))
    action = path(case, f"/replacements/{row.id}/difference")
    assert send(browser, page, action, how="payment").status_code == 422
    assert send(browser, page, action, how="payment", reference="PAY-7").status_code == 303
    page = browser.get(path(case))
    assert (
        send(browser, page, path(case, f"/replacements/{row.id}/ahead"), due_at="2099-01-01T10:00").status_code == 303
    )
    page = browser.get(path(case))
    assert send(browser, page, path(case, f"/replacements/{row.id}/cancel"), reason="不换了").status_code == 303


@pytest.mark.parametrize(
    ("settling", "said"),
    [
        (None, "difference not settled"),
        (Settling(DifferenceSettled.PAYMENT, reference="PAY-77"), "payment PAY-77"),
        (Settling(DifferenceSettled.WAIVED, reason="老客户"), "waived"),
    ],
)
def test_the_statement_says_how_a_difference_was_settled(agent, api, settling, said):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO), owner=who)
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    line = LineWanted(made.line_ids(case)[0], 1, price_minor=99_900)
    row = service.make(case.id, Wanted(ReplacementKind.EXCHANGE, [line], waits_for_goods=False), actor=who)
    if settling:
        service.settle_difference(row.id, settling, actor=who)
    page = browser.get(path(case, "/statement"), headers=EN).text
    copied = re.search(r'data-copy="([^"]*Statement[^"]*)"', page).group(1)
    for text in (page.replace(copied, ""), copied):
        assert said in text.lower().replace("pay-77", "PAY-77")
    owed = api(make.person(Role.SUPERVISOR))("GET", f"/cases/{case.id}/statement").json["cases"][0]["went_out"][0]
    how, by = (settling.how, settling.reference) if settling else (None, None)
    assert (owed["difference_minor"], owed["settled_how"], owed["settled_by"]) == (row.difference_minor, how, by)


def test_e20_the_statement_follows_what_went_out_to_its_own_case(agent):
    browser, who = agent
    case, _who = made.resolving(made.shipped(lines=TWO), owner=who)
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    line = LineWanted(made.line_ids(case)[0], 1)
    row = service.make(case.id, Wanted(ReplacementKind.EXCHANGE, [line], waits_for_goods=False), actor=who)
    outbound = orders.order_by_id(row.outbound_id, row.store_id)
    make.fact(outbound, Stage.SHIPPED)
    later, _who = made.resolving(outbound, owner=who)
    for one in (case, later):
        text = browser.get(path(one, "/statement")).text
        assert '<td class="is-r">0 / 0</td>' in text, "what came back of what was expected, in one column"
        assert case.number in text
        assert later.number in text
        assert outbound.number in text
    words = re.search(r'data-copy="([^"]*对账单[^"]*)"', text).group(1)
    for said in (case.number, later.number, f"{outbound.number} · 换货 ×1", "退款 ¥0.00 / ¥0.00"):
        assert said in words
    assert "data-print" in text
