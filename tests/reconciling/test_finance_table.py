"""Finance's table: what is paid by hand, looked up, verified; receipts; many at once."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from sqlalchemy import select

from shopdesk.cases.states import PaidTo
from shopdesk.core import audit, clock
from shopdesk.core.audit import Event
from shopdesk.core.db import command, db
from shopdesk.core.permissions import Role
from shopdesk.feeds import service as feeds
from shopdesk.feeds.models import FeedKind
from shopdesk.reconciling.queries import payouts as queries
from shopdesk.reconciling.states import Desk
from shopdesk.refunds import service as refunds
from shopdesk.refunds.states import PayoutState
from tests import make
from tests.desk.pages import EN, fields
from tests.refunds import world
from tests.refunds.bank import Bank, Mode

ACCOUNT = "6222020200112233445"
AT = "/finance"


def by_hand(order, agent, amount_minor=500, **more):
    return world.refund(order, amount_minor, by=agent, destination=PaidTo.BANK, account=ACCOUNT, **more)


def payout_of(refund):
    return world.payouts(refund)[0]


@command
def told(store):
    """The platform's list of refunds is as new as can be."""
    with_store = db.session.merge(store)
    feeds.note(with_store, FeedKind.REFUNDS, "taobao refunds", as_of=clock.now())
    audit.record("test.told", "store", store.id, make.ROOT)


def trays(finance):
    db.session.rollback()
    return {desk: [row.id for row in queries.on_desk(desk, finance)] for desk in Desk}


def post(browser, tab, action, **values):
    return browser.post(action, data=fields(browser.get(f"{AT}?tab={tab}"), f"{AT}/payouts/bulk") | values)


def test_a_payout_waits_for_a_look_at_the_platform_then_to_be_paid_and_is_paid_with_reference_and_receipt(
    store, order, agent, finance, sign_in
):
    payout = payout_of(by_hand(order, agent))
    assert trays(finance)[Desk.LOOK] == [payout.id]
    assert trays(finance)[Desk.PAY] == []
    browser = sign_in(make.person(Role.FINANCE, store_id=store.id))
    at = f"{AT}/payouts/{payout.id}"
    too_soon = post(browser, "look", f"{at}/confirmation", **{f"reference-{payout.id}": "T-1"})
    assert too_soon.status_code == 422
    assert post(browser, "look", f"{at}/look").status_code == 303
    assert trays(finance)[Desk.PAY] == [payout.id]
    page = browser.get(AT).text
    assert order.number in page
    assert ACCOUNT not in page
    shown = browser.post(f"{at}/account", data=fields(browser.get(AT), f"{at}/account?tab=pay"))
    assert ACCOUNT in shown.text
    seen = db.session.scalars(select(Event).where(Event.action == "personal.revealed")).all()
    assert [event.body["what"] for event in seen] == ["account"]
    receipt = (io.BytesIO(make.photo()), "回单.jpg")
    sent = {f"reference-{payout.id}": "ICBC-778", f"receipts-{payout.id}": receipt}
    assert post(browser, "pay", f"{at}/confirmation", **sent).status_code == 303
    assert payout_of_id(payout, finance).state is PayoutState.SUCCEEDED
    assert trays(finance)[Desk.DONE] == [payout.id]
    (kept,) = queries.receipts_of([payout.id], finance)[payout.id]
    assert browser.get(f"/finance/receipts/{kept.id}").mimetype == "image/jpeg"
    assert "ICBC-778" in browser.get(f"{AT}?tab=done").text
    world.check_books(order.id, order.store_id)


def payout_of_id(payout, finance):
    db.session.rollback()
    return queries.payout_by_id(payout.id, finance)


def test_a_newer_list_of_the_platform_is_as_good_as_a_look(store, order, agent, finance):
    payout = payout_of(by_hand(order, agent))
    with world_later():
        told(store)
    assert trays(finance)[Desk.PAY] == [payout.id]


def test_what_the_platform_is_to_pay_lies_on_a_tray_of_its_own_and_does_not_call_finance(
    store, order, agent, finance, sign_in
):
    refund = world.refund(order, by=agent, destination=PaidTo.PLATFORM)
    there = trays(finance)
    assert [desk for desk in Desk if there[desk]] == [Desk.PLATFORM]
    assert (queries.counts(finance)[Desk.PLATFORM], queries.count_waiting(finance)) == (1, 0)
    page = sign_in(make.person(Role.FINANCE, store_id=store.id)).get(f"{AT}?tab=platform").text
    assert order.number in page
    assert f'href="/refunds/{refund.id}"' in page


def world_later():
    import time_machine

    return time_machine.travel(clock.now() + timedelta(minutes=5), tick=False)


def test_without_a_reference_nothing_is_paid_and_what_was_typed_stays(store, order, agent, sign_in, finance):
    payout = payout_of(by_hand(order, agent))
    browser = sign_in(make.person(Role.FINANCE, store_id=store.id))
    post(browser, "look", f"{AT}/payouts/{payout.id}/look")
    bad = post(browser, "pay", f"{AT}/payouts/{payout.id}/confirmation", **{f"reference-{payout.id}": "见 张伟 微信"})
    assert bad.status_code == 422
    assert "见 张伟 微信" in bad.text
    assert trays(finance)[Desk.PAY] == [payout.id]


