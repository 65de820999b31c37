"""Lines and units of an order are cancelled at every stage; the table is written here once more by hand."""

import pytest

from shopdesk.cases import queries as cases
from shopdesk.changes import queries, service
from shopdesk.changes.queries import parts
from shopdesk.changes.queries.money import refundable
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, Destination, Kind
from shopdesk.core import audit, clock
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed, NotFound, RuleViolation
from shopdesk.core.money import share_of_units
from shopdesk.core.permissions import Role
from shopdesk.notices.models import NoticeKind
from shopdesk.orders.states import Field
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import invariants, make, worlds

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]

#: stage → what stays in the parcel → the steps in order with who does them; "⏹" ends the hold.
TABLE = {
    ("unprinted", "some"): ["take_out printing ⏹", "refund after_sale"],
    ("unprinted", "nothing"): ["void printing ⏹", "refund after_sale"],
    ("printed", "some"): ["recall_papers -", "hand_to_after_sale warehouse", "take_out printing", "reprint printing",
                          "take_back warehouse ⏹", "refund after_sale"],
    ("printed", "nothing"): ["recall_papers -", "hand_to_after_sale warehouse", "void printing", "refund after_sale",
                             "destroy_papers after_sale ⏹"],
    ("packed", "some"): ["recall_parcel -", "hand_to_after_sale warehouse", "take_out printing", "reprint printing",
                         "repack warehouse ⏹", "refund after_sale", "book_in warehouse"],
    ("packed", "nothing"): ["recall_parcel -", "hand_to_after_sale warehouse", "void printing", "refund after_sale",
                            "book_in warehouse ⏹"],
}  # fmt: skip
SHARE = 1000  # minor units paid for each unit
AFTER = {"refund", "book_in"}


class Desk:
    """Somebody for each role, and an order of three hats and two scarves; its hats alone in a parcel of their own."""

    def __init__(self, stage, *, stays="some", paid=True):
        make.store()
        self.people = {str(role): make.actor(role) for role in Role if role not in {Role.SYSTEM, Role.INTEGRATION}}
        lines = (make.line("n1", quantity=3, price_minor=SHARE), make.line("n2", quantity=2, price_minor=SHARE))
        self.order = make.order(lines=lines, **({} if paid else {"status": "unpaid", "paid_minor": 0}))
        self.hats, self.scarves = (worlds.line(self.order, n) for n in (1, 2))
        if stays == "nothing":
            worlds.split(self.order, 2, 2)  # the scarves go another way
        self.parcel = make.parcel(self.order)
        if stage != "unprinted":
            make.fact(self.order, Stage(stage), happened_at=clock.now())

    def ask(self, lines=None, **more):
        lines = {self.hats.id: 3} if lines is None else lines
        more = {"seen_stage": Stage.UNPRINTED} | more if self.parcel.stage is Stage.UNPRINTED else more
        return make.change(
            self.order, Kind.CANCEL, {"text": "不要帽子了", "lines": lines}, by=self.people["pre_sale"], **more
        )

    def evidence(self, code):
        if code == "refund":
            return Evidence(amount_minor=3 * SHARE, reference="R1", destination=Destination.ALIPAY)
        grams = 400 if code == "repack" else None
        return Evidence(to=self.people["after_sale"].id if code == "hand_to_after_sale" else None, grams=grams)

    def do(self, change, code, who):
        return worlds.do(change, code, self.people[who], self.evidence(code))

    def refused(self, change, code, who):
        with pytest.raises(DomainError) as caught:
            self.do(change, code, who)
        return caught.value

    def through(self, change, *codes):
        for step in TABLE[str(change.column), "some"]:
            code, who = step.split()[:2]
            if who != "-" and (not codes or code in codes):
                self.do(change, code, who)
        return change

    def whole(self):
        assert invariants.broken(self.order.store_id) == []
        assert audit.verify()[1] == []


