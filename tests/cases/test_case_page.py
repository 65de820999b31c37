"""The page of a case: in every phase for every role; what its cards send; what is seen without scrolling."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shopdesk.cases import queries, service
from shopdesk.cases.service import Application
from shopdesk.cases.states import Appraisal, CaseKind, CasePhase, Ending, PhaseMove, Reason, WaitingFor
from shopdesk.core import clock
from shopdesk.core.permissions import ASSIGNABLE, Role
from shopdesk.desk.queries import case_chain
from shopdesk.desk.queries.case_chain import Tie
from shopdesk.orders import queries as orders
from shopdesk.parcels.states import Stage
from tests import make
from tests.cases.test_case_phases import SHORTEST
from tests.desk.pages import EN, by, fields, send
from tests.shorter import some

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture(autouse=True)
def store(app):
    return make.store()


def opened(owner=None, phase=CasePhase.COMMUNICATE, *, kind=CaseKind.RETURN, units=2):
    order = make.order(lines=(make.line(quantity=2),))
    make.fact(order, Stage.SHIPPED)
    boss = make.actor(Role.SUPERVISOR)
    lines = [line.id for line in orders.lines(order.id, order.store_id)]
    named = ((lines[0], units),) if units else ()
    case = service.record(order.id, Application(kind, "有点大", reason=Reason.UNWANTED, units=named), actor=boss)
    if owner:
        service.assign(case.id, owner.id, actor=boss)
    for name in SHORTEST[phase]:
        service.move(case, name, actor=boss)
    return case


@pytest.mark.mission("M083")
@pytest.mark.parametrize("phase", CasePhase)
def test_the_page_of_every_phase_opens_for_every_role_that_reads_it_and_for_no_other(phase, sign_in):
    owner = make.person(Role.AFTER_SALE, signature="阿禾")
    case = opened(owner, phase)
    service.note(case.id, "看过了", actor=by(owner))
    readers = {Role.PRE_SALE, Role.AFTER_SALE, Role.SUPERVISOR}
    for role in some(ASSIGNABLE, of=2, turn=list(CasePhase).index(phase)):
        answer = sign_in(make.person(role)).get(f"/cases/{case.id}")
        assert answer.status_code == (200 if role in readers else 403), role
        if role in readers:
            shown = ("前期沟通", "接收商品", "确认问题", "解决问题", "看过了", "阿禾")
            assert [word for word in shown if word not in answer.text] == []
            assert answer.text.count('aria-current="step"') == (0 if phase is CasePhase.CLOSED else 1)
    english = sign_in(owner).get(f"/cases/{case.id}", headers=EN).text
    assert "Internal notes" in english


def test_the_owner_goes_through_the_first_phase_by_the_buttons_of_the_page(sign_in):
    owner = make.person(Role.AFTER_SALE)
    case, agent = opened(owner), sign_in(owner)
    page = agent.get(f"/cases/{case.id}")
    assert f"/cases/{case.id}/decision" not in page.text
    assert send(agent, page, f"/cases/{case.id}/appraisal").status_code == 422
    assert send(agent, page, f"/cases/{case.id}/appraisal", appraisal="product_defect").status_code == 303
    page = agent.get(f"/cases/{case.id}")
    assert send(agent, page, f"/cases/{case.id}/decision").status_code == 303
    assert queries.case_by_id(case.id, by(owner)).phase is CasePhase.RESOLVE
    late = send(agent, page, f"/cases/{case.id}/decision", command_key="another")
    assert late.status_code == 409


def test_a_case_is_declined_and_opened_again_by_the_page(sign_in):
    owner = make.person(Role.AFTER_SALE)
    case, agent = opened(owner), sign_in(owner)
    page = agent.get(f"/cases/{case.id}")
    refused = send(agent, page, f"/cases/{case.id}/decline", reason="")
    assert refused.status_code == 422
    assert send(agent, page, f"/cases/{case.id}/decline", reason="超过七天").status_code == 303
    page = agent.get(f"/cases/{case.id}")
    assert "超过七天" in page.text
    assert send(agent, page, f"/cases/{case.id}/reopen", reason="又有照片").status_code == 303
    assert "又有照片" in agent.get(f"/cases/{case.id}").text


def test_dates_waiting_notes_and_offers_go_through_the_page(sign_in):
    owner, other = make.person(Role.AFTER_SALE, signature="阿禾"), make.person(Role.AFTER_SALE, signature="小棠")
    case, agent, colleague = opened(owner), sign_in(owner), sign_in(other)
    path = f"/cases/{case.id}"
    page = agent.get(path)
    until = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    assert send(agent, page, f"{path}/due", due=until).status_code == 303
    assert send(agent, page, f"{path}/due", due="soon", command_key="x").status_code == 422
    assert send(agent, page, f"{path}/waiting", whom="customer").status_code == 303
    assert send(agent, page, f"{path}/notes", text="@小棠 请看").status_code == 303
    assert send(agent, page, f"{path}/offer", to=str(other.id), words="我下班了").status_code == 303
    found = queries.case_by_id(case.id, by(owner))
    assert found.waiting_for is WaitingFor.CUSTOMER
    work = colleague.get("/work").text
    assert f'href="{path}"' in work
    page = colleague.get(path)
    assert "我下班了" in page.text
    assert send(colleague, page, f"{path}/offer/accept").status_code == 303
    db_case = queries.case_by_id(case.id, by(owner))
    assert db_case.owner_id == other.id
    assert f'href="{path}"' not in colleague.get("/work").text


@pytest.mark.mission("M015")
def test_a_supervisor_gives_a_case_from_its_page(sign_in):
    owner, other = make.person(Role.AFTER_SALE), make.person(Role.AFTER_SALE)
    boss = make.person(Role.SUPERVISOR)
    case, above = opened(owner), sign_in(boss)
    path = f"/cases/{case.id}"
    page = above.get(path)
    sent = fields(page, f"{path}/offer") | {"to": str(other.id)}
    assert above.post(f"{path}/assign", data=sent).status_code == 303
    assert queries.case_by_id(case.id, by(boss)).owner_id == other.id


def test_cases_are_split_linked_and_merged_from_the_page_and_the_chain_is_shown(sign_in):
    owner = make.person(Role.AFTER_SALE)
    case, agent = opened(owner), sign_in(owner)
    path = f"/cases/{case.id}"
    (line,) = queries.lines_of(case)
    page = agent.get(path)
    assert send(agent, page, f"{path}/split", **{f"units-{line.line_id}": "1"}).status_code == 303
    (child,) = case_chain.ties(case, by(owner))[Tie.CHILD]
    assert child.number in agent.get(path).text
    assert case.number in agent.get(f"/cases/{child.id}").text
    missing = send(agent, page, f"{path}/merge", number="C20200101-0001")
    assert missing.status_code == 404
    assert 'value="C20200101-0001"' in missing.text, "shown where it was typed"
    stranger = opened(owner)
    make._write(orders.order_by_id(stranger.order_id, stranger.store_id), {"customer_id": None})
    refused = send(agent, page, f"{path}/merge", number=stranger.number, command_key="z")
    assert refused.status_code == 422
    page = agent.get(path)
    assert send(agent, page, f"{path}/merge", number=child.number).status_code == 303
    found = queries.case_by_id(case.id, by(owner))
    assert (found.ending, found.merged_into_id) == (Ending.MERGED, child.id)


def test_who_may_not_work_on_a_case_is_shown_no_button_for_it(sign_in):
    case = opened(make.actor(Role.AFTER_SALE))
    for role in (Role.PRE_SALE, Role.AFTER_SALE):
        text = sign_in(make.person(role)).get(f"/cases/{case.id}").text
        hidden = ("appraisal", "decision", "decline", "due", "waiting", "offer", "merge", "split", "link", "assign")
        assert [name for name in hidden if f'/cases/{case.id}/{name}"' in text] == []
        assert f"/cases/{case.id}/notes" in text


def test_the_time_of_each_phase_stands_in_the_bar(sign_in):
    owner = make.person(Role.AFTER_SALE)
    case = opened(owner)
    service.appraise(case.id, Appraisal.CANNOT_TELL, actor=by(owner))
    service.move(case, PhaseMove.EXPECT_GOODS, actor=by(owner))
    text = sign_in(owner).get(f"/cases/{case.id}").text
    bar = text[text.index('class="sd-phases"') : text.index("</ol>", text.index('class="sd-phases"'))]
    assert bar.count("<small>") == 2
    assert bar.count("is-done") == 1
