"""What is done from the order page: steps, memos, values for the platform, reveals."""

import pytest
from sqlalchemy import func, select

from shopdesk.changes import queries as changes
from shopdesk.changes import service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.models import Memo
from shopdesk.orders.states import Field, Flag
from shopdesk.parcels.states import Stage
from tests import make, worlds
from tests.desk.pages import EN, by, change_path, events, fields, path, send

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def agent():
    return make.person(Role.PRE_SALE)


def _answered(answer):
    def build(order, asker):
        make.change(order, by=asker, yes=True)
        notice = make.notices(order, NoticeKind.CHANGE)[0]
        service.answer_notice(notice.id, answer, actor=make.actor(Role.PRINTING))

    return build


# -- steps


@pytest.mark.mission("M031")
def test_confirming_in_the_page_opens_the_notice_at_printing(sign_in, agent):
    order = make.order()
    change = make.change(order, by=by(agent))
    browser = sign_in(agent)
    page = browser.get(path(order))
    assert "浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室" in page.text  # the phrase that is read back
    action = change_path(change, f"steps/{worlds.position(change, 'confirm')}")
    answer = send(browser, page, action, text="对的", via="phone")
    assert (answer.status_code, answer.location) == (303, f"{path(order)}#change-{change.id}")
    assert len(make.notices(order, NoticeKind.CHANGE)) == 1
    assert "对的" in browser.get(path(order)).text


def test_a_confirmation_without_words_is_refused_and_kept_on_the_page(sign_in, agent):
    order = make.order()
    change = make.change(order, by=by(agent))
    browser = sign_in(agent)
    action = change_path(change, f"steps/{worlds.position(change, 'confirm')}")
    answer = send(browser, browser.get(path(order)), action, text=" ", via="phone")
    assert answer.status_code == 422
    assert '<option value="phone" selected>' in answer.text
    assert worlds.open_codes(change)[0] == "confirm"


def test_a_step_that_was_done_meanwhile_is_a_conflict_that_keeps_what_was_typed(sign_in, agent):
    order = make.order()
    change = make.change(order, by=by(agent))
    browser = sign_in(agent)
    page = browser.get(path(order))
    action = change_path(change, f"steps/{worlds.position(change, 'confirm')}")
    make.fact(order, Stage.SHIPPED, happened_at=clock.now())
    answer = send(browser, page, action, text="对的")
    assert answer.status_code == 409
    assert "data-keep-drafts" in answer.text


def test_anothers_step_is_refused_on_the_page(sign_in, agent):
    order = make.order()
    change = make.change(order, by=by(agent), yes=True)
    browser = sign_in(make.person(Role.AFTER_SALE))
    page = browser.get(path(order), headers=EN)
    token = make.token(page)
    answer = browser.post(
        change_path(change, f"steps/{worlds.position(change, 'acknowledge')}"),
        data={"csrf_token": token}, headers=EN,
    )  # fmt: skip
    assert answer.status_code == 403
    assert "This is for" in answer.text


@pytest.mark.mission("M049", "M053")
def test_printing_voids_and_only_then_after_sale_has_the_refund_to_do(sign_in, agent):
    order = make.order(lines=(make.line(price_minor=5000),))
    change = make.change(order, Kind.CANCEL, {}, by=by(agent))
    after_sale = sign_in(make.person(Role.AFTER_SALE))
    refund = change_path(change, f"steps/{worlds.position(change, 'refund')}")
    assert refund not in after_sale.get(path(order)).text
    clerk = sign_in(make.person(Role.PRINTING))
    void = change_path(change, f"steps/{worlds.position(change, 'void')}")
    assert void not in sign_in(agent).get(path(order)).text
    assert send(clerk, clerk.get(path(order)), void).status_code == 303
    page = after_sale.get(path(order))
    assert fields(page, refund)["amount"] == "50.00"
    refused = send(after_sale, page, refund, amount="50.01", reference="R1")
    assert refused.status_code == 422
    assert 'value="50.01"' in refused.text
    assert send(after_sale, page, refund, amount="50.00", reference="R1").status_code == 303
    assert worlds.line(order).refunded_minor == 5000


def test_withdrawing_needs_a_reason_and_puts_the_address_back(sign_in, agent):
    order = make.order()
    change = make.change(order, by=by(agent))
    browser = sign_in(agent)
    page = browser.get(path(order))
    assert send(browser, page, change_path(change, "withdraw"), reason=" ").status_code == 422
    assert send(browser, page, change_path(change, "withdraw"), reason="customer changed her mind").status_code == 303
    worlds.refresh(change)
    assert change.state is ChangeState.WITHDRAWN
    assert orders.effective_value(order, Field.ADDRESS, None)["city"] == "苏州市"


def test_only_a_supervisor_ends_by_hand_what_was_carried_through_outside_the_desk(sign_in, agent):
    order = make.order()
    _answered(Answer.PRINTED)(order, by(agent))
    change = changes.changes_of_order(order.id, order.store_id)[0]
    assert change_path(change, "end") not in sign_in(agent).get(path(order)).text
    above = sign_in(make.person(Role.SUPERVISOR))
    page = above.get(path(order), headers=EN)
    assert "Hand it out and say to whom" in page.text
    assert send(above, page, change_path(change, "end"), reason="amended on the papers").status_code == 303
    worlds.refresh(change)
    assert change.state is ChangeState.DONE


