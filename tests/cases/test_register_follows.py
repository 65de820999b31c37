"""The register and the tab of a case follow what was decided; what was applied for stays readable."""

from __future__ import annotations

import pytest

from shopdesk.cases import service
from shopdesk.cases.queries.wished import wished_kind
from shopdesk.cases.rules.registering import kind_decided
from shopdesk.cases.states import CaseKind, Resolution
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.cases.registers import Asked, entries
from tests import after_sale_made as made
from tests import make
from tests.desk.pages import events

K, R = CaseKind, Resolution


@pytest.mark.parametrize(
    ("wished", "decided", "kind"),
    [
        (K.RETURN, {R.EXCHANGE}, K.EXCHANGE),
        (K.RETURN, {R.REFUND}, K.RETURN),
        (K.RETURN, {R.RESHIP}, K.RESHIP),
        (K.RETURN, {R.REFUND, R.EXCHANGE, R.RESHIP}, K.EXCHANGE),
        (K.REFUND_ONLY, {R.EXCHANGE}, K.EXCHANGE),
        (K.EXCHANGE, {R.REFUND}, K.RETURN),
        (K.EXCHANGE, {R.SEND_BACK}, K.EXCHANGE),
        (K.EXCHANGE, {R.EXCHANGE, R.REFUND}, K.EXCHANGE),
        (K.RESHIP, {R.REFUND}, K.REFUND_ONLY),
        (K.RETURN, set(), K.RETURN),
        (K.DAMAGE, {R.EXCHANGE}, K.DAMAGE),
        (K.DISPUTE, {R.REFUND}, K.DISPUTE),
    ],
)
def test_goods_that_go_out_lead_and_what_happened_stays_what_it_is(wished, decided, kind):
    assert kind_decided(wished, decided) is kind


@pytest.mark.mission("M139")
@pytest.mark.usefixtures("app")
def test_an_exchange_decided_on_a_return_stands_in_the_exchange_register_and_goes_back_with_the_decision(sign_in):
    case, who = made.resolving(kind=K.RETURN)
    service.add_resolution(case.id, R.EXCHANGE, actor=who)
    assert [one.case.id for one in entries(who, Asked(K.EXCHANGE))] == [case.id]
    assert entries(who, Asked(K.RETURN)) == []
    assert wished_kind(made.now(case)) is K.RETURN
    client = sign_in(make.person(Role.AFTER_SALE))
    assert "申请时的种类" in client.get(f"/cases/{case.id}").text
    assert f"/cases/{case.id}" in client.get("/cases?kind=exchange").text
    assert events(made.now(case), "case.kind_followed") == 1
    service.take_back(case.id, R.EXCHANGE, is_used=False, actor=who)
    assert made.now(case).kind is K.RETURN
    service.add_resolution(case.id, R.RESHIP, actor=who)
    assert (made.now(case).kind, wished_kind(made.now(case))) == (K.RESHIP, K.RETURN)
