"""The inbox: what waits for one's roles, and the answers."""

import re

import pytest

from shopdesk.changes import service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit, clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Actor, Role
from shopdesk.desk.queries.inbox import inbox
from shopdesk.notices.models import Answer, NoticeKind, NoticeState
from shopdesk.orders.states import Flag
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff import queries as staff
from tests import make, worlds
from tests.desk.pages import fields, send
from tests.statements import seen_statements

pytestmark = pytest.mark.usefixtures("app")
START = "/inbox"


@pytest.fixture
def store():
    return make.store()


@pytest.fixture
def asker(store):
    return make.actor(Role.PRE_SALE, signature="小满")


@pytest.fixture
def inbox_of(sign_in, store):
    """A browser of somebody with these roles, in English."""

    def start(*roles, store_id=None):
        client = sign_in(make.person(*roles, store_id=store_id))
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return start


def answer(client, notice, given, **more):
    return send(client, client.get(START), f"{START}/{notice.id}", answer=given, **more)


def state_of(notice):
    db.session.refresh(notice)
    return notice.state, notice.answer


@pytest.mark.mission("M060")
def test_a_confirmed_change_is_acknowledged_as_not_printed_and_its_hold_ends(inbox_of, asker):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    desk = inbox_of(Role.PRINTING)
    page = desk.get(START)
    assert "云帆路66号禾悦公寓2幢602室" in page.text
    assert "138****5678" in page.text
    assert "13812345678" not in page.text
    assert "小满" in page.text

    said = answer(desk, make.notices(order)[0], "not_printed")

    assert said.status_code == 303
    db.session.refresh(change)
    assert change.state is ChangeState.DONE
    assert make.parcel(order).holds == 0
    assert "Nothing waits for you" in desk.get(START).text


def test_already_printed_carries_its_batch(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    desk = inbox_of(Role.PRINTING)
    assert answer(desk, make.notices(order)[0], "printed", batch="W229").status_code == 303
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.position) == (Stage.PRINTED, None)
    assert parcel.batch_id


def test_already_gone_sends_the_wish_to_after_sale_who_note_it(inbox_of, asker):
    order = make.order()
    change = make.change(order, by=asker, yes=True)
    answer(inbox_of(Role.PRINTING), make.notices(order)[0], "gone")
    db.session.refresh(change)
    assert change.state is ChangeState.TOO_LATE
    desk = inbox_of(Role.AFTER_SALE)
    page = desk.get(START)
    assert "The parcel left before this was carried out" in page.text
    assert "602室" not in page.text  # masked in a list
    assert "浙江省杭州市" in page.text
    notice = make.notices(order, NoticeKind.TOO_LATE)[0]
    assert answer(desk, notice, "noted").status_code == 303
    assert state_of(notice) == (NoticeState.ACKNOWLEDGED, Answer.NOTED)


@pytest.mark.mission("M032")
def test_the_question_about_a_stale_stage_is_answered_and_the_wish_is_carried_out(inbox_of, asker):
    order = make.order(as_of=make.clock.now() - make.timedelta(hours=9))
    change = make.change(order, by=asker)
    desk = inbox_of(Role.PRINTING)
    assert "Is it printed already?" in desk.get(START).text
    answer(desk, make.notices(order, NoticeKind.STAGE)[0], "not_printed")
    db.session.refresh(change)
    assert change.is_applied
    page = desk.get(START)
    assert "1 change being confirmed" in page.text
    assert "Nothing waits for you" in page.text


@pytest.mark.mission("M053")
def test_a_cancel_wish_is_voided_from_the_inbox(inbox_of, asker):
    order = make.order()
    make.change(order, Kind.CANCEL, {}, by=asker)
    notice = make.notices(order, NoticeKind.VOID)[0]
    desk = inbox_of(Role.PRINTING)
    page = desk.get(START)
    done = send(desk, page, f"{START}/{notice.id}/void")
    assert done.status_code == 303
    assert make.parcel(order).stage is Stage.VOIDED
    assert state_of(notice)[0] is NoticeState.WITHDRAWN
    again = send(desk, page, f"{START}/{notice.id}/void", command_key="another")
    assert again.status_code == 409
    assert "There is nothing to void here any more." in again.text
    assert audit.verify()[1] == []


