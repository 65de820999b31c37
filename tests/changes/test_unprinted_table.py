"""Every kind of wish on an unprinted order: its steps and roles, its memo word for word, its hold, its notice."""

from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import audit
from shopdesk.core.db import db
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.orders.states import Field, Flag, OrderStatus
from shopdesk.parcels.states import Stage
from tests import make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
NOON = datetime(2026, 11, 1, 16, 30, tzinfo=UTC)  # already the second of November in the store's zone

AMENDED = [("amend", "pre_sale", "done"), ("memo_hold", "system", "done")]
ASKED = [("confirm", "pre_sale", "open"), ("acknowledge", "printing", "open")]
REFUND = [("refund", "after_sale", "open"), ("enter_in_platform", "pre_sale", "open")]
WAITS = [("change", "printing", "waiting")]
#: kind → (value, steps after the submit, memo without its ending, template, notices after the submit)
TABLE = {
    Kind.ADDRESS: (
        make.NEW_ADDRESS, AMENDED + ASKED,
        "客户要求修改地址,新地址为:张伟,13812345678,浙江省杭州市滨江区云帆路66号禾悦公寓2幢602室", "T2", WAITS,
    ),
    Kind.ATTRIBUTE: (
        {"attributes": "颜色分类:白色"}, AMENDED + ASKED,
        "客户拍下羊毛帽 颜色分类:黑色,要求修改成颜色分类:白色,已修改妥当", "T1", WAITS,
    ),
    Kind.QUANTITY: (
        {"quantity": 1}, AMENDED + ASKED + REFUND,
        "客户拍下羊毛帽 × 3,要求修改成羊毛帽 × 1,已修改妥当", "T1", WAITS,
    ),
    Kind.COURIER: ({"text": "顺丰"}, AMENDED + ASKED, "客户要求发顺丰", "T4", WAITS),
    Kind.INVOICE: ({"text": "星澜贸易"}, AMENDED + ASKED, "客户要求开发票,抬头:星澜贸易", "T4", WAITS),
    Kind.GREETING_CARD: ({"text": "生日快乐"}, AMENDED + ASKED, "客户要求写贺卡:生日快乐", "T4", WAITS),
    Kind.DELIVERY_TIME: ({"text": "周六上午"}, AMENDED + ASKED, "客户要求送货时间:周六上午", "T4", WAITS),
    Kind.CANCEL: (
        {}, [("void", "printing", "open"), ("refund", "after_sale", "open")],
        None, None, [("void", "printing", "open")],
    ),
    Kind.PRICE: ({"amount_minor": 9_900}, [("amend", "pre_sale", "done")], None, None, []),
    Kind.FREIGHT: ({"amount_minor": 600}, [("amend", "pre_sale", "done")], None, None, []),
}  # fmt: skip
UNPAID = {Kind.PRICE, Kind.FREIGHT}
ON_LINE = {Kind.ATTRIBUTE, Kind.QUANTITY, Kind.PRICE}


def wish(order, kind, by, **more):
    if kind in ON_LINE:
        more.setdefault("line_id", worlds.line(order).id)
    return make.change(order, kind, TABLE[kind][0], by=by, **more)


@pytest.mark.mission("M030", "M031")
@pytest.mark.parametrize("kind", list(TABLE))
def test_one_submit_does_exactly_what_the_table_says(kind):
    _, steps, memo, template, notices = TABLE[kind]
    with time_machine.travel(NOON, tick=False):
        status = OrderStatus.UNPAID if kind in UNPAID else OrderStatus.PAID
        order = make.order(status=status, lines=(make.line(quantity=3),))
        change = wish(order, kind, make.actor(Role.PRE_SALE, signature="阿青"))

        assert worlds.steps(change) == steps
        assert worlds.notice_states(change) == notices
        assert worlds.memos(order) == ([f"{memo}---2026.11.02 阿青"] if memo else [])
        rows = orders.memos(order.id, order.store_id)
        assert [(row.template, row.flag) for row in rows] == ([(template, Flag.RED)] if template else [])
        assert make.parcel(order).holds == (0 if kind in UNPAID else 1)
        assert change.state is (ChangeState.DONE if kind in UNPAID else ChangeState.OPEN)
        assert worlds.amendments(order) == ([] if kind is Kind.CANCEL else [(str(kind), "to_do", True)])
    assert audit.verify()[1] == []


@pytest.mark.parametrize("kind", [k for k in TABLE if k not in UNPAID | {Kind.CANCEL}])
def test_the_notice_opens_with_the_customers_yes_and_printings_word_ends_the_hold(kind):
    order = make.order(lines=(make.line(quantity=3),))
    asker, clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)
    change = wish(order, kind, asker)
    worlds.do(change, "confirm", asker)
    assert worlds.notice_states(change) == [("change", "printing", "open")]
    assert make.parcel(order).holds == 1

    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=clerk)

    assert worlds.notice_states(change) == [("change", "printing", "acknowledged")]
    assert change.state is ChangeState.DONE
    assert change.released_at is not None
    assert (make.parcel(order).holds, worlds.open_holds(make.parcel(order))) == (0, 0)


