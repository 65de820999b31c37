"""A refund that waits for somebody's yes stands in the inbox of the supervisors, and of nobody who asked for it."""

from __future__ import annotations

import pytest

from shopdesk.changes import service as changes
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.notices import queries as notices
from shopdesk.notices.models import Answer, NoticeState
from shopdesk.refunds import queries, service
from shopdesk.refunds.states import RefundState
from shopdesk.staff.models import REFUND_LIMIT
from tests import make
from tests.desk.pages import EN
from tests.refunds import world
from tests.refunds.bank import Bank


@pytest.fixture
def store(app):
    return world.store(**{REFUND_LIMIT: 300})


@pytest.fixture
def order(store):
    return make.order(store)


@pytest.fixture
def boss(store):
    return make.actor(Role.SUPERVISOR, store_id=store.id)


def told(actor, state=NoticeState.OPEN):
    """The refunds that the person's inbox tells of."""
    db.session.rollback()
    return [one.body["refund"] for one in db.session.scalars(notices.inbox(actor, state))]


@pytest.mark.both_engines
@pytest.mark.parametrize("move", ["approve", "reject", "withdraw"])
def test_what_waits_is_one_notice_of_the_supervisors_until_it_is_decided(engine, store, order, agent, boss, move):
    waits, other = world.refund(order, by=agent), world.refund(order, 400, by=agent)
    world.refund(make.order(store), 200, by=agent)  # below the limit
    elsewhere = make.actor(Role.SUPERVISOR, store_id=make.store("other").id)
    assert told(boss) == [waits.id, other.id]
    assert notices.count_open(boss) == 2
    assert told(elsewhere) == told(agent) == told(make.actor(Role.FINANCE, store_id=store.id)) == []
    {
        "approve": lambda: service.approve(waits.id, actor=boss),
        "reject": lambda: service.reject(waits.id, "先查", actor=boss),
        "withdraw": lambda: service.withdraw(waits.id, "算错了", actor=agent),
    }[move]()
    assert (told(boss), told(boss, NoticeState.WITHDRAWN)) == ([other.id], [waits.id])


def test_a_supervisor_who_asked_is_not_told_and_another_one_is(store, order, boss):
    asker = make.actor(Role.AFTER_SALE, Role.SUPERVISOR, store_id=store.id)
    waits = world.refund(order, by=asker)
    assert (told(asker), told(boss)) == ([], [waits.id])


def test_what_a_lowered_limit_holds_back_is_told_without_its_asker_too(store, order, boss):
    make._set(store, {"settings": {**store.settings, REFUND_LIMIT: 10_000}})
    asker = make.actor(Role.AFTER_SALE, Role.SUPERVISOR, store_id=store.id)
    held = world.refund(order, by=asker)
    assert told(boss) == []
    make._set(store, {"settings": {**store.settings, REFUND_LIMIT: 100}})
    world.run(held, Bank())
    assert queries.refund_by_id(held.id, boss).state is RefundState.AWAITING_APPROVAL
    assert (told(asker), told(boss)) == ([], [held.id])


def test_noted_it_still_waits_to_be_approved_and_is_approved(order, agent, boss):
    waits = world.refund(order, by=agent)
    notice = db.session.scalars(notices.inbox(boss)).one()
    changes.answer_notice(notice.id, Answer.NOTED, actor=boss)
    assert told(boss) == []
    assert [refund.id for refund, _number in queries.to_approve(boss)] == [waits.id]
    assert service.approve(waits.id, actor=boss).state is RefundState.APPROVED
    assert told(boss, NoticeState.ACKNOWLEDGED) == [waits.id]


def test_the_page_says_who_asks_for_how_much_and_leads_there_and_the_api_names_it(store, order, agent, sign_in, api):
    waits = world.refund(order, by=agent)
    person = make.person(Role.SUPERVISOR, store_id=store.id)
    page = sign_in(person).get("/inbox", headers=EN).text
    assert f"{agent.signature} asks to refund" in page
    assert "5.00" in page
    assert f'href="/refunds/{waits.id}"' in page
    (notice,) = api(person)("GET", "/notices").json["items"]
    assert (notice["kind"], notice["role"], notice["order_number"]) == ("nudge", "supervisor", order.number)
    assert notice["body"] == {"code": "refund_to_approve", "refund": waits.id}
