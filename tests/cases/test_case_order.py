"""What comes next on a case and in which order its cards stand: what can be done now first, what is done folded."""

from __future__ import annotations

import re

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.service import Application, Ended, Paid
from shopdesk.cases.states import (
    AmountPart,
    CaseKind,
    CasePhase,
    CourierOutcome,
    Fault,
    Goal,
    PaidTo,
    PhaseMove,
    Reason,
    Resolution,
)
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.refund_view import standing
from shopdesk.desk.service import closing_case
from shopdesk.desk.views.cases.layout import ORDER, arranged
from shopdesk.desk.views.cases.next_step import ASK_COURIER, COURIER_ANSWERS, LATER, SENDS, UNDER_WAY, next_step
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from shopdesk.refunds import service as refunds
from shopdesk.refunds.service import Asked, CaseWish, Target
from shopdesk.refunds.states import Stand
from shopdesk.replacements import queries as replacements
from shopdesk.replacements import service
from shopdesk.replacements.service import LineWanted, Settling, Wanted
from shopdesk.replacements.states import DifferenceSettled, ReplacementKind
from shopdesk.returns import service as returns
from shopdesk.staff.models import REFUND_LIMIT
from tests import after_sale_made as made
from tests import make
from tests.desk.pages import by, send

pytestmark = pytest.mark.usefixtures("app")
CARD = re.compile(r'<(section|details) class="card[^"]*" id="([a-z]+)"')


def cards(page):
    """(name, whether it is folded) of each card, from the top."""
    return [(name, kind == "details") for kind, name in CARD.findall(page.text)]


def step(case):
    return next_step(made.now(case)).card


@pytest.mark.parametrize("phase", CasePhase)
def test_no_card_is_lost_whatever_the_phase_and_the_next_step(phase):
    names = {name for each in ORDER.values() for name in each} | {"problem", "people", "together"}
    given = {name: {"photos": [1]} for name in names}
    for first in names:
        found = arranged(phase, given, first, None)
        shown = [*found.main, *found.beside]
        assert len(shown) == len(set(shown))
        assert first not in found.folded
        assert set(shown) == names


def test_a_refused_form_stands_open_before_everything_else():
    given = {name: {"photos": [], "is_done": True} for name in (*ORDER[CasePhase.RESOLVE], "problem")}
    found = arranged(CasePhase.RESOLVE, given, "ending", "courier")
    assert found.main[:2] == ["courier", "ending"]
    assert not {"courier", "ending"} & set(found.folded)


@pytest.mark.mission("M083")
def test_in_the_first_phase_the_problem_stands_first_then_what_is_decided_about_it(sign_in):
    make.store()
    owner = make.person(Role.AFTER_SALE)
    for kind, expected in ((CaseKind.RETURN, "appraisal"), (CaseKind.TRACE, "courier")):
        case = cases.record(made.shipped().id, Application(kind, "有点大"), actor=by(owner))
        assert step(case) == "people"
        cases.accept(case.id, actor=by(owner))
        assert step(case) == expected
        shown = cards(sign_in(owner).get(f"/cases/{case.id}"))
        assert shown[:2] == [("problem", False), (expected, False)]


def test_while_the_goods_are_on_their_way_they_stand_first_and_what_is_past_is_folded(sign_in):
    make.store()
    owner = make.person(Role.AFTER_SALE)
    case, who = made.resolving(owner=by(owner))
    made.expected_back(case, {made.line_ids(case)[0]: 1})
    cases.move(case, PhaseMove.EXPECT_GOODS, actor=who)
    page = sign_in(owner).get(f"/cases/{case.id}")
    assert cards(page)[0] == ("goods", False)
    assert ("ending", True) in cards(page)
    assert 'class="sd-next is-other"' in page.text, "somebody else's turn"


def test_a_courier_that_was_asked_is_waited_for_and_not_asked_again():
    order, agent = make.order(), make.actor(Role.AFTER_SALE)
    make.fact(order, Stage.SHIPPED)
    wish = Application(CaseKind.INTERCEPT, "不要了", Goal.RETURN)
    case = cases.accept(cases.record(order.id, wish, actor=agent).id, actor=agent)
    assert next_step(case) is ASK_COURIER
    returns.tell(case.id, CourierOutcome.ASKED, actor=agent)
    assert next_step(made.now(case)) is COURIER_ANSWERS


