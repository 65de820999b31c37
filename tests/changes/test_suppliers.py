"""代发: at a supplier's warehouse each physical step is a message and their answer; nothing else may do it."""

from datetime import timedelta

import pytest

from shopdesk.cases.models import Case
from shopdesk.changes import playbook, service
from shopdesk.changes.playbook import BY_MESSAGE
from shopdesk.changes.queries import supply
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence, Reply, Wished
from shopdesk.changes.states import Code, Kind, Purpose, SupplierAnswer, SupplierChannel
from shopdesk.core import clock
from shopdesk.core.db import db
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.supplier_view import asked_of
from shopdesk.desk.queries.work.reads import count_mine
from shopdesk.desk.service import message_text
from shopdesk.notices.models import Notice
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Source, Stage
from shopdesk.staff import service as staff
from shopdesk.staff.models import WarehouseKind
from shopdesk.warehouse import queries as warehouse
from shopdesk.warehouse.service import move, scan
from shopdesk.warehouse.states import Mode, Result
from tests import invariants, make, racing, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
A = SupplierAnswer
DATA_PRINTED = ["hand_out", "amend_papers", "amend", "memo", "confirm", "take_back"]


@pytest.fixture
def clerk():
    make.store()
    staff.add_warehouse("合作厂家", kind=WarehouseKind.SUPPLIER, serves=["my-shop"], actor=make.ROOT)
    return make.actor(Role.PRE_SALE)


def supplied(clerk, stage=Stage.PRINTED, **values):
    from shopdesk.staff.queries import warehouse_named

    order = make.order(**values)
    service.ship_from(make.parcel(order).id, warehouse_named("合作厂家").id, actor=clerk)
    if stage is not Stage.UNPRINTED:
        make.fact(order, stage, happened_at=clock.now())
    return order


def tell(change, code, by, via=SupplierChannel.WECHAT):
    return service.ask_supplier(change.id, worlds.position(change, code), via, actor=by)


def reply(change, code, answer, by, words="好的", **more):
    return service.note_reply(change.id, worlds.position(change, code), Reply(answer, words, **more), actor=by)


def by_supplier(change, code, by, **more):
    tell(change, code, by)
    reply(change, code, A.DONE, by, **more)


def refused(call, code, kind=DomainError):
    with pytest.raises(kind) as caught:
        call()
    assert caught.value.code == code


def test_a_change_on_printed_papers_goes_through_by_messages(clerk):
    order = supplied(clerk)
    change = make.change(order, Kind.DELIVERY_TIME, {"text": "周末送"}, by=clerk)
    assert worlds.open_codes(change) == DATA_PRINTED
    by_supplier(change, "hand_out", clerk)
    by_supplier(change, "amend_papers", clerk)
    worlds.do(change, "amend", clerk)
    worlds.do(change, "confirm", clerk)
    by_supplier(change, "take_back", clerk)
    db.session.refresh(change)
    assert str(change.state) == "done"
    assert make.parcel(order).holds == 0
    assert invariants.broken(order.store_id) == []


def test_a_new_waybill_comes_with_the_answer(clerk):
    order = supplied(clerk)
    change = make.change(order, by=clerk)
    by_supplier(change, "hand_out", clerk)
    tell(change, "reprint", clerk)
    refused(lambda: reply(change, "reprint", A.DONE, clerk), "value_required", RuleViolation)
    assert supply.messages_of([change.id], change.store_id)[-1].answer is None
    reply(change, "reprint", A.DONE, clerk, waybill="SF55667788")
    assert worlds.open_codes(change)[0] == "amend"


def test_a_cancel_is_voided_by_the_suppliers_word_and_refunded_then(clerk):
    order = supplied(clerk, Stage.PACKED)
    change = make.change(order, Kind.CANCEL, {"text": "拍错"}, by=clerk)
    after = make.actor(Role.AFTER_SALE)
    by_supplier(change, "hand_to_after_sale", after)
    by_supplier(change, "void", after)
    assert make.parcel(order).stage is Stage.VOIDED
    paid = sum(refundable(change).values())
    worlds.do(change, "refund", after, Evidence(amount_minor=paid, reference="R1"))
    by_supplier(change, "book_in", after)
    db.session.refresh(change)
    assert str(change.state) == "done"
    assert invariants.broken(order.store_id) == []