@pytest.mark.mission("M050", "M051", "M129")
@pytest.mark.parametrize(("stage", "stays"), TABLE)
def test_every_stage_takes_lines_out_in_its_order_by_its_roles_and_nobody_else_in_no_other_order(stage, stays):
    desk = Desk(stage, stays=stays)
    change = desk.ask()
    table = [step.split() for step in TABLE[stage, stays]]
    assert [code for code, _, _ in worlds.steps(change)] == [code for code, *_ in table]
    assert worlds.counters(desk.order)[1] == 0  # nothing is cancelled before printing has said so
    for place, (code, who, *end) in enumerate(table):
        if who == "-":
            continue
        wrong = next(role for role in ("printing", "warehouse", "pre_sale", "after_sale") if role != who)
        assert isinstance(desk.refused(change, code, wrong), NotAllowed)
        for later, by, *_ in table[place + 1 :]:
            if code not in AFTER or later not in AFTER:
                assert desk.refused(change, later, by).code == "step_out_of_order"
        desk.do(change, code, who)
        assert desk.refused(change, code, who).code in {"step_done", "change_not_open"}
        worlds.refresh(desk.parcel)
        if end:
            assert (change.state, desk.parcel.holds) == (ChangeState.DONE, 0)
    worlds.refresh(desk.parcel)
    assert desk.parcel.stage is (Stage.VOIDED if stays == "nothing" else Stage(stage))
    assert worlds.counters(desk.order, 1)[:2] == (3, 3)
    assert worlds.counters(desk.order, 2)[:2] == (2, 0)
    assert desk.parcel.papers_version == (2 if "reprint" in {code for code, *_ in table} else 1)
    assert worlds.open_codes(change) == []
    assert worlds.line(desk.order).refunded_minor == 3 * SHARE
    assert worlds.memos(desk.order) == []
    assert make.notices(desk.order) == []
    desk.whole()


@pytest.mark.parametrize("stage", ["unprinted", "printed", "packed"])
def test_an_unpaid_order_has_no_refund_until_it_is_paid_for_all(stage):
    desk = Desk(stage, paid=False)
    change = desk.ask()
    assert "refund" not in worlds.open_codes(change)
    desk.through(change, "hand_to_after_sale", "take_out", "reprint", "take_back", "repack")
    assert change.state is ChangeState.DONE


@pytest.mark.parametrize("stage", ["unprinted", "printed", "packed"])
def test_all_units_that_are_left_are_the_whole_order(stage):
    desk = Desk(stage)
    change = desk.ask({desk.hats.id: 3, desk.scarves.id: 2})
    assert parts.cancels_whole(change.id, change.store_id)
    assert [c for c, _, _ in worlds.steps(change)] == [s.split()[0] for s in TABLE[stage, "nothing"]]


def test_refusals_say_what_is_wrong():
    desk = Desk("unprinted")
    other = make.order()
    for lines, kind, code in (
        ({}, RuleViolation, "nothing_chosen"),
        ({desk.hats.id: 0}, RuleViolation, "value_required"),
        ({desk.hats.id: 4}, RuleViolation, "more_than_left"),
        ({worlds.line(other).id: 1}, NotFound, "no_such_line"),
    ):
        with pytest.raises(kind) as caught:
            desk.ask(lines)
        assert caught.value.code == code
    assert queries.changes_of_order(desk.order.id, desk.order.store_id) == []
    desk.do(desk.ask(), "take_out", "printing")
    with pytest.raises(RuleViolation) as caught:
        desk.ask({desk.hats.id: 1})
    assert caught.value.code == "line_cancelled"
    desk.whole()


def test_units_that_have_left_are_for_after_sale_and_the_rest_can_go():
    desk = Desk("unprinted")
    second = worlds.split(desk.order, 1, 1)  # one hat stays behind
    make.fact(desk.order, Stage.SHIPPED, happened_at=clock.now())
    with pytest.raises(RuleViolation) as caught:
        desk.ask({desk.hats.id: 2}, seen_stage=None)
    assert (caught.value.code, caught.value.facts["left"]) == ("units_shipped", 1)
    change = desk.ask({desk.hats.id: 1}, seen_stage=None)  # all that is left
    assert (change.parcel_id, parts.cancels_whole(change.id, change.store_id)) == (second.id, True)
    make.fact(make.order(), Stage.SHIPPED)
    gone = make.order()
    make.fact(gone, Stage.SHIPPED)
    with pytest.raises(IllegalMove) as refused:
        make.change(gone, Kind.CANCEL, {"lines": {worlds.line(gone).id: 1}}, by=desk.people["pre_sale"])
    assert refused.value.code == "after_sale"