def test_goods_are_on_their_way_from_the_first_waybill_until_they_are_signed_in(sign_in):
    make.store()
    owner = make.person(Role.AFTER_SALE)
    case, who = made.resolving(owner=by(owner))
    back = made.expected_back(case, {made.line_ids(case)[0]: 1})
    cases.move(case, PhaseMove.EXPECT_GOODS, actor=who)
    assert next_step(made.now(case)) is SENDS
    returns.record_waybills(back.id, "SF9000000001", actor=who)
    assert next_step(made.now(case)) is LATER[CasePhase.RECEIVE]
    dock = make.actor(Role.WAREHOUSE, store_id=case.store_id)
    returns.sign_in("SF9000000001", back.warehouse_id, actor=dock)
    assert next_step(made.now(case)) is LATER[CasePhase.INSPECT]
    page = sign_in(owner).get(f"/cases/{case.id}", headers={"Accept-Language": "en"}).text
    assert "Signed in, not inspected" in page
    assert "On its way back" not in page, "the badge follows the dock"


@pytest.mark.parametrize(
    ("kind", "wanted", "card"),
    [
        (CaseKind.RETURN, (), "ending"),
        (CaseKind.EXCHANGE, (), "resolution"),
        (CaseKind.DELIVERY_FAILURE, (), "resolution"),
        (CaseKind.DELIVERY_FAILURE, (Resolution.REFUND,), "ending"),
    ],
)
def test_goods_that_came_back_urge_a_refund_only_where_the_customer_asked_for_one(kind, wanted, card):
    case, who = made.resolving(kind=kind, wanted=[str(each) for each in wanted] or None)
    made.came_back(case, {made.line_ids(case)[0]: 1})
    assert step(case) == card
    cases.add_resolution(case.id, Resolution.REFUND, is_sound=True, exception="客户不要了", actor=who)
    assert step(case) == "ending", "decided: it is one click"


@pytest.mark.mission("M107")
def test_each_step_of_resolving_is_named_until_the_case_is_closed(sign_in):
    make.store()
    owner = make.person(Role.AFTER_SALE)
    browser = sign_in(owner)
    lines = (make.line("n1", quantity=2, price_minor=10_000), make.line("n2", price_minor=5000))
    case, who = made.resolving(made.shipped(lines=lines), owner=by(owner), reason=Reason.WRONG_ITEM)
    hats, scarf = made.line_ids(case)
    seen = [step(case)]

    def then(_done: object) -> None:
        seen.append(step(case))
        assert cards(browser.get(f"/cases/{case.id}"))[0] == (seen[-1], False)

    then(cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who))
    out = Wanted(ReplacementKind.EXCHANGE, [LineWanted(hats, 1, price_minor=12_000)], waits_for_goods=False)
    row = service.make(case.id, out, actor=who)
    then(row)
    settled = Settling(DifferenceSettled.WAIVED, reason="老客户")
    then(service.settle_difference(row.id, settled, actor=who))
    then(cases.add_resolution(case.id, Resolution.REFUND, actor=who))
    then(cases.decide_refund(case.id, {scarf: 1}, actor=who))
    then(cases.answer_invoice(case.id, is_sent=False, actor=who))
    then(cases.settle(case.id, AmountPart.MONEY, Paid(5000, PaidTo.PLATFORM), actor=who))
    assert next_step(made.now(case)).is_awaited
    (out_row,) = replacements.of_case(case.id, case.store_id)
    make.fact(orders.order_by_id(out_row.outbound_id, out_row.store_id), Stage.SHIPPED)
    then(None)
    expected = ["resolution", *("replacement", "replacement", "invoice", "money", "invoice", "money"), "replacement"]
    assert seen == [*expected, "ending"]
    page = browser.get(f"/cases/{case.id}")
    folded = {name for name, is_folded in cards(page) if is_folded}
    assert {"money", "replacement", "invoice"} <= folded
    assert send(browser, page, f"/cases/{case.id}/end", outcome="换一件，退一件", fault="shop").status_code == 303
    assert cards(browser.get(f"/cases/{case.id}"))[:2] == [("problem", False), ("ending", False)]


