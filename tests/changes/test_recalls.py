"""Papers that are out: withdrawn changes, merged parcels, late facts, two at once, and what is refused with a step."""

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.service import Evidence, take_report
from shopdesk.changes.states import ChangeState, Kind
from shopdesk.core import clock
from shopdesk.core.errors import IllegalMove, NotAllowed, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.desk.queries.work import work
from shopdesk.notices.models import NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels import service as parcel_service
from shopdesk.parcels.service import Report
from shopdesk.parcels.states import Source, Stage
from tests import invariants, make, worlds
from tests.racing import race

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]
OLD = "星澜街128号7幢1203室"


class Desk:
    def __init__(self):
        self.store_id = make.store().id
        self.asker, self.clerk = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING)
        self.packer, self.packer2 = make.actor(Role.WAREHOUSE), make.actor(Role.WAREHOUSE)
        self.after, self.boss = make.actor(Role.AFTER_SALE), make.actor(Role.SUPERVISOR)

    def at(self, stage, kind=Kind.ADDRESS, value=None, **more):
        order = make.order()
        make.fact(order, stage)
        return order, make.change(order, kind, value, by=self.asker, **more)

    def out(self, change, to=None):
        worlds.do(change, "hand_out", self.packer, Evidence(to=(to or self.packer).id))

    def whole(self):
        assert invariants.broken(self.store_id) == []


@pytest.fixture
def desk(app):
    return Desk()


def recalls(change):
    return [(str(r.kind), str(r.state)) for r in parcels.recalls_of_changes([change.id], change.store_id)]


@pytest.mark.parametrize("stage", [Stage.PRINTED, Stage.PACKED])
def test_withdrawn_before_anything_was_handed_out_the_parcel_is_free_at_once(desk, stage):
    order, change = desk.at(stage)
    service.withdraw(change.id, "no", actor=desk.asker)
    assert (change.state, make.parcel(order).holds, worlds.open_codes(change)) == (ChangeState.WITHDRAWN, 0, [])
    assert [state for _, state in recalls(change)] == ["called_off"]
    assert make.notices(order) == []
    desk.whole()


def test_papers_that_are_out_are_written_back_and_taken_back_before_a_withdrawn_change_frees_its_parcel(desk):
    order, change = desk.at(Stage.PRINTED)
    desk.out(change, desk.clerk)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF2000000001"))
    worlds.do(change, "amend", desk.asker)
    parcel = make.parcel(order)
    assert worlds.street(parcel) != OLD
    service.withdraw(change.id, "no", actor=desk.asker)
    worlds.refresh(parcel)
    assert (change.state, parcel.holds, worlds.street(parcel)) == (ChangeState.WITHDRAWN, 1, OLD)
    assert worlds.open_codes(change) == ["reprint", "take_back"]
    desk.whole()
    with pytest.raises(IllegalMove):
        worlds.do(change, "take_back", desk.packer)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF2000000002"))
    worlds.do(change, "take_back", desk.packer)
    assert (change.state, make.parcel(order).holds, recalls(change)[0][1]) == (ChangeState.WITHDRAWN, 0, "taken_back")
    assert [str(w.state) for w in parcels.waybills([parcel.id], parcel.store_id)] == ["recycled", "issued"]
    desk.whole()


def test_a_parcel_that_leaves_while_papers_of_a_withdrawn_change_are_out_is_held_by_nothing(desk):
    order, change = desk.at(Stage.PRINTED)
    desk.out(change)
    service.withdraw(change.id, "no", actor=desk.asker)
    make.fact(order, Stage.SHIPPED, happened_at=clock.now())
    assert (make.parcel(order).holds, worlds.open_codes(change), recalls(change)[0][1]) == (0, [], "too_late")
    desk.whole()


@pytest.mark.mission("M033")
def test_a_parcel_that_left_while_its_papers_were_out_makes_recall_and_change_too_late(desk):
    order, change = desk.at(Stage.PRINTED)
    desk.out(change)
    make.fact(order, Stage.SHIPPED, happened_at=clock.now())
    assert (change.state, recalls(change)) == (ChangeState.TOO_LATE, [("papers", "too_late")])
    assert [n.role for n in make.notices(order, NoticeKind.TOO_LATE)] == [Role.AFTER_SALE]
    desk.whole()


