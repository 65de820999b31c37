"""The cards of goods and couriers, the slip, the policy page, the list of what is overdue, as people see them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases.queries import courier as reads
from shopdesk.cases.states import CaseKind, CasePhase, Goal
from shopdesk.core import clock
from shopdesk.core.permissions import Permission, Role
from shopdesk.returns import queries, service
from shopdesk.returns.states import FreightPayer, ReturnState
from shopdesk.staff import queries as staff
from tests import make
from tests.returns.world import boss, case_now, case_of, confirmed, counters, line_of, sent

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def desk(sign_in):
    """(person as actor, browser) of after-sale."""
    person = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    return staff.actor_for(person, channel="page"), sign_in(person)


def post(browser, page, path, **data):
    return browser.post(path, data={"csrf_token": make.token(browser.get(page)), **data})


@pytest.mark.mission("M092")
def test_a_return_is_confirmed_sent_and_given_up_on_the_page_of_its_case(desk):
    owner, browser = desk
    order = sent(units=2)
    case = case_of(order, owner)
    page = f"/cases/{case.id}"
    shown = browser.get(page).text
    assert "7" in shown
    assert f'name="units_{line_of(order).id}"' in shown
    answer = post(browser, page, f"{page}/returns", **{f"units_{line_of(order).id}": "2"})
    assert (answer.status_code, counters(order)) == (303, (2, 2, 0))
    (back,) = queries.of_case(case.id, case.store_id)
    answer = post(browser, page, f"/returns/{back.id}/waybills", numbers="运单号:SF1234567890123", carrier="顺丰")
    assert answer.status_code == 303
    assert "SF1234567890123" in browser.get(page).text
    answer = post(browser, page, f"/returns/{back.id}/give-up", reason="丢件", **{f"units_{line_of(order).id}": "1"})
    assert (answer.status_code, counters(order)) == (303, (2, 1, 0))
    assert post(browser, page, f"/returns/{back.id}/cancel", reason="不退了").status_code == 303
    assert (case_now(case).phase, counters(order)) == (CasePhase.RESOLVE, (2, 0, 0))
    assert "不退了" in browser.get(page).text


@pytest.mark.parametrize(
    ("typed", "status"), [("9", 422), ("0", 422), ("", 422), ("1.5", 422), ("-1", 422), ("x", 422)]
)
def test_units_that_make_no_sense_are_refused_and_stay_as_typed(desk, typed, status):
    owner, browser = desk
    order = sent(units=2)
    case = case_of(order, owner)
    answer = post(browser, f"/cases/{case.id}", f"/cases/{case.id}/returns", **{f"units_{line_of(order).id}": typed})
    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert counters(order) == (2, 0, 0)


def test_a_waybill_that_is_none_is_refused_with_what_was_typed_kept(desk):
    owner, browser = desk
    case = case_of(sent(), owner)
    back = confirmed(case, owner, 1)
    answer = post(browser, f"/cases/{case.id}", f"/returns/{back.id}/waybills", numbers="客户说已寄")
    assert answer.status_code == 422
    assert "客户说已寄" in answer.text
    assert queries.of_case(case.id, case.store_id)[0].state is ReturnState.CONFIRMED


def test_the_days_are_over_so_after_sale_is_told_and_a_supervisor_makes_an_exception(desk, sign_in):
    owner, browser = desk
    order = sent(ago=timedelta(days=20))
    case = case_of(order, owner)
    units = {f"units_{line_of(order).id}": "1"}
    answer = post(browser, f"/cases/{case.id}", f"/cases/{case.id}/returns", **units)
    assert answer.status_code == 409
    other = sign_in(make.person(Role.SUPERVISOR, store_id=make.store().id))
    answer = post(other, f"/cases/{case.id}", f"/cases/{case.id}/returns", exception="老客户", **units)
    assert answer.status_code == 303
    assert "老客户" in other.get(f"/cases/{case.id}").text


@pytest.mark.mission("M093")
def test_the_slip_names_order_case_customer_contact_and_where_to_send(desk):
    owner, browser = desk
    order = sent(units=2)
    policy = {"days": 7, "condition": "未拆封", "freight": FreightPayer.BY_REASON}
    service.set_policy(order.store_id, receiver="云帆售后部 0571-000000\n杭州市云帆路66号", actor=boss(), **policy)
    case = case_of(order, owner)
    back = confirmed(case, owner, 2)
    text = post(browser, f"/cases/{case.id}", f"/returns/{back.id}/slip-text").text
    for part in (order.number, case.number, "张伟", "138****5678", "云帆路66号", "羊毛帽 颜色分类:黑色 ×2", "由您承担"):
        assert part in text, part
    assert "13812345678" not in text
    page = browser.get(f"/returns/{back.id}/slip").text
    assert page.count("<svg") >= 2
    for part in (order.number, case.number, "张伟", "138****5678", "云帆路66号", "</b> 由您承担"):
        assert part in page, part
    assert "13812345678" not in page


def test_who_may_not_read_personal_values_gets_a_masked_name():
    owner = make.actor(Role.AFTER_SALE, store_id=make.store().id)
    back = confirmed(case_of(sent(), owner), owner, 1)
    person = make.person(Role.AFTER_SALE, store_id=make.store().id)
    limit = frozenset({Permission.CASE_READ, Permission.ORDER_READ})
    found = service.open_slip(back.id, actor=staff.actor_for(person, channel="api", limit=limit))
    assert "张伟" not in found.text


def test_a_parcel_that_is_turned_round_and_a_claim_on_the_card_of_couriers(desk):
    owner, browser = desk
    order = sent(units=1, delivered=False, waybills=[("SF1234567890123", "顺丰")])
    case = case_of(order, owner, CaseKind.INTERCEPT, goal=Goal.RETURN)
    page = f"/cases/{case.id}"
    assert 'name="outcome"' in browser.get(page).text
    assert post(browser, page, f"{page}/courier", outcome="turned_round", said="网点已退回").status_code == 303
    shown = browser.get(page).text
    assert "网点已退回" in shown
    assert "SF1234567890123" in shown
    assert post(browser, page, f"{page}/courier", outcome="turned_round").status_code == 409
    assert post(browser, page, f"{page}/courier", outcome="nonsense").status_code == 422
    assert post(browser, page, f"{page}/courier", outcome="lost", said="查无").status_code == 303
    filed = post(browser, page, f"{page}/claims", amount="128.00", carrier="顺丰", waybill="SF1234567890123")
    assert filed.status_code == 303
    (claim,) = reads.claims_of_case(case.id, case.store_id)
    assert claim.amount_minor == 12_800
    assert post(browser, page, f"/claims/{claim.id}/state", state="paid", paid="999").status_code == 422
    assert post(browser, page, f"/claims/{claim.id}/state", state="paid", paid="100").status_code == 303
    assert "100.00" in browser.get(page).text
    for amount in ("", "-5", "1.234", "abc"):
        assert post(browser, page, f"{page}/claims", amount=amount, carrier="顺丰").status_code == 422


def test_what_is_overdue_is_listed(desk):
    owner, browser = desk
    case = case_of(sent(), owner)
    back = confirmed(case, owner, 1)
    assert case.number not in browser.get("/cases/overdue-back").text
    make._write(back, {"until": clock.now() - timedelta(hours=1)})
    assert case.number[-4:] in browser.get("/cases/overdue-back").text


def test_a_supervisor_writes_the_policy_and_sees_its_versions(sign_in):
    store = make.store()
    browser = sign_in(make.person(Role.SUPERVISOR, store_id=store.id))
    page = f"/return-policies/{store.id}"
    assert browser.get("/return-policies").status_code == 200
    form = {"days": "15", "condition": "未拆封", "freight": "shop", "receiver": "云帆售后部\n杭州市"}
    assert post(browser, page, page, **form).status_code == 303
    assert "未拆封" in browser.get(page).text
    assert [row.days for row in queries.versions(store.id)] == [15]
    for wrong in ({"days": "-1"}, {"days": "x"}, {"condition": ""}, {"freight": "nobody"}):
        assert post(browser, page, page, **{**form, **wrong}).status_code == 422, wrong
    assert browser.get(f"/return-policies/{make.store('other').id}").status_code == 404


def test_a_courier_that_ends_things_is_chosen_and_never_noted_by_a_click_too_early(desk):
    owner, browser = desk
    order = sent(delivered=False)
    case = case_of(order, owner, CaseKind.INTERCEPT, goal=Goal.RETURN)
    page = f"/cases/{case.id}"
    shown = browser.get(page).text
    assert '<option selected value="asked">' in shown or '<option value="asked">' in shown
    assert post(browser, page, f"{page}/courier", outcome="turned_round").status_code == 303
    shown = browser.get(page).text
    assert '<option selected value=""' in shown or '<option value=""' in shown
    answer = post(browser, page, f"{page}/courier", outcome="", said="网点说的")
    assert answer.status_code == 422
    assert "网点说的" in answer.text
    assert reads.last_outcome(case.id, case.store_id) == "turned_round"


def test_a_claim_that_is_paid_in_part_says_what_is_short(desk):
    owner, browser = desk
    case = case_of(sent(delivered=False), owner, CaseKind.TRACE)
    page = f"/cases/{case.id}"
    assert post(browser, page, f"{page}/claims", amount="256.00", carrier="顺丰").status_code == 303
    (claim,) = reads.claims_of_case(case.id, case.store_id)
    assert post(browser, page, f"/claims/{claim.id}/state", state="paid", paid="200.00").status_code == 303
    shown = browser.get(page).text
    assert "¥56.00" in shown
    assert post(browser, page, f"{page}/claims", amount="56.00", carrier="顺丰").status_code == 303  # the rest of it
