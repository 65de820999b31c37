"""Every cell of the stage table, walked through the commands: order, roles, refusals, what stands at the end.

The table is written here once more by hand; what the desk follows is not asked.
"""

from datetime import timedelta

import pytest

from shopdesk.changes import queries, service
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import ChangeState, ConfirmChannel, Destination, Kind
from shopdesk.core import audit, clock
from shopdesk.core.errors import Conflict, DomainError, IllegalMove, NotAllowed
from shopdesk.core.permissions import Role
from shopdesk.notices.models import Answer, NoticeKind
from shopdesk.orders import queries as orders
from shopdesk.parcels import queries as parcels
from shopdesk.parcels.states import Stage
from tests import invariants, make, worlds
from tests.shorter import IN_CI

pytestmark = [pytest.mark.postgres_in_ci, pytest.mark.both_engines, pytest.mark.usefixtures("app")]

VALUES = {
    "address": make.NEW_ADDRESS,
    "attribute": {"attributes": "颜色分类:白色"},
    "quantity": {"quantity": 1},
    "courier": {"text": "顺丰"},
    "invoice": {"text": "星澜贸易"},
    "greeting_card": {"text": "生日快乐"},
    "delivery_time": {"text": "周六下午"},
    "cancel": {},
}
ON_LINE = {"attribute", "quantity"}
TASKS = ["refund after_sale", "enter_in_platform pre_sale"]
PAPERS = {"new": "reprint printing", "old": "amend_papers holder"}


def data(kind, stage, paper):
    """The column of a data wish: what people and the desk do, in order; the last before the tasks ends the hold."""
    after = TASKS if kind == "quantity" else []
    if stage == "unprinted":
        return ["amend -", "memo_hold -", "confirm pre_sale", "acknowledge notice", *after]
    if stage == "printed":
        middle = PAPERS["new" if kind in {"address", "courier"} and paper == "electronic" else "old"]
        return ["recall_papers -", "hand_out warehouse", middle, "amend pre_sale", "memo -", "confirm pre_sale",
                "take_back warehouse", *after]  # fmt: skip
    return ["recall_parcel -", "hand_out warehouse", "amend pre_sale", "memo -", "confirm pre_sale",
            "reprint printing", "repack warehouse", *after]  # fmt: skip


