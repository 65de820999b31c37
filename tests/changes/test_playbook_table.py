"""The whole table of wishes × stages, written out once more by hand, against the one the desk follows."""

import pytest

from shopdesk.changes.playbook import EMPTIED, PLAYBOOK, TEMPLATES, steps_for
from shopdesk.changes.rules import conditions
from shopdesk.changes.states import Kind
from shopdesk.parcels.states import Stage

DATA = "address", "attribute", "quantity", "courier", "invoice", "greeting_card", "delivery_time"
REFUND = "after_sale refund if paid_quantity, afterwards", "pre_sale enter_in_platform if paid_quantity, afterwards"
UNPRINTED = (
    "pre_sale amend", "system memo_hold", "pre_sale confirm", "printing acknowledge, hold ends", *REFUND,
)  # fmt: skip
PRINTED = (
    "system recall_papers", "warehouse hand_out", "printing reprint if new_waybill",
    "warehouse amend_papers if old_waybill", "pre_sale amend", "system memo", "pre_sale confirm",
    "warehouse take_back, hold ends", *REFUND,
)  # fmt: skip
PACKED = (
    "system recall_parcel", "warehouse hand_out", "pre_sale amend", "system memo", "pre_sale confirm",
    "printing reprint", "warehouse repack, hold ends", *REFUND,
)  # fmt: skip
CASE = ("after_sale make_case",)
TABLE = {
    **{(kind, "unprinted"): UNPRINTED for kind in DATA},
    **{(kind, "printed"): PRINTED for kind in DATA},
    **{(kind, "packed"): PACKED for kind in DATA},
    **{(kind, "shipped"): CASE for kind in DATA},
    ("invoice", "shipped"): ("finance make_case",),
    ("price", "unprinted"): ("pre_sale amend",),
    ("freight", "unprinted"): ("pre_sale amend",),
    ("cancel", "unprinted"): ("printing void, hold ends", "after_sale refund if paid, afterwards"),
    ("cancel", "printed"): (
        "system recall_papers", "warehouse hand_to_after_sale", "printing void", "after_sale refund if paid",
        "after_sale destroy_papers, hold ends",
    ),
    ("cancel", "packed"): (
        "system recall_parcel", "warehouse hand_to_after_sale", "printing void", "after_sale refund if paid",
        "warehouse book_in, hold ends",
    ),
    ("cancel", "shipped"): CASE,
}  # fmt: skip
NOTHING_LEFT = {  # a quantity that empties a parcel of the order: the way of the cancel, once the customer has said yes
    "unprinted": ("pre_sale amend", "system memo_hold", "pre_sale confirm", "printing void, hold ends", *REFUND),
    "printed": (
        "system recall_papers", "warehouse hand_to_after_sale", "pre_sale amend", "system memo", "pre_sale confirm",
        "printing void", "after_sale destroy_papers, hold ends", *REFUND,
    ),
    "packed": (
        "system recall_parcel", "warehouse hand_to_after_sale", "pre_sale amend", "system memo", "pre_sale confirm",
        "printing void", "warehouse book_in, hold ends", *REFUND,
    ),
}  # fmt: skip
SPECIAL = "courier", "invoice", "greeting_card", "delivery_time"
MEMOS = {
    ("address", "unprinted"): "T2", ("attribute", "unprinted"): "T1", ("quantity", "unprinted"): "T1",
    ("address", "printed"): "T3", ("attribute", "printed"): "T3", ("quantity", "printed"): "T3",
    ("address", "packed"): "T2", ("attribute", "packed"): "T1", ("quantity", "packed"): "T1",
    **{(kind, stage): "T4" for kind in SPECIAL for stage in ("unprinted", "printed", "packed")},
}  # fmt: skip


def in_words(step):
    when = "" if step.when == "always" else f" if {step.when}"
    return f"{step.role} {step.code}{when}{', hold ends' * step.ends_hold}{', afterwards' * step.after_hold}"


def test_the_whole_table_is_the_one_of_the_contract():
    found = {(str(kind), str(stage)): tuple(map(in_words, steps)) for (kind, stage), steps in PLAYBOOK.items()}
    assert found == TABLE
    assert {str(stage): tuple(map(in_words, steps)) for stage, steps in EMPTIED.items()} == NOTHING_LEFT


def test_every_cell_writes_the_memo_of_the_contract():
    assert {(str(kind), str(stage)): code for (kind, stage), code in TEMPLATES.items()} == MEMOS


@pytest.mark.parametrize(("kind", "stage"), list(PLAYBOOK))
def test_every_cell_that_holds_ends_its_hold_exactly_once_and_last_but_for_tasks_that_follow(kind, stage):
    if stage is Stage.SHIPPED or kind in {Kind.PRICE, Kind.FREIGHT}:
        return
    for met in ({"is_paid": p, "has_electronic_waybill": e} for p in (True, False) for e in (True, False)):
        steps = steps_for(kind, stage, conditions(kind, **met))
        ends = [i for i, step in enumerate(steps) if step.ends_hold]
        assert len(ends) == 1
        assert all(step.after_hold for step in steps[ends[0] + 1 :])


@pytest.mark.parametrize(
    ("kind", "electronic", "who"),
    [
        (Kind.ADDRESS, True, "printing reprint"),
        (Kind.COURIER, True, "printing reprint"),
        (Kind.ADDRESS, False, "warehouse amend_papers"),
        (Kind.ATTRIBUTE, True, "warehouse amend_papers"),
    ],
)
def test_a_new_number_is_printed_only_for_address_or_courier_on_an_electronic_waybill(kind, electronic, who):
    met = conditions(kind, is_paid=True, has_electronic_waybill=electronic)
    third = steps_for(kind, Stage.PRINTED, met)[2]
    assert f"{third.role} {third.code}" == who
