"""Asking for a change: one page per kind, an address in two looks, refusals and conflicts that keep what was typed."""

from datetime import UTC, datetime, timedelta

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.errors import Conflict
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.notices.models import Answer, NoticeKind, NoticeState
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field, Flag, OrderStatus
from shopdesk.parcels.states import Stage
from shopdesk.web.errors import message_of
from shopdesk.web.locale import when
from tests import make, worlds
from tests.desk.pages import fields, fill, send
from tests.shorter import some

pytestmark = pytest.mark.usefixtures("app")
EN = {"Accept-Language": "en"}
PASTED = "张伟 13812345678 浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室"


@pytest.fixture
def agent(sign_in):
    make.store()
    return sign_in(make.person(Role.PRE_SALE))


def path(order, kind):
    return f"/orders/{order.id}/changes/{kind}"


def open_changes(order):
    return [c for c in queries.changes_of_order(order.id, order.store_id) if c.state is ChangeState.OPEN]


# -- the address


@pytest.mark.mission("M028", "M030", "M033", "M034", "M039")
def test_an_address_is_pasted_in_one_line_looked_at_as_old_and_new_and_sent(agent):
    order = make.order()
    page = fill(agent, path(order, "address"), pasted=PASTED, action="parse")
    assert page.status_code == 200
    found = fields(page, "")
    assert (found["name"], found["city"], found["street"]) == ("张伟", "杭州市", "云帆路66号禾悦公寓2幢602室")
    assert "星澜街128号7幢1203室" in page.text
    assert open_changes(order) == []

    answer = send(agent, page, "", action="submit")

    change = open_changes(order)[0]
    assert (answer.status_code, answer.location) == (303, f"/orders/{order.id}#change-{change.id}")
    assert worlds.effective(order) == "云帆路66号禾悦公寓2幢602室"
    memo = worlds.memos(order)[0]
    assert memo.startswith(
        "客户要求修改地址,新地址为:张伟,13812345678,浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室---20"
    )
    assert memo.endswith(" 小满")
    assert make.parcel(order).holds == 1
    assert len(make.notices(order, NoticeKind.CHANGE, state=NoticeState.WAITING)) == 1


def test_what_was_not_looked_at_is_not_sent(agent):
    order = make.order()
    page = fill(agent, path(order, "address"), pasted=PASTED, action="parse")
    answer = send(agent, page, "", street="另一条路1号", action="submit")
    assert answer.status_code == 422
    assert "另一条路1号" in answer.text
    assert open_changes(order) == []
    assert send(agent, answer, "", action="submit").status_code == 303
    assert worlds.effective(order) == "另一条路1号"


def test_the_parts_can_be_typed_and_what_stays_empty_stays_as_it_is(agent):
    order = make.order()
    page = fill(agent, path(order, "address"), street="星澜街130号", action="preview")
    assert "星澜街130号" in page.text
    assert send(agent, page, "", action="submit").status_code == 303
    value = orders.effective_value(order, Field.ADDRESS, None)
    assert (value["name"], value["city"], value["street"]) == ("张伟", "苏州市", "星澜街130号")


def test_parts_that_were_guessed_are_marked(agent):
    page = fill(agent, path(make.order(), "address"), pasted="朝阳区建国路1号", action="parse")
    html = page.text
    assert "sd-field-err" in html or "aria-describedby" in html


def test_the_same_address_changes_nothing_and_says_so(agent):
    order = make.order()
    page = agent.get(path(order, "address"), headers=EN)
    answer = agent.post(
        path(order, "address"),
        data={**fields(page, ""), "pasted": "江苏省苏州市虎丘区星澜街128号7幢1203室", "action": "parse"},
        headers=EN,
    )
    assert "This changes nothing." in answer.text
    assert open_changes(order) == []


def test_the_customers_yes_in_the_same_form_tells_printing_at_once(agent):
    order = make.order()
    page = fill(agent, path(order, "address"), pasted=PASTED, action="parse", confirmed_text="改成这个")
    assert send(agent, page, "", action="submit", confirmed_text="改成这个", confirmed_via="chat").status_code == 303
    assert len(make.notices(order, NoticeKind.CHANGE)) == 1
    assert worlds.open_codes(open_changes(order)[0]) == ["acknowledge"]


