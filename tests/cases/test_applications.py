"""An application says why, what is wanted and about which units; as commands, on the form, through the API."""

from __future__ import annotations

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.service import Application
from shopdesk.cases.states import (
    DETAILS,
    KIND_OF,
    QUESTIONS,
    CaseKind,
    CasePhase,
    Detail,
    DueSource,
    Inquiry,
    Question,
    Reason,
    Resolution,
)
from shopdesk.core.errors import DomainError, NotFound, RuleViolation
from shopdesk.core.permissions import Role
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from shopdesk.web.labels import LABELS
from tests import make
from tests.desk.pages import fields, send

pytestmark = pytest.mark.usefixtures("app")


def left(*lines, **more):
    order = make.order(lines=lines or (make.line(quantity=2),), **more)
    make.fact(order, Stage.SHIPPED)
    return order


def line_ids(order):
    return [line.id for line in orders.lines(order.id, order.store_id)]


def asked(order, *, by=None, **more):
    values = {"kind": CaseKind.RETURN, "wish": "", "reason": Reason.UNWANTED, **more}
    return service.record(order.id, Application(**values), actor=by or make.actor(Role.PRE_SALE))


def code(call):
    with pytest.raises(DomainError) as refused:
        call()
    return refused.value.code


@pytest.mark.mission("M087")
def test_every_reason_has_three_to_five_questions_with_words_and_a_register():
    assert set(QUESTIONS) == set(DETAILS) == set(KIND_OF) == set(Reason)
    assert {len(questions) for questions in QUESTIONS.values()} <= {3, 4, 5}
    assert all(len(set(questions)) == len(questions) for questions in QUESTIONS.values())
    assert [q for q in Question if ("Question", str(q)) not in LABELS] == []
    assert {question for questions in QUESTIONS.values() for question in questions} == set(Question)


@pytest.mark.mission("M084", "M086", "M106")
def test_an_order_has_several_applications_each_with_its_reason_units_answers_and_what_is_wanted():
    order = left(make.line(quantity=2), make.line("n2", title="围巾"))
    first, second = line_ids(order)
    more = {
        "reason": Reason.DAMAGED, "detail": Detail.BOX_CRUSHED, "wanted": (Resolution.RESHIP, Resolution.COMPENSATION),
        "inquiry": Inquiry.TRADE_DISPUTE, "units": ((first, 2),), "answers": {Question.BOX_STATE: " 压扁了 "},
    }  # fmt: skip
    case = asked(order, kind=CaseKind.DAMAGE, **more)
    assert (case.reason, case.detail, case.inquiry) == (Reason.DAMAGED, Detail.BOX_CRUSHED, Inquiry.TRADE_DISPUTE)
    assert case.wanted == ["reship", "compensation"]
    (kept,) = queries.lines_of(case)
    assert (kept.line_id, kept.quantity, kept.title) == (first, 2, "羊毛帽")
    assert [(row.question, row.answer.reveal("test")) for row in queries.answers_of(case)] == [("box_state", "压扁了")]
    other = asked(order, units=((second, 1),))
    service.close(other.id, "不退了", actor=make.actor(Role.SUPERVISOR))
    third = asked(order)
    assert len({case.number, other.number, third.number}) == 3
    assert third.phase is CasePhase.COMMUNICATE


@pytest.mark.mission("M085")
def test_an_application_needs_an_order_that_is_there():
    with pytest.raises(NotFound):
        service.record(999_999, Application(CaseKind.RETURN, "坏了"), actor=make.actor(Role.AFTER_SALE))


def test_e24_a_line_that_stands_in_the_form_twice_counts_together_and_is_refused_by_its_name():
    order = left(make.line(quantity=2, title="羊毛帽"))
    (line_id,) = line_ids(order)
    with pytest.raises(RuleViolation) as refused:
        asked(order, units=((line_id, 1), (line_id, 2)))
    assert (refused.value.code, refused.value.facts) == (
        "more_than_shipped",
        {"title": "羊毛帽", "most": 2, "units": 3},
    )
    (kept,) = queries.lines_of(asked(order, units=((line_id, 1), (line_id, 1))))
    assert kept.quantity == 2


def test_units_that_came_back_are_not_applied_for_again_and_those_of_another_order_do_not_exist():
    order, stranger = left(make.line(quantity=3)), left()
    (line,) = orders.lines(order.id, order.store_id)
    make._write(line, {"returned": 2})
    assert code(lambda: asked(order, units=((line.id, 2),))) == "more_than_shipped"
    assert queries.lines_of(asked(order, units=((line.id, 1),)))[0].quantity == 1
    assert code(lambda: asked(order, units=((line_ids(stranger)[0], 1),))) == "not_found"
    assert code(lambda: asked(order, units=((line.id, -1),))) == "units_negative"


