"""Pages of cases: the list, one case, the form on an order, the order page, look-up and inbox."""

from __future__ import annotations

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.service import Application
from shopdesk.cases.states import CaseKind, CourierOutcome, Goal
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import Role
from shopdesk.parcels.states import Stage
from shopdesk.returns import service as returns
from tests import make
from tests.desk.pages import fields, send

pytestmark = pytest.mark.usefixtures("app")
WISH = "收件人搬家了，请改派到云帆路66号"


def left():
    order = make.order()
    make.fact(order, Stage.SHIPPED)
    return order


def case_of(order, kind=CaseKind.INTERCEPT, goal=Goal.REDIRECT, by=None):
    return service.record(order.id, Application(kind, WISH, goal), actor=by or make.actor(Role.PRE_SALE))


@pytest.fixture
def agent(sign_in):
    return sign_in(make.person(Role.AFTER_SALE, signature="阿禾"))


@pytest.mark.mission("M064")
def test_a_case_is_accepted_by_name_and_closed_with_an_outcome(agent):
    case = case_of(left())
    page = agent.get(f"/cases/{case.id}")
    assert page.status_code == 200
    assert WISH in page.text
    answer = send(agent, page, f"/cases/{case.id}/accept")
    assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}")
    page = agent.get(f"/cases/{case.id}")
    assert "阿禾" in page.text
    assert f"/cases/{case.id}/accept" not in page.text
    assert f"/cases/{case.id}/close" not in page.text, "nothing came of the interception yet"
    returns.tell(case.id, CourierOutcome.TOO_LATE, actor=make.actor(Role.SUPERVISOR))
    page = agent.get(f"/cases/{case.id}")
    assert send(agent, page, f"/cases/{case.id}/close", outcome="快递已改派").status_code == 303
    page = agent.get(f"/cases/{case.id}")
    assert "快递已改派" in page.text
    assert "/close" not in page.text


def test_who_comes_second_hears_who_was_quicker_and_what_was_typed_stays(agent, sign_in):
    case = case_of(left(), CaseKind.RETURN, None)
    early = agent.get(f"/cases/{case.id}")
    other = make.actor(Role.AFTER_SALE, signature="小棠")
    service.accept(case.id, actor=other)
    answer = send(agent, early, f"/cases/{case.id}/accept")
    assert answer.status_code == 409
    assert "小棠" in answer.text
    boss = sign_in(make.person(Role.SUPERVISOR))
    page = boss.get(f"/cases/{case.id}")
    assert send(boss, page, f"/cases/{case.id}/close", outcome="").status_code == 422
    service.close(case.id, "solved", actor=other)
    answer = send(boss, page, f"/cases/{case.id}/close", outcome="写了一半的话")
    assert answer.status_code == 409


def test_the_list_has_its_tabs_and_counts_and_shows_no_wish(agent):
    order = left()
    first, second = case_of(order), case_of(order, CaseKind.TRACE, None)
    page = agent.get("/cases").text
    assert f"/cases/{first.id}" in page
    assert f"/cases/{second.id}" in page
    assert "kind=trace" in page
    assert WISH not in page
    only = agent.get("/cases?kind=trace").text
    assert first.number not in only
    assert second.number in only
    assert first.number not in agent.get("/cases?whose=mine").text
    service.accept(first.id, actor=make.actor(Role.AFTER_SALE))
    assert first.number not in agent.get("/cases?whose=unassigned").text
    assert agent.get("/cases?whose=nonsense&kind=nonsense&after=x").status_code == 200
    assert agent.get("/cases?whose=closed").status_code == 200


def test_the_navigation_counts_what_waits_for_after_sale(agent):
    case_of(left())
    assert 'data-nav="cases.cases"' in agent.get("/").text
    assert queries.count_waiting(make.actor(Role.AFTER_SALE)) == 1


@pytest.mark.mission("M038")
def test_a_wish_about_what_has_left_becomes_a_case_in_one_submit(sign_in):
    order, asker = left(), sign_in(make.person(Role.PRE_SALE))
    page = asker.get(f"/orders/{order.id}/changes/cancel")
    assert page.status_code == 200
    action = f"/orders/{order.id}/cases"
    assert fields(page, action)["kind"] == "intercept:return"
    answer = send(asker, page, action, wish="不要了,请退回")
    assert answer.status_code == 303
    (row,) = queries.of_order(order.id, order.store_id, make.actor(Role.AFTER_SALE))
    assert answer.location == f"/cases/{row.id}"
    assert (row.kind, row.goal) == (CaseKind.INTERCEPT, Goal.RETURN)
    again = send(asker, page, action, wish="不要了,请退回")
    assert again.location == answer.location, "the same submit again is the same case"


@pytest.mark.parametrize(
    ("kind", "chosen"), [("address", "intercept:redirect"), ("invoice", "invoice"), ("courier", "trace")]
)
def test_each_kind_of_wish_proposes_its_case_and_the_person_may_choose_another(sign_in, kind, chosen):
    order, asker = left(), sign_in(make.person(Role.PRE_SALE))
    page = asker.get(f"/orders/{order.id}/changes/{kind}")
    action = f"/orders/{order.id}/cases"
    assert fields(page, action)["kind"] == chosen
    assert send(asker, page, action, wish=WISH, kind="intercept:hold_at_station").status_code == 303
    (row,) = queries.of_order(order.id, order.store_id, make.actor(Role.AFTER_SALE))
    assert row.goal is Goal.HOLD_AT_STATION