def test_packed_meanwhile_the_parcel_is_recalled_in_the_place_of_the_papers(desk):
    order, change = desk.at(Stage.PRINTED, yes=True)
    make.fact(order, Stage.PACKED, happened_at=clock.now())
    assert recalls(change) == [("papers", "called_off"), ("parcel", "requested")]
    assert [n.body["code"] for n in make.notices(order, NoticeKind.RECALL)] == ["recall_parcel"]
    desk.out(change, desk.clerk)
    worlds.do(change, "amend", desk.asker)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="SF2000000001"))
    worlds.do(change, "repack", desk.packer, Evidence(grams=420))
    assert (change.state, make.parcel(order).holds) == (ChangeState.DONE, 0)
    desk.whole()


def test_a_further_wish_finds_the_papers_out_already_and_starts_behind_the_hand_out(desk):
    order, change = desk.at(Stage.PRINTED, Kind.GREETING_CARD, {"text": "生日快乐"})
    desk.out(change)
    worlds.do(change, "amend_papers", desk.packer)
    worlds.do(change, "amend", desk.asker)
    again = make.change(order, Kind.GREETING_CARD, {"text": "新年快乐"}, by=desk.asker)
    assert again.id == change.id
    assert worlds.open_codes(change) == ["amend_papers", "amend", "memo", "confirm", "take_back"]
    for code, who in (("amend_papers", desk.packer), ("amend", desk.asker), ("confirm", desk.asker)):
        worlds.do(change, code, who)
    assert len(worlds.memos(order)) == 2
    worlds.do(change, "take_back", desk.packer)
    desk.whole()


@pytest.mark.parametrize(
    ("stage", "last", "goods"), [(Stage.PRINTED, "take_back", []), (Stage.PACKED, "repack", ["book_in"])]
)
def test_of_a_merged_parcel_one_orders_lines_go_out_the_papers_are_printed_again_and_the_other_ships(
    desk, stage, last, goods
):
    one, other = make.order(), make.order()
    parcel = worlds.merge(one, other)
    make.fact(one, stage)
    cancel = make.change(one, Kind.CANCEL, {}, by=desk.asker)
    worlds.do(cancel, "hand_to_after_sale", desk.packer, Evidence(to=desk.after.id))
    worlds.do(cancel, "take_out", desk.clerk)
    assert worlds.open_codes(cancel) == ["reprint", last, "refund", *goods]
    worlds.do(cancel, "reprint", desk.clerk, Evidence())
    worlds.do(cancel, last, desk.packer, Evidence(grams=400))
    worlds.refresh(parcel)
    assert (cancel.state, parcel.stage, parcel.holds, parcel.papers_version) == (ChangeState.DONE, stage, 0, 2)
    assert (worlds.counters(one), worlds.counters(other)) == ((1, 1, 0, 0), (1, 0, 0, 1))
    worlds.do(cancel, "refund", desk.after, Evidence(amount_minor=12_800, reference="R1"))
    desk.whole()


def test_a_voided_cancellation_is_not_withdrawn_any_more(desk):
    _, cancel = desk.at(Stage.PRINTED, Kind.CANCEL, {})
    worlds.do(cancel, "hand_to_after_sale", desk.packer, Evidence(to=desk.after.id))
    worlds.do(cancel, "void", desk.clerk)
    with pytest.raises(IllegalMove) as caught:
        service.withdraw(cancel.id, "no", actor=desk.asker)
    assert caught.value.code == "voided"
    with pytest.raises(IllegalMove):
        service.end_by_hand(cancel.id, "done", actor=desk.boss)