def test_already_gone_is_the_fact_that_it_left_and_the_wish_becomes_a_case(clerk):
    order = supplied(clerk)
    change = make.change(order, by=clerk)
    tell(change, "hand_out", clerk)
    reply(change, "hand_out", A.GONE, clerk, "早上已经发走了")
    db.session.refresh(change)
    parcel = make.parcel(order)
    assert (parcel.stage, parcel.stage_source, parcel.stage_origin) == (Stage.SHIPPED, Source.API, "合作厂家")
    assert str(change.state) == "too_late"
    assert [case.change_id for case in invariants.rows(Case, order.store_id)] == [change.id]
    assert invariants.broken(order.store_id) == []


def test_a_refusal_keeps_the_step_open_and_they_may_be_asked_again(clerk):
    order = supplied(clerk)
    change = make.change(order, by=clerk)
    tell(change, "hand_out", clerk)
    refused(lambda: reply(change, "hand_out", A.REFUSED, clerk, ""), "value_required", RuleViolation)
    reply(change, "hand_out", A.REFUSED, clerk, "仓库下班了")
    assert worlds.open_codes(change)[0] == "hand_out"
    tell(change, "hand_out", clerk, SupplierChannel.PHONE)
    reply(change, "hand_out", A.DONE, clerk)
    assert worlds.open_codes(change)[0] == "reprint"
    told = supply.messages_of([change.id], change.store_id)
    assert [(str(m.sent_via), str(m.answer)) for m in told] == [("wechat", "refused"), ("phone", "done")]


def test_such_a_step_has_no_other_button_and_an_own_one_no_message(clerk):
    order = supplied(clerk)
    change = make.change(order, by=clerk)
    boss = make.actor(Role.SUPERVISOR)
    position = worlds.position(change, "hand_out")
    refused(lambda: service.do_step(change.id, position, Evidence(to=boss.id), actor=boss), "by_message", IllegalMove)
    refused(lambda: reply(change, "hand_out", A.DONE, clerk), "not_sent", IllegalMove)
    own = make.order()
    make.fact(own, Stage.PRINTED, happened_at=clock.now())
    theirs = make.change(own, by=clerk)
    refused(lambda: tell(theirs, "hand_out", boss), "not_by_message", IllegalMove)


def test_only_who_has_the_contact_notes_it_in_turn_once_and_not_of_the_future(clerk):
    order = supplied(clerk)
    change = make.change(order, by=clerk)
    for role in (Role.WAREHOUSE, Role.PRINTING, Role.FINANCE):
        who = make.actor(role)
        refused(lambda w=who: tell(change, "hand_out", w), "not_allowed", NotAllowed)
    refused(lambda: tell(change, "take_back", clerk), "step_out_of_order", IllegalMove)
    tell(change, "hand_out", make.actor(Role.AFTER_SALE))
    refused(lambda: tell(change, "hand_out", clerk), "already_sent", Conflict)
    late = clock.now().replace(year=clock.now().year + 1)
    refused(lambda: reply(change, "hand_out", A.DONE, clerk, at=late), "in_the_future", RuleViolation)
    reply(change, "hand_out", A.DONE, make.actor(Role.SUPERVISOR))


def test_our_own_warehouse_and_printing_hear_nothing_of_it(clerk):
    order = supplied(clerk)
    make.change(order, by=clerk)
    plain = supplied(clerk, Stage.UNPRINTED)
    cancel = make.change(plain, Kind.CANCEL, {"text": "拍错"}, by=clerk)
    told = [(str(n.role), str(n.kind)) for n in invariants.rows(Notice, order.store_id)]
    assert ("warehouse", "recall") not in told
    assert ("printing", "void") not in told
    by_supplier(cancel, "void", clerk)
    assert make.parcel(plain).stage is Stage.VOIDED


def test_the_pre_print_check_prints_nothing_that_a_supplier_ships(clerk):
    order = supplied(clerk, Stage.UNPRINTED)
    _check, rows = service.make_check([order.number], actor=make.actor(Role.PRINTING))
    assert [(str(row.group), row.reasons) for row in rows] == [("do_not_print", ("ships_from_supplier",))]