@pytest.mark.parametrize("kind", ["address", "attribute", "courier"])
def test_the_customers_yes_stands_in_sight_above_the_button_that_sends(agent, kind):
    order = make.order()
    typed = {"pasted": PASTED, "action": "parse"} if kind == "address" else {}
    page = fill(agent, path(order, kind), **typed) if typed else agent.get(path(order, kind))
    yes, sends = page.text.index('name="confirmed_text"'), page.text.index("btn btn-primary", page.text.index("sd-yes"))
    assert yes < sends
    before = page.text[:yes]
    assert before.count("<details") == before.count("</details"), "it is folded away"


def test_the_time_of_the_customers_yes_is_kept_and_one_of_the_future_refused(agent):
    order = make.order()
    page = fill(agent, path(order, "courier"), text="顺丰", confirmed_text="对", confirmed_at="2099-01-01T10:00")
    assert page.status_code == 422
    page = send(agent, page, "", text="顺丰", confirmed_text="对", confirmed_at="13 o'clock")
    assert page.status_code == 422
    assert "13 o&#39;clock" in page.text
    assert send(agent, page, "", confirmed_at="2026-01-02T10:00").status_code == 303
    wish = queries.wishes_of([open_changes(order)[0].id], order.store_id)[0][1]
    assert wish.confirmed_at == datetime(2026, 1, 2, 2, tzinfo=UTC)


def test_pasting_nothing_or_rubbish_asks_again(agent):
    order = make.order()
    for pasted in ("", "   ", "\u202e\u200b", "x" * 9_000):
        page = fill(agent, path(order, "address"), pasted=pasted, action="parse")
        assert page.status_code == (200 if "x" in pasted else 422)
    assert fill(agent, path(order, "address"), pasted="x" * 10_001, action="parse").status_code == 422
    assert fill(agent, path(order, "address"), action="submit").status_code == 422
    assert open_changes(order) == []


# -- the other kinds


@pytest.mark.mission("M032")
def test_a_colour_is_changed_on_the_line_that_was_chosen(agent):
    order = make.order(lines=(make.line(), make.line("n2", title="围巾", attributes="颜色分类:红色")))
    line = worlds.line(order, 2)
    page = agent.get(f"{path(order, 'attribute')}?line={line.id}")
    assert fields(page, "")["attributes"] == "颜色分类:红色"
    answer = send(agent, page, "", attributes="颜色分类:藏青")
    assert answer.status_code == 303
    memo = worlds.memos(order)[0]
    assert memo.startswith("客户拍下围巾 颜色分类:红色,要求修改成颜色分类:藏青,已修改妥当---20")
    assert memo.endswith(" 小满")


def test_the_line_of_another_order_is_not_taken(agent):
    order, other = make.order(), make.order()
    page = agent.get(path(order, "attribute"))
    answer = send(agent, page, "", line_id=str(worlds.line(other).id), attributes="颜色分类:藏青")
    assert answer.status_code in {303, 422}
    assert worlds.effective(other, Field.ATTRIBUTE, worlds.line(other).id) == "颜色分类:黑色"


@pytest.mark.mission("M042", "M043", "M044", "M045", "M046", "M047", "M048")
@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Kind.COURIER, "顺丰", "客户要求发顺丰---"),
        (Kind.INVOICE, "某某公司", "客户要求开发票,抬头:某某公司---"),
        (Kind.GREETING_CARD, "生日快乐", "客户要求写贺卡:生日快乐---"),
        (Kind.DELIVERY_TIME, "周六上午", "客户要求送货时间:周六上午---"),
    ],
)
def test_a_special_request_needs_its_value_and_writes_its_red_memo(agent, kind, value, said):
    order = make.order()
    empty = fill(agent, path(order, kind), text="  ")
    assert empty.status_code == 422
    assert open_changes(order) == []
    assert fill(agent, path(order, kind), text=value).status_code == 303
    memo = orders.memos(order.id, order.store_id)[0]
    assert worlds.memos(order)[0].startswith(said)
    assert memo.flag is Flag.RED
    assert worlds.open_codes(open_changes(order)[0]) == ["confirm", "acknowledge"]


def test_units_go_down_and_more_units_need_a_new_order(agent):
    order = make.order(lines=(make.line(quantity=3),))
    page = agent.get(path(order, "quantity"))
    more = agent.post(path(order, "quantity"), data={**fields(page, ""), "quantity": "4"}, headers=EN)
    assert more.status_code == 422
    assert "need a new order" in more.text
    assert 'value="4"' in more.text
    for wrong in ("", "-1", "1.5", "many", "9" * 30):
        assert fill(agent, path(order, "quantity"), quantity=wrong).status_code == 422
    assert fill(agent, path(order, "quantity"), quantity="1").status_code == 303
    assert worlds.counters(order)[1] == 2