@pytest.mark.parametrize("who", ["clerk", "packer", "after"])
def test_it_is_the_holders_turn_by_name_in_their_list_and_they_are_reminded(desk, who):
    holder = getattr(desk, who)
    order, change = desk.at(Stage.PRINTED, Kind.GREETING_CARD, {"text": "生日快乐"})
    desk.out(change, holder)
    [row] = [row for row in work(holder).rows if row.change_id == change.id]
    assert (row.code, row.is_mine) == ("amend_papers", True)
    assert not [row for row in work(desk.packer2).rows if row.change_id == change.id]
    step = next(s for s in queries.steps_of([change.id], change.store_id) if s.code == "amend_papers")
    notice = service.nudge(change.id, step.position, actor=desk.asker)
    assert (notice.person_id, notice.role in holder.roles[desk.store_id]) == (holder.id, True)
    worlds.do(change, "amend_papers", holder)
    worlds.do(change, "amend", desk.asker)
    make.change(order, Kind.GREETING_CARD, {"text": "新年快乐"}, by=desk.asker)  # joins: written on them once more
    [row] = [row for row in work(holder).rows if row.change_id == change.id]
    assert (row.code, row.is_mine) == ("amend_papers", True)
    desk.whole()


def test_papers_are_amended_by_who_holds_them_and_by_the_warehouse_where_the_store_allows_it(desk):
    _, change = desk.at(Stage.PRINTED, Kind.INVOICE, {"text": "星澜贸易"})
    desk.out(change, desk.asker)
    with pytest.raises(NotAllowed) as caught:
        worlds.do(change, "amend_papers", desk.packer)
    assert caught.value.code == "not_the_holder"
    make.store(settings={"warehouse_amends_papers": True})
    worlds.do(change, "amend_papers", desk.packer)


@pytest.mark.parametrize(
    ("number", "code"),
    [(None, "value_required"), ("  ", "value_required"), ("SF 1;x", "bad_waybill"), ("SF3000000001", "waybill_ended"),
     ("SF3000000009", "waybill_in_use")],
)  # fmt: skip
def test_a_new_waybill_is_a_number_that_nobody_else_has(desk, number, code):
    make.order(waybills=[("SF3000000009", None)])
    order = make.order(waybills=[("SF3000000001", None)])
    change = make.change(order, by=desk.asker)
    desk.out(change)
    with pytest.raises(RuleViolation) as caught:
        worlds.do(change, "reprint", desk.clerk, Evidence(waybill=number))
    assert caught.value.code == code


def test_full_width_digits_are_digits(desk):
    order, change = desk.at(Stage.PRINTED)
    desk.out(change)
    worlds.do(change, "reprint", desk.clerk, Evidence(waybill="ＳＦ３０００００００１２"))
    assert [w.number for w in parcels.waybills([change.parcel_id], order.store_id)] == ["SF3000000012"]


@pytest.mark.parametrize("who", ["nobody", "clerk", "stranger"])
def test_a_cancelled_parcel_is_handed_to_somebody_of_after_sale_only(desk, who):
    _, cancel = desk.at(Stage.PACKED, Kind.CANCEL, {})
    elsewhere = make.store("other-shop").id
    people = {"nobody": None, "clerk": desk.clerk.id}
    people["stranger"] = make.actor(Role.AFTER_SALE, store_id=elsewhere).id
    with pytest.raises(RuleViolation) as caught:
        worlds.do(cancel, "hand_to_after_sale", desk.packer, Evidence(to=people[who]))
    assert caught.value.code == ("value_required" if who == "nobody" else "not_a_receiver")


def told(desk, order, stage):
    number, at = order.number, clock.now()
    report = Report(stage=stage, happened_at=at, as_of=at, source=Source.API)
    return lambda: take_report(desk.store_id, report, order_number=number, waybill=None, actor=desk.boss)


def test_a_hand_out_and_a_shipment_at_the_same_second_end_too_late_whoever_was_first(app, desk):
    for _ in range(3):
        order, change = desk.at(Stage.PRINTED)
        change_id, position, to = change.id, worlds.position(change, "hand_out"), desk.packer.id
        outcomes = race(
            app,
            lambda c=change_id, p=position, to=to: service.do_step(c, p, Evidence(to=to), actor=desk.packer),
            told(desk, order, Stage.SHIPPED),
        )
        assert outcomes[1] == "ok"
        assert outcomes[0] in {"ok", "change_not_open"}
        assert (change.state, recalls(change)[0][1]) == (ChangeState.TOO_LATE, "too_late")
        desk.whole()