def test_lines_that_are_not_known_yet_cannot_be_chosen_and_the_whole_order_can():
    asker = make.actor(Role.PRE_SALE) if make.store() else None
    order = make.order(lines=(), lines_complete=False, unit_count=2, titles="羊毛帽", total_minor=1, paid_minor=1)
    with pytest.raises(IllegalMove) as caught:
        make.change(order, Kind.CANCEL, {"lines": {worlds.line(order).id: 1}}, by=asker)
    assert caught.value.code == "lines_incomplete"
    assert make.change(order, Kind.CANCEL, {"text": None}, by=asker).state is ChangeState.OPEN


def test_the_least_advanced_parcels_give_the_units_and_each_its_own():
    desk = Desk("unprinted")
    second = worlds.split(desk.order, 1, 2)
    make.fact(desk.order, Stage.PRINTED, happened_at=clock.now())  # the first parcel, with one hat
    changes = service.ask(
        desk.order.id, service.Wished(Kind.CANCEL, {"lines": {desk.hats.id: 3}}), actor=desk.people["pre_sale"]
    )
    assert [(c.parcel_id, str(c.column)) for c in changes] == [
        (desk.parcel.id, "printed"), (second.id, "unprinted"),
    ]  # fmt: skip
    shares = [[(p.line_id, p.units) for p in parts.parts_of([c.id], c.store_id)] for c in changes]
    assert shares == [[(desk.hats.id, 1)], [(desk.hats.id, 2)]]
    desk.do(changes[1], "void", "printing")  # nothing else stood in it
    worlds.refresh(second)
    assert (second.stage, worlds.counters(desk.order)[:2]) == (Stage.VOIDED, (3, 2))
    desk.through(changes[0], "hand_to_after_sale", "take_out", "reprint", "take_back")
    assert worlds.counters(desk.order)[:2] == (3, 3)
    assert [sum(refundable(c).values()) for c in changes] == [SHARE, 2 * SHARE]  # each its own units
    desk.whole()


def test_a_further_wish_joins_until_printing_has_taken_the_first_lines_out_and_printing_hears_of_it():
    desk = Desk("printed")
    change = desk.ask({desk.hats.id: 1})
    desk.do(change, "hand_to_after_sale", "warehouse")
    (first,) = make.notices(desk.order, NoticeKind.VOID)
    assert first.body["code"] == "take_out"
    assert desk.ask({desk.hats.id: 1}).id == change.id
    (second,) = make.notices(desk.order, NoticeKind.VOID)
    assert second.id != first.id
    with pytest.raises(RuleViolation) as caught:
        desk.ask({desk.hats.id: 2})
    assert caught.value.facts["left"] == 1
    assert worlds.open_codes(change)[0] == "take_out"  # handed over already: not once more
    desk.do(change, "take_out", "printing")
    assert worlds.counters(desk.order)[:2] == (3, 2)
    with pytest.raises(Conflict) as later:
        desk.ask({desk.hats.id: 1})
    assert later.value.code == "being_taken_out"
    desk.whole()


def test_the_whole_order_joins_a_wish_about_lines_and_then_nothing_more_is_to_be_cancelled():
    desk = Desk("unprinted")
    change = desk.ask({desk.hats.id: 1})
    assert make.change(desk.order, Kind.CANCEL, {"text": None}, by=desk.people["pre_sale"]).id == change.id
    assert worlds.open_codes(change) == ["void", "refund"]
    with pytest.raises(RuleViolation):
        desk.ask({desk.hats.id: 1})
    desk.do(change, "void", "printing")
    assert [worlds.counters(desk.order, n)[:2] for n in (1, 2)] == [(3, 3), (2, 2)]
    desk.whole()


@pytest.mark.parametrize("stage", ["printed", "packed"])
def test_withdrawing_gives_the_units_back_and_what_was_printed_without_them_is_printed_again(stage):
    desk = Desk(stage)
    change = desk.ask()
    desk.through(change, "hand_to_after_sale", "take_out", "reprint")
    assert worlds.counters(desk.order) == (3, 3, 0, 0)
    service.withdraw(change.id, "客户又要了", actor=desk.people["pre_sale"])
    assert worlds.counters(desk.order) == (3, 0, 0, 3)
    assert worlds.open_codes(change) == ["reprint", "take_back" if stage == "printed" else "repack"]
    desk.whole()