CANCEL = {
    "unprinted": ["void printing", "refund after_sale"],
    "printed": ["recall_papers -", "hand_to_after_sale warehouse", "void printing", "refund after_sale",
                "destroy_papers after_sale"],
    "packed": ["recall_parcel -", "hand_to_after_sale warehouse", "void printing", "refund after_sale",
               "book_in warehouse"],
}  # fmt: skip
DATA = ["address", "attribute", "quantity", "courier", "invoice", "greeting_card", "delivery_time"]
SPECIAL = {"courier", "invoice", "greeting_card", "delivery_time"}
STAGES = ["unprinted", "printed", "packed"]
CELLS = [(kind, stage, "electronic", data(kind, stage, "electronic")) for kind in DATA for stage in STAGES]
#: The special requests go alike: outside CI each goes through one stage, by turns.
CELLS = [cell for turn, cell in enumerate(CELLS) if IN_CI or cell[0] not in SPECIAL or cell[1] == STAGES[turn // 3 % 3]]
CELLS += [(kind, "printed", "paper", data(kind, "printed", "paper")) for kind in ("address", "courier")]
CELLS += [("cancel", stage, "electronic", CANCEL[stage]) for stage in STAGES]
ENDS = {"acknowledge", "take_back", "repack", "destroy_papers", "book_in"}
AFTER = {"refund", "enter_in_platform"}


def memo(kind, stage):
    if kind == "cancel":
        return []
    if kind in SPECIAL:
        return ["T4"]
    return ["T3" if stage == "printed" else "T2" if kind == "address" else "T1"]


class Story:
    """One wish in one cell, with somebody for each role."""

    def __init__(self, kind, stage, paper="electronic"):
        self.kind, self.stage = kind, stage
        make.store(electronic_waybills=paper == "electronic")
        self.people = {str(role): make.actor(role) for role in Role if role not in {Role.SYSTEM, Role.INTEGRATION}}
        self.people["holder"] = make.actor(Role.WAREHOUSE, signature="阿力")
        self.order = make.order(
            lines=(make.line(quantity=3, price_minor=1000),), waybills=[("SF1000000001", "顺丰速运")]
        )
        if stage == "unprinted":
            worlds.know(make.parcel(self.order), clock.now())
        make.fact(self.order, Stage(stage)) if stage != "unprinted" else None
        if stage == "unprinted":  # a waybill in an order file tells "printed", which this cell is not about
            self.order = make.order(lines=(make.line(quantity=3, price_minor=1000),))
        self.change = self.ask()

    def ask(self):
        line = worlds.line(self.order).id if self.kind in ON_LINE else None
        return make.change(
            self.order, Kind(self.kind), VALUES[self.kind], by=self.people["pre_sale"], line_id=line,
            seen_stage=Stage(self.stage),
        )  # fmt: skip

    def evidence(self, code):
        if code == "confirm":
            return Evidence("对的", ConfirmChannel.CHAT)
        if code == "refund":
            minor = 3000 if self.kind == "cancel" else 2000
            return Evidence(amount_minor=minor, reference="R1", destination=Destination.ALIPAY)
        if code in {"hand_out", "hand_to_after_sale"}:
            return Evidence(to=self.people["holder" if code == "hand_out" else "after_sale"].id)
        return Evidence(waybill="SF1000000002" if code == "reprint" else None, grams=500 if code == "repack" else None)

    def do(self, code, who):
        if code == "acknowledge" and who == "notice":
            notice = make.notices(self.order, NoticeKind.CHANGE)[0]
            return service.answer_notice(notice.id, Answer.NOT_PRINTED, actor=self.people["printing"])
        return worlds.do(self.change, code, self.people[who], self.evidence(code))

    def refused(self, code, who):
        with pytest.raises(DomainError) as caught:
            worlds.do(self.change, code, self.people[who], self.evidence(code))
        return caught.value


def is_tried(step):
    return step.split()[1] not in {"-", "notice"}


@pytest.mark.mission("M036", "M037", "M038", "M039", "M049")
@pytest.mark.parametrize(("kind", "stage", "paper", "cell"), CELLS)
def test_every_cell_is_walked_in_its_order_by_its_roles_and_nobody_else_in_no_other_order(kind, stage, paper, cell):
    story = Story(kind, stage, paper)
    change = story.change
    by_code = dict(step.split() for step in cell)
    assert [code for code, _, _ in worlds.steps(change)] == list(by_code)
    assert make.parcel(story.order).holds == 1
    for place, step in enumerate(cell):
        code, who = step.split()
        if who == "-":
            assert (code, "system" if code != "amend" else "pre_sale", "done") in worlds.steps(change)
            continue
        if is_tried(step):
            wrong = next(role for role in ("printing", "warehouse", "pre_sale", "after_sale") if role != who)
            assert isinstance(story.refused(code, wrong), NotAllowed)
        later = [s for s in cell[place + 1 :] if is_tried(s) and s.split()[0] not in AFTER]
        if later and code not in AFTER:
            early = story.refused(*(later[0].split()))
            expected = "not_the_holder" if later[0].startswith("amend_papers") else "step_out_of_order"
            assert early.code == expected
        seen = change.version
        if is_tried(step):
            with pytest.raises(Conflict, match="moved on"):
                service.do_step(
                    change.id, worlds.position(change, code), story.evidence(code), actor=story.people[who],
                    seen_version=seen - 1,
                )  # fmt: skip
        story.do(code, who)
        if is_tried(step):
            again = story.refused(code, who)
            assert (type(again), again.code) in {
                (IllegalMove, "step_done"), (IllegalMove, "change_not_open"), (NotAllowed, "not_the_holder"),
            }  # fmt: skip
        assert (change.state is ChangeState.DONE) == (make.parcel(story.order).holds == 0)
        if code in ENDS or (kind, stage, code) == ("cancel", "unprinted", "void"):
            assert change.state is ChangeState.DONE
    assert worlds.open_codes(change) == []
    assert (change.state, make.parcel(story.order).holds) == (ChangeState.DONE, 0)
    assert make.parcel(story.order).stage is (Stage.VOIDED if kind == "cancel" else Stage(stage))
    assert [m.template for m in orders.memos(story.order.id, story.order.store_id)] == memo(kind, stage)
    assert make.notices(story.order) == []
    assert invariants.broken(story.order.store_id) == []
    assert audit.verify()[1] == []


@pytest.mark.parametrize("stage", ["printed", "packed"])
@pytest.mark.parametrize("kind", ["address", "attribute"])
def test_the_parcel_goes_to_what_was_amended_and_its_old_waybill_is_no_longer_valid(kind, stage):
    story = Story(kind, stage)
    parcel = make.parcel(story.order)
    for step in data(kind, stage, "electronic"):
        if is_tried(step):
            story.do(*step.split())
    worlds.refresh(parcel)
    if kind == "address":
        assert worlds.street(parcel) == make.NEW_ADDRESS["street"]
    is_new = kind == "address" or stage == "packed"
    old = "recycled" if stage == "printed" else "superseded"
    states = [(w.number, str(w.state)) for w in parcels.waybills([parcel.id], parcel.store_id)]
    expected = [("SF1000000001", old), ("SF1000000002", "issued")] if is_new else [("SF1000000001", "issued")]
    assert states == expected
    assert parcel.papers_version == (2 if is_new else 1)


@pytest.mark.mission("M036")
@pytest.mark.parametrize(("stage", "what"), [("printed", "papers"), ("packed", "parcel")])
def test_the_warehouse_is_told_batch_and_position_in_the_transaction_that_opens_the_change(stage, what):
    make.store()
    order = make.order()
    clerk = make.actor(Role.PRINTING)
    service.mark_printed(service.make_check([order.number], actor=clerk)[0].id, "W229", actor=clerk)
    if stage == "packed":
        make.fact(order, Stage.PACKED, happened_at=clock.now())
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    (notice,) = make.notices(order, NoticeKind.RECALL)
    assert notice.role is Role.WAREHOUSE
    assert notice.body == {
        "code": f"recall_{what}", "batch": "W229", "position": 1, "change_kind": "address",
    }  # fmt: skip
    recall = parcels.open_recalls([change.parcel_id], change.store_id)[0]
    assert (recall.kind, recall.state, recall.change_id) == (what, "requested", change.id)
    first = queries.steps_of([change.id], change.store_id)[0]
    assert (first.state, first.done_by_id) == ("done", None)


def test_a_yes_that_came_with_the_wish_is_ticked_when_the_order_is_amended_and_not_before():
    story = Story("address", "printed")
    order = make.order()
    make.fact(order, Stage.PRINTED)
    change = make.change(order, by=story.people["pre_sale"], yes=True)
    story.change, story.order = change, order
    for code, who in (("hand_out", "warehouse"), ("reprint", "printing"), ("amend", "pre_sale")):
        assert "confirm" in worlds.open_codes(change)
        assert orders.memos(order.id, order.store_id) == []
        story.do(code, who)
    assert worlds.open_codes(change) == ["take_back"]


def test_a_stale_stage_of_printed_papers_asks_nobody_the_recall_finds_out():
    order = make.order(as_of=clock.now() - timedelta(hours=9))
    make.fact(order, Stage.PRINTED, as_of=clock.now() - timedelta(hours=8))
    change = make.change(order, by=make.actor(Role.PRE_SALE))
    assert worlds.open_codes(change)[0] == "hand_out"
    assert [n.kind for n in make.notices(order)] == [NoticeKind.RECALL]