def test_after_a_smaller_quantity_the_refund_and_the_platform_are_ticked_in_any_order():
    order = make.order(lines=(make.line(quantity=3, price_minor=1000),))
    change = wish(order, Kind.QUANTITY, make.actor(Role.PRE_SALE), yes=True)
    with pytest.raises(Exception, match="Another step comes first"):
        worlds.do(change, "refund", make.actor(Role.AFTER_SALE), Evidence(amount_minor=2000, reference="R1"))
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    worlds.do(change, "enter_in_platform", make.actor(Role.PRE_SALE))
    worlds.do(change, "refund", make.actor(Role.AFTER_SALE), Evidence(amount_minor=2000, reference="R1"))
    assert worlds.open_codes(change) == []
    assert worlds.amendments(order) == [("quantity", "done_by_hand", True)]
    assert worlds.counters(order) == (3, 2, 0, 1)
    assert worlds.line(order).refunded_minor == 2000


ENGLISH = {
    Kind.ATTRIBUTE: "Customer ordered 羊毛帽 颜色分类:黑色, asked to change it to ",
    Kind.QUANTITY: "Customer ordered 羊毛帽 × 3, asked to change it to 羊毛帽 × ",
    Kind.ADDRESS: "Customer asked to change the address, new address: ",
    Kind.COURIER: "Customer asks: shipping by ",
    Kind.INVOICE: "Customer asks: an invoice to: ",
    Kind.GREETING_CARD: "Customer asks: a greeting card: ",
    Kind.DELIVERY_TIME: "Customer asks: delivery at: ",
}


@pytest.mark.parametrize("kind", list(ENGLISH))
def test_a_store_that_writes_english_memos_writes_every_template_in_english_also_taking_back(kind):
    make.store(memo_language="en")
    with time_machine.travel(NOON, tick=False):
        order = make.order(lines=(make.line(quantity=3),))
        asker = make.actor(Role.PRE_SALE, signature="Aqing")
        change = wish(order, kind, asker)
        service.withdraw(change.id, "no more", actor=asker)
        asked, taken_back = worlds.memos(order)
    assert asked.startswith(ENGLISH[kind])
    assert asked.endswith("---2026.11.02 Aqing")
    assert taken_back == f"Withdrawn: {asked}"


def test_an_unpaid_order_has_no_refund_task():
    order = make.order(status=OrderStatus.UNPAID, lines=(make.line(quantity=3),))
    change = wish(order, Kind.QUANTITY, make.actor(Role.PRE_SALE))
    assert worlds.steps(change) == AMENDED + ASKED


def test_cancelling_goes_through_printing_and_then_after_sale():
    order = make.order(lines=(make.line(quantity=2, price_minor=500), make.line("n2", price_minor=1000)))
    change = wish(order, Kind.CANCEL, make.actor(Role.PRE_SALE))
    worlds.do(change, "void", make.actor(Role.PRINTING), Evidence())
    assert make.parcel(order).stage is Stage.VOIDED
    assert (change.state, make.parcel(order).holds) == (ChangeState.DONE, 0)
    assert worlds.notice_states(change) == [("void", "printing", "withdrawn")]
    assert worlds.counters(order, 1)[:2] == (2, 2)
    assert worlds.counters(order, 2)[:2] == (1, 1)
    worlds.do(change, "refund", make.actor(Role.AFTER_SALE), Evidence(amount_minor=2000, reference="R2"))
    assert [worlds.line(order, n).refunded_minor for n in (1, 2)] == [1000, 1000]


def test_a_price_leaves_its_old_and_new_amount_in_the_trail_and_is_to_be_entered_in_the_platform():
    order = make.order(status=OrderStatus.UNPAID)
    wish(order, Kind.PRICE, make.actor(Role.PRE_SALE))
    rows = db.session.scalars(select(audit.Event).where(audit.Event.action == "change.done"))
    assert [(row.body["old_minor"], row.body["new_minor"]) for row in rows] == [(12_800, 9_900)]
    assert orders.effective_value(order, Field.PRICE, worlds.line(order).id) == {"amount_minor": 9_900}


def test_colours_of_two_lines_are_one_change_with_two_wishes():
    order = make.order(lines=(make.line(), make.line("n2", title="围巾")))
    asker = make.actor(Role.PRE_SALE)
    first = wish(order, Kind.ATTRIBUTE, asker, yes=True)
    second = wish(order, Kind.ATTRIBUTE, asker, line_id=worlds.line(order, 2).id)
    assert first.id == second.id
    assert worlds.notice_states(first) == [("change", "printing", "withdrawn"), ("change", "printing", "waiting")]
    assert worlds.open_codes(first) == ["confirm", "acknowledge"]
    assert len(worlds.memos(order)) == 2
    assert make.parcel(order).holds == 1


def test_printing_that_notes_the_notice_of_a_cancel_wish_leaves_the_voiding_to_be_done():
    order = make.order()
    change = wish(order, Kind.CANCEL, make.actor(Role.PRE_SALE))
    service.answer_notice(
        make.notices(order, NoticeKind.VOID)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING)
    )
    assert change.state is ChangeState.OPEN
    assert worlds.open_codes(change) == ["void", "refund"]
    assert make.parcel(order).holds == 1