@pytest.mark.mission("M039")
def test_freight_and_price_are_amended_while_unpaid_and_are_to_be_entered_in_the_platform(agent):
    order = make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=0, shipping_minor=1000)
    assert fill(agent, path(order, "freight"), amount="5.00").status_code == 303
    assert fill(agent, path(order, "price"), amount="100.00").status_code == 303
    assert worlds.effective(order, Field.FREIGHT) == 500
    assert ("freight", "to_do", True) in worlds.amendments(order)
    assert worlds.memos(order) == []
    page = agent.get(f"/orders/{order.id}", headers=EN)
    assert "Also to be done in the platform" in page.text
    for wrong in ("5.001", "-1", "NaN", "1e99", "free"):
        assert fill(agent, path(order, "freight"), amount=wrong).status_code == 422


def test_cancelling_asks_printing_to_void(agent):
    order = make.order()
    assert fill(agent, path(order, "cancel"), text="拍错了").status_code == 303
    assert [n.kind for n in make.notices(order)] == [NoticeKind.VOID]


# -- refusals and conflicts


@pytest.mark.mission("M012")
@pytest.mark.parametrize("stage", [Stage.VOIDED])
def test_what_the_stage_does_not_allow_says_why(agent, stage):
    order = make.order()
    if stage is Stage.VOIDED:
        change = make.change(order, Kind.CANCEL, {}, by=make.actor(Role.PRE_SALE))
        worlds.do(change, "void", make.actor(Role.PRINTING))
    else:
        make.fact(order, stage, happened_at=clock.now())
    page = agent.get(path(order, "address"), headers=EN)
    assert page.status_code == 200
    assert "Not possible now." in page.text


def test_a_stage_that_moved_under_the_form_is_a_conflict_that_keeps_everything_typed(agent):
    order = make.order()
    page = agent.get(path(order, "courier"))
    make.fact(order, Stage.PRINTED, happened_at=clock.now())
    answer = send(agent, page, "", text="顺丰速运")
    assert answer.status_code == 409
    assert "顺丰速运" in answer.text
    assert "data-keep-drafts" in answer.text
    assert open_changes(order) == []
    assert orders.memos(order.id, order.store_id) == []


def test_a_conflict_over_an_address_keeps_every_part(agent):
    order = make.order()
    page = fill(agent, path(order, "address"), pasted=PASTED, action="parse")
    make.fact(order, Stage.PRINTED, happened_at=clock.now())
    answer = send(agent, page, "", action="submit")
    assert answer.status_code == 409
    found = fields(answer, "")
    assert found["pasted"].strip() == PASTED
    assert found["street"] == "云帆路66号禾悦公寓2幢602室"


def test_a_stale_stage_is_announced_before_and_asks_printing_instead_of_amending(agent):
    order = make.order(as_of=clock.now() - timedelta(hours=9))
    page = agent.get(path(order, "courier"), headers=EN)
    assert "Printing is asked first" in page.text
    assert send(agent, page, "", text="顺丰").status_code == 303
    assert [n.kind for n in make.notices(order)] == [NoticeKind.STAGE]
    assert worlds.memos(order) == []
    text = agent.get(f"/orders/{order.id}", headers=EN).text
    assert "Printing is asked whether it is printed" in text


def test_the_customers_yes_may_be_noted_while_printing_is_still_asked(agent):
    order = make.order(as_of=clock.now() - timedelta(hours=9))
    fill(agent, path(order, "courier"), text="顺丰")
    change = open_changes(order)[0]
    page = agent.get(f"/orders/{order.id}")
    action = f"/changes/{change.id}/steps/{worlds.position(change, 'confirm')}"
    assert send(agent, page, action, text="对的").status_code == 303
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    worlds.refresh(change)
    assert change.state is ChangeState.DONE