def test_two_answers_at_once_count_once(app, clerk):
    order = supplied(clerk)
    change = make.change(order, by=clerk)
    tell(change, "hand_out", clerk)
    position, change_id, store_id = worlds.position(change, "hand_out"), change.id, change.store_id
    found = racing.race(
        app,
        lambda: service.note_reply(change_id, position, Reply(A.DONE, "好的"), actor=clerk),
        lambda: service.note_reply(change_id, position, Reply(A.GONE, "发走了"), actor=clerk),
    )
    assert found.count("ok") == 1, found
    assert len(supply.messages_of([change_id], store_id)) == 1
    assert invariants.broken(store_id) == []


def test_which_steps_are_messages_is_data(clerk, monkeypatch):
    """The control: without its row in the table a step is our own warehouse's again."""
    assert set(BY_MESSAGE) == {
        Code.HAND_OUT, Code.AMEND_PAPERS, Code.REPRINT, Code.TAKE_BACK, Code.REPACK, Code.HAND_TO_AFTER_SALE, Code.VOID,
        Code.TAKE_OUT, Code.DESTROY_PAPERS, Code.BOOK_IN, Code.ASK_STAGE, Code.ACKNOWLEDGE,
    }  # fmt: skip
    monkeypatch.delitem(playbook.BY_MESSAGE, Code.HAND_OUT)
    change = make.change(supplied(clerk), by=clerk)
    assert ("hand_out", "warehouse", "open") in worlds.steps(change)


def test_lines_that_are_cancelled_are_taken_out_by_the_suppliers_word_and_named_to_them(clerk):
    order = supplied(clerk, Stage.UNPRINTED, lines=(make.line(quantity=2), make.line("n2", title="围巾")))
    first = worlds.line(order).id
    change = make.change(
        order, Kind.CANCEL, {"text": "one is enough", "lines": {first: 1}}, by=make.actor(Role.PRE_SALE)
    )
    after = make.actor(Role.AFTER_SALE)
    assert worlds.open_codes(change)[0] == "take_out"
    said = message_text(asked_of(change.id, worlds.position(change, "take_out"), after), is_clear=False)
    assert "羊毛帽" in said.splitlines()[-2]
    assert said.splitlines()[-2].endswith("× 1")
    by_supplier(change, "take_out", after)
    assert worlds.line(order).cancelled == 1


def test_a_board_shows_nothing_of_what_a_supplier_sends(clerk):
    order = supplied(clerk)
    make.change(order, by=make.actor(Role.PRE_SALE))
    shown = warehouse.board(make.actor(Role.WAREHOUSE))
    assert (shown.cards, shown.held, shown.flagged) == ((), (), ())


def test_our_own_table_and_truck_move_nothing_that_a_supplier_sends(clerk):
    order, packer = supplied(clerk, Stage.UNPRINTED), make.actor(Role.WAREHOUSE)
    for mode in (Mode.PACK, Mode.SHIP):
        done = scan(order.number, mode, actor=packer)
        assert (done.result, done.reasons) == (Result.STOP, ("ships_from_supplier",))
        refused(lambda m=mode: move(make.parcel(order).id, m, actor=packer), "ships_from_supplier", IllegalMove)
    loaded, rows = service.make_check([order.number], actor=packer, purpose=Purpose.DISPATCH)
    assert [(str(row.group), row.reasons) for row in rows] == [("stop", ("ships_from_supplier",))]
    with pytest.raises(DomainError):
        service.mark_shipped(loaded.id, clock.now(), actor=packer)
    assert make.parcel(order).stage is Stage.UNPRINTED


def test_nobody_here_is_asked_to_pull_back_what_a_supplier_sent(clerk):
    order = supplied(clerk, Stage.UNPRINTED)
    make.fact(order, Stage.SHIPPED, happened_at=clock.now(), source=Source.SCAN)
    parcel, store = make.parcel(order), make.store()
    assert parcels.pull_back_until(parcel, store) is None
    wished = Wished(Kind.ADDRESS, make.NEW_ADDRESS, pulls_back=True)
    refused(lambda: service.ask(order.id, wished, actor=clerk), "after_sale", IllegalMove)