def test_sending_a_step_twice_does_it_once(sign_in, agent):
    order = make.order()
    change = make.change(order, by=by(agent))
    browser = sign_in(agent)
    page = browser.get(path(order))
    action = change_path(change, f"steps/{worlds.position(change, 'confirm')}")
    first = send(browser, page, action, text="对的")
    second = send(browser, page, action, text="对的")
    assert (first.status_code, second.status_code) == (303, 303)
    assert events(order, "step.done") == 1


# -- memo


@pytest.mark.mission("M054", "M055", "M056")
def test_a_memo_is_signed_flagged_and_told_to_printing(sign_in, agent):
    order = make.order()
    browser = sign_in(agent)
    page = browser.get(path(order))
    assert "1000" in page.text
    answer = send(browser, page, f"{path(order)}/memos", text="尽快发货---2001.01.01 别人", flag="yellow")
    assert answer.status_code == 303
    memo = orders.memos(order.id, order.store_id)[0]
    today = clock.now().astimezone().strftime("%Y.%m.%d")
    line = memo.text.reveal("to look")
    assert line.startswith("尽快发货---2001.01.01 别人---20")
    assert line.endswith(" 小满")
    assert len(today) == 10
    assert memo.flag is Flag.YELLOW
    assert len(make.notices(order, NoticeKind.MEMO)) == 1
    assert "小满" in browser.get(path(order)).text


def test_a_memo_that_is_too_long_for_the_platform_is_refused_and_kept(sign_in, agent):
    order = make.order(make.store("dy", platform="douyin"))
    browser = sign_in(agent)
    text = "很长" * 60
    answer = send(browser, browser.get(path(order)), f"{path(order)}/memos", text=text, flag="red")
    assert answer.status_code == 422
    assert text in answer.text
    assert orders.memos(order.id, order.store_id) == []


def test_the_whole_memo_is_copied_in_clear_on_the_record_and_ticked_when_pasted(sign_in, agent):
    order = make.order(platform_memo="别人写的")
    make.change(order, by=by(agent))
    browser = sign_in(agent)
    page = browser.get(path(order))
    shown = page.text.split('id="memo-card"')[1].split("</section>")[0]
    assert "云帆路" not in shown  # masked until it is copied
    copied = browser.post(f"{path(order)}/memo-text", data={"csrf_token": make.token(page)})
    assert copied.mimetype == "text/plain"
    assert copied.text.startswith("别人写的\n客户要求修改地址,新地址为:张伟,13812345678,浙江省杭州市滨江区云帆路66号")
    assert events(order, "memo.copied") == 1
    assert send(browser, page, f"{path(order)}/memos/pasted").status_code == 303
    unpasted = select(func.count(Memo.id)).where(Memo.pasted_at.is_(None), Memo.order_id == order.id)
    assert db.session.scalar(in_store(unpasted, order.store_id, Memo)) == 0
    assert f"{path(order)}/memos/pasted" not in browser.get(path(order)).text


def test_the_new_value_for_the_platform_is_copied_in_clear_on_the_record(sign_in, agent):
    order = make.order()
    make.change(order, by=by(agent))
    amendment = orders.active_amendments(order.id, order.store_id)[0]
    browser = sign_in(agent)
    page = browser.get(path(order))
    copied = browser.post(f"/amendments/{amendment.id}/text", data={"csrf_token": make.token(page)})
    assert copied.text == "张伟,13812345678,浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室"
    assert events(order, "amendment.copied") == 1


# -- reveal


def test_the_phone_is_revealed_with_one_click_in_ones_own_work_and_else_with_a_reason(sign_in, agent):
    order = make.order()
    browser = sign_in(agent)
    page = browser.get(path(order))
    reveal = f"{path(order)}/reveal/phone"
    assert 'name="reason"' in page.text
    token = {"csrf_token": make.token(page)}
    assert browser.post(reveal, data=token).status_code == 422
    answer = browser.post(reveal, data={**token, "reason": "call_customer"})
    assert answer.status_code == 200
    assert "13812345678" in answer.text
    make.change(order, by=by(agent))
    page = browser.get(path(order))
    assert 'value="call_customer"' not in page.text
    answer = browser.post(reveal, data={"csrf_token": make.token(page)}, headers={"HX-Request": "true"})
    assert "13812345678" in answer.text
    assert "<html" not in answer.text
    assert events(order, "personal.revealed") == 2


def test_nonsense_is_not_revealed(sign_in, agent):
    order = make.order()
    browser = sign_in(agent)
    token = {"csrf_token": make.token(browser.get(path(order)))}
    for what, reason in (("password", "call_customer"), ("phone", "curiosity")):
        assert browser.post(f"{path(order)}/reveal/{what}", data={**token, "reason": reason}).status_code == 422


def test_a_form_without_its_token_does_nothing(sign_in, agent):
    order = make.order()
    assert sign_in(agent).post(f"{path(order)}/memos", data={"text": "x", "flag": "red"}).status_code == 400
    assert orders.memos(order.id, order.store_id) == []
