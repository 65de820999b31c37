"""我的待办: what waits for whom."""

import pytest

from shopdesk.changes import service
from shopdesk.changes.states import Kind
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.desk.queries.work import Waits, count_mine, work
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders.states import Flag
from shopdesk.staff import queries as staff
from tests import make, worlds
from tests.statements import seen_statements

pytestmark = pytest.mark.usefixtures("app")
EN = {"Accept-Language": "en"}


def by(person):
    return staff.actor_for(person, channel="page")


def kinds(rows):
    return [(str(row.code), row.is_mine) for row in rows]


@pytest.fixture
def agent():
    make.store()
    return make.person(Role.PRE_SALE)


def test_my_changes_stand_under_who_moves_next(agent):
    first, second, third = make.order(), make.order(), make.order()
    make.change(first, by=by(agent))
    make.change(second, by=by(agent), yes=True)
    make.change(third, by=by(agent), yes=True)
    service.answer_notice(make.notices(third, NoticeKind.CHANGE)[0].id, Answer.PRINTED, actor=make.actor(Role.PRINTING))
    found = work(by(agent))
    assert kinds(found.waiting(Waits.CUSTOMER)) == [("confirm", True)]
    assert kinds(found.waiting(Waits.PRINTING)) == [("acknowledge", False)]
    assert kinds(found.waiting(Waits.WAREHOUSE)) == [("hand_out", False)]
    assert count_mine(by(agent)) == 1


def test_another_agents_changes_are_not_mine(agent):
    make.change(make.order(), by=make.actor(Role.PRE_SALE))
    found = work(by(agent))
    assert (found.rows, found.platform, found.late) == ([], [], [])
    assert len(work(by(agent), everybody=True).rows) == 1


def test_printing_and_after_sale_find_what_their_role_has_to_do(agent):
    order = make.order()
    change = make.change(order, Kind.CANCEL, {}, by=by(agent))
    clerk, after_sale = make.person(Role.PRINTING), make.person(Role.AFTER_SALE)
    assert kinds(work(by(clerk)).rows) == [("void", True)]
    assert work(by(after_sale)).rows == []
    worlds.do(change, "void", by(clerk))
    assert work(by(clerk)).rows == []
    assert kinds(work(by(after_sale)).rows) == [("refund", True)]
    assert count_mine(by(after_sale)) == 1


def test_what_is_to_be_entered_and_pasted_is_one_row_an_order(agent):
    order = make.order()
    make.change(order, by=by(agent))
    service.write_note(order.id, "尽快", flag=Flag.RED, actor=by(agent))
    row = work(by(agent)).platform[0]
    assert (row.order_id, [str(f) for f in row.fields], row.memos) == (order.id, ["address"], 2)


def test_what_came_too_late_is_listed(agent):
    order = make.order()
    make.change(order, by=by(agent), yes=True)
    service.answer_notice(make.notices(order)[0].id, Answer.GONE, actor=make.actor(Role.PRINTING))
    assert [row.order_id for row in work(by(agent)).late] == [order.id]


def test_another_stores_work_is_not_seen(agent):
    order = make.order(make.store("theirs"))
    make.change(order, by=by(agent))
    stranger = make.person(Role.SUPERVISOR, store_id=make.store("mine").id)
    found = work(by(stranger), everybody=True)
    assert (found.rows, found.platform, found.late) == ([], [], [])


def test_a_supervisor_sees_everybodys_and_can_choose(sign_in, agent):
    order = make.order()
    make.change(order, by=by(agent))
    browser = sign_in(make.person(Role.SUPERVISOR))
    assert order.number in browser.get("/work").text
    assert order.number not in browser.get("/work?whose=mine").text


@pytest.mark.parametrize("role", ASSIGNABLE)
def test_the_page_stands_for_every_role_with_and_without_work(sign_in, agent, role):
    browser = sign_in(make.person(role))
    assert browser.get("/work").status_code == 200
    for kind in (Kind.ADDRESS, Kind.CANCEL):
        make.change(make.order(), kind, None if kind is Kind.ADDRESS else {"text": "x"}, by=by(agent))
    for language in ("zh-CN", "en"):
        assert browser.get("/work?whose=all", headers={"Accept-Language": language}).status_code == 200


def test_names_are_masked(sign_in, agent):
    make.change(make.order(), by=by(agent))
    text = sign_in(agent).get("/work").text
    assert "雨**" in text
    assert "雨天晒被子" not in text


def test_a_long_list_asks_the_database_no_more(sign_in, agent):
    browser = sign_in(agent)

    def count(more):
        for _ in range(more):
            make.change(make.order(), by=by(agent))
        browser.get("/work")
        with seen_statements() as seen:
            browser.get("/work")
        return len(seen)

    assert count(2) == count(8)


def test_the_navigation_counts_what_waits_for_me(sign_in, agent):
    make.change(make.order(), by=by(agent))
    text = sign_in(agent).get("/", headers=EN).text
    assert 'My work</span><span class="n">1</span>' in text