def test_a_line_that_is_renamed_later_keeps_its_name_on_the_case():
    order = left()
    (line,) = orders.lines(order.id, order.store_id)
    case = asked(order, units=((line.id, 1),))
    make._write(line, {"title": "改名了", "sku": "NEW", "attributes": "颜色分类:白色"})
    (kept,) = queries.lines_of(case)
    assert (kept.title, kept.sku, kept.attributes) == ("羊毛帽", "HAT-01", "颜色分类:黑色")


def test_details_and_answers_of_another_reason_are_refused():
    order = left()
    assert code(lambda: asked(order, detail=Detail.SMELL)) == "detail_of_another_reason"
    assert code(lambda: asked(order, answers={Question.BOX_STATE: "压扁了"})) == "question_of_another_reason"
    assert code(lambda: asked(order, answers={Question.TAGS_ON: "长" * 501})) == "too_long"
    assert code(lambda: asked(order, reason=None)) == "value_required"
    both = (Resolution.NONE, Resolution.REFUND)
    assert code(lambda: asked(order, wanted=both)) == "nothing_and_something"


def test_a_case_is_due_when_the_store_says():
    order = left()
    case = asked(order)
    assert (case.due_at - case.opened_at).total_seconds() == 48 * 3600
    assert case.due_source is DueSource.STORE
    make.store(settings={"case_due_hours": 6})
    case = asked(order)
    assert (case.due_at - case.opened_at).total_seconds() == 6 * 3600


@pytest.fixture
def agent(sign_in):
    return sign_in(make.person(Role.AFTER_SALE, signature="阿禾"))


@pytest.mark.mission("M087")
def test_choosing_a_reason_and_pressing_the_button_is_enough_and_what_was_asked_is_shown_on_the_case(agent):
    order = left(make.line())
    page = agent.get(f"/orders/{order.id}/cases/new")
    action = f"/orders/{order.id}/cases"
    assert fields(page, action)[f"units-{line_ids(order)[0]}"] == "1", "a single unit is what it is about"
    answer = send(agent, page, action, reason="unwanted", **{"answer-unwanted-tags_on": "吊牌还在", "take": "1"})
    assert answer.status_code == 303, answer.text
    (row,) = queries.of_order(order.id, order.store_id, make.actor(Role.AFTER_SALE))
    assert (row.kind, row.owner) == (CaseKind.RETURN, "阿禾")
    shown = agent.get(answer.location).text
    assert [word for word in ("吊牌还在", "羊毛帽", "×1") if word not in shown] == []


def test_a_refused_form_keeps_the_reason_the_answers_and_the_units(agent):
    order = left(make.line(quantity=2))
    (line_id,) = line_ids(order)
    page, action = agent.get(f"/orders/{order.id}/cases/new"), f"/orders/{order.id}/cases"
    typed = {
        "reason": "damaged",
        "detail-damaged": "leaked",
        "answer-damaged-box_state": "湿了",
        f"units-{line_id}": "3",
    }
    answer = send(agent, page, action, **typed)
    assert answer.status_code == 422
    assert "羊毛帽" in answer.text
    again = fields(answer, action)
    assert {name: again[name] for name in typed} == typed
    assert queries.of_order(order.id, order.store_id, make.actor(Role.AFTER_SALE)) == []


def test_a_line_sent_twice_by_a_form_is_merged_and_refused(agent):
    order = left(make.line(quantity=2))
    name, action = f"units-{line_ids(order)[0]}", f"/orders/{order.id}/cases"
    sent = fields(agent.get(f"/orders/{order.id}/cases/new"), action)
    body = [*((k, v) for k, v in sent.items() if k != name), ("reason", "short"), (name, "1"), (name, "2")]
    answer = agent.post(action, data={key: [v for k, v in body if k == key] for key, _value in body})
    assert answer.status_code == 422
    assert "羊毛帽" in answer.text


def test_an_application_through_the_api_is_shown_whole(api):
    order, agent = left(), api(make.person(Role.AFTER_SALE))
    (line_id,) = line_ids(order)
    one = {"line_id": str(line_id), "quantity": 1}
    sent = {
        "order_id": str(order.id), "kind": "return", "reason": "unwanted", "detail": "too_large",
        "wanted": ["exchange"], "units": [one, one],
        "answers": [{"question": "tags_on", "answer": "还在"}],
    }  # fmt: skip
    made = agent("POST", "/cases", sent)
    assert made.status_code == 201, made.text
    assert made.json["answers"] == [{"question": "tags_on", "answer": "****"}]
    case = agent("GET", f"/cases/{made.json['id']}").json
    assert (case["reason"], case["detail"], case["wanted"], case["due_source"]) == (
        "unwanted",
        "too_large",
        ["exchange"],
        "store",
    )
    assert [(line["line_id"], line["quantity"]) for line in case["units"]] == [(str(line_id), 2)]
    assert case["answers"][0]["answer"] == "还在"
    refused = agent("POST", "/cases", {**sent, "units": [{"line_id": str(line_id), "quantity": 3}]})
    assert (refused.status_code, refused.json["facts"]["title"]) == (422, "羊毛帽")