def test_a_supervisor_sees_every_roles_notices_and_warehouse_only_its_own(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker)
    make.fact(order, Stage.SHIPPED)
    above = inbox_of(Role.SUPERVISOR).get(START)
    for role in ("to Printing", "to Warehouse", "to Pre-sale", "to After-sale"):
        assert role in above.text
    page = inbox_of(Role.WAREHOUSE).get(START)
    assert page.text.count("data-row") == 1
    assert "although a change held it" in page.text
    for personal in ("云帆路", "滨江区", "张", "138****"):
        assert personal not in re.sub(r"<header.*?</header>", "", page.text, flags=re.DOTALL)


def test_pre_sale_sees_its_alarms_and_can_note_them(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker)
    make.fact(order, Stage.PRINTED)
    desk = inbox_of(Role.PRE_SALE)
    notice = next(n for n in make.notices(order, NoticeKind.ALARM) if n.role is Role.PRE_SALE)
    assert "the papers may carry the old data" in desk.get(START).text
    assert answer(desk, notice, "noted").status_code == 303
    assert "Nothing waits for you" in desk.get(START).text


def test_a_contradiction_shows_all_three_values(inbox_of, asker):
    order = make.order(lines=(make.line(attributes="红色"),))
    make.change(order, Kind.ATTRIBUTE, {"attributes": "蓝色"}, by=asker, line_id=worlds.line(order).id, yes=True)
    make.put_order(
        make.store(), make.sale(number=order.number, lines=(make.line(attributes="绿色"),)), (), origin="test",
        as_of=make.clock.now(), actor=make.Actor.system([order.store_id]),
    )  # fmt: skip
    page = inbox_of(Role.PRE_SALE).get(START)
    assert re.search(r"红色</dd>.*蓝色</dd>.*绿色</dd>", page.text, re.DOTALL)


def test_a_memo_is_shown_without_becoming_markup(inbox_of, asker):
    order = make.order()
    service.write_note(order.id, "<img src=x onerror=alert(1)> 轻放", flag=Flag.RED, actor=asker)
    page = inbox_of(Role.PRINTING).get(START)
    assert "&lt;img src=x onerror=alert(1)&gt; 轻放" in page.text
    assert "<img src=x" not in page.text


def test_ticked_notices_are_acknowledged_each_by_itself_and_what_fails_says_why(inbox_of, asker):
    good, other, moved = make.order(), make.order(), make.order()
    for order in (good, other, moved):
        make.change(order, by=asker, yes=True)
    desk = inbox_of(Role.PRINTING)
    page = desk.get(START)
    ids = [make.notices(order)[0].id for order in (good, other, moved)]
    colleague = make.actor(Role.PRINTING)
    service.answer_notice(ids[2], Answer.PRINTED, actor=colleague)

    done = desk.post(f"{START}/acknowledge", data={**fields(page, f"{START}/acknowledge"), "notice": ids})

    assert done.status_code == 409
    assert "2 notices acknowledged." in done.text
    assert "小满 has answered this already." in done.text
    assert [make.parcel(order).holds for order in (good, other, moved)] == [0, 0, 1]
    again = desk.post(f"{START}/acknowledge", data={**fields(page, f"{START}/acknowledge"), "notice": ids[:2]})
    assert (again.status_code, "2 notices acknowledged." in again.text) == (200, True)  # the same key: the same answer


@pytest.mark.parametrize("ids", [[], ["x"], ["9" * 40], ["0"]])
def test_ticking_nothing_or_nonsense_changes_nothing(inbox_of, asker, ids):
    desk = inbox_of(Role.PRINTING)
    token = make.token(desk.get("/print-check"))
    done = desk.post(f"{START}/acknowledge", data={"csrf_token": token, "notice": ids})
    assert done.status_code in {409, 422}