def test_many_are_done_at_once_and_each_row_says_what_came_of_it(store, agent, finance, sign_in):
    rows = [payout_of(by_hand(make.order(store), agent)) for _ in range(3)]
    browser = sign_in(make.person(Role.FINANCE, store_id=store.id))
    look = post(browser, "look", f"{AT}/payouts/bulk", act="look", payout=[str(row.id) for row in rows])
    assert look.status_code == 200
    assert trays(finance)[Desk.PAY] == [row.id for row in rows]
    paid = post(browser, "pay", f"{AT}/payouts/bulk", act="confirm",
                **{f"reference-{rows[0].id}": "T-1", f"reference-{rows[2].id}": "不是 号码"})  # fmt: skip
    assert rows[0].number in paid.text
    assert rows[1].number not in paid.text
    assert rows[2].number in paid.text
    assert trays(finance)[Desk.DONE] == [rows[0].id]
    assert trays(finance)[Desk.PAY] == [rows[1].id, rows[2].id]
    ended = post(browser, "pay", f"{AT}/payouts/bulk", act="give_up", payout=str(rows[1].id))
    assert ended.status_code == 200
    assert trays(finance)[Desk.FAILED] == [rows[1].id]
    at = f"{AT}/payouts/{rows[1].id}/follow-up"
    said = fields(browser.get(f"{AT}?tab=failed"), at)
    assert browser.post(at, data=said | {"answer": "asked_anew"}).status_code == 303
    assert trays(finance)[Desk.FAILED] == [rows[1].id], "until it is asked for anew"
    assert browser.post(at, data=said | {"answer": "nothing_more", "command_key": "k2"}).status_code == 303
    assert trays(finance)[Desk.FAILED] == []


def test_only_a_supervisor_says_with_evidence_what_nobody_can_tell(app, sign_in):
    store = world.store()
    order, bank = make.order(store), Bank(mode=Mode.DROP)
    refund = world.refund(order, by=world.agent(store))
    world.run(refund, bank)
    reader = sign_in(make.person(Role.FINANCE, store_id=store.id))
    assert "the desk is still asking" in reader.get(f"/refunds/{refund.id}", headers=EN).text
    assert "While it is still asking" in reader.get(f"{AT}?tab=verify", headers=EN).text
    _needs_person(refund)
    assert "a supervisor decides with evidence, on finance" in reader.get(f"/refunds/{refund.id}", headers=EN).text
    payout, finance = payout_of(refund), make.actor(Role.FINANCE, store_id=store.id)
    assert trays(finance)[Desk.VERIFY] == [payout.id]
    at = f"{AT}/payouts/{payout.id}/verification"
    clerk = sign_in(make.person(Role.FINANCE, store_id=store.id))
    assert at not in clerk.get(f"{AT}?tab=verify").text
    boss = sign_in(make.person(Role.SUPERVISOR, store_id=store.id))
    said = fields(boss.get(f"{AT}?tab=verify"), at) | {"state": "succeeded"}
    assert boss.post(at, data=said).status_code == 422
    assert boss.post(at, data=said | {"evidence": "STMT-3"}).status_code == 303
    assert trays(finance)[Desk.DONE] == [payout.id]


@command
def _needs_person(refund):
    payout = db.session.merge(payout_of(refund))
    payout.state, payout.needs_person, payout.run_after, payout.lease_until = PayoutState.UNKNOWN, True, None, None
    audit.record("test.set", "payout", payout.id, make.ROOT, store_id=payout.store_id)


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.PRINTING, Role.AFTER_SALE])
def test_who_pays_nothing_has_no_such_page_and_no_such_line(store, sign_in, role):
    browser = sign_in(make.person(role, store_id=store.id))
    assert browser.get(AT).status_code == 403
    assert 'href="/finance"' not in browser.get("/").text


def test_what_was_not_paid_after_all_says_so_in_words_and_not_by_its_code(store, order, agent, finance, sign_in):
    payout = payout_of(by_hand(order, agent))
    refunds.note_look(payout.refund_id, actor=finance)
    refunds.confirm(payout.id, "T-9", actor=finance)
    refunds.take_back(payout.id, "退汇", actor=finance)
    page = sign_in(make.person(Role.FINANCE, store_id=store.id)).get(f"{AT}?tab=failed", headers=EN).text
    assert "it was said to be paid, and was not" in page
    assert "taken_back" not in page


def test_the_api_does_the_same(store, order, agent, api):
    payout = payout_of(by_hand(order, agent))
    call = api(make.person(Role.FINANCE, store_id=store.id))
    (row,) = call("GET", "/payouts?tab=look").json["items"]
    assert row["number"] == payout.number
    assert ACCOUNT not in str(row)
    assert call("POST", f"/refunds/{row['refund_id']}/look", {}).status_code == 200
    assert call("POST", f"/payouts/{payout.id}/account", {}).json == {"account": ACCOUNT}
    assert call("POST", f"/payouts/{payout.id}/confirmation", {"reference": "T-9"}).status_code == 400  # without a key
    first = call("POST", f"/payouts/{payout.id}/confirmation", {"reference": "T-9"}, key="k1")
    again = call("POST", f"/payouts/{payout.id}/confirmation", {"reference": "T-9"}, key="k1")
    assert (first.json["state"], again.json) == ("succeeded", first.json)
    assert call("POST", f"/payouts/{payout.id}/given-up", {}, key="k2").status_code == 409
    back = call("POST", f"/payouts/{payout.id}/taken-back", {"reason": "账号不对，被退回"}, key="k3")
    assert (back.json["state"], back.json["code"]) == ("reversed", "taken_back")
    assert call("POST", f"/payouts/{payout.id}/taken-back", {"reason": "再来"}, key="k4").status_code == 409