@pytest.mark.parametrize(
    ("limit_minor", "to", "stand"),
    [
        (100, PaidTo.PLATFORM, Stand.AWAITING_APPROVAL),
        (None, PaidTo.PLATFORM, Stand.AT_PLATFORM),
        (None, PaidTo.ALIPAY, Stand.BY_FINANCE),
    ],
)
def test_money_that_is_asked_for_waits_for_whoever_pays_it(limit_minor, to, stand):
    store = make.store()
    if limit_minor:
        make._write(store, {"settings": {**store.settings, REFUND_LIMIT: limit_minor}})
    case, who = made.resolving(reason=Reason.WRONG_ITEM)
    cases.add_resolution(case.id, Resolution.REFUND, actor=who)
    cases.decide_refund(case.id, {made.line_ids(case)[0]: 1}, actor=who)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    assert (step(case), next_step(made.now(case)).is_awaited) == ("money", False)
    asked = CaseWish(Target(to, None if to is PaidTo.PLATFORM else "xiaoyu@example.com"), Asked({}))
    ((_, is_at),) = standing([refunds.request_for_case(case.id, asked, actor=who)])
    assert (is_at, next_step(made.now(case))) == (stand, UNDER_WAY[stand])
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=who)
    cases.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    assert not next_step(made.now(case)).is_awaited, "what nobody asked for is the owner's to pay"


def test_a_returned_unit_whose_refund_waits_for_approval_is_not_refunded_again_with_one_click(app):
    store = make.store()
    make._write(store, {"settings": {**store.settings, REFUND_LIMIT: 100}})
    case, who = made.resolving()
    made.came_back(case, {made.line_ids(case)[0]: 1})
    assert step(case) == "ending"
    closing_case.refund_and_close(case.id, Ended("已退款", Fault.CUSTOMER), actor=who)
    assert next_step(made.now(case)) == UNDER_WAY[Stand.AWAITING_APPROVAL]


def test_what_finance_and_the_warehouse_still_have_to_do_is_nobody_elses_next_step(app):
    make.store()
    case, who = made.resolving()
    cases.add_resolution(case.id, Resolution.COMPENSATION, actor=who)
    assert step(case) == "money"
    cases.expect(case.id, AmountPart.COMPENSATION, 500, actor=who)
    cases.answer_invoice(case.id, is_sent=True, actor=who)
    cases.settle(case.id, AmountPart.COMPENSATION, Paid(500, PaidTo.PLATFORM), actor=who)
    assert step(case) == "ending", "an allowance asks for no document"
    made.came_back(case, {made.line_ids(case)[0]: 1}, place=None)
    found = next_step(made.now(case))
    assert (found.card, found.is_awaited) == ("goods", True)


def test_what_was_typed_about_one_replacement_is_shown_at_that_one_alone(sign_in):
    make.store()
    owner = make.person(Role.AFTER_SALE)
    lines = (make.line("n1", quantity=2, price_minor=10_000),)
    case, who = made.resolving(made.shipped(lines=lines), owner=by(owner))
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    out = [LineWanted(made.line_ids(case)[0], 1, price_minor=12_000)]
    rows = [service.make(case.id, Wanted(ReplacementKind.EXCHANGE, out), actor=who) for _ in range(2)]
    browser = sign_in(owner)
    page = browser.get(f"/cases/{case.id}")
    action = f"/cases/{case.id}/replacements/{rows[0].id}/difference"
    refused = send(browser, page, action, how="linked_order", order_number="404404")
    assert refused.status_code == 422
    assert refused.text.count('value="404404"') == 1
    ids = [one for one in re.findall(r' id="([^"]+)"', refused.text) if "csrf_token" not in one and "key" not in one]
    assert {one for one in ids if ids.count(one) > 1} == set()