def test_withdrawn_before_anything_was_done_nothing_is_cancelled_and_nothing_held():
    desk = Desk("unprinted")
    change = desk.ask()
    service.withdraw(change.id, "客户又要了", actor=desk.people["pre_sale"])
    worlds.refresh(desk.parcel)
    assert (worlds.counters(desk.order), desk.parcel.holds) == ((3, 0, 0, 3), 0)
    assert parts.waiting([desk.parcel.id], desk.order.store_id)[desk.parcel.id, desk.hats.id] == 0
    assert desk.ask().id != change.id  # free to be wished again
    desk.whole()


@pytest.mark.parametrize("stage", ["unprinted", "printed", "packed"])
def test_cancelled_units_that_are_reported_shipped_go_from_cancelled_to_shipped_and_alarm(stage):
    desk = Desk(stage)
    printed_at = clock.now()
    change = desk.ask()
    desk.through(change, "hand_to_after_sale", "take_out")
    assert worlds.counters(desk.order) == (3, 3, 0, 0)
    make.fact(desk.order, Stage.SHIPPED, happened_at=printed_at)
    assert worlds.counters(desk.order) == (3, 0, 3, 3)
    assert change.state is ChangeState.TOO_LATE
    assert {n.role for n in make.notices(desk.order, NoticeKind.ALARM)} >= {Role.WAREHOUSE, Role.PRINTING}
    assert "羊毛帽 × 3" in too_late_case(desk).wish.reveal("to compare it")
    desk.whole()


def too_late_case(desk):
    (row,) = cases.of_order(desk.order.id, desk.order.store_id, desk.people["supervisor"])
    return cases.case_by_id(row.id, desk.people["supervisor"])


def test_a_late_print_fact_opens_a_cancel_of_lines_again_and_its_papers_are_recalled():
    desk = Desk("unprinted")
    printed_at = clock.now()
    change = desk.through(desk.ask(), "take_out")
    assert change.state is ChangeState.DONE
    make.fact(desk.order, Stage.PRINTED, happened_at=printed_at)
    assert (change.state, worlds.open_codes(change)[:2]) == (ChangeState.OPEN, ["hand_to_after_sale", "take_out"])
    desk.through(change)
    assert (worlds.counters(desk.order), change.state) == ((3, 3, 0, 0), ChangeState.DONE)
    desk.whole()


def test_a_refund_of_lines_is_no_more_than_was_paid_for_their_units_and_in_parts_adds_up():
    make.store()
    asker, clerk, after = make.actor(Role.PRE_SALE), make.actor(Role.PRINTING), make.actor(Role.AFTER_SALE)
    lines = (make.line("n1", quantity=3, price_minor=334), make.line("n2", price_minor=500))
    order = make.order(lines=lines, paid_minor=1500, total_minor=1500)
    hats = worlds.line(order)
    for number in (1, 2):
        change = make.change(order, Kind.CANCEL, {"lines": {hats.id: 1}}, by=asker)
        worlds.do(change, "take_out", clerk, Evidence())
        most = sum(refundable(change).values())
        assert most == share_of_units(hats.share_minor, 3, number - 1, number)
        with pytest.raises(RuleViolation):
            worlds.do(change, "refund", after, Evidence(amount_minor=most + 1, reference=f"R{number}"))
        worlds.do(change, "refund", after, Evidence(amount_minor=most, reference=f"R{number}"))
    change = make.change(order, Kind.CANCEL, {"text": None}, by=asker)
    worlds.do(change, "void", clerk, Evidence())
    assert sum(refundable(change).values()) == 1500 - worlds.line(order).refunded_minor
    assert invariants.broken(order.store_id) == []


