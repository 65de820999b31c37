"""The platform's list tells another amount than a refund asks for: the desk says so, and the refund can be ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from shopdesk.cases.queries import settling
from shopdesk.cases.states import InvoiceTaskKind, PaidTo
from shopdesk.core.db import db
from shopdesk.core.errors import IllegalMove
from shopdesk.core.permissions import Role
from shopdesk.reconciling import service
from shopdesk.reconciling.queries import payouts as queries
from shopdesk.reconciling.queries import told
from shopdesk.reconciling.states import Desk
from shopdesk.refunds import service as refunds
from shopdesk.refunds.models import RefundPayment
from shopdesk.refunds.queries import payouts_of
from shopdesk.refunds.states import FollowUp, PayoutState
from tests import make
from tests.desk.pages import EN, fields
from tests.reconciling.platform import START, ask, check, sums, tell
from tests.reconciling.platform import at as at_minute
from tests.refunds import world

SAYS = "The platform paid another amount."
SAID = "the platform has refunded"


@pytest.fixture(autouse=True)
def noon():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


@pytest.fixture
def order(store):
    return make.order(store, as_of=START - timedelta(hours=1))


@pytest.mark.parametrize("paid", [450, 700])
def test_another_amount_is_said_on_the_refund_the_tray_and_in_the_api_and_ending_it_frees_its_money(
    store, order, agent, sign_in, api, noon, paid
):
    payout = ask(order, 500, agent)
    at = f"/refunds/{payout.refund_id}"
    finance = sign_in(make.person(Role.FINANCE, store_id=store.id))
    assert SAYS not in finance.get(at, headers=EN).text
    tell(order, "T1", paid, 5)
    assert sums(order) == (500, 0, paid)
    for page in (finance.get(at, headers=EN).text, finance.get("/finance?tab=platform", headers=EN).text):
        assert SAYS in page
        assert "(number T1)" in page
        assert f"{paid / 100:.2f}" in page
    call = api(make.person(Role.FINANCE, store_id=store.id))
    amount = {"amount_minor": paid, "currency": order.currency}
    assert call("GET", at).json["told_otherwise"] == [{"number": "T1", "amount": amount}]
    noon.move_to(at_minute(10))
    ended = finance.post(f"{at}/paid-otherwise", data=fields(finance.get(at), f"{at}/paid-otherwise"))
    assert ended.status_code == 303
    assert sums(order) == (0, 0, paid)
    assert SAYS not in finance.get(at, headers=EN).text
    assert "the platform paid another amount" in finance.get(at, headers=EN).text
    assert call("GET", at).json["told_otherwise"] == []
    check(order)
    after = finance.get(at, headers=EN).text
    assert "Nothing is left to do, unless" in after
    assert "Ask for it anew" not in after, "it was paid"


def trays(finance):
    db.session.rollback()
    return [desk for desk in Desk if queries.on_desk(desk, finance)]


@pytest.mark.parametrize("paid", [450, 700])
def test_the_api_ends_it_once_and_says_what_was_paid_and_nobody_waits_for_it(
    store, order, agent, finance, sign_in, api, noon, paid
):
    make.store(memo_language="en")
    payout = ask(order, 500, agent)
    call = api(make.person(Role.FINANCE, store_id=store.id))
    at, ended_at = f"/refunds/{payout.refund_id}", f"/payouts/{payout.id}/paid-otherwise"
    assert call("POST", ended_at, {}, key="k1").status_code == 409, "no list says so"
    assert sums(order) == (500, 0, 0)
    tell(order, "T1", paid, 5)
    noon.move_to(at_minute(10))
    assert call("GET", at).json["paid_instead"] == []
    ended = call("POST", ended_at, {}, key="k2")
    assert (ended.status_code, ended.json["state"], ended.json["code"]) == (200, "failed", "paid_otherwise")
    assert ended.json["follow_up"] == "nothing_more"
    assert call("POST", ended_at, {}, key="k2").json == ended.json, "the same answer, once"
    assert call("POST", ended_at, {}, key="k3").status_code == 409
    assert sums(order) == (0, 0, paid)
    assert trays(finance) == []
    amount = {"amount_minor": paid, "currency": order.currency}
    assert call("GET", at).json["paid_instead"] == [{"number": "T1", "amount": amount}]
    page = sign_in(make.person(Role.FINANCE, store_id=store.id)).get(at, headers=EN).text
    assert SAID in page
    assert f"{paid / 100:.2f}" in page.partition(SAID)[2][:80]
    assert "come back to you" not in page
    tell(order, "T2", 90, 12)
    assert call("GET", at).json["paid_instead"] == [{"number": "T1", "amount": amount}], "told later: it is another one"


def test_what_the_platform_takes_back_after_it_was_ended_waits_for_finance_again(
    store, order, agent, finance, sign_in, noon
):
    make.store(memo_language="en")
    payout = ask(order, 500, agent)
    tell(order, "T1", 450, 5)
    noon.move_to(at_minute(10))
    service.end_paid_otherwise(payout.id, actor=finance)
    tell(order, "T1", 450, 15, paid=False)
    assert sums(order) == (0, 0, 0)
    assert trays(finance) == [Desk.FAILED]
    page = sign_in(make.person(Role.FINANCE, store_id=store.id)).get(f"/refunds/{payout.refund_id}", headers=EN).text
    assert SAID not in page
    assert "does not say so any more" in page
    assert "Ask for it anew" in page


def test_who_may_not_end_it_reads_who_does(store, order, agent, sign_in):
    payout = ask(order, 500, agent)
    tell(order, "T1", 450, 5)
    reader = sign_in(make.person(Role.AFTER_SALE, store_id=store.id))
    page = reader.get(f"/refunds/{payout.refund_id}", headers=EN).text
    assert SAYS in page
    assert "Finance ends it." in page
    assert "paid-otherwise" not in page


def test_without_another_amount_nothing_is_ended_this_way(store, order, agent, sign_in):
    payout = ask(order, 500, agent)
    at = f"/refunds/{payout.refund_id}"
    browser = sign_in(make.person(Role.FINANCE, store_id=store.id))
    tell(order, "T1", 450, 5)
    form = fields(browser.get(at), f"{at}/paid-otherwise")
    tell(order, "T1", 500, 7)  # a later list says what was asked for
    assert browser.post(f"{at}/paid-otherwise", data=form).status_code == 409
    assert sums(order) == (0, 500, 0)


def test_what_was_told_before_it_was_asked_for_is_not_it(store, order, agent):
    tell(order, "T1", 450, -30)
    payout = ask(order, 500, agent)
    assert payout.state is PayoutState.RESERVED
    assert told.otherwise([payout.id], store.id) == {}


def test_of_two_that_wait_both_are_named_until_the_list_names_one(store, order, agent):
    first, second = ask(order, 500, agent), ask(order, 600, agent)
    tell(order, "T1", 450, 5)
    assert set(told.otherwise([first.id, second.id], store.id)) == {first.id, second.id}
    tell(order, "T2", 600, 6)
    assert set(told.otherwise([first.id, second.id], store.id)) == {first.id}


def test_what_somebody_agreed_to_is_called_refunded_once_the_platforms_list_says_so(
    store, order, agent, sign_in, api, noon
):
    payout = ask(order, 500, agent)
    at = f"/refunds/{payout.refund_id}"
    noon.move_to(at_minute(2))
    refunds.note_agreed(payout.refund_id, actor=agent)
    finance = make.person(Role.FINANCE, store_id=store.id)
    page, call, asking = sign_in(finance), api(finance), sign_in(make.person(Role.AFTER_SALE, store_id=store.id))

    def says_so():
        text = page.get(at, headers=EN).text
        assert ("Agreed to on the platform" in text) is ("亲，订单" in text and "平台会按" in text)
        listed = page.get("/refunds?shelf=all", headers=EN).text
        of_order = asking.get(f"/orders/{order.id}/refund", headers=EN).text
        assert ("Agreed to on the platform" in listed) is ("Agreed to on the platform" in of_order)
        assert ("Agreed to on the platform" in listed) is ("Agreed to on the platform" in text)
        (row,) = call("GET", "/refunds?shelf=all").json["items"]
        assert row["stand"] == call("GET", at).json["stand"]
        return "Agreed to on the platform" in text, row["stand"]

    assert says_so() == (True, "agreed")
    tell(order, "T1", 500, 5)
    assert says_so() == (False, "succeeded")
    assert sums(order) == (0, 500, 0)
    tell(order, "T1", 500, 9, paid=False)
    assert says_so() == (True, "agreed")


def test_agreed_to_by_somebody_and_listed_with_less_is_not_called_refunded(store, order, agent, noon):
    refund = ask(order, 500, agent).refund_id
    noon.move_to(at_minute(2))
    refunds.note_agreed(refund, actor=agent)
    tell(order, "T1", 500, 5)
    assert told.agreed_alone(payouts_of([refund], order.store_id), order.store_id) == []
    tell(order, "T1", 400, 9)
    (payout,) = payouts_of([refund], order.store_id)
    assert told.agreed_alone([payout], order.store_id) == [payout]


@pytest.mark.parametrize("answer", list(FollowUp))
def test_what_finance_answered_after_the_list_took_its_word_back_stays_whatever_else_is_told(
    store, order, agent, finance, noon, answer
):
    payout = ask(order, 500, agent)
    tell(order, "T1", 450, 5)
    noon.move_to(at_minute(10))
    service.end_paid_otherwise(payout.id, actor=finance)
    tell(order, "T1", 450, 15, paid=False)
    assert trays(finance) == [Desk.FAILED]
    noon.move_to(at_minute(20))
    refunds.follow_up(payout.id, answer, actor=finance)
    tell(order, "T7", 30, 25)
    db.session.rollback()
    assert db.session.get_one(RefundPayment, payout.id).follow_up is answer


def test_nobody_is_asked_any_more_once_the_list_says_again_that_it_was_paid(store, order, agent, finance, noon):
    payout = ask(order, 500, agent)
    tell(order, "T1", 450, 5)
    noon.move_to(at_minute(10))
    service.end_paid_otherwise(payout.id, actor=finance)
    tell(order, "T1", 450, 15, paid=False)
    tell(order, "T1", 450, 18)
    assert (sums(order), trays(finance)) == ((0, 0, 450), [])


def test_what_the_platform_paid_once_ends_one_refund_and_the_other_still_waits(store, order, agent, finance, noon):
    first, second = ask(order, 500, agent), ask(order, 300, agent)
    tell(order, "T1", 450, 5)
    noon.move_to(at_minute(10))
    service.end_paid_otherwise(first.id, actor=finance)
    with pytest.raises(IllegalMove):
        service.end_paid_otherwise(second.id, actor=finance)
    db.session.rollback()
    assert sums(order) == (300, 0, 450)
    assert told.otherwise([second.id], order.store_id) == {}


@pytest.mark.mission("M118")
def test_an_invoice_is_reversed_also_where_the_platform_paid_another_amount(store, order, agent, finance, noon):
    wish = {"destination": PaidTo.PLATFORM, "invoice_sent": True}
    (payout,) = world.payouts(world.refund(order, 500, by=agent, **wish))
    tell(order, "T1", 450, 5)
    noon.move_to(at_minute(10))
    service.end_paid_otherwise(payout.id, actor=finance)
    db.session.rollback()
    assert settling.task_of_refund(payout.refund_id, order.store_id).kind is InvoiceTaskKind.RED_LETTER