def booked_in(change, after):
    """The message *book in*, after all steps before it."""
    code = worlds.open_codes(change)
    for step in code[: code.index("book_in")]:
        if step == "refund":
            worlds.do(change, "refund", after, Evidence(amount_minor=1, reference="R-1"))
        else:
            by_supplier(change, step, after)
    return message_text(asked_of(change.id, worlds.position(change, "book_in"), after), is_clear=False).splitlines()


def test_what_is_booked_in_is_what_was_cancelled_not_what_stays(clerk):
    two = (make.line(quantity=3), make.line("n2", title="围巾", sku="SCARF", attributes=None))
    order, after = supplied(clerk, Stage.PACKED, lines=two), make.actor(Role.AFTER_SALE)
    value = {"text": "one is enough", "lines": {worlds.line(order).id: 1}}
    said = booked_in(make.change(order, Kind.CANCEL, value, by=clerk), after)
    assert [line for line in said if "×" in line] == ["羊毛帽 颜色分类:黑色 × 1"]


def test_of_a_voided_parcel_all_is_booked_in(clerk):
    two = (make.line(quantity=3), make.line("n2", title="围巾", sku="SCARF", attributes=None))
    order, after = supplied(clerk, Stage.PACKED, lines=two), make.actor(Role.AFTER_SALE)
    said = booked_in(make.change(order, Kind.CANCEL, {"text": "拍错"}, by=clerk), after)
    assert [line for line in said if "×" in line] == ["羊毛帽 颜色分类:黑色 × 3", "围巾 × 1"]


def test_of_a_change_before_printing_the_supplier_is_told_and_our_printing_hears_nothing(clerk):
    order = supplied(clerk, Stage.UNPRINTED)
    change = make.change(order, Kind.DELIVERY_TIME, {"text": "周末送"}, by=clerk, yes=True)
    assert worlds.open_codes(change) == ["acknowledge"]
    assert ("acknowledge", "pre_sale", "open") in worlds.steps(change)
    assert invariants.rows(Notice, order.store_id) == []
    position = worlds.position(change, "acknowledge")
    refused(lambda: service.do_step(change.id, position, Evidence(), actor=clerk), "by_message", IllegalMove)
    assert "周末送" in message_text(asked_of(change.id, position, clerk), is_clear=False)
    tell(change, "acknowledge", clerk)
    reply(change, "acknowledge", A.REFUSED, clerk, "已经打好了")
    assert make.parcel(order).holds == 1
    by_supplier(change, "acknowledge", clerk)
    db.session.refresh(change)
    parcel = make.parcel(order)
    assert (str(change.state), parcel.holds, parcel.stage_origin) == ("done", 0, "合作厂家")
    assert invariants.broken(order.store_id) == []


def test_where_the_stage_is_old_the_supplier_is_asked_first_and_told_the_new_value_after(clerk):
    with clock.earlier(timedelta(hours=9)):
        order = supplied(clerk, Stage.UNPRINTED)
    change = make.change(order, Kind.DELIVERY_TIME, {"text": "周末送"}, by=clerk, yes=True)
    assert worlds.open_codes(change)[0] == "ask_stage"
    asked = asked_of(change.id, worlds.position(change, "ask_stage"), clerk)
    assert "周末送" not in message_text(asked, is_clear=True)
    by_supplier(change, "ask_stage", clerk)
    assert worlds.open_codes(change) == ["acknowledge"]
    assert invariants.rows(Notice, order.store_id) == []
    by_supplier(change, "acknowledge", clerk)
    assert make.parcel(order).holds == 0
    assert invariants.broken(order.store_id) == []


def test_gone_in_answer_to_the_change_is_the_fact_that_it_left(clerk):
    order = supplied(clerk, Stage.UNPRINTED)
    change = make.change(order, by=clerk, yes=True)
    tell(change, "acknowledge", clerk)
    reply(change, "acknowledge", A.GONE, clerk, "早上已经发走了")
    db.session.refresh(change)
    assert (make.parcel(order).stage, str(change.state)) == (Stage.SHIPPED, "too_late")


def test_who_follows_the_change_has_the_message_in_their_work(clerk):
    make.change(supplied(clerk, Stage.UNPRINTED), by=clerk, yes=True)
    assert count_mine(clerk) == 1