def test_a_quantity_that_was_decided_follows_the_units_that_are_cancelled_and_back():
    desk = Desk("printed")
    less = make.change(
        desk.order, Kind.QUANTITY, {"quantity": 2}, by=desk.people["pre_sale"], yes=True, line_id=desk.hats.id
    )
    worlds.do(less, "hand_out", desk.people["warehouse"], Evidence(to=desk.people["warehouse"].id))
    worlds.do(less, "amend_papers", desk.people["warehouse"], Evidence())
    worlds.do(less, "amend", desk.people["pre_sale"], Evidence())
    assert worlds.effective(desk.order, Field.QUANTITY, desk.hats.id) == 2
    worlds.do(less, "take_back", desk.people["warehouse"], Evidence())
    change = desk.ask({desk.hats.id: 1})
    desk.through(change, "hand_to_after_sale", "take_out")
    assert worlds.effective(desk.order, Field.QUANTITY, desk.hats.id) == 1
    service.withdraw(change.id, "又要了", actor=desk.people["pre_sale"])
    assert worlds.effective(desk.order, Field.QUANTITY, desk.hats.id) == 2
    desk.whole()


def test_other_changes_go_on_but_those_about_a_line_of_which_nothing_is_left():
    desk = Desk("unprinted")
    asker = desk.people["pre_sale"]
    colour = make.change(desk.order, Kind.ATTRIBUTE, {"attributes": "红"}, by=asker, line_id=desk.hats.id)
    address = make.change(desk.order, by=asker)
    desk.do(desk.ask(), "take_out", "printing")
    assert (colour.state, address.state) == (ChangeState.WITHDRAWN, ChangeState.OPEN)
    assert colour.ended_why.reveal("to compare it") == "商品已取消"
    desk.whole()


@pytest.mark.parametrize(("stage", "last"), [("unprinted", None), ("printed", "take_back"), ("packed", "repack")])
@pytest.mark.mission("M049")
def test_of_a_merged_parcel_lines_or_a_whole_order_go_out_and_the_other_ships_e73(stage, last):
    for what in ("lines", "whole"):
        desk = Desk("unprinted")
        other = make.order()
        worlds.merge(desk.order, other)
        if stage != "unprinted":
            make.fact(desk.order, Stage(stage), happened_at=clock.now())
        change = desk.ask(seen_stage=None) if what == "lines" else make.change(
            desk.order, Kind.CANCEL, {"text": None}, by=desk.people["pre_sale"]
        )  # fmt: skip
        assert "take_out" in worlds.open_codes(change)
        assert not {"void", "destroy_papers"} & {*worlds.open_codes(change)}
        if last:
            desk.do(change, "hand_to_after_sale", "warehouse")
        (notice,) = make.notices(desk.order, NoticeKind.VOID)
        assert notice.body["code"] == "take_out"  # the parcel goes on, whichever it is
        desk.do(change, "take_out", "printing")
        if last:
            desk.do(change, "reprint", "printing")
            desk.do(change, last, "warehouse")
        worlds.refresh(desk.parcel)
        assert (change.state, desk.parcel.stage, desk.parcel.holds) == (ChangeState.DONE, Stage(stage), 0)
        assert worlds.counters(other)[1:] == (0, 0, 1)
        assert worlds.counters(desk.order, 1)[:2] == (3, 3)
        assert worlds.counters(desk.order, 2)[:2] == ((2, 0) if what == "lines" else (2, 2))
        desk.whole()


def test_printing_empties_a_parcel_from_which_everything_else_went_meanwhile():
    desk = Desk("printed")
    change = desk.ask()  # the scarves stay
    less = make.change(
        desk.order, Kind.QUANTITY, {"quantity": 0}, by=desk.people["pre_sale"], yes=True, line_id=desk.scarves.id
    )
    service.end_by_hand(less.id, "现场改好了", actor=desk.people["supervisor"])
    desk.do(change, "hand_to_after_sale", "warehouse")
    desk.do(change, "take_out", "printing")
    worlds.refresh(desk.parcel)
    assert desk.parcel.stage is Stage.VOIDED
    assert worlds.open_codes(change) == ["refund", "destroy_papers"]
    desk.whole()


def test_recalls_end_with_what_became_of_the_papers():
    desk = Desk("packed")
    change = desk.through(desk.ask())
    states = [str(r.state) for r in parcels.recalls_of_changes([change.id], change.store_id)]
    assert states == ["taken_back"]
