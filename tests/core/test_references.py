"""The reference of a refund is a number, not a place for a name, a phone or a story."""

import pytest
from sqlalchemy import select

from shopdesk.changes import service
from shopdesk.changes.models import Step
from shopdesk.changes.service import Evidence
from shopdesk.changes.states import Kind
from shopdesk.core.db import db
from shopdesk.core.errors import RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.core.references import check_reference
from shopdesk.core.scope import in_store
from shopdesk.notices.models import Answer
from shopdesk.orders import queries as orders
from tests import make, worlds

GOOD = ["R1", "20260105110032001", "50300207932026010512345678901", "RF-20-118", "ORDER #118/2", "T2026.01.05_3"]
BAD = [
    "张伟", "退给张伟 13812345678", "zhang wei", "13812345678", "138 1234 5678", "+86 138-1234-5678", "8613812345678",
    "0571-88880000", "wei@example.com1", "<b>1</b>", "=1+1", "-1", "R1\nR2", "1" * 65, "ｒ１", "R\u202e1",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_a_number_that_a_place_of_payment_gives_is_a_reference(text):
    check_reference(text)


@pytest.mark.parametrize("text", BAD)
def test_a_name_a_phone_or_markup_is_none(text):
    with pytest.raises(RuleViolation) as caught:
        check_reference(text)
    assert caught.value.code == "bad_reference"


def refund_step():
    """A quantity wish whose refund is due: (order, change)."""
    order = make.order(lines=(make.line(quantity=3, price_minor=1000),))
    line = orders.lines(order.id, order.store_id)[0]
    change = make.change(order, Kind.QUANTITY, {"quantity": 1}, by=make.actor(Role.PRE_SALE), yes=True, line_id=line.id)
    service.answer_notice(make.notices(order)[0].id, Answer.NOT_PRINTED, actor=make.actor(Role.PRINTING))
    return order, change


def kept(order):
    statement = select(Step.evidence).where(Step.code == "refund")
    return db.session.scalars(in_store(statement, order.store_id, Step)).one()


def test_the_refund_step_keeps_a_reference_and_nothing_that_is_none(app):
    order, change = refund_step()
    who = make.actor(Role.AFTER_SALE)
    with pytest.raises(RuleViolation) as caught:
        worlds.do(change, "refund", who, Evidence(amount_minor=2000, reference="退给张伟 13812345678"))
    assert caught.value.code == "bad_reference"
    assert kept(order) is None
    worlds.do(change, "refund", who, Evidence(amount_minor=2000, reference="RF-20-118"))
    assert kept(order) == {"amount_minor": 2000, "reference": "RF-20-118", "destination": "platform"}


def test_the_api_refuses_it_with_a_code_and_does_nothing(app, api):
    order, change = refund_step()
    call = api(make.person(Role.AFTER_SALE))
    steps = call("GET", f"/changes/{change.id}").json["steps"]
    n = next(step["n"] for step in steps if step["code"] == "refund")
    body = {"amount": {"amount_minor": 2000, "currency": "CNY"}, "reference": "13812345678"}
    answer = call("POST", f"/changes/{change.id}/steps/{n}/done", body, key="r")
    assert (answer.status_code, answer.json["error"]) == (422, "bad_reference")
    assert "13812345678" not in answer.text
    assert kept(order) is None
