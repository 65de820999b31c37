"""A person sends goods ahead of a return that is confirmed already; what may be done is what the page offers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.states import CaseKind, CasePhase, PhaseMove, Resolution
from shopdesk.core import clock
from shopdesk.core.errors import DomainError
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from shopdesk.replacements import queries, rules, service
from shopdesk.replacements.rules import Standing
from shopdesk.replacements.service import LineWanted, Missed, Wanted
from shopdesk.replacements.states import NotBack, ReplacementKind, ReplacementState
from shopdesk.returns import service as returns
from shopdesk.staff import queries as staff
from tests import after_sale_made as made
from tests import invariants, make

pytestmark = pytest.mark.usefixtures("app")
K = ReplacementKind
DUE = timedelta(days=7)


def code(call, *args, **more):
    try:
        call(*args, **more)
    except DomainError as error:
        return error.code
    return "ok"


def confirmed(who=None):
    """Two hats at 100 each that the customer was told to send back, and nothing else decided."""
    order = made.shipped(lines=(make.line("n1", quantity=2, price_minor=10_000),))
    who = who or made.agent(store_id=order.store_id)
    case = cases.record(order.id, cases.Application(CaseKind.EXCHANGE, "换个颜色"), actor=who)
    cases.accept(case.id, actor=who)
    (hats,) = made.line_ids(case)
    returns.confirm(case.id, {hats: 2}, actor=who)
    assert made.now(case).phase is CasePhase.RECEIVE
    return who, case, hats


def test_after_the_return_was_confirmed_a_person_sends_an_exchange_ahead_and_charges_what_never_comes():
    who, case, hats = confirmed()
    assert code(cases.add_resolution, case.id, Resolution.REFUND, actor=who) == "wrong_phase", "money waits"
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    line = [LineWanted(hats, 2, attributes="灰色")]
    unsaid = Wanted(K.EXCHANGE, line, waits_for_goods=False)
    assert code(service.make, case.id, unsaid, actor=who) == "value_required", "by when are the goods expected?"
    assert code(service.make, case.id, Wanted(K.SEND_BACK, line), actor=who) == "not_decided"
    row = service.make(case.id, Wanted(K.EXCHANGE, line, due_at=clock.now() + DUE), actor=who)
    assert (row.state, made.now(case).phase) == (ReplacementState.RELEASED, CasePhase.RECEIVE)
    make.fact(orders.order_by_id(row.outbound_id, row.store_id), Stage.SHIPPED)
    service.decide_not_back(row.id, Missed(NotBack.CHARGED, "不寄回"), actor=who)
    assert (made.balances(case).owed_minor, made.now(case).phase) == (20_000, CasePhase.RESOLVE)
    assert invariants.broken(case.store_id) == []


def test_what_is_prepared_before_the_goods_are_here_waits_for_them_and_is_taken_back_unused():
    who, case, hats = confirmed()
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    row = service.make(case.id, Wanted(K.EXCHANGE, [LineWanted(hats, 1)]), actor=who)
    assert (row.state, row.waits_for_goods) == (ReplacementState.WAITING, True)
    assert code(service.send_ahead, row.id, clock.now() + DUE, actor=who) == "ok"
    service.cancel(row.id, "不换了", actor=who)
    assert code(cases.take_back, case.id, Resolution.EXCHANGE, is_used=False, actor=who) == "ok"


def test_what_was_sent_ahead_may_come_back_while_the_first_goods_are_still_awaited():
    who, case, hats = confirmed()
    cases.add_resolution(case.id, Resolution.EXCHANGE, actor=who)
    row = service.make(case.id, Wanted(K.EXCHANGE, [LineWanted(hats, 1)], due_at=clock.now() + DUE), actor=who)
    make.fact(orders.order_by_id(row.outbound_id, row.store_id), Stage.SHIPPED)
    assert code(service.expect_back, row.id, actor=who) == "ok"


NOW = Standing(ReplacementState.RELEASED, False, False, 0, 0, 0, (Stage.UNPRINTED,))


@pytest.mark.parametrize(
    ("check", "refused", "allowed"),
    [
        (rules.check_expect_back, {"shipped": 1, "returned": 1}, {"shipped": 1, "with_customer": 1}),
        (rules.check_undo, {"shipped": 2, "returned": 1}, {"shipped": 2, "returned": 2}),
        (rules.check_undo, {"shipped": 1, "returned": 1, "state": ReplacementState.WAITING},
         {"shipped": 1, "returned": 1}),
        (rules.check_cancel, {"stages": (Stage.PRINTED,)}, {"stages": (Stage.VOIDED,)}),
        (rules.check_cancel, {"is_held": True}, {}),
        (rules.check_ahead, {}, {"state": ReplacementState.WAITING, "waits_for_goods": True}),
        (rules.check_ahead, {"state": ReplacementState.WAITING},
         {"state": ReplacementState.WAITING, "waits_for_goods": True}),
        (rules.check_waybill, {"stages": (Stage.VOIDED,)}, {"stages": (Stage.VOIDED, Stage.PRINTED)}),
    ],
)  # fmt: skip
def test_what_the_page_offers_is_what_the_rule_of_the_command_allows(check, refused, allowed):
    def at(**values):
        return Standing(**{name: getattr(NOW, name) for name in NOW.__slots__} | values)

    assert not rules.may(check, at(**refused))
    assert rules.may(check, at(**allowed))
    assert not rules.may(check, at(**allowed | {"is_undone": True}))
    assert not rules.may(check, at(**allowed | {"state": ReplacementState.CANCELLED}))


def test_the_page_of_a_confirmed_return_sends_ahead_and_notes_the_waybill(sign_in):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id, signature="阿禾")
    _who, case, hats = confirmed(staff.actor_for(person, channel="page"))
    browser = sign_in(person)
    page = f"/cases/{case.id}"
    shown = browser.get(page)
    assert 'value="exchange"' in shown.text
    assert 'value="compensation"' not in shown.text
    token = {"csrf_token": make.token(shown)}
    assert browser.post(f"{page}/resolutions", data=token | {"resolution": "exchange"}).status_code == 303
    typed = token | {"kind": "exchange", f"units-{hats}": "1", "waits": "now"}
    refused = browser.post(f"{page}/replacements", data=typed)
    assert refused.status_code == 422
    due = (clock.now() + DUE).strftime("%Y-%m-%dT%H:%M")
    assert browser.post(f"{page}/replacements", data=typed | {"due_at": due}).status_code == 303
    (row,) = queries.of_case(case.id, case.store_id)
    order = orders.order_by_id(row.outbound_id, row.store_id)
    action = f"{page}/replacements/{row.id}"
    shown = browser.get(page).text
    assert (f"{action}/back" in shown, f"{action}/undo" in shown, f"{action}/waybill" in shown) == (False, False, True)
    bad = browser.post(f"{action}/waybill", data=token | {"number": "没有号", "carrier": "顺丰速运"})
    assert bad.status_code == 422
    assert "没有号" in bad.text
    told = token | {"number": "单号：ｓｆ1234567890 ", "carrier": "顺丰速运"}
    assert browser.post(f"{action}/waybill", data=told).status_code == 303
    (bill,) = parcels.waybills([make.parcel(order).id], row.store_id)
    assert (bill.number, bill.carrier, make.parcel(order).stage) == ("SF1234567890", "顺丰速运", Stage.UNPRINTED)
    assert "SF1234567890" in browser.get(page).text
    make.fact(order, Stage.SHIPPED)
    shown = browser.get(page).text
    assert (f"{action}/back" in shown, f"{action}/waybill" in shown) == (True, False)
    assert browser.post(f"{action}/back", data=token).status_code == 303


def test_a_waybill_of_what_goes_out_is_checked_like_any_other_and_told_by_api(api):
    person = make.person(Role.AFTER_SALE, store_id=make.store().id)
    case, who = made.resolving(owner=staff.actor_for(person, channel="page"))
    cases.add_resolution(case.id, Resolution.RESHIP, actor=who)
    wanted = Wanted(K.RESHIP, [LineWanted(made.line_ids(case)[0], 1, title="扣子", is_extra=True)])
    row, other = service.make(case.id, wanted, actor=who), service.make(case.id, wanted, actor=who)
    call, path = api(person), f"/replacements/{row.id}/waybills"
    done = call("POST", path, {"number": "快递单号: yt8800112233", "carrier": "圆通"}, key="w1")
    assert done.status_code == 200, done.text
    assert done.json["replacements"][0]["waybills"] == ["YT8800112233"]
    assert call("POST", path, {"number": "YT8800112233"}, key="w2").status_code == 200, "the same one adds nothing"
    assert code(service.tell_waybill, other.id, "YT8800112233", actor=who) == "waybill_in_use"
    sale = orders.order_by_id(case.order_id, case.store_id)
    for slip in (sale.number, case.number):
        assert code(service.tell_waybill, other.id, slip, actor=who) == "not_a_waybill"
    assert code(service.tell_waybill, other.id, "  ", actor=who) == "bad_waybill"
    assert (
        code(service.tell_waybill, other.id, "SF99887766", actor=made.agent(store_id=row.store_id)) == "not_the_owner"
    )
    service.cancel(other.id, "不补了", actor=who)
    assert code(service.tell_waybill, other.id, "SF99887766", actor=who) == "replacement_moved"
    cases.move(made.now(case), PhaseMove.CLOSE_OPEN, actor=who)
    assert code(service.tell_waybill, row.id, "SF99887766", actor=who) == "case_closed"
