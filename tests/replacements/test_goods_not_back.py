"""Goods in whose place an exchange was sent ahead never come: somebody charges them or waives them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import queries as cases
from shopdesk.cases import service as case_service
from shopdesk.cases.states import CasePhase, Fault, Resolution
from shopdesk.core import clock
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Actor, Role
from shopdesk.desk.service import closing_case
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Readiness
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.printing import service as printing
from shopdesk.replacements import queries, service
from shopdesk.replacements.service import LineWanted, Missed, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, NotBack, ReplacementKind, ReplacementState
from shopdesk.returns import queries as returns
from shopdesk.returns import service as return_service
from shopdesk.returns.states import ReturnState
from shopdesk.staff import queries as staff
from shopdesk.warehouse import service as warehouse
from shopdesk.warehouse.states import Mode, Result
from tests import after_sale_made as made
from tests import invariants, make
from tests.racing import race

pytestmark = pytest.mark.usefixtures("app")
CHARGED, WAIVED = NotBack.CHARGED, NotBack.WAIVED


def code(call, *args, **more):
    with pytest.raises(DomainError) as caught:
        call(*args, **more)
    return caught.value.code


def ahead(who=None, *, price_minor=None, units=2, due=timedelta(days=7)):
    """An exchange of two hats for 100 each that went out before they came back; the customer was to send them."""
    order = made.shipped(lines=(make.line("n1", quantity=2, price_minor=10_000),))
    case, owner = made.resolving(order, owner=who)
    case_service.add_resolution(case.id, Resolution.EXCHANGE, actor=owner)
    (hats,) = made.line_ids(case)
    wanted = [LineWanted(hats, units, attributes="颜色分类:灰色", price_minor=price_minor)]
    row = service.make(case.id, Wanted(ReplacementKind.EXCHANGE, wanted, due_at=clock.now() + due), actor=owner)
    back = return_service.confirm(case.id, {hats: units}, actor=owner)
    return owner, case, row, back


def now(row):
    (found,) = queries.of_case(row.case_id, row.store_id)
    return found


def test_e58_what_never_comes_back_is_charged_as_an_amount_that_is_owed_and_then_settled():
    owner, case, row, back = ahead()
    assert made.now(case).phase is CasePhase.RECEIVE
    service.decide_not_back(row.id, Missed(CHARGED, "客户不寄回，同意付款"), actor=owner)
    assert made.now(case).phase is CasePhase.RESOLVE
    found = returns.return_by_id(back.id, owner)
    assert (found.state, made.line(made.line_ids(case)[0], case.store_id).in_return) == (ReturnState.CANCELLED, 0)
    assert (now(row).difference_minor, now(row).settled_at) == (20_000, None)
    assert (made.balances(case).owed_minor, "money" in made.is_even(case)) == (20_000, True)
    assert "客户不寄回" in cases.notes_of(made.now(case))[0].text.reveal("test")
    service.settle_difference(row.id, Settling(DifferenceSettled.PAYMENT, reference="P-7781"), actor=owner)
    assert made.balances(case).owed_minor == 0
    assert "money" not in made.is_even(case)
    assert invariants.broken(case.store_id) == []


@pytest.mark.parametrize("stage", [None, Stage.PRINTED, Stage.PACKED])
def test_what_is_charged_holds_the_goods_that_have_not_left_until_it_is_settled(stage):
    owner, case, row, _back = ahead()
    order = orders.order_by_id(row.outbound_id, row.store_id)
    if stage:
        make.fact(order, stage)
    parcel = make.parcel(order)
    service.decide_not_back(row.id, Missed(CHARGED, "不寄回"), actor=owner)
    order = orders.order_by_id(row.outbound_id, row.store_id)
    assert (now(row).state, order.readiness) == (ReplacementState.WAITING, Readiness.AWAITING_BALANCE)
    clerk = make.actor(Role.WAREHOUSE, store_id=row.store_id)
    held = warehouse.scan(parcels.barcode(parcel.id), Mode.SHIP, actor=clerk)
    assert (held.result, held.reasons) == (Result.STOP, ("readiness_awaiting_balance",))
    if stage is None:
        printer = make.actor(Role.PRINTING, store_id=row.store_id)
        assert code(printing.print_batch, [parcel.id], None, actor=printer)
    assert code(service.send_ahead, row.id, clock.now() + timedelta(days=1), actor=owner) == "not_waiting_for_goods"
    service.settle_difference(row.id, Settling(DifferenceSettled.WAIVED, reason="算了"), actor=owner)
    assert now(row).state is ReplacementState.RELEASED
    assert warehouse.scan(parcels.barcode(parcel.id), Mode.SHIP, actor=clerk).result is Result.OK
    assert made.balances(case).owed_minor == 0


def test_what_has_left_before_it_is_charged_leaves_the_charge_open_when_the_case_is_to_close():
    owner, case, row, _back = ahead()
    make.fact(orders.order_by_id(row.outbound_id, row.store_id), Stage.SHIPPED)
    service.decide_not_back(row.id, Missed(CHARGED, "不寄回"), actor=owner)
    assert now(row).state is ReplacementState.RELEASED
    assert "money" in made.is_even(case)
    ended = case_service.Ended("货已发出", Fault.CUSTOMER)
    assert code(closing_case.close_case, case.id, ended, actor=owner) == "balance_open"


def test_e58_what_never_comes_back_is_waived_with_a_reason_and_nothing_is_owed():
    owner, case, row, _back = ahead()
    assert code(service.decide_not_back, row.id, Missed(WAIVED, " "), actor=owner) == "value_required"
    service.decide_not_back(row.id, Missed(WAIVED, "老客户，货值低"), actor=owner)
    found = now(row)
    assert (found.settled_how, found.why.reveal("test")) == (DifferenceSettled.WAIVED, "老客户，货值低")
    assert (made.balances(case).owed_minor, made.now(case).phase) == (0, CasePhase.RESOLVE)
    assert code(service.decide_not_back, row.id, Missed(CHARGED, "再收钱"), actor=owner) == "decided_already"


def test_e58_of_what_came_in_part_only_the_rest_is_charged_and_never_more_than_was_paid():
    owner, case, row, back = ahead()
    (line,) = returns.lines_of([back.id], back.store_id)
    make._write(line, {"arrived": 1})
    make._write(back, {"state": ReturnState.PARTLY_ARRIVED})
    make._write(made.line(made.line_ids(case)[0], case.store_id), {"in_return": 1, "returned": 1})
    assert queries.missing_minor(row) == 10_000
    assert (
        code(service.decide_not_back, row.id, Missed(CHARGED, "只寄回一件", 10_001), actor=owner) == "more_than_worth"
    )
    assert returns.return_by_id(back.id, owner).state is ReturnState.PARTLY_ARRIVED, "nothing was given up"
    service.decide_not_back(row.id, Missed(CHARGED, "只寄回一件", 8000), actor=owner)
    assert now(row).difference_minor == 8000


def test_e58_a_charge_joins_a_difference_that_is_still_open_and_replaces_one_that_was_waived():
    owner, case, row, _back = ahead(price_minor=25_000)
    service.decide_not_back(row.id, Missed(CHARGED, "不寄回"), actor=owner)
    assert (now(row).difference_minor, made.balances(case).owed_minor) == (25_000, 25_000)
    owner, case, row, back = ahead(price_minor=25_000)
    return_service.cancel(back.id, "重来", actor=owner)
    service.settle_difference(row.id, Settling(DifferenceSettled.WAIVED, reason="老客户"), actor=owner)
    service.decide_not_back(row.id, Missed(CHARGED, "不寄回"), actor=owner)
    assert (now(row).difference_minor, made.balances(case).owed_minor) == (20_000, 20_000)


def test_e58_where_a_difference_was_paid_the_goods_are_paid_by_an_order_of_its_own():
    owner, _case, row, back = ahead(price_minor=25_000)
    return_service.cancel(back.id, "重来", actor=owner)
    service.settle_difference(row.id, Settling(DifferenceSettled.PAYMENT, reference="P-1"), actor=owner)
    assert code(service.decide_not_back, row.id, Missed(CHARGED, "不寄回"), actor=owner) == "difference_paid"
    service.decide_not_back(row.id, Missed(WAIVED, "另付：订单 88"), actor=owner)
    found = now(row)
    assert (found.difference_minor, found.settled_how) == (5000, DifferenceSettled.PAYMENT)


def test_e58_only_of_what_was_sent_ahead_and_by_who_settles_the_case():
    owner, case, row, back = ahead()
    for role in (Role.PRE_SALE, Role.WAREHOUSE, Role.PRINTING):
        who = make.actor(role, store_id=row.store_id)
        assert code(service.decide_not_back, row.id, Missed(WAIVED, "x"), actor=who) == "not_allowed"
    other = made.agent(store_id=row.store_id, signature="别人")
    assert code(service.decide_not_back, row.id, Missed(WAIVED, "x"), actor=other) == "not_the_owner"
    stranger = make.actor(Role.AFTER_SALE, store_id=make.store("other").id)
    assert code(service.decide_not_back, row.id, Missed(WAIVED, "x"), actor=stranger) == "not_found"
    make._write(row, {"due_at": None})
    assert code(service.decide_not_back, row.id, Missed(WAIVED, "x"), actor=owner) == "not_sent_ahead"
    assert returns.return_by_id(back.id, owner).state is ReturnState.CONFIRMED
    assert made.now(case).phase is CasePhase.RECEIVE


def test_e58_a_supervisor_decides_too_and_no_reminder_comes_after_it():
    _owner, _case, row, _back = ahead()
    above = make.actor(Role.SUPERVISOR, store_id=row.store_id)
    service.decide_not_back(row.id, Missed(WAIVED, "货值低"), actor=above)
    make._write(now(row), {"due_at": clock.now() - timedelta(minutes=1)})
    assert service.release_due(row.store_id, actor=Actor.system([row.store_id])) == 0


def test_e58_the_page_asks_once_they_are_late_and_shows_what_is_owed(sign_in):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    owner, case, row, _back = ahead(staff.actor_for(person, channel="page"))
    browser = sign_in(person)
    page, action = f"/cases/{case.id}", f"/cases/{case.id}/replacements/{row.id}/not-back"
    shown = browser.get(page).text
    assert action in shown
    assert "200.00" in shown
    typed = {"csrf_token": make.token(browser.get(page)), "how": "charged", "amount": "200.01", "reason": "不寄回了"}
    refused = browser.post(action, data=typed)
    assert refused.status_code == 422
    assert 'value="不寄回了"' in refused.text
    assert 'value="200.01"' in refused.text
    assert browser.post(action, data=typed | {"amount": ""}).status_code == 303
    shown = browser.get(page).text
    assert action not in shown
    assert f"/cases/{case.id}/replacements/{row.id}/difference" in shown
    warehouse = sign_in(make.person(Role.WAREHOUSE, store_id=make.store().id))
    assert warehouse.post(action, data=typed).status_code in {400, 403}
    assert owner.id == person.id


def test_e58_the_api_charges_and_waives(api):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id)
    _owner, _case, row, _back = ahead(staff.actor_for(person, channel="page"))
    call = api(person)
    done = call("POST", f"/replacements/{row.id}/goods-not-back", {"how": "charged", "reason": "不寄回"}, key="n1")
    assert done.status_code == 200, done.text
    assert done.json["replacements"][0]["difference_minor"] == 20_000
    assert [one["is_open"] for one in done.json["balances"] if one["part"] == "money"] == [True]
    again = call("POST", f"/replacements/{row.id}/goods-not-back", {"how": "waived", "reason": "不寄回"}, key="n2")
    assert (again.status_code, again.json["error"]) == (409, "decided_already")


@pytest.mark.both_engines
def test_e58_of_two_who_decide_at_once_one_does(app):
    owner, _case, row, _back = ahead()
    row_id = row.id
    found = race(
        app,
        lambda: service.decide_not_back(row_id, Missed(CHARGED, "不寄回"), actor=owner),
        lambda: service.decide_not_back(row_id, Missed(WAIVED, "货值低"), actor=owner),
    )
    assert sorted(found) == ["decided_already", "ok"]