def test_price_and_freight_are_no_case(sign_in):
    order, asker = left(), sign_in(make.person(Role.PRE_SALE))
    for kind in ("price", "freight"):
        assert f"/orders/{order.id}/cases" not in asker.get(f"/orders/{order.id}/changes/{kind}").text


def test_a_wish_typed_while_the_parcel_left_is_in_the_case_form(sign_in):
    order, asker = make.order(), sign_in(make.person(Role.PRE_SALE))
    page = asker.get(f"/orders/{order.id}/changes/{Kind.COURIER}")
    make.fact(order, Stage.SHIPPED)
    answer = send(asker, page, "", text="顺丰特快")
    assert answer.status_code == 409
    assert fields(answer, f"/orders/{order.id}/cases")["wish"] == "顺丰特快"


def test_an_address_typed_while_the_parcel_left_is_in_the_case_form_whole(sign_in):
    order, asker = make.order(), sign_in(make.person(Role.PRE_SALE))
    page = asker.get(f"/orders/{order.id}/changes/address")
    pasted = "李静,13912345678,浙江省杭州市滨江区云帆路66号"
    page = send(asker, page, "", pasted=pasted, action="parse")
    make.fact(order, Stage.SHIPPED)
    answer = send(asker, page, "", action="submit")
    assert answer.status_code == 409
    wish = fields(answer, f"/orders/{order.id}/cases")["wish"]
    assert [part for part in ("李静", "13912345678", "滨江区", "云帆路66号") if part not in wish] == []


def test_a_case_form_keeps_what_was_typed_when_it_is_refused(sign_in):
    order, asker = left(), sign_in(make.person(Role.PRE_SALE))
    page = asker.get(f"/orders/{order.id}/cases/new?kind=exchange")
    action = f"/orders/{order.id}/cases"
    assert fields(page, action)["kind"] == "exchange"
    assert send(asker, page, action, wish="").status_code == 422
    answer = send(asker, page, action, wish=WISH, kind="nonsense")
    assert answer.status_code == 422
    assert WISH in answer.text
    unshipped = make.order()
    assert f"/orders/{unshipped.id}/cases" not in asker.get(f"/orders/{unshipped.id}/cases/new").text.replace(
        f"/orders/{unshipped.id}/cases/new", ""
    )


def test_the_order_page_shows_its_cases_by_number_and_the_way_to_a_new_one(agent, sign_in):
    order = left()
    page = agent.get(f"/orders/{order.id}").text
    assert f"/orders/{order.id}/cases/new" in page
    case = case_of(order)
    assert case.number in agent.get(f"/orders/{order.id}").text
    assert (
        f"/orders/{order.id}/cases/new?kind=exchange"
        in sign_in(make.person(Role.PRE_SALE)).get(f"/orders/{order.id}").text
    )
    for role in (Role.WAREHOUSE, Role.PRINTING, Role.FINANCE):
        assert case.number not in sign_in(make.person(role)).get(f"/orders/{order.id}").text
    assert f"/orders/{order.id}/cases/new" not in agent.get(f"/orders/{make.order().id}").text


def test_a_case_number_finds_the_case_for_who_sees_it(agent, sign_in):
    order = left()
    case = case_of(order)
    for typed in (case.number, case.number.lower(), f" {case.number} "):
        answer = agent.get("/", query_string={"q": typed})
        assert (answer.status_code, answer.location) == (303, f"/cases/{case.id}"), typed
    assert sign_in(make.person(Role.WAREHOUSE)).get("/", query_string={"q": case.number}).status_code == 200
    assert agent.get("/", query_string={"q": "C20200101-9999"}).status_code == 200


def test_the_notice_of_a_late_change_leads_to_its_case(agent):
    order = make.order()
    make.change(order, by=make.actor(Role.PRE_SALE))
    make.fact(order, Stage.SHIPPED)
    (row,) = queries.of_order(order.id, order.store_id, make.actor(Role.AFTER_SALE))
    assert f'href="/cases/{row.id}"' in agent.get("/inbox").text


def test_finance_reads_the_invoice_it_is_to_write_and_accepts_it(sign_in):
    order = left()
    case = case_of(order, CaseKind.INVOICE, None)
    other = case_of(order)
    finance = sign_in(make.person(Role.FINANCE))
    page = finance.get(f"/cases/{case.id}")
    assert WISH in page.text
    assert send(finance, page, f"/cases/{case.id}/accept").status_code == 303
    assert finance.get(f"/cases/{other.id}").status_code == 403
    assert other.number not in finance.get("/cases").text


@pytest.mark.parametrize(
    ("locale", "words"),
    [("zh-CN", ["售后单", "领取", "快递拦截"]), ("en", ["Cases", "Accept", "Intercept: to another address"])],
)
def test_the_pages_are_there_in_both_languages(agent, locale, words):
    case = case_of(left())
    agent.environ_base["HTTP_ACCEPT_LANGUAGE"] = locale
    text = agent.get("/cases").text + agent.get(f"/cases/{case.id}").text
    assert [word for word in words if word not in text] == []