def test_an_answer_that_comes_second_is_told_so_and_nothing_moves(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    desk = inbox_of(Role.PRINTING)
    page, notice = desk.get(START), make.notices(order)[0]
    service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    late = send(desk, page, f"{START}/{notice.id}", answer="gone")
    assert late.status_code == 409
    assert "This notice was answered or withdrawn meanwhile." in late.text
    assert make.parcel(order).stage is Stage.UNPRINTED


def test_a_double_click_answers_once(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    desk = inbox_of(Role.PRINTING)
    page, notice = desk.get(START), make.notices(order)[0]
    codes = [send(desk, page, f"{START}/{notice.id}", answer="not_printed").status_code for _ in range(2)]
    assert codes == [303, 303]


@pytest.mark.parametrize(("given", "batch"), [("", ""), ("perhaps", ""), ("noted", ""), ("printed", "x" * 33)])
def test_an_answer_that_is_none_is_refused_and_says_so_beside_the_notice(inbox_of, asker, given, batch):
    order = make.order()
    make.change(order, by=asker, yes=True)
    notice = make.notices(order)[0]
    said = answer(inbox_of(Role.PRINTING), notice, given, batch=batch)
    assert said.status_code == 422
    assert 'role="alert"' in said.text
    assert state_of(notice)[0] is NoticeState.OPEN


def test_another_roles_and_another_stores_notice_cannot_be_answered(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    notice = make.notices(order)[0]
    clerk = inbox_of(Role.AFTER_SALE)
    token = make.token(clerk.get(START))
    form = {"csrf_token": token, "answer": "not_printed"}
    assert clerk.post(f"{START}/{notice.id}", data=form).status_code == 403
    stranger = inbox_of(Role.PRINTING, store_id=make.store("elsewhere").id)
    assert stranger.get(START).text.count("data-row") == 0
    form["csrf_token"] = make.token(stranger.get(START))
    assert stranger.post(f"{START}/{notice.id}", data=form).status_code == 404
    assert stranger.post(f"{START}/{notice.id}/void", data=form).status_code == 404


def test_the_kinds_filter_and_stay_chosen_after_an_answer(inbox_of, asker):
    changed, noted = make.order(), make.order()
    make.change(changed, by=asker, yes=True)
    service.write_note(noted.id, "轻放", flag=Flag.RED, actor=asker)
    desk = inbox_of(Role.PRINTING)
    page = desk.get(f"{START}?kind=memo")
    assert page.text.count("data-row") == 1
    notice = make.notices(noted)[0]
    said = send(desk, page, f"{START}/{notice.id}?kind=memo", answer="not_printed")
    assert said.location == f"{START}?kind=memo"
    assert desk.get(f"{START}?kind=nonsense&after=x").status_code == 200


def test_the_inbox_takes_no_more_statements_for_many_notices_than_for_few(asker, store):
    held = staff.actor_for(make.person(Role.PRINTING), channel="page")
    counts = []
    for more in (2, 8):
        for _ in range(more):
            order = make.order()
            make.change(order, by=asker, yes=True)
            service.write_note(order.id, "快", flag=Flag.RED, actor=asker)
        with seen_statements() as seen:
            found = inbox(held)
        counts.append((len(found.rows), len(seen)))
    assert [size for size, _ in counts] == [4, 20]
    assert counts[0][1] == counts[1][1] <= 20


def test_an_alarm_stands_above_an_older_memo(inbox_of, asker):
    noted, overtaken = make.order(), make.order()
    service.write_note(noted.id, "轻放", flag=Flag.RED, actor=asker)
    make.change(overtaken, by=asker)
    make.fact(overtaken, Stage.PRINTED)
    shown = inbox(make.actor(Role.PRINTING)).rows
    kinds = [row.notice.kind for row in shown]
    assert kinds.index(NoticeKind.ALARM) < kinds.index(NoticeKind.MEMO)
    assert shown[-1].notice.id == min(row.notice.id for row in shown)


def test_an_alarm_to_several_roles_of_one_person_stands_once_and_is_noted_for_each(inbox_of, asker):
    order = make.order()
    make.change(order, by=asker, yes=True)
    make.fact(order, Stage.PRINTED)
    alarms = make.notices(order, NoticeKind.ALARM)
    assert {notice.role for notice in alarms} == {Role.PRINTING, Role.WAREHOUSE, Role.PRE_SALE}
    boss = inbox_of(Role.SUPERVISOR)

    page = boss.get(f"{START}?kind=alarm")
    assert page.text.count("data-row") == 1
    assert len(re.findall(r"Noted for \w", page.text)) == 3
    assert len(set(re.findall(r'name="command_key" value="([^"]+)"', page.text))) >= 3

    for notice in alarms:
        assert answer(boss, notice, "noted").status_code == 303
        assert state_of(notice)[0] is NoticeState.ACKNOWLEDGED
    assert "data-row" not in boss.get(f"{START}?kind=alarm").text


def test_a_recall_says_where_the_papers_lie_once_that_is_told(inbox_of, asker):
    order = make.order(waybills=[("SF1000000001", "顺丰速运")])  # printed, and no batch was told
    make.change(order, by=asker)
    desk = inbox_of(Role.WAREHOUSE)
    assert "batch unknown" in desk.get(START).text
    told = Report(Stage.PRINTED, clock.now(), clock.now(), Source.API, "ERP", batch="W7", position=3)
    who = Actor.system([order.store_id])
    service.take_report(order.store_id, told, order_number=order.number, waybill=None, actor=who)
    page = desk.get(START).text
    assert "batch W7 · position 3" in page
    assert "batch unknown" not in page