def test_sending_a_wish_twice_makes_one_change(agent):
    order = make.order()
    page = agent.get(path(order, "courier"))
    answers = [send(agent, page, "", text="顺丰") for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert len(open_changes(order)) == 1
    assert len(worlds.memos(order)) == 1


def test_a_further_wish_says_before_it_is_sent_whose_change_it_joins(agent):
    order = make.order()
    make.change(order, Kind.COURIER, {"text": "顺丰"}, by=make.actor(Role.PRE_SALE, signature="阿禾"))
    page = agent.get(path(order, "courier"), headers=EN)
    opened = when(open_changes(order)[0].opened_at, "Asia/Shanghai")
    assert f"阿禾 asked for “Change courier” at {opened}; your wish joins that change." in page.text
    assert send(agent, page, "", text="圆通").status_code == 303
    assert len(open_changes(order)) == 1
    assert "You asked for" not in agent.get(path(order, "courier"), headers=EN).text


def test_a_wish_that_was_overtaken_by_the_same_wish_is_asked_again_with_everything_kept(agent):
    order = make.order()
    page = agent.get(path(order, "courier"), headers=EN)
    make.change(order, Kind.COURIER, {"text": "顺丰"}, by=make.actor(Role.PRE_SALE, signature="阿禾"))
    answer = agent.post(path(order, "courier"), data={**fields(page, ""), "text": "圆通"}, headers=EN)
    assert answer.status_code == 409
    assert "阿禾 was quicker" in answer.text
    assert fields(answer, "")["text"] == "圆通"
    assert worlds.memos(order)[-1].startswith("客户要求发顺丰")
    assert send(agent, answer, "").status_code == 303
    assert len(open_changes(order)) == 1


@pytest.mark.parametrize("role", ASSIGNABLE)
def test_only_who_may_ask_gets_a_form(sign_in, role):
    order = make.order()
    answer = sign_in(make.person(role)).get(path(order, "address"))
    assert answer.status_code == (200 if role in {Role.PRE_SALE, Role.SUPERVISOR} else 403)


#: Outside CI each kind in one of them, by turns.
IN_BOTH = [(kind, language) for turn, kind in enumerate(Kind) for language in ("zh-CN", "en")[:: (1, -1)[turn % 2]]]


@pytest.mark.parametrize(("kind", "language"), some(IN_BOTH, of=2))
def test_every_kind_has_its_page_in_both_languages(agent, kind, language):
    for order in (make.order(), make.order(status=OrderStatus.UNPAID, paid_at=None, paid_minor=0)):
        assert agent.get(path(order, kind), headers={"Accept-Language": language}).status_code == 200


def test_a_refusal_names_the_stage_in_the_persons_language(app):
    error = Conflict(
        "The parcel is %(stage)s meanwhile; nothing was changed. See what is possible now.", stage="printed"
    )
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        assert "“已打单”" in message_of(error)


@pytest.mark.parametrize(
    ("typed", "said"), [("-1", "An amount cannot be negative."), ("99999999999", "This amount is too large.")]
)
def test_a_wrong_amount_is_named_for_what_it_is(agent, typed, said):
    order = make.order(status=OrderStatus.UNPAID)
    page = agent.get(path(order, "price"))
    data = {**fields(page, ""), "amount": typed}
    answer = agent.post(page.request.path, data=data, headers=EN)
    assert answer.status_code == 422
    assert said in answer.text


@pytest.mark.parametrize("typed", ["two", "-1", ""])
def test_a_wrong_quantity_gets_one_message(agent, typed):
    page = fill(agent, path(make.order(), "quantity"), quantity=typed)
    assert page.status_code == 422
    said = page.text.split('class="sd-field-err"')[1].split("<span>")[1].split("</span>")[0]
    assert len([part for part in said.replace("。", ".").split(".") if part.strip()]) == 1, said


@pytest.mark.parametrize(("code", "is_said"), [("", True), ("310052", False)])
def test_an_old_post_code_that_is_left_out_is_said(agent, code, is_said):
    page = agent.get(path(make.order(zip="215000"), "address"))
    data = {**fields(page, ""), "city": "杭州市", "street": "云帆路66号", "zip": code, "action": "preview"}
    answer = agent.post(page.request.path, data=data, headers=EN)
    assert ("The old post code belongs to the old street" in answer.text) is is_said


@pytest.mark.parametrize(
    ("stage", "says"),
    [
        (None, "Amends the order, writes the red-flag memo and holds the parcel."),
        (Stage.PRINTED, "Holds the parcel and asks for its papers; the order is amended when the papers are."),
        (Stage.PACKED, "Holds the parcel and has it fetched; the order is amended once it is in hand."),
    ],
)
def test_the_form_says_what_the_submit_does_at_this_stage(agent, stage, says):
    order = make.order()
    if stage:
        make.fact(order, stage)
    order_id = order.id
    attribute = agent.get(f"/orders/{order_id}/changes/attribute", headers=EN)
    address = fill(agent, f"/orders/{order_id}/changes/address", pasted=PASTED, action="parse")
    assert says in attribute.text
    if stage:
        assert "改订单、写红旗备注" not in address.text
