"""An exchange that was undone: the customer keeps what they had."""

import pytest

from shopdesk.cases import service as cases
from shopdesk.cases.queries import settling
from shopdesk.cases.service import Ended
from shopdesk.cases.states import Fault, Resolution
from shopdesk.desk.queries import case_chain
from shopdesk.desk.queries.case_chain import Tie
from shopdesk.desk.service import closing_case
from shopdesk.parcels.states import Stage
from shopdesk.replacements import service
from tests import after_sale_made as made
from tests import make
from tests.replacements.test_replacements import case_for, exchange, inspected, outbound

pytestmark = pytest.mark.usefixtures("app")


def test_e21_an_exchange_that_was_undone_leaves_nothing_to_refund_by_one_click():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who, waits_for_goods=False)
    make.fact(outbound(row), Stage.SHIPPED)
    inspected(service.expect_back(row.id, actor=who))
    service.undo(row.id, "留着旧的", actor=who)
    case = made.now(case)
    assert settling.kinds_of(case) == {Resolution.NONE}
    assert not closing_case.is_everyday(case)
    cases.answer_invoice(case.id, is_sent=False, actor=who)
    closing_case.close_case(case.id, Ended("客户留下原来的", Fault.CUSTOMER), actor=who)
    assert made.line(made.line_ids(case)[0], case.store_id).refunded_minor == 0


def test_the_case_about_what_went_out_names_the_one_that_sent_it():
    case, who = case_for(Resolution.EXCHANGE)
    row = exchange(case, who, waits_for_goods=False)
    make.fact(outbound(row), Stage.SHIPPED)
    later, who = case_for(Resolution.REFUND, order=outbound(row), owner=who)
    assert [(tie, [each.id for each in found]) for tie, found in case_chain.ties(later, who).items()] == [
        (Tie.SENT_BY, [case.id])
    ]
    assert list(case_chain.ties(case, who)) == [Tie.SENT]