def test_a_wish_and_a_pack_fact_at_the_same_second_end_in_the_packed_column_or_in_none(app, desk):
    wished = service.Wished(Kind.ADDRESS, make.NEW_ADDRESS, seen_stage=Stage.PRINTED)
    for _ in range(3):
        order = make.order()
        make.fact(order, Stage.PRINTED)
        order_id = order.id
        outcomes = race(
            app, lambda o=order_id: service.ask(o, wished, actor=desk.asker), told(desk, order, Stage.PACKED)
        )
        assert outcomes[1] == "ok"
        assert outcomes[0] in {"ok", "stage_moved"}
        changes = queries.changes_of_order(order.id, order.store_id)
        assert [c.column for c in changes] == [Stage.PACKED] * outcomes[:1].count("ok")
        assert make.parcel(order).holds == len(changes)
        desk.whole()


def test_of_two_packers_one_hands_out(app, desk):
    for _ in range(3):
        _, change = desk.at(Stage.PRINTED)
        change_id, position = change.id, worlds.position(change, "hand_out")
        calls = [
            lambda c=change_id, p=position, who=who: service.do_step(c, p, Evidence(to=who.id), actor=who)
            for who in (desk.packer, desk.packer2)
        ]
        assert sorted(race(app, *calls)) == ["ok", "step_done"]
        desk.whole()


def test_without_holds_and_without_recalls_the_rules_are_seen_to_break(desk, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(parcel_service, "hold", lambda *args, **more: None)
        desk.at(Stage.PRINTED)
    assert invariants.broken(desk.store_id) == ["open change 1 does not hold its parcel"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_memo_on_the_papers_names_the_old_address_and_the_new_masked_and_in_clear_to_copy(language):
    make.store(electronic_waybills=False, memo_language=language)
    order = make.order()
    make.fact(order, Stage.PRINTED)
    asker, warehouse, holder = make.actor(Role.PRE_SALE), make.actor(Role.WAREHOUSE), make.actor(Role.WAREHOUSE)
    change = make.change(order, by=asker, seen_stage=Stage.PRINTED)
    worlds.do(change, "hand_out", warehouse, Evidence(to=holder.id))
    worlds.do(change, "amend_papers", holder)
    worlds.do(change, "amend", asker)
    (clear,) = worlds.memos(order)
    former, new = clear.partition("修改成" if language == "zh" else " to change ")[::2]
    if language == "zh":
        assert former.startswith("客户要求")
    assert "星澜街128号7幢1203室" in (former if language == "zh" else new.partition(" to ")[0])
    assert "云帆路66号禾悦公寓2幢602室" in (new if language == "zh" else new.partition(" to ")[2])
    (masked,) = orders.memo_lines(order)
    memo = orders.memos(order.id, order.store_id)[0]
    assert orders.masked_memos([memo], asker)[memo.id] == masked
    amendment = orders.active_amendments(order.id, order.store_id)[0]
    for shown in (masked, orders.paper_memos([memo], {amendment.id: amendment})[memo.id][0]):
        assert "星澜街" not in shown
        assert "云帆路" not in shown
        assert {"苏州市", "杭州市"} <= {city for city in ("苏州市", "杭州市") if city in shown}


@pytest.mark.parametrize("what", ["barcode", "paper code", "own number", "other number", "batch"])
def test_a_reprint_takes_no_number_that_means_something_else_on_the_desk(desk, what):
    order, change = desk.at(Stage.PRINTED)
    other = make.order(number="3300112233445566")
    make.fact(other, Stage.PRINTED)
    batch_of(other, "W2319")
    parcel = make.parcel(order)
    given = {
        "barcode": parcels.barcode(parcel.id), "paper code": parcels.paper_code(parcel.id, 2),
        "own number": order.number, "other number": "3300112233445566", "batch": "w2319",
    }[what]  # fmt: skip
    worlds.do(change, "hand_out", desk.packer, Evidence(to=desk.packer.id))
    with pytest.raises(RuleViolation) as caught:
        worlds.do(change, "reprint", desk.clerk, Evidence(waybill=given))
    assert caught.value.code == "not_a_waybill"
    desk.whole()


def batch_of(order, name):
    at = clock.now()
    told = Report(stage=Stage.PACKED, happened_at=at, as_of=at, source=Source.API, batch=name)
    make._fact(make.parcel(order).id, order.store_id, told)
